/* mounts_idmap.c - a bind on which the owner of the source appears as the workload (mount_setattr(2),
 * MOUNT_ATTR_IDMAP): a volume that belongs to uid 33 on the host can be given to uid 10001 without chown.
 *
 * The kernel takes the mapping from a user namespace, and a user namespace needs a process to be made:
 * a child that does nothing but wait for us to let go. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

static _Noreturn void wait_for_the_end(struct launch *l, const int channel[2])
{
	char none;

	(void)!sys_close(l->sys, channel[0]);
	(void)!sys_recv(l->sys, channel[1], &none, 1, 0);
	for (;;)
		(void)sys_exit(l->sys, 0);
}

static int write_rows(struct launch *l, int pid, const char *file, const struct plan_idmap *rows, size_t n)
{
	char path[64], *map = malloc(n * 36 + 1);	/* three numbers of ten digits, two blanks, a line end */
	size_t len = 0;
	int r;

	if (!map)
		return -ENOMEM;
	*map = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(map + len, n * 36 + 1 - len, "%u %u %u\n", rows[i].inside, rows[i].outside, rows[i].count);
	r = sys_write_file(l->sys, AT_FDCWD, path, map);
	free(map);
	return r;
}

/* A user namespace with these maps, as an fd. */
static int make_namespace(struct launch *l, const struct mount_idmap *m)
{
	int channel[2], pidfd = -1, pid, r = sys_socketpair(l->sys, SOCK_SEQPACKET, channel);
	struct clone_args args = { .flags = CLONE_NEWUSER | CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	char path[64];

	if (r < 0)
		return r;
	pid = sys_clone3(l->sys, &args, sizeof(args));
	if (pid == 0)
		wait_for_the_end(l, channel);
	r = pid < 0 ? pid : write_rows(l, pid, "uid_map", m->uids, m->n_uids);
	if (r >= 0)
		r = write_rows(l, pid, "gid_map", m->gids, m->n_gids);
	if (r >= 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
		r = sys_open(l->sys, AT_FDCWD, path, O_RDONLY);
	}
	(void)!sys_close(l->sys, channel[0]);
	(void)!sys_close(l->sys, channel[1]);
	if (pid > 0) {
		siginfo_t info;

		while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
			;
		(void)!sys_close(l->sys, pidfd);
	}
	return r;
}

int mounts_idmap_by(struct launch *l, int tree, const struct mount_idmap *m, bool deep)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	int map = make_namespace(l, m), r;

	if (map < 0)
		return map;
	attr.userns_fd = (uint64_t)map;
	r = sys_mount_setattr(l->sys, tree, deep ? AT_RECURSIVE : 0, &attr);
	(void)!sys_close(l->sys, map);
	return r;
}

/* One id is mapped: whatever else is in the volume belongs to nobody and cannot be written. */
int mounts_idmap(struct launch *l, int tree)
{
	struct statx owner = { 0 };
	int r = sys_statx(l->sys, tree, "", AT_EMPTY_PATH, STATX_UID | STATX_GID, &owner);
	const struct plan_idmap uid = { owner.stx_uid, l->plan->uid, 1 }, gid = { owner.stx_gid, l->plan->gid, 1 };
	const struct mount_idmap one = { &uid, &gid, 1, 1 };

	/* The workload would make root's files on the host: with set-user-id bits, if its filter lets it. */
	if (r >= 0 && (owner.stx_uid == 0 || owner.stx_gid == 0))
		r = -EACCES;
	return r < 0 ? r : mounts_idmap_by(l, tree, &one, true);
}
