/* cgroup_held.h - a cgroup that is there already, held by a descriptor of its directory: looked at, stopped and started again,
 * emptied. For whoever deals with a running container from outside; nothing here knows which one it is. */
#pragma once

#include "../controls/control.h"

/* Opens the cgroup at a path from the root of the tree. O_DIRECTORY, or -errno. */
must_check int cgroup_hold(const struct sys *, const char *path);

/* --- the freezer --- */

enum { FREEZE_PATIENCE = 30 * 1000 };	/* ms; a process in an uninterruptible sleep keeps the others waiting */
/* Stops every process in it, or lets them go on, and waits until the kernel says so. One that cannot be stopped in time
 * leaves all of them running. */
must_check int cgroup_freeze(const struct sys *, int dir, bool frozen, struct err *);
/* 1: all are stopped; 0; -errno. */
must_check int cgroup_is_frozen(const struct sys *, int dir);

/* --- its end --- */

/* 1: there are processes in it or below; 0; -errno. */
must_check int cgroup_is_populated(const struct sys *, int dir);
/* Kills them all, frozen ones too, and waits for their end as long as that takes within reason. 0, -EBUSY or -errno. */
must_check int cgroup_empty(const struct sys *, int dir);
/* Kills nobody: 1 once those in it have ended by themselves; 0 when the time (ms) is up; -errno. */
must_check int cgroup_await_empty(const struct sys *, int dir, int time);
/* Removes the cgroup at a path with all below it. One that somebody is in is an error, one that is not there is fine. */
must_check int cgroup_remove(const struct sys *, const char *path, struct err *);
/* Every process in it and below: *ret is malloc'd and the caller's. Their number, or -errno. */
must_check ssize_t cgroup_processes(const struct sys *, int dir, pid_t **ret);
/* Signals those that are in it now, one after the other: what they start meanwhile may be missed. How many got it, as kill(2) counts
 * success: -errno only where nobody did, of the first that was still there. */
must_check ssize_t cgroup_signal(const struct sys *, int dir, int sig);

/* --- what it used and what happened to it --- */

/* A number that the kernel does not have there; for a limit: that there is none. */
#define CGROUP_NONE UINT64_MAX

enum cgroup_resource { USES_CPU, USES_MEMORY, USES_IO, USES_COUNT };
/* Stall times (PSI): in parts of a hundredth of a percent, and microseconds. CGROUP_NONE without CONFIG_PSI. */
struct cgroup_pressure { uint64_t avg10, avg60, avg300, total; };

struct cgroup_disk { unsigned major, minor; uint64_t rbytes, wbytes, rios, wios, dbytes, dios; };
enum { DISKS_MAX = 32 };

struct cgroup_stats {
	struct {
		uint64_t current, peak, max, high, low, swap, swap_max;
		uint64_t anon, file, kernel, kernel_stack, slab, sock, shmem, mapped, inactive_file, pgfault, pgmajfault;
		struct { uint64_t low, high, max, oom, oom_kill; } events;
	} memory;
	struct { uint64_t usage, user, system, periods, throttled, throttled_usec; } cpu;	/* microseconds */
	struct { uint64_t current, max, refused; } pids;
	struct cgroup_disk disk[DISKS_MAX];
	size_t n_disks;
	struct { struct cgroup_pressure some, full; } pressure[USES_COUNT];
	bool frozen;
};

/* 0, or -errno when the cgroup itself cannot be read. */
must_check int cgroup_stats(const struct sys *, int dir, struct cgroup_stats *);

/* --- other limits for it --- */

/* Turns the limits `old` into `new`, so that nothing is killed for it: what is lowered is reclaimed first. On failure it is
 * as it was. `notes` is told in a sentence what takes time to hold. */
must_check int cgroup_update(const struct sys *, int dir, const struct plan *old, const struct plan *new,
			     void (*note)(void *ctx, const char *), void *ctx, struct err *);
