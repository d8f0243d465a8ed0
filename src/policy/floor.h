/* floor.h - an organisation's minimum: the least that every policy must keep to.
 *
 * A floor is written like a policy, and its keys mean "at most" and "at least". It is judged in one place, for the
 * launcher and for `casemate check --floor` alike. */
#pragma once

#include "policy.h"

struct floor_range { uint64_t min, max; };
struct floor_user { struct floor_range uid, gid; };
struct floor_seccomp { struct strings profile; uint64_t deny; };
struct floor_network { uint64_t mode; struct strings path; struct numbers listen, connect; bool restrict_listen, restrict_connect; };
struct floor_stop { uint64_t timeout; };
struct floor_log { struct strings driver; };
struct floor_audit { bool journal; const char *file; /* or NULL */ };

/* What becomes of an engine's config.json that is below the floor. */
enum floor_oci { FLOOR_OCI_DENY, FLOOR_OCI_TIGHTEN };

/* Lists with a NULL `v` (or "given" false) are not asked about. */
struct floor {
	uint64_t version;
	const char *description;
	struct strings rootfs, env_pass, apparmor, sysctl, without;
	struct floor_user user;
	struct limits_policy limits;	/* the greatest; oom_group: must be */
	uint64_t capabilities;		/* the greatest set */
	bool capabilities_given;
	struct floor_seccomp seccomp;
	bool exec_once, landlock, init;	/* must be */
	bool exec;			/* may be */
	struct namespaces_policy namespaces;	/* must be */
	struct floor_network network;
	const struct mount_policy *mounts; size_t n_mounts;	/* source and target are prefixes */
	const struct device_policy *devices; size_t n_devices;
	uint64_t shm, proc;
	struct floor_stop stop;
	struct floor_log log;
	uint64_t oci;			/* enum floor_oci: no bound either */
	struct floor_audit audit;	/* no bound on a policy: where a launch must be written down */
};

/* As policy_parse(); seals the arena. */
must_check int floor_parse(const struct policy_source *src, struct arena *, struct floor *ret, struct err *e);

/* Reports everything in which the policy, launched without the controls of these names, is below the floor. */
void floor_judge(const struct floor *, const struct policy *, const struct strings *without, const struct findings *);

/* How a key of the floor is judged, for the test that none is forgotten: as a bound on the policy's key of that name, or by a
 * function of its own. */
struct key;
bool floor_bounds(const struct key *);
bool floor_special(const char *key);

/* The floors that come with the program. */
struct floor_shipped { const char *name, *text; };
extern const struct floor_shipped floors_shipped[];	/* ends with a NULL name */
