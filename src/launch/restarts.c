/* restarts.c - see restarts.h. */
#include "restarts.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>

static void file_name(const char *name, char to[300])
{
	snprintf(to, 300, ".restarts-%.256s", name);	/* no container's name begins with a dot */
}

/* Those of the last while; what is later than now is of another boot. */
static size_t still_count(uint64_t *times, size_t n, uint64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (times[i] <= now && now - times[i] < RESTARTS_WITHIN)
			times[kept++] = times[i];
	return kept;
}

int restarts_note(int base, const char *name, uint64_t now, uint64_t threshold, bool *reached, struct err *e)
{
	uint64_t times[RESTARTS_MAX + 1];
	_auto(close_fd) int fd = -1;
	ssize_t len, room = RESTARTS_MAX * sizeof(*times);
	char file[300];
	size_t n;

	file_name(name, file);
	fd = openat(base, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	len = fd < 0 ? -1 : pread(fd, times, (size_t)room, 0);
	if (len < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot read how often '%s' was launched", name);
	n = still_count(times, (size_t)len / sizeof(*times), now);
	*reached = n >= threshold;
	if (*reached)
		n = 0;
	times[n++] = now;
	len = (ssize_t)(n * sizeof(*times));
	errno = ENOSPC;
	if (pwrite(fd, times, (size_t)len, 0) != len || ftruncate(fd, len) < 0)
		return err_set(e, ERR_HOST, errno, "is there room in the run directory?", "cannot note that '%s' was launched", name);
	return 0;
}

void restarts_forget(int base, const char *name)
{
	char file[300];

	file_name(name, file);
	(void)unlinkat(base, file, 0);
}
