/* mounts_idmap.c - a bind on which the owner of the source appears as the workload (mount_setattr(2),
 * MOUNT_ATTR_IDMAP): a volume that belongs to uid 33 on the host can be given to uid 10001 without chown.
 *
 * The kernel takes the mapping from a user namespace, and a user namespace needs a process to be made:
 * a child that does nothing but wait for us to let go. One id is mapped; whatever else is in the
 * volume belongs to nobody and cannot be written. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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

static int write_one(struct launch *l, int pid, const char *file, unsigned from, unsigned to)
{
	char path[64], map[40];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	snprintf(map, sizeof(map), "%u %u 1", from, to);
	return sys_write_file(l->sys, AT_FDCWD, path, map);
}

/* A user namespace in which the id on disk is the inner one and the workload's the outer one, as an fd. */
static int make_map(struct launch *l, const struct statx *owner)
{
	int channel[2], pidfd = -1, pid, r = sys_socketpair(l->sys, SOCK_SEQPACKET, channel);
	struct clone_args args = { .flags = CLONE_NEWUSER | CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	char path[64];

	if (r < 0)
		return r;
	pid = sys_clone3(l->sys, &args, sizeof(args));
	if (pid == 0)
		wait_for_the_end(l, channel);
	r = pid < 0 ? pid : write_one(l, pid, "uid_map", owner->stx_uid, l->plan->uid);
	if (r >= 0)
		r = write_one(l, pid, "gid_map", owner->stx_gid, l->plan->gid);
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

int mounts_idmap(struct launch *l, int tree)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	struct statx owner;
	int map, r = sys_statx(l->sys, tree, "", AT_EMPTY_PATH, STATX_UID | STATX_GID, &owner);

	/* The workload would make root's files on the host: with set-user-id bits, if its filter lets it. */
	if (r >= 0 && (owner.stx_uid == 0 || owner.stx_gid == 0))
		r = -EACCES;
	if (r < 0)
		return r;
	map = make_map(l, &owner);
	if (map < 0)
		return map;
	attr.userns_fd = (uint64_t)map;
	r = sys_mount_setattr(l->sys, tree, AT_RECURSIVE, &attr);
	(void)!sys_close(l->sys, map);
	return r;
}
