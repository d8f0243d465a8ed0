/* checker.h - the process that looks whether a service answers. */
#pragma once
#include "../controls/control.h"

struct checker {
	int channel;		/* SOCK_SEQPACKET: one byte asks, an int answers: 0, or why not (checker_why) */
	pid_t pid;
	int pidfd;
};

enum { CHECK_TIMEOUT = -1, CHECK_SIGNAL = -2, CHECK_EXIT = 1 << 16 /* + the exit code */ };

/* Before the supervisor is confined. `name` is the container's. */
must_check int checker_start(struct checker *, const struct launch *, const struct healthcheck_policy *, struct err *);
void checker_stop(struct checker *, const struct sys *);
/* In words. */
const char *checker_why(int answer, char *buf, size_t size);
