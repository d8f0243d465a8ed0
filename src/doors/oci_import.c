/* oci_import.c - a config.json to a policy: the walk along the table of fields; see oci_import.h.
 *
 * Both runtimes read past keys that they do not know, and one of them past the case of letters: noNewPrivilges starts
 * without it. Here such a key is refused, wherever it stands. */
#include "oci_import.h"

#include "../base/cleanup.h"
#include "../policy/locate.h"
#include "../policy/suggest.h"

#include <stdarg.h>
#include <string.h>

enum { PATTERN_MAX = 160, ITEMS_MAX = 1024 };

/* --- where we are --- */

void oci_here(struct oci_import *im, const char *fmt, ...)
{
	char pointer[POINTER_MAX];
	int line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(pointer, sizeof(pointer), fmt, ap);
	va_end(ap);
	line_column(im->text, im->len, locate(im->text, im->len, pointer, 0), &line, &column);
	door_here(im->door, line, column, "%s", pointer);
}

json_t *oci_get(const struct oci_import *im, const char *pointer)
{
	json_t *at = im->root;
	char name[64];

	while (at && *pointer == '/') {
		size_t n = strcspn(++pointer, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, pointer);
		at = json_object_get(at, name);
		pointer += n;
	}
	return json_is_null(at) ? NULL : at;
}

#define NOTE(kind, pointer, hint) \
	do { \
		_auto(free_mem) char *msg = NULL; \
		va_list ap; \
		va_start(ap, fmt); \
		if (vasprintf(&msg, fmt, ap) < 0) \
			msg = NULL; \
		va_end(ap); \
		door_note(im->door, kind, pointer, hint, "%s", msg ? msg : ""); \
	} while (0)

void oci_refuse(struct oci_import *im, const char *hint, const char *fmt, ...)
{
	NOTE(NOTE_REFUSED, NULL, hint);
}

void oci_tighten(struct oci_import *im, const char *pointer, const char *fmt, ...)
{
	NOTE(NOTE_TIGHTENED, pointer, NULL);
}

void oci_no_effect(struct oci_import *im, const char *fmt, ...)
{
	NOTE(NOTE_NO_EFFECT, NULL, NULL);
}

char *oci_path(struct oci_import *im, const char *path)
{
	char *ret = NULL;

	if (*path != '/' && !im->bundle) {
		oci_refuse(im, "name the bundle's directory", "\"%.80s\" is relative to a bundle", path);
		return NULL;
	}
	if (asprintf(&ret, "%s%s%s", *path == '/' ? "" : im->bundle, *path == '/' ? "" : "/", path) < 0) {
		im->door->no_memory = true;
		return NULL;
	}
	return ret;
}

/* --- the walk --- */

static const struct oci_field *find(const char *path)
{
	for (size_t i = 0; i < oci_fields_len; i++)
		if (strcmp(oci_fields[i].path, path) == 0)
			return &oci_fields[i];
	return NULL;
}

/* What may have been meant: a name that the specification has in the same object. */
static void unknown(struct oci_import *im, const char *above, const char *name)
{
	size_t n = strlen(above);
	struct guess g;
	char hint[GUESS_MAX + 32] = "every key must be one of the specification's";

	guess_start(&g, name);
	for (size_t i = 0; i < oci_fields_len; i++) {
		const char *path = oci_fields[i].path;

		if (strncmp(path, above, n) == 0 && (!n || path[n] == '.') && !strpbrk(path + n + !!n, ".["))
			guess_offer(&g, path + n + !!n, strlen(path + n + !!n));
	}
	if (*g.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	oci_refuse(im, hint, "unknown key");
}

static bool is_neutral(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return json_object_size(v) == 0;
	case JSON_ARRAY: return json_array_size(v) == 0;
	case JSON_STRING: return json_string_length(v) == 0;
	case JSON_INTEGER: return json_integer_value(v) == 0;
	case JSON_REAL: case JSON_TRUE: return false;
	case JSON_FALSE: case JSON_NULL: break;
	}
	return true;
}

static bool has_type(const json_t *v, const struct oci_field *f)
{
	switch (f->type) {
	case OCI_OBJECT: return json_is_object(v);
	case OCI_ARRAY: return json_is_array(v);
	case OCI_STRING: return json_is_string(v);
	case OCI_INTEGER: return json_is_integer(v);
	case OCI_BOOL: return json_is_boolean(v);
	}
	return false;
}

static void wrong_type(struct oci_import *im, const struct oci_field *f)
{
	static const char *const names[] = { [OCI_OBJECT] = "an object", [OCI_ARRAY] = "an array", [OCI_STRING] = "a string",
					     [OCI_INTEGER] = "an integer", [OCI_BOOL] = "true or false" };

	oci_refuse(im, NULL, "want %s", names[f->type]);
}

static void walk(struct oci_import *im, json_t *at, char pattern[PATTERN_MAX], char pointer[POINTER_MAX]);

/* Whether the table goes on below; it does not for other platforms. */
static bool has_parts(const char *pattern)
{
	size_t n = strlen(pattern);

	for (size_t i = 0; i < oci_fields_len; i++)
		if (strncmp(oci_fields[i].path, pattern, n) == 0 && oci_fields[i].path[n])
			return true;
	return false;
}

/* One value, whose field is known. What is not taken over is looked through all the same: a misspelt name in it says that
 * its writer believed in something else. */
static void visit(struct oci_import *im, const struct oci_field *f, json_t *v, char pattern[PATTERN_MAX], char pointer[POINTER_MAX])
{
	if (json_is_null(v))
		return;
	if (!has_type(v, f)) {
		oci_here(im, "%s", pointer);
		wrong_type(im, f);
		return;
	}
	if (f->fate == OCI_REFUSED || f->fate == OCI_NO_EFFECT) {
		if (is_neutral(v))
			return;
		oci_here(im, "%s", pointer);
		door_note(im->door, f->fate == OCI_REFUSED ? NOTE_REFUSED : NOTE_NO_EFFECT, NULL, f->hint, "%s", f->why);
	}
	if (has_parts(pattern))
		walk(im, v, pattern, pointer);
	if (f->take) {
		oci_here(im, "%s", pointer);
		f->take(im, v);
	}
}

static void walk_array(struct oci_import *im, json_t *at, char pattern[PATTERN_MAX], char pointer[POINTER_MAX])
{
	size_t used = strlen(pattern), deep = strlen(pointer), i;
	const struct oci_field *f;
	json_t *v;

	snprintf(pattern + used, PATTERN_MAX - used, "[]");
	f = find(pattern);
	if (json_array_size(at) > ITEMS_MAX) {
		oci_here(im, "%s", pointer);
		oci_refuse(im, NULL, "more than %d entries", ITEMS_MAX);
		json_array_clear(at);
	}
	json_array_foreach(at, i, v) {
		snprintf(pointer + deep, POINTER_MAX - deep, "/%zu", i);
		if (f)
			visit(im, f, v, pattern, pointer);
		pointer[deep] = '\0';
	}
	pattern[used] = '\0';
}

static void walk(struct oci_import *im, json_t *at, char pattern[PATTERN_MAX], char pointer[POINTER_MAX])
{
	size_t used = strlen(pattern), deep = strlen(pointer);
	const char *name;
	json_t *v;

	if (json_is_array(at)) {
		walk_array(im, at, pattern, pointer);
		return;
	}
	json_object_foreach(at, name, v) {
		const struct oci_field *f = NULL;

		pointer_push(pointer, deep, name, strlen(name));
		if (!strpbrk(name, ".[*") && used + strlen(name) + 2 < PATTERN_MAX) {
			snprintf(pattern + used, PATTERN_MAX - used, "%s%s", used ? "." : "", name);
			f = find(pattern);
		}
		if (!f) {
			snprintf(pattern + used, PATTERN_MAX - used, "%s*", used ? "." : "");
			f = find(pattern);
		}
		if (f) {
			visit(im, f, v, pattern, pointer);
		} else {
			pattern[used] = '\0';
			oci_here(im, "%s", pointer);
			unknown(im, pattern, name);
		}
		pattern[used] = '\0';
		pointer[deep] = '\0';
	}
}

/* --- what is not written --- */

/* What a runtime leaves open when nothing is said. */
static void defaults(struct oci_import *im)
{
	static const struct { const char *field, *pointer, *why; } open[] = {
		{ "/process/noNewPrivileges", "", "not set: here it always holds, so setuid programs gain nothing" },
		{ "/process/apparmorProfile", "/apparmor", "not set: here it is casemate-default" },
		{ "/process/user/umask", "/user/umask", "not set: here it is 0077" },
		{ "/linux/seccomp", "/seccomp", "not set: here it is casemate's own filter" },
		{ "/linux/resources/memory/limit", "/limits/memory", "not set: here it is 512M, without swap" },
		{ "/linux/resources/cpu/quota", "/limits/cpus", "not set: here it is one CPU" },
		{ "/linux/resources/pids/limit", "/limits/pids", "not set: here it is 256" },
		{ "/linux/maskedPaths", "/proc", "not set: here the usual ones always are" },
		{ "/root/readonly", "/rootfs", "not set: here the root is always read-only; bind or tmpfs what is written" },
	};

	for (size_t i = 0; i < COUNT(open); i++)
		if (!oci_get(im, open[i].field)) {
			door_here(im->door, 0, 0, "%s", open[i].field);
			oci_tighten(im, open[i].pointer, "%s", open[i].why);
		}
}

static void required(struct oci_import *im)
{
	static const struct { const char *field, *pointer; } rows[] = {
		{ "/root/path", "/rootfs" }, { "/process/args", "/args" }, { "/ociVersion", "" } };

	for (size_t i = 0; i < COUNT(rows); i++)
		if (!oci_get(im, rows[i].field)) {
			door_here(im->door, 0, 0, "%s", rows[i].field);
			oci_refuse(im, "the specification requires it", "is missing");
		}
	/* The walk calls nobody for what is not there, and these mean something then. */
	if (!oci_get(im, "/linux/namespaces"))
		take_namespaces(im, NULL);
	if (!oci_get(im, "/mounts"))
		take_mounts(im, NULL);
	if (!oci_get(im, "/process/user"))
		take_user_field(im, NULL);
	door_nowhere(im->door);
}

/* "unlimited" is 2^64-1 in the specification and more than jansson's integers hold. The digits are replaced by as many
 * that fit, so that places stay: 2^63-1, which means "unlimited" as well wherever it may stand. */
static void clamp(char *text, size_t len)
{
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		size_t n = 0;

		if (text[i] == '"')
			in_string = !in_string;
		else if (in_string && text[i] == '\\')
			i++;
		if (in_string)
			continue;
		while (i + n < len && text[i + n] >= '0' && text[i + n] <= '9')
			n++;
		if (n == 20 && (i == 0 || text[i - 1] != '-') && memcmp(text + i, "18446744073709551615", 20) == 0 &&
		    (i + n == len || !strchr(".eE", text[i + n])))
			memcpy(text + i, "9223372036854775807 ", 20);
		i += n ? n - 1 : 0;
	}
}

int door_oci(const char *text, size_t len, const char *bundle, struct door *d, struct err *e)
{
	_auto(free_mem) char *copy = malloc(len + 1);
	char pattern[PATTERN_MAX] = "", pointer[POINTER_MAX] = "";
	json_auto_t *root = NULL;
	struct oci_import im = { .door = d, .text = text, .len = len, .bundle = bundle };
	json_error_t bad;

	if (!copy)
		return err_set(e, ERR_HOST, 0, NULL, "cannot hold the config.json");
	memcpy(copy, text, len);
	clamp(copy, len);
	root = im.root = json_loadb(copy, len, JSON_REJECT_DUPLICATES, &bad);
	if (!root || !json_is_object(root)) {
		e->line = root ? 1 : bad.line;
		e->column = root ? 1 : bad.column;
		return err_set(e, ERR_POLICY, 0, NULL, "%s", root ? "want an object" : bad.text);
	}
	d->of_file = true;
	door_set(d, "/version", json_integer(1));
	walk(&im, root, pattern, pointer);
	required(&im);
	defaults(&im);
	return 0;
}
