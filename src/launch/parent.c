/* parent.c - clone, talk, look.
 *
 * The report socket carries at most two records: READY, sent as the last row before the seccomp
 * filter, and one failure, which is in shared memory as well. Then end of file, because execve closes the child's end.
 *   READY, EOF            execve worked
 *   [READY,] failure, EOF we know step, path, errno and hint
 *   EOF without READY     the child died on the way: never report success
 * A bare close-on-exec pipe cannot tell the first case from the third. */
#include "parent.h"
#include "child.h"
#include "failure.h"
#include "guard.h"
#include "home.h"
#include "init.h"
#include "join.h"
#include "listen.h"
#include "listener.h"
#include "order.h"
#include "stage.h"
#include "unit.h"
#include "../controls/apparmor.h"
#include "../controls/cgroup.h"
#include "../controls/namespaces.h"
#include "../controls/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* In the child: run the order; whatever comes back is a failure to report. */
static void be_child(struct launch *l)
{
	struct err why = { 0 };

	child_run(l, &why);
	failure_tell(l, &why);
}

static int open_channels(struct launch *l)
{
	int r = sys_socketpair(l->sys, SOCK_SEQPACKET, l->report);

	if (r >= 0)
		r = sys_pass_credentials(l->sys, l->report[0]);
	if (r >= 0 && l->plan->init)
		r = sys_socketpair(l->sys, SOCK_SEQPACKET, l->control);
	return r;
}

/* Clones the child: here, or where the container is. A pid, and its pidfd. */
static int clone_child(struct launch *l, int *pidfd, struct err *e)
{
	struct clone_args args = {
		.flags = (l->plan->clone_flags & ~(l->plan->has_time ? (uint64_t)CLONE_NEWTIME : 0) & ~(l->shares_userns ? (uint64_t)CLONE_NEWUSER : 0)) | CLONE_PIDFD |
			 (l->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = l->cgroup >= 0 ? (uint64_t)l->cgroup : 0,
	};

	int r;

	/* Who lives in a pid namespace that we enter sees the new process from its first instruction on (CVE-2016-9962). */
	if (l->enter[NS_PID] >= 0 && undumpable_apply(l, e) < 0)
		return -1;
	if (l->plan->joins)
		args = (struct clone_args){ 0 };
	if (l->plan->joins || namespaces_need_stage(l))
		return stage_clone(l, &args, be_child, pidfd, e);
	r = sys_clone3(l->sys, &args, sizeof(args));
	if (r == 0) {
		be_child(l);
		__builtin_unreachable();
	}
	if (r < 0)
		return err_set(e, ERR_HOST, r, r == -ENOSPC || r == -EUSERS ? "raise user.max_*_namespaces (sysctl)" :
			       r == -EPERM ? "run as root and not in a chroot, or allow unprivileged user namespaces: user_namespaces(7)" : NULL,
			       "cannot create the container's process");
	return r;
}

int parent_clone(struct launch *l, struct err *e)
{
	int pidfd = -1, r = open_channels(l);

	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot open the report channel");
	if (!l->plan->held && failure_open(l, -1, e) < 0)
		return -1;
	l->keyring = sys_call6(l->sys, SYS_keyctl, KEYCTL_GET_KEYRING_ID, (unsigned long)KEY_SPEC_SESSION_KEYRING, 0, 0, 0, 0);
	r = clone_child(l, &pidfd, e);
	if (r < 0)
		return -1;
	l->pid = l->workload = r;
	l->pidfd = pidfd;
	r = sys_close(l->sys, l->report[1]);
	l->report[1] = -1;
	if (r >= 0 && l->control[1] >= 0) {
		r = sys_close(l->sys, l->control[1]);
		l->control[1] = -1;
	}
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot close the child's ends") : 0;
}

int parent_go(struct launch *l, struct err *e)
{
	int r = sys_send(l->sys, l->report[0], "g", 1);

	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "the child died before it could start") : 0;
}

int parent_await(struct launch *l, struct err *e)
{
	struct ready ready;
	bool heard = false;
	pid_t sender = 0;
	ssize_t n;

	while ((n = sys_recv_pid(l->sys, l->report[0], &ready, sizeof(ready), &sender)) != 0) {
		if (n == -EINTR)
			continue;
		if (n == sizeof(ready) && ready.none.kind == ERR_NONE && !heard && sender > 0) {
			memcpy(l->value, ready.value, sizeof(ready.value));
			l->workload = sender;
			heard = true;
			if (l->plan->held)	/* what is left happens at `start` */
				return 0;
			if (l->plan->listener && listener_give(l, e) < 0)
				return -1;
			continue;
		}
		if (n == sizeof(struct err) && ready.none.kind != ERR_NONE)
			return err_take(e, &ready.none);
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EPROTO, NULL, "the child's report makes no sense");
	}
	if (failure_hear(l, e) < 0)
		return -1;
	if (heard)
		return 0;
	/* PID 1 takes the child with it, and may have said why. */
	if (l->plan->init && init_hear(l, e) < 0)
		return -1;
	return err_set(e, ERR_LAUNCH, 0, "the kernel log may tell: AppArmor, no memory, a signal",
		       "the child died before execve");
}

static int look(struct launch *l, struct err *e)
{
	struct target *t = l->looked_at;
	char path[32];
	int r;

	if (l->plan->init && init_confirm(l, e) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d", l->workload);
	target_init(t, l->sys, l, false, sys_open(l->sys, AT_FDCWD, path, O_PATH | O_DIRECTORY));
	if (t->proc < 0)
		return err_set(e, ERR_LAUNCH, t->proc, "mount /proc", "cannot look at the workload");
	r = verify_controls(l, t, true, e);
	(void)!sys_close(l->sys, t->proc);
	return r;
}

/* Somebody, such as the kernel in a cgroup without memory, killed the container as a whole. Who confines
 * itself in vain exits instead. */
static bool was_killed(const struct launch *l)
{
	siginfo_t info = { 0 };

	return l->pidfd >= 0 && waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0 && info.si_code != CLD_EXITED;
}

int parent_verify(struct launch *l, struct err *e)
{
	int r = l->plan->held ? 0 : look(l, e);	/* there is nothing to see before `start`, which looks */

	/* Then nothing runs that was not looked at. How it ended is for the record of its exit; this one says what was not seen. */
	if (r < 0 && was_killed(l)) {
		*e = (struct err){ 0 };
		for (unsigned i = 0; i < CONTROL_COUNT; i++)
			if (control_get((enum control_id)i)->late && !waived(l->plan, (enum control_id)i))
				snprintf(l->value[i], VALUE_MAX, "killed before it was looked at");
		return 0;
	}
	return r < 0 ? -1 : l->plan->init ? init_release(l, e) : 0;
}

int launch_init(struct launch *l, const struct plan *plan, const struct sys *k, struct arena *a, struct err *e)
{
	size_t n = plan->n_mounts;
	int *fds = arena_alloc(a, 2 * n * sizeof(*fds) + 1);

	*l = (struct launch){
		.plan = plan, .sys = k, .uid = geteuid(), .gid = getegid(), .secrets = -1, .secrets_view = -1, .rootfs = -1, .files = -1,
		.proc = -1, .ruleset = -1, .cgroup = -1, .cgroup_base = -1, .start = -1, .notify = -1, .report = { -1, -1 },
		.control = { -1, -1 }, .console = { -1, -1 },
		.unit = UNIT_HELPER_NONE, .guard = -1, .pidfd = -1, .pid = -1, .workload = -1, .keyring = -1, .joined_fd = -1, .tree = fds, .target = fds + n,
		.value = arena_alloc(a, CONTROL_COUNT * VALUE_MAX), .looked_at = arena_alloc(a, sizeof(struct target)),
		.mount_id = plan->listed ? arena_alloc(a, n * sizeof(uint64_t) + 1) : NULL,
	};
	l->rootless = l->uid != 0;
	for (int i = 0; i < NS_COUNT; i++)
		l->enter[i] = l->home[i] = -1;
	if (!fds || !l->value || !l->looked_at || (plan->listed && !l->mount_id) || home_init(l, a) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the launch");
	for (size_t i = 0; i < 2 * n; i++)
		fds[i] = -1;
	return 0;
}

static void drop(struct launch *l, int *fd)
{
	if (*fd >= 0)
		(void)!sys_close(l->sys, *fd);
	*fd = -1;
}

void launch_settle(struct launch *l)
{
	int *const fds[] = { &l->rootfs, &l->files, &l->ruleset, &l->joined_fd, &l->start, &l->report[0], &l->report[1], &l->control[1], &l->console[1] };

	for (size_t i = 0; i < COUNT(fds); i++)
		drop(l, fds[i]);
	for (size_t i = 0; i < NS_COUNT; i++) {
		drop(l, &l->enter[i]);
		drop(l, &l->home[i]);
	}
	if (l->plan->n_sockets && l->plan->preserve_fds)	/* the workload's, now that it has them */
		(void)!sys_close_range(l->sys, LISTEN_FIRST, LISTEN_FIRST + l->plan->preserve_fds - 1, 0);
	unit_leave(&l->unit);
	failure_close(l);
	for (size_t i = 0; i < 2 * l->plan->n_mounts; i++)
		drop(l, &l->tree[i]);	/* targets follow the trees */
}

void launch_end(struct launch *l)
{
	if (l->pidfd >= 0) {
		siginfo_t info;

		(void)!sys_pidfd_send_signal(l->sys, l->pidfd, SIGKILL);
		while (waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED) < 0 && errno == EINTR)
			;
		drop(l, &l->pidfd);
	}
	guard_end(l);
	drop(l, &l->control[0]);
	drop(l, &l->console[0]);
	drop(l, &l->notify);
	cgroup_close(l);
}

/* It answers by hanging up: from then on it no longer dies with us. */
int launch_release(struct launch *l, struct err *e)
{
	struct err said = { 0 };
	int r = sys_send(l->sys, l->report[0], "k", 1);
	ssize_t n = r;

	while (r >= 0 && (n = sys_recv(l->sys, l->report[0], &said, sizeof(said), 0)) == -EINTR)
		;
	launch_settle(l);
	if (n == 0)
		return 0;
	if (n == sizeof(said))
		return err_take(e, &said);
	return err_set(e, ERR_LAUNCH, (int)n, NULL, "the container died as soon as it was created");
}

int launch_start(struct launch *l, struct err *e)
{
	int r;

	/* Ours must not reach into what we create; and a signal must find us with everything cleaned up. */
	r = sys_umask(l->sys, 0);
	if (r >= 0)
		r = sys_block_signals(l->sys);
	if (r < 0)
		r = err_set(e, ERR_LAUNCH, r, NULL, "cannot prepare the launcher"), err_step(e, "launcher");
	else
		r = order_run(parent_order, parent_order_len, l, e);
	if (r < 0 || !l->plan->held)
		launch_settle(l);
	if (r < 0) {
		apparmor_blame(l->sys, e);
		launch_end(l);
	}
	return r < 0 ? -1 : 0;
}
