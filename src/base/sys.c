/* sys.c - the one file that calls the kernel for a launch; see sys.h.
 *
 * The wrappers hold no policy: they put arguments where the kernel wants them. Each
 * says no more than which call it is; what the calls mean is in their man pages. */
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static long kernel_call(void *ctx, long nr, const unsigned long a[6])
{
	long r;

	(void)ctx;
	r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	return r < 0 ? -errno : r;
}

const struct sys sys_kernel = { .call = kernel_call };

long sys_call6(const struct sys *k, long nr, unsigned long a, unsigned long b, unsigned long c,
	       unsigned long d, unsigned long e, unsigned long f)
{
	const unsigned long arg[6] = { a, b, c, d, e, f };

	return k->call(k->ctx, nr, arg);
}

/* A word for the kernel: a pointer or a number (sign-extended, as the ABI wants it). */
#define W(x) ((unsigned long)(x))
#define CALL(k, nr, ...) CALLN(k, nr, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALLN(k, nr, a, b, c, d, e, f, ...) sys_call6(k, nr, W(a), W(b), W(c), W(d), W(e), W(f))

/* --- files --- */

int sys_open(const struct sys *k, int dir, const char *path, int flags)
{
	return (int)CALL(k, SYS_openat, dir, path, flags | O_CLOEXEC);
}

static int open_how(const struct sys *k, int dir, const char *path, int flags, uint64_t resolve)
{
	const struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve | RESOLVE_NO_MAGICLINKS };

	return (int)CALL(k, SYS_openat2, dir, path, &how, sizeof(how));
}

int sys_open_beneath(const struct sys *k, int dir, const char *path, int flags, bool in_root)
{
	return open_how(k, dir, path, flags, in_root ? RESOLVE_IN_ROOT : 0);
}

int sys_open_exact(const struct sys *k, int root, const char *path, int flags)
{
	return open_how(k, root, path, flags, RESOLVE_NO_SYMLINKS | (root == AT_FDCWD ? 0 : RESOLVE_IN_ROOT));
}

int sys_create(const struct sys *k, int dir, const char *name, int flags, mode_t mode)
{
	return (int)CALL(k, SYS_openat, dir, name, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

int sys_mkdir(const struct sys *k, int dir, const char *name, mode_t mode)
{
	return (int)CALL(k, SYS_mkdirat, dir, name, mode);
}

int sys_symlink(const struct sys *k, const char *target, int dir, const char *name)
{
	return (int)CALL(k, SYS_symlinkat, target, dir, name);
}

int sys_rename(const struct sys *k, int dir, const char *from, const char *to)
{
	return (int)CALL(k, SYS_renameat2, dir, from, dir, to, 0);
}

int sys_dup2(const struct sys *k, int from, int to)
{
	return (int)CALL(k, SYS_dup3, from, to, 0);
}

int sys_memfd_create(const struct sys *k, const char *name)
{
	return (int)CALL(k, SYS_memfd_create, name, MFD_CLOEXEC);
}

int sys_lseek(const struct sys *k, int fd, long at)
{
	return (int)CALL(k, SYS_lseek, fd, at, SEEK_SET);
}

int sys_pipe(const struct sys *k, int ends[2])
{
	return (int)CALL(k, SYS_pipe2, ends, O_CLOEXEC);
}

ssize_t sys_splice(const struct sys *k, int from, int to, size_t len)
{
	return CALL(k, SYS_splice, from, NULL, to, NULL, len, 0);
}

int sys_truncate(const struct sys *k, int fd, uint64_t len)
{
	return (int)CALL(k, SYS_ftruncate, fd, len);
}

int sys_datasync(const struct sys *k, int fd)
{
	return (int)CALL(k, SYS_fdatasync, fd);
}

int sys_unlink(const struct sys *k, int dir, const char *name, int flags)
{
	return (int)CALL(k, SYS_unlinkat, dir, name, flags);
}

int sys_write(const struct sys *k, int fd, const void *buf, size_t len)
{
	long r = CALL(k, SYS_write, fd, buf, len);

	return r < 0 ? (int)r : (size_t)r == len ? 0 : -EIO;
}

ssize_t sys_write_some(const struct sys *k, int fd, const void *buf, size_t len)
{
	return CALL(k, SYS_write, fd, buf, len);
}

ssize_t sys_read(const struct sys *k, int fd, void *buf, size_t len)
{
	return CALL(k, SYS_read, fd, buf, len);
}

int sys_close(const struct sys *k, int fd)
{
	return (int)CALL(k, SYS_close, fd);
}

int sys_close_range(const struct sys *k, unsigned first, unsigned last, unsigned flags)
{
	return (int)CALL(k, SYS_close_range, first, last, flags);
}

int sys_fchdir(const struct sys *k, int fd)
{
	return (int)CALL(k, SYS_fchdir, fd);
}

int sys_chdir(const struct sys *k, const char *path)
{
	return (int)CALL(k, SYS_chdir, path);
}

int sys_chroot(const struct sys *k, const char *path)
{
	return (int)CALL(k, SYS_chroot, path);
}

int sys_getcwd(const struct sys *k, char *buf, size_t len)
{
	return (int)CALL(k, SYS_getcwd, buf, len);
}

int sys_fchown(const struct sys *k, int fd, uid_t uid, gid_t gid)
{
	return (int)CALL(k, SYS_fchown, fd, uid, gid);
}

int sys_fchmod(const struct sys *k, int fd, mode_t mode)
{
	return (int)CALL(k, SYS_fchmod, fd, mode);
}

int sys_chown_at(const struct sys *k, int dir, const char *name, uid_t uid, gid_t gid)
{
	return (int)CALL(k, SYS_fchownat, dir, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int sys_mknod(const struct sys *k, int dir, const char *name, mode_t mode, unsigned major, unsigned minor)
{
	/* The kernel's encoding of a device number (new_encode_dev()), not libc's. */
	return (int)CALL(k, SYS_mknodat, dir, name, mode, (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12);
}

int sys_readlink(const struct sys *k, int dir, const char *name, char *buf, size_t size)
{
	long r = CALL(k, SYS_readlinkat, dir, name, buf, size);

	if (r >= 0 && (size_t)r >= size)
		return -ENAMETOOLONG;
	if (r >= 0)
		buf[r] = '\0';
	return (int)r;
}

ssize_t sys_sendfile(const struct sys *k, int to, int from, size_t len)
{
	return CALL(k, SYS_sendfile, to, from, NULL, len);
}

int sys_statx(const struct sys *k, int fd, const char *path, int flags, unsigned mask, struct statx *st)
{
	return (int)CALL(k, SYS_statx, fd, path, flags, mask, st);
}

int sys_getdents(const struct sys *k, int fd, void *buf, size_t len)
{
	return (int)CALL(k, SYS_getdents64, fd, buf, len);
}

int sys_fstatfs(const struct sys *k, int fd, struct statfs *st)
{
	return (int)CALL(k, SYS_fstatfs, fd, st);
}

ssize_t sys_fgetxattr(const struct sys *k, int fd, const char *name, void *buf, size_t len)
{
	return CALL(k, SYS_fgetxattr, fd, name, buf, len);
}

int sys_poll(const struct sys *k, int fd, short events, int timeout_ms)
{
	struct pollfd one = { .fd = fd, .events = events };
	struct timespec left = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };

	return (int)CALL(k, SYS_ppoll, &one, 1, &left, NULL, 0);
}

ssize_t sys_read_file(const struct sys *k, int dir, const char *path, char *buf, size_t size)
{
	int fd = sys_open(k, dir, path, O_RDONLY | O_NOCTTY);
	size_t n = 0;
	ssize_t r = 1;

	if (fd < 0)
		return fd;
	while (n < size && (r = sys_read(k, fd, buf + n, size - n)) > 0)
		n += (size_t)r;
	(void)!sys_close(k, fd);
	if (r < 0)
		return r;
	if (n == size)
		return -EFBIG;
	buf[n] = '\0';
	return (ssize_t)n;
}

int sys_write_file(const struct sys *k, int dir, const char *path, const char *text)
{
	int fd = sys_open(k, dir, path, O_WRONLY | O_NOCTTY), r;

	if (fd < 0)
		return fd;
	r = sys_write(k, fd, text, strlen(text));
	(void)!sys_close(k, fd);
	return r;
}

/* --- mounts --- */

int sys_fsopen(const struct sys *k, const char *type)
{
	return (int)CALL(k, SYS_fsopen, type, FSOPEN_CLOEXEC);
}

int sys_fsconfig(const struct sys *k, int fs, unsigned cmd, const char *key, const char *value)
{
	return (int)CALL(k, SYS_fsconfig, fs, cmd, key, value, 0);
}

int sys_fsmount(const struct sys *k, int fs, unsigned attrs)
{
	return (int)CALL(k, SYS_fsmount, fs, FSMOUNT_CLOEXEC, attrs);
}

int sys_fspick(const struct sys *k, int at)
{
	return (int)CALL(k, SYS_fspick, at, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
}

int sys_open_tree(const struct sys *k, int dir, const char *path, unsigned flags)
{
	return (int)CALL(k, SYS_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC);
}

int sys_move_mount(const struct sys *k, int from, int to, const char *path)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (*path ? 0 : MOVE_MOUNT_T_EMPTY_PATH);

	return (int)CALL(k, SYS_move_mount, from, "", to, path, flags);
}

int sys_mount_setattr(const struct sys *k, int fd, unsigned flags, const struct mount_attr *attr)
{
	return (int)CALL(k, SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attr, sizeof(*attr));
}

int sys_pivot_root(const struct sys *k)
{
	return (int)CALL(k, SYS_pivot_root, ".", ".");
}

int sys_umount(const struct sys *k, const char *path, int flags)
{
	return (int)CALL(k, SYS_umount2, path, flags);
}

/* --- processes and namespaces --- */

int sys_clone3(const struct sys *k, struct clone_args *args, size_t size)
{
	return (int)CALL(k, SYS_clone3, args, size);
}

int sys_unshare(const struct sys *k, unsigned long flags)
{
	return (int)CALL(k, SYS_unshare, flags);
}

int sys_setns(const struct sys *k, int fd, int type)
{
	return (int)CALL(k, SYS_setns, fd, type);
}

int sys_prctl(const struct sys *k, int op, unsigned long a, unsigned long b, unsigned long c)
{
	return (int)CALL(k, SYS_prctl, op, a, b, c);
}

int sys_setsid(const struct sys *k)
{
	return (int)CALL(k, SYS_setsid, 0);
}

int sys_sched_reset(const struct sys *k)
{
	struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t deadline[3]; } attr = {
		.size = sizeof(attr), .policy = SCHED_OTHER,
	};
	long now = CALL(k, SYS_getpriority, PRIO_PROCESS, 0);	/* 20 - nice: getpriority(2), "C library/kernel differences" */

	if (now < 0)
		return (int)now;
	attr.nice = now < 20 ? 20 - (int)now : 0;
	return (int)CALL(k, SYS_sched_setattr, 0, &attr, 0);
}

int sys_sched_set(const struct sys *k, pid_t pid, const struct sys_sched *attr)
{
	return (int)CALL(k, SYS_sched_setattr, pid, attr, 0);
}

int sys_sched_get(const struct sys *k, pid_t pid, struct sys_sched *attr)
{
	return (int)CALL(k, SYS_sched_getattr, pid, attr, sizeof(*attr), 0);
}

enum { IOPRIO_WHO_PROCESS = 1 };	/* linux/ioprio.h, which came late */

int sys_ioprio_set(const struct sys *k, pid_t pid, int value)
{
	return (int)CALL(k, SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, value);
}

int sys_ioprio_get(const struct sys *k, pid_t pid)
{
	return (int)CALL(k, SYS_ioprio_get, IOPRIO_WHO_PROCESS, pid);
}

int sys_setaffinity(const struct sys *k, pid_t pid, size_t size, const void *mask)
{
	return (int)CALL(k, SYS_sched_setaffinity, pid, size, mask);
}

int sys_getaffinity(const struct sys *k, pid_t pid, size_t size, void *mask)
{
	return (int)CALL(k, SYS_sched_getaffinity, pid, size, mask);
}

int sys_personality(const struct sys *k, unsigned long persona)
{
	return (int)CALL(k, SYS_personality, persona);
}

int sys_keyctl_join(const struct sys *k)
{
	return (int)CALL(k, SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

int sys_sethostname(const struct sys *k, const char *name)
{
	return (int)CALL(k, SYS_sethostname, name, strlen(name));
}

int sys_setdomainname(const struct sys *k, const char *name)
{
	return (int)CALL(k, SYS_setdomainname, name, strlen(name));
}

int sys_getdomainname(const struct sys *k, char *buf, size_t len)
{
	struct utsname u = { 0 };
	int r = (int)CALL(k, SYS_uname, &u);

	snprintf(buf, len, "%s", u.domainname);
	return r;
}

int sys_gethostname(const struct sys *k, char *buf, size_t len)
{
	struct utsname u = { 0 };
	int r = (int)CALL(k, SYS_uname, &u);

	snprintf(buf, len, "%s", u.nodename);
	return r;
}

int sys_umask(const struct sys *k, mode_t mask)
{
	return (int)CALL(k, SYS_umask, mask);
}

int sys_prlimit(const struct sys *k, int resource, const uint64_t set[2], uint64_t old[2])
{
	return (int)CALL(k, SYS_prlimit64, 0, resource, set, old);
}

int sys_pidfd_open(const struct sys *k, pid_t pid)
{
	return (int)CALL(k, SYS_pidfd_open, pid, 0);	/* close-on-exec by itself */
}

int sys_pidfd_getfd(const struct sys *k, int pidfd, int fd)
{
	return (int)CALL(k, SYS_pidfd_getfd, pidfd, fd, 0);
}

int sys_ptrace(const struct sys *k, long request, pid_t pid, unsigned long addr, unsigned long data)
{
	return (int)CALL(k, SYS_ptrace, request, pid, addr, data);
}

int sys_pidfd_send_signal(const struct sys *k, int pidfd, int sig)
{
	return (int)CALL(k, SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

int sys_execve(const struct sys *k, const char *path, const char *const argv[], const char *const envp[])
{
	return (int)CALL(k, SYS_execve, path, argv, envp);
}

int sys_exit(const struct sys *k, int code)
{
	return (int)CALL(k, SYS_exit_group, code);
}

static int signal_mask(const struct sys *k, uint64_t set)
{
	return (int)CALL(k, SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, sizeof(set));
}

int sys_block_signals(const struct sys *k)
{
	return signal_mask(k, UINT64_MAX);
}

int sys_unblock_signals(const struct sys *k)
{
	return signal_mask(k, 0);
}

int sys_default_signal(const struct sys *k, int sig)
{
	const unsigned long action[4] = { (unsigned long)SIG_DFL };	/* the kernel's struct sigaction: no flags, no mask */

	return (int)CALL(k, SYS_rt_sigaction, sig, action, NULL, sizeof(uint64_t));
}

/* --- ids and capabilities --- */

int sys_setgroups(const struct sys *k, size_t n, const gid_t *groups)
{
	return (int)CALL(k, SYS_setgroups, n, groups);
}

int sys_getgroups(const struct sys *k, size_t n, gid_t *groups)
{
	return (int)CALL(k, SYS_getgroups, n, groups);
}

int sys_setresgid(const struct sys *k, gid_t gid)
{
	return (int)CALL(k, SYS_setresgid, gid, gid, gid);
}

int sys_setresuid(const struct sys *k, uid_t uid)
{
	return (int)CALL(k, SYS_setresuid, uid, uid, uid);
}

int sys_capset(const struct sys *k, uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};

	return (int)CALL(k, SYS_capset, &head, data);
}

/* --- filters --- */

int sys_seccomp_load(const struct sys *k, const struct sock_fprog *prog, unsigned flags)
{
	return (int)CALL(k, SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
}

int sys_landlock_create(const struct sys *k, const void *attr, size_t size, unsigned flags)
{
	return (int)CALL(k, SYS_landlock_create_ruleset, attr, size, flags);
}

int sys_landlock_add(const struct sys *k, int ruleset, int type, const void *attr)
{
	return (int)CALL(k, SYS_landlock_add_rule, ruleset, type, attr, 0);
}

int sys_landlock_restrict(const struct sys *k, int ruleset)
{
	return (int)CALL(k, SYS_landlock_restrict_self, ruleset, 0);
}

int sys_bpf(const struct sys *k, int cmd, void *attr, size_t size)
{
	return (int)CALL(k, SYS_bpf, cmd, attr, size);
}

/* --- network, sockets --- */

int sys_socketpair(const struct sys *k, int type, int fds[2])
{
	return (int)CALL(k, SYS_socketpair, AF_UNIX, type | SOCK_CLOEXEC, 0, fds);
}

int sys_socket(const struct sys *k, int domain, int type, int protocol)
{
	return (int)CALL(k, SYS_socket, domain, type | SOCK_CLOEXEC, protocol);
}

int sys_bind(const struct sys *k, int fd, const void *address, size_t len)
{
	return (int)CALL(k, SYS_bind, fd, address, len);
}

int sys_listen(const struct sys *k, int fd, int backlog)
{
	return (int)CALL(k, SYS_listen, fd, backlog);
}

int sys_accept(const struct sys *k, int fd)
{
	return (int)CALL(k, SYS_accept4, fd, NULL, NULL, SOCK_CLOEXEC);
}

int sys_getsockopt(const struct sys *k, int fd, int option, int *value)
{
	socklen_t len = sizeof(*value);

	return (int)CALL(k, SYS_getsockopt, fd, SOL_SOCKET, option, value, &len);
}

int sys_connect(const struct sys *k, int fd, const void *address, size_t len)
{
	return (int)CALL(k, SYS_connect, fd, address, len);
}

int sys_ioctl(const struct sys *k, int fd, unsigned long request, void *arg)
{
	return (int)CALL(k, SYS_ioctl, fd, request, arg);
}

int sys_dup(const struct sys *k, int fd, int to)
{
	return (int)CALL(k, SYS_dup3, fd, to, 0);
}

int sys_send_fd(const struct sys *k, int socket, const char *text, size_t len, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	long r;

	*head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	r = CALL(k, SYS_sendmsg, socket, &msg, MSG_NOSIGNAL);
	return r < 0 ? (int)r : (size_t)r == len ? 0 : -EIO;
}

int sys_recv_fd(const struct sys *k, int socket)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char text[256];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	long n = CALL(k, SYS_recvmsg, socket, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	int fd;

	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
		return n < 0 ? (int)n : -ENOMSG;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

int sys_send(const struct sys *k, int fd, const void *buf, size_t len)
{
	long r = CALL(k, SYS_sendto, fd, buf, len, MSG_NOSIGNAL, NULL, 0);

	return r < 0 ? (int)r : (size_t)r == len ? 0 : -EIO;
}

ssize_t sys_recv(const struct sys *k, int fd, void *buf, size_t len, int flags)
{
	return CALL(k, SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
}

ssize_t sys_recv_pid(const struct sys *k, int fd, void *buf, size_t len, pid_t *pid)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))] = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	long n = CALL(k, SYS_recvmsg, fd, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_CREDENTIALS) {
		struct ucred cred;

		memcpy(&cred, CMSG_DATA(head), sizeof(cred));
		*pid = cred.pid;
	}
	return n;
}

ssize_t sys_recv_all(const struct sys *k, int fd, struct msghdr *msg)
{
	return CALL(k, SYS_recvmsg, fd, msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
}

int sys_sendmsg(const struct sys *k, int fd, const struct msghdr *msg)
{
	return (int)CALL(k, SYS_sendmsg, fd, msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int sys_peer(const struct sys *k, int fd, struct ucred *who)
{
	socklen_t len = sizeof(*who);

	return (int)CALL(k, SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, who, &len);
}

int sys_pass_credentials(const struct sys *k, int fd)
{
	const int on = 1;

	return (int)CALL(k, SYS_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}
