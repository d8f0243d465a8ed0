/* profile.c - a seccomp profile's JSON into rules; see profile.h.
 *
 * A key, name, action or operator that is not understood is an error with its place, since each of them may be
 * the one that was meant to protect. Tables say what is known, what type it has, and what is refused
 * although it is known. */
#include "profile.h"
#include "../base/cleanup.h"
#include "calls.h"
#include "reader.h"
#include "select.h"
#include "words.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

enum { ERRNO_MAX = 4095 };	/* more is no errno: MAX_ERRNO of linux/err.h */

struct parser {
	struct reader r;
	struct filter_rule *rules; size_t n_rules;
	struct filter_cond *conds; size_t n_conds;
};

/* --- actions --- */

static const char *refused(uint32_t action)
{
	if (action == SECCOMP_RET_USER_NOTIF)
		return "nobody would answer: there is no agent that decides for the filter";
	return action == SECCOMP_RET_TRACE ? "nobody would answer: a tracer could change the call after the check" : NULL;
}

static int read_action(struct reader *r, const char *key, json_t *name, const char *errno_key, json_t *number,
		       uint32_t *ret)
{
	const char *s = json_string_value(name);
	json_int_t sys = number ? json_integer_value(number) : EPERM;
	bool known = filter_action(s, ret);

	if (!known || refused(*ret)) {
		down(r, "/%s", key);
		return known ? fail(r, NULL, "%s", refused(*ret))
			     : fail(r, "SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_KILL_PROCESS, SCMP_ACT_LOG ...", "unknown action \"%s\"", s);
	}
	if (*ret == SECCOMP_RET_ERRNO) {
		if (sys < 1 || sys > ERRNO_MAX) {
			down(r, "/%s", errno_key);
			return fail(r, "1 is EPERM, 38 ENOSYS; 0 would tell the caller that it worked",
				    "want an errno from 1 to %d", ERRNO_MAX);
		}
		*ret |= (uint32_t)sys;
	} else if (number) {
		down(r, "/%s", errno_key);
		return fail(r, NULL, "only SCMP_ACT_ERRNO has an errno");
	}
	return 0;
}

/* --- arguments --- */

enum { A_INDEX, A_VALUE, A_TWO, A_OP, A_COUNT };
static const struct member arg_members[A_COUNT] = {
	[A_INDEX] = { "index", JSON_INTEGER, REQUIRED, NULL }, [A_VALUE] = { "value", JSON_INTEGER, REQUIRED, NULL },
	[A_TWO] = { "valueTwo", JSON_INTEGER, 0, NULL }, [A_OP] = { "op", JSON_STRING, REQUIRED, NULL },
};

static int read_arg(struct reader *r, json_t *arg, struct filter_cond *c)
{
	json_t *v[A_COUNT];
	json_int_t index, value, two;
	int op;

	if (members(r, arg, arg_members, A_COUNT, v) < 0)
		return -1;
	index = json_integer_value(v[A_INDEX]);
	value = json_integer_value(v[A_VALUE]);
	two = v[A_TWO] ? json_integer_value(v[A_TWO]) : 0;
	if (index < 0 || index > 5)
		return fail(r, NULL, "a call has arguments 0 to 5, not %" JSON_INTEGER_FORMAT, index);
	if (value < 0 || two < 0)
		return fail(r, NULL, "arguments are compared unsigned: a value cannot be negative");
	op = filter_operator(json_string_value(v[A_OP]));
	if (op < 0)
		return fail(r, "SCMP_CMP_EQ NE LT LE GE GT MASKED_EQ", "unknown operator \"%s\"", json_string_value(v[A_OP]));
	*c = (struct filter_cond){ .value = (uint64_t)value, .index = (uint8_t)index, .op = (uint8_t)op };
	if (op != OP_MASKED_EQ)
		return two ? fail(r, NULL, "only SCMP_CMP_MASKED_EQ has a valueTwo") : 0;
	c->mask = (uint64_t)value;
	c->value = (uint64_t)two;
	if (c->mask == 0 || c->value & ~c->mask)
		return fail(r, "value is the mask, valueTwo what must be left of the argument",
			    c->mask ? "this can never be true: valueTwo has bits outside of the mask"
				    : "a mask of 0 is true for every argument");
	return 0;
}

static int read_args(struct parser *p, json_t *args, struct filter_rule *r)
{
	unsigned seen = 0;
	json_t *arg;
	size_t i;

	r->cond = (uint16_t)p->n_conds;
	r->n_cond = (uint16_t)json_array_size(args);
	json_array_foreach(args, i, arg) {
		size_t mark = down(&p->r, "/args/%zu", i);
		struct filter_cond *c = &p->conds[p->n_conds];

		if (read_arg(&p->r, arg, c) < 0)
			return -1;
		/* libseccomp holds one comparison for each argument of a rule; runc and crun therefore make
		 * separate rules of them, which are OR-ed: "!= 38 and != 40" allows everything. */
		if (seen & 1U << c->index)
			return fail(&p->r, "one rule for each allowed range or value; rules of one call are OR-ed",
				    "a second condition on argument %u: other engines would take either for enough", c->index);
		seen |= 1U << c->index;
		p->n_conds++;
		back(&p->r, mark);
	}
	return 0;
}

/* --- rules --- */

enum { R_NAMES, R_NAME, R_ACTION, R_ERRNO, R_ARGS, R_COMMENT, R_INCLUDES, R_EXCLUDES, R_COUNT };
static const struct member rule_members[R_COUNT] = {
	[R_NAMES] = { "names", JSON_ARRAY, NULL_OK, NULL }, [R_NAME] = { "name", JSON_STRING, 0, NULL },
	[R_ACTION] = { "action", JSON_STRING, REQUIRED, NULL }, [R_ERRNO] = { "errnoRet", JSON_INTEGER, NULL_OK, NULL },
	[R_ARGS] = { "args", JSON_ARRAY, NULL_OK, NULL }, [R_COMMENT] = { "comment", JSON_STRING, 0, NULL },
	[R_INCLUDES] = { "includes", JSON_OBJECT, NULL_OK, NULL }, [R_EXCLUDES] = { "excludes", JSON_OBJECT, NULL_OK, NULL },
};

static int add_call(struct parser *p, const char *name, const struct filter_rule *r, bool applies)
{
	int nr = call_number(name);

	if (nr == CALL_UNKNOWN)
		return fail(&p->r, "misspelt, or newer than this program; a call that is not named is denied anyway",
			    "unknown system call \"%s\"", name);
	if (nr >= CALL_MAX)
		return fail(&p->r, NULL, "system call \"%s\" has number %d, more than this program handles", name, nr);
	if (nr >= 0 && applies) {
		p->rules[p->n_rules] = *r;
		p->rules[p->n_rules++].nr = (uint16_t)nr;
	}
	return 0;
}

static int add_calls(struct parser *p, json_t *names, json_t *name, const struct filter_rule *r, bool applies)
{
	const char *s;
	json_t *item;
	size_t i, mark;

	if (name && json_array_size(names))
		return fail(&p->r, NULL, "\"name\" and \"names\" exclude each other");
	if (!name && !json_array_size(names))
		return fail(&p->r, NULL, "\"names\" is missing or empty");
	if (name) {
		down(&p->r, "/name");
		return add_call(p, json_string_value(name), r, applies);
	}
	json_array_foreach(names, i, item) {
		mark = down(&p->r, "/names/%zu", i);
		if (want_string(&p->r, item, &s) < 0 || add_call(p, s, r, applies) < 0)
			return -1;
		back(&p->r, mark);
	}
	return 0;
}

static int read_rule(struct parser *p, json_t *obj, size_t origin)
{
	struct filter_rule r = { .origin = (uint16_t)origin };
	struct selection in, out;
	json_t *v[R_COUNT];
	bool applies;

	if (members(&p->r, obj, rule_members, R_COUNT, v) < 0 ||
	    read_action(&p->r, "action", v[R_ACTION], "errnoRet", v[R_ERRNO], &r.action) < 0 ||
	    read_args(p, v[R_ARGS], &r) < 0 ||
	    read_selection(&p->r, "includes", v[R_INCLUDES], &in) < 0 ||
	    read_selection(&p->r, "excludes", v[R_EXCLUDES], &out) < 0)
		return -1;
	r.caps_all = in.caps;
	r.caps_none = out.caps;
	r.since = in.kernel;
	r.until = out.kernel;
	applies = (!in.arches || in.native) && !out.native;
	return add_calls(p, v[R_NAMES], v[R_NAME], &r, applies);
}

int filter_rule_order(const void *a, const void *b)
{
	const struct filter_rule *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr - y->nr;
	return x->origin != y->origin ? x->origin - y->origin : x->cond - y->cond;
}

/* How many rules and conditions there can be at most; nothing is judged yet. */
static void count(json_t *syscalls, size_t *rules, size_t *conds)
{
	json_t *r;
	size_t i;

	*rules = *conds = 0;
	json_array_foreach(syscalls, i, r) {
		*rules += json_array_size(json_object_get(r, "names")) + 1;
		*conds += json_array_size(json_object_get(r, "args"));
	}
}

static int read_rules(struct parser *p, json_t *syscalls, struct arena *a)
{
	size_t i, rules, conds, mark;
	json_t *obj;

	count(syscalls, &rules, &conds);
	if (json_array_size(syscalls) > UINT16_MAX || conds > UINT16_MAX)
		return fail(&p->r, NULL, "more rules or conditions than the %d that are handled", UINT16_MAX);
	p->rules = arena_alloc(a, (rules + 1) * sizeof(*p->rules));
	p->conds = arena_alloc(a, (conds + 1) * sizeof(*p->conds));
	if (!p->rules || !p->conds)
		return err_set(p->r.e, ERR_POLICY, ENOMEM, "a profile of this size is not sensible", "cannot hold the seccomp profile");
	json_array_foreach(syscalls, i, obj) {
		mark = down(&p->r, "/syscalls/%zu", i);
		if (read_rule(p, obj, i) < 0)
			return -1;
		back(&p->r, mark);
	}
	qsort(p->rules, p->n_rules, sizeof(*p->rules), filter_rule_order);
	return 0;
}

/* --- the profile --- */

enum { P_ACTION, P_ERRNO, P_ARCHS, P_MAP, P_FLAGS, P_LISTENER, P_METADATA, P_SYSCALLS, P_COUNT };
static const char no_listener[] = "there is no agent to pass a notification descriptor to";
static const struct member profile_members[P_COUNT] = {
	[P_ACTION] = { "defaultAction", JSON_STRING, REQUIRED, NULL },
	[P_ERRNO] = { "defaultErrnoRet", JSON_INTEGER, NULL_OK, NULL },
	[P_ARCHS] = { "architectures", JSON_ARRAY, NULL_OK, NULL }, [P_MAP] = { "archMap", JSON_ARRAY, NULL_OK, NULL },
	[P_FLAGS] = { "flags", JSON_ARRAY, NULL_OK, NULL },
	[P_LISTENER] = { "listenerPath", JSON_STRING, 0, no_listener },
	[P_METADATA] = { "listenerMetadata", JSON_STRING, 0, no_listener },
	[P_SYSCALLS] = { "syscalls", JSON_ARRAY, NULL_OK, NULL },
};

/* The flags are ours: LOG always, and nothing else helps the workload's keeper. */
static int check_flags(struct reader *r, json_t *flags)
{
	static const struct { const char *name, *refused; } known[] = {
		{ "SECCOMP_FILTER_FLAG_LOG", NULL },
		{ "SECCOMP_FILTER_FLAG_TSYNC", "the launcher has one thread: there is nothing to synchronise" },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "it would switch off the defence against speculative store bypass" },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", no_listener },
	};
	const char *s;
	json_t *item;
	size_t i, k;

	json_array_foreach(flags, i, item) {
		size_t mark = down(r, "/flags/%zu", i);

		if (want_string(r, item, &s) < 0)
			return -1;
		for (k = 0; k < COUNT(known) && strcmp(s, known[k].name) != 0; k++)
			;
		if (k == COUNT(known))
			return fail(r, "SECCOMP_FILTER_FLAG_LOG is always on", "unknown flag \"%s\"", s);
		if (known[k].refused)
			return fail(r, "leave it out", "%s", known[k].refused);
		back(r, mark);
	}
	return 0;
}

/* A program that probes for a new call must hear ENOSYS, or it will not fall back. What is new to a profile
 * is what lies beyond everything it names; a short list of old calls is short by choice, and one that
 * allows by default speaks of all calls that have a name. */
static unsigned newest(const struct parser *p, uint32_t default_action)
{
	unsigned nr = CALL_OLD;

	if (filter_permits(default_action))
		nr = call_newest();
	if (p->n_rules && p->rules[p->n_rules - 1].nr > nr)
		nr = p->rules[p->n_rules - 1].nr;
	return nr;
}

int filter_parse(const char *text, size_t len, struct arena *a, struct filter_profile *ret, struct err *e)
{
	struct parser p = { .r.e = e };
	json_error_t bad;
	_auto(json_free) json_t *root = NULL;
	json_t *v[P_COUNT];
	uint32_t action;
	bool foreign = false;

	if (len > PROFILE_BYTES_MAX)
		return fail(&p.r, NULL, "a seccomp profile has at most %d bytes", PROFILE_BYTES_MAX);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &bad);
	if (!root)
		return fail(&p.r, NULL, "not JSON: line %d, column %d: %s", bad.line, bad.column, bad.text);
	if (members(&p.r, root, profile_members, P_COUNT, v) < 0 ||
	    read_action(&p.r, "defaultAction", v[P_ACTION], "defaultErrnoRet", v[P_ERRNO], &action) < 0 ||
	    check_archs(&p.r, v[P_ARCHS], v[P_MAP], &foreign) < 0 || check_flags(&p.r, v[P_FLAGS]) < 0 ||
	    read_rules(&p, v[P_SYSCALLS], a) < 0)
		return -1;
	*ret = (struct filter_profile){ .default_action = action, .newest = newest(&p, action),
					.rules = p.rules, .n_rules = p.n_rules, .conds = p.conds, .foreign = foreign };
	return 0;
}
