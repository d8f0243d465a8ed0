/* judge_seccomp.c - config.json against a bound: the filter.
 *
 * Filters are compared by what they let through (seccomp/meet.h). One that lets through no more than the bound's stays
 * as it is, to the letter; another becomes what both let through. One that cannot be understood may be the tighter of the
 * two in some place, so it is refused, not replaced. */
#include "judging.h"

#include "../seccomp/calls.h"
#include "../seccomp/json.h"
#include "../seccomp/meet.h"

#include <errno.h>
#include <string.h>

static json_t *filter_of(const struct judging *j)
{
	return member(member(j->config, "linux"), "seccomp");
}

/* A profile may depend on what the workload may: on the bounding set, as it is by now. */
static uint64_t bounding(const struct judging *j)
{
	json_t *v;
	uint64_t mask = 0;
	size_t i;

	json_array_foreach(member(member(member(j->config, "process"), "capabilities"), "bounding"), i, v)
		if (capability_of(v) >= 0)
			mask |= UINT64_C(1) << capability_of(v);
	return j->bound->capabilities_given ? mask & j->bound->capabilities : mask;
}

/* --- what cannot be compared --- */

static bool unknown_call(const json_t *name)
{
	return json_is_string(name) && call_number(json_string_value(name)) == CALL_UNKNOWN;
}

/* Calls nobody here has heard of: the runtime's library may have, so they must not be let through. */
static void judge_names(struct judging *j)
{
	json_t *rules = member(filter_of(j), "syscalls"), *rule;
	size_t i;

	json_array_foreach(rules, i, rule) {
		json_t *names = member(rule, "names"), *action = member(rule, "action");

		if (!is_text(action, "SCMP_ACT_ALLOW") && !is_text(action, "SCMP_ACT_LOG"))
			continue;
		for (size_t k = json_array_size(names); k-- > 0;)
			if (unknown_call(json_array_get(names, k)) &&
			    below(j, "seccomp.profile", place("/linux/seccomp/syscalls/%zu/names/%zu", i, k), "leave it out",
				  "allows a call that is not known, %.40s", json_string_value(json_array_get(names, k))))
				json_array_remove(names, k);
	}
	for (i = json_array_size(rules); j->tighten && i-- > 0;)	/* crun would refuse a rule without names */
		if (json_array_size(member(json_array_get(rules, i), "names")) == 0)
			json_array_remove(rules, i);
}

static void judge_flags(struct judging *j)
{
	json_t *flags = member(filter_of(j), "flags");

	for (size_t i = json_array_size(flags); i-- > 0;)
		if (is_text(json_array_get(flags, i), "SECCOMP_FILTER_FLAG_SPEC_ALLOW") &&
		    below(j, "seccomp.profile", place("/linux/seccomp/flags/%zu", i), "leave it out", "switches off the defence against speculative store bypass"))
			json_array_remove(flags, i);
}

/* The filter as rules; what was reported already is left out. */
static bool parse(struct judging *j, struct arena *a, struct filter_profile *ret)
{
	json_auto_t *copy = json_deep_copy(filter_of(j));
	json_t *rules = member(copy, "syscalls");
	_auto(free_mem) char *text = NULL;
	struct err e = { 0 };

	json_object_del(copy, "flags");
	for (size_t i = json_array_size(rules); i-- > 0;) {
		json_t *names = member(json_array_get(rules, i), "names");

		for (size_t k = json_array_size(names); k-- > 0;)
			if (unknown_call(json_array_get(names, k)))
				json_array_remove(names, k);
		if (json_array_size(names) == 0)
			json_array_remove(rules, i);
	}
	text = json_dumps(copy, JSON_COMPACT);
	j->no_memory |= !text;
	if (text && filter_parse(text, strlen(text), a, ret, &e) == 0)
		return true;
	if (text)
		refuse(j, "seccomp.profile", place("/linux/seccomp%s", e.path), *e.hint ? e.hint : "--security-opt seccomp=...", "cannot be compared: %s", e.msg);
	return false;
}

/* --- the row --- */

static struct filter_wish wish_of(const struct judging *j)
{
	const enum seccomp_deny deny = (enum seccomp_deny)j->bound->deny;

	/* A floor's mildest answer is a bound, not a wish. */
	return (struct filter_wish){ .caps = bounding(j), .kernel = j->facts->kernel, .deny = deny == DENY_LOG && !j->bound->of_policy ? DENY_ERRNO : deny };
}

static unsigned hardness_wanted(const struct judging *j, const struct filter_side *of_bound)
{
	static const unsigned wanted[] = { [DENY_ERRNO] = 1, [DENY_KILL] = 4, [DENY_LOG] = 0 };

	return j->bound->of_policy ? filter_hardness(filter_otherwise(of_bound)) : wanted[j->bound->deny];
}

static void cannot(struct judging *j, const struct err *e)
{
	refuse(j, "seccomp.profile", place("/linux/seccomp%s", e->path), *e->hint ? e->hint : NULL, "%s", e->msg);
}

static void replace(struct judging *j, json_t *filter)
{
	json_t *flags = member(filter_of(j), "flags");

	if (flags && json_array_size(flags))
		put(j, filter, "flags", json_incref(flags));
	put(j, object_at(j, j->config, "linux"), "seccomp", filter);
}

/* Whether it lets through no more than one of the bound's; without any, whatever it lets through is fine. */
static int fits(struct judging *j, const struct filter_side *is, struct filter_wish *wish, unsigned *nr, struct err *e)
{
	int r = j->bound->n_profiles == 0;

	for (size_t i = 0; r == 0 && i < j->bound->n_profiles; i++)
		r = filter_within(is, &(struct filter_side){ &j->bound->profile[i], wish }, nr, e);
	return r;
}

static void tighten(struct judging *j, const struct filter_side *is, const struct filter_side *bound, struct arena *a, struct err *e)
{
	const struct filter_wish plain = { .caps = bound->wish->caps, .kernel = bound->wish->kernel };
	struct filter_profile both;
	json_t *filter = filter_meet(is, bound, a, &both, e) < 0 ? NULL : filter_json(&both, &plain, e);

	if (filter)
		replace(j, filter);
	else
		cannot(j, e);
}

static void compare(struct judging *j, const struct filter_profile *profile, struct arena *a)
{
	struct filter_wish wish = wish_of(j), as_it_is = { .caps = wish.caps, .kernel = wish.kernel };
	const struct filter_side is = { profile, &as_it_is }, bound = { j->bound->n_profiles ? &j->bound->profile[0] : &filter_default, &wish };
	const bool hard = filter_hardness(profile->default_action) >= hardness_wanted(j, &bound);
	_auto(free_mem) char *name = NULL;
	struct err e = { 0 };
	unsigned nr = CALL_MAX;
	int r = fits(j, &is, &wish, &nr, &e);

	if (r < 0) {
		cannot(j, &e);
		return;
	}
	if (r && profile->foreign && j->bound->n_profiles) {	/* another numbering, and calls that have no other */
		if (below(j, "seccomp.profile", place("/linux/seccomp/architectures"), "the machine's own alone", "lets the calls of another ABI through"))
			tighten(j, &is, &bound, a, &e);
		return;
	}
	name = nr < CALL_MAX ? call_name(nr) : NULL;
	if (r == 0 && below(j, "seccomp.profile", place("/linux/seccomp"), "--security-opt seccomp=...", "lets through more than is allowed: %s%s",
			    name ? name : "calls that have no name yet", name ? ", for one" : ""))
		tighten(j, &is, &bound, a, &e);
	else if (r && !hard && below(j, "seccomp.deny", place("/linux/seccomp/defaultAction"), NULL, "is milder than is allowed")) {
		if (j->bound->n_profiles || filter_permits(profile->default_action)) {
			tighten(j, &is, &bound, a, &e);
		} else {
			put(j, filter_of(j), "defaultAction", json_string("SCMP_ACT_KILL_PROCESS"));
			json_object_del(filter_of(j), "defaultErrnoRet");
		}
	}
}

void judge_seccomp(struct judging *j)
{
	_auto(arena_free) struct arena a = { 0 };
	const struct filter_wish wish = wish_of(j);
	struct filter_profile profile;
	struct err e = { 0 };
	json_t *filter;

	if (arena_init(&a, 32 * PROFILE_BYTES_MAX) < 0) {
		j->no_memory = true;
		return;
	}
	if (filter_of(j)) {
		judge_names(j);
		judge_flags(j);
		if (parse(j, &a, &profile))
			compare(j, &profile, &a);
	} else if (below(j, "seccomp.profile", place("/linux/seccomp"), "no --security-opt seccomp=unconfined", "every system call is let through")) {
		filter = filter_json(j->bound->n_profiles ? &j->bound->profile[0] : &filter_default, &wish, &e);
		if (filter)
			put(j, object_at(j, j->config, "linux"), "seccomp", filter);
		else
			cannot(j, &e);
	}
}
