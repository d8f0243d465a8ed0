/* failure.c - see failure.h. */
#include "failure.h"

#include <errno.h>
#include <sys/mman.h>

int failure_open(struct launch *l, int fd, struct err *e)
{
	void *page = mmap(NULL, sizeof(struct err), PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (page == MAP_FAILED)
		return err_set(e, ERR_HOST, errno, NULL, "cannot share memory with the container's process");
	l->failure = page;
	return 0;
}

void failure_tell(struct launch *l, const struct err *why)
{
	if (l->failure)
		*l->failure = *why;
	(void)!sys_send(l->sys, l->report[1], why, sizeof(*why));
	(void)sys_exit(l->sys, err_exit_code(why));
	__builtin_trap();	/* a filter may deny that as well, but no fault */
}

int failure_hear(const struct launch *l, struct err *e)
{
	return l->failure && l->failure->kind != ERR_NONE ? err_take(e, l->failure) : 0;
}

void failure_close(struct launch *l)
{
	if (l->failure)
		(void)munmap(l->failure, sizeof(struct err));
	l->failure = NULL;
}
