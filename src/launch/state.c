/* state.c - see state.h. Everything goes by descriptor from a base directory that must be ours and
 * writable by nobody else, so that no name in it can be prepared by another user (CVE-2019-12439). */
#include "state.h"
#include "restarts.h"
#include "../base/cleanup.h"
#include "../base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { STATE_BYTES_MAX = 9 << 20, ATTEMPTS = 50, SWEEP_MAX = 16 };
static const char *const files[] = { "record.json", "policy.json", "state.json", "config.json", "start", "secrets", "health.json", "failure", ".new",
				     "lock" };

static int base_path(char path[PATH_MAX], struct err *e)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0) {
		snprintf(path, PATH_MAX, "/run/casemate");
		return 0;
	}
	if (!dir || *dir != '/')
		return err_set(e, ERR_HOST, 0, "log in through systemd, or set it to a directory of mode 0700 that is yours",
			       "XDG_RUNTIME_DIR is not set");
	snprintf(path, PATH_MAX, "%s/casemate", dir);
	return 0;
}

int state_open_base(const char *path, bool create, struct err *e)
{
	_auto(close_fd) int fd = -1;
	struct stat st;

	if (create && mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(e, ERR_HOST, errno, NULL, "cannot make %s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_HOST, errno, errno == ENOENT ? "no container is running" : NULL, "cannot open %s", path);
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_HOST, 0, "remove it", "%s belongs to somebody else or is writable by others", path);
	return take_fd(&fd);
}

static int open_base(bool create, struct err *e)
{
	char path[PATH_MAX];

	return base_path(path, e) < 0 ? -1 : state_open_base(path, create, e);
}

static int in_use(const char *name, struct err *e)
{
	return err_set(e, ERR_HOST, 0, "choose another --name, or stop that one", "a container named '%s' is running", name);
}

/* What failed for a moment would stay for ever. 0 or -errno; what is not there is as good as removed. */
static int remove_entry(int at, const char *name, int flags)
{
	int r = 0;

	for (int left = 2; left; left--) {
		r = unlinkat(at, name, flags) < 0 ? -errno : 0;
		if (r == 0 || r == -ENOENT || r == -ENOTEMPTY)
			break;
	}
	return r == -ENOENT ? 0 : r;
}

/* The lock goes last: from then on the directory may be another launch's, which has made a lock of its own in it, and then
 * nothing in it is touched again. */
int state_remove_files(int base, int dir, const char *name)
{
	for (size_t i = 0; i < COUNT(files); i++)
		(void)remove_entry(dir, files[i], 0);	/* then the directory does not go either */
	return remove_entry(base, name, AT_REMOVEDIR);
}

int state_take_lock(int lock)
{
	struct stat st;

	if (flock(lock, LOCK_EX | LOCK_NB) < 0 || fstat(lock, &st) < 0)
		return -errno;
	return st.st_nlink == 0 ? -ENOENT : 0;
}

enum { LOCKED = 1, BUSY, IN_THE_WAY };

/* LOCKED: with nothing else in it. Try again: BUSY: in use, or it went away meanwhile; IN_THE_WAY: one that ended before has still to go. */
static int try_lock(struct state *s, struct err *e)
{
	bool made;
	int r;

	s->base = open_base(true, e);
	if (s->base < 0)
		return -1;
	made = mkdirat(s->base, s->name, 0700) == 0;
	if (!made && errno != EEXIST)
		return errno == ENOENT ? BUSY : err_set(e, ERR_HOST, errno, NULL, "cannot make the state directory");
	s->dir = openat(s->base, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir >= 0)
		s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->dir < 0 || s->lock < 0) {
		r = errno;
		(void)unlinkat(s->base, s->name, AT_REMOVEDIR);	/* only if it is empty: the one just made */
		return r == ENOENT ? BUSY : err_set(e, ERR_HOST, r, NULL, "cannot open the state directory");
	}
	r = state_take_lock(s->lock);
	if (r == -EWOULDBLOCK || r == -ENOENT)
		return BUSY;	/* or another launch looks whether it is, which takes a moment */
	if (r < 0) {
		if (made)
			(void)state_remove_files(s->base, s->dir, s->name);
		return err_set(e, ERR_HOST, r, "is the run directory on a file system with locks?", "cannot lock the state");
	}
	if (made)
		return LOCKED;
	/* Of one that ended before. The name is taken over, and nothing else of it: its record names pids that may be anybody's by
	 * now, and who has its lock file open still reads how it ended. */
	r = state_remove_files(s->base, s->dir, s->name);
	if (r < 0 && r != -ENOTEMPTY)
		return err_set(e, ERR_HOST, r, NULL, "cannot take over the state directory");
	return IN_THE_WAY;
}

/* Of the exit record in it; 0 when there is none. */
static off_t lock_size(int lock)
{
	struct stat st;

	return fstat(lock, &st) < 0 ? 0 : st.st_size;
}

/* What a killed supervisor left: a directory whose lock nobody holds, as its processes died with it; or an empty one, where it
 * was killed before it made the lock, or after it removed it. One that is just being made may go as well: its maker tries again. */
static void sweep_one(int base, const char *name, bool (*gone)(const char *name))
{
	_auto(close_fd) int dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_auto(close_fd) int lock = dir < 0 ? -1 : openat(dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (dir >= 0 && lock < 0 && errno == ENOENT)
		(void)remove_entry(base, name, AT_REMOVEDIR);
	if (lock < 0 || state_take_lock(lock) < 0)
		return;
	if (lock_size(lock) == 0 && gone(name))
		(void)state_remove_files(base, dir, name);
}

bool state_each(bool (*take)(const char *name, void *ctx), void *ctx)
{
	struct err ignored = { 0 };
	_auto(close_fd) int base = open_base(false, &ignored);
	DIR *list = base < 0 ? NULL : fdopendir(fcntl(base, F_DUPFD_CLOEXEC, 3));
	struct dirent *d;
	bool taken = false;

	while (list && !taken && (d = readdir(list)))
		taken = d->d_name[0] != '.' && take(d->d_name, ctx);
	if (list)
		closedir(list);
	return taken;
}

/* A launch must not take longer because a thousand others run: at most SWEEP_MAX are looked at, and where
 * that begins moves with the pid. */
void state_sweep(bool (*gone)(const char *name))
{
	struct err ignored = { 0 };
	_auto(close_fd) int base = open_base(false, &ignored);
	DIR *list = base < 0 ? NULL : fdopendir(fcntl(base, F_DUPFD_CLOEXEC, 3));
	struct dirent *d;
	unsigned n = 0, skip, looked = 0;

	if (!list)
		return;
	while ((d = readdir(list)))
		n += d->d_name[0] != '.';
	skip = n <= SWEEP_MAX ? 0 : (unsigned)getpid() % n;
	rewinddir(list);
	while (looked < SWEEP_MAX && (d = readdir(list)))
		if (d->d_name[0] != '.' && (skip == 0 || skip-- == 0)) {
			sweep_one(base, d->d_name, gone);
			looked++;
		}
	closedir(list);
}

int state_create(struct state *s, const char *name, struct err *e)
{
	int r = BUSY;

	*s = (struct state)STATE_NONE;
	snprintf(s->name, sizeof(s->name), "%s", name);
	for (int i = 0; i < ATTEMPTS; i++) {
		r = try_lock(s, e);
		if (r == LOCKED)
			return 0;
		state_close(s);
		if (r < 0)
			return -1;
		if (r == BUSY)
			usleep(1000);
	}
	if (r == IN_THE_WAY)
		return err_set(e, ERR_HOST, ENOTEMPTY, "remove what is in it", "the state directory of '%s' has files that are not casemate's", name);
	return in_use(name, e);
}

enum state_phase state_phase(const struct state *s)
{
	/* Held only for a moment: a launch that wants the name tries again. */
	if (flock(s->lock, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? STATE_RUNNING : STATE_LOST;
	(void)flock(s->lock, LOCK_UN);
	return lock_size(s->lock) > 0 ? STATE_ENDED : STATE_LOST;
}

int state_find(struct state *s, const char *name, enum state_phase *phase, struct err *e)
{
	*s = (struct state)STATE_NONE;
	snprintf(s->name, sizeof(s->name), "%s", name);
	if (strchr(name, '/') || name[0] == '.' || strlen(name) >= sizeof(s->name))
		return err_set(e, ERR_USAGE, 0, NULL, "'%s' is no name of a container", name);
	s->base = open_base(false, e);
	if (s->base < 0)
		return -1;
	s->dir = openat(s->base, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dir < 0) {
		int r = errno;

		state_close(s);
		return err_set(e, ERR_HOST, r, "`casemate ps` lists yours: was it started by the same user?", "no container named '%s'", name);
	}
	s->lock = openat(s->dir, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (s->lock < 0) {
		state_close(s);
		return err_set(e, ERR_HOST, 0, NULL, "the container '%s' is just starting or ending", name);
	}
	*phase = state_phase(s);
	return 0;
}

int state_open(struct state *s, const char *name, struct err *e)
{
	enum state_phase phase;

	if (state_find(s, name, &phase, e) < 0)
		return -1;
	if (phase == STATE_RUNNING)
		return 0;
	state_close(s);		/* its pids may be somebody else's by now */
	return err_set(e, ERR_HOST, 0, phase == STATE_LOST ? "its supervisor was killed; the next launch removes what it left" : NULL,
		       "the container '%s' has ended", name);
}

int state_write(const struct state *s, const char *file, const char *text, size_t len, struct err *e)
{
	_auto(close_fd) int fd = openat(s->dir, ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t done = 0;

	while (fd >= 0 && done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || done < len || renameat(s->dir, ".new", s->dir, file) < 0) {
		err_set(e, ERR_HOST, errno, "is there room in the run directory?", "cannot write %s", file);
		(void)unlinkat(s->dir, ".new", 0);
		return -1;
	}
	return 0;
}

static int read_text(int fd, const char *file, char **text, struct err *e)
{
	_auto(free_mem) char *buf = NULL;
	struct stat st = { 0 };
	size_t done = 0;
	ssize_t n = 1;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		errno = EFBIG;
		buf = st.st_size <= STATE_BYTES_MAX ? malloc((size_t)st.st_size + 1) : NULL;
	}
	while (buf && n > 0 && done < (size_t)st.st_size) {
		n = pread(fd, buf + done, (size_t)st.st_size - done, (off_t)done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (!buf || n < 0)
		return err_set(e, ERR_HOST, errno, "the container may be starting or stopping", "cannot read %s", file);
	buf[done] = '\0';
	*text = buf;
	buf = NULL;
	return 0;
}

int state_read(const struct state *s, const char *file, char **text, struct err *e)
{
	_auto(close_fd) int fd = openat(s->dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return read_text(fd, file, text, e);
}

int state_read_exit(const struct state *s, char **text, struct err *e)
{
	return read_text(s->lock, "the exit record", text, e);
}

int state_end(const struct state *s, const char *text, struct err *e)
{
	size_t len = text ? strlen(text) : 0;

	errno = ENOMEM;
	if (!text || pwrite(s->lock, text, len, 0) != (ssize_t)len)
		return err_set(e, ERR_HOST, errno, "is there room in the run directory?", "cannot write the exit record");
	return 0;
}

/* A path of any length does not fit into the address; this one always does (unix(7)). */
static struct sockaddr_un address(const struct state *s, const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%s", s->dir, name);
	return a;
}

int state_listen(const struct state *s, const char *name, int flags, struct err *e)
{
	const struct sockaddr_un a = address(s, name);
	int fd = sys_socket(&sys_kernel, AF_UNIX, SOCK_SEQPACKET | flags, 0), r = fd;

	if (r >= 0)
		r = sys_bind(&sys_kernel, fd, &a, sizeof(a));
	if (r >= 0)
		r = sys_listen(&sys_kernel, fd, 8);
	if (r >= 0)
		return fd;
	if (fd >= 0)
		(void)!sys_close(&sys_kernel, fd);
	return err_set(e, ERR_HOST, r, "mount /proc; the directory of states must be on a file system with sockets",
		       "cannot make the socket '%s' of '%s'", name, s->name);
}

int state_connect(const struct state *s, const char *name)
{
	const struct sockaddr_un a = address(s, name);
	int fd = sys_socket(&sys_kernel, AF_UNIX, SOCK_SEQPACKET, 0), r = fd < 0 ? fd : sys_connect(&sys_kernel, fd, &a, sizeof(a));

	if (r >= 0)
		return fd;
	if (fd >= 0)
		(void)!sys_close(&sys_kernel, fd);
	return r;
}

void state_remove(struct state *s)
{
	if (s->dir >= 0)
		(void)state_remove_files(s->base, s->dir, s->name);
	state_close(s);
}

void state_close(struct state *s)
{
	close_fd(&s->lock);
	close_fd(&s->dir);
	close_fd(&s->base);
}

int state_bury(const char *name, bool (*gone)(const char *name), struct err *e)
{
	_auto(state_close) struct state s;
	enum state_phase phase;
	int lock, r;

	if (state_find(&s, name, &phase, e) < 0)
		return -1;
	/* From here on nobody else takes the name. */
	lock = openat(s.dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	r = lock < 0 ? -errno : state_take_lock(lock);
	for (int i = 0; i < ATTEMPTS && r == -EWOULDBLOCK; i++) {
		usleep(1000);	/* somebody looks at it, which takes a moment */
		r = state_take_lock(lock);
	}
	close_fd(&s.lock);
	s.lock = lock;
	if (r < 0 && r != -ENOENT)
		return err_set(e, ERR_HOST, r, "stop it first", "the container '%s' is running", name);
	if (r == 0 && !gone(name))
		return err_set(e, ERR_HOST, EBUSY, "its cgroup still holds processes: something of it survived", "cannot remove '%s'", name);
	restarts_forget(s.base, name);
	r = r == 0 ? state_remove_files(s.base, s.dir, name) : 0;
	return r < 0 ? err_set(e, ERR_HOST, r, "something else is in its directory below the run directory", "cannot remove '%s'", name) : 0;
}
