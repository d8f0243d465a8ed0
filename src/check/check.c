/* check.c - runs the rules over a policy; see check.h. */
#include "check.h"

#include <string.h>

enum { POINTER_LEN = 640 };	/* a variable's name has at most 255 bytes, each of which may be escaped */

static size_t count(const struct policy *p, enum over over)
{
	const size_t n[OVER_KINDS] = {
		[OVER_POLICY] = 1, [OVER_MOUNTS] = p->n_mounts, [OVER_DEVICES] = p->n_devices,
		[OVER_ARGS] = p->args.n, [OVER_ENV] = p->env.n,
	};

	return n[over];
}

/* RFC 6901 wants "~" and "/" of a name escaped; names of variables have neither. */
static void blame(const struct rule *rule, const struct subject *s, char pointer[POINTER_LEN])
{
	static const char *const lists[OVER_KINDS] = {
		[OVER_MOUNTS] = "mounts", [OVER_DEVICES] = "devices", [OVER_ARGS] = "args" };

	if (rule->over == OVER_POLICY)
		snprintf(pointer, POINTER_LEN, "%s", rule->pointer);
	else if (rule->over == OVER_ENV)
		snprintf(pointer, POINTER_LEN, "/env/%s", s->policy->env.v[s->i].name);
	else
		snprintf(pointer, POINTER_LEN, "/%s/%zu", lists[rule->over], s->i);
}

static void ask(const struct rule *rule, struct subject *s, const struct findings *f)
{
	char pointer[POINTER_LEN];

	if (rule->capabilities && !(s->policy->capabilities & rule->capabilities))
		return;
	if (!rule->assess && !rule->capabilities)
		return;		/* somebody else's to report */
	for (s->i = 0; s->i < count(s->policy, rule->over); s->i++) {
		if (rule->assess && !rule->assess(s))
			continue;
		blame(rule, s, pointer);
		report(f, rule->id, rule->severity, pointer, rule->title, rule->remedy);
	}
}

void check_policy(const struct policy *p, const struct host *host, const struct findings *f)
{
	struct subject s = { .policy = p, .host = host };

	for (const struct rule *const *table = rule_tables; *table; table++)
		for (const struct rule *rule = *table; rule->id; rule++)
			ask(rule, &s, f);
}
