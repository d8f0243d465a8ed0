/* sys.h - the gate: every call by which a launch changes the kernel's state, and the
 * calls that read that state back.
 *
 * One sys_ function is one kernel call. All of them pass through one function pointer,
 * struct sys, as a number and six words. That is what makes the launch testable and
 * showable: the real gate is syscall(2); the tests put a model of the kernel behind it
 * and let the n-th call fail, or lie; `casemate plan` prints the calls and makes none.
 * Nothing but sys.c may call the kernel for these (tests/check-layers.sh looks at the
 * object files), and nothing here goes through libc's wrappers, which may cache or add.
 *
 * All return a value >= 0, or -errno; errno itself is never consulted. */
#pragma once

#include "err.h"
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>

struct sys {
	long (*call)(void *ctx, long nr, const unsigned long arg[6]);
	void *ctx;
};

extern const struct sys sys_kernel;	/* the real one */

/* The gate itself: for the wrappers below and for nobody else. */
long sys_call6(const struct sys *, long nr, unsigned long a, unsigned long b,
	       unsigned long c, unsigned long d, unsigned long e, unsigned long f);

/* --- files: descriptors are close-on-exec from birth --- */
must_check int sys_open(const struct sys *, int dir, const char *path, int flags);	/* constant paths only */
/* Anything named by a policy or an image: in_root keeps ".." and absolute links below dir. */
must_check int sys_open_beneath(const struct sys *, int dir, const char *path, int flags, bool in_root);
/* A place inside a container's tree (AT_FDCWD: the host's), with no symbolic link anywhere on the way. */
must_check int sys_open_exact(const struct sys *, int root, const char *path, int flags);
must_check int sys_create(const struct sys *, int dir, const char *name, int flags, mode_t mode);
must_check int sys_mkdir(const struct sys *, int dir, const char *name, mode_t mode);
must_check int sys_symlink(const struct sys *, const char *target, int dir, const char *name);
must_check int sys_rename(const struct sys *, int dir, const char *from, const char *to);
must_check int sys_dup2(const struct sys *, int from, int to);	/* for the next program: not close-on-exec */
must_check int sys_memfd_create(const struct sys *, const char *name);
must_check int sys_lseek(const struct sys *, int fd, long at);
must_check int sys_pipe(const struct sys *, int ends[2]);
/* From a file, from a pipe: at most so many bytes, at and behind the offsets of both. */
must_check ssize_t sys_sendfile(const struct sys *, int to, int from, size_t len);
must_check ssize_t sys_splice(const struct sys *, int from, int to, size_t len);
must_check int sys_truncate(const struct sys *, int fd, uint64_t len);
must_check int sys_datasync(const struct sys *, int fd);
must_check int sys_unlink(const struct sys *, int dir, const char *name, int flags);
must_check int sys_write(const struct sys *, int fd, const void *buf, size_t len);	/* short write: -EIO */
must_check ssize_t sys_write_some(const struct sys *, int fd, const void *buf, size_t len);	/* how much of it */
must_check ssize_t sys_read(const struct sys *, int fd, void *buf, size_t len);
must_check int sys_close(const struct sys *, int fd);
must_check int sys_close_range(const struct sys *, unsigned first, unsigned last, unsigned flags);
must_check int sys_fchdir(const struct sys *, int fd);
must_check int sys_chdir(const struct sys *, const char *path);
must_check int sys_chroot(const struct sys *, const char *path);
must_check int sys_getcwd(const struct sys *, char *buf, size_t len);
must_check int sys_fchown(const struct sys *, int fd, uid_t uid, gid_t gid);
must_check int sys_fchmod(const struct sys *, int fd, mode_t mode);
must_check int sys_chown_at(const struct sys *, int dir, const char *name, uid_t uid, gid_t gid);	/* a link itself, too */
must_check int sys_mknod(const struct sys *, int dir, const char *name, mode_t mode, unsigned major, unsigned minor);
must_check int sys_readlink(const struct sys *, int dir, const char *name, char *buf, size_t size);	/* NUL-terminated; -ENAMETOOLONG */
must_check int sys_statx(const struct sys *, int fd, const char *path, int flags, unsigned mask, struct statx *);
must_check int sys_getdents(const struct sys *, int fd, void *buf, size_t len);
must_check int sys_fstatfs(const struct sys *, int fd, struct statfs *);
must_check ssize_t sys_fgetxattr(const struct sys *, int fd, const char *name, void *buf, size_t len);
/* Waits for one descriptor; fd -1 only waits. > 0: something happened, 0: the time is up. */
must_check int sys_poll(const struct sys *, int fd, short events, int timeout_ms);
/* A whole small file, NUL-terminated (open, read until the end, close); -EFBIG when it does not fit. */
must_check ssize_t sys_read_file(const struct sys *, int dir, const char *path, char *buf, size_t size);
must_check int sys_write_file(const struct sys *, int dir, const char *path, const char *text);

/* --- mounts: the new API only (kernel 5.12) --- */
must_check int sys_fsopen(const struct sys *, const char *type);
must_check int sys_fsconfig(const struct sys *, int fs, unsigned cmd, const char *key, const char *value);
must_check int sys_fsmount(const struct sys *, int fs, unsigned attrs);
must_check int sys_fspick(const struct sys *, int at);	/* the file system at a held place, to be changed */
must_check int sys_open_tree(const struct sys *, int dir, const char *path, unsigned flags);
must_check int sys_move_mount(const struct sys *, int from, int to, const char *path);
must_check int sys_mount_setattr(const struct sys *, int fd, unsigned flags, const struct mount_attr *);
must_check int sys_pivot_root(const struct sys *);	/* (".", ".") */
must_check int sys_umount(const struct sys *, const char *path, int flags);

/* --- processes and namespaces --- */
must_check int sys_clone3(const struct sys *, struct clone_args *, size_t size);
must_check int sys_unshare(const struct sys *, unsigned long flags);
must_check int sys_setns(const struct sys *, int fd, int type);
must_check int sys_prctl(const struct sys *, int op, unsigned long a, unsigned long b, unsigned long c);
must_check int sys_setsid(const struct sys *);
/* SCHED_OTHER with a nice value of 0, or of the caller's where that is higher: only that needs no right. */
must_check int sys_sched_reset(const struct sys *);
/* struct sched_attr of sched_setattr(2), its first version. */
struct sys_sched { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; };
/* Of any process; pid 0: our own. */
must_check int sys_sched_set(const struct sys *, pid_t pid, const struct sys_sched *);
must_check int sys_sched_get(const struct sys *, pid_t pid, struct sys_sched *);
must_check int sys_ioprio_set(const struct sys *, pid_t pid, int value);
must_check int sys_ioprio_get(const struct sys *, pid_t pid);
must_check int sys_setaffinity(const struct sys *, pid_t pid, size_t size, const void *mask);
must_check int sys_getaffinity(const struct sys *, pid_t pid, size_t size, void *mask);	/* the bytes that the kernel filled */
#define QUERY_PERSONALITY 0xffffffffUL
must_check int sys_personality(const struct sys *, unsigned long persona);
must_check int sys_keyctl_join(const struct sys *);	/* a new anonymous session keyring */
must_check int sys_sethostname(const struct sys *, const char *name);
must_check int sys_setdomainname(const struct sys *, const char *name);	/* of NIS */
must_check int sys_getdomainname(const struct sys *, char *buf, size_t len);
must_check int sys_gethostname(const struct sys *, char *buf, size_t len);	/* uname(2) */
must_check int sys_umask(const struct sys *, mode_t mask);
must_check int sys_prlimit(const struct sys *, int resource, const uint64_t set[2], uint64_t old[2]);
must_check int sys_pidfd_open(const struct sys *, pid_t pid);
must_check int sys_pidfd_send_signal(const struct sys *, int pidfd, int sig);
must_check int sys_pidfd_getfd(const struct sys *, int pidfd, int fd);	/* a copy, close-on-exec */
must_check int sys_ptrace(const struct sys *, long request, pid_t pid, unsigned long addr, unsigned long data);
must_check int sys_execve(const struct sys *, const char *path, const char *const argv[], const char *const envp[]);
int sys_exit(const struct sys *, int code);

must_check int sys_block_signals(const struct sys *);	/* all that can be blocked */
must_check int sys_unblock_signals(const struct sys *);	/* all of them */
must_check int sys_default_signal(const struct sys *, int sig);	/* SIG_DFL; libc refuses the two it keeps for itself */

/* --- ids and capabilities --- */
must_check int sys_setgroups(const struct sys *, size_t n, const gid_t *groups);
must_check int sys_getgroups(const struct sys *, size_t n, gid_t *groups);
must_check int sys_setresgid(const struct sys *, gid_t);
must_check int sys_setresuid(const struct sys *, uid_t);
must_check int sys_capset(const struct sys *, uint64_t effective, uint64_t permitted, uint64_t inheritable);

/* --- filters --- */
must_check int sys_seccomp_load(const struct sys *, const struct sock_fprog *, unsigned flags);
must_check int sys_landlock_create(const struct sys *, const void *attr, size_t size, unsigned flags);
must_check int sys_landlock_add(const struct sys *, int ruleset, int type, const void *attr);
must_check int sys_landlock_restrict(const struct sys *, int ruleset);
must_check int sys_bpf(const struct sys *, int cmd, void *attr, size_t size);

/* --- network, sockets --- */
must_check int sys_socketpair(const struct sys *, int type, int fds[2]);
must_check int sys_socket(const struct sys *, int domain, int type, int protocol);
must_check int sys_bind(const struct sys *, int fd, const void *address, size_t len);
must_check int sys_listen(const struct sys *, int fd, int backlog);
must_check int sys_accept(const struct sys *, int fd);	/* whoever it is */
must_check int sys_getsockopt(const struct sys *, int fd, int option, int *value);	/* SOL_SOCKET */
must_check int sys_connect(const struct sys *, int fd, const void *address, size_t len);
must_check int sys_ioctl(const struct sys *, int fd, unsigned long request, void *arg);
must_check int sys_dup(const struct sys *, int fd, int to);	/* without close-on-exec: for 0 to 2 */
/* Text and one descriptor with it (SCM_RIGHTS). */
must_check int sys_send_fd(const struct sys *, int socket, const char *text, size_t len, int fd);
/* The descriptor that comes with the next message, close-on-exec; its text is thrown away. -ENOMSG: none came. */
must_check int sys_recv_fd(const struct sys *, int socket);
must_check int sys_send(const struct sys *, int fd, const void *buf, size_t len);	/* MSG_NOSIGNAL */
must_check ssize_t sys_recv(const struct sys *, int fd, void *buf, size_t len, int flags);
/* Also the sender's pid as seen from here; the socket needs SO_PASSCRED (unix(7)). */
must_check ssize_t sys_recv_pid(const struct sys *, int fd, void *buf, size_t len, pid_t *pid);
/* One message with what came along; its descriptors are ours, close-on-exec. MSG_DONTWAIT. */
struct msghdr;
must_check ssize_t sys_recv_all(const struct sys *, int fd, struct msghdr *);
must_check int sys_sendmsg(const struct sys *, int fd, const struct msghdr *);	/* MSG_NOSIGNAL | MSG_DONTWAIT */
struct ucred;
must_check int sys_peer(const struct sys *, int fd, struct ucred *);	/* who connected: SO_PEERCRED, unix(7) */
must_check int sys_pass_credentials(const struct sys *, int fd);

/* The name of a call and how to print its arguments, for `casemate plan`. */
struct sys_row {
	long nr;
	const char *name;
	/* One letter per argument: d descriptor, i int, u unsigned, x hexadecimal, o octal, s string, p pointer,
	 * B bytes (their count follows), A struct mount_attr, C struct clone_args, H struct open_how. */
	const char *args;
};
const struct sys_row *sys_row(long nr);	/* NULL: a call the gate does not know */
