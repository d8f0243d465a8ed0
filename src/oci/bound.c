/* bound.c - see bound.h. */
#include "bound.h"

#include "../base/cleanup.h"
#include "../controls/seccomp.h"

#include <errno.h>

static int add_profile(struct oci_bound *b, const struct policy *p, struct arena *a, struct err *e)
{
	if (b->n_profiles == OCI_PROFILES_MAX)
		return err_set(e, ERR_POLICY, 0, NULL, "more than %d seccomp profiles", OCI_PROFILES_MAX);
	return seccomp_profile(p, a, &b->profile[b->n_profiles++], e);
}

static struct strings one(const char *const *s)
{
	return (struct strings){ s, 1 };
}

static struct strings names_of(const struct pairs *pairs, struct arena *a)
{
	const char **v = arena_alloc(a, (pairs->n + 1) * sizeof(*v));

	for (size_t i = 0; v && i < pairs->n; i++)
		v[i] = pairs->v[i].name;
	return (struct strings){ v, pairs->n };
}

int oci_bound_of_policy(const struct policy *p, const char *file, struct arena *a, struct oci_bound *ret, struct err *e)
{
	*ret = (struct oci_bound){
		.file = file, .description = "", .of_policy = true, .limits = p->limits,
		.capabilities = p->capabilities, .capabilities_given = true,
		.namespaces = p->namespaces, .network = p->network.mode,
		.listen = p->network.restrict_listen ? &p->network.listen : NULL,
		.connect = p->network.restrict_connect ? &p->network.connect : NULL,
		.apparmor = one(&p->apparmor), .sysctl = names_of(&p->sysctl, a),
		.mounts = p->mounts, .n_mounts = p->n_mounts, .mounts_given = true,
		.devices = p->devices, .n_devices = p->n_devices, .devices_given = true,
		.shm = p->shm, .proc_pid = p->proc == PROC_PID, .no_sys = !p->sys,
		.landlock = p->landlock, .init = p->init, .exec_once = p->exec_once,
		.user = { { 1, UINT32_MAX - 1 }, { 1, UINT32_MAX - 1 } }, .instead = &p->user, .umask = p->user.umask,
		.deny = p->seccomp.deny,
	};
	if (!ret->sysctl.v)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy %s", file);
	return add_profile(ret, p, a, e);
}

/* What a floor does not speak of is the greatest number of its range there: whoever has no limit at all keeps to that. */
enum { PIDS_ANY = 4194304, WEIGHT_ANY = 10000, PRIORITY_ANY = 99 };
#define SIZE_ANY (UINT64_C(1) << 50)
#define CPUS_ANY UINT64_C(8192000000)

static struct limits_policy limits_of(const struct limits_policy *floor)
{
	struct limits_policy l = *floor;
	const struct { uint64_t *value, any; } rows[] = {
		{ &l.memory, SIZE_ANY }, { &l.swap, SIZE_ANY }, { &l.cpus, CPUS_ANY }, { &l.cpu_weight, WEIGHT_ANY }, { &l.pids, PIDS_ANY },
		{ &l.rlimits.rtprio, PRIORITY_ANY },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (*rows[i].value >= rows[i].any)
			*rows[i].value = UINT64_MAX;
	return l;
}

int oci_bound_of_floor(const struct floor *f, const char *file, struct arena *a, struct oci_bound *ret, struct err *e)
{
	/* The order of a floor's names is its own: the tightest first. */
	static const enum network_mode widest[] = { NETWORK_NONE, NETWORK_PATH, NETWORK_HOST };
	static const enum seccomp_deny mildest[] = { DENY_KILL, DENY_ERRNO, DENY_LOG };
	struct policy named = { .seccomp.profile = "default" };

	*ret = (struct oci_bound){
		.file = file, .description = f->description, .limits = limits_of(&f->limits),
		.capabilities = f->capabilities, .capabilities_given = f->capabilities_given,
		.namespaces = f->namespaces, .network = widest[f->network.mode], .netns = f->network.path,
		.listen = f->network.restrict_listen ? &f->network.listen : NULL,
		.connect = f->network.restrict_connect ? &f->network.connect : NULL,
		.apparmor = f->apparmor, .sysctl = f->sysctl, .rootfs = f->rootfs,
		.mounts = f->mounts, .n_mounts = f->n_mounts, .mounts_given = f->mounts,
		.devices = f->devices, .n_devices = f->n_devices, .devices_given = f->devices,
		.shm = f->shm < SIZE_ANY ? f->shm : UINT64_MAX, .proc_pid = f->proc == 0,
		.landlock = f->landlock, .init = f->init, .exec_once = f->exec_once,
		.user = f->user, .deny = mildest[f->seccomp.deny],
	};
	for (size_t i = 0; i < f->seccomp.profile.n; i++) {
		named.seccomp.profile = f->seccomp.profile.v[i];
		if (add_profile(ret, &named, a, e) < 0)
			return -1;
	}
	return 0;
}
