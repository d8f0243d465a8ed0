/* check.c - runs the rules over a policy; see check.h. */
#include "check.h"

#include "rules.h"

static void report(const struct rule *rule, size_t i, const struct findings *f)
{
	char pointer[64], msg[192];

	if (rule->pointer)
		snprintf(pointer, sizeof(pointer), "%s", rule->pointer);
	else
		snprintf(pointer, sizeof(pointer), "/%s/%zu", rule->mount ? "mounts" : "devices", i);
	snprintf(msg, sizeof(msg), "%s: %s", rule->id, rule->title);
	f->emit(f->ctx, rule->severity, pointer, msg, rule->hint);
}

void check_policy(const struct policy *p, const struct findings *f)
{
	for (const struct rule *rule = rules; rule->id; rule++) {
		if ((rule->policy && !rule->policy(p)) || (rule->capabilities && !(p->capabilities & rule->capabilities)))
			continue;
		if (!rule->mount && !rule->device)
			report(rule, 0, f);
		for (size_t i = 0; rule->mount && i < p->n_mounts; i++)
			if (rule->mount(&p->mounts[i]))
				report(rule, i, f);
		for (size_t i = 0; rule->device && i < p->n_devices; i++)
			if (rule->device(&p->devices[i]))
				report(rule, i, f);
	}
}
