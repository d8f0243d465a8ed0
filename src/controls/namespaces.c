/* namespaces.c - which namespaces the container has, the id maps of its user namespace, and
 * the few things set inside: host name, loopback, namespaced sysctls, time offsets. Whether they are: namespaces_verify.c.
 *
 * The user namespace holds the workload's own uid, gid and groups, mapped to themselves, and no
 * other: uid 0 does not exist inside. Started by an ordinary user, the launcher first makes a
 * user namespace for itself, in which it may do what root may do, and then goes the same way. */
#include "namespaces.h"
#include "../base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* --- prepare --- */

/* The workload's own ids, mapped to themselves; its gid first. */
static int plan_maps(struct plan *plan, struct arena *a, struct err *e)
{
	struct plan_idmap *uid = arena_alloc(a, sizeof(*uid)), *gid = arena_alloc(a, (plan->n_groups + 1) * sizeof(*gid));
	size_t n = 1;

	if (!uid || !gid)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the id maps");
	*uid = (struct plan_idmap){ plan->uid, plan->uid, 1 };
	*gid = (struct plan_idmap){ plan->gid, plan->gid, 1 };
	for (size_t i = 0; i < plan->n_groups; i++)
		if (plan->groups[i] != plan->gid)
			gid[n++] = (struct plan_idmap){ plan->groups[i], plan->groups[i], 1 };
	plan->uid_map = uid;
	plan->gid_map = gid;
	plan->n_uid_map = 1;
	plan->n_gid_map = n;
	return 0;
}

int namespaces_prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	const struct namespaces_policy *ns = &p->namespaces;
	const struct { bool on; enum control_id control; uint64_t flag; } rows[] = {
		{ ns->user, CONTROL_ns_user, CLONE_NEWUSER },
		{ true, CONTROL_ns_mount, CLONE_NEWNS },
		{ true, CONTROL_ns_pid, CLONE_NEWPID },
		{ ns->ipc, CONTROL_ns_ipc, CLONE_NEWIPC },
		{ ns->uts, CONTROL_ns_uts, CLONE_NEWUTS },
		{ p->network.mode == NETWORK_NONE, CONTROL_ns_net, CLONE_NEWNET },
		{ ns->cgroup, CONTROL_ns_cgroup, CLONE_NEWCGROUP },
		{ ns->time, CONTROL_ns_time, CLONE_NEWTIME },
	};
	struct pair *sysctls = arena_alloc(a, p->sysctl.n * sizeof(*sysctls) + 1);

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].on && !waived(plan, rows[i].control))
			plan->clone_flags |= rows[i].flag;
	plan->own_userns = plan->seal_userns = plan->clone_flags & CLONE_NEWUSER;
	if (plan_maps(plan, a, e) < 0)
		return -1;
	plan->network = waived(plan, CONTROL_ns_net) ? NETWORK_HOST : (enum network_mode)p->network.mode;
	if (plan->network == NETWORK_PATH)
		plan->enter[NS_NET] = p->network.path;
	plan->hostname = p->hostname[0] ? p->hostname : plan->name;
	plan->monotonic.secs = p->time.monotonic;
	plan->boottime.secs = p->time.boottime;
	plan->has_time = (plan->clone_flags & CLONE_NEWTIME) && (p->time.monotonic || p->time.boottime);
	for (size_t i = 0; i < p->sysctl.n; i++) {
		uint64_t needs = strncmp(p->sysctl.v[i].name, "net.", 4) == 0 ? CLONE_NEWNET : CLONE_NEWIPC;

		/* The rules over the policy cannot see a waiver: without its namespace a sysctl is the host's. */
		if (!(plan->clone_flags & needs) && !(needs == CLONE_NEWNET && plan->enter[NS_NET])) {
			err_set(e, ERR_USAGE, 0, "leave its namespace on", "%s would be set on the host", p->sysctl.v[i].name);
			return err_at(e, "/sysctl");
		}
		char *path = sysctls ? arena_printf(a, "/proc/sys/%s", p->sysctl.v[i].name) : NULL;

		if (!path)
			return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the sysctls");
		for (char *c = path + strlen("/proc/sys/"); *c; c++)
			if (*c == '.')
				*c = '/';
		sysctls[i] = (struct pair){ path, p->sysctl.v[i].value };
	}
	plan->sysctls = sysctls;
	plan->n_sysctls = p->sysctl.n;
	return 0;
}

/* --- parent --- */

/* Offsets can be written only while nobody lives there (time_namespaces(7)), so the namespace comes
 * from unshare(2) here, not from clone3: the next child is its first inhabitant. */
int timens_set(struct launch *l, struct err *e)
{
	char text[128];
	int r;

	if (!l->plan->has_time)
		return 0;
	snprintf(text, sizeof(text), "monotonic %lld %u\nboottime %lld %u\n", (long long)l->plan->monotonic.secs,
		 l->plan->monotonic.nanosecs, (long long)l->plan->boottime.secs, l->plan->boottime.nanosecs);
	r = sys_unshare(l->sys, CLONE_NEWTIME);
	if (r >= 0)
		r = sys_write_file(l->sys, AT_FDCWD, "/proc/self/timens_offsets", text);
	if (r < 0) {
		err_set(e, ERR_HOST, r, "is the offset within the clock's range?", "cannot set the time offsets");
		return err_at(e, "/time");
	}
	return 0;
}

/* --- child --- */

/* Root where there is one, else the first id that there is. */
static uint32_t maker(const struct plan_idmap *map, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (map[i].inside == 0)
			return 0;
	return n ? map[0].inside : 0;
}

/* File systems and files belong to whoever makes them, and the ids that we come with mean nobody here: the kernel lets nobody
 * make a file (EOVERFLOW). The mounts of a policy, whose map has the workload alone, are the parent's. */
int userns_root(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	int r;

	if (!(p->own_userns && p->listed) && l->enter[NS_USER] < 0)
		return 0;
	r = sys_setresgid(l->sys, maker(p->gid_map, p->n_gid_map));
	if (r >= 0)
		r = sys_setresuid(l->sys, maker(p->uid_map, p->n_uid_map));
	if (r == -EINVAL && l->enter[NS_USER] >= 0)
		return 0;	/* it has no such ids */
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot become root of the user namespace") : 0;
}

int uts_apply(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	char now[65] = "";
	int r = 0;

	if (!(p->clone_flags & CLONE_NEWUTS) && l->enter[NS_UTS] < 0)
		return 0;
	if (p->hostname) {
		r = sys_sethostname(l->sys, p->hostname);
		if (r >= 0)
			r = sys_gethostname(l->sys, now, sizeof(now));
		if (r < 0 || strcmp(now, p->hostname) != 0)
			return err_set(e, ERR_LAUNCH, r, NULL, "cannot set the host name");
	}
	if (p->domainname) {
		r = sys_setdomainname(l->sys, p->domainname);
		if (r >= 0)
			r = sys_getdomainname(l->sys, now, sizeof(now));
		if (r < 0 || strcmp(now, p->domainname) != 0)
			return err_set(e, ERR_LAUNCH, r, NULL, "cannot set the domain name");
	}
	return 0;
}

int loopback_apply(struct launch *l, struct err *e)
{
	struct ifreq req = { .ifr_name = "lo" };
	int fd, r;

	if (!(l->plan->clone_flags & CLONE_NEWNET))
		return 0;
	fd = sys_socket(l->sys, AF_UNIX, SOCK_DGRAM, 0);	/* any socket carries the ioctl (netdevice(7)) */
	req.ifr_flags = IFF_UP;
	r = fd < 0 ? fd : sys_ioctl(l->sys, fd, SIOCSIFFLAGS, &req);
	req.ifr_flags = 0;
	if (r >= 0)
		r = sys_ioctl(l->sys, fd, SIOCGIFFLAGS, &req);
	if (r >= 0 && !(req.ifr_flags & IFF_UP))
		r = -EIO;
	if (fd >= 0)
		(void)!sys_close(l->sys, fd);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot bring up the loopback interface") : 0;
}

/* A value that the kernel takes and shows again, white space aside. By the host's /proc/sys, which shows
 * each caller the values of its own namespaces: the container's /proc may lack it (proc "pid"). */
static int write_and_read(struct launch *l, const char *path, const char *value)
{
	char got[256];
	int r = sys_write_file(l->sys, AT_FDCWD, path, value);
	size_t i = 0, k = 0;

	if (r < 0)
		return r;
	r = (int)sys_read_file(l->sys, AT_FDCWD, path, got, sizeof(got));
	if (r < 0)
		return r;
	while (value[i] || got[k]) {
		if (strchr(" \t\n", value[i]) && strchr(" \t\n", got[k])) {
			i += strspn(value + i, " \t\n");
			k += strspn(got + k, " \t\n");
			continue;
		}
		if (value[i++] != got[k++])
			return -EIO;
	}
	return 0;
}

int sysctl_apply(struct launch *l, struct err *e)
{
	for (size_t i = 0; i < l->plan->n_sysctls; i++) {
		const struct pair *s = &l->plan->sysctls[i];
		int r = write_and_read(l, s->name, s->value);

		if (r < 0) {
			err_set(e, ERR_HOST, r, "is it namespaced on this kernel, and its namespace the container's own?",
				"cannot set %s to '%s'", s->name, s->value);
			return err_at(e, "/sysctl");
		}
	}
	return 0;
}

/* The limit belongs to the user namespace itself (namespaces(7)); nobody inside can raise it
 * once CAP_SYS_RESOURCE is gone. Nested ones are the entry to most kernel bugs of this kind. */
int userns_seal(struct launch *l, struct err *e)
{
	int r;

	if (!l->plan->seal_userns)
		return 0;
	r = write_and_read(l, "/proc/sys/user/max_user_namespaces", "0");
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot forbid nested user namespaces") : 0;
}

int userns_try(struct launch *l, struct err *e)
{
	int r;

	if (!l->plan->seal_userns)
		return 0;
	r = sys_unshare(l->sys, CLONE_NEWUSER);
	return r < 0 ? 0 : err_set(e, ERR_LAUNCH, 0, NULL, "a nested user namespace could be made");
}
