/* cgroupfs.c - see cgroupfs.h. Paths of nodes are absolute; those of processes lie below the mount. */
#include "cgroupfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#define MOUNT "/sys/fs/cgroup"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct { const char *controller, *file, *text; } interface[] = {
	{ "memory", "memory.max", "max" }, { "memory", "memory.high", "max" }, { "memory", "memory.swap.max", "max" },
	{ "memory", "memory.oom.group", "0" }, { "memory", "memory.peak", "4096" }, { "memory", "memory.current", "0" },
	{ "memory", "memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0" },
	{ "cpu", "cpu.max", "max 100000" }, { "cpu", "cpu.weight", "100" },
	{ "pids", "pids.max", "max" }, { "pids", "pids.events", "max 0" },
	{ "cpuset", "cpuset.cpus", "" }, { "cpuset", "cpuset.cpus.effective", "" },
	{ "io", "io.max", "" },
};

struct cgroupfs_node *cgroupfs_find(struct cgroupfs *f, const char *path)
{
	for (size_t i = 0; i < f->n_nodes; i++)
		if (f->node[i].path[0] && strcmp(f->node[i].path, path) == 0)
			return &f->node[i];
	return NULL;
}

struct cgroupfs_node *cgroupfs_add(struct cgroupfs *f, const char *path, const char *text)
{
	struct cgroupfs_node *n = cgroupfs_find(f, path);

	if (!n && f->n_nodes == CGROUPFS_NODES)
		abort();
	n = n ? n : &f->node[f->n_nodes++];
	*n = (struct cgroupfs_node){ .dir = !text, .mode = text ? S_IFREG | 0644 : S_IFDIR | 0755 };
	snprintf(n->path, sizeof(n->path), "%s", path);
	snprintf(n->text, sizeof(n->text), "%s", text ? text : "");
	return n;
}

static const char *join(char out[192], const char *dir, const char *name)
{
	snprintf(out, 192, "%.120s/%.60s", strcmp(dir, "/") == 0 ? "" : dir, name);
	return out;
}

static bool has_word(const char *list, const char *word)
{
	char a[600], b[80];

	snprintf(a, sizeof(a), " %s ", list);
	snprintf(b, sizeof(b), " %s ", word);
	return strstr(a, b);
}

static bool in_cgroupfs(const char *path)
{
	return strncmp(path, MOUNT, strlen(MOUNT)) == 0;
}

static char *text_of(struct cgroupfs *f, const char *dir, const char *file)
{
	char path[192];
	struct cgroupfs_node *n = cgroupfs_find(f, join(path, dir, file));

	return n ? n->text : NULL;
}

static void add_controller(struct cgroupfs *f, const char *dir, const char *controller)
{
	char path[192], parent[192];
	const char *cpus;

	for (size_t i = 0; i < COUNT(interface); i++)
		if (strcmp(interface[i].controller, controller) == 0 && !cgroupfs_find(f, join(path, dir, interface[i].file)))
			cgroupfs_add(f, path, interface[i].text);
	snprintf(parent, sizeof(parent), "%s", dir);
	*strrchr(parent, '/') = '\0';
	cpus = text_of(f, parent, "cpuset.cpus.effective");
	if (strcmp(controller, "cpuset") == 0)
		snprintf(text_of(f, dir, "cpuset.cpus.effective"), 512, "%s", cpus ? cpus : "0-3");
}

static void each_controller(struct cgroupfs *f, const char *dir, const char *list)
{
	char copy[512], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", list);
	for (char *c = strtok_r(copy, " ", &save); c; c = strtok_r(NULL, " ", &save))
		add_controller(f, dir, c);
}

static struct cgroupfs_node *make(struct cgroupfs *f, const char *dir)
{
	static const char *const core[] = { "cgroup.procs", "cgroup.subtree_control", "cgroup.kill", "cgroup.events", "cgroup.freeze" };
	char path[192], parent[192];
	const char *given;

	cgroupfs_add(f, dir, NULL);
	for (size_t i = 0; i < COUNT(core); i++)
		cgroupfs_add(f, join(path, dir, core[i]), "");
	cgroupfs_add(f, join(path, dir, "cpu.stat"), "usage_usec 7000\nthrottled_usec 0");
	snprintf(parent, sizeof(parent), "%s", dir);
	*strrchr(parent, '/') = '\0';
	given = text_of(f, parent, "cgroup.subtree_control");
	cgroupfs_add(f, join(path, dir, "cgroup.controllers"), given ? given : "");
	each_controller(f, dir, given ? given : "");
	return cgroupfs_find(f, dir);
}

struct cgroupfs_node *cgroupfs_mkdir(struct cgroupfs *f, const char *path)
{
	char full[192];

	return make(f, join(full, MOUNT, path + 1));
}

void cgroupfs_join(struct cgroupfs *f, int pid, const char *path)
{
	size_t i = 0;

	while (i < f->n_procs && f->proc[i].pid != pid)
		i++;
	f->proc[i].pid = pid;
	snprintf(f->proc[i].path, sizeof(f->proc[i].path), "%s", path);
	if (i == f->n_procs)
		f->n_procs++;
}

static bool has_process(const struct cgroupfs *f, const char *path, bool below)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < f->n_procs; i++)
		if (f->proc[i].pid && (strcmp(f->proc[i].path, path) == 0 ||
				       (below && strncmp(f->proc[i].path, path, n) == 0 && f->proc[i].path[n] == '/')))
			return true;
	return false;
}

/* "/sys/fs/cgroup/a/cgroup.procs" -> "/a"; the root is "". */
static const char *cgroup_of(char out[192], const char *file)
{
	snprintf(out, 192, "%s", file + strlen(MOUNT));
	*strrchr(out, '/') = '\0';
	return out;
}

/* --- what writing does --- */

static int write_subtree(struct cgroupfs *f, const char *file, char *text)
{
	char cgroup[192], dir[192], *save = NULL, *own = cgroupfs_find(f, file)->text;
	const char *available;

	snprintf(dir, sizeof(dir), "%s", file);
	*strrchr(dir, '/') = '\0';
	available = text_of(f, dir, "cgroup.controllers");
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (*word != '+' || !has_word(available, word + 1))
			return *word == '+' ? -ENOENT : -EINVAL;
		if (strcmp(dir, MOUNT) != 0 && has_process(f, cgroup_of(cgroup, file), false))
			return -EBUSY;
		if (!has_word(own, word + 1))
			snprintf(own + strlen(own), 512 - strlen(own), "%s%s", own[0] ? " " : "", word + 1);
		for (size_t i = 0, n = strlen(dir); i < f->n_nodes; i++) {
			struct cgroupfs_node *child = &f->node[i];
			char *list;

			if (!child->dir || strncmp(child->path, dir, n) != 0 || child->path[n] != '/' || strchr(child->path + n + 1, '/'))
				continue;
			list = text_of(f, child->path, "cgroup.controllers");
			if (!has_word(list, word + 1))
				snprintf(list + strlen(list), 512 - strlen(list), "%s%s", list[0] ? " " : "", word + 1);
			add_controller(f, child->path, word + 1);
		}
	}
	return 0;
}

static void keep_common(char *effective, const char *parent, const char *asked)
{
	/* Enough for lists of single digits: what is asked and there, or else everything that is there. */
	char common[64] = "";

	for (char c = '0'; c <= '9'; c++)
		if (strchr(asked, c) && c >= parent[0] && c <= parent[strlen(parent) - 1])
			snprintf(common + strlen(common), sizeof(common) - strlen(common), "%s%c", common[0] ? "," : "", c);
	snprintf(effective, 512, "%s", common[0] ? common : parent);
}

static void reclaim(struct cgroupfs *f, const char *file, unsigned long long below)
{
	char dir[192], *current;

	snprintf(dir, sizeof(dir), "%s", file);
	*strrchr(dir, '/') = '\0';
	current = text_of(f, dir, "memory.current");
	below = below > f->unreclaimable ? below : f->unreclaimable;
	if (strtoull(current, NULL, 10) > below)
		snprintf(current, 512, "%llu", below);
}

static int write_value(struct cgroupfs *f, struct cgroupfs_node *n, const char *text)
{
	const char *name = strrchr(n->path, '/') + 1;
	char dir[192];

	if (strcmp(name, "cpuset.cpus.effective") == 0 || strcmp(name, "cgroup.controllers") == 0)
		return -EACCES;
	if (strncmp(name, "memory.", 7) == 0 && strcmp(name, "memory.oom.group") != 0 && strcmp(text, "max") != 0) {
		snprintf(n->text, sizeof(n->text), "%llu", strtoull(text, NULL, 10) / 4096 * 4096);
		if (strcmp(name, "memory.high") == 0)
			reclaim(f, n->path, strtoull(text, NULL, 10));
		return 0;
	}
	snprintf(dir, sizeof(dir), "%s", n->path);
	*strrchr(dir, '/') = '\0';
	if (strcmp(name, "cpuset.cpus") == 0) {
		char parent[192];
		const char *cpus;

		snprintf(parent, sizeof(parent), "%s", dir);
		*strrchr(parent, '/') = '\0';
		cpus = text_of(f, parent, "cpuset.cpus.effective");
		keep_common(text_of(f, dir, "cpuset.cpus.effective"), cpus ? cpus : "0-3", text);
	}
	if (strcmp(name, "io.max") == 0 && n->text[0] && strncmp(n->text, text, strcspn(text, " ") + 1) != 0) {
		char all[512];

		snprintf(all, sizeof(all), "%.250s\n%.250s", n->text, text);
		snprintf(n->text, sizeof(n->text), "%s", all);
		return 0;
	}
	snprintf(n->text, sizeof(n->text), "%s", text);
	return 0;
}

static void kill_below(struct cgroupfs *f, const char *cgroup)
{
	size_t n = strlen(cgroup);

	for (size_t i = 0; i < f->n_procs; i++)
		if (!f->proc[i].undying && !f->proc[i].leaderless && strncmp(f->proc[i].path, cgroup, n) == 0 && strchr("/", f->proc[i].path[n]))
			f->proc[i].pid = 0;
}

static int write_file(struct cgroupfs *f, const char *path, const char *buf, size_t len)
{
	char text[256], cgroup[192];
	const char *name = strrchr(path, '/') + 1;
	struct cgroupfs_node *n = cgroupfs_find(f, path);

	snprintf(text, sizeof(text), "%.*s", (int)len, buf);
	if (!n)
		return -ENODEV;		/* removed while it was open */
	if (!in_cgroupfs(path))
		return -EACCES;
	cgroup_of(cgroup, path);
	if (strcmp(name, "cgroup.subtree_control") == 0)
		return write_subtree(f, path, text);
	if (strcmp(name, "cgroup.kill") == 0) {
		kill_below(f, cgroup);
		return 0;
	}
	if (strcmp(name, "cgroup.procs") == 0) {
		for (size_t i = 0; i < f->n_procs; i++)
			if (f->proc[i].pid && f->proc[i].pid == atoi(text)) {
				cgroupfs_join(f, f->proc[i].pid, cgroup);
				return 0;
			}
		return -ESRCH;
	}
	return write_value(f, n, text);
}

void cgroupfs_enable(struct cgroupfs *f, const char *path, const char *text)
{
	char file[192], dir[192], copy[64];

	snprintf(copy, sizeof(copy), "%s", text);
	snprintf(dir, sizeof(dir), MOUNT "%.150s", path);
	if (write_subtree(f, join(file, dir, "cgroup.subtree_control"), copy) < 0)
		abort();
}

/* --- what reading gives --- */

static void render(struct cgroupfs *f, const char *path, char *out, size_t size)
{
	const char *name = strrchr(path, '/') + 1;
	struct cgroupfs_node *n = cgroupfs_find(f, path);
	char cgroup[192];

	out[0] = '\0';
	if (!n)
		return;
	if (in_cgroupfs(path) && strcmp(name, "cgroup.procs") == 0) {
		cgroup_of(cgroup, path);
		for (size_t i = 0; i < f->n_procs; i++)
			if (f->proc[i].pid && strcmp(f->proc[i].path, cgroup) == 0)
				snprintf(out + strlen(out), size - strlen(out), "%d\n", f->proc[i].pid);
	} else if (in_cgroupfs(path) && strcmp(name, "cgroup.events") == 0) {
		char dir[192];

		snprintf(dir, sizeof(dir), "%s", path);
		*strrchr(dir, '/') = '\0';
		snprintf(out, size, "populated %d\nfrozen %d\n", has_process(f, cgroup_of(cgroup, path), true),
			 strcmp(text_of(f, dir, "cgroup.freeze"), "1") == 0 && !f->unfreezable);
	} else if (strcmp(path, "/proc/self/cgroup") == 0 && !n->text[0]) {
		for (size_t i = 0; i < f->n_procs; i++)
			if (f->proc[i].pid == (int)f->self)
				snprintf(out, size, "0::%s\n", f->proc[i].path[0] ? f->proc[i].path : "/");
	} else {
		snprintf(out, size, "%s%s", n->text, n->text[0] ? "\n" : "");
	}
}

/* --- descriptors and paths --- */

/* An absolute path without "." and "..": as far as these tests go, symbolic links do not exist. */
static int resolve(const struct cgroupfs *f, int dir, const char *path, char out[192])
{
	char all[400], *save = NULL;

	if (*path == '/')
		snprintf(all, sizeof(all), "%s", path);
	else if (dir >= CGROUPFS_FIRST_FD && dir < CGROUPFS_FIRST_FD + CGROUPFS_FDS && f->fd[dir - CGROUPFS_FIRST_FD].open)
		snprintf(all, sizeof(all), "%s/%.190s", f->fd[dir - CGROUPFS_FIRST_FD].path, path);
	else
		return -EBADF;
	out[0] = '\0';
	for (char *part = strtok_r(all, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0)
			*strrchr(out[0] ? out : "/", '/') = '\0';
		else
			snprintf(out + strlen(out), 192 - strlen(out), "/%.60s", part);
	}
	return 0;
}

static int new_fd(struct cgroupfs *f, const char *path, int prog)
{
	for (int i = 0; i < CGROUPFS_FDS; i++)
		if (!f->fd[i].open) {
			f->fd[i].open = true;
			f->fd[i].at = 0;
			f->fd[i].prog = prog;
			snprintf(f->fd[i].path, sizeof(f->fd[i].path), "%s", path);
			return CGROUPFS_FIRST_FD + i;
		}
	return -EMFILE;
}

static int do_open(struct cgroupfs *f, const char *path, int flags)
{
	struct cgroupfs_node *n = cgroupfs_find(f, path);

	if (!n)
		return -ENOENT;
	if (flags & O_DIRECTORY && !n->dir)
		return -ENOTDIR;
	if (flags & O_WRONLY && n->read_only)
		return -EACCES;
	return new_fd(f, path, -1);
}

static long do_read(struct cgroupfs *f, int i, char *buf, size_t len)
{
	char text[8192];
	size_t n;

	render(f, f->fd[i].path, text, sizeof(text));
	n = strlen(text) > f->fd[i].at ? strlen(text) - f->fd[i].at : 0;
	n = n < len ? n : len;
	memcpy(buf, text + f->fd[i].at, n);
	f->fd[i].at += n;
	return (long)n;
}

/* The directories in it, all at once; their order is the table's. */
static long do_getdents(struct cgroupfs *f, int i, char *buf, size_t size)
{
	const char *dir = f->fd[i].path;
	size_t n = strlen(dir), used = 0;

	for (size_t j = 0; j < f->n_nodes && !f->fd[i].at; j++) {
		const char *path = f->node[j].path, *name = path + n + 1;
		struct dirent64 d = { .d_type = DT_DIR };

		if (!f->node[j].dir || strncmp(path, dir, n) != 0 || path[n] != '/' || strchr(name, '/'))
			continue;
		d.d_reclen = (unsigned short)((offsetof(struct dirent64, d_name) + strlen(name) + 8) & ~7UL);
		if (used + d.d_reclen > size)
			break;
		memcpy(buf + used, &d, offsetof(struct dirent64, d_name));
		snprintf(buf + used + offsetof(struct dirent64, d_name), strlen(name) + 1, "%s", name);
		used += d.d_reclen;
	}
	f->fd[i].at = 1;
	return (long)used;
}

static int do_mkdir(struct cgroupfs *f, const char *path)
{
	char parent[192];

	if (cgroupfs_find(f, path))
		return -EEXIST;
	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	if (!cgroupfs_find(f, parent))
		return -ENOENT;
	make(f, path);
	return 0;
}

static int do_rmdir(struct cgroupfs *f, const char *path)
{
	size_t n = strlen(path);

	if (!cgroupfs_find(f, path))
		return -ENOENT;
	if (has_process(f, path + strlen(MOUNT), true))
		return -EBUSY;
	for (size_t i = 0; i < f->n_nodes; i++)
		if (f->node[i].dir && strncmp(f->node[i].path, path, n) == 0 && f->node[i].path[n] == '/')
			return -EBUSY;
	for (size_t i = 0; i < f->n_nodes; i++)
		if (strncmp(f->node[i].path, path, n) == 0 && strchr("/", f->node[i].path[n]))
			f->node[i].path[0] = '\0';
	return 0;
}

static int do_statx(struct cgroupfs *f, const char *path, struct statx *st)
{
	const struct cgroupfs_node *n = cgroupfs_find(f, path);

	if (!n)
		return -ENOENT;
	*st = (struct statx){ .stx_mode = (uint16_t)n->mode, .stx_uid = n->uid };
	if (S_ISCHR(n->mode) || S_ISBLK(n->mode)) {
		st->stx_rdev_major = n->major;
		st->stx_rdev_minor = n->minor;
	} else {
		st->stx_dev_major = n->major;
		st->stx_dev_minor = n->minor;
	}
	return 0;
}

/* --- bpf(2): programs by number; the digest is a sum --- */

static uint64_t digest(const struct cgroupfs *f, int prog)
{
	uint64_t sum = 5381, word;

	for (size_t i = 0; i < f->prog[prog].n; i++) {
		memcpy(&word, &f->prog[prog].insn[i], sizeof(word));
		sum = sum * 33 ^ word;
	}
	return sum;
}

static int do_bpf(struct cgroupfs *f, int cmd, union bpf_attr *a)
{
	struct bpf_prog_info info = { 0 };
	uint32_t n = 0;
	uint64_t tag;

	switch (cmd) {
	case BPF_PROG_LOAD:
		if (f->n_progs == CGROUPFS_PROGS || a->insn_cnt > COUNT(f->prog[0].insn))
			return -E2BIG;
		f->prog[f->n_progs].n = a->insn_cnt;
		f->prog[f->n_progs].cgroup[0] = '\0';
		memcpy(f->prog[f->n_progs].insn, (const void *)(uintptr_t)a->insns, a->insn_cnt * sizeof(struct bpf_insn));
		return new_fd(f, "bpf", (int)f->n_progs++);
	case BPF_PROG_ATTACH:
		memcpy(f->prog[f->fd[(int)a->attach_bpf_fd - CGROUPFS_FIRST_FD].prog].cgroup,
		       f->fd[(int)a->target_fd - CGROUPFS_FIRST_FD].path, sizeof(f->prog[0].cgroup));
		return 0;
	case BPF_PROG_QUERY:
		for (size_t i = 0; i < f->n_progs; i++)
			if (strcmp(f->prog[i].cgroup, f->fd[(int)a->query.target_fd - CGROUPFS_FIRST_FD].path) == 0)
				((uint32_t *)(uintptr_t)a->query.prog_ids)[n++] = (uint32_t)i;
		a->query.prog_cnt = n;
		return 0;
	case BPF_PROG_GET_FD_BY_ID:
		return new_fd(f, "bpf", (int)a->prog_id);
	case BPF_OBJ_GET_INFO_BY_FD:
		tag = digest(f, f->fd[(int)a->info.bpf_fd - CGROUPFS_FIRST_FD].prog);
		memcpy(info.tag, &tag, sizeof(info.tag));
		memcpy((void *)(uintptr_t)a->info.info, &info, sizeof(info));
		return 0;
	}
	return -EINVAL;
}

/* --- signals --- */

static bool has_pid(const struct cgroupfs *f, int pid)
{
	for (size_t i = 0; i < f->n_procs; i++)
		if (pid && f->proc[i].pid == pid)
			return true;
	return false;
}

static int send_signal(struct cgroupfs *f, int pid, int sig)
{
	if (!has_pid(f, pid))
		return -ESRCH;
	if (sig == SIGKILL) {
		for (size_t i = 0; i < f->n_procs; i++)
			if (f->proc[i].pid == pid && !f->proc[i].undying)
				f->proc[i].pid = 0;
		return 0;
	}
	if (f->n_signalled == COUNT(f->signalled))
		abort();
	f->signalled[f->n_signalled++] = pid;
	return 0;
}

/* --- the gate --- */

static bool changes(long nr, const unsigned long a[6])
{
	return nr == SYS_write || nr == SYS_mkdirat || nr == SYS_unlinkat ||
	       (nr == SYS_bpf && a[0] == BPF_PROG_ATTACH);
}

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct cgroupfs *f = ctx;
	char path[192] = "";
	int i = (int)a[0] - CGROUPFS_FIRST_FD, r = 0;
	bool by_path = nr == SYS_openat || nr == SYS_mkdirat || nr == SYS_unlinkat || nr == SYS_statx;

	if (by_path)
		r = resolve(f, (int)a[0], (const char *)a[1], path);
	if (f->before && r >= 0)
		r = f->before(f, nr, path);
	if (f->how == CGROUPFS_FAIL && ++f->calls == f->nth && nr != SYS_close && nr != SYS_ppoll)
		return -EIO;
	if (f->how == CGROUPFS_LIE && changes(nr, a) && ++f->calls == f->nth)
		return nr == SYS_write ? (long)a[2] : 0;
	if (r < 0)
		return r;
	if ((nr == SYS_close || nr == SYS_read || nr == SYS_getdents64 || nr == SYS_write || nr == SYS_fstatfs || nr == SYS_fgetxattr ||
	     nr == SYS_pidfd_send_signal) && (i < 0 || i >= CGROUPFS_FDS || !f->fd[i].open))
		return -EBADF;
	switch (nr) {
	case SYS_openat: return do_open(f, path, (int)a[2]);
	case SYS_mkdirat: return do_mkdir(f, path);
	case SYS_unlinkat: return do_rmdir(f, path);
	case SYS_statx: return do_statx(f, path, (struct statx *)a[4]);
	case SYS_getdents64: return do_getdents(f, i, (char *)a[1], a[2]);
	case SYS_read: return do_read(f, i, (char *)a[1], a[2]);
	case SYS_write:
		r = write_file(f, f->fd[i].path, (const char *)a[1], a[2]);
		return r < 0 ? r : (long)a[2];
	case SYS_close: f->fd[i].open = false; return 0;
	case SYS_fstatfs:
		((struct statfs *)a[1])->f_type = cgroupfs_find(f, f->fd[i].path)->v1 ? TMPFS_MAGIC : CGROUP2_SUPER_MAGIC;
		return 0;
	case SYS_fgetxattr:
		if (!cgroupfs_find(f, f->fd[i].path)->marked || strcmp((const char *)a[1], "trusted.delegate") != 0)
			return -ENODATA;
		*(char *)a[2] = '1';
		return 1;
	case SYS_ppoll: return 0;
	case SYS_bpf: return do_bpf(f, (int)a[0], (union bpf_attr *)a[1]);
	case SYS_pidfd_open: return has_pid(f, (int)a[0]) ? new_fd(f, "pidfd", (int)a[0]) : -ESRCH;
	case SYS_pidfd_send_signal: return send_signal(f, f->fd[i].prog, (int)a[1]);
	}
	return -ENOSYS;
}

struct sys cgroupfs_gate(struct cgroupfs *f)
{
	return (struct sys){ .call = call, .ctx = f };
}

void cgroupfs_reset(struct cgroupfs *f, const char *controllers, const char *own)
{
	char path[192] = MOUNT, name[192];

	memset(f, 0, sizeof(*f));
	f->self = 100;
	cgroupfs_add(f, "/proc/self", NULL);
	cgroupfs_add(f, "/proc/self/cgroup", "");
	cgroupfs_add(f, "/proc/swaps", "");
	cgroupfs_add(f, "/proc/cgroups", "cpuset\t0\t1\t1\ncpu\t0\t1\t1\nblkio\t0\t1\t1\nmemory\t0\t1\t1\npids\t0\t1\t1");
	make(f, MOUNT);
	snprintf(cgroupfs_find(f, MOUNT "/cgroup.controllers")->text, 512, "%s", controllers);
	cgroupfs_find(f, MOUNT "/cgroup.events")->path[0] = '\0';	/* the root has none */
	snprintf(cgroupfs_find(f, MOUNT "/cgroup.subtree_control")->text, 512, "%s", controllers);
	for (const char *at = own; *at; ) {	/* every cgroup on the way hands its controllers on */
		size_t n = 1 + strcspn(at + 1, "/");

		if (strcmp(path, MOUNT) != 0)
			snprintf(text_of(f, path, "cgroup.subtree_control"), 512, "%s", controllers);
		snprintf(name, sizeof(name), "%.120s%.*s", path, (int)n, at);
		snprintf(path, sizeof(path), "%s", name);
		make(f, path);
		at += n;
	}
	cgroupfs_join(f, 100, own);
}

const char *cgroupfs_text(struct cgroupfs *f, const char *path, const char *file)
{
	char dir[192];
	const char *text;

	snprintf(dir, sizeof(dir), MOUNT "%.150s", path);
	text = text_of(f, dir, file);
	return text ? text : "";
}

unsigned cgroupfs_open_fds(const struct cgroupfs *f)
{
	unsigned n = 0;

	for (size_t i = 0; i < CGROUPFS_FDS; i++)
		n += f->fd[i].open;
	return n;
}
