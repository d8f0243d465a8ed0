/* confine.c - the supervisor gives up its own powers once the workload runs.
 *
 * What is left to do is little: wait, pass signals on, read and remove one cgroup, remove one
 * state directory. As the owner of the container's user namespace it may signal into it
 * without any capability (user_namespaces(7)); without such a namespace CAP_KILL stays. */
#include "supervise.h"
#include "../controls/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/prctl.h>

static int drop_capabilities(const struct launch *l)
{
	uint64_t keep = l->plan->own_userns || l->rootless ? 0 : UINT64_C(1) << CAP_KILL;

	return sys_capset(l->sys, keep, keep, 0);
}

/* Files of the cgroup and these directories, and nothing else in the whole tree. Where the kernel has no
 * Landlock the doctor has said so of the workload already; the supervisor keeps its other bonds. */
static int restrict_paths(const struct launch *l, const int *keep, size_t n)
{
	const uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;	/* every right of ABI 1 */
	const uint64_t here = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
			      LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR;
	const struct landlock_ruleset_attr attr = { .handled_access_fs = all };
	int ruleset = sys_landlock_create(l->sys, &attr, sizeof(attr), 0), r = ruleset;

	if (ruleset == -ENOSYS || ruleset == -EOPNOTSUPP)
		return 0;
	for (size_t i = 0; r >= 0 && i <= n; i++) {
		const struct landlock_path_beneath_attr rule = { .allowed_access = here, .parent_fd = i < n ? keep[i] : l->cgroup_base };

		if (rule.parent_fd >= 0)
			r = sys_landlock_add(l->sys, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
	}
	if (r >= 0)
		r = sys_landlock_restrict(l->sys, ruleset);
	if (ruleset >= 0)
		(void)!sys_close(l->sys, ruleset);
	return r;
}

int supervisor_confine(const struct launch *l, const int *dirs, size_t n, struct err *e)
{
	int r = sys_prctl(l->sys, PR_SET_NO_NEW_PRIVS, 1, 0, 0);

	if (r >= 0)
		r = drop_capabilities(l);
	if (r >= 0)
		r = restrict_paths(l, dirs, n);
	if (r >= 0)
		r = seccomp_supervisor_apply(l, e);
	if (r < 0 && e->kind == ERR_NONE)
		err_set(e, ERR_LAUNCH, r, NULL, "the supervisor cannot confine itself");
	return r < 0 ? -1 : 0;
}
