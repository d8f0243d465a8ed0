/* json.c - findings for programs. The shape is documented in casemate-check(1) and only ever grows: whoever reads it must let
 * unknown members pass. */
#include "json.h"

#include "../base/cleanup.h"

#include <stdlib.h>
#include <string.h>

json_t *json_text(const char *s)
{
	json_t *as_it_is = json_string(s);
	_auto(free_mem) char *copy = as_it_is ? NULL : strdup(s);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return copy ? json_string(copy) : as_it_is;
}

static json_t *one_place(const struct verdict *v, const struct result *r)
{
	json_t *place = json_object();

	if (v->input == INPUT_DOCKER_RUN)
		json_object_set_new(place, "option", json_text(r->excerpt));
	else
		json_object_set_new(place, "file", json_text(v->name));
	json_object_set_new(place, "line", r->line ? json_integer(r->line) : json_null());
	json_object_set_new(place, "column", r->line ? json_integer(r->column) : json_null());
	return place;
}

static json_t *one_result(const struct verdict *v, const struct result *r)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "rule", r->rule->id, "severity", severity_names[r->severity],
			 "pointer", json_text(r->pointer), "place", one_place(v, r), "message", json_text(r->msg),
			 "remedy", json_text(r->remedy));
}

static json_t *one_verdict(const struct verdict *v)
{
	json_t *o = json_object(), *list = json_array();

	json_object_set_new(o, "name", json_text(v->name));
	json_object_set_new(o, "kind", json_string(input_names[v->input]));
	if (*v->service)
		json_object_set_new(o, "service", json_text(v->service));
	if (*v->unusable)
		json_object_set_new(o, "unusable", json_text(v->unusable));
	for (size_t i = 0; i < v->n_results; i++)
		json_array_append_new(list, one_result(v, &v->results[i]));
	json_object_set_new(o, "findings", list);
	return o;
}

int report_json(const struct verdicts *all, FILE *out)
{
	json_t *inputs = json_array();
	json_auto_t *o = NULL;

	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(inputs, one_verdict(&all->v[i]));
	o = json_pack("{s:i, s:s, s:o, s:{s:I, s:I, s:I}}", "format", 1, "casemate", CASEMATE_VERSION, "inputs", inputs, "summary",
		      "errors", (json_int_t)verdicts_count(all, SEV_ERROR), "warnings", (json_int_t)verdicts_count(all, SEV_WARNING),
		      "notes", (json_int_t)verdicts_count(all, SEV_NOTE));
	if (!o || json_dumpf(o, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) < 0)
		return -1;
	fputc('\n', out);
	return 0;
}
