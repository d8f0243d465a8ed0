/* cgroup2.c - finding a place in the cgroup v2 tree; see cgroup2.h. */
#include "cgroup2.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two places: unified, and the hybrid layout of systemd and OpenRC. */
static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

int cgroup2_mount(const struct sys *k)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		struct statfs fs = { 0 };
		int fd = sys_open(k, AT_FDCWD, mounts[i], O_PATH | O_DIRECTORY);

		if (fd < 0)
			continue;
		if (sys_fstatfs(k, fd, &fs) >= 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd;
		(void)!sys_close(k, fd);
	}
	return -ENOENT;
}

char *cgroup2_path(char *text)
{
	char *at = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");

	if (!at)
		return NULL;
	at = strchr(at, ':') + 2;
	at[strcspn(at, "\n")] = '\0';
	return *at == '/' ? at : NULL;
}

static int open_below(const struct sys *k, int mount, const char *path)
{
	while (*path == '/')
		path++;
	return sys_open(k, mount, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

static bool has_mark(const struct sys *k, int dir, const char *name)
{
	char value[8];

	return sys_fgetxattr(k, dir, name, value, sizeof(value)) == 1 && value[0] == '1';
}

/* Root may write to every cgroup, so root looks for the mark that systemd leaves on a delegated one,
 * trusted.delegate or (since 251) user.delegate: on its own or on one above, whose manager then put
 * us here. All of them must be root's, or their owner could undo the limits. */
static bool is_roots_own(const struct sys *k, int mount, const char *own)
{
	char path[CGROUP2_PATH_MAX];
	bool marked = false, owned = true;

	snprintf(path, sizeof(path), "%s", own);
	while (path[0] && owned && !marked) {
		struct statx st = { 0 };
		int dir = open_below(k, mount, path);

		owned = dir >= 0 && sys_statx(k, dir, "", AT_EMPTY_PATH, STATX_UID, &st) >= 0 && st.stx_uid == 0;
		marked = owned && (has_mark(k, dir, "trusted.delegate") || has_mark(k, dir, "user.delegate"));
		if (dir >= 0)
			(void)!sys_close(k, dir);
		*strrchr(path, '/') = '\0';
	}
	return marked;
}

/* A launcher that an earlier one moved away lives one level below what was delegated. */
static void strip_supervisor(char *path)
{
	char *last = strrchr(path, '/');

	if (last && strcmp(last + 1, CGROUP2_SUPERVISOR) == 0)
		*last = '\0';
}

int cgroup2_open_of(const struct sys *k, int proc, char path[CGROUP2_PATH_MAX])
{
	char text[4096], *at;
	ssize_t n = sys_read_file(k, proc, "cgroup", text, sizeof(text));
	int mount, fd;

	if (n < 0)
		return (int)n;
	at = cgroup2_path(text);
	if (!at || strncmp(at, "/..", 3) == 0 || strlen(at) >= CGROUP2_PATH_MAX)
		return -ESRCH;
	mount = cgroup2_mount(k);
	if (mount < 0)
		return mount;
	snprintf(path, CGROUP2_PATH_MAX, "%s", at);
	fd = open_below(k, mount, path);
	(void)!sys_close(k, mount);
	return fd;
}

bool cgroup2_holds_us(const struct sys *k, const char *path)
{
	const size_t len = path[1] ? strlen(path) : 0;
	char text[4096];
	const char *own = sys_read_file(k, AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) < 0 ? NULL : cgroup2_path(text);

	return !own || (strncmp(own, path, len) == 0 && (!own[len] || own[len] == '/'));
}

/* Our own cgroup, from which everything is decided. */
static int find_own(const struct sys *k, int mount, struct cgroup2_place *at, struct err *e)
{
	char text[4096], *own;
	ssize_t n = sys_read_file(k, AT_FDCWD, "/proc/self/cgroup", text, sizeof(text));

	own = n > 0 ? cgroup2_path(text) : NULL;
	if (!own || strncmp(own, "/..", 3) == 0 || strlen(own) >= sizeof(at->path))
		return err_set(e, ERR_HOST, n < 0 ? (int)n : 0, "casemate must see its own cgroup: is /proc the host's?",
			       "cannot find our own cgroup in /proc/self/cgroup");
	strip_supervisor(own);
	snprintf(at->path, sizeof(at->path), "%s", strcmp(own, "/") == 0 ? "" : own);
	at->dir = open_below(k, mount, at->path);
	return at->dir < 0 ? err_set(e, ERR_HOST, at->dir, NULL, "cannot open our own cgroup %s/", at->path) : 0;
}

/* Opening for writing asks about rights and a read-only mount at once, and changes nothing. */
static int judge(const struct sys *k, int mount, bool root, struct cgroup2_place *at, struct err *e)
{
	int fd;

	at->situation = CGROUP2_DELEGATED;
	if (root && !is_roots_own(k, mount, at->path)) {
		(void)!sys_close(k, at->dir);
		at->situation = CGROUP2_ROOT;
		at->path[0] = '\0';
		at->dir = open_below(k, mount, "");
		if (at->dir < 0)
			return err_set(e, ERR_HOST, at->dir, NULL, "cannot open the root of the cgroup tree");
	}
	fd = sys_open(k, at->dir, "cgroup.subtree_control", O_WRONLY);
	if (fd < 0) {
		at->situation = CGROUP2_NONE;
		return err_set(e, ERR_HOST, fd, root ? "systemd-run --scope -p Delegate=yes casemate run ...; in a container: "
			       "have its /sys/fs/cgroup mounted writable" :
			       "systemd-run --user --scope -p Delegate=yes casemate run ...",
			       "the cgroup %s/ was not delegated to us", at->path);
	}
	(void)!sys_close(k, fd);
	return 0;
}

static int survey(const struct sys *k, int mount, struct cgroup2_place *at, struct err *e)
{
	struct statx st;
	ssize_t n = sys_read_file(k, at->dir, "cgroup.controllers", at->controllers, sizeof(at->controllers));

	if (n >= 0)
		n = sys_read_file(k, mount, "cgroup.controllers", at->above, sizeof(at->above));
	/* Every cgroup but the root has this file (cgroup-v2.rst, "Core Interface Files"). */
	at->root = sys_statx(k, at->dir, "cgroup.events", 0, 0, &st) == -ENOENT;
	return n < 0 ? err_set(e, ERR_HOST, (int)n, NULL, "cannot read the controllers of the cgroup %s/", at->path) : 0;
}

int cgroup2_find(const struct sys *k, bool root, struct cgroup2_place *at, struct err *e)
{
	int mount = cgroup2_mount(k), r;

	*at = (struct cgroup2_place){ .situation = CGROUP2_NONE, .dir = -1 };
	if (mount < 0)
		return err_set(e, ERR_HOST, mount, "mount -t cgroup2 none /sys/fs/cgroup",
			       "no cgroup v2 tree at %s or %s", mounts[0], mounts[1]);
	r = find_own(k, mount, at, e);
	if (r == 0)
		r = judge(k, mount, root, at, e);
	if (r == 0)
		r = survey(k, mount, at, e);
	(void)!sys_close(k, mount);
	if (r < 0 && at->dir >= 0) {
		(void)!sys_close(k, at->dir);
		at->dir = -1;
	}
	return r;
}

/* --- moving out --- */

/* What cgroup.procs says now, as far as it fits: the rest comes when these have left. */
static ssize_t read_some(const struct sys *k, int dir, char *buf, size_t size)
{
	int fd = sys_open(k, dir, "cgroup.procs", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = sys_read(k, fd, buf, size - 1);
	(void)!sys_close(k, fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

static int move_all(const struct sys *k, int to, char *pids)
{
	for (char *pid = pids, *end; (end = strchr(pid, '\n')); pid = end + 1) {
		int r = sys_write(k, to, pid, (size_t)(end - pid));

		if (r < 0 && r != -ESRCH)	/* it ended meanwhile */
			return r;
	}
	return 0;
}

int cgroup2_evacuate(const struct sys *k, int dir, struct err *e)
{
	char pids[4096];
	ssize_t r = sys_mkdir(k, dir, CGROUP2_SUPERVISOR, 0755);
	int to = -1;

	if (r >= 0 || r == -EEXIST)
		r = to = sys_open(k, dir, CGROUP2_SUPERVISOR "/cgroup.procs", O_WRONLY);
	/* Who is born meanwhile is the caller's to notice: enabling a controller says EBUSY then. */
	for (int left = 64; r >= 0 && left; left--) {
		r = read_some(k, dir, pids, sizeof(pids));
		if (r <= 0)
			break;
		left = r < (ssize_t)sizeof(pids) - 1 ? 1 : left;	/* that was all of them */
		r = move_all(k, to, pids);
	}
	if (to >= 0)
		(void)!sys_close(k, to);
	if (r < 0)
		return err_set(e, ERR_HOST, (int)r, "start casemate in a unit or scope of its own, with Delegate=yes",
			       "cannot move the processes of our own cgroup into %s", CGROUP2_SUPERVISOR);
	return 0;
}

/* --- the cgroups in a cgroup --- */

enum { DEPTH_MAX = 32 };	/* deeper, and whoever made them may remove them */

static int visit_below(const struct sys *k, int dir, unsigned depth, cgroup2_visit *visit, void *ctx)
{
	int list = sys_open(k, dir, ".", O_RDONLY | O_DIRECTORY);	/* with a place of its own in the directory */
	_Alignas(struct dirent64) char buf[2048];
	int n = list, r = 0;

	while (r >= 0 && n >= 0 && (n = sys_getdents(k, list, buf, sizeof(buf))) > 0)
		for (int at = 0; r >= 0 && at < n;) {
			const struct dirent64 *d = (const void *)(buf + at);
			int child = -1;

			at += d->d_reclen;
			if (d->d_type != DT_DIR || d->d_name[0] == '.')
				continue;
			if (depth < DEPTH_MAX)
				child = sys_open(k, dir, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
			if (child >= 0) {
				r = visit_below(k, child, depth + 1, visit, ctx);
				(void)!sys_close(k, child);
			}
			r = r < 0 ? r : visit(ctx, k, dir, d->d_name);
		}
	if (list >= 0)
		(void)!sys_close(k, list);
	return r < 0 ? r : n < 0 && n != -ENOENT ? n : 0;
}

int cgroup2_below(const struct sys *k, int dir, cgroup2_visit *visit, void *ctx)
{
	return visit_below(k, dir, 0, visit, ctx);
}

static int remove_one(void *ctx, const struct sys *k, int dir, const char *name)
{
	(void)ctx;
	(void)!sys_unlink(k, dir, name, AT_REMOVEDIR);	/* one in use stays, and so do those around it */
	return 0;
}

void cgroup2_remove_below(const struct sys *k, int dir)
{
	(void)!cgroup2_below(k, dir, remove_one, NULL);
}

/* --- reading --- */

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += n)
		if ((at == list || isspace((unsigned char)at[-1])) && (!at[n] || isspace((unsigned char)at[n])))
			return true;
	return false;
}

const char *cgroup2_missing(const struct sys *k, const struct cgroup2_place *at, const char *controller)
{
	const char *old = strcmp(controller, "io") == 0 ? "blkio" : controller;
	size_t n = strlen(old);
	char cgroups[4096];

	if (has_word(at->controllers, controller))
		return NULL;
	/* Only for the reason: a kernel may have no such file, and since 6.11 not every controller is in it. */
	if (sys_read_file(k, AT_FDCWD, "/proc/cgroups", cgroups, sizeof(cgroups)) < 0)
		cgroups[0] = '\0';
	for (const char *line = cgroups; line; line = strchr(line, '\n')) {
		unsigned hierarchy, enabled;

		line += *line == '\n';	/* "#subsys_name hierarchy num_cgroups enabled" */
		if (strncmp(line, old, n) != 0 || sscanf(line + n, "%u %*u %u", &hierarchy, &enabled) != 2)
			continue;
		if (!enabled)
			return "disabled by the kernel's command line";
		if (hierarchy)
			return "in use by cgroup v1";
	}
	return has_word(at->above, controller) ? "not delegated to us" : "not in this kernel";
}

uint64_t cgroup2_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return strtoull(line + n + 1, NULL, 10);
	}
	return 0;
}
