/* hook_poststart.c - poststart: the process is looked at, by the same code that the launcher and `casemate verify` use, against
 * what config.json says; one that is something else is killed.
 *
 * runc up to 1.5 calls it before the workload is executed; crun, and runc after that, call it when the workload runs already: what
 * it did in that time it has done. A process that is gone by now is none to be looked at. */
#include "document.h"
#include "hook_state.h"
#include "plan.h"

#include "../base/cgroup2.h"
#include "../base/cleanup.h"
#include "../base/procfs.h"
#include "../controls/caps.h"
#include "../launch/cgroup_held.h"
#include "../launch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>

enum { TRIES = 30, PAUSE_MS = 50 };

/* What both runtimes do as config.json says, and the kernel shows of any process. */
static const enum control_id looked_at[] = {
	CONTROL_capabilities, CONTROL_no_new_privs, CONTROL_seccomp, CONTROL_user, CONTROL_ns_user, CONTROL_ns_mount, CONTROL_ns_pid, CONTROL_ns_ipc,
	CONTROL_ns_uts, CONTROL_ns_net, CONTROL_ns_cgroup,
};

struct looking {
	struct hook_state *s;
	int pidfd, proc;
	struct target *target;
};

/* Of the same process from first to last: its pid cannot be another's while it is held. */
static int hold(struct looking *l, struct err *e)
{
	char path[32];

	l->pidfd = sys_pidfd_open(&sys_kernel, l->s->pid);
	snprintf(path, sizeof(path), "/proc/%d", l->s->pid);
	l->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->pidfd == -ESRCH || (l->pidfd >= 0 && l->proc < 0 && errno == ENOENT))
		return 0;
	if (l->pidfd < 0 || l->proc < 0)
		return err_set(e, ERR_HOST, l->pidfd < 0 ? l->pidfd : errno, NULL, "cannot look at process %d", l->s->pid);
	return sys_pidfd_send_signal(&sys_kernel, l->pidfd, 0) == 0;
}

/* Its status as it is now. false: it is gone; a zombie has no memory, no mounts, and nothing to hold against it. One whose first thread
 * alone has ended shows as little, and is no zombie: what cannot be seen is not as it should be. */
static bool read_status(const struct looking *l)
{
	unsigned long long since;
	char stat[1024];

	return sys_pidfd_send_signal(&sys_kernel, l->pidfd, 0) == 0 &&
	       sys_read_file(&sys_kernel, l->proc, "status", l->target->status, sizeof(l->target->status)) > 0 &&
	       sys_read_file(&sys_kernel, l->proc, "stat", stat, sizeof(stat)) > 0 && proc_stat_alive(stat, &since);
}

static void drifted(struct hook_findings *all, const char *control, const struct err *why)
{
	if (all->errors++ == 0) {
		err_set(all->e, ERR_LAUNCH, why->sys, "it was killed", "%s: %s", control, why->msg);
		err_at(all->e, "%s", why->path);
	}
	json_array_append_new(all->list, json_pack("{s:s, s:o, s:o}", "severity", "drift", "path", record_text(control), "message", record_text(why->msg)));
}

static void look(struct looking *l, const struct plan *plan, struct hook_findings *all)
{
	/* Before its execve a process still has in its permitted set what the program will not get: no more than it is bounded to, then. */
	struct plan before = *plan;
	char value[VALUE_MAX];

	before.without |= CONTROL_BIT(CONTROL_no_new_privs);
	for (size_t i = 0; i < COUNT(looked_at); i++) {
		const struct control *c = control_get(looked_at[i]);
		struct err why = { 0 };

		if (!waived(plan, looked_at[i]) && c->verify &&
		    c->verify(looked_at[i] == CONTROL_capabilities ? &before : plan, l->target, value, &why) < 0)
			drifted(all, control_name(looked_at[i]), &why);
	}
}

/* The attribute of the mount that is its root directory; the files of the process say which that is. */
static void look_at_root(const struct looking *l, struct hook_findings *all)
{
	json_t *wanted = json_object_get(json_object_get(l->s->config, "root"), "readonly");
	_auto(close_fd) int root = openat(l->proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct err why = { 0 };
	int r = root < 0 ? -errno : sys_fstatfs(&sys_kernel, root, &fs);

	if (!json_is_true(wanted) || (r >= 0 && fs.f_flags & ST_RDONLY))
		return;
	err_set(&why, ERR_LAUNCH, r, NULL, r < 0 ? "cannot look at the root" : "the root can be written");
	drifted(all, control_name(CONTROL_rootfs), &why);
}

/* All of it, by the cgroup where that can be done, and the process itself in any case. */
static void kill_all(const struct looking *l)
{
	char path[CGROUP2_PATH_MAX];
	_auto(close_fd) int dir = cgroup2_open_of(&sys_kernel, l->proc, path);

	(void)!sys_pidfd_send_signal(&sys_kernel, l->pidfd, SIGKILL);
	if (dir >= 0 && !cgroup2_holds_us(&sys_kernel, path))
		(void)!cgroup_empty(&sys_kernel, dir);
}

/* As much of a plan as is looked at. What the runtime does with a terminal is not. */
static int plan_of(const struct hook_state *s, char **text, struct arena *a, struct oci_spec *spec, const struct oci_wish *wish,
		   struct plan *plan, struct err *e)
{
	json_object_del(json_object_get(s->config, "process"), "terminal");
	*text = oci_document_write(s->config);
	if (!*text || arena_init(a, 64 << 20) < 0) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the config.json");
		return HOOK_HOST;
	}
	*plan = (struct plan){ .name = s->id };
	if (caps_read_last(&sys_kernel, &plan->last_cap) < 0 || spec_parse(spec, wish, *text, strlen(*text), a, e) < 0 ||
	    oci_plan_namespaces(spec, plan, a, e) < 0 || oci_plan_process(spec, plan, a, e) < 0) {
		if (e->kind == ERR_NONE)
			err_set(e, ERR_HOST, EIO, "mount /proc", "cannot read what the kernel's last capability is");
		return HOOK_INPUT;
	}
	return 0;
}

/* crun loads the filter and executes the program while this runs: what is missing may be on its way, so a drift is one that
 * stays. 1: looked at; 0: gone before that. */
static int look_until(struct looking *l, const struct plan *plan, struct hook_findings *all)
{
	struct err *e = all->e;

	for (unsigned tries = 0;; tries++) {
		json_decref(all->list);
		*all = (struct hook_findings){ .e = e, .list = json_array() };
		*e = (struct err){ 0 };
		if (!read_status(l))
			return 0;
		look(l, plan, all);
		look_at_root(l, all);
		if (!all->errors || tries == TRIES)
			break;
		(void)!sys_poll(&sys_kernel, -1, 0, PAUSE_MS);
	}
	if (all->errors && !read_status(l)) {	/* it went while it was looked at: what was seen is nothing */
		all->errors = 0;
		*e = (struct err){ 0 };
		return 0;
	}
	return 1;
}

/* *looked: whether there was a process to be looked at. */
static int verify(struct looking *l, struct hook_findings *all, bool *looked, struct err *e)
{
	const struct oci_wish wish = { .id = l->s->id, .bundle = l->s->bundle };
	_auto(arena_free) struct arena arena = { 0 };
	struct plan plan;
	struct oci_spec spec = { 0 };
	_auto(free_mem) char *text = NULL;
	int r = plan_of(l->s, &text, &arena, &spec, &wish, &plan, e);

	target_init(l->target, &sys_kernel, NULL, false, l->proc);
	*looked = r == 0 && look_until(l, &plan, all);
	spec_free(&spec);
	return r;
}

static int poststart(struct hook *h, struct looking *l, struct hook_bounds *b, struct err *e)
{
	struct hook_findings all = { .e = e };
	struct err quiet = { 0 };
	int r = hook_bounds_load(h, l->s->config, b, e), held;
	bool looked = false;

	if (r || !b->n)
		return r;
	held = hold(l, e);
	if (held <= 0)
		return held < 0 ? HOOK_HOST : 0;
	all.list = json_array();
	r = verify(l, &all, &looked, e);
	if (all.errors || r) {
		kill_all(l);
		r = r ? r : HOOK_DRIFT;
	}
	if (r == 0 && !looked) {
		json_decref(all.list);
		return 0;
	}
	if (hook_record(h, r ? "alert" : "verified", l->s->id, b, all.list, l->s->sha256, r ? &quiet : e) < 0 && r == 0)
		r = HOOK_HOST;
	return r;
}

int hook_poststart(struct hook *h, struct err *e)
{
	struct hook_bounds *b = calloc(1, sizeof(*b));
	struct hook_state s = { .root = NULL };
	struct looking l = { .s = &s, .pidfd = -1, .proc = -1, .target = calloc(1, sizeof(struct target)) };
	int r = b && l.target ? hook_state_read(h, true, &s, e) : HOOK_HOST;

	if (r == 0)
		r = hook_state_config(&s, e);
	if (r == 0)
		r = poststart(h, &l, b, e);
	close_fd(&l.pidfd);
	close_fd(&l.proc);
	hook_state_free(&s);
	if (b)
		hook_bounds_free(b);
	free(b);
	free(l.target);
	return r;
}
