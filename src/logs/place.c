/* place.c - see place.h.
 *
 * The driver of root's containers is not root: where there are files, it becomes the owner of their directory; for a socket,
 * casemate-log or else nobody, and a usual directory that is new belongs to that one. */
#include "place.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>

enum { NOBODY = 65534 };

static int look_up(uid_t *uid, gid_t *gid)
{
	/* The file itself: getpwnam(3) would load what nsswitch.conf says, and is not for static programs. */
	_auto(close_file) FILE *f = fopen("/etc/passwd", "re");
	struct passwd *p;

	while (f && (p = fgetpwent(f)))
		if (strcmp(p->pw_name, LOG_USER) == 0) {
			*uid = p->pw_uid;
			*gid = p->pw_gid;
			return p->pw_uid != 0 ? 0 : -1;
		}
	return -1;
}

void log_user(uid_t *uid, gid_t *gid)
{
	*uid = geteuid();
	*gid = getegid();
	if (*uid == 0 && look_up(uid, gid) < 0)
		*uid = *gid = NOBODY;
}

int log_usual_dir(const char *name, char dir[PATH_MAX], struct err *e)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (geteuid() == 0)
		n = snprintf(dir, PATH_MAX, "/var/log/casemate/%s", name);
	else if (state && *state == '/')
		n = snprintf(dir, PATH_MAX, "%s/casemate/%s", state, name);
	else if (home && *home == '/')
		n = snprintf(dir, PATH_MAX, "%s/.local/state/casemate/%s", home, name);
	else
		return err_set(e, ERR_HOST, 0, "set HOME, or log.path", "there is no usual place for logs");
	return n < PATH_MAX ? 0 : err_set(e, ERR_HOST, ENAMETOOLONG, "set log.path", "there is no usual place for logs");
}

/* What is missing on the way to it. */
static int make_parents(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* A new one gets the ids of the log's user. A link was left by a launch with another directory: see leave_link(). */
static int make_dir(const char *path, struct err *e)
{
	int r = make_parents(path);
	struct stat st;
	uid_t uid;
	gid_t gid;

	log_user(&uid, &gid);
	if (r == 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		r = unlink(path) < 0 ? -errno : 0;
	if (r == 0 && mkdir(path, 0750) == 0)
		r = geteuid() == 0 && lchown(path, uid, gid) < 0 ? -errno : 0;
	else if (r == 0 && errno != EEXIST)
		r = -errno;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot make %s for the log", path) : 0;
}

static int open_dir(struct log_place *p, const struct sys *k, struct err *e)
{
	struct statx st;
	int r;

	p->fd = sys_open_exact(k, AT_FDCWD, p->dir, O_RDONLY | O_DIRECTORY);
	r = p->fd < 0 ? p->fd : sys_statx(k, p->fd, "", AT_EMPTY_PATH, STATX_MODE | STATX_UID | STATX_GID, &st);
	if (r < 0)
		return err_set(e, ERR_HOST, r, r == -ENOENT ? "make it; the log driver becomes its owner" :
			       r == -ELOOP ? "no symbolic links on the way to it" : NULL, "cannot open the log directory %s", p->dir);
	if (st.stx_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_HOST, 0, "chmod go-w", "others may write to the log directory %s", p->dir);
	if (geteuid() != 0 && st.stx_uid != geteuid())
		return err_set(e, ERR_HOST, EACCES, "give one of your own", "the log directory %s is not yours", p->dir);
	/* With the uid of root, whatever root's files lie beneath would be the driver's to write. */
	if (st.stx_uid == 0)
		return err_set(e, ERR_HOST, 0, "chown -R: the log driver becomes its owner", "the log directory %s is root's", p->dir);
	p->uid = st.stx_uid;
	p->gid = st.stx_gid;
	return 0;
}

/* A custom directory is found by the container's name as well, also when it has ended: `casemate logs`. */
static void leave_link(const char *name, const char *dir)
{
	char usual[PATH_MAX], made[PATH_MAX + 8];
	struct err ignored = { 0 };
	struct stat st;

	if (log_usual_dir(name, usual, &ignored) < 0 || strcmp(usual, dir) == 0)
		return;
	snprintf(made, sizeof(made), "%s.new", usual);
	if (lstat(usual, &st) == 0 && !S_ISLNK(st.st_mode))
		return;		/* files of an earlier run */
	(void)make_parents(usual);
	(void)unlink(made);
	if (symlink(dir, made) == 0 && rename(made, usual) < 0)
		(void)unlink(made);
}

int log_place_open(struct log_place *p, const struct sys *k, const struct log_policy *log, const char *name, bool findable,
		   struct err *e)
{
	*p = (struct log_place){ .fd = -1 };
	if (log->driver != LOG_JSON_FILE) {
		log_user(&p->uid, &p->gid);
		p->fd = sys_socket(k, AF_UNIX, SOCK_DGRAM, 0);
		return p->fd < 0 ? err_set(e, ERR_HOST, p->fd, NULL, "cannot make a socket for the log") : 0;
	}
	if (*log->path)
		snprintf(p->dir, sizeof(p->dir), "%s", log->path);
	else if (log_usual_dir(name, p->dir, e) < 0 || make_dir(p->dir, e) < 0)
		return -1;
	if (open_dir(p, k, e) < 0)
		return err_at(e, "/log/path");
	if (*log->path && findable)
		leave_link(name, log->path);
	return 0;
}
