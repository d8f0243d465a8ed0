/* oci.h - what the two directions of the OCI door agree on. */
#pragma once

#include "../policy/policy.h"

#include <jansson.h>

/* What config.json has no field for goes into annotations, for whoever reads it back: this and the key, JSON text. */
#define OCI_ANNOTATION "io.casemate."
/* The policy's profile (its name, not its rules), which counts only while linux.seccomp is still what was made of it. */
#define OCI_SECCOMP OCI_ANNOTATION "seccomp"

/* runc cannot start a container in whose user namespace there is no id 0. It gets one that nobody has: the highest of
 * those that systemd leaves to nobody (UIDS-GIDS.md), and a positive number everywhere. */
enum { OCI_NOBODY = 2147483646 };

/* "unlimited" in place of a default is told by the limit's key behind this: process.rlimits has then no entry. */
#define OCI_RLIMITS "limits.rlimits."

/* The keys that go into annotations; ends with NULL. */
extern const char *const oci_unsaid[];

/* "nofile" and "RLIMIT_NOFILE". */
struct oci_rlimit { const char *name, *type; size_t offset; /* in struct rlimit_policy */ };
extern const struct oci_rlimit oci_rlimits[];
extern const size_t oci_rlimits_len;

enum { OCI_DIGEST = 65 };
/* Of a linux.seccomp object, whatever the order of its keys; hexadecimal. false: no memory. */
bool oci_digest(json_t *seccomp, char hex[OCI_DIGEST]);

/* The parts of export that stand alone. */
struct export_facts;
json_t *export_oci_annotations(const struct policy *, const struct export_facts *);
bool oci_foreign_sys(const struct policy *);
void export_oci_losses(const struct policy *, const struct findings *lost);
