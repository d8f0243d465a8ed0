/* mounts_target.c - where a listed mount goes: a path resolved beneath the container's root, and made there as far as it
 * is missing.
 *
 * An image may have symbolic links on the way (/var/run), and whoever shares a volume with us may exchange them while we
 * look (CVE-2021-30465, CVE-2024-45310). So every look starts at the held root and cannot leave it (openat2(2),
 * RESOLVE_IN_ROOT), what is made is made by one name in a held directory, and what is mounted on is the descriptor. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* Each step makes one name, or follows one link to nowhere; only somebody who removes what we make needs more. */
enum { STEPS_MAX = 255 };

/* The deepest directory of `path` that there is, opened; *name and *len: the component behind it. */
static int open_deepest(struct launch *l, int root, char *path, size_t *name, size_t *len)
{
	size_t end = strlen(path);
	int r;

	do {
		char first;

		while (end > 1 && path[end - 1] == '/')
			end--;
		*len = end;
		while (end > 0 && path[end - 1] != '/')
			end--;
		*name = end;
		*len -= end;
		if (*len == 0)
			return -ENOENT;		/* not even "/" */
		first = path[end];
		path[end] = '\0';
		r = sys_open_beneath(l->sys, root, path, O_PATH | O_DIRECTORY, true);
		path[end] = first;
	} while (r == -ENOENT);
	return r;
}

/* A link to nowhere: the path goes on where it points. */
static int follow(struct launch *l, int dir, const char *component, char path[PATH_MAX], size_t name, size_t len)
{
	char link[PATH_MAX], next[PATH_MAX];
	int n, r = sys_readlink(l->sys, dir, component, link, sizeof(link));

	if (r == -EINVAL || r == -ENOENT)
		return 0;	/* none: somebody else made it, or removed it. The next step sees */
	if (r < 0)
		return r;
	n = snprintf(next, sizeof(next), "%.*s/%s%s", link[0] == '/' ? 0 : (int)name, path, link, path + name + len);
	if (n >= (int)sizeof(next))
		return -ENAMETOOLONG;
	memcpy(path, next, (size_t)n + 1);
	return 0;
}

static int make_next(struct launch *l, int root, char path[PATH_MAX], bool dir)
{
	char component[NAME_MAX + 1];
	size_t name, len;
	int at = open_deepest(l, root, path, &name, &len), r;
	bool last;

	if (at < 0)
		return at;
	last = path[name + len + strspn(path + name + len, "/")] == '\0';
	if (len > NAME_MAX) {
		(void)!sys_close(l->sys, at);
		return -ENAMETOOLONG;
	}
	memcpy(component, path + name, len);
	component[len] = '\0';
	if (last && !dir) {
		r = sys_create(l->sys, at, component, O_RDONLY, 0644);
		if (r >= 0)
			r = sys_close(l->sys, r);
	} else {
		r = sys_mkdir(l->sys, at, component, 0755);
	}
	if (r == -EEXIST)
		r = follow(l, at, component, path, name, len);
	(void)!sys_close(l->sys, at);
	return r;
}

int mounts_target(struct launch *l, int root, const char *path, bool dir)
{
	char at[PATH_MAX];
	int r;

	if (snprintf(at, sizeof(at), "%s%s", *path == '/' ? "" : "/", path) >= (int)sizeof(at))
		return -ENAMETOOLONG;
	for (unsigned step = 0; step < STEPS_MAX; step++) {
		r = sys_open_beneath(l->sys, root, at, O_PATH, true);
		if (r >= 0 || (r != -ENOENT && r != -EAGAIN))	/* EAGAIN: something was renamed meanwhile */
			return r;
		r = r == -ENOENT ? make_next(l, root, at, dir) : 0;
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	return -ELOOP;
}
