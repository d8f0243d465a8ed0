/* mounts_plan.c - policy to the list of mounts, in the order in which they are made: a mount
 * comes after the one that holds its target. Pure; nothing is opened here. */
#include "mounts.h"
#include "../policy/tree.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#define RO MOUNT_ATTR_RDONLY
#define HARD (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

enum { PLAN_MOUNTS_MAX = LIST_MAX * 2 + 64 };

struct list {
	struct plan_mount *v;
	size_t n;
	struct arena *arena;
	bool full;
};

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* The last mount so far whose tree holds the target; -1: the root's. */
static int holder(const struct list *l, const char *target)
{
	for (size_t i = l->n; i-- > 0;)
		if (is_below(target, l->v[i].target))
			return (int)i;
	return -1;
}

static void add(struct list *l, struct plan_mount m)
{
	if (l->n == PLAN_MOUNTS_MAX || !m.target) {
		l->full = true;
		return;
	}
	m.below = holder(l, m.target);
	l->v[l->n++] = m;
}

static void add_dev(struct list *l, const struct policy *p, uint64_t namespaces)
{
	add(l, (struct plan_mount){ .kind = PLAN_TMPFS, .target = "/dev", .mode = 0755, .size = 64 << 10, .inodes = 1024,
				    .attrs = RO | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .control = CONTROL_mounts });
	for (size_t i = 0; i < tree_devices_len; i++)
		add(l, (struct plan_mount){ .kind = PLAN_DEVICE, .target = tree_devices[i].path, .source = tree_devices[i].path,
					    .attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .control = CONTROL_mounts });
	for (size_t i = 0; i < p->n_devices; i++)
		add(l, (struct plan_mount){ .kind = PLAN_DEVICE, .target = p->devices[i].path, .source = p->devices[i].path,
					    .attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .control = CONTROL_mounts });
	add(l, (struct plan_mount){ .kind = PLAN_DEVPTS, .target = "/dev/pts", .control = CONTROL_mounts,
				    .attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC });
	if (namespaces & CLONE_NEWIPC)	/* the host's queues are not the container's to mount */
		add(l, (struct plan_mount){ .kind = PLAN_MQUEUE, .target = "/dev/mqueue", .attrs = HARD,
					    .control = CONTROL_mounts });
	if (p->shm)
		add(l, (struct plan_mount){ .kind = PLAN_TMPFS, .target = "/dev/shm", .mode = 01777, .size = p->shm,
					    .attrs = HARD, .control = CONTROL_mounts });
}

static void add_kernel_trees(struct list *l, const struct policy *p, uint64_t namespaces)
{
	add(l, (struct plan_mount){ .kind = PLAN_PROC, .target = "/proc", .attrs = HARD, .control = CONTROL_mounts,
				    .mode = p->proc == PROC_PID });
	if (!p->sys)
		return;
	add(l, (struct plan_mount){ .kind = PLAN_SYSFS, .target = "/sys", .attrs = RO | HARD, .control = CONTROL_mounts });
	if (namespaces & CLONE_NEWCGROUP)	/* else it would show the host's tree; and without a limit the launcher's cgroup */
		add(l, (struct plan_mount){ .kind = PLAN_CGROUP2, .target = "/sys/fs/cgroup", .attrs = RO | HARD,
					    .control = CONTROL_mounts });
}

static bool is_target(const struct list *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].target, path) == 0)
			return true;
	return false;
}

/* Where the policy mounts nothing on /run, it becomes an empty directory of the launcher's, so that no image need have the place. */
static void add_secrets(struct list *l, const struct policy *p)
{
	if (p->n_secrets == 0)
		return;
	if (!is_target(l, "/run") && !is_target(l, "/run/secrets"))
		add(l, (struct plan_mount){ .kind = PLAN_TMPFS, .target = "/run", .mode = 0755, .size = 64 << 10, .inodes = 64, .attrs = RO | HARD,
					    .control = CONTROL_mounts });
	add(l, (struct plan_mount){ .kind = PLAN_SECRETS, .target = "/run/secrets", .attrs = RO | HARD, .control = CONTROL_mounts });
}

/* Files given to the workload, never the image's; where the policy mounts one of its own, that one. */
static void add_files(struct list *l, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_files; i++) {
		const char *target = arena_printf(l->arena, "/etc/%s", plan->files[i].name);

		if (!target || !is_target(l, target))
			add(l, (struct plan_mount){ .kind = PLAN_FILE, .source = plan->files[i].name, .attrs = RO | HARD,
						    .target = target, .control = CONTROL_mounts });
	}
}

static uint64_t attrs_of(const struct mount_policy *m)
{
	return (m->read_only ? MOUNT_ATTR_RDONLY : 0U) | (m->suid ? 0U : MOUNT_ATTR_NOSUID) |
	       (m->dev ? 0U : MOUNT_ATTR_NODEV) | (m->exec ? 0U : MOUNT_ATTR_NOEXEC);
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* Shallow targets first, so that none covers one that came before it. */
static void add_policy_mounts(struct list *l, const struct policy *p)
{
	for (size_t d = 1, placed = 0; placed < p->n_mounts; d++)
		for (size_t i = 0; i < p->n_mounts; i++) {
			const struct mount_policy *m = &p->mounts[i];

			if (depth(m->target) != d)
				continue;
			placed++;
			add(l, (struct plan_mount){
				.kind = m->type == MOUNT_BIND ? PLAN_BIND : PLAN_TMPFS, .target = m->target,
				.source = m->source, .attrs = attrs_of(m), .size = m->size, .inodes = m->inodes,
				.mode = (unsigned)m->mode, .idmap = m->idmap, .recursive = true,
				.control = CONTROL_mounts, .pointer = arena_printf(l->arena, "/mounts/%zu", i) });
		}
}

static void add_masks(struct list *l, const struct policy *p)
{
	for (size_t i = 0; i < tree_masked_len; i++) {
		const struct tree_mask *m = &tree_masked[i];

		if (m->sys ? p->sys : p->proc == PROC_MASKED)
			add(l, (struct plan_mount){ .kind = PLAN_FILE, .target = m->path, .attrs = RO | HARD,
						    .source = m->dir ? "empty.d" : "empty", .optional = true,
						    .control = CONTROL_masks });
	}
	for (size_t i = 0; i < tree_read_only_len && p->proc == PROC_MASKED; i++)
		add(l, (struct plan_mount){ .kind = PLAN_READONLY, .target = tree_read_only[i], .attrs = RO | HARD, .recursive = true,
					    .optional = true, .control = CONTROL_masks });
}

/* hosts, hostname, resolv.conf, and on request passwd and group: see hosts(5), resolv.conf(5), passwd(5). */
static int plan_files(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	struct pair *f = arena_alloc(a, 5 * sizeof(*f));
	const char *hosts = arena_printf(a, "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 %s\n", plan->hostname);
	const char *resolv = "", *none = "";
	size_t n = 0;

	for (size_t i = 0; hosts && i < p->hosts.n; i++)
		hosts = arena_printf(a, "%s%s %s\n", hosts, p->hosts.v[i].value, p->hosts.v[i].name);
	for (size_t i = 0; resolv && i < p->dns.n; i++)
		resolv = arena_printf(a, "%snameserver %s\n", resolv, p->dns.v[i]);
	if (!f || !hosts || !resolv)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the files of /etc");
	f[n++] = (struct pair){ "hosts", hosts };
	f[n++] = (struct pair){ "hostname", arena_printf(a, "%s\n", plan->hostname) };
	f[n++] = (struct pair){ "resolv.conf", resolv };
	if (p->passwd) {
		f[n++] = (struct pair){ "passwd", arena_printf(a, "%s:x:%llu:%llu::/:/sbin/nologin\n", "app",
							       (unsigned long long)p->user.uid, (unsigned long long)p->user.gid) };
		f[n++] = (struct pair){ "group", arena_printf(a, "app:x:%llu:\n", (unsigned long long)p->user.gid) };
	}
	for (size_t i = 0; i < n; i++)
		if (!f[i].value)
			f[i].value = none;
	plan->files = f;
	plan->n_files = n;
	return 0;
}

int mounts_prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	struct list l = { .arena = a, .v = arena_alloc(a, PLAN_MOUNTS_MAX * sizeof(*l.v)) };

	if (!l.v || plan_files(p, plan, a, e) < 0)
		return e->kind ? -1 : err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the mounts");
	plan->rootfs = p->rootfs;
	plan->root_attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (waived(plan, CONTROL_rootfs) ? 0U : RO);
	plan->secrets = p->secrets;
	plan->n_secrets = p->n_secrets;
	add_dev(&l, p, plan->clone_flags);
	add_kernel_trees(&l, p, waived(plan, CONTROL_memory) && waived(plan, CONTROL_cpus) && waived(plan, CONTROL_pids) ?
			 plan->clone_flags & ~(uint64_t)CLONE_NEWCGROUP : plan->clone_flags);
	add_policy_mounts(&l, p);
	add_secrets(&l, p);
	add_files(&l, plan);
	if (!waived(plan, CONTROL_masks))
		add_masks(&l, p);
	if (l.full)
		return err_set(e, ERR_POLICY, 0, NULL, "more than %d mounts", PLAN_MOUNTS_MAX);
	plan->mounts = l.v;
	plan->n_mounts = l.n;
	return 0;
}
