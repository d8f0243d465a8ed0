/* floor.c - the floor of this host; see floor.h.
 *
 * It stands in the launcher, behind every door, so that no door can forget it. A floor that cannot be read, understood or
 * trusted (trusted.h) is no reason to go without: nothing starts. */
#include "floor.h"
#include "record.h"
#include "trusted.h"

#include <string.h>

int floor_from_text(const char *file, const char *text, size_t len, struct arena *a, struct bound *ret, struct err *e)
{
	const struct policy_source src = { .text = text, .len = len };

	ret->file = file;
	record_sha256(text, len, ret->sha256);
	if (floor_parse(&src, a, &ret->floor, e) < 0)
		return -1;
	for (size_t i = 0; i < ret->floor.without.n; i++)
		if (!control_bits(ret->floor.without.v[i])) {
			err_set(e, ERR_POLICY, 0, "`casemate doctor` lists the names", "there is no control '%s'", ret->floor.without.v[i]);
			err_at(e, "/without/%zu", i);
			policy_locate(&src, e->path, &e->line, &e->column);
			return -1;
		}
	return 0;
}

/* The place is the floor's, and the message is printed beside the policy's name: it has to say so itself. */
static int blame_floor(struct err *e)
{
	const struct err inner = *e;
	char place[32] = "";

	if (inner.line)
		snprintf(place, sizeof(place), ":%d:%d", inner.line, inner.column);
	e->line = e->column = 0;
	e->path[0] = '\0';
	return err_set(e, ERR_HOST, 0, inner.hint, "%s%s: %s%s%s", FLOOR_FILE, place, inner.path, inner.path[0] ? ": " : "", inner.msg);
}

int floor_of_host(struct arena *a, struct bound *ret, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	size_t len;
	int r = trusted_read(FLOOR_FILE, "the floor", POLICY_BYTES_MAX, &text, &len, e);

	if (r <= 0)
		return r;
	r = arena_init(a, POLICY_ARENA_SIZE);
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot hold the floor %s", FLOOR_FILE);
	return floor_from_text(FLOOR_FILE, text, len, a, ret, e) < 0 ? blame_floor(e) : 1;
}

void floor_hold(const struct bound *b, const struct policy *p, uint64_t without, const struct findings *f)
{
	const char *names[CONTROL_COUNT + 1] = { NULL };
	struct strings waived = { names, 0 };

	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (without & CONTROL_BIT(i))
			names[waived.n++] = control_name((enum control_id)i);
	floor_judge(&b->floor, p, &waived, f);
}

/* The first breach, and how many more. */
struct breach { struct err *e; unsigned n; };

static void breached(void *ctx, const struct finding *f)
{
	struct breach *b = ctx;

	if (b->n++ > 0)
		return;
	err_set(b->e, ERR_POLICY, 0, f->hint, "below the floor %s: %s", FLOOR_FILE, f->msg);
	err_at(b->e, "%s", f->pointer);
}

int floor_bind(const struct policy *p, uint64_t without, const char **file, char sha256[65], struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct breach breach = { .e = e };
	const struct findings findings = { breached, &breach };
	struct bound bound;
	int r = floor_of_host(&arena, &bound, e);

	*file = NULL;
	if (r == 0)
		return 0;
	if (r > 0)
		floor_hold(&bound, p, without, &findings);
	if (breach.n > 1)
		snprintf(e->hint, sizeof(e->hint), "and %u more: `casemate check --host` shows all", breach.n - 1);
	if (r < 0 || breach.n)
		return err_step(e, "floor");
	*file = FLOOR_FILE;
	memcpy(sha256, bound.sha256, sizeof(bound.sha256));
	return 0;
}

int floor_allows_exec(struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct bound bound;
	int r = floor_of_host(&arena, &bound, e);

	if (r > 0 && !bound.floor.exec)
		r = err_set(e, ERR_POLICY, 0, bound.floor.description[0] ? bound.floor.description : NULL, "the floor %s has \"exec\": false", FLOOR_FILE);
	return r < 0 ? err_step(e, "floor") : 0;
}
