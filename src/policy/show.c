/* show.c - the effective policy, for machines (JSON) and for people (explain). */
#include "../base/cleanup.h"
#include "read.h"

#include <string.h>

/* Fifteen digits print 0.1 as it was written, and hold every number of millionths there is. */
#define AS_WRITTEN JSON_REAL_PRECISION(15)

int policy_effective(const struct policy_source *src, struct arena *arena, const char **json, struct err *e)
{
	_auto(reading_free) struct reading r;
	json_auto_t *ordered = json_object();
	_auto(free_mem) char *text = NULL;

	if (policy_read(&r, src, arena, e) < 0)
		return -1;
	for (size_t i = 0; i < policy_keys_len; i++) {
		json_t *v = key_get(&policy_keys[i], r.root);

		if (v && key_set(ordered, policy_keys[i].name, json_incref(v)) < 0)
			return err_set(e, ERR_HOST, 0, NULL, "out of memory");
	}
	text = json_dumps(ordered, JSON_INDENT(2) | AS_WRITTEN);
	if (!text)
		return err_set(e, ERR_HOST, 0, NULL, "out of memory");
	if (strlen(text) > POLICY_BYTES_MAX)
		return err_set(e, ERR_POLICY, 0, NULL, "with its defaults the policy is longer than %d bytes", POLICY_BYTES_MAX);
	*json = arena_strndup(arena, text, strlen(text));
	return *json ? 0 : err_set(e, ERR_POLICY, 0, NULL, "the policy is too large for its memory");
}

/* --- the table --- */

enum { COLUMNS = 4 };
static const size_t widths[COLUMNS] = { 25, 21, 7, 24 };	/* and three blanks: 80 */

/* Bytes of the longest piece of at most `width` characters, cut at a blank where there is one. */
static size_t piece(const char *s, size_t width)
{
	size_t n = 0, blank = 0;

	for (size_t chars = 0; s[n] && chars < width; chars++) {
		if (s[n] == ' ')
			blank = n;
		for (n++; ((unsigned char)s[n] & 0xc0) == 0x80;)
			n++;
	}
	return s[n] == '\0' || s[n] == ' ' || blank == 0 ? n : blank;
}

static size_t characters(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* One row of cells, as many lines as the longest needs. */
static void print_cells(FILE *out, const char *const cells[COLUMNS])
{
	const char *rest[COLUMNS];
	bool more = true;

	memcpy(rest, cells, sizeof(rest));
	while (more) {
		size_t gap = 0;

		more = false;
		for (size_t i = 0; i < COLUMNS; i++) {
			size_t len = piece(rest[i], widths[i]);

			if (len)
				fprintf(out, "%*s%.*s", (int)gap, "", (int)len, rest[i]);
			gap = (len ? 0 : gap) + widths[i] - characters(rest[i], len) + 1;
			rest[i] += len;
			rest[i] += strspn(rest[i], " ");
			more |= *rest[i] != '\0';
		}
		fputc('\n', out);
	}
}

/* A value as one reads it: strings without quotes, everything else as JSON. */
static char *readable(const json_t *v)
{
	const char *s = json_string_value(v);

	if (!v)
		return strdup("-");
	return s && *s ? strdup(s) : json_dumps(v, JSON_ENCODE_ANY | AS_WRITTEN);
}

/* "type=bind source=/srv/www ..." */
static char *readable_item(const struct key *k, json_t *item)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < k->n_item; i++) {
		json_t *v = key_get(&k->item[i], item);
		_auto(free_mem) char *value = v ? readable(v) : NULL;

		if (value)
			fprintf(out, "%s%s=%s", i ? " " : "", k->item[i].name, value);
	}
	close_file(&out);
	return text;
}

static void explain_row(FILE *out, const char *name, const char *value, enum origin origin, const char *protects)
{
	static const char *const origins[] = {
		[FROM_DEFAULT] = "default", [FROM_POLICY] = "policy", [FROM_SET] = "set" };

	print_cells(out, (const char *const[COLUMNS]){ name, value ? value : "?", origins[origin], protects ? protects : "" });
}

static void explain_key(FILE *out, const struct reading *r, size_t row)
{
	const struct key *k = &policy_keys[row];
	json_t *v = key_get(k, r->root);
	size_t n = k->type == KEY_OBJECTS ? json_array_size(v) : 0;

	for (size_t i = 0; i < n; i++) {
		_auto(free_mem) char *value = readable_item(k, json_array_get(v, i));
		bool ours = strcmp(k->name, "mounts") == 0 && r->implied_tmp && i == n - 1;
		char name[64];

		snprintf(name, sizeof(name), "%s/%zu", k->name, i);
		explain_row(out, name, value, ours ? FROM_DEFAULT : (enum origin)r->origin[row], k->protects);
	}
	if (n == 0) {
		_auto(free_mem) char *value = readable(v);

		explain_row(out, k->name, value, (enum origin)r->origin[row], k->protects);
	}
}

int policy_explain(const struct policy_source *src, FILE *out, struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	_auto(reading_free) struct reading r = { 0 };
	int ret = arena_init(&arena, POLICY_ARENA_SIZE);

	if (ret < 0)
		return err_set(e, ERR_HOST, ret, NULL, "no memory for the policy");
	if (policy_read(&r, src, &arena, e) < 0)
		return -1;
	print_cells(out, (const char *const[COLUMNS]){ "KEY", "VALUE", "FROM", "PROTECTS" });
	for (size_t i = 0; i < policy_keys_len; i++)
		if (key_get(&policy_keys[i], r.root) || !policy_keys[i].when)
			explain_key(out, &r, i);
	return 0;
}
