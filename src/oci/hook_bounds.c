/* hook_bounds.c - what a container is held against; see hook.h.
 *
 * The annotation is written by whoever starts the container, so it may choose among the policies that root keeps in one
 * directory, and no more: a policy can only add to what the floor asks for. */
#include "hook.h"

#include "../base/cleanup.h"
#include "../controls/control.h"
#include "../launch/audit.h"
#include "../launch/floor.h"
#include "../launch/record.h"
#include "../launch/trusted.h"

#include <errno.h>
#include <string.h>

#define POLICIES "/etc/casemate/policies/"
#define ANNOTATION "io.casemate.policy"

/* --- the policy --- */

static bool is_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return *s && *s != '.' && strlen(s) <= 100 && !s[strspn(s, letters)];
}

/* The error is of the policy's file, and is shown beside a config.json: it has to say so. */
static int blame(struct err *e, const char *file)
{
	const struct err inner = *e;
	char at[32] = "";

	if (inner.line)
		snprintf(at, sizeof(at), ":%d:%d", inner.line, inner.column);
	e->line = e->column = 0;
	e->path[0] = '\0';
	err_set(e, ERR_HOST, inner.sys, inner.hint, "%s%s: %s%s%s", file, at, inner.path, inner.path[0] ? ": " : "", inner.msg);
	return HOOK_HOST;
}

static int parse_policy(struct hook_bounds *b, const char *text, size_t len, struct err *e)
{
	const struct policy_source src = { .text = text, .len = len };

	record_sha256(text, len, b->policy_sha256);
	if (arena_init(&b->arena[0], POLICY_ARENA_SIZE) < 0) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy");
		return HOOK_HOST;
	}
	if (policy_parse(&src, &b->arena[0], &b->policy, e) < 0 ||
	    oci_bound_of_policy(&b->policy, b->policy_file, &b->profiles, &b->bound[b->n], e) < 0)
		return blame(e, b->policy_file);
	b->n++;
	return 0;
}

static int load_policy(struct hook_bounds *b, const json_t *config, struct err *e)
{
	json_t *note = json_object_get(json_object_get(config, "annotations"), ANNOTATION);
	const char *name = json_string_value(note);
	_auto(free_mem) char *text = NULL;
	size_t len, n;
	int r;

	if (!note)
		return 0;
	if (!name || !is_name(name)) {
		err_set(e, ERR_POLICY, 0, "the name of a file in " POLICIES ", with or without .json", "no policy has a name like that");
		err_at(e, "/annotations/" ANNOTATION);
		return HOOK_REFUSED;
	}
	n = strlen(name);
	snprintf(b->policy_file, sizeof(b->policy_file), POLICIES "%s%s", name, n > 5 && strcmp(name + n - 5, ".json") == 0 ? "" : ".json");
	r = trusted_read(b->policy_file, "the policy", POLICY_BYTES_MAX, &text, &len, e);
	if (r == 0) {
		err_set(e, ERR_HOST, 0, "the host's administrator puts policies there", "there is no %s", b->policy_file);
		err_at(e, "/annotations/" ANNOTATION);
	}
	return r > 0 ? parse_policy(b, text, len, e) : HOOK_HOST;
}

/* --- floors --- */

/* What is waived must be what each floor lets be waived. */
static int check_waivers(const struct floor *floor, const char *file, uint64_t without, struct err *e)
{
	uint64_t may = 0;

	for (size_t i = 0; i < floor->without.n; i++)
		may |= control_bits(floor->without.v[i]);
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (without & ~may & CONTROL_BIT(i)) {
			err_set(e, ERR_POLICY, 0, NULL, "%s does not let --without %s", file, control_name((enum control_id)i));
			return HOOK_HOST;
		}
	return 0;
}

/* The bound refers to the floor, so it is kept. */
static int add_floor(const struct hook *h, struct hook_bounds *b, const struct floor *floor, const char *file, struct err *e)
{
	int r = check_waivers(floor, file, h->without, e);

	b->floor[b->n_floors] = *floor;
	if (r == 0 && oci_bound_of_floor(&b->floor[b->n_floors++], file, &b->profiles, &b->bound[b->n], e) < 0)
		r = blame(e, file);
	b->n += r == 0;
	return r;
}

static int host_floor(const struct hook *h, struct hook_bounds *b, struct err *e)
{
	struct bound host;
	int r = floor_of_host(&b->arena[1], &host, e);

	return r < 0 ? HOOK_HOST : r == 0 ? 0 : add_floor(h, b, &host.floor, FLOOR_FILE, e);
}

static const char *shipped(const char *name)
{
	for (const struct floor_shipped *s = floors_shipped; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s->text;
	return NULL;
}

static int named_floor(const struct hook *h, struct hook_bounds *b, const char *file, struct arena *a, struct err *e)
{
	_auto(free_mem) char *read = NULL;
	const char *text = shipped(file);
	size_t len = text ? strlen(text) : 0;
	struct bound bound;
	int r = text ? 1 : trusted_read(file, "the floor", POLICY_BYTES_MAX, &read, &len, e);

	if (r == 0)
		err_set(e, ERR_HOST, 0, "--floor wants a file by its whole path, or baseline, cis-docker or restricted", "there is no %s", file);
	if (r <= 0)
		return HOOK_HOST;
	if (arena_init(a, POLICY_ARENA_SIZE) < 0) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the floor %s", file);
		return HOOK_HOST;
	}
	if (floor_from_text(file, text ? text : read, len, a, &bound, e) < 0)
		return blame(e, file);
	return add_floor(h, b, &bound.floor, file, e);
}

int hook_bounds_load(const struct hook *h, const json_t *config, struct hook_bounds *b, struct err *e)
{
	int r;

	*b = (struct hook_bounds){ .n = 0 };
	if (arena_init(&b->profiles, 64 * PROFILE_BYTES_MAX) < 0) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp profiles");
		return HOOK_HOST;
	}
	r = load_policy(b, config, e);
	if (r == 0)
		r = host_floor(h, b, e);
	for (size_t i = 0; r == 0 && i < h->n_floors; i++)
		r = named_floor(h, b, h->floors[i], &b->arena[2 + i], e);
	for (size_t i = 0; i < b->n; i++)
		b->bound[i].without = h->without;
	return r;
}

void hook_bounds_free(struct hook_bounds *b)
{
	for (size_t i = 0; i < COUNT(b->arena); i++)
		arena_free(&b->arena[i]);
	arena_free(&b->profiles);
}

/* --- judging --- */

static void found(void *ctx, const struct finding *f)
{
	static const char *const names[] = { [SEV_ERROR] = "error", [SEV_WARNING] = "lost", [SEV_NOTE] = "tightened" };
	struct hook_findings *all = ctx;

	all->changes += f->severity == SEV_NOTE;
	if (f->severity == SEV_ERROR && all->errors++ == 0) {
		err_set(all->e, ERR_POLICY, 0, f->hint, "%s", f->msg);
		err_at(all->e, "%s", f->pointer);
	}
	if (json_array_size(all->list) < 200)	/* for people, and for one datagram of the journal */
		json_array_append_new(all->list, json_pack("{s:s, s:o, s:o, s:o}", "severity", names[f->severity], "path", record_text(f->pointer),
							   "message", record_text(f->msg), "hint", f->hint ? record_text(f->hint) : json_null()));
}

int hook_judge(json_t *config, const struct hook_bounds *b, enum oci_verb verb, bool ports, struct hook_findings *all, struct err *e)
{
	const struct findings findings = { found, all };
	struct oci_facts facts;

	*all = (struct hook_findings){ .e = e, .list = json_array() };
	oci_facts_here(&facts);
	facts.ports = ports;
	for (size_t i = 0; i < b->n; i++) {
		struct err inner = { 0 };

		if (oci_judge(config, &b->bound[i], &facts, verb, &findings, &inner) < 0) {
			*e = inner;
			return HOOK_HOST;
		}
	}
	return all->errors ? HOOK_REFUSED : 0;
}

int hook_record(const struct hook *h, const char *kind, const char *name, const struct hook_bounds *b, json_t *findings, const char *sha256,
		struct err *e)
{
	json_t *o = record_event(kind, name, NULL), *first = json_array_get(findings, 0), *bounds = json_array();

	json_object_set_new(o, "stage", json_string(h->stage));
	json_object_set_new(o, "config_sha256", sha256 ? json_string(sha256) : json_null());
	for (size_t i = 0; b && i < b->n; i++)
		json_array_append_new(bounds, record_text(b->bound[i].file));
	json_object_set_new(o, "bounds", bounds);
	if (b && *b->policy_file)
		json_object_set_new(o, "policy", json_pack("{s:s, s:s}", "file", b->policy_file, "sha256", b->policy_sha256));
	if (first)
		json_object_set_new(o, "message", json_sprintf("%s %s", json_string_value(json_object_get(first, "path")),
							       json_string_value(json_object_get(first, "message"))));
	json_object_set_new(o, "findings", findings ? findings : json_array());
	return audit_event(o, e);
}
