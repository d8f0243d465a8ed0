/* compose.h - what the files of the compose door share.
 *
 * A service says what a docker run line says, in other words; so it becomes one. compose_keys.c has a row for each key of
 * the specification, most of which name the option that means the same; compose_shapes.c turns the shapes of a value (a
 * list, a mapping, a short or a long form) into options; and then the docker run door takes them, each with its place
 * in the file. */
#pragma once

#include "docker.h"
#include "yaml.h"

struct compose;

enum compose_shape {
	C_VALUE,	/* a scalar: --option=it */
	C_FLAG,		/* true or false */
	C_LIST,		/* a scalar, or a list of them: --option=each */
	C_PAIRS,	/* a mapping, or a list of KEY=VALUE: --option=KEY=VALUE */
	C_OWN,		/* `take` knows */
	C_NOTE,		/* `fate`, `why` and `hint` say all */
};

struct compose_key {
	const char *name;
	enum compose_shape shape;
	const char *option;	/* of docker run */
	void (*take)(struct compose *, const struct node *);
	enum fate fate;
	const char *why, *hint;
};
extern const struct compose_key compose_keys[];
extern const size_t compose_keys_len;

struct compose {
	struct door *door;
	struct arena *arena;
	const struct node *root, *service;
	const char *dir;		/* absolute; of the file */
	char *dot_env;			/* the text of .env beside it, or NULL */
	struct docker_line line;
	char **args;			/* the command; in the arena */
	size_t n_args;
	struct spot *arg_spots;
	const struct node *entrypoint, *command;
	bool entrypoint_null;
	char at[256];			/* "/services/web/ports/0" */
	struct err *e;
};

/* Steps down to a part and back up. */
size_t compose_down(struct compose *, const struct node *, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void compose_up(struct compose *, size_t mark);
/* Notes about the part at hand. */
void compose_note(struct compose *, enum note_kind, const char *hint, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A scalar with its variables filled in; NULL: noted. */
const char *compose_text(struct compose *, const struct node *);
/* The same, of a member; NULL when it is not there, too. */
const char *compose_member(struct compose *, const struct node *mapping, const char *key);
bool compose_bool(struct compose *, const struct node *, bool *ret);
char *compose_printf(struct compose *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Absolute: below the file's directory when it begins with ".", in the home with "~". */
const char *compose_path(struct compose *, const char *path);
/* Calls for each element of a list, with its place. */
void compose_each(struct compose *, const struct node *, void (*take)(struct compose *, const struct node *));
/* Refuses the members of a mapping that are not in the list, which ends with NULL. */
void compose_known(struct compose *, const struct node *mapping, const char *const *names);

/* --option=value, or the flag when value is NULL; put down to the part at hand. */
void compose_option(struct compose *, const char *option, const char *value);
/* --option=KEY=VALUE for each of a mapping, or of a list of them. */
void compose_pairs(struct compose *, const char *option, const struct node *);
/* A command: a list, or a line as a shell would split it. */
void compose_words(struct compose *, const struct node *);

/* Interpolation alone: 0, or -1 and what is wrong in *why. */
must_check int compose_expand(struct compose *, const char *text, const char **ret, const char **why);

#define OWN(X) void X(struct compose *, const struct node *);
OWN(own_command) OWN(own_entrypoint) OWN(own_env_file) OWN(own_ports) OWN(own_volumes) OWN(own_ulimits) OWN(own_deploy)
OWN(own_extra_hosts) OWN(own_devices) OWN(own_logging) OWN(own_networks) OWN(own_network_mode) OWN(own_secrets) OWN(own_configs)
OWN(own_depends) OWN(own_grace) OWN(own_blkio) OWN(own_init) OWN(own_healthcheck) OWN(own_build) OWN(own_environment) OWN(own_tmpfs)
#undef OWN
