/* kernel.c - see kernel.h. */
#include "kernel.h"
#include "../../src/launch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#define ALL_CAPS ((UINT64_C(1) << 41) - 1)
#define P(x) ((const char *)(x))

static void store(struct fake *f, const char *path, const char *text, size_t len)
{
	size_t i = 0;

	while (i < f->n_files && strcmp(f->file[i].path, path) != 0)
		i++;
	if (i == FAKE_FILES)
		return;
	f->n_files += i == f->n_files;
	snprintf(f->file[i].path, sizeof(f->file[i].path), "%s", path);
	snprintf(f->file[i].text, sizeof(f->file[i].text), "%.*s", (int)len, text);
}

void fake_reset(struct fake *f, enum mischief how, unsigned nth, int error)
{
	memset(f, 0, sizeof(*f));
	f->how = how;
	f->nth = nth;
	f->error = error;
	f->uid = f->gid = 0;
	f->old_groups = true;
	f->cap[1] = f->cap[2] = f->cap[3] = ALL_CAPS;
	f->dumpable = 1;
	f->personality = true;
	store(f, "/proc/self/oom_score_adj", "-500\n", 5);
	f->umask = 022;
	for (size_t i = 0; i < COUNT(f->rlimit); i++)
		f->rlimit[i] = UINT64_MAX;
	snprintf(f->hostname, sizeof(f->hostname), "host");
	f->next_fd = 1;
	f->fd[0] = (struct fake_fd){ .open = true, .kind = FD_OTHER, .path = "left open by the caller", .tree = -1 };
}

/* --- descriptors --- */

static struct fake_fd *get(struct fake *f, unsigned long fd)
{
	int i = (int)fd - FAKE_FIRST;

	return i >= 0 && i < FAKE_FDS && f->fd[i].open ? &f->fd[i] : NULL;
}

static long new_fd(struct fake *f, struct fake_fd fd)
{
	if (f->next_fd == FAKE_FDS)
		return -EMFILE;
	f->fd[f->next_fd] = fd;
	f->fd[f->next_fd].open = true;
	return FAKE_FIRST + f->next_fd++;	/* numbers are not used again: a mount is known by its tree's */
}

static void join(char *to, size_t size, const char *dir, const char *name)
{
	while (*name == '/')
		name++;
	snprintf(to, size, "%s%s%s", strcmp(dir, "/") == 0 ? "" : dir, *name ? "/" : "", name);
	if (!*to)
		snprintf(to, size, "/");
}

/* --- what the child sees in its /proc --- */

static bool own_proc(const char *path)
{
	return strncmp(path, "@proc/", 6) == 0;
}

/* The part behind .../self/ or /proc/PID/, or NULL. */
static const char *process_file(const char *path)
{
	static const char *const dirs[] = { "@proc/self/", "/proc/self/", "/proc/4242/", "/proc/4243/", "@proc/thread-self/" };

	for (size_t i = 0; i < COUNT(dirs); i++)
		if (strncmp(path, dirs[i], strlen(dirs[i])) == 0)
			return path + strlen(dirs[i]);
	return NULL;
}

static size_t status_text(const struct fake *f, const char *path, char *to, size_t size)
{
	bool init = strncmp(path, "/proc/4242/", 11) == 0;

	return (size_t)snprintf(to, size, "Name:\tx\nPid:\t2\nUmask:\t%04o\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nGroups:\t%s\n"
		"SigBlk:\t%s\nSigIgn:\t0000000000000000\n"
		"CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\nCapBnd:\t%016llx\nCapAmb:\t%016llx\n"
		"NoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t%d\n",
		f->umask, f->uid, f->uid, f->uid, f->uid, f->gid, f->gid, f->gid, f->gid, f->old_groups ? "0 4 24 " : "",
		f->signals_open ? "0000000000000000" : "fffffffe7ffbfeff",
		(unsigned long long)f->cap[0], (unsigned long long)f->cap[1], (unsigned long long)f->cap[2],
		(unsigned long long)f->cap[3], (unsigned long long)f->cap[4], f->nnp,
		(init ? f->init_filtered : f->filtered) ? 2 : 0, (init ? f->init_filtered : f->filtered) ? 1 : 0);
}

/* In mountinfo. */
static size_t mount_number(size_t i)
{
	return 30 + i;
}

static size_t mount_text(const struct fake *f, char *to, size_t size)
{
	size_t n = 0;

	if (!f->pivoted || !f->detached)
		n += (size_t)snprintf(to + n, size - n, "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/host rw\n");
	for (size_t i = 0; i < f->n_mounts; i++) {
		const struct fake_fd *t = &f->fd[f->mount[i].tree];
		const char *target = f->mount[i].target;

		if (target[0] == '!')
			continue;	/* staged on the host's tree, which is gone after the pivot */
		n += (size_t)snprintf(to + n, size - n, "%zu 1 0:%zu / %s %s%s%s%s,relatime %s- %s none rw\n", mount_number(i), i, target,
				      t->attrs & MOUNT_ATTR_RDONLY ? "ro" : "rw", t->attrs & MOUNT_ATTR_NOSUID ? ",nosuid" : "",
				      t->attrs & MOUNT_ATTR_NODEV ? ",nodev" : "", t->attrs & MOUNT_ATTR_NOEXEC ? ",noexec" : "",
				      t->private ? "" : "shared:2 ", t->type);
	}
	return n;
}

static size_t limits_text(const struct fake *f, char *to, size_t size)
{
	static const struct { const char *label; int resource; } rows[] = {
		{ "Max cpu time", 0 }, { "Max file size", 1 }, { "Max stack size", 3 }, { "Max core file size", 4 },
		{ "Max processes", 6 }, { "Max open files", 7 }, { "Max locked memory", 8 }, { "Max address space", 9 },
		{ "Max pending signals", 11 }, { "Max msgqueue size", 12 }, { "Max realtime priority", 14 },
	};
	size_t n = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char value[24] = "unlimited";

		if (f->rlimit[rows[i].resource] != UINT64_MAX)
			snprintf(value, sizeof(value), "%llu", (unsigned long long)f->rlimit[rows[i].resource]);
		n += (size_t)snprintf(to + n, size - n, "%-25s %-20s %-20s units\n", rows[i].label, value, value);
	}
	return n;
}

static const char *stored(const struct fake *f, const char *path)
{
	for (size_t i = 0; i < f->n_files; i++)
		if (strcmp(f->file[i].path, path) == 0)
			return f->file[i].text;
	return NULL;
}

static size_t content(const struct fake *f, const char *path, char *to, size_t size)
{
	const char *name = process_file(path), *text = stored(f, path);

	if (name && strcmp(name, "status") == 0)
		return status_text(f, path, to, size);
	if (name && strcmp(name, "mountinfo") == 0)
		return mount_text(f, to, size);
	if (name && strcmp(name, "limits") == 0)
		return limits_text(f, to, size);
	if (name && strcmp(name, "stat") == 0)
		return (size_t)snprintf(to, size, "2 (x y) R 1 1 %d 0 0 0 0 0 0 0 0 0 0 0 0 %d 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %d %d 0\n",
					f->own_session ? 1 : 77, f->scheduling ? 0 : -5, f->scheduling ? 0 : 10, f->scheduling ? 0 : 1);
	if (name && strcmp(name, "oom_score_adj") == 0)
		text = stored(f, "/proc/self/oom_score_adj");
	if (name && strcmp(name, "attr/apparmor/current") == 0) {
		text = stored(f, "@proc/self/attr/apparmor/exec");
		return (size_t)snprintf(to, size, "%s", f->child || !text ? "unconfined\n" : text);
	}
	return (size_t)snprintf(to, size, "%s", text ? text : "");
}

/* --- calls that look --- */

static bool exists(const struct fake *f, const char *path)
{
	const char *name = process_file(path);

	if (name && strncmp(name, "root/", 5) == 0)	/* every mask has something to mask */
		return true;
	return stored(f, path) || name || !own_proc(path) || strcmp(path, "@proc/self") == 0 || strncmp(path, "@proc/sys", 9) == 0 ||
	       strcmp(path, "@proc/kcore") == 0;
}

static long look_open(struct fake *f, long nr, const unsigned long a[6])
{
	uint64_t flags = nr == SYS_openat2 ? ((const struct open_how *)a[2])->flags : a[2];
	struct fake_fd *dir = get(f, a[0]), made = { .kind = FD_PLACE, .tree = -1 };

	if (dir) {
		made.tree = dir->kind == FD_TREE ? (int)(dir - f->fd) : dir->tree;
		join(made.path, sizeof(made.path), dir->kind == FD_TREE && strcmp(dir->type, "proc") != 0 ? "" : dir->path, P(a[1]));
	} else {
		snprintf(made.path, sizeof(made.path), "%s", P(a[1]));
	}
	if (strstr(made.path, "timerslack_ns") && f->restricted)
		return -EACCES;
	if (!exists(f, made.path) && !(flags & O_CREAT))
		return -ENOENT;
	return new_fd(f, made);
}

static long look_read(struct fake *f, const unsigned long a[6])
{
	struct fake_fd *fd = get(f, a[0]);
	char text[64 * 1024];
	size_t n;

	if (!fd)
		return -EBADF;
	if (fd->attrs)		/* read before: at its end */
		return 0;
	fd->attrs = 1;
	n = content(f, fd->path, text, sizeof(text));
	if (n > a[2])
		n = a[2];
	memcpy((void *)a[1], text, n);
	return (long)n;
}

static const struct { const char *name; uint64_t flag; } spaces[] = {
	{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS }, { "pid", CLONE_NEWPID }, { "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS }, { "net", CLONE_NEWNET }, { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};

static long look_statx(struct fake *f, const unsigned long a[6])
{
	struct statx *st = (struct statx *)a[4];
	struct fake_fd *dir = get(f, a[0]);
	char path[256];

	*st = (struct statx){ .stx_mode = a[0] < 3 ? S_IFCHR | 0600 : S_IFDIR | 0755 };
	join(path, sizeof(path), dir ? dir->path : "", P(a[1]));
	for (size_t i = 0; dir && a[3] & STATX_MNT_ID && i < f->n_mounts; i++)
		if (f->mount[i].tree == (int)(dir - f->fd))
			st->stx_mnt_id = mount_number(i);
	/* By its name, nobody's but the container's own. */
	if (f->child && strcmp(path, "/dev/null") == 0 && a[2] == AT_SYMLINK_NOFOLLOW && !f->node)
		return -ENOENT;
	for (size_t i = 0; i < COUNT(spaces); i++)
		if (strncmp(P(a[1]), "ns/", 3) == 0 && strcmp(P(a[1]) + 3, spaces[i].name) == 0)
			st->stx_ino = 100 + i + (f->child && f->namespaces & spaces[i].flag ? 100 : 0);
	if (strncmp(path, "/dev/", 5) == 0) {
		static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
		static const unsigned rdev[][2] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 } };

		for (size_t i = 0; i < COUNT(nodes); i++)
			if (strcmp(path + 5, nodes[i]) == 0) {
				st->stx_rdev_major = rdev[i][0];
				st->stx_rdev_minor = rdev[i][1];
				st->stx_mode = S_IFCHR | 0666;
			}
	}
	if (strcmp(P(a[1]), strrchr(NOTIFY_PATH, '/') + 1) == 0 && f->bound)
		st->stx_mode = S_IFSOCK | 0777;
	if (strncmp(path, "/etc/", 5) == 0)
		st->stx_mode = S_IFREG | 0644;
	return 0;
}

struct entry { uint64_t ino, off; unsigned short len; unsigned char type; char name[13]; };	/* getdents64(2) */

static void put_entry(struct entry *to, const unsigned long a[6], size_t *n, const char *name)
{
	if ((*n + 1) * sizeof(*to) > a[2])
		return;
	to[*n] = (struct entry){ .len = sizeof(*to), .type = 4 };
	snprintf(to[(*n)++].name, sizeof(to->name), "%s", name);
}

/* One entry per open descriptor of "fd"; the image's root; every other directory is empty. */
static long look_dents(struct fake *f, const unsigned long a[6])
{
	static const char *const root[] = { "bin", "data", "dev", "etc", "proc", "sys", "tmp" };
	struct fake_fd *dir = get(f, a[0]);
	struct entry *to = (void *)a[1];
	char number[12];
	size_t n = 0;

	if (!dir || dir->attrs)
		return 0;
	dir->attrs = 1;
	for (size_t i = 0; i < COUNT(root) && strcmp(dir->path, "/.") == 0; i++)
		put_entry(to, a, &n, root[i]);
	for (int i = 0; i < FAKE_FDS && strstr(dir->path, "self/fd"); i++)
		if (f->fd[i].open) {
			snprintf(number, sizeof(number), "%d", i + FAKE_FIRST);
			put_entry(to, a, &n, number);
		}
	return (long)(n * sizeof(*to));
}

/* The report: the child runs when its parent has nothing else to do but listen. */
static long look_recvmsg(struct fake *f, const unsigned long a[6])
{
	struct msghdr *msg = (struct msghdr *)a[1];
	struct launch copy = *f->launch;
	struct fake_fd before[FAKE_FDS];
	struct err why = { 0 };

	if (!f->ran) {
		int tree[FAKE_MOUNTS * 2];

		/* fork(2): the child has its own descriptors. */
		memcpy(before, f->fd, sizeof(before));
		memcpy(tree, copy.tree, 2 * copy.plan->n_mounts * sizeof(int));
		copy.report[1] = (int)new_fd(f, (struct fake_fd){ .kind = FD_SOCKET, .tree = -1 });
		f->child = true;
		child_run(&copy, &why);
		if (why.step[0] && strcmp(why.step, "exec") != 0)
			(void)!sys_send(copy.sys, copy.report[1], &why, sizeof(why));
		memcpy(copy.tree, tree, 2 * copy.plan->n_mounts * sizeof(int));
		memcpy(f->fd, before, sizeof(before));
		f->child = false;
		f->ran = true;
	}
	if (f->n_heard == f->n_sent)
		return 0;
	memcpy(msg->msg_iov->iov_base, f->sent[f->n_heard].bytes, f->sent[f->n_heard].len);
	if (msg->msg_control) {
		struct cmsghdr *c = msg->msg_control;
		struct ucred who = { .pid = FAKE_WORKLOAD };

		*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(who)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS };
		memcpy(CMSG_DATA(c), &who, sizeof(who));
	}
	return (long)f->sent[f->n_heard++].len;
}

static long look_recv(struct fake *f, const unsigned long a[6])
{
	if (a[2] == sizeof(struct err)) {	/* PID 1 says that it is confined */
		memset((void *)a[1], 0, sizeof(struct err));
		f->init_filtered = true;
		return (long)a[2];
	}
	memcpy((void *)a[1], "g", 1);
	return 1;
}

/* --- calls that change something: -errno, or a value; `lie` leaves everything as it is --- */

static long move_mount(struct fake *f, const unsigned long a[6], bool lie)
{
	struct fake_fd *from = get(f, a[0]), *to = get(f, a[2]);
	char target[160];

	if (!from || from->kind != FD_TREE || f->n_mounts == FAKE_MOUNTS)
		return -EINVAL;
	if (!to) {		/* the host's tree: the root of the container, or the stage for its files */
		snprintf(target, sizeof(target), "%s", strcmp(P(a[3]), "/") == 0 ? "/" : "!staged");
	} else {
		const char *base = "";
		int tree = to->kind == FD_TREE ? (int)(to - f->fd) : to->tree;

		for (size_t i = 0; i < f->n_mounts; i++)
			if (f->mount[i].tree == tree)
				base = f->mount[i].target;
		join(target, sizeof(target), base, *P(a[3]) ? P(a[3]) : to->path);
	}
	if (lie)
		return 0;
	f->mount[f->n_mounts].tree = (int)(from - f->fd);
	snprintf(f->mount[f->n_mounts++].target, sizeof(target), "%s", target);
	return 0;
}

static bool attached(const struct fake *f, const struct fake_fd *tree)
{
	for (size_t i = 0; i < f->n_mounts; i++)
		if (f->mount[i].tree == (int)(tree - f->fd))
			return true;
	return false;
}

static long fs_calls(struct fake *f, long nr, const unsigned long a[6], bool lie)
{
	struct fake_fd *fd = get(f, a[0]), made = { .kind = FD_TREE, .tree = -1 };

	switch (nr) {
	case SYS_fsopen:
		made.kind = FD_FS;
		snprintf(made.type, sizeof(made.type), "%s", P(a[0]));
		return new_fd(f, made);
	case SYS_fsmount:
		snprintf(made.type, sizeof(made.type), "%s", fd ? fd->type : "");
		snprintf(made.path, sizeof(made.path), "%s", strcmp(made.type, "proc") == 0 ? "@proc" : "");
		made.attrs = lie ? 0 : a[2];
		made.private = true;
		return new_fd(f, made);
	case SYS_open_tree:
		if (fd && fd->kind == FD_TREE && !attached(f, fd))	/* since 6.15 this works too */
			return -EINVAL;
		snprintf(made.type, sizeof(made.type), "%s", fd && fd->kind == FD_TREE ? fd->type : "ext4");
		made.attrs = fd && fd->kind == FD_TREE ? fd->attrs : 0;
		made.private = fd && (fd->kind == FD_TREE || fd->tree >= 0);
		return new_fd(f, made);
	case SYS_mount_setattr:
		if (fd && !lie) {
			fd->attrs |= ((const struct mount_attr *)a[3])->attr_set;
			fd->private |= ((const struct mount_attr *)a[3])->propagation != 0;
		}
		return 0;
	case SYS_move_mount: return move_mount(f, a, lie);
	case SYS_pivot_root:	/* the new root must be attached: pivot_root(2), EINVAL */
		for (size_t i = 0; i < f->n_mounts; i++)
			if (strcmp(f->mount[i].target, "/") == 0) {
				f->pivoted |= !lie;
				return 0;
			}
		return -EINVAL;
	case SYS_umount2: f->detached |= !lie; return 0;
	default: return 0;
	}
}

static long do_prctl(struct fake *f, const unsigned long a[6], bool lie)
{
	switch (a[0]) {
	case PR_GET_PDEATHSIG: *(int *)a[1] = f->pdeathsig; return 0;
	case PR_GET_SECUREBITS: return f->securebits;
	case PR_GET_DUMPABLE: return f->dumpable;
	}
	if (lie)
		return 0;
	switch (a[0]) {
	case PR_SET_PDEATHSIG: f->pdeathsig = (int)a[1]; break;
	case PR_SET_SECUREBITS: f->securebits = (int)a[1]; break;
	case PR_SET_DUMPABLE: f->dumpable = (int)a[1]; break;
	case PR_SET_NO_NEW_PRIVS: f->nnp = true; break;
	case PR_CAPBSET_DROP: f->cap[3] &= ~(UINT64_C(1) << a[1]); break;
	case PR_CAP_AMBIENT: f->cap[4] |= UINT64_C(1) << a[2]; break;
	}
	return 0;
}

static long id_calls(struct fake *f, long nr, const unsigned long a[6], bool lie)
{
	const struct { uint32_t effective, permitted, inheritable; } *d = (const void *)a[1];

	switch (nr) {
	case SYS_setresuid:
	case SYS_setresgid:
		if (a[0] == 0 && f->child)
			return f->uid == 0 && nr == SYS_setresuid ? 0 : -EINVAL;	/* 0 is not mapped */
		if (lie)
			return 0;
		if (nr == SYS_setresgid) {
			f->gid = (uint32_t)a[0];
			return 0;
		}
		f->uid = (uint32_t)a[0];
		f->pdeathsig = 0;
		return 0;	/* nobody is root who has no id here: he keeps his capabilities (cap_emulate_setxuid()) */
	case SYS_setgroups: f->old_groups &= lie; return 0;
	case SYS_umask:
		if (!lie)
			f->umask = (unsigned)a[0];
		return 022;
	default:	/* capset */
		if (d[0].permitted & ~(uint32_t)f->cap[1])
			return -EPERM;
		if (!lie) {
			f->cap[0] = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
			f->cap[1] = d[0].permitted | (uint64_t)d[1].permitted << 32;
			f->cap[2] = d[0].effective | (uint64_t)d[1].effective << 32;
		}
		return 0;
	}
}

static long do_write(struct fake *f, const unsigned long a[6], bool lie)
{
	struct fake_fd *fd = get(f, a[0]);
	const char *text = P(a[1]);
	size_t len = a[2];

	if (fd && strstr(fd->path, "attr/apparmor/") && len > 5) {
		char label[96];

		if (strncmp(text, "perm", 4) == 0)
			return (long)len;
		snprintf(label, sizeof(label), "%.*s (enforce)", (int)len - 5, text + 5);
		if (!lie)
			store(f, fd->path, label, strlen(label));
		fd->attrs = 0;
		return (long)len;
	}
	if (fd && !lie)
		store(f, fd->path, text, len);
	if (fd && strstr(fd->path, "uid_map"))
		f->mapped |= !lie;
	return (long)len;
}

static long do_close_range(struct fake *f, const unsigned long a[6], bool lie)
{
	for (int i = 0; i < FAKE_FDS && !lie; i++)
		if ((unsigned long)(i + FAKE_FIRST) >= a[0] && (unsigned long)(i + FAKE_FIRST) <= a[1])
			f->fd[i].open = false;
	return 0;
}

static long process_calls(struct fake *f, long nr, const unsigned long a[6], bool lie)
{
	const struct clone_args *args;

	switch (nr) {
	case SYS_clone3:
		args = (const void *)a[0];
		if (f->child)
			return 0;	/* init_fork: we are the workload */
		f->namespaces = lie ? 0 : args->flags;
		*(int *)args->pidfd = (int)new_fd(f, (struct fake_fd){ .kind = FD_OTHER, .tree = -1 });
		return FAKE_CHILD;
	case SYS_unshare: return f->child ? -ENOSPC : 0;
	case SYS_sched_setattr: f->scheduling |= !lie; return 0;
	case SYS_personality: f->personality &= lie; return 0;
	case SYS_setsid: f->own_session |= !lie; return 1;
	case SYS_sethostname:
		if (!lie)
			snprintf(f->hostname, sizeof(f->hostname), "%.*s", (int)a[1], P(a[0]));
		return 0;
	case SYS_prlimit64:
		if (a[3])
			((uint64_t *)a[3])[0] = ((uint64_t *)a[3])[1] = f->rlimit[a[1]];
		if (a[2] && !lie)
			f->rlimit[a[1]] = ((const uint64_t *)a[2])[1];
		return 0;
	case SYS_rt_sigprocmask: f->signals_open = lie ? f->signals_open : f->child; return 0;
	case SYS_seccomp: f->filtered |= !lie; return 0;
	case SYS_landlock_restrict_self: f->restricted |= !lie; return 0;
	case SYS_pidfd_send_signal: f->killed = true; return 0;
	case SYS_close_range: return do_close_range(f, a, lie);
	default: return 0;
	}
}

static long socket_calls(struct fake *f, long nr, const unsigned long a[6], bool lie)
{
	switch (nr) {
	case SYS_socketpair:
		for (int i = 0; i < 2; i++)
			((int *)a[3])[i] = (int)new_fd(f, (struct fake_fd){ .kind = FD_SOCKET, .tree = -1 });
		return 0;
	case SYS_socket: return new_fd(f, (struct fake_fd){ .kind = FD_SOCKET, .tree = -1 });
	case SYS_bind: f->bound |= !lie; return 0;
	case SYS_ioctl:
		if (a[1] == SIOCSIFFLAGS)
			f->loopback |= !lie;
		else
			((struct ifreq *)a[2])->ifr_flags = f->loopback ? IFF_UP : 0;
		return 0;
	case SYS_sendto:
		if (f->child && !lie && f->n_sent < COUNT(f->sent) && a[2] <= sizeof(f->sent[0].bytes)) {
			memcpy(f->sent[f->n_sent].bytes, P(a[1]), a[2]);
			f->sent[f->n_sent++].len = a[2];
		}
		return (long)a[2];
	default: return 0;
	}
}

/* Calls that only look never misbehave: to lie about them is what verify cannot survive by definition. */
static bool looks(const struct fake *f, long nr, const unsigned long a[6])
{
	switch (nr) {
	case SYS_openat:
		return !(a[2] & O_CREAT);
	case SYS_ioctl: return a[1] == SIOCGIFFLAGS;
	case SYS_prctl: return a[0] == PR_GET_PDEATHSIG || a[0] == PR_GET_SECUREBITS || a[0] == PR_GET_DUMPABLE;
	case SYS_landlock_create_ruleset: return a[2] != 0;
	case SYS_prlimit64: return !a[2];
	case SYS_unshare: case SYS_setresuid: case SYS_setresgid:	/* tried by the child, and must fail */
		return f->child && (nr == SYS_unshare || a[0] == 0);
	case SYS_personality: return a[0] == QUERY_PERSONALITY;
	case SYS_getpriority: case SYS_uname: case SYS_openat2: case SYS_read: case SYS_statx: case SYS_getdents64: case SYS_recvmsg: case SYS_recvfrom: case SYS_keyctl:
	case SYS_getcwd: case SYS_fstatfs: case SYS_execve: case SYS_close: case SYS_fchdir: case SYS_chdir:
		return true;
	default: return false;
	}
}

static long look(struct fake *f, long nr, const unsigned long a[6])
{
	switch (nr) {
	case SYS_openat: case SYS_openat2: return look_open(f, nr, a);
	case SYS_read: return look_read(f, a);
	case SYS_statx: return look_statx(f, a);
	case SYS_getdents64: return look_dents(f, a);
	case SYS_recvmsg: return look_recvmsg(f, a);
	case SYS_recvfrom: return look_recv(f, a);
	case SYS_ioctl: return socket_calls(f, nr, a, false);
	case SYS_prctl: return do_prctl(f, a, false);
	case SYS_prlimit64: return process_calls(f, nr, a, false);
	case SYS_landlock_create_ruleset: return 7;
	case SYS_keyctl: f->own_keyring |= a[0] == 1; return f->child && f->own_keyring ? 222 : 111;
	case SYS_unshare: return process_calls(f, nr, a, false);
	case SYS_setresuid: case SYS_setresgid: return id_calls(f, nr, a, false);
	case SYS_uname: snprintf(((struct utsname *)a[0])->nodename, 65, "%.64s", f->hostname); return 0;
	case SYS_personality: return f->personality ? 0x40000 : 0;
	case SYS_getpriority: return 25;
	case SYS_getcwd: memcpy((void *)a[0], "/", 2); return 2;
	case SYS_fstatfs: ((struct statfs *)a[1])->f_type = PROC_SUPER_MAGIC; return 0;
	case SYS_execve:
		f->execed++;
		f->cap[1] = f->cap[2] = f->cap[4];	/* not root: what is ambient, capabilities(7) */
		return -ENOEXEC;
	case SYS_close:
		if (get(f, a[0]))
			get(f, a[0])->open = false;
		return 0;
	default: return 0;
	}
}

static long change(struct fake *f, long nr, const unsigned long a[6], bool lie)
{
	switch (nr) {
	case SYS_fsopen: case SYS_fsmount: case SYS_open_tree: case SYS_mount_setattr: case SYS_move_mount: case SYS_pivot_root:
	case SYS_umount2:
		return fs_calls(f, nr, a, lie);
	case SYS_prctl: return do_prctl(f, a, lie);
	case SYS_setresuid: case SYS_setresgid: case SYS_setgroups: case SYS_umask: case SYS_capset:
		return id_calls(f, nr, a, lie);
	case SYS_write: return do_write(f, a, lie);
	case SYS_openat: return look_open(f, nr, a);
	case SYS_mknodat: f->node |= !lie; return 0;
	case SYS_landlock_create_ruleset: return new_fd(f, (struct fake_fd){ .kind = FD_OTHER, .tree = -1 });
	case SYS_socketpair: case SYS_socket: case SYS_bind: case SYS_ioctl: case SYS_sendto:
		return socket_calls(f, nr, a, lie);
	default: return process_calls(f, nr, a, lie);
	}
}

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct fake *f = ctx;
	bool lie = false;

	if (looks(f, nr, a))
		return look(f, nr, a);
	if (++f->calls == f->nth) {
		f->after_exec = f->execed;
		snprintf(f->culprit, sizeof(f->culprit), "%s", sys_row(nr) ? sys_row(nr)->name : "?");
		if (f->how == FAIL)
			return -f->error;
		lie = f->how == LIE;
	}
	return change(f, nr, a, lie);
}

struct sys fake_gate(struct fake *f)
{
	return (struct sys){ .call = call, .ctx = f };
}

size_t fake_snapshot(const struct fake *f, char *to, size_t size)
{
	size_t n = status_text(f, "/proc/4243/status", to, size);

	n += mount_text(f, to + n, size - n);
	n += limits_text(f, to + n, size - n);
	for (size_t i = 0; i < f->n_files; i++)
		n += (size_t)snprintf(to + n, size - n, "%s=%s\n", f->file[i].path, f->file[i].text);
	return n + (size_t)snprintf(to + n, size - n, "%d %d %d %d %d %d %d %d %d %d %#llx %s %d\n", f->nnp, f->filtered,
				    f->restricted, f->own_session, f->own_keyring, f->signals_open, f->loopback, f->securebits,
				    f->pdeathsig, f->dumpable, (unsigned long long)f->namespaces, f->hostname, f->execed);
}
