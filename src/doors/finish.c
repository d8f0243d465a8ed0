/* finish.c - what a door hands out: the policy as text that the parser accepts, and the notes for people. */
#include "door.h"

#include "../base/cleanup.h"
#include "../base/print.h"
#include "../policy/read.h"

#include <string.h>

enum { WIDTH = 100, INDENT = 4 };

/* --- the policy --- */

/* A copy whose keys stand in the order of the language. What no row names stays, for the parser to refuse. */
static json_t *ordered(json_t *policy)
{
	json_t *ret = json_object();

	for (size_t i = 0; i < policy_keys_len; i++) {
		json_t *v = key_get(&policy_keys[i], policy);

		if (v && key_set(ret, policy_keys[i].name, json_incref(v)) < 0)
			return json_decref(ret), NULL;
	}
	return json_object_update_missing(ret, policy) < 0 ? (json_decref(ret), NULL) : ret;
}

static void new_line(FILE *out, unsigned depth, const char *after)
{
	fprintf(out, "%s\n", after);
	while (depth--)
		fputc('\t', out);
}

/* On one line where it fits: a policy is for reading. `used` columns are taken already. */
static int print_value(json_t *v, unsigned depth, size_t used, FILE *out)
{
	_auto(free_mem) char *flat = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	bool object = json_is_object(v);
	const char *name, *after = "";
	json_t *member;
	size_t i;

	if (!flat)
		return -1;
	if ((depth && used + 8 * depth + strlen(flat) <= WIDTH) || (!object && !json_is_array(v)))
		return fputs(flat, out) == EOF ? -1 : 0;
	fputc(object ? '{' : '[', out);
	json_object_foreach(v, name, member) {
		json_auto_t *text = json_string(name);
		_auto(free_mem) char *quoted = json_dumps(text, JSON_ENCODE_ANY);

		if (!quoted)
			return -1;
		new_line(out, depth + 1, after);
		fprintf(out, "%s: ", quoted);
		if (print_value(member, depth + 1, strlen(quoted) + 3, out) < 0)
			return -1;
		after = ",";
	}
	json_array_foreach(v, i, member) {
		new_line(out, depth + 1, after);
		if (print_value(member, depth + 1, 1, out) < 0)
			return -1;
		after = ",";
	}
	new_line(out, depth, "");
	return fputc(object ? '}' : ']', out) == EOF ? -1 : 0;
}

static int print_policy(struct door *d, char **text, size_t *len)
{
	json_auto_t *policy = ordered(d->policy);
	FILE *out = open_memstream(text, len);
	int r = -1;

	if (policy && out)
		r = print_value(policy, 0, 0, out);
	if (out && (fputc('\n', out) == EOF || fclose(out) == EOF))
		r = -1;
	return r;
}

/* Cuts the pointer to what must go with the value: the whole entry where it is part of one in a list. False where
 * there is nothing that could go. */
static bool find_victim(const struct door *d, char *pointer)
{
	for (char *end = strchr(pointer, '/'); end; end = strchr(end + 1, '/')) {
		_auto(free_mem) char *above = strndup(pointer, (size_t)(end - pointer));
		char *next = strchr(end + 1, '/');

		if (next && above && json_is_array(door_get(d, above))) {
			*next = '\0';
			break;
		}
	}
	return *pointer && door_get(d, pointer);
}

/* What the parser says of a value, as a note where that came from. True: the value is out, look again. */
static bool take_out(struct door *d, char *pointer, const struct err *why)
{
	const struct place *at = door_origin(d, pointer);
	bool found;

	if (at)
		door_here(d, at->line, at->column, "%s", at->text);
	else
		door_nowhere(d);
	found = find_victim(d, pointer) && at;
	door_note(d, NOTE_REFUSED, found ? "" : pointer, why->hint, "%s", why->msg);
	if (found)
		door_unset(d, pointer);
	return found;
}

/* 0: the parser accepts it; 1: one value less; -1: no policy. */
static int judge(struct door *d, const char *text, size_t len, struct err *e)
{
	const struct policy_source src = { .text = text, .len = len };
	_auto(arena_free) struct arena arena = { 0 };
	_auto(reading_free) struct reading r = { 0 };
	struct err why = { 0 };

	if (arena_init(&arena, POLICY_ARENA_SIZE) < 0)
		return err_set(e, ERR_HOST, 0, NULL, "no memory for the policy");
	if (policy_read(&r, &src, &arena, &why) == 0)
		return 0;
	err_at(e, "%s", r.pointer);
	if (!take_out(d, r.pointer, &why))
		return err_set(e, ERR_POLICY, 0, why.hint, "no policy comes of this: %s", why.msg);
	*e = (struct err){ 0 };
	return 1;
}

int door_finish(struct door *d, char **text, size_t *len, struct err *e)
{
	int r;

	*text = NULL;
	do {
		free(*text);
		*text = NULL;
		if (d->no_memory || print_policy(d, text, len) < 0 || d->no_memory)
			r = err_set(e, ERR_HOST, 0, NULL, "no memory for the policy");
		else
			r = judge(d, *text, *len, e);
	} while (r > 0);
	if (r < 0) {
		free(*text);
		*text = NULL;
	}
	return r;
}

/* --- the notes --- */

static bool alike(const struct note *a, const struct note *b)
{
	return a->kind == b->kind && strcmp(a->text, b->text) == 0 && strcmp(a->hint, b->hint) == 0;
}

/* Several of one meaning are one paragraph, with all their places. */
static void print_note(const struct door *d, size_t first, FILE *out)
{
	static const char *const kinds[] = {
		[NOTE_TIGHTENED] = "tightened:", [NOTE_NO_EFFECT] = "no effect:", [NOTE_MISSING] = "missing:",
		[NOTE_REFUSED] = "refused:" };
	const struct note *n = &d->notes[first];
	const char *last = "", *after = "";
	_auto(free_mem) char *text = NULL;
	size_t size;
	FILE *t = open_memstream(&text, &size);

	if (!t)
		return;
	for (size_t i = first; i < d->n_notes; i++) {
		const char *place = d->notes[i].at.text;

		if (alike(&d->notes[i], n) && strcmp(place, last) != 0) {
			fputs(after, t);
			if (d->of_file && d->notes[i].at.line)
				fprintf(t, "%d:%d ", d->notes[i].at.line, d->notes[i].at.column);
			fputs(place, t);
			last = place;
			after = ", ";
		}
	}
	fprintf(t, "%s%s%s%s%s", *last ? ": " : "", n->text, *n->hint ? " (" : "", n->hint, *n->hint ? ")" : "");
	fclose(t);
	fputs(kinds[n->kind], out);
	print_wrapped(out, text, (int)strlen(kinds[n->kind]), INDENT);
	fputc('\n', out);
}

void door_print_notes(const struct door *d, enum note_kind from, FILE *out)
{
	for (int kind = (int)from; kind < NOTE_KINDS; kind++)
		for (size_t i = 0; i < d->n_notes; i++) {
			size_t same = 0;

			while (same < i && !alike(&d->notes[same], &d->notes[i]))
				same++;
			if ((int)d->notes[i].kind == kind && same == i)
				print_note(d, i, out);
		}
}

void door_print_place(const struct place *at, FILE *out)
{
	static const char from[] = "casemate: from";

	fputs(from, out);
	print_wrapped(out, at->text, sizeof(from) - 1, INDENT);
	fputc('\n', out);
}
