/* cgroup.c - making, killing and removing the leaf of a launch.
 *
 * BASE/casemate/NAME has a level between because the owner of BASE may be systemd, which takes
 * controllers away again that no unit of its own needs. The kernel refuses that (EBUSY) while a
 * child has them enabled for its own children: "casemate" is that child.
 *
 * Other launches make and remove "casemate" at the same time; whoever finds it gone starts again. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

enum { CONTROLLER_MAX = 16, ENABLE_MAX = 128 };

/* The controller behind the file of a limit: "memory.max" -> "memory". False where there is none ("cgroup.freeze"), and for one
 * that an earlier limit has named. */
static bool controller_of(const struct plan *p, size_t i, char name[CONTROLLER_MAX])
{
	const char *file = p->limits[i].file;
	size_t n = strcspn(file, ".");

	if (n == strlen("cgroup") && memcmp(file, "cgroup", n) == 0)
		return false;
	for (size_t before = 0; before < i; before++)
		if (strncmp(p->limits[before].file, file, n + 1) == 0)
			return false;
	snprintf(name, CONTROLLER_MAX, "%.*s", (int)n, file);
	return true;
}

/* Appends to a text of bounded size, with a separator where something is there already. */
static void append(char *text, size_t size, const char *separator, const char *a, const char *b)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s%s%s", n ? separator : "", a, b);
}

/* Every missing controller in one message: nobody wants to learn of them one by one. */
static int check_controllers(const struct launch *l, const struct cgroup2_place *at, struct err *e)
{
	char missing[160] = "", waive[96] = "", hint[160], name[CONTROLLER_MAX];
	bool delegate = false;

	for (size_t i = 0; i < l->plan->n_limits; i++) {
		enum control_id id = l->plan->limits[i].control;
		const char *why;

		if (!controller_of(l->plan, i, name))
			continue;
		why = cgroup2_missing(l->sys, at, name);
		if (!why)
			continue;
		append(missing, sizeof(missing), ", ", name, " ");
		append(missing, sizeof(missing), "", why, "");
		if (id < CONTROL_COUNT)
			append(waive, sizeof(waive), ",", control_name(id), "");
		delegate = delegate || strncmp(why, "not del", 7) == 0;
	}
	if (!missing[0])
		return 0;
	snprintf(hint, sizeof(hint), "%s%s%s", delegate ? "Delegate=yes in the unit" : "", delegate && waive[0] ? "; or " : "",
		 waive[0] ? "--without " : "");
	append(hint, sizeof(hint), "", waive, "");
	err_set(e, ERR_HOST, 0, hint, "no cgroup controller: %s", missing);
	return err_at(e, "/limits");
}

/* "+memory +cpu +pids". In one write, so that either all are there or none. */
static void enable_text(const struct plan *p, char text[ENABLE_MAX])
{
	char name[CONTROLLER_MAX];

	text[0] = '\0';
	for (size_t i = 0; i < p->n_limits; i++)
		if (controller_of(p, i, name))
			append(text, ENABLE_MAX, " ", "+", name);
}

static int enable_in_base(const struct launch *l, const struct cgroup2_place *at, const char *enable, struct err *e)
{
	int r = -EBUSY;

	/* Somebody may be born between the two steps; and who is about to end can no longer be moved, but counts
	 * until it has ended. */
	for (int wait = 1; r == -EBUSY && wait < 1000; wait *= 2) {
		if (!at->root && cgroup2_evacuate(l->sys, at->dir, e) < 0)
			return -1;
		r = sys_write_file(l->sys, at->dir, "cgroup.subtree_control", enable);
		if (r == -EBUSY)
			(void)!sys_poll(l->sys, -1, 0, wait);
	}
	if (r < 0)
		return err_set(e, ERR_HOST, r, r == -EBUSY ? "processes keep appearing in it: use a unit or scope with Delegate=yes" :
			       NULL, "cannot enable %s in the cgroup %s/", enable, at->path);
	return 0;
}

/* Not at the place of our own. */
static bool is_elsewhere(const struct plan *p)
{
	return p->cgroup.path || p->cgroup.scope;
}

/* casemate/NAME, below the base; or the end of the path that was asked for, whose directory the base is then. */
static const char *leaf_name(const struct launch *l, char name[320])
{
	if (is_elsewhere(l->plan))
		return strrchr(l->cgroup_path, '/') + 1;
	snprintf(name, 320, "casemate/%s", l->plan->name);
	return name;
}

/* Tried again after anything but the two good answers; -EBUSY: it is in use. */
static int remove_dir(const struct launch *l, const char *name)
{
	int r = -EIO;

	for (int left = 3; r < 0 && r != -EBUSY && r != -ENOENT && left; left--)
		r = sys_unlink(l->sys, l->cgroup_base, name, AT_REMOVEDIR);
	return r;
}

/* One attempt; -ENOENT or -ENODEV: "casemate" was removed under our hands. */
static int try_leaf(const struct launch *l, const char *leaf, const char *enable)
{
	int r = sys_mkdir(l->sys, l->cgroup_base, "casemate", 0755);

	if (r >= 0 || r == -EEXIST)
		r = sys_write_file(l->sys, l->cgroup_base, "casemate/cgroup.subtree_control", enable);
	if (r >= 0)
		r = sys_mkdir(l->sys, l->cgroup_base, leaf, 0755);
	return r;
}

static int make_leaf(struct launch *l, const char *enable, struct err *e)
{
	char name[320];
	const char *leaf = leaf_name(l, name);
	int r, stale = 0;

	for (int left = 16; (r = try_leaf(l, leaf, enable)) < 0 && left; left--) {
		/* Left by a supervisor that was killed. The name is ours (its lock is held), so an empty one may go. */
		if (r == -EEXIST)
			stale = sys_unlink(l->sys, l->cgroup_base, leaf, AT_REMOVEDIR);
		if (stale == -EBUSY)
			return err_set(e, ERR_LAUNCH, stale, "they outlived an earlier launch: write 1 to its cgroup.kill",
				       "the cgroup %s still has processes", l->cgroup_path);
		if (r != -EEXIST && r != -ENOENT && r != -ENODEV)
			break;
	}
	if (r < 0)
		return err_set(e, ERR_HOST, r, r == -EAGAIN ? "cgroup.max.descendants above it is reached" : NULL,
			       "cannot make the cgroup %s", l->cgroup_path);
	l->cgroup = sys_open(l->sys, l->cgroup_base, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (l->cgroup >= 0)
		return 0;
	(void)!remove_dir(l, leaf);
	return err_set(e, ERR_LAUNCH, l->cgroup, NULL, "cannot open the cgroup %s", l->cgroup_path);
}

/* An engine that limits nothing gets its cgroup where it can be had, and a container without one where not. */
static int open_elsewhere(struct launch *l, struct err *e)
{
	const struct cgroup_plan *wish = &l->plan->cgroup;
	struct cgroup2_place at;
	int r = 0;

	if (!wish->scope)	/* else systemd has said where */
		snprintf(l->cgroup_path, sizeof(l->cgroup_path), "%s", wish->path);
	if (wish->own) {
		r = cgroup2_find(l->sys, !l->rootless, &at, e);
		if (r == 0 && !at.root)
			r = cgroup2_evacuate(l->sys, at.dir, e);
		if (at.dir >= 0)
			(void)!sys_close(l->sys, at.dir);
	}
	if (r == 0)
		r = cgroup_open_path(l, e);
	if (r < 0 && !wish->wanted && !l->plan->n_limits) {
		*e = (struct err){ 0 };
		l->cgroup_path[0] = '\0';
		r = 0;
	}
	return r;
}

int cgroup_open(struct launch *l, struct err *e)
{
	struct cgroup2_place at;
	char enable[ENABLE_MAX];
	int r;

	l->cgroup = l->cgroup_base = -1;
	if (is_elsewhere(l->plan))
		return open_elsewhere(l, e);
	l->cgroup_path[0] = '\0';
	if (!l->plan->n_limits && !l->plan->cgroup.wanted)
		return 0;
	if (cgroup2_find(l->sys, !l->rootless, &at, e) < 0)
		return -1;
	l->cgroup_base = at.dir;
	r = snprintf(l->cgroup_path, sizeof(l->cgroup_path), "%s/casemate/%s", at.path, l->plan->name);
	if (r >= (int)sizeof(l->cgroup_path))
		r = err_set(e, ERR_HOST, ENAMETOOLONG, NULL, "the cgroup %s/ is too deep", at.path);
	enable_text(l->plan, enable);
	if (r >= 0)
		r = check_controllers(l, &at, e);
	if (r >= 0)
		r = enable_in_base(l, &at, enable, e);
	if (r >= 0)
		r = make_leaf(l, enable, e);
	if (r < 0)
		cgroup_close(l);
	return r;
}

bool cgroup_has(const struct launch *l, pid_t pid)
{
	int fd = l->cgroup < 0 ? -1 : sys_open(l->sys, l->cgroup, "cgroup.procs", O_RDONLY);
	char text[512];
	bool found = false;
	pid_t one = 0;
	ssize_t n;

	while (fd >= 0 && !found && (n = sys_read(l->sys, fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n && !found; i++) {
			found = text[i] == '\n' && one == pid;
			one = text[i] == '\n' ? 0 : one * 10 + (text[i] - '0');
		}
	if (fd >= 0)
		(void)!sys_close(l->sys, fd);
	return found;
}

int cgroup_kill(const struct launch *l)
{
	int r = sys_write_file(l->sys, l->cgroup, "cgroup.kill", "1");

	/* Before 5.14: PID 1 of the container takes all others with it (pid_namespaces(7)). */
	if (r == -ENOENT && l->pidfd >= 0)
		r = sys_pidfd_send_signal(l->sys, l->pidfd, SIGKILL);
	return r == -ESRCH ? 0 : r;
}

/* The kernel wakes whoever polls cgroup.events when "populated" changes after the read. */
static bool wait_empty(const struct launch *l)
{
	int fd = sys_open(l->sys, l->cgroup, "cgroup.events", O_RDONLY);
	char text[256];
	ssize_t n = 0;

	if (fd >= 0)
		n = sys_read(l->sys, fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	(void)!sys_poll(l->sys, fd, POLLPRI, cgroup2_value(text, "populated") ? 100 : 10);
	if (fd >= 0)
		(void)!sys_close(l->sys, fd);
	return !cgroup2_value(text, "populated");
}

/* systemd removes its own once that is empty, and does not notice when somebody else does. */
static void empty_scope(struct launch *l)
{
	for (int left = 50; left && cgroup_kill(l) >= 0 && !wait_empty(l); left--)
		;
}

void cgroup_close(struct launch *l)
{
	char name[320];

	if (l->cgroup >= 0 && l->plan->cgroup.scope) {
		empty_scope(l);
		(void)!sys_close(l->sys, l->cgroup);
	} else if (l->cgroup >= 0) {
		/* Removing comes first: it is the cheapest way to ask whether anything is left. */
		for (int left = 50; remove_dir(l, leaf_name(l, name)) == -EBUSY && left; left--) {
			(void)!cgroup_kill(l);	/* failed: the next round asks again */
			(void)wait_empty(l);
			if (is_elsewhere(l->plan))	/* where the container may have made some of its own */
				cgroup2_remove_below(l->sys, l->cgroup);
		}
		(void)!sys_close(l->sys, l->cgroup);
	}
	if (l->cgroup_base >= 0) {
		if (!is_elsewhere(l->plan))
			(void)!remove_dir(l, "casemate");	/* it stays while another launch lives in it */
		(void)!sys_close(l->sys, l->cgroup_base);
	}
	l->cgroup = l->cgroup_base = -1;
}

/* Below the place where we would make ours; what lies in another unit goes when systemd removes that. */
bool cgroup_sweep(const char *name)
{
	const struct plan plan = { .name = name };
	struct launch l = { .plan = &plan, .sys = &sys_kernel, .cgroup = -1 };
	struct cgroup2_place at;
	struct err ignored = { 0 };
	char leaf[320];

	int r;

	if (cgroup2_find(&sys_kernel, geteuid() == 0, &at, &ignored) < 0)
		return true;	/* no tree, no leaf */
	l.cgroup_base = at.dir;
	r = remove_dir(&l, leaf_name(&l, leaf));
	cgroup_close(&l);
	return r >= 0 || r == -ENOENT;
}

/* The numbers behind the keys of one flat keyed file, in order. */
static int read_values(const struct launch *l, const char *file, const char *const keys[], uint64_t *const values[])
{
	char text[2048];
	ssize_t n = sys_read_file(l->sys, l->cgroup, file, text, sizeof(text));

	for (size_t i = 0; n >= 0 && keys[i]; i++)
		*values[i] = cgroup2_value(text, keys[i]);
	return n < 0 ? (int)n : 0;
}

static int memory_usage(const struct launch *l, struct usage *u)
{
	uint64_t reached = 0;
	char text[64];
	ssize_t n = sys_read_file(l->sys, l->cgroup, "memory.peak", text, sizeof(text));
	/* "oom": this cgroup's own limit was hit and nothing could be reclaimed. "oom_kill" counts the
	 * victims whoever chose them. The local file leaves out cgroups below and is always per level. */
	int r = read_values(l, "memory.events.local", (const char *[]){ "oom_kill", "oom", NULL },
			    (uint64_t *[]){ &u->oom_kills, &reached });

	if (n > 0)
		u->memory_peak = strtoull(text, NULL, 10);
	if (u->oom_kills)
		u->oom = reached ? OOM_OWN : OOM_ABOVE;
	return r;
}

int cgroup_usage(const struct launch *l, struct usage *u)
{
	int memory = 0, cpu = 0, pids = 0;

	*u = (struct usage){ 0 };
	if (l->cgroup < 0)
		return 0;
	/* Without the controller there are no such files, and nothing that could have happened. */
	memory = memory_usage(l, u);
	pids = read_values(l, "pids.events", (const char *[]){ "max", NULL }, (uint64_t *[]){ &u->pids_max_events });
	/* Every cgroup counts its time; throttling only with the controller. */
	cpu = read_values(l, "cpu.stat", (const char *[]){ "usage_usec", "throttled_usec", NULL },
			  (uint64_t *[]){ &u->cpu_usec, &u->throttled_usec });
	return memory && memory != -ENOENT ? memory : cpu ? cpu : pids == -ENOENT ? 0 : pids;
}
