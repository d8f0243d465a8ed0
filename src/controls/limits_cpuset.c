/* limits_cpuset.c - lists of CPUs as the kernel writes them, and the sets that they mean. */
#include "limits.h"

static const char *number(const char *text, unsigned *ret)
{
	int n = 0;

	if (*text < '0' || *text > '9' || sscanf(text, "%5u%n", ret, &n) != 1)
		return NULL;
	return text + n;
}

int cpus_parse(const char *text, struct cpus *ret)
{
	*ret = (struct cpus){ 0 };
	for (const char *at = text; *at; at += *at == ',') {
		unsigned first, last;

		at = number(at, &first);
		last = first;
		if (at && *at == '-')
			at = number(at + 1, &last);
		if (!at || last < first || last >= sizeof(ret->bits) * 8)
			return -1;
		for (unsigned cpu = first; cpu <= last; cpu++)
			ret->bits[cpu / 64] |= UINT64_C(1) << cpu % 64;
		if (*at && (*at != ',' || !at[1]))
			return -1;
	}
	return 0;
}

bool cpus_within(const struct cpus *a, const struct cpus *b)
{
	uint64_t any = 0, outside = 0;

	for (size_t i = 0; i < COUNT(a->bits); i++) {
		any |= a->bits[i];
		outside |= a->bits[i] & ~b->bits[i];
	}
	return any && !outside;
}
