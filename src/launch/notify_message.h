/* notify_message.h - what a workload tells the service manager, judged line by line (sd_notify(3)); pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { NOTIFY_BYTES_MAX = 4096 };	/* what the manager itself takes of a message */

/* What a message is rewritten for. */
struct notify_view {
	pid_t main_pid;		/* ours: the supervisor stays the main process */
	int64_t monotonic;	/* seconds by which the workload's monotonic clock is ahead (time_namespaces(7)) */
	bool unhealthy;		/* then no keep-alive goes on */
};

/* Why something does not go on; one warning each is enough. */
enum notify_refusal {
	NOTIFY_STORE, NOTIFY_MAIN, NOTIFY_OTHER, NOTIFY_VALUE, NOTIFY_LENGTH, NOTIFY_DESCRIPTORS, NOTIFY_FOREIGN,
	NOTIFY_REFUSALS
};
const char *notify_why(enum notify_refusal);	/* a phrase: "... is refused: PHRASE" */

struct notify_message {
	char text[NOTIFY_BYTES_MAX + 128];	/* for the manager; a process id and a time may have grown */
	size_t len;			/* 0: nothing of it goes on */
	bool ready, reloading, stopping;
	uint32_t refused;		/* bits of enum notify_refusal */
	char culprit[48];		/* the first refused variable, printable */
};

/* `said` need not end with NUL. */
void notify_judge(const char *said, size_t n, const struct notify_view *, struct notify_message *ret);
