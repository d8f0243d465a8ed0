/* report.h - all findings of one `casemate check`, and the three ways to print them. */
#pragma once

#include "rule.h"

/* One finding and where it was found. */
struct result {
	const struct rule *rule;
	enum severity severity;
	char *pointer, *msg, *remedy;	/* remedy may be "" */
	char *excerpt;			/* what stands there, an option of a command line; "" for a file */
	int line, column;		/* 1-based; 0: no place in the source */
};

enum input { INPUT_POLICY, INPUT_OCI, INPUT_COMPOSE, INPUT_DOCKER_RUN };

/* One input. */
struct verdict {
	char *name;		/* the file's; "docker run" */
	enum input input;
	char *service;		/* of a compose file; "" */
	char *unusable;		/* why nothing could be judged; "": it could */
	struct result *results;
	size_t n_results;
};

struct verdicts {
	struct verdict *v;
	size_t n;
	bool no_memory;
};

void verdicts_free(struct verdicts *);
/* The next input; NULL: no memory, which is kept in mind. Good until the next is added. */
struct verdict *verdicts_add(struct verdicts *, const char *name, enum input, const char *service);
void verdict_unusable(struct verdicts *, struct verdict *, const char *why);
/* `rule` must have a row. */
void verdict_find(struct verdicts *, struct verdict *, const struct finding *, int line, int column, const char *excerpt);
/* In the order of the source. */
void verdicts_sort(struct verdicts *);
/* Over all inputs. */
size_t verdicts_count(const struct verdicts *, enum severity);

extern const char *const severity_names[];	/* "error", "warning", "note" */
extern const char *const input_names[];		/* "policy", "oci", "compose", "docker run" */

/* For people: 80 columns. `strict` only changes what the summary says. */
void report_text(const struct verdicts *, FILE *, bool colour, bool strict);
/* For programs: casemate-check(1) describes both. -1: no memory. */
must_check int report_json(const struct verdicts *, FILE *);
must_check int report_sarif(const struct verdicts *, FILE *);

/* The table of rules, and one rule in full. */
void rules_print(FILE *);
void rule_explain(const struct rule *, FILE *);
