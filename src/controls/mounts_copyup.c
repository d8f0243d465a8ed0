/* mounts_copyup.c - "tmpcopyup": what the image has at a mount point is copied into the tmpfs that is about to cover it.
 *
 * Between two held directories and name by name: nothing is followed, neither in the image nor in the copy. Owners, modes,
 * links, FIFOs and device nodes come along; sockets, which nobody could connect to, do not. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum { DEPTH_MAX = 64, PIECE = 1 << 20 };

struct entry { uint64_t ino, off; unsigned short len; unsigned char type; char name[]; };	/* getdents64(2) */

static int copy_dir(struct launch *l, int from, int to, unsigned depth);

/* Owner before mode: chown(2) takes the set-id bits off. */
static int dress(struct launch *l, int fd, const struct statx *st)
{
	int r = sys_fchown(l->sys, fd, st->stx_uid, st->stx_gid);

	return r < 0 ? r : sys_fchmod(l->sys, fd, st->stx_mode & 07777);
}

static int copy_file(struct launch *l, int from, int to, const char *name, const struct statx *st)
{
	int in = sys_open_exact(l->sys, from, name, O_RDONLY | O_NONBLOCK), out = in < 0 ? in : sys_create(l->sys, to, name, O_WRONLY, 0600);
	ssize_t r = out;

	while (r >= 0 && (r = sys_sendfile(l->sys, out, in, PIECE)) > 0)
		;
	if (r >= 0)
		r = dress(l, out, st);
	if (in >= 0)
		(void)!sys_close(l->sys, in);
	if (out >= 0)
		(void)!sys_close(l->sys, out);
	return (int)r;
}

static int copy_subdir(struct launch *l, int from, int to, const char *name, const struct statx *st, unsigned depth)
{
	int in = sys_open_exact(l->sys, from, name, O_RDONLY | O_DIRECTORY), r = in < 0 ? in : sys_mkdir(l->sys, to, name, 0700);
	int out = r < 0 ? r : sys_open_exact(l->sys, to, name, O_RDONLY | O_DIRECTORY);

	r = out < 0 ? out : copy_dir(l, in, out, depth + 1);
	if (r >= 0)
		r = dress(l, out, st);
	if (in >= 0)
		(void)!sys_close(l->sys, in);
	if (out >= 0)
		(void)!sys_close(l->sys, out);
	return r;
}

static int copy_link(struct launch *l, int from, int to, const char *name, const struct statx *st)
{
	char link[PATH_MAX];
	int r = sys_readlink(l->sys, from, name, link, sizeof(link));

	if (r >= 0)
		r = sys_symlink(l->sys, link, to, name);
	return r < 0 ? r : sys_chown_at(l->sys, to, name, st->stx_uid, st->stx_gid);
}

static int copy_node(struct launch *l, int to, const char *name, const struct statx *st)
{
	int r = sys_mknod(l->sys, to, name, st->stx_mode, st->stx_rdev_major, st->stx_rdev_minor);

	return r < 0 ? r : sys_chown_at(l->sys, to, name, st->stx_uid, st->stx_gid);
}

static int copy_entry(struct launch *l, int from, int to, const char *name, unsigned depth)
{
	struct statx st;
	int r = sys_statx(l->sys, from, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st);

	if (r < 0)
		return r;
	switch (st.stx_mode & S_IFMT) {
	case S_IFDIR: return copy_subdir(l, from, to, name, &st, depth);
	case S_IFREG: return copy_file(l, from, to, name, &st);
	case S_IFLNK: return copy_link(l, from, to, name, &st);
	case S_IFSOCK: return 0;
	default: return copy_node(l, to, name, &st);
	}
}

static int copy_dir(struct launch *l, int from, int to, unsigned depth)
{
	char buf[4096] __attribute__((aligned(8)));
	int n = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	while ((n = sys_getdents(l->sys, from, buf, sizeof(buf))) > 0)
		for (int at = 0; at < n; at += ((struct entry *)(void *)(buf + at))->len) {
			const char *name = ((struct entry *)(void *)(buf + at))->name;
			int r = strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? 0 : copy_entry(l, from, to, name, depth);

			if (r < 0)
				return r;
		}
	return n;
}

int mounts_copy_up(struct launch *l, int from, int to)
{
	int in = sys_open(l->sys, from, ".", O_RDONLY | O_DIRECTORY), r = in < 0 ? in : copy_dir(l, in, to, 0);

	if (in >= 0)
		(void)!sys_close(l->sys, in);
	return r;
}
