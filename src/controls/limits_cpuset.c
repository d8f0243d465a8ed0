/* limits_cpuset.c - the CPUs a container may run on: the one limit that the kernel may quietly not grant. */
#include "limits.h"

#define POINTER "/limits/cpuset"

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

static bool within(const struct cpus *a, const struct cpus *b)
{
	uint64_t any = 0, outside = 0;

	for (size_t i = 0; i < COUNT(a->bits); i++) {
		any |= a->bits[i];
		outside |= a->bits[i] & ~b->bits[i];
	}
	return any && !outside;
}

int cpuset_apply(const struct sys *k, int dir, const struct limits_policy *l, struct err *e)
{
	int r = sys_write_file(k, dir, "cpuset.cpus", l->cpuset);

	return r < 0 ? limit_refused(e, POINTER, r, "cpuset.cpus", l->cpuset) : 0;
}

/* The kernel prints the list in its own way, so sets are compared. When the cgroup above has none
 * of the CPUs asked for, the kernel gives all of that cgroup's instead: cpuset.cpus.effective is
 * what holds. It may be smaller than what was asked, never something else. */
int cpuset_verify(const struct sys *k, int dir, const struct limits_policy *l, char value[VALUE_MAX], struct err *e)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.cpus.effective" };
	struct cpus want, got;

	if (cpus_parse(l->cpuset, &want) < 0)
		return limit_differs(e, POINTER, "the list", l->cpuset, "like 0-3,7");
	for (size_t i = 0; i < COUNT(files); i++) {
		int r = limit_read(k, dir, files[i], value, VALUE_MAX);

		if (r < 0)
			return limit_unreadable(e, POINTER, r, files[i]);
		if (cpus_parse(value, &got) < 0 || !within(&got, &want) || (i == 0 && !within(&want, &got)))
			return limit_differs(e, POINTER, files[i], value, l->cpuset);
	}
	return 0;
}
