/* bound.h - what a config.json is held against, drawn from a policy or from a floor: both say "at most" and "at least" of the
 * same things, and the rows need not know which of them spoke. */
#pragma once

#include "../policy/floor.h"
#include "../seccomp/compile.h"

/* Profiles that a floor names; a policy has one. */
enum { OCI_PROFILES_MAX = 8 };

struct oci_bound {
	const char *file;		/* for messages */
	const char *description;	/* whom to ask; "" */
	uint64_t without;		/* CONTROL_BITs that are not asked for */
	bool of_policy;

	struct limits_policy limits;	/* UINT64_MAX: not asked for */
	uint64_t capabilities;		/* the greatest set */
	bool capabilities_given;
	struct namespaces_policy namespaces;
	uint64_t network;		/* the widest enum network_mode */
	struct strings netns;		/* where it may lie; v NULL: anywhere */
	const struct numbers *listen, *connect;	/* TCP ports; NULL: any */
	struct strings apparmor, sysctl;	/* v NULL: any */
	struct strings rootfs;		/* v NULL: any */
	const struct mount_policy *mounts; size_t n_mounts; bool mounts_given;	/* source and target are prefixes */
	const struct device_policy *devices; size_t n_devices; bool devices_given;
	uint64_t shm;
	bool proc_pid, no_sys;
	bool landlock, init, exec_once;
	struct floor_user user;		/* the ids that may be */
	const struct user_policy *instead;	/* whom a container runs as that would be the host's root; NULL: refused */
	uint64_t umask;			/* bits that must be masked */

	struct filter_profile profile[OCI_PROFILES_MAX]; size_t n_profiles;	/* one of them, or less than one of them */
	uint64_t deny;			/* enum seccomp_deny: the mildest */
};

/* The policy and the floor must live as long as the bound; the arena holds what else it needs. */
must_check int oci_bound_of_policy(const struct policy *, const char *file, struct arena *, struct oci_bound *ret, struct err *);
must_check int oci_bound_of_floor(const struct floor *, const char *file, struct arena *, struct oci_bound *ret, struct err *);
