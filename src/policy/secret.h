/* secret.h - what looks like a secret, and so does not belong into a policy.
 *
 * A policy is read by many, kept in version control and copied into the launch record;
 * arguments and environment are there for everybody who can read /proc/PID of the same uid,
 * and for every crash reporter. A guess by shape: it stops accidents, not intent. */
#pragma once

#include "syntax.h"

/* NULL: nothing suspicious. */
const struct fault *secret_value(const char *value);
const struct fault *secret_name(const char *name);
/* A suspicious name may hold a path, a number or a switch: PASSWORD_FILE, TOKEN_TTL. */
const struct fault *secret_pair(const char *name, const char *value);

enum { SECRET_PATTERN_MAX = 2048 };

/* The same as regular expressions, for the schema. */
void secret_value_pattern(char buf[SECRET_PATTERN_MAX]);
void secret_name_pattern(char buf[SECRET_PATTERN_MAX]);
extern const char secret_harmless_pattern[];	/* values that a suspicious name may have */
