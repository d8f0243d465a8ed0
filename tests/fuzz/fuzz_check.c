/* Any policy, in a file of any name: its findings can be printed in every format, the formats for programs are what they say,
 * and nothing drives a terminal.
 *
 * The text ends at the first NUL; what follows is the file's name. */
#include "../../src/base/cleanup.h"
#include "../../src/check/check.h"
#include "../../src/check/report.h"
#include "../../src/controls/control.h"
#include "fuzz.h"

#include <jansson.h>
#include <string.h>

struct judging { struct verdicts all; const struct policy_source *src; };

static void emit(void *ctx, const struct finding *f)
{
	struct judging *j = ctx;
	int line = 0, column = 0;

	MUST(rule_find(f->rule) && *f->msg);
	policy_locate(j->src, f->pointer, &line, &column);
	verdict_find(&j->all, &j->all.v[0], f, line, column, "");
}

static char *printed(const struct verdicts *all, int (*print)(const struct verdicts *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	MUST(out && print(all, out) == 0 && fclose(out) == 0);
	return text;
}

static int plain(const struct verdicts *all, FILE *out)
{
	return report_text(all, out, false, true), 0;
}

static size_t results(const char *text, const char *outer, const char *list)
{
	json_auto_t *root = json_loads(text, 0, NULL);
	json_t *first = json_array_get(json_object_get(root, outer), 0);

	MUST(json_is_array(json_object_get(first, list)));
	return json_array_size(json_object_get(first, list));
}

/* SARIF lists every rule each time: only where there is something new to say. */
static void print(struct verdicts *all, bool whole)
{
	_auto(free_mem) char *text = NULL, *json = NULL, *sarif = NULL;

	verdicts_sort(all);
	text = printed(all, plain);
	json = printed(all, report_json);
	sarif = whole ? printed(all, report_sarif) : NULL;
	for (const char *c = text; *c; c++)
		MUST((unsigned char)*c >= 0x20 || *c == '\n');
	MUST(!strchr(text, 0x7f));
	MUST(results(json, "inputs", "findings") == all->v[0].n_results);
	MUST(!whole || results(sarif, "runs", "results") == all->v[0].n_results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host host = { .memory = 1 << 30, .cpus = 2, .pids = 32768 };
	const uint8_t *nul = memchr(data, 0, size);
	size_t len = nul ? (size_t)(nul - data) : size;
	_auto(free_mem) char *name = nul ? strndup((const char *)nul + 1, size - len - 1) : strdup("p.json");
	const struct policy_source src = { .text = (const char *)data, .len = len };
	struct judging j = { .src = &src };
	const struct findings findings = { emit, &j };
	_auto(arena_free) struct arena a = { 0 };
	struct policy p = { 0 };
	struct err e = { 0 };

	MUST(name && arena_init(&a, POLICY_ARENA_SIZE) == 0 && verdicts_add(&j.all, name, INPUT_POLICY, ""));
	if (policy_parse(&src, &a, &p, &e) == 0) {
		check_policy(&p, &host, &findings);
		controls_check(&p, &findings);
	} else {
		emit(&j, &(struct finding){ "policy.invalid", SEV_ERROR, e.path, e.msg, e.hint });
	}
	MUST(!j.all.no_memory);
	print(&j.all, e.kind == ERR_NONE);
	verdicts_free(&j.all);
	return 0;
}
