/* cgroup_give.c - the container's cgroup as its user's own, so that a service manager inside can make others below it
 * (config-linux.md, "Cgroup ownership").
 *
 * The directory and the files that the kernel names for that (cgroups(7), "Delegation"), and no limit among them. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int give(struct launch *l, uid_t uid, char *names)
{
	int r = sys_fchown(l->sys, l->cgroup, uid, (gid_t)-1);
	char *rest = names;

	for (const char *name; r >= 0 && (name = strsep(&rest, "\n"));) {
		r = *name ? sys_chown_at(l->sys, l->cgroup, name, uid, (gid_t)-1) : 0;
		if (r == -ENOENT)	/* of a controller that is not enabled here */
			r = 0;
	}
	return r;
}

int cgroup_give(struct launch *l, struct err *e)
{
	const struct cgroup_plan *p = &l->plan->cgroup;
	char names[1024];
	struct statx st = { 0 };
	int r;

	if (!p->give || l->cgroup < 0 || p->owner == l->uid)
		return 0;
	if (sys_read_file(l->sys, AT_FDCWD, "/sys/kernel/cgroup/delegate", names, sizeof(names)) <= 0)	/* since 4.15 */
		snprintf(names, sizeof(names), "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
	r = give(l, p->owner, names);
	if (r >= 0)
		r = sys_statx(l->sys, l->cgroup, "", AT_EMPTY_PATH, STATX_UID, &st);
	if (r >= 0 && st.stx_uid == p->owner)
		return 0;
	err_set(e, ERR_HOST, r, NULL, "cannot give the cgroup %s to uid %u", l->cgroup_path, p->owner);
	return err_at(e, "/linux/cgroupsPath");
}
