/* report.c - collecting findings; see report.h. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

const char *const severity_names[] = { [SEV_ERROR] = "error", [SEV_WARNING] = "warning", [SEV_NOTE] = "note" };
const char *const input_names[] = {
	[INPUT_POLICY] = "policy", [INPUT_OCI] = "oci", [INPUT_COMPOSE] = "compose", [INPUT_DOCKER_RUN] = "docker run" };

void verdicts_free(struct verdicts *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct verdict *v = &all->v[i];

		for (size_t k = 0; k < v->n_results; k++) {
			free(v->results[k].pointer);
			free(v->results[k].msg);
			free(v->results[k].remedy);
			free(v->results[k].excerpt);
		}
		free(v->results);
		free(v->name);
		free(v->service);
		free(v->unusable);
	}
	free(all->v);
	*all = (struct verdicts){ 0 };
}

static char *copy(struct verdicts *all, const char *s)
{
	char *ret = strdup(s ? s : "");

	all->no_memory |= !ret;
	return ret;
}

/* Room for one more, or NULL; zeroed. */
static void *append(struct verdicts *all, void **list, size_t n, size_t size)
{
	char *grown = reallocarray(*list, n + 1, size);

	if (!grown) {
		all->no_memory = true;
		return NULL;
	}
	*list = grown;
	return memset(grown + n * size, 0, size);
}

struct verdict *verdicts_add(struct verdicts *all, const char *name, enum input input, const char *service)
{
	struct verdict *v = append(all, (void **)&all->v, all->n, sizeof(*v));

	if (!v)
		return NULL;
	all->n++;
	*v = (struct verdict){ copy(all, name), input, copy(all, service), copy(all, ""), NULL, 0 };
	return v;
}

void verdict_unusable(struct verdicts *all, struct verdict *v, const char *why)
{
	free(v->unusable);
	v->unusable = copy(all, why);
}

void verdict_find(struct verdicts *all, struct verdict *v, const struct finding *f, int line, int column, const char *excerpt)
{
	struct result *r = append(all, (void **)&v->results, v->n_results, sizeof(*r));

	if (!r)
		return;
	v->n_results++;
	*r = (struct result){ rule_find(f->rule), f->severity, copy(all, f->pointer), copy(all, f->msg), copy(all, f->hint),
			      copy(all, excerpt), line, column };
}

static int by_place(const void *a, const void *b)
{
	const struct result *x = a, *y = b;

	if (x->line != y->line)		/* what has no place comes last */
		return !x->line ? 1 : !y->line ? -1 : x->line - y->line;
	if (x->column != y->column)
		return x->column - y->column;
	if (x->severity != y->severity)
		return (int)x->severity - (int)y->severity;
	return strcmp(x->rule->id, y->rule->id);
}

void verdicts_sort(struct verdicts *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].n_results > 1)
			qsort(all->v[i].results, all->v[i].n_results, sizeof(*all->v[i].results), by_place);
}

size_t verdicts_count(const struct verdicts *all, enum severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i].n_results; k++)
			n += all->v[i].results[k].severity == severity;
	return n;
}
