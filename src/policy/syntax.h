/* syntax.h - what a string in a policy may look like.
 *
 * Each syntax is said twice: as a C function, which gives the reason, and as a regular
 * expression for the JSON Schema. tests/policy/schema_test.py holds the two together.
 * Control characters need no mention here: no string of a policy may hold one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Why a string is refused; `hint` may be NULL. Never quotes the string: it may be a secret. */
struct fault { const char *why, *hint; };

struct syntax {
	size_t max;		/* bytes */
	const char *pattern;	/* ECMA 262; NULL: any text */
	const struct fault *(*judge)(const char *);	/* NULL: any text; returns NULL when it is fine */
	bool no_secret;		/* must not look like a secret, either (secret.h) */
};

extern const struct syntax syntax_log_path;		/* "", or like a path */
extern const struct syntax syntax_path;		/* absolute and normalised */
extern const struct syntax syntax_target;	/* a path where a policy may mount */
extern const struct syntax syntax_device;	/* a path below /dev */
extern const struct syntax syntax_secret;	/* a file name that is not hidden */
extern const struct syntax syntax_credential;	/* the same, or "" */
extern const struct syntax syntax_profile;	/* "default" or a path */
extern const struct syntax syntax_name;		/* of a container, or "" */
extern const struct syntax syntax_hostname;	/* RFC 1123, or "" */
extern const struct syntax syntax_host;		/* the same, but not "" */
extern const struct syntax syntax_address;	/* IPv4 or IPv6 */
extern const struct syntax syntax_arg;
extern const struct syntax syntax_env_name;
extern const struct syntax syntax_env_value;
extern const struct syntax syntax_env_pass;	/* a name whose value comes from the caller */
extern const struct syntax syntax_apparmor;
extern const struct syntax syntax_cpuset;	/* "0-3,7" or "" */
extern const struct syntax syntax_socket;	/* systemd.socket(5): FileDescriptorName= */
extern const struct syntax syntax_sysctl;	/* one that a namespace confines */
extern const struct syntax syntax_sysctl_value;
