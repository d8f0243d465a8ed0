/* door.h - a foreign description on its way to a policy.
 *
 * A door reads what another tool understands (a docker run line, a compose file, an OCI config.json)
 * and says the same in the policy language, key by key. Each value remembers where it came from, so that
 * whatever is later found wrong with the policy can be shown in the source; and everything that does not
 * simply carry over becomes a note. Nothing is dropped without one. What a door makes is policy text like
 * any other: the parser judges it, and nothing behind the door knows that there was one. */
#pragma once

#include "../base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* In the source. */
struct place {
	char *text;		/* "--cap-add=SYS_ADMIN", or what stands there; "" where nothing does */
	int line, column;	/* 1-based; 0: none. A command line is line 1, its words joined by single blanks */
};

enum note_kind {
	NOTE_TIGHTENED,		/* the source leaves open what the policy shuts */
	NOTE_NO_EFFECT,		/* means nothing here, and no protection is lost by that; the text says why */
	NOTE_MISSING,		/* the source does not say what has to be added before this runs */
	NOTE_REFUSED,		/* wanted, and not to be had; the hint is the way out */
	NOTE_KINDS
};

struct note {
	enum note_kind kind;
	struct place at;
	char *pointer;		/* the policy key it is about, or "" */
	char *text, *hint;	/* lower case, no full stop; hint may be "" */
};

/* How the source wants it run: no matter of the policy. */
struct manner {
	bool detach, remove, interactive, discard_output, quiet, help;
	char *image, *cidfile;	/* or NULL */
};

struct door {
	json_t *policy;
	struct note *notes;
	size_t n_notes, refused;	/* how many of them are NOTE_REFUSED */
	struct manner manner;
	struct place here;		/* values and notes belong to this place; door_here() */
	struct sourced *origins;
	size_t n_origins;
	bool of_file;			/* places are lines of a file: notes show them */
	bool no_memory;			/* something is missing: door_finish() fails */
};

/* Each begins with door_init() by the caller and ends with door_finish(). They fail (-1, *e) only where the source
 * cannot be read to its end; what is wrong with single values are refused notes, all of them. */

/* argv may begin with "docker", "run", or behind them. */
must_check int door_docker_run(int argc, char **argv, struct door *, struct err *e);
/* One service; NULL: the only one there is. dir: absolute, of the file; what it names is below it. */
must_check int door_compose(const char *text, size_t len, const char *dir, const char *service, struct door *, struct err *e);
/* The names of all, an array. */
must_check int compose_services(const char *text, size_t len, json_t **ret, struct err *e);
/* bundle: the directory, absolute, that relative paths are below; NULL refuses them. */
must_check int door_oci(const char *text, size_t len, const char *bundle, struct door *, struct err *e);

void door_init(struct door *);
void door_free(struct door *);

/* --- for those who build one --- */

/* What is read now: all that follows is put down to it. */
void door_here(struct door *, int line, int column, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Nothing in the source: a default. */
void door_nowhere(struct door *);

/* Sets what the JSON pointer names, making what is missing on the way; "-" at its end appends to an array. Takes over the
 * value; one that is NULL (no UTF-8) is refused. */
void door_set(struct door *, const char *pointer, json_t *value);
/* The same for a member of any name: an environment variable, a sysctl. */
void door_set_member(struct door *, const char *pointer, const char *name, json_t *value);
/* Borrowed, or NULL. */
json_t *door_get(const struct door *, const char *pointer);
/* Out again; the notes' pointers to what lies behind it in an array follow. */
void door_unset(struct door *, const char *pointer);
void door_unset_member(struct door *, const char *pointer, const char *name);

/* Notes belong to door_here(). pointer and hint may be NULL. */
void door_note(struct door *, enum note_kind, const char *pointer, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* --- for those who use what was built --- */

/* The policy's text, keys in the order of the language; malloc'd, the caller's. The parser has accepted it: values
 * that it refuses are taken out and become refused notes at their origin, so with door->refused the text is that of
 * the rest. -1 where no policy is left; the notes say why as well. */
must_check int door_finish(struct door *, char **text, size_t *len, struct err *e);
/* Where the value came from, or the nearest that holds it; NULL: from nowhere, a default. */
const struct place *door_origin(const struct door *, const char *pointer);

/* The notes from this kind on, one paragraph each, wrapped at 80 columns, what was refused last. */
void door_print_notes(const struct door *, enum note_kind from, FILE *out);
/* "casemate: from PLACE", for an error behind the door. */
void door_print_place(const struct place *, FILE *out);
