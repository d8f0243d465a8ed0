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

bool path_below(const char *path, const char *tree)
{
	size_t len = strlen(tree);

	if (len == 1)
		return *path == '/';
	return strncmp(path, tree, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool path_below_any(const char *path, const char *const *trees)
{
	for (; *trees; trees++)
		if (path_below(path, *trees))
			return true;
	return false;
}
