/* export_oci.c - a policy as the config.json of the OCI runtime specification, for crun and runc.
 *
 * One function for each part of the document, in its order. What casemate does without being asked (a /dev of its own,
 * masks, private propagation) is spelled out, since a runtime does nothing that is not written. */
#include "export.h"
#include "oci.h"

#include "../base/cleanup.h"
#include "../policy/names.h"
#include "../policy/tree.h"

#include <inttypes.h>
#include <string.h>

static json_t *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static json_t *text(const char *fmt, ...)
{
	_auto(free_mem) char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		s = NULL;
	return json_string(s);
}

static json_t *strings(const char *const *v, size_t n)
{
	json_t *ret = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(ret, json_string(v[i]));
	return ret;
}

/* --- process --- */

static json_t *env(const struct policy *p)
{
	json_t *ret = json_array();
	bool path = false;

	for (size_t i = 0; i < p->env.n; i++) {
		path = path || strcmp(p->env.v[i].name, "PATH") == 0;
		json_array_append_new(ret, text("%s=%s", p->env.v[i].name, p->env.v[i].value));
	}
	if (!path)
		json_array_append_new(ret, text("PATH=%s", default_path));
	return ret;
}

static json_t *user(const struct policy *p)
{
	json_t *groups = json_array(), *ret = json_pack("{s:I, s:I, s:I}", "uid", (json_int_t)p->user.uid,
							"gid", (json_int_t)p->user.gid, "umask", (json_int_t)p->user.umask);

	for (size_t i = 0; i < p->user.groups.n; i++)
		json_array_append_new(groups, json_integer((json_int_t)p->user.groups.v[i]));
	json_object_set_new(ret, "additionalGids", groups);
	return ret;
}

static json_t *capabilities(const struct policy *p)
{
	static const char *const sets[] = { "bounding", "effective", "permitted", "inheritable", "ambient" };
	json_auto_t *names = json_array();
	json_t *ret = json_object();

	for (size_t i = 0; i < capability_names_len; i++)
		if (p->capabilities >> i & 1)
			json_array_append_new(names, text("CAP_%s", capability_names[i]));
	for (size_t i = 0; i < COUNT(sets); i++)
		json_object_set_new(ret, sets[i], json_copy(names));
	return ret;
}

/* "unlimited" is what the runtime itself may, and so is a limit that is not given. */
static json_t *rlimits(const struct policy *p)
{
	json_t *ret = json_array();

	for (size_t i = 0; i < oci_rlimits_len; i++) {
		uint64_t v = *(const uint64_t *)((const char *)&p->limits.rlimits + oci_rlimits[i].offset);

		if (v != UINT64_MAX)
			json_array_append_new(ret, json_pack("{s:s, s:I, s:I}", "type", oci_rlimits[i].type,
							     "hard", (json_int_t)v, "soft", (json_int_t)v));
	}
	return ret;
}

static json_t *process(const struct policy *p)
{
	return json_pack("{s:b, s:o, s:o, s:o, s:s, s:o, s:o, s:b, s:s, s:i}", "terminal", 0, "user", user(p),
			 "args", strings(p->args.v, p->args.n), "env", env(p), "cwd", p->cwd, "capabilities", capabilities(p),
			 "rlimits", rlimits(p), "noNewPrivileges", 1, "apparmorProfile", p->apparmor, "oomScoreAdj", 0);
}

/* --- mounts --- */

static json_t *mount(json_t *mounts, const char *target, const char *type, const char *source, const char *options)
{
	json_t *m = json_pack("{s:s, s:s, s:s, s:[]}", "destination", target, "type", type, "source", source, "options");
	json_t *list = json_object_get(m, "options");

	for (const char *at = options; *at; at += strspn(at, ",")) {
		json_array_append_new(list, json_stringn(at, strcspn(at, ",")));
		at += strcspn(at, ",");
	}
	json_array_append_new(mounts, m);
	return list;
}

static void tmpfs_options(json_t *options, const struct policy *p, uint64_t size, uint64_t inodes, uint64_t mode)
{
	json_array_append_new(options, text("mode=%04o", (unsigned)mode));
	json_array_append_new(options, text("size=%" PRIu64, size));
	if (inodes)
		json_array_append_new(options, text("nr_inodes=%" PRIu64, inodes));
	json_array_append_new(options, text("uid=%" PRIu64, p->user.uid));
	json_array_append_new(options, text("gid=%" PRIu64, p->user.gid));
}

#define HARD "nosuid,nodev,noexec"

static void dev(json_t *mounts, const struct policy *p)
{
	mount(mounts, "/dev", "tmpfs", "tmpfs", "ro,nosuid,noexec,mode=0755,size=65536,nr_inodes=1024");
	mount(mounts, "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,max=256");
	if (p->namespaces.ipc)
		mount(mounts, "/dev/mqueue", "mqueue", "mqueue", HARD);
	if (p->shm)
		tmpfs_options(mount(mounts, "/dev/shm", "tmpfs", "shm", HARD), p, p->shm, 0, 01777);
}

/* A sysfs shows a network, and may be mounted by its owner alone: with a network that is not the container's, a runtime
 * inside the user namespace has to take the one that is there. */
bool oci_foreign_sys(const struct policy *p)
{
	return p->namespaces.user && p->network.mode != NETWORK_NONE;
}

static void kernel_trees(json_t *mounts, const struct policy *p)
{
	mount(mounts, "/proc", "proc", "proc", p->proc == PROC_PID ? HARD ",subset=pid" : HARD);
	if (!p->sys)
		return;
	if (oci_foreign_sys(p))
		mount(mounts, "/sys", "bind", "/sys", "rbind,rprivate,rro,rnosuid,rnodev,rnoexec,ro," HARD);
	else
		mount(mounts, "/sys", "sysfs", "sysfs", "ro," HARD);
	if (p->namespaces.cgroup)
		mount(mounts, "/sys/fs/cgroup", "cgroup", "cgroup", "ro," HARD);
}

static void policy_mount(json_t *mounts, const struct policy *p, const struct mount_policy *m)
{
	/* Twice: for the mount itself in words that every version knows, and for all below it. */
	const struct { bool set; const char *one, *all, *clear; } attrs[] = {
		{ m->read_only, "ro", "rro", "rw" }, { !m->suid, "nosuid", "rnosuid", "suid" },
		{ !m->dev, "nodev", "rnodev", "dev" }, { !m->exec, "noexec", "rnoexec", "exec" },
	};
	bool bind = m->type == MOUNT_BIND;
	json_t *options = mount(mounts, m->target, bind ? "bind" : "tmpfs", bind ? m->source : "tmpfs", bind ? "rbind,rprivate" : "");

	for (size_t i = 0; i < COUNT(attrs); i++)
		if (!attrs[i].set) {
			json_array_append_new(options, json_string(attrs[i].clear));
		} else {
			json_array_append_new(options, json_string(attrs[i].one));
			if (bind)
				json_array_append_new(options, json_string(attrs[i].all));
		}
	if (!bind)
		tmpfs_options(options, p, m->size, m->inodes, m->mode);
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* Shallow targets first, so that none covers one that came before it. */
static json_t *mounts(const struct policy *p)
{
	json_t *ret = json_array();

	dev(ret, p);
	kernel_trees(ret, p);
	for (size_t d = 1, placed = 0; placed < p->n_mounts; d++)
		for (size_t i = 0; i < p->n_mounts; i++)
			if (depth(p->mounts[i].target) == d) {
				policy_mount(ret, p, &p->mounts[i]);
				placed++;
			}
	return ret;
}

/* --- linux --- */

static json_t *namespaces(const struct policy *p)
{
	const struct { const char *type; bool own; } spaces[] = {
		{ "pid", true }, { "mount", true }, { "ipc", p->namespaces.ipc }, { "uts", p->namespaces.uts },
		{ "network", p->network.mode == NETWORK_NONE }, { "user", p->namespaces.user },
		{ "cgroup", p->namespaces.cgroup }, { "time", p->namespaces.time },
	};
	json_t *ret = json_array();

	for (size_t i = 0; i < COUNT(spaces); i++)
		if (spaces[i].own)
			json_array_append_new(ret, json_pack("{s:s}", "type", spaces[i].type));
	if (p->network.mode == NETWORK_PATH)
		json_array_append_new(ret, json_pack("{s:s, s:s}", "type", "network", "path", p->network.path));
	return ret;
}

static void map(json_t *maps, uint64_t inside, uint64_t outside)
{
	json_array_append_new(maps, json_pack("{s:I, s:I, s:i}", "containerID", (json_int_t)inside, "hostID", (json_int_t)outside,
					      "size", 1));
}

static json_t *id_map(uint64_t id, const struct numbers *more)
{
	json_t *ret = json_array();

	map(ret, 0, OCI_NOBODY);
	map(ret, id, id);
	for (size_t i = 0; more && i < more->n; i++)
		if (more->v[i] != id)
			map(ret, more->v[i], more->v[i]);
	return ret;
}

static json_t *device_rule(const char *type, unsigned major, int minor, const char *access)
{
	json_t *ret = json_pack("{s:b, s:s, s:I, s:s}", "allow", 1, "type", type, "major", (json_int_t)major, "access", access);

	if (minor >= 0)
		json_object_set_new(ret, "minor", json_integer(minor));
	return ret;
}

static const char *access_of(const struct device_policy *d)
{
	return d->read && d->write ? "rw" : d->read ? "r" : "w";
}

static json_t *device_rules(const struct policy *p, const struct export_facts *f)
{
	json_t *ret = json_pack("[{s:b, s:s}]", "allow", 0, "access", "rwm");

	for (size_t i = 0; i < tree_devices_len; i++)
		json_array_append_new(ret, device_rule("c", tree_devices[i].major, (int)tree_devices[i].minor, "rw"));
	json_array_append_new(ret, device_rule("c", 5, 2, "rw"));	/* /dev/pts/ptmx and what it gives */
	json_array_append_new(ret, device_rule("c", 136, -1, "rw"));
	for (size_t i = 0; i < p->n_devices; i++)
		json_array_append_new(ret, device_rule(f->devices[i].block ? "b" : "c", f->devices[i].major,
						       (int)f->devices[i].minor, access_of(&p->devices[i])));
	return ret;
}

static json_t *devices(const struct policy *p, const struct export_facts *f)
{
	json_t *ret = json_array();

	for (size_t i = 0; i < p->n_devices; i++)
		json_array_append_new(ret, json_pack("{s:s, s:s, s:I, s:I, s:i, s:I, s:I}", "path", p->devices[i].path,
						     "type", f->devices[i].block ? "b" : "c", "major", (json_int_t)f->devices[i].major,
						     "minor", (json_int_t)f->devices[i].minor, "fileMode", 0600,
						     "uid", (json_int_t)p->user.uid, "gid", (json_int_t)p->user.gid));
	return ret;
}

static json_t *block_io(const struct policy *p, const struct export_facts *f)
{
	static const struct { const char *name; size_t offset; } rates[] = {
		{ "throttleReadBpsDevice", offsetof(struct io_limit, rbps) }, { "throttleWriteBpsDevice", offsetof(struct io_limit, wbps) },
		{ "throttleReadIOPSDevice", offsetof(struct io_limit, riops) }, { "throttleWriteIOPSDevice", offsetof(struct io_limit, wiops) },
	};
	json_t *ret = json_object();

	for (size_t r = 0; r < COUNT(rates); r++) {
		json_t *list = json_array();

		for (size_t i = 0; i < p->limits.n_io; i++) {
			uint64_t v = *(const uint64_t *)((const char *)&p->limits.io[i] + rates[r].offset);

			if (v)
				json_array_append_new(list, json_pack("{s:I, s:I, s:I}", "major", (json_int_t)f->disks[i].major,
								      "minor", (json_int_t)f->disks[i].minor, "rate", (json_int_t)v));
		}
		json_object_set_new(ret, rates[r].name, list);
	}
	return ret;
}

enum { PERIOD = 100000 };	/* us, as casemate's own cpu.max */

static json_t *resources(const struct policy *p, const struct export_facts *f)
{
	const struct limits_policy *l = &p->limits;
	const uint64_t with_swap = l->memory + l->swap;
	json_t *unified = json_pack("{s:o, s:s}", "cpu.weight", text("%" PRIu64, l->cpu_weight),
				    "memory.oom.group", l->oom_group ? "1" : "0");
	json_t *cpu = json_pack("{s:I, s:i}", "quota", (json_int_t)(l->cpus / (1000000 / PERIOD)), "period", PERIOD);
	json_t *ret = json_pack("{s:o, s:{s:I, s:I}, s:o, s:{s:I}, s:o}", "devices", device_rules(p, f),
				"memory", "limit", (json_int_t)l->memory, "swap", (json_int_t)with_swap,
				"cpu", cpu, "pids", "limit", (json_int_t)l->pids, "unified", unified);

	if (l->memory_high)
		json_object_set_new(unified, "memory.high", text("%" PRIu64, l->memory_high));
	if (*l->cpuset)
		json_object_set_new(cpu, "cpus", json_string(l->cpuset));
	if (l->n_io)
		json_object_set_new(ret, "blockIO", block_io(p, f));
	return ret;
}

static json_t *masked(const struct policy *p)
{
	json_t *ret = json_array();

	for (size_t i = 0; i < tree_masked_len; i++)
		if (tree_masked[i].sys ? p->sys : p->proc == PROC_MASKED)
			json_array_append_new(ret, json_string(tree_masked[i].path));
	return ret;
}

static json_t *sysctl(const struct policy *p)
{
	json_t *ret = json_object();

	for (size_t i = 0; i < p->sysctl.n; i++)
		json_object_set_new(ret, p->sysctl.v[i].name, json_string(p->sysctl.v[i].value));
	return ret;
}

static json_t *time_offsets(const struct policy *p)
{
	return json_pack("{s:{s:I, s:i}, s:{s:I, s:i}}", "monotonic", "secs", (json_int_t)p->time.monotonic, "nanosecs", 0,
			 "boottime", "secs", (json_int_t)p->time.boottime, "nanosecs", 0);
}

static json_t *linux_part(const struct policy *p, const struct export_facts *f)
{
	json_t *ret = json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "namespaces", namespaces(p), "devices", devices(p, f),
				"resources", resources(p, f), "rootfsPropagation", "private", "maskedPaths", masked(p),
				"readonlyPaths", strings(tree_read_only, p->proc == PROC_MASKED ? tree_read_only_len : 0),
				"personality", json_pack("{s:s}", "domain", "LINUX"));

	if (p->namespaces.user) {
		json_object_set_new(ret, "uidMappings", id_map(p->user.uid, NULL));
		json_object_set_new(ret, "gidMappings", id_map(p->user.gid, &p->user.groups));
	}
	if (p->namespaces.time && (p->time.monotonic || p->time.boottime))
		json_object_set_new(ret, "timeOffsets", time_offsets(p));
	if (p->sysctl.n)
		json_object_set_new(ret, "sysctl", sysctl(p));
	if (f->seccomp)
		json_object_set(ret, "seccomp", f->seccomp);
	return ret;
}

/* What Debian 12's runtimes still take: crun 1.8 refuses a document of 1.1 unseen. All runtimes since read it. */
#define VERSION "1.0.2"

json_t *export_oci(const struct policy *p, const struct export_facts *f, const struct findings *lost)
{
	json_t *ret = json_pack("{s:s, s:{s:s, s:b}, s:o, s:o, s:o, s:o}", "ociVersion", VERSION, "root", "path", p->rootfs,
				"readonly", 1, "process", process(p), "mounts", mounts(p), "linux", linux_part(p, f),
				"annotations", export_oci_annotations(p, f));

	if (p->namespaces.uts)
		json_object_set_new(ret, "hostname", json_string(*p->hostname ? p->hostname : *p->name ? p->name : f->name));
	export_oci_losses(p, lost);
	return ret;
}
