/* spec.h - a bundle's config.json, read and held: bounded, no key twice, every field of the type that the specification
 * gives it. Keys that it does not know must be ignored (config.md, "Extensibility"); a host with a floor knows them, and refuses. */
#pragma once

#include "../base/arena.h"
#include "../base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct sys;

enum { SPEC_BYTES_MAX = 8 << 20 };

/* What the command line says of one container. */
struct oci_wish {
	const char *id;			/* of the container */
	const char *bundle;		/* absolute */
	const char *console_socket;	/* or NULL */
	unsigned listen_fds;		/* sockets of the service manager, from 3 on (sd_listen_fds(3)); its environment says how many */
	const char *listen_names;	/* LISTEN_FDNAMES, or NULL */
	unsigned preserve_fds;		/* how many behind 0-2 the workload keeps */
	bool no_pivot, no_new_keyring;
	bool systemd_cgroup;
	bool rootless;			/* started by an ordinary user */
	bool exec;			/* the process joins a container that runs */
	const char *cgroup;		/* of that process, below the container's own; NULL: there */
	bool ignore_paused;		/* it may have to wait until the container is resumed */
	bool detached;			/* nobody stays in the foreground to be the process's terminal */
	bool strict;			/* the host has a floor: what cannot be granted is refused */
	void (*warn)(const char *text);	/* where warnings go; NULL: nowhere */
};

struct oci_spec {
	const struct oci_wish *wish;
	json_t *root;			/* config.json, types checked */
	const char *text;		/* as it was read */
	size_t len;
	const char *rootfs;		/* absolute; NULL: none */
	char unknown[128];		/* the JSON pointer of the first key that is not the specification's, or "" */
	const char *floor;		/* the file that bound it, or NULL */
	char floor_sha256[65];
	bool in_userns;			/* we are in a user namespace ourselves: root here is not root of the host */
};

/* Reads BUNDLE/config.json. spec_free() also after a failure. */
must_check int spec_load(struct oci_spec *, const struct oci_wish *, struct arena *, struct err *);
/* The same from text, which must live as long: the copy that the container's state holds. */
must_check int spec_parse(struct oci_spec *, const struct oci_wish *, const char *text, size_t len, struct arena *, struct err *);
void spec_free(struct oci_spec *);

/* What a JSON pointer (of plain names) names, or NULL; null counts as not there. Types are right: spec_parse() saw to it. */
json_t *spec_get(const struct oci_spec *, const char *pointer);
/* A member of an object, which may be NULL itself; null counts as not there. */
json_t *spec_member(const json_t *object, const char *name);
/* The same as text; NULL: not there. The text lives as long as the spec. */
const char *spec_text(const json_t *object, const char *name);
bool spec_true(const json_t *object, const char *name);
/* A number between min and max into *ret, which stays as it is where there is none. -1: *e, and the caller says where. */
must_check int spec_number(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret, struct err *e);
/* The same up to 2^64-1, where the walk has left such a number alone: in limits. */
must_check int spec_unsigned(const json_t *object, const char *name, uint64_t *ret, struct err *e);
/* What the specification wants logged rather than refused. */
void spec_warn(const struct oci_spec *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What needs memory that is not there. Returns -1. */
int spec_no_memory(struct err *);
