/* schema.c - the rows as a JSON Schema (2020-12), for editors and for other programs.
 *
 * It says as much as a schema can: what depends on two keys at once (the same target twice),
 * and sizes that are too large as text, only the parser sees. */
#include "../base/cleanup.h"
#include "names.h"
#include "read.h"
#include "secret.h"

#include <ctype.h>
#include <string.h>

#define SIZE_PATTERN "(0|[1-9][0-9]*)[KMGT]"

static json_t *pattern(const char *regex)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", regex);
}

/* Text without control characters and, where the syntax asks for that, without a secret. */
static json_t *text(const struct syntax *syntax)
{
	json_t *s = json_pack("{s:s, s:i}", "$ref", syntax->no_secret ? "#/$defs/open" : "#/$defs/text",
			      "maxLength", (int)syntax->max);

	if (syntax->pattern)
		json_object_set_new(s, "pattern", json_string(syntax->pattern));
	if (syntax == &syntax_env_pass)
		json_object_set_new(s, "not", json_pack("{s:s}", "$ref", "#/$defs/secret_name"));
	return s;
}

static json_t *choice(const struct key *k)
{
	json_t *names = json_array();

	for (size_t i = 0; k->names[i]; i++)
		json_array_append_new(names, json_string(k->names[i]));
	return json_pack("{s:o}", "enum", names);
}

static json_t *integer(const struct key *k)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)k->min, "maximum", (json_int_t)k->max);
}

static json_t *list(const struct key *k, json_t *items)
{
	json_t *s = json_pack("{s:s, s:o, s:i}", "type", "array", "items", items,
			      "maxItems", k->type == KEY_STRINGS && k->max ? (int)k->max : LIST_MAX);

	if (k->unique)
		json_object_set_new(s, "uniqueItems", json_true());
	return s;
}

static json_t *pairs(const struct key *k)
{
	json_t *s = json_pack("{s:s, s:i, s:o, s:o}", "type", "object", "maxProperties", LIST_MAX,
			      "propertyNames", text(k->syntax), "additionalProperties", text(k->value_syntax));
	char names[SECRET_PATTERN_MAX];

	if (k->value_syntax->no_secret) {
		json_t *harmless = text(k->value_syntax);

		secret_name_pattern(names);
		json_object_set_new(harmless, "pattern", json_string(secret_harmless_pattern));
		json_object_set_new(s, "patternProperties", json_pack("{s:o}", names, harmless));
	}
	return s;
}

/* All names in upper case, then all in lower case. */
static json_t *capabilities(void)
{
	_auto(free_mem) char *regex = NULL;
	size_t size;
	FILE *out = open_memstream(&regex, &size);

	for (int lower = 0; out && lower < 2; lower++) {
		fputs(lower ? "|(cap_)?(" : "^((CAP_)?(", out);
		for (size_t i = 0; i < capability_names_len; i++) {
			fputs(i ? "|" : "", out);
			for (const char *c = capability_names[i]; *c; c++)
				fputc(lower ? tolower((unsigned char)*c) : *c, out);
		}
		fputs(lower ? "))$" : ")", out);
	}
	close_file(&out);
	return json_pack("{s:s, s:o, s:b}", "type", "array", "items", pattern(regex), "uniqueItems", 1);
}

static json_t *signals(void)
{
	_auto(free_mem) char *regex = NULL;
	size_t size;
	FILE *out = open_memstream(&regex, &size);

	if (out)
		fputs("^(SIG)?(RTMIN\\+([12]?[0-9]|30)", out);
	for (const struct signal_name *s = signal_names; out && s->name; s++)
		fprintf(out, "|%s", s->name);
	if (out)
		fputs(")$", out);
	close_file(&out);
	return pattern(regex);
}

static json_t *profile(const struct key *k)
{
	return json_pack("{s:[o, {s:s}]}", "anyOf", text(k->syntax), "$ref", "#/$defs/profile");
}

static json_t *object(const struct key *rows, size_t n, const char *section);

static json_t *value(const struct key *k)
{
	switch (k->type) {
	case KEY_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case KEY_UINT:
	case KEY_INT:
		return integer(k);
	case KEY_SIZE:
		return json_pack("{s:[o, o]}", "anyOf", integer(k), pattern("^" SIZE_PATTERN "$"));
	case KEY_TIME:
		return pattern("^(0|[1-9][0-9]*)(ms|s|m|h)$");
	case KEY_CPUS:
		return json_pack("{s:s, s:f, s:f}", "type", "number", "minimum", (double)k->min / 1e6,
				 "maximum", (double)k->max / 1e6);
	case KEY_RLIMIT:
		return json_pack("{s:[o, o]}", "anyOf", integer(k), pattern("^(" SIZE_PATTERN "|unlimited)$"));
	case KEY_MODE:
		return pattern(k->max > 0777 ? "^(0?[01][0-7]{3}|[0-7]{1,3})$" : "^0?[0-7]{1,3}$");
	case KEY_CHOICE:
		return choice(k);
	case KEY_SIGNAL:
		return signals();
	case KEY_STRING:
		return text(k->syntax);
	case KEY_STRINGS:
		return list(k, text(k->syntax));
	case KEY_NUMBERS:
		return list(k, integer(k));
	case KEY_PAIRS:
		return pairs(k);
	case KEY_CAPS:
		return capabilities();
	case KEY_PROFILE:
		return profile(k);
	case KEY_OBJECTS:
		return list(k, object(k->item, k->n_item, ""));
	case KEY_TYPES:
		break;
	}
	return NULL;
}

static json_t *row_schema(const struct key *k)
{
	json_t *s = value(k), *def = k->def ? json_loads(k->def, JSON_DECODE_ANY, NULL) : NULL;
	char doc[512];

	snprintf(doc, sizeof(doc), "%s%s%s%s", k->doc, k->protects ? " Protects " : "", k->protects ? k->protects : "",
		 k->protects ? "." : "");
	json_object_set_new(s, "description", json_string(doc));
	if (def && !json_is_null(def))
		json_object_set(s, "default", def);
	json_decref(def);
	return s;
}

/* if {when: is} then [required] else not present. */
static json_t *condition(const struct key *k, const struct key *decider)
{
	json_t *test = k->unless ? NULL : json_pack("{s:{s:{s:s}}}", "properties", k->when, "const", k->is);
	json_auto_t *is = json_string(k->is), *def = json_loads(decider->def, JSON_DECODE_ANY, NULL);
	json_t *s;

	if (k->unless)		/* what is not the default has been said */
		return json_pack("{s:{s:{s:{s:{s:s}}}, s:[s]}, s:{s:{s:b}}}", "if", "properties", k->when, "not", "const", k->is,
				 "required", k->when, "else", "properties", key_leaf(k), 0);
	if (!json_equal(is, def))	/* a missing key is its default */
		json_object_set_new(test, "required", json_pack("[s]", k->when));
	s = json_pack("{s:o, s:{s:{s:b}}}", "if", test, "else", "properties", key_leaf(k), 0);
	if (!k->def)
		json_object_set_new(s, "then", json_pack("{s:[s]}", "required", key_leaf(k)));
	return s;
}

/* Whether this value of `k` makes another key of its section required. */
static bool needs_another(const struct key *k, const char *name, const struct key *rows, size_t n)
{
	size_t section = (size_t)(key_leaf(k) - k->name);

	for (const struct key *other = rows; other < rows + n; other++)
		if (other->when && !other->def && strncmp(other->name, k->name, section) == 0 &&
		    strcmp(other->when, key_leaf(k)) == 0 && strcmp(other->is, name) == 0)
			return true;
	return false;
}

/* "section": "string" instead of an object. */
static json_t *or_shorthand(const struct key *k, const struct key *rows, size_t n, json_t *full)
{
	json_t *brief = value(k), *values = json_object_get(brief, "enum");

	if (k->type == KEY_PROFILE) {	/* only a string is short */
		json_decref(brief);
		brief = text(k->syntax);
	}
	for (size_t i = json_array_size(values); i-- > 0;)
		if (needs_another(k, json_string_value(json_array_get(values, i)), rows, n))
			json_array_remove(values, i);
	return json_pack("{s:[o, o]}", "anyOf", brief, full);
}

static bool below(const struct key *k, const char *section)
{
	size_t len = strlen(section);

	return len == 0 || (strncmp(k->name, section, len) == 0 && k->name[len] == '.');
}

/* The rows below a section as one object; sections below it become objects in turn. */
static json_t *object(const struct key *rows, size_t n, const char *section)
{
	json_t *properties = json_object(), *required = json_array(), *conditions = json_array(), *s;
	const struct key *decider = NULL, *brief = NULL;
	size_t skip = *section ? strlen(section) + 1 : 0;

	for (size_t i = 0; i < n; i++) {
		const struct key *k = &rows[i];
		const char *name = below(k, section) ? k->name + skip : "";
		size_t len = strcspn(name, ".");
		char full[64];
		json_t *child;

		if (len == 0 || json_object_getn(properties, name, len))
			continue;
		if (name[len] == '.') {
			snprintf(full, sizeof(full), "%.*s", (int)(skip + len), k->name);
			child = object(rows, n, full);
			json_object_setn_new(properties, name, len, child);
			if (json_object_get(child, "required"))
				json_array_append_new(required, json_stringn(name, len));
			continue;
		}
		json_object_set_new(properties, name, row_schema(k));
		if (k->shorthand)
			brief = k;
		if (k->type == KEY_CHOICE)
			decider = k;
		if (k->when)
			json_array_append_new(conditions, condition(k, decider));
		else if (!k->def)
			json_array_append_new(required, json_string(name));
	}
	s = json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0, "properties", properties);
	if (json_array_size(required))
		json_object_set(s, "required", required);
	if (json_array_size(conditions))
		json_object_set(s, "allOf", conditions);
	json_decref(required);
	json_decref(conditions);
	return brief ? or_shorthand(brief, rows, n, s) : s;
}

/* docker's and the OCI's format of a seccomp profile, as far as its shape goes. */
static const char profile_json[] =
	"{'type': 'object', 'additionalProperties': false, 'required': ['defaultAction'], 'properties': {"
	" 'defaultAction': {'type': 'string'}, 'defaultErrnoRet': {'type': ['integer', 'null']},"
	" 'architectures': {'type': ['array', 'null']}, 'archMap': {'type': ['array', 'null']},"
	" 'flags': {'type': ['array', 'null']},"
	" 'syscalls': {'type': ['array', 'null'], 'items': {"
	"  'type': 'object', 'additionalProperties': false, 'required': ['action'], 'properties': {"
	"   'names': {'type': ['array', 'null'], 'items': {'type': 'string'}}, 'name': {'type': 'string'},"
	"   'action': {'type': 'string'}, 'errnoRet': {'type': ['integer', 'null']},"
	"   'args': {'type': ['array', 'null'], 'items': {"
	"    'type': 'object', 'additionalProperties': false, 'required': ['index', 'value', 'op'], 'properties': {"
	"     'index': {'type': 'integer', 'minimum': 0, 'maximum': 5}, 'value': {'type': 'integer'},"
	"     'valueTwo': {'type': 'integer'}, 'op': {'type': 'string'}}}},"
	"   'comment': {'type': 'string'}, 'includes': {'type': ['object', 'null']},"
	"   'excludes': {'type': ['object', 'null']}}}}}}";

static json_t *profile_definition(void)
{
	char json[sizeof(profile_json)];

	memcpy(json, profile_json, sizeof(json));
	for (char *c = json; *c; c++)	/* C would want every quote escaped */
		if (*c == '\'')
			*c = '"';
	return json_loads(json, 0, NULL);
}

static json_t *definitions(void)
{
	char names[SECRET_PATTERN_MAX], values[SECRET_PATTERN_MAX];

	secret_name_pattern(names);
	secret_value_pattern(values);
	return json_pack("{s:{s:s, s:{s:s}}, s:{s:s, s:{s:s}}, s:{s:s}, s:o}",
			 "text", "type", "string", "not", "pattern", "[\\u0000-\\u001f\\u007f-\\u009f]",
			 "open", "$ref", "#/$defs/text", "not", "pattern", values,
			 "secret_name", "pattern", names, "profile", profile_definition());
}

void language_schema(const struct language *l, FILE *out)
{
	json_auto_t *schema = json_pack("{s:s, s:s+}", "$schema", "https://json-schema.org/draft/2020-12/schema",
					"title", "casemate ", l->what);
	json_auto_t *top = object(l->rows, l->n, "");

	json_object_update(schema, top);
	json_object_set_new(schema, "$defs", definitions());
	json_dumpf(schema, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	fputc('\n', out);
}
