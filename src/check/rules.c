/* rules.c - the tables as one list; see rule.h. */
#include "rule.h"

#include <string.h>

const struct rule *const rule_tables[] = {
	rules_whole, rules_mounts, rules_capabilities, rules_workload, rules_reported, rules_source, NULL
};

const struct rule *rule_at(size_t i)
{
	for (const struct rule *const *table = rule_tables; *table; table++)
		for (const struct rule *rule = *table; rule->id; rule++)
			if (i-- == 0)
				return rule;
	return NULL;
}

size_t rule_index(const char *id)
{
	size_t i = 0;

	for (const struct rule *rule; (rule = rule_at(i)) && strcmp(rule->id, id) != 0;)
		i++;
	return i;
}

const struct rule *rule_find(const char *id)
{
	return rule_at(rule_index(id));
}
