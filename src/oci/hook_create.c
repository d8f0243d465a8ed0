/* hook_create.c - createRuntime: the namespaces are there, the process is not the workload's yet.
 *
 * The runtime has read config.json already, so it can be judged and no longer changed; and of the process nothing is final, so it
 * is not looked at. What can be enforced are the cgroup and the network namespace. */
#include "hook_state.h"
#include "ports.h"

#include "../base/cgroup2.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

/* --- limits --- */

struct limit { const char *file; uint64_t most; };

/* "max", or the number. cpu.max is "QUOTA PERIOD": the CPUs, in millionths. */
static uint64_t read_limit(const char *file, const char *text)
{
	unsigned long long v, period;

	if (strcmp(file, "cpu.max") == 0)
		return sscanf(text, "%19llu %19llu", &v, &period) == 2 && period && v < UINT64_MAX / 1000000 ? v * 1000000 / period : UINT64_MAX;
	return sscanf(text, "%19llu", &v) == 1 ? v : UINT64_MAX;
}

static bool keeps(int dir, const struct limit *l)
{
	char text[64];

	return sys_read_file(&sys_kernel, dir, l->file, text, sizeof(text)) > 0 && read_limit(l->file, text) <= l->most;
}

static int lower(int dir, const struct limit *l, struct err *e)
{
	char text[64];
	int r;

	if (strcmp(l->file, "cpu.max") == 0)
		snprintf(text, sizeof(text), "%" PRIu64 " 100000", l->most / 10);
	else
		snprintf(text, sizeof(text), "%" PRIu64, l->most);
	r = sys_write_file(&sys_kernel, dir, l->file, text);
	if (r >= 0 && !keeps(dir, l))
		r = -EIO;
	return r < 0 ? err_set(e, ERR_HOST, r, "is the controller enabled for the container's cgroup, and delegated?", "cannot lower %s to %s", l->file, text) : 0;
}

/* A limit of a cgroup above holds as well; some runtimes put theirs there. The search ends at the tree's root. */
static bool kept_above(int leaf, const char *path, const struct limit *l)
{
	_auto(close_fd) int dir = -1;

	for (const char *c = path + 1; *c; c++)
		if (*c == '/' && c[1]) {
			int up = openat(dir < 0 ? leaf : dir, "..", O_DIRECTORY | O_RDONLY | O_CLOEXEC);

			close_fd(&dir);
			dir = up;
			if (up < 0 || keeps(up, l))
				return up >= 0;
		}
	return false;
}

/* A host whose controllers are cgroup v1's, all or some: what config.json says is judged, and the runtime's to set. */
static bool has_v1(int proc)
{
	char text[4096];

	if (sys_read_file(&sys_kernel, proc, "cgroup", text, sizeof(text)) < 0)
		return true;
	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, "0::", 3) != 0 && strncmp(line, "1:name=", 7) != 0)
			return true;
	return false;
}

static int limit_cgroup(int proc, const struct oci_bound *b, struct err *e)
{
	const struct limit limits[] = {
		{ "memory.max", b->limits.memory }, { "memory.swap.max", b->limits.swap }, { "pids.max", b->limits.pids }, { "cpu.max", b->limits.cpus },
	};
	char path[CGROUP2_PATH_MAX];
	_auto(close_fd) int dir = cgroup2_open_of(&sys_kernel, proc, path);

	if (dir < 0)
		return err_set(e, ERR_HOST, dir, NULL, "cannot open the container's cgroup");
	for (size_t i = 0; i < COUNT(limits); i++) {
		if (limits[i].most == UINT64_MAX || keeps(dir, &limits[i]) || kept_above(dir, path, &limits[i]))
			continue;
		if (cgroup2_holds_us(&sys_kernel, path))
			return err_set(e, ERR_POLICY, 0, "give the container a cgroup of its own", "%s would be lowered for whoever started it, too",
				       limits[i].file);
		if (lower(dir, &limits[i], e) < 0)
			return -1;
	}
	return 0;
}

/* --- ports --- */

static bool same_namespace(int proc)
{
	struct stat theirs, ours;

	return fstatat(proc, "ns/net", &theirs, 0) < 0 || stat("/proc/self/ns/net", &ours) < 0 ||
	       (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino);
}

static int enter_network(int proc, struct err *e)
{
	_auto(close_fd) int fd = openat(proc, "ns/net", O_RDONLY | O_CLOEXEC);
	int r;

	if (same_namespace(proc))
		return err_set(e, ERR_POLICY, 0, "give the container a network of its own", "rules for its TCP ports would be the host's");
	r = fd < 0 ? -errno : sys_setns(&sys_kernel, fd, CLONE_NEWNET);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot enter the container's network namespace") : 0;
}

/* Each bound has a table of its own: a packet must pass all of them. */
static int restrict_ports(const struct hook_state *s, int proc, const struct hook_bounds *b, struct err *e)
{
	char name[HOOK_TABLE], table[HOOK_TABLE + 24];
	bool entered = false;

	hook_table_name(s, name);
	for (size_t i = 0; i < b->n; i++) {
		const struct oci_bound *bound = &b->bound[i];

		if ((!bound->connect && !bound->listen) || bound->network == NETWORK_NONE)
			continue;
		if (!entered && enter_network(proc, e) < 0)
			return -1;
		entered = true;
		snprintf(table, sizeof(table), "%s-%zu", name, i);
		if (ports_restrict(&sys_kernel, table, bound->connect, bound->listen, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the stage --- */

static int enforce(const struct hook_state *s, const struct hook_bounds *b, struct err *e)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", s->pid);
	_auto(close_fd) int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0) {
		err_set(e, ERR_HOST, errno, NULL, "cannot look at process %d", s->pid);
		return HOOK_HOST;
	}
	for (size_t i = 0; i < b->n && !has_v1(proc); i++)
		if (limit_cgroup(proc, &b->bound[i], e) < 0)
			return HOOK_HOST;
	return restrict_ports(s, proc, b, e) < 0 ? HOOK_HOST : 0;
}

static int create(struct hook *h, struct hook_state *s, struct hook_bounds *b, struct err *e)
{
	struct hook_findings all = { 0 };
	struct err quiet = { 0 };
	int r = hook_bounds_load(h, s->config, b, e);

	if (r || !b->n)
		return r;
	r = hook_judge(s->config, b, OCI_JUDGE, true, &all, e);
	if (r == 0)
		r = enforce(s, b, e);
	if (hook_record(h, r ? "refused" : "created", s->id, b, all.list, s->sha256, r ? &quiet : e) < 0 && r == 0)
		r = HOOK_HOST;
	return r;
}

int hook_create_runtime(struct hook *h, struct err *e)
{
	struct hook_bounds *b = calloc(1, sizeof(*b));
	struct hook_state s = { .root = NULL };
	int r = b ? hook_state_read(h, true, &s, e) : HOOK_HOST;

	if (r == 0)
		r = hook_state_config(&s, e);
	if (r == 0)
		r = create(h, &s, b, e);
	hook_state_free(&s);
	if (b)
		hook_bounds_free(b);
	free(b);
	return r;
}
