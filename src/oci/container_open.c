/* container_open.c - the directory of a container: where it is, how it is made, locked and removed. */
#include "container.h"

#include "../base/cleanup.h"
#include "spec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { ID_MAX = 255, LOCK_WAIT_MS = 10000, ATTEMPTS = 50 };

/* --- where --- */

/* Root of a user namespace that an ordinary user's engine has made is no root of the host's /run. */
static bool is_hosts_root(void)
{
	return geteuid() == 0 && access("/run", W_OK) == 0;
}

int oci_container_root(const char *given, char root[4096], struct err *e)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	int n;

	if (given)
		n = snprintf(root, 4096, "%s", given);
	else if (!is_hosts_root() && run && *run == '/')
		n = snprintf(root, 4096, "%s/casemate-runtime", run);
	else if (geteuid() == 0)
		n = snprintf(root, 4096, "/run/casemate-runtime");
	else
		return err_set(e, ERR_HOST, 0, "set it, or give --root", "XDG_RUNTIME_DIR is not set");
	return n < 4096 ? 0 : err_set(e, ERR_USAGE, ENAMETOOLONG, NULL, "--root");
}

/* mkdir -p, but for the last part, which state_open_base() makes. */
static void make_parents(const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", root);
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);	/* what is there is there; what cannot be made is missed by whoever comes next */
		*at = '/';
	}
}

int oci_check_id(const char *id, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
	size_t n = strlen(id);

	if (n == 0 || n > ID_MAX || strspn(id, letters) != n || id[0] == '.')
		return err_set(e, ERR_USAGE, 0, "letters, digits and _+-. make one, at most 255 and no dot in front",
			       "'%.64s' is no id of a container", id);
	return 0;
}

/* --- its lock --- */

static int does_not_exist(const struct state *s, int r, struct err *e)
{
	return err_set(e, ERR_HOST, r, NULL, "container '%s' does not exist", s->name);
}

/* 0; -EBUSY: whoever holds it is at work for so long that it hangs, in a hook for example; -ENOENT: it was removed meanwhile. */
static int wait_for_lock(int lock)
{
	int r;

	for (int waited = 0; (r = state_take_lock(lock)) == -EWOULDBLOCK || r == -EINTR; waited += 10) {
		if (waited >= LOCK_WAIT_MS)
			return -EBUSY;
		(void)poll(NULL, 0, 10);
	}
	return r;
}

/* The process that holds the lock, by /proc/locks (proc_locks(5)); 0: not known, as in another pid namespace. */
static int holder(const struct state *s)
{
	FILE *list = fopen("/proc/locks", "re");
	unsigned major, minor;
	unsigned long inode;
	char line[256];
	struct stat st;
	int pid, ret = 0;

	while (list && !ret && fstatat(s->dir, "lock", &st, AT_SYMLINK_NOFOLLOW) == 0 && fgets(line, sizeof(line), list))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &major, &minor, &inode) == 4 && pid > 0 &&
		    makedev(major, minor) == st.st_dev && inode == st.st_ino)
			ret = pid;
	if (list)
		fclose(list);
	return ret;
}

static int cannot_lock(const struct state *s, int r, struct err *e)
{
	int pid = r == -EBUSY ? holder(s) : 0;

	if (pid)
		return err_set(e, ERR_HOST, r, "wait for it, or end it", "process %d is at work on the container '%s'", pid, s->name);
	if (r == -EBUSY)
		return err_set(e, ERR_HOST, r, "wait for it, or end it", "another command is at work on the container '%s'", s->name);
	return err_set(e, ERR_HOST, r, "is --root on a file system with locks?", "cannot lock the container '%s'", s->name);
}

int oci_container_lock(struct oci_container *c, struct err *e)
{
	struct state *s = &c->state;
	int r;

	s->lock = openat(s->dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	r = s->lock < 0 ? -errno : wait_for_lock(s->lock);
	if (r == 0)
		return 0;
	close_fd(&s->lock);
	return r == -ENOENT ? does_not_exist(s, r, e) : cannot_lock(s, r, e);
}

/* --- making and opening --- */

static int open_dir(struct state *s)
{
	s->dir = openat(s->base, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return s->dir < 0 ? -errno : 0;
}

/* 1: locked; 0: somebody took it for one that has ended, and removed it, before it was locked: try again. */
static int make_dir(struct state *s, struct err *e)
{
	int r;

	if (mkdirat(s->base, s->name, 0700) < 0) {
		r = errno;
		return err_set(e, ERR_HOST, r == EEXIST ? 0 : r, r == EEXIST ? "delete that one first, or use another id" : NULL,
			       r == EEXIST ? "container '%s' already exists" : "cannot make the state of '%s'", s->name);
	}
	r = open_dir(s);
	if (r == 0) {
		s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		r = s->lock < 0 ? -errno : wait_for_lock(s->lock);	/* of who looks whether it is held */
	}
	if (r == 0)
		return 1;
	if (r == -ENOENT)
		return 0;
	if (r != -EBUSY)	/* then it is theirs */
		(void)state_remove_files(s->base, s->dir, s->name);
	return cannot_lock(s, r, e);
}

int oci_container_create(struct oci_container *c, const char *root, const char *id, struct err *e)
{
	struct state *s = &c->state;
	int r = 0;

	*c = (struct oci_container)OCI_CONTAINER_NONE;
	if (oci_check_id(id, e) < 0)
		return -1;
	snprintf(s->name, sizeof(s->name), "%s", id);
	make_parents(root);
	s->base = state_open_base(root, true, e);
	if (s->base < 0)
		return -1;
	for (int i = 0; i < ATTEMPTS && r == 0; i++) {
		close_fd(&s->lock);
		close_fd(&s->dir);
		r = make_dir(s, e);
	}
	if (r == 0)
		cannot_lock(s, -EBUSY, e);
	if (r <= 0)
		oci_container_close(c);
	return r > 0 ? 0 : -1;
}

/* Of a directory that r says could not be removed. */
static int in_the_way(const struct state *s, int r, struct err *e)
{
	DIR *list = fdopendir(openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *d;

	while (list && (d = readdir(list)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			break;
	err_set(e, ERR_HOST, r, "remove it: it is nothing that a container's state has", "cannot remove the directory of '%s', in which there is '%.64s'",
		s->name, list && d ? d->d_name : "");
	if (list)
		closedir(list);
	return -1;
}

/* Its creator was killed before it made one, or is about to make one and tries again; or who deletes it has just removed it. */
static int has_no_lock(struct state *s, struct err *e)
{
	if (unlinkat(s->base, s->name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return in_the_way(s, errno, e);
	close_fd(&s->dir);
	return does_not_exist(s, ENOENT, e);
}

int oci_container_open(struct oci_container *c, const char *root, const char *id, bool lock, struct err *e)
{
	struct state *s = &c->state;
	struct err why = { 0 };
	struct stat st;
	int r;

	*c = (struct oci_container)OCI_CONTAINER_NONE;
	if (oci_check_id(id, e) < 0)
		return -1;
	snprintf(s->name, sizeof(s->name), "%s", id);
	s->base = state_open_base(root, false, &why);
	if (s->base < 0)
		return why.sys == ENOENT ? does_not_exist(s, ENOENT, e) : err_take(e, &why);
	r = open_dir(s);
	if (r < 0)
		return does_not_exist(s, r, e);
	if (fstatat(s->dir, "lock", &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return has_no_lock(s, e);
	if (lock && oci_container_lock(c, e) < 0)
		return -1;
	return oci_container_load(c, e);
}

int oci_container_remove(struct oci_container *c, struct err *e)
{
	struct state *s = &c->state;
	struct stat st;
	int r = state_remove_files(s->base, s->dir, s->name);

	/* Who found it without its lock has removed it, and the name is another's by now. */
	if (r == -ENOTEMPTY && fstat(s->dir, &st) == 0 && st.st_nlink == 0)
		r = 0;
	if (r < 0)
		in_the_way(s, r, e);
	oci_container_close(c);
	return r < 0 ? -1 : 0;
}

void oci_container_close(struct oci_container *c)
{
	json_decref(c->json);
	c->json = NULL;
	state_close(&c->state);
}

/* --- all of them --- */

int oci_container_each(const char *root, void (*take)(void *ctx, const char *id), void *ctx, struct err *e)
{
	struct err why = { 0 };
	int base = state_open_base(root, false, &why);
	DIR *list = base < 0 ? NULL : fdopendir(base);
	struct dirent *d;

	if (base < 0)
		return why.sys == ENOENT ? 0 : err_take(e, &why);
	if (!list) {
		close_fd(&base);
		return spec_no_memory(e);
	}
	while ((errno = 0, d = readdir(list)))
		if (d->d_name[0] != '.')
			take(ctx, d->d_name);
	if (errno)
		err_set(e, ERR_HOST, errno, NULL, "cannot read %s", root);
	closedir(list);
	return e->kind == ERR_NONE ? 0 : -1;
}
