/* drive_confine.c - a driver that parses what a hostile workload prints has no powers: ids of its own, no capabilities, one
 * directory, and a filter without execve, sockets or memory that can be executed. */
#include "drive.h"

#include "../base/cleanup.h"
#include "../seccomp/compile.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static const uint16_t calls[] = {
	/* pipes in, lines out */
	SYS_read, SYS_pread64, SYS_write, SYS_sendto, SYS_ppoll, SYS_fdatasync, SYS_ftruncate, SYS_lseek, SYS_close, SYS_fcntl,
	/* files of the one directory; Landlock says which */
	SYS_openat, SYS_renameat2, SYS_unlinkat, SYS_fstat, SYS_newfstatat, SYS_statx,
	/* threads, times, memory */
	SYS_futex, SYS_sched_setattr, SYS_getpriority, SYS_clock_gettime, SYS_clock_nanosleep, SYS_restart_syscall, SYS_brk, SYS_mmap, SYS_munmap,
	SYS_mremap, SYS_madvise, SYS_set_robust_list, SYS_rseq, SYS_rt_sigprocmask, SYS_sigaltstack, SYS_getpid, SYS_exit, SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
};

static int take_ids(const struct sys *k, const struct log_config *c)
{
	int r = 0;

	if (geteuid() != 0)
		return 0;
	for (int cap = 0; r >= 0 && cap < 64; cap++)
		r = sys_prctl(k, PR_CAPBSET_DROP, (unsigned long)cap, 0, 0);
	r = r == -EINVAL ? 0 : r;	/* the first that this kernel does not know */
	if (r >= 0)
		r = sys_setgroups(k, 0, NULL);
	if (r >= 0)
		r = sys_setresgid(k, c->gid);
	return r < 0 ? r : sys_setresuid(k, c->uid);
}

/* Without Landlock the other bonds stay: ids that own nothing else, and a filter without a way to other files' contents. */
static int stay_in(const struct sys *k, int place)
{
	const struct landlock_ruleset_attr attr = { .handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	const struct landlock_path_beneath_attr rule = { .parent_fd = place, .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE };
	int ruleset = sys_landlock_create(k, &attr, sizeof(attr), 0), r = ruleset;

	if (ruleset == -ENOSYS || ruleset == -EOPNOTSUPP)
		return 0;
	if (r >= 0 && place >= 0)
		r = sys_landlock_add(k, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
	if (r >= 0)
		r = sys_landlock_restrict(k, ruleset);
	if (ruleset >= 0)
		(void)!sys_close(k, ruleset);
	return r;
}

static int bound_resources(const struct sys *k)
{
	static const struct { int resource; uint64_t most; } bounds[] = {
		{ RLIMIT_CORE, 0 }, { RLIMIT_NOFILE, 64 }, { RLIMIT_MEMLOCK, 0 }, { RLIMIT_MSGQUEUE, 0 },
#ifndef __SANITIZE_ADDRESS__	/* its shadow alone is terabytes */
		{ RLIMIT_DATA, 64 << 20 },
#endif
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(bounds); i++)
		r = sys_prlimit(k, bounds[i].resource, (uint64_t[2]){ bounds[i].most, bounds[i].most }, NULL);
	return r;
}

int drive_confine(const struct sys *k, const struct log_config *c, int place, struct err *e)
{
	int r = sys_prctl(k, PR_SET_NO_NEW_PRIVS, 1, 0, 0);

	if (r >= 0)
		r = take_ids(k, c);
	if (r >= 0)
		r = sys_capset(k, 0, 0, 0);
	if (r >= 0)
		r = sys_prctl(k, PR_SET_DUMPABLE, 0, 0, 0);	/* its uid may be somebody's */
	if (r >= 0)
		r = bound_resources(k);
	if (r >= 0)
		r = stay_in(k, place);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "the log driver cannot confine itself") : 0;
}

int drive_filter(const struct sys *k, struct err *e)
{
	_auto(arena_free) struct arena a = { 0 };
	struct sock_fprog filter;
	int r;

	if (arena_init(&a, 1 << 20) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the log driver's filter");
	if (filter_allowlist(calls, COUNT(calls), SECCOMP_RET_ERRNO | EPERM, &a, &filter, e) < 0)
		return -1;
	r = sys_seccomp_load(k, &filter, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG);
	return r != 0 ? err_set(e, ERR_LAUNCH, r < 0 ? r : EAGAIN, NULL, "cannot load the log driver's filter") : 0;
}
