/* mounts_secrets.c - /run/secrets: a file system of its own for what the workload may know and nobody else.
 *
 * A ramfs: its pages are never written to swap, on every kernel and for every user (tmpfs has "noswap" since 6.3, and only for
 * root). It is made and filled by the parent, before there is anybody in the container; what the container gets is a read-only
 * view of it, the writable one stays with the supervisor, for `casemate secret update`.
 *
 * A secret never passes through memory of ours: the kernel copies it from the source, file or pipe, into the ramfs. So there is
 * nothing to wipe, nothing in a core dump, and nothing that `casemate plan` could print. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

enum { COMMAND_SECONDS = 30 };

static int new_ramfs(struct launch *l)
{
	int fs = sys_fsopen(l->sys, "ramfs"), r = fs;

	if (r >= 0)
		r = sys_fsconfig(l->sys, fs, FSCONFIG_SET_STRING, "mode", "0755");
	if (r >= 0)
		r = sys_fsconfig(l->sys, fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r >= 0)
		r = sys_fsmount(l->sys, fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fs >= 0)
		(void)!sys_close(l->sys, fs);
	return r;
}

/* --- sources --- */

int secret_open(const struct sys *k, int dir, const char *path, struct err *e)
{
	struct statx st;
	/* Not to be blocked by a FIFO; and no link on the way, which whoever may exchange it would aim elsewhere. */
	int fd = sys_open_exact(k, dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), r = fd;

	if (r >= 0)
		r = sys_statx(k, fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE, &st);
	if (r < 0)
		err_set(e, ERR_HOST, r, r == -ELOOP ? "no symbolic link on the way: name the real place" : NULL, "cannot open '%s'", path);
	else if (!S_ISREG(st.stx_mode))
		r = err_set(e, ERR_HOST, 0, NULL, "'%s' is no regular file", path);
	else if (st.stx_mode & S_IRWXO)
		r = err_set(e, ERR_HOST, 0, "chmod o-rwx; and whoever read it meanwhile knows it: choose another",
			    "'%s' is open to everybody", path);
	if (r < 0 && fd >= 0)
		(void)!sys_close(k, fd);
	return r < 0 ? -1 : fd;
}

/* The service manager put it there for this unit alone: systemd.exec(5), LoadCredential=. */
static int open_credential(struct launch *l, const struct secret_policy *s, struct err *e)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY"), *name = *s->credential ? s->credential : s->name;
	int at, fd;

	if (!dir || *dir != '/')
		return err_set(e, ERR_HOST, 0, "LoadCredential= in the unit, or another source", "there is no $CREDENTIALS_DIRECTORY");
	at = sys_open_exact(l->sys, AT_FDCWD, dir, O_PATH | O_DIRECTORY);
	if (at < 0)
		return err_set(e, ERR_HOST, at, NULL, "cannot open $CREDENTIALS_DIRECTORY");
	fd = secret_open(l->sys, at, name, e);
	(void)!sys_close(l->sys, at);
	return fd;
}

/* Whoever starts us opened it: a copy, which is ours to close. */
static int open_given(const struct secret_policy *s, struct err *e)
{
	int fd = fcntl((int)s->fd, F_DUPFD_CLOEXEC, 3);

	return fd < 0 ? err_set(e, ERR_HOST, errno, "for example: 5</root/password", "descriptor %d is not open", (int)s->fd) : fd;
}

static void be_command(struct launch *l, const struct secret_policy *s, int out)
{
	const char *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	int none = sys_open(l->sys, AT_FDCWD, "/dev/null", O_RDWR);

	/* A group of its own, so that nothing that it started outlives it. */
	if (none >= 0 && dup2(none, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && sys_setsid(l->sys) >= 0 &&
	    sys_unblock_signals(l->sys) >= 0 && sys_close_range(l->sys, 3, ~0U, 0) >= 0)
		(void)!sys_execve(l->sys, s->command.v[0], s->command.v, env);
	for (;;)
		(void)sys_exit(l->sys, 127);
}

/* Where its output comes from, and its pidfd; -1 and *e. */
static int start_command(struct launch *l, const struct secret_policy *s, int *pidfd, struct err *e)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD };
	int ends[2] = { -1, -1 }, r = sys_pipe(l->sys, ends);

	if (r >= 0)
		r = sys_clone3(l->sys, &args, sizeof(args));
	if (r == 0)
		be_command(l, s, ends[1]);
	if (ends[1] >= 0)
		(void)!sys_close(l->sys, ends[1]);
	if (r >= 0)
		return ends[0];
	if (ends[0] >= 0)
		(void)!sys_close(l->sys, ends[0]);
	return err_set(e, ERR_HOST, r, NULL, "cannot start '%s'", s->command.v[0]);
}

/* How it ended is a better reason than what that did to its output. */
static int end_command(struct launch *l, const struct secret_policy *s, int pidfd, struct err *e)
{
	siginfo_t info = { 0 };
	/* It has closed its output, or wrote what nobody wants: a moment to end by itself. */
	bool late = sys_poll(l->sys, pidfd, POLLIN, e->kind == ERR_NONE ? COMMAND_SECONDS * 1000 : 1000) <= 0;

	if (late)
		(void)!sys_pidfd_send_signal(l->sys, pidfd, SIGKILL);
	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
		;
	(void)!sys_close(l->sys, pidfd);
	if (info.si_pid > 0)
		(void)kill(-info.si_pid, SIGKILL);
	if (late && e->kind != ERR_NONE)
		return -1;
	if (info.si_code != CLD_EXITED)
		return err_set(e, ERR_HOST, late ? ETIMEDOUT : 0, NULL, "'%s' was killed by signal %d", s->command.v[0], info.si_status);
	if (info.si_status)
		return err_set(e, ERR_HOST, 0, info.si_status == 127 ? "it is run by its absolute path" : NULL,
			       "'%s' ended with %d", s->command.v[0], info.si_status);
	return e->kind == ERR_NONE ? 0 : -1;
}

/* --- copying --- */

/* The kernel copies: from a file by sendfile(2), from a pipe by splice(2). */
static ssize_t copy_some(const struct sys *k, int from, int to, size_t max)
{
	ssize_t n = sys_poll(k, from, POLLIN, COMMAND_SECONDS * 1000);

	if (n == 0)
		return -ETIMEDOUT;
	if (n > 0)
		n = sys_sendfile(k, to, from, max);
	return n == -EINVAL ? sys_splice(k, from, to, max) : n;
}

static int secret_copy(const struct sys *k, int from, int to, struct err *e)
{
	struct timespec start, now;
	size_t total = 0;
	ssize_t n;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		n = copy_some(k, from, to, SECRET_MAX + 1 - total);
		total += n > 0 ? (size_t)n : 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec > COMMAND_SECONDS)
			n = -ETIMEDOUT;
	} while ((n > 0 && total <= SECRET_MAX) || n == -EINTR);
	if (n < 0)
		return err_set(e, ERR_HOST, (int)n, n == -EINVAL ? "it must be a file or a pipe" : NULL, "cannot copy the secret");
	if (total == 0 || total > SECRET_MAX)
		return err_set(e, ERR_HOST, 0, NULL, total ? "the secret is larger than a megabyte" : "the secret is empty");
	return 0;
}

int secret_put(const struct sys *k, int dir, const char *name, const struct secret_owner *o, int from, struct err *e)
{
	char temporary[SECRET_NAME_MAX + 8];
	int fd, r;

	snprintf(temporary, sizeof(temporary), ".new.%s", name);
	r = sys_unlink(k, dir, temporary, 0);
	fd = r = r < 0 && r != -ENOENT ? r : sys_create(k, dir, temporary, O_WRONLY, o->mode);
	if (r >= 0)
		r = sys_fchown(k, fd, o->uid, o->gid);
	if (r < 0)
		err_set(e, ERR_HOST, r, NULL, "cannot write to /run/secrets");
	else
		r = secret_copy(k, from, fd, e);
	if (fd >= 0)
		(void)!sys_close(k, fd);
	if (r >= 0) {	/* in one step: who reads it has the old one or the new one, whole */
		r = sys_rename(k, dir, temporary, name);
		if (r < 0)
			err_set(e, ERR_HOST, r, NULL, "cannot write to /run/secrets");
	}
	if (r < 0)
		(void)!sys_unlink(k, dir, temporary, 0);
	return r < 0 ? -1 : 0;
}

/* --- the parent's row --- */

static int fill(struct launch *l, const struct secret_policy *s, struct err *e)
{
	const struct secret_owner owner = { l->plan->uid, l->plan->gid, (mode_t)s->mode };
	int from, pidfd = -1, r;

	switch ((enum secret_from)s->from) {
	case SECRET_FILE: from = secret_open(l->sys, AT_FDCWD, s->file, e); break;
	case SECRET_CREDENTIAL: from = open_credential(l, s, e); break;
	case SECRET_FD: from = open_given(s, e); break;
	default: from = start_command(l, s, &pidfd, e); break;
	}
	if (from < 0)
		return -1;
	r = secret_put(l->sys, l->secrets, s->name, &owner, from, e);
	(void)!sys_close(l->sys, from);
	if (pidfd >= 0)
		r = end_command(l, s, pidfd, e);
	return r;
}

static int attach_and_clone(struct launch *l)
{
	const struct mount_attr private = { .propagation = MS_PRIVATE };
	int at = sys_open(l->sys, AT_FDCWD, "/", O_PATH | O_DIRECTORY), r = at;

	if (r >= 0)
		r = sys_mount_setattr(l->sys, at, AT_RECURSIVE, &private);
	if (r >= 0)
		r = sys_move_mount(l->sys, l->secrets, AT_FDCWD, "/proc");
	if (r >= 0)
		r = sys_open_tree(l->sys, l->secrets, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	return r;
}

/* Before 6.15 only what is attached can be cloned: so it is, for a moment, in a mount namespace that nobody else sees. setns(2)
 * takes the working directory along, so that is held. */
static int make_view(struct launch *l)
{
	int home = sys_open(l->sys, AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY), cwd = sys_open(l->sys, AT_FDCWD, ".", O_PATH | O_DIRECTORY);
	int r = home < 0 ? home : cwd < 0 ? cwd : sys_unshare(l->sys, CLONE_NEWNS), view = -1, back;

	if (r >= 0) {
		r = view = attach_and_clone(l);
		back = sys_setns(l->sys, home, CLONE_NEWNS);
		if (back >= 0)
			back = sys_fchdir(l->sys, cwd);
		r = back < 0 ? back : r;
	}
	if (r < 0 && view >= 0)
		(void)!sys_close(l->sys, view);
	if (home >= 0)
		(void)!sys_close(l->sys, home);
	if (cwd >= 0)
		(void)!sys_close(l->sys, cwd);
	return r < 0 ? r : view;
}

int secrets_open(struct launch *l, struct err *e)
{
	if (l->plan->n_secrets == 0)
		return 0;
	l->secrets = new_ramfs(l);
	if (l->secrets < 0)
		return err_set(e, ERR_HOST, l->secrets, NULL, "cannot make the file system for /run/secrets");
	for (size_t i = 0; i < l->plan->n_secrets; i++)
		if (fill(l, &l->plan->secrets[i], e) < 0)
			return err_at(e, "/secrets/%zu", i);
	l->secrets_view = make_view(l);
	if (l->secrets_view >= 0)
		return 0;
	return err_set(e, ERR_HOST, l->secrets_view, l->secrets_view == -EPERM ? "a unit's CapabilityBoundingSet= needs CAP_SYS_CHROOT for it" : NULL,
		       "cannot make the view of /run/secrets");
}
