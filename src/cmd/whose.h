/* whose.h - which container a line of the kernel's log is about.
 *
 * The kernel logs the pid on the host, and the uid, and no container. So: a process that still runs is asked which pid namespace it
 * is in, which is certain. One that is gone is a container's if its uid is, and the time is; where several containers share
 * the uid at that time, it is counted for each and said not to be certain. */
#pragma once
#include "../base/err.h"
#include "../logs/denial.h"
#include "../logs/log.h"

/* What of a container tells its processes from others. */
struct whose {
	char name[LOG_NAME_MAX];
	uint64_t begin, end;		/* ms; end UINT64_MAX: it runs, or is */
	bool lost;			/* since its supervisor was killed: it has ended, and nobody knows when */
	uid_t uid;
	pid_t pid, init;
	char pidns[64], profile[128];
};

/* Of its directory of states: one that runs or was kept. */
must_check int whose_state(const char *name, struct whose *, struct err *);
/* Of its events in the journal: one that has ended and was not. */
must_check int whose_journal(const char *name, struct whose *, struct err *);

bool whose_time(const struct whose *, const struct denial *);
enum whose_verdict { NOT_OURS, PERHAPS, OURS };
/* `others`: who else may have done it. */
enum whose_verdict whose_judge(const struct whose *, const struct whose *others, size_t n_others, const struct denial *);
