/* text.c - findings for people: what is wrong, where, what to do; and the rules. 80 columns, with and without colour. */
#include "report.h"
#include "standards.h"

#include "../base/cleanup.h"
#include "../base/print.h"

#include <string.h>

enum { HALF = 40, INDENT = 4 };

struct style { const char *place, *severity[3], *end; };

static const struct style plain = { "", { "", "", "" }, "" };
static const struct style coloured = {
	"\033[1m", { "\033[1;31m", "\033[1;33m", "\033[1;36m" }, "\033[0m" };

/* "FILE:LINE:COLUMN" or "docker run: OPTION"; malloc'd. */
static char *place(const struct verdict *v, const struct result *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_escaped(out, v->name);
	if (v->input == INPUT_DOCKER_RUN && *r->excerpt) {
		fputs(": ", out);
		print_escaped(out, r->excerpt);
	} else if (v->input != INPUT_DOCKER_RUN && r->line) {
		fprintf(out, ":%d:%d", r->line, r->column);
	} else if (*v->service) {
		fputs(" (", out);
		print_escaped(out, v->service);
		fputc(')', out);
	}
	fclose(out);
	return text;
}

static void print_result(FILE *out, const struct verdict *v, const struct result *r, const struct style *style)
{
	_auto(free_mem) char *at = place(v, r);
	_auto(free_mem) char *message = NULL;
	_auto(free_mem) char *remedy = NULL;
	const char *severity = severity_names[r->severity], *pointer = *r->pointer || v->input != INPUT_POLICY ? r->pointer : "/";
	int column;

	if (!at || asprintf(&message, "%s [%s]", r->msg, r->rule->id) < 0 ||
	    asprintf(&remedy, "%s%s%s%s%s", *r->remedy ? "do: " : "at", r->remedy, *pointer ? " (" : "", pointer, *pointer ? ")" : "") < 0)
		return;
	fprintf(out, "%s%s:%s %s%s:%s", style->place, at, style->end, style->severity[r->severity], severity, style->end);
	column = print_columns(at, strlen(at)) + (int)strlen(severity) + 3;
	if (column > HALF + INDENT) {	/* a long name: the message gets a line of its own */
		fprintf(out, "\n%*s", INDENT, "");
		column = INDENT;
	}
	print_wrapped(out, message, column, INDENT);
	fputc('\n', out);
	if (!*r->remedy && !*pointer)
		return;
	fprintf(out, "%*s", INDENT, "");
	print_wrapped(out, remedy, INDENT, INDENT);
	fputc('\n', out);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* The first of the most severe: where to begin. */
static const struct result *worst(const struct verdicts *all)
{
	for (enum severity s = SEV_ERROR; s <= SEV_NOTE; s++)
		for (size_t i = 0; i < all->n; i++)
			for (size_t k = 0; k < all->v[i].n_results; k++)
				if (all->v[i].results[k].severity == s)
					return &all->v[i].results[k];
	return NULL;
}

static void summary(FILE *out, const struct verdicts *all, bool strict)
{
	const size_t errors = verdicts_count(all, SEV_ERROR), warnings = verdicts_count(all, SEV_WARNING), notes = verdicts_count(all, SEV_NOTE);
	const struct result *first = worst(all);
	_auto(free_mem) char *text = NULL;
	int r;

	if (!first)
		r = asprintf(&text, "Nothing found. Next: `casemate doctor` says whether this host can enforce it.");
	else if (errors)
		r = asprintf(&text, "%zu error%s, %zu warning%s, %zu note%s: it would not be started. Next: begin with %s; "
			     "`casemate check --explain %s` says why.", errors, plural(errors), warnings, plural(warnings), notes, plural(notes),
			     first->rule->id, first->rule->id);
	else if (warnings && strncmp(first->rule->id, "source.", 7) == 0)
		r = asprintf(&text, "%zu warning%s, %zu note%s: %s; what the source leaves open is shut here, and open wherever else it is run. "
			     "Next: say it in the source; `casemate check --explain %s` says why.", warnings, plural(warnings), notes, plural(notes),
			     strict ? "--strict refuses it, casemate starts it" : "casemate starts it", first->rule->id);
	else if (warnings)
		r = asprintf(&text, "%zu warning%s, %zu note%s: %s, and the launch record will name each warning. Next: take out what the "
			     "service can do without; `casemate check --explain %s` says what it costs.", warnings, plural(warnings), notes,
			     plural(notes), strict ? "--strict refuses it, `casemate run` starts it" : "it can be started", first->rule->id);
	else
		r = asprintf(&text, "%zu note%s: advice only. Next: `casemate doctor` says whether this host can enforce it.", notes, plural(notes));
	if (r < 0)
		return;
	fputs(first ? "\n" : "", out);
	print_wrapped(out, text, 0, 0);
	fputc('\n', out);
}

void report_text(const struct verdicts *all, FILE *out, bool colour, bool strict)
{
	bool judged = false;

	for (size_t i = 0; i < all->n; i++) {
		for (size_t k = 0; k < all->v[i].n_results; k++)
			print_result(out, &all->v[i], &all->v[i].results[k], colour ? &coloured : &plain);
		judged |= !*all->v[i].unusable;
	}
	if (judged)
		summary(out, all, strict);
}

/* --- the rules --- */

void rules_print(FILE *out)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++) {
		fprintf(out, "%-22s %-8s", rule->id, severity_names[rule->severity]);
		print_wrapped(out, rule->title, 31, 32);
		fputc('\n', out);
	}
	standards_print(out);
}

static void paragraph(FILE *out, const char *head, const char *text)
{
	if (!text)
		return;
	fprintf(out, "%-11s", head);
	print_wrapped(out, text, 11, 11);
	fputc('\n', out);
}

void rule_explain(const struct rule *rule, FILE *out)
{
	fprintf(out, "%s (%s)\n", rule->id, severity_names[rule->severity]);
	paragraph(out, "  what", rule->title);
	paragraph(out, "  why", rule->why);
	paragraph(out, "  do", rule->remedy);
	paragraph(out, "  see", rule->reference);
}
