/* hook_state.h - what a runtime says of a container on standard input (runtime.md, "State"), and what the hooks that get it need. */
#pragma once

#include "hook.h"

#include <sys/types.h>

struct hook_state {
	json_t *root, *config;		/* the state; the bundle's config.json, once it was read */
	const char *id, *bundle;
	pid_t pid;			/* 0: there is none */
	char *text; size_t len;		/* of config.json */
	char sha256[65];
};

/* Standard input. 0 or an exit code. */
must_check int hook_state_read(const struct hook *, bool want_pid, struct hook_state *, struct err *);
/* BUNDLE/config.json. */
must_check int hook_state_config(struct hook_state *, struct err *);
void hook_state_free(struct hook_state *);

/* The name of the container's nf_tables table. */
enum { HOOK_TABLE = 48 };
void hook_table_name(const struct hook_state *, char name[HOOK_TABLE]);
