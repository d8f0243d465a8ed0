/* rule.h - one row, one thing that can be wrong with a policy.
 *
 * The row is the only place where a rule's id, severity and words are written down: the engine (check.c), the three
 * outputs, `--rules` and `--explain` are loops over the tables. A row without assess() is reported by somebody who
 * knows more than the policy: a control, a door, the floor, the parser. */
#pragma once

#include "../policy/policy.h"

/* What `casemate check --host` knows of the machine. */
struct host { uint64_t memory, cpus, pids; };

/* What a rule is asked about. */
struct subject {
	const struct policy *policy;
	const struct host *host;	/* NULL: of no host in particular */
	size_t i;			/* in the list that the rule goes over */
};

/* What the rule is asked once for each of, and blamed on. */
enum over { OVER_POLICY, OVER_MOUNTS, OVER_DEVICES, OVER_ARGS, OVER_ENV, OVER_KINDS };

struct rule {
	const char *id;			/* "network.host": stable, for records and for humans */
	enum severity severity;
	const char *title;		/* the message: lower case, no full stop */
	const char *remedy;		/* the same; one line */
	const char *why;		/* whole sentences */
	const char *reference;		/* CIS Docker Benchmark 1.6, Pod Security Standards, CVE, man page; or NULL */
	const char *pointer;		/* OVER_POLICY: to blame */
	enum over over;
	bool (*assess)(const struct subject *);
	uint64_t capabilities;		/* of which the policy must have one */
};

/* Each ends with a NULL id. */
extern const struct rule rules_whole[], rules_mounts[], rules_capabilities[], rules_workload[], rules_reported[], rules_source[];

extern const struct rule *const rule_tables[];	/* all of them; ends with NULL */

/* The tables as one list; NULL behind the last. */
const struct rule *rule_at(size_t i);
const struct rule *rule_find(const char *id);	/* NULL: no such rule */
size_t rule_index(const char *id);
