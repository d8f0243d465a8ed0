/* judging.h - what the rows of judge.c share: reporting, and finding one's way through a config.json. */
#pragma once

#include "judge.h"

#include "../base/cleanup.h"
#include "../controls/control.h"

#include <limits.h>

enum { JUDGE_POINTER = 256, JUDGE_TEXT = 400 };

struct judging {
	json_t *config;
	const struct oci_bound *bound;
	const struct oci_facts *facts;
	const struct findings *findings;
	bool tighten;
	unsigned errors;
	bool no_memory;
	struct err *e;
};

struct place { char pointer[JUDGE_POINTER]; };
/* "/process/rlimits/3" */
struct place place(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The config is below the bound's key; "" is what holds for every container. true: the caller makes it good, and the note
 * has been taken; false: it is a finding. `hint` is what would do. */
bool below(struct judging *, const char *key, struct place, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The same for what cannot be made good. */
void refuse(struct judging *, const char *key, struct place, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The bound asks for what config.json has no words for. */
void lost(struct judging *, const char *key, struct place, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A member; null is none. */
json_t *member(const json_t *object, const char *name);
/* A member that is a string, or "". */
const char *text_of(const json_t *object, const char *name);
bool is_text(const json_t *, const char *);
/* A member that is made when there is none: an object, or an array. NULL: no memory, which is noted. */
json_t *object_at(struct judging *, json_t *object, const char *name);
json_t *array_at(struct judging *, json_t *object, const char *name);
/* Sets a member; takes the value over. */
void put(struct judging *, json_t *object, const char *name, json_t *value);
void append(struct judging *, json_t *array, json_t *value);

/* Integers, whatever their size: what does not fit is at its end of the range. false: there is none. */
bool integer_of(const json_t *, int64_t *ret);
bool unsigned_of(const json_t *, uint64_t *ret);	/* INT64_MAX and above are UINT64_MAX: "unlimited" */

bool has_word(const json_t *array, const char *word);

/* A mount's destination as the container sees it: "//proc/" is "/proc". false: it is none that can be judged. */
bool mount_target(const json_t *mount, char path[PATH_MAX]);

/* What is demanded of a mount. */
enum mount_demand { READ_ONLY = 1, NO_SUID = 2, NO_DEV = 4, NO_EXEC = 8, HARD = NO_SUID | NO_DEV | NO_EXEC };
/* What a file may be asked for that an engine made by itself and binds there; 0: it is none. A rootless engine is its user's own,
 * and so is whatever it binds. */
unsigned engine_file(bool rootless, const char *target, const char *source);

/* The number of a capability, or -1. */
int capability_of(const json_t *);

typedef void judge_fn(struct judging *);
judge_fn judge_capabilities, judge_no_new_privs, judge_apparmor, judge_user, judge_maps, judge_umask, judge_rlimits, judge_oom_score,
	judge_scheduler, judge_io_priority, judge_personality, judge_annotations, judge_absent, judge_ports,
	judge_root, judge_masks, judge_mounts, judge_propagation, judge_rootfs,
	judge_namespaces, judge_network, judge_devices, judge_device_rules, judge_sysctl,
	judge_unified, judge_memory, judge_swap, judge_oom_group, judge_cpus, judge_weight, judge_cpuset, judge_pids, judge_io,
	judge_seccomp;
