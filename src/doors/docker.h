/* docker.h - what the files of the docker run door share.
 *
 * docker_line.c takes a command line apart as docker does, by the table of docker_options.c, and judges nothing.
 * Then every option that was given is taken in order (docker_process.c, docker_limits.c, docker_mounts.c,
 * docker_isolation.c), and docker_run.c says what only the whole line tells; what several options of a kind come to is
 * docker_health.c and docker_log.c. */
#pragma once

#include "door.h"
#include "image.h"

#include <stdint.h>

struct docker_import;
struct given;

enum fate {
	MAPPED,		/* becomes a key; `why` names it */
	ALWAYS,		/* what it asks for holds for every container */
	NO_EFFECT,	/* nothing here would do anything about it; `why` */
	REFUSED,	/* cannot be had; `why`, and `hint` is the way out */
};

struct docker_option {
	const char *name;
	char letter;			/* or 0 */
	bool flag;			/* takes no value but =true or =false */
	enum fate fate;
	const char *why, *hint;
	void (*take)(struct docker_import *, const struct given *);	/* NULL: when all are known, or by its fate */
};

extern const struct docker_option docker_options[];	/* in docker's own order, ends with a NULL name */

/* An option as it was given. */
struct given {
	const struct docker_option *option;
	const char *value;	/* of a flag: "true" or "false", in any of docker's spellings */
	bool on;		/* a flag that is not =false */
	int line, column;
	char *text;		/* "--memory 512m"; what may be a secret is left out */
};

struct spot { int line, column; };

struct docker_line {
	struct given *given;
	size_t n;
	const char *image;	/* NULL only with --help */
	struct spot image_spot;
	char *const *args;	/* what follows */
	const struct spot *arg_spots;	/* where each is; NULL: behind the image, in one line */
	int n_args;
	bool help;
};

/* Takes argv apart (behind "docker run"); column: where argv[0] begins. */
must_check int docker_line(int argc, char **argv, int column, struct docker_line *, struct err *e);
/* One more option, from elsewhere: its value lives as long as the line; what is shown of it is the place. */
must_check int docker_line_add(struct docker_line *, const struct docker_option *, const char *value, const struct place *,
			       struct err *);
void docker_line_free(struct docker_line *);
const struct docker_option *docker_option_find(const char *name, size_t len);
/* The last one that was given under this name, or NULL. */
const struct given *docker_last(const struct docker_line *, const char *name);
bool docker_is(const struct given *, const char *name);

struct docker_import {
	struct door *door;
	struct docker_line line;
	struct image image;
};

/* Notes about the option at hand. */
void refuse(struct docker_import *, const char *hint, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void tighten(struct docker_import *, const char *pointer, const char *hint, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void no_effect(struct docker_import *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void here(struct docker_import *, const struct given *);	/* goes back to an earlier option */

/* Everything that was given, when line and image are known. */
void docker_take(struct docker_import *);

/* --- rows, by file --- */
#define TAKES(X) void X(struct docker_import *, const struct given *);
TAKES(take_env) TAKES(take_workdir) TAKES(take_name) TAKES(take_hostname) TAKES(take_init)
TAKES(take_stop_signal) TAKES(take_stop_timeout) TAKES(take_group_add) TAKES(take_detach) TAKES(take_rm) TAKES(take_interactive)
TAKES(take_quiet) TAKES(take_attach) TAKES(take_tty) TAKES(take_cidfile) TAKES(take_restart) TAKES(take_pull)
TAKES(take_memory) TAKES(take_cpus) TAKES(take_cpu_shares) TAKES(take_cpuset) TAKES(take_pids_limit) TAKES(take_ulimit)
TAKES(take_io) TAKES(take_shm_size) TAKES(take_oom_score_adj)
TAKES(take_volume) TAKES(take_mount) TAKES(take_tmpfs) TAKES(take_device) TAKES(take_volume_driver)
TAKES(take_security_opt) TAKES(take_namespace) TAKES(take_sysctl) TAKES(take_network) TAKES(take_add_host) TAKES(take_dns)
TAKES(take_runtime) TAKES(take_isolation) TAKES(take_content_trust) TAKES(take_cap_drop) TAKES(take_userns)
#undef TAKES

/* --- what only the whole line tells --- */
void image_env(struct docker_import *);		/* before -e */
void env_files(struct docker_import *);
void conclude_user(struct docker_import *);
void conclude_args(struct docker_import *);
void conclude_health(struct docker_import *);
void conclude_log(struct docker_import *);
void conclude_cpus(struct docker_import *);
void conclude_memory(struct docker_import *);
void conclude_ipc(struct docker_import *);
void conclude_capabilities(struct docker_import *);
void conclude_network(struct docker_import *);
void conclude_volumes(struct docker_import *);	/* of the image */
/* An option asked for no_new_privs. */
bool wants_no_new_privs(const struct docker_line *);
/* docker's list of a health check: "NONE", "CMD" and words, "CMD-SHELL" and a line. False: it is none of these. */
bool health_test(struct docker_import *, json_t *test);
/* The uid that --user or the image names; false when none does. */
bool user_given(const struct docker_import *, const char **text);

/* --- docker's spellings (docker_text.c) --- */
bool docker_bool(const char *, bool *ret);
bool docker_int(const char *, int64_t *ret);
bool docker_bytes(const char *, uint64_t *ret);		/* "512m", "1.5g", "100" */
bool docker_decimal_bytes(const char *, uint64_t *ret);	/* "10m" is ten million: of log files */
bool docker_duration(const char *, uint64_t *ret);	/* "1m30s", in ns */
bool docker_millionths(const char *, uint64_t *ret);	/* "0.5" */
/* The next field of a line of comma-separated values, with quotes as RFC 4180 has them: malloc'd.
 * 1: *ret is one; 0: there is none; -1: not CSV. *at moves on and is NULL behind the last. */
must_check int docker_field(const char **at, char **ret);
/* "key=value" cut in place; value NULL without "=". */
char *docker_split(char *field, char separator);

/* Absolute and without ".", ".." and "//"; from the working directory when it begins with ".". malloc'd; NULL: neither. */
char *door_path(const char *);
/* A whole file of at most max bytes, NUL-terminated. 0 or -errno; -EFBIG, -EINVAL (no regular file). */
must_check int door_read_file(const char *path, size_t max, char **text, size_t *len);
