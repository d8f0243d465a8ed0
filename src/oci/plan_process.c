/* plan_process.c - process: what is executed, as whom, and with which rights. Labels and system calls stand in plan_confine.c. */
#include "plan.h"

#include "../base/procfs.h"
#include "../controls/caps.h"
#include "../controls/rlimits.h"
#include "../launch/plan.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

static const char *const *strings(const json_t *array, struct arena *a)
{
	size_t n = json_array_size(array), i;
	const char **v = arena_alloc(a, (n + 1) * sizeof(*v));
	json_t *s;

	if (v)
		json_array_foreach(array, i, s)
			v[i] = json_string_value(s);
	return v;
}

/* What we are ourselves: an umask that nobody names stays, and what we lack cannot be granted. */
struct ours { mode_t umask; uint64_t caps; };

static int look_at_ourselves(struct ours *o, struct err *e)
{
	_auto(free_mem) char *status = malloc(PROC_STATUS_MAX);
	uint64_t bounding = 0;
	const char *umask = NULL;
	ssize_t n = status ? sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/status", status, PROC_STATUS_MAX) : -ENOMEM;
	int r = n < 0 ? (int)n : proc_hex(status, "CapPrm", &o->caps);

	if (r >= 0)
		r = proc_hex(status, "CapBnd", &bounding);
	if (r >= 0)
		umask = proc_field(status, "Umask");
	if (!umask)
		return err_set(e, ERR_HOST, r, "mount /proc", "cannot read our own status");
	o->caps &= bounding;
	o->umask = (mode_t)strtoul(umask, NULL, 8);
	return 0;
}

static int plan_user(const json_t *user, const struct ours *ours, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *more = spec_member(user, "additionalGids");
	int64_t uid = 0, gid = 0, umask = ours->umask;
	gid_t *groups = arena_alloc(a, (json_array_size(more) + 1) * sizeof(*groups));

	if (!groups)
		return spec_no_memory(e);
	if (spec_number(user, "uid", 0, UINT32_MAX - 1, &uid, e) < 0 || spec_number(user, "gid", 0, UINT32_MAX - 1, &gid, e) < 0 ||
	    spec_number(user, "umask", 0, 0777, &umask, e) < 0)
		return err_at(e, "/process/user");
	for (size_t i = 0; i < json_array_size(more); i++) {
		json_int_t n = json_integer_value(json_array_get(more, i));

		if (n < 0 || n > UINT32_MAX - 1) {
			err_set(e, ERR_POLICY, 0, NULL, "a group id is a number from 0 to %u", UINT32_MAX - 1);
			return err_at(e, "/process/user/additionalGids/%zu", i);
		}
		groups[i] = (gid_t)n;
	}
	plan->uid = (uid_t)uid;
	plan->gid = (gid_t)gid;
	plan->umask = (mode_t)umask;
	plan->groups = groups;
	plan->n_groups = json_array_size(more);
	return 0;
}

/* --- capabilities --- */

/* Bits of the set that nobody may do without: they make the kernel refuse the set as a whole. */
static int fits_in(uint64_t set, const char *name, uint64_t in, const char *whole, struct err *e)
{
	uint64_t extra = set & ~in;
	char cap[CAPS_NAME];

	if (!extra)
		return 0;
	(void)caps_name((unsigned)__builtin_ctzll(extra), cap);
	err_set(e, ERR_POLICY, 0, "capabilities(7): the kernel takes no such combination", "%s is %s, but not %s", cap, name, whole);
	return err_at(e, "/process/capabilities/%s", name);
}

static int cap_set(const struct oci_spec *s, const char *set, const json_t *names, uint64_t granted, uint64_t *ret, struct err *e)
{
	const json_t *name;
	size_t i;

	*ret = 0;
	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);
		int cap = strncmp(text, "CAP_", 4) == 0 ? capng_name_to_capability(text + 4) : -1;

		if (cap >= 0 && granted >> cap & 1) {
			*ret |= UINT64_C(1) << cap;
			continue;
		}
		if (s->wish->strict) {
			err_set(e, ERR_POLICY, 0, "the host's floor has everything named that is asked for", "%s '%.40s'",
				cap < 0 ? "there is no capability" : "cannot grant the capability", text);
			return err_at(e, "/process/capabilities/%s/%zu", set, i);
		}
		/* config.md: "MUST be logged as a warning", "SHOULD NOT fail" */
		spec_warn(s, "process.capabilities.%s: %s '%.40s': left out", set,
			  cap < 0 ? "there is no capability" : "this host cannot grant", text);
	}
	return 0;
}

static void warn_of_ambient(const struct oci_spec *s, uint64_t set)
{
	char cap[CAPS_NAME];

	for (; set; set &= set - 1) {
		(void)caps_name((unsigned)__builtin_ctzll(set), cap);
		spec_warn(s, "process.capabilities.ambient: %s is not permitted and inheritable as well: left out", cap);
	}
}

static int plan_caps(const struct oci_spec *s, const json_t *caps, const struct ours *ours, struct plan *plan, struct err *e)
{
	static const char *const sets[] = { [CAPS_INHERITABLE] = "inheritable", [CAPS_PERMITTED] = "permitted",
					    [CAPS_EFFECTIVE] = "effective", [CAPS_BOUNDING] = "bounding", [CAPS_AMBIENT] = "ambient" };
	uint64_t known = UINT64_MAX >> (63 - plan->last_cap), granted = known & (plan->own_userns ? UINT64_MAX : ours->caps), *v = plan->caps;

	for (size_t i = 0; i < CAP_SETS; i++)
		if (cap_set(s, sets[i], spec_member(caps, sets[i]), granted, &v[i], e) < 0)
			return -1;
	if (fits_in(v[CAPS_EFFECTIVE], "effective", v[CAPS_PERMITTED], "permitted", e) < 0 ||
	    fits_in(v[CAPS_INHERITABLE], "inheritable", v[CAPS_BOUNDING], "bounding", e) < 0)
		return -1;
	/* What `runc spec` writes has ambient capabilities that are not inheritable: no kernel gives them (capabilities(7)). */
	if (s->wish->strict && (fits_in(v[CAPS_AMBIENT], "ambient", v[CAPS_PERMITTED], "permitted", e) < 0 ||
				fits_in(v[CAPS_AMBIENT], "ambient", v[CAPS_INHERITABLE], "inheritable", e) < 0))
		return -1;
	warn_of_ambient(s, v[CAPS_AMBIENT] & ~(v[CAPS_PERMITTED] & v[CAPS_INHERITABLE]));
	v[CAPS_AMBIENT] &= v[CAPS_PERMITTED] & v[CAPS_INHERITABLE];
	plan->leaves_root = plan->uid && plan->gid && !(v[CAPS_PERMITTED] & (1 << CAP_SETUID | 1 << CAP_SETGID));
	return 0;
}

/* --- limits --- */

static int plan_rlimit(const json_t *entry, const struct plan_rlimit *before, size_t n, struct plan_rlimit *ret, struct err *e)
{
	const char *type = spec_text(entry, "type");

	ret->resource = type && strncmp(type, "RLIMIT_", 7) == 0 && !strpbrk(type + 7, "abcdefghijklmnopqrstuvwxyz") ?
			rlimit_resource(type + 7, &ret->name) : -1;
	if (ret->resource < 0)
		return err_set(e, ERR_POLICY, 0, "as in getrlimit(2): RLIMIT_NOFILE", "there is no limit '%.40s'", type ? type : "");
	for (size_t i = 0; i < n; i++)
		if (before[i].resource == ret->resource)
			return err_set(e, ERR_POLICY, 0, "once is enough", "%s stands here twice", type);
	if (!spec_member(entry, "soft") || !spec_member(entry, "hard"))
		return err_set(e, ERR_POLICY, 0, NULL, "both soft and hard are needed");
	if (spec_unsigned(entry, "soft", &ret->soft, e) < 0 || spec_unsigned(entry, "hard", &ret->hard, e) < 0)
		return -1;
	return ret->soft > ret->hard ? err_set(e, ERR_POLICY, 0, NULL, "the soft limit is above the hard one") : 0;
}

static int plan_rlimits(const json_t *list, struct plan *plan, struct arena *a, struct err *e)
{
	struct plan_rlimit *v = arena_alloc(a, (json_array_size(list) + 1) * sizeof(*v));
	const json_t *entry;
	size_t i;

	if (!v)
		return spec_no_memory(e);
	json_array_foreach(list, i, entry)
		if (plan_rlimit(entry, v, i, &v[i], e) < 0)
			return err_at(e, "/process/rlimits/%zu", i);
	for (i = 0; i < json_array_size(list); i++)
		if (!(v[i].at = arena_printf(a, "/process/rlimits/%zu", i)))
			return spec_no_memory(e);
	plan->rlimits = v;
	plan->n_rlimits = json_array_size(list);
	return 0;
}

/* --- the whole --- */

/* The last of a name counts, as for runc and crun: getenv(3) would find the first. Where it stands. */
static size_t put_env(const char **v, const char *entry)
{
	const size_t name = strcspn(entry, "=");
	size_t i = 0;

	while (v[i] && !(strncmp(v[i], entry, name) == 0 && (v[i][name] == '=' || v[i][name] == '\0')))
		i++;
	v[i] = entry;
	return i;
}

/* As for a program that the manager had started itself: its number is 1 inside. */
static int put_sockets(const struct oci_wish *w, const char **v, struct arena *a)
{
	const char *fds = arena_printf(a, "LISTEN_FDS=%u", w->listen_fds);
	const char *names = w->listen_names ? arena_printf(a, "LISTEN_FDNAMES=%s", w->listen_names) : "";

	if (!fds || !names)
		return -ENOMEM;
	put_env(v, fds);
	put_env(v, "LISTEN_PID=1");
	if (*names)
		put_env(v, names);
	return 0;
}

static int plan_env(const struct oci_spec *s, const json_t *env, struct plan *plan, struct arena *a, struct err *e)
{
	const char **v = arena_alloc(a, (json_array_size(env) + 5) * sizeof(*v));
	const json_t *entry;
	size_t i;

	if (!v)
		return spec_no_memory(e);
	json_array_foreach(env, i, entry)
		put_env(v, json_string_value(entry));
	if (s->wish->listen_fds && put_sockets(s->wish, v, a) < 0)
		return spec_no_memory(e);
	for (i = 0; v[i] && strncmp(v[i], "HOME=", 5) != 0; i++)
		;
	if (!v[i] || !v[i][5]) {
		i = put_env(v, "HOME=/");
		plan->home = v + i;
	}
	plan->envp = v;
	return 0;
}

static int plan_program(const struct oci_spec *s, const json_t *process, struct plan *plan, struct arena *a, struct err *e)
{
	if (!json_array_size(spec_member(process, "args"))) {
		err_set(e, ERR_POLICY, 0, "the specification requires it before `start`", "there is nothing to run");
		return err_at(e, "/process/args");
	}
	plan->argv = strings(spec_member(process, "args"), a);
	plan->cwd = spec_text(process, "cwd");
	plan->cwd_as_root = true;
	if (!plan->argv)
		return spec_no_memory(e);
	if (!plan->cwd || *plan->cwd != '/') {
		err_set(e, ERR_POLICY, 0, NULL, "process.cwd must be an absolute path");
		return err_at(e, "/process/cwd");
	}
	return plan_env(s, spec_member(process, "env"), plan, a, e) < 0 ? -1 : plan_candidates(plan, a, e);
}

static int plan_terminal(const struct oci_spec *s, const json_t *process, struct plan *plan, struct err *e)
{
	const json_t *size = spec_member(process, "consoleSize");
	int64_t rows = 0, columns = 0;

	plan->terminal = spec_true(process, "terminal");
	plan->console = s->wish->console_socket;
	/* config.md: without a terminal it "MUST" be ignored */
	if (plan->terminal && (spec_number(size, "height", 0, UINT16_MAX, &rows, e) < 0 ||
			       spec_number(size, "width", 0, UINT16_MAX, &columns, e) < 0))
		return err_at(e, "/process/consoleSize");
	plan->rows = (unsigned short)rows;
	plan->columns = (unsigned short)columns;
	if (!plan->terminal && s->wish->console_socket)
		return err_set(e, ERR_USAGE, 0, "set process.terminal", "--console-socket is of no use to a process without a terminal");
	if (plan->terminal && s->wish->detached && !s->wish->console_socket)
		return err_set(e, ERR_USAGE, 0, "--console-socket PATH", "nobody takes the terminal that the process asks for");
	return 0;
}

int oci_plan_process(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *process = spec_get(s, "/process");
	struct ours ours;

	if (look_at_ourselves(&ours, e) < 0)
		return -1;
	plan->keep_keyring = s->wish->no_new_keyring;
	if (plan_program(s, process, plan, a, e) < 0 || plan_user(spec_member(process, "user"), &ours, plan, a, e) < 0 ||
	    plan_caps(s, spec_member(process, "capabilities"), &ours, plan, e) < 0 ||
	    plan_rlimits(spec_member(process, "rlimits"), plan, a, e) < 0 || oci_plan_sched(s, plan, a, e) < 0 ||
	    oci_plan_confine(s, plan, a, e) < 0)
		return -1;
	return plan_terminal(s, process, plan, e);
}
