/* oci_import.h - what the files of the OCI door share: the table of fields, and whoever takes them.
 *
 * oci_import.c walks a document along the table of fields (oci_walk.h) and calls the takers, each of which turns one part
 * into keys (oci_process.c, oci_mounts.c, oci_linux.c, oci_resources.c). */
#pragma once

#include "door.h"
#include "oci.h"
#include "oci_walk.h"

#include <stdint.h>

struct oci_import {
	struct door *door;
	json_t *root;
	const char *text;
	size_t len;
	const char *bundle;	/* absolute; what a relative path is relative to, or NULL */
};

/* Everything that follows is put down to this JSON pointer. */
void oci_here(struct oci_import *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What a JSON pointer names, or NULL; null counts as not there. */
json_t *oci_get(const struct oci_import *, const char *pointer);
void oci_refuse(struct oci_import *, const char *hint, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void oci_tighten(struct oci_import *, const char *pointer, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void oci_no_effect(struct oci_import *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Absolute, or below the bundle; malloc'd. NULL: noted. */
char *oci_path(struct oci_import *, const char *path);

#define TAKES(X) void X(struct oci_import *, json_t *);
TAKES(take_version) TAKES(take_root) TAKES(take_hostname_field) TAKES(take_annotations)
TAKES(take_terminal) TAKES(take_args_field) TAKES(take_cwd) TAKES(take_env_field) TAKES(take_rlimits) TAKES(take_apparmor)
TAKES(take_caps) TAKES(take_nnp) TAKES(take_score) TAKES(take_scheduler) TAKES(take_user_field)
TAKES(take_mounts)
TAKES(take_namespaces) TAKES(take_devices) TAKES(take_uid_map) TAKES(take_gid_map) TAKES(take_offsets) TAKES(take_sysctl_field)
TAKES(take_seccomp) TAKES(take_propagation) TAKES(take_masked) TAKES(take_read_only) TAKES(take_personality)
TAKES(take_memory_field) TAKES(take_cpu) TAKES(take_pids) TAKES(take_block_io) TAKES(take_unified) TAKES(take_device_rules)
#undef TAKES
