/* plan_process.c - process: what is executed, as whom, and with which rights. */
#include "plan.h"

#include "../launch/plan.h"

#include <cap-ng.h>
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

static int plan_user(const json_t *user, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *more = spec_member(user, "additionalGids");
	int64_t uid = 0, gid = 0, umask = 0022;
	gid_t *groups = arena_alloc(a, (json_array_size(more) + 1) * sizeof(*groups));

	if (!groups)
		return spec_no_memory(e);
	if (spec_number(user, "uid", 0, UINT32_MAX - 1, &uid, e) < 0 || spec_number(user, "gid", 0, UINT32_MAX - 1, &gid, e) < 0 ||
	    spec_number(user, "umask", 0, 0777, &umask, e) < 0)
		return err_at(e, "/process/user");
	for (size_t i = 0; i < json_array_size(more); i++)
		groups[i] = (gid_t)json_integer_value(json_array_get(more, i));
	plan->uid = (uid_t)uid;
	plan->gid = (gid_t)gid;
	plan->umask = (mode_t)umask;
	plan->groups = groups;
	plan->n_groups = json_array_size(more);
	return 0;
}

static uint64_t cap_set(const json_t *names)
{
	uint64_t set = 0;
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);
		int cap = strncmp(text, "CAP_", 4) == 0 ? capng_name_to_capability(text + 4) : -1;

		if (cap >= 0)
			set |= UINT64_C(1) << cap;
	}
	return set;
}

int oci_plan_process(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	static const char *const sets[] = { [CAPS_INHERITABLE] = "inheritable", [CAPS_PERMITTED] = "permitted",
					    [CAPS_EFFECTIVE] = "effective", [CAPS_BOUNDING] = "bounding", [CAPS_AMBIENT] = "ambient" };
	const json_t *process = spec_get(s, "/process");

	if (!json_array_size(spec_member(process, "args"))) {
		err_set(e, ERR_POLICY, 0, "the specification requires it before `start`", "there is nothing to run");
		return err_at(e, "/process/args");
	}
	plan->argv = strings(spec_member(process, "args"), a);
	plan->envp = strings(spec_member(process, "env"), a);
	plan->cwd = spec_text(process, "cwd");
	if (!plan->argv || !plan->envp)
		return spec_no_memory(e);
	if (!plan->cwd || *plan->cwd != '/') {
		err_set(e, ERR_POLICY, 0, NULL, "process.cwd must be an absolute path");
		return err_at(e, "/process/cwd");
	}
	for (size_t i = 0; i < CAP_SETS; i++)
		plan->caps[i] = cap_set(spec_member(spec_member(process, "capabilities"), sets[i]));
	plan->without |= (spec_true(process, "noNewPrivileges") ? 0 : CONTROL_BIT(CONTROL_no_new_privs)) |
			 CONTROL_BIT(CONTROL_seccomp) | CONTROL_BIT(CONTROL_apparmor);
	if (plan_user(spec_member(process, "user"), plan, a, e) < 0)
		return -1;
	return plan_candidates(plan, a, e);
}
