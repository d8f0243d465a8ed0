/* plan_hooks.c - hooks: what is run for the container at each stage of its life, and the state that they are told. */
#include "plan.h"

#include <limits.h>
#include <string.h>

static const char *const names[HOOK_STAGES] = {
	[HOOK_PRESTART] = "prestart", [HOOK_CREATE_RUNTIME] = "createRuntime", [HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer", [HOOK_POSTSTART] = "poststart", [HOOK_POSTSTOP] = "poststop",
};

/* execv(3) wants a name of the program at least; the environment of an entry without one is empty. */
static const char *const *strings(const json_t *array, const char *instead, struct arena *a)
{
	size_t n = json_array_size(array), i;
	const char **v = arena_alloc(a, (n + 2) * sizeof(*v));
	const json_t *s;

	if (!v)
		return NULL;
	v[0] = instead;
	json_array_foreach(array, i, s)
		v[i] = json_string_value(s);
	return v;
}

static int plan_one(const json_t *entry, struct plan_hook *h, struct arena *a, struct err *e)
{
	int64_t timeout = 0;

	h->path = spec_text(entry, "path");
	if (!h->path || *h->path != '/')
		return err_set(e, ERR_POLICY, 0, NULL, "the path of a hook must be absolute");
	if (spec_number(entry, "timeout", 1, INT_MAX / 1000, &timeout, e) < 0)
		return -1;
	h->timeout = (unsigned)timeout;
	h->argv = strings(spec_member(entry, "args"), h->path, a);
	h->envp = strings(spec_member(entry, "env"), NULL, a);
	return h->argv && h->envp ? 0 : spec_no_memory(e);
}

/* All but what changes: "status" and "pid" are put behind it. */
static int plan_state(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	json_t *annotations = spec_get(s, "/annotations");
	json_auto_t *json = json_pack("{s:s, s:s, s:s}", "ociVersion", "1.2.0", "id", s->wish->id, "bundle", s->wish->bundle);
	char *text;

	if (!json || (annotations && json_object_set(json, "annotations", annotations) < 0) || !(text = json_dumps(json, JSON_COMPACT)))
		return spec_no_memory(e);
	plan->hook_state = arena_printf(a, "%.*s,", (int)strlen(text) - 1, text);
	free(text);
	return plan->hook_state ? 0 : spec_no_memory(e);
}

int oci_plan_hooks(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	const json_t *hooks = spec_get(s, "/hooks");
	bool any = false;

	for (int stage = 0; stage < HOOK_STAGES; stage++) {
		const json_t *list = spec_member(hooks, names[stage]), *entry;
		struct plan_hook *v = json_array_size(list) ? arena_alloc(a, json_array_size(list) * sizeof(*v)) : NULL;
		size_t i;

		if (json_array_size(list) && !v)
			return spec_no_memory(e);
		json_array_foreach(list, i, entry)
			if (plan_one(entry, &v[i], a, e) < 0)
				return err_at(e, "/hooks/%s/%zu", names[stage], i);
		plan->hooks[stage] = (struct plan_hooks){ v, json_array_size(list) };
		any |= v != NULL;
	}
	/* A hook has the program's filter, but loads it itself: its calls would reach no agent. */
	if (plan->listener && plan->hooks[HOOK_START_CONTAINER].n) {
		err_set(e, ERR_HOST, 0, "leave these hooks or SCMP_ACT_NOTIFY out", "no seccomp agent can answer for a hook inside the container");
		return err_at(e, "/hooks/startContainer");
	}
	plan->bundle = s->wish->bundle;
	return any ? plan_state(s, plan, a, e) : 0;
}
