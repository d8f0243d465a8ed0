/* failure.h - where the child says why it could not go on: memory that it shares with whoever waits for its execve.
 *
 * A record on the report socket takes a system call, and the workload's filter, loaded by then, may allow none but execve: to the
 * one who waits, a failed execve would look like one that worked, since both close the socket. To write into memory takes no call,
 * and execve takes it away. */
#pragma once
#include "../controls/control.h"

/* Memory for one record: `fd` is a file of that size, or -1 for nobody's but ours and the child's. */
must_check int failure_open(struct launch *, int fd, struct err *e);
/* In the child: says it, and ends. */
_Noreturn void failure_tell(struct launch *, const struct err *);
/* 0: it said nothing; else -1 and *e. */
must_check int failure_hear(const struct launch *, struct err *e);
void failure_close(struct launch *);
