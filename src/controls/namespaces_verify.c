/* namespaces_verify.c - which namespace is whose, by the numbers that the kernel gives them: noted before there is a container,
 * held against them afterwards. The eight controls, which differ in a row only. */
#include "namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>

const struct namespace namespaces[NS_COUNT] = {
	[NS_USER] = { "user", CLONE_NEWUSER }, [NS_MOUNT] = { "mnt", CLONE_NEWNS }, [NS_PID] = { "pid", CLONE_NEWPID },
	[NS_IPC] = { "ipc", CLONE_NEWIPC }, [NS_UTS] = { "uts", CLONE_NEWUTS }, [NS_NET] = { "net", CLONE_NEWNET },
	[NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP }, [NS_TIME] = { "time", CLONE_NEWTIME },
};

int namespace_id(const struct sys *k, int proc, const char *name, uint64_t *ret)
{
	char path[32];
	struct statx st = { 0 };
	int r;

	snprintf(path, sizeof(path), "ns/%s", name);
	r = sys_statx(k, proc, path, 0, STATX_INO, &st);
	*ret = st.stx_ino;
	return r;
}

int namespace_own_id(const struct sys *k, const char *name, uint64_t *ret)
{
	_auto(close_fd) int self = sys_open(k, AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY);

	return self < 0 ? self : namespace_id(k, self, name, ret);
}

/* Inside, the host's namespaces are the launcher's, noted before clone; from outside they are ours. */
static int verify_ns(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e,
		     const char *name, uint64_t flag, int slot)
{
	uint64_t mine = 0, ours = 0;
	int r = namespace_id(t->sys, t->proc, name, &mine);
	const bool enters = p->enter[slot] || (t->launch && t->launch->enter[slot] >= 0), want = p->clone_flags & flag || enters;

	if (r >= 0 && t->launch)
		ours = t->launch->host_ns[slot];
	else if (r >= 0)
		r = namespace_own_id(t->sys, name, &ours);
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot tell the %s namespace", name);
	if (t->inside && p->joins && mine != t->launch->join_ns[slot])
		return err_set(e, ERR_LAUNCH, 0, NULL, "the %s namespace is not the container's", name);
	if (enters && t->launch && !p->joins && mine != t->launch->entered[slot])
		return err_set(e, ERR_LAUNCH, 0, NULL, "the %s namespace is not the one to be entered", name);
	if (want && !enters && mine == ours)
		return err_set(e, ERR_LAUNCH, 0, NULL, "the %s namespace is the host's", name);
	snprintf(value, VALUE_MAX, "%s:[%llu]%s", name, (unsigned long long)mine, mine == ours ? " (the host's)" : "");
	return 0;
}

static int note(struct launch *l, int proc, uint64_t ids[NS_COUNT])
{
	int r = 0;

	for (int i = 0; r >= 0 && i < NS_COUNT; i++)
		r = namespace_id(l->sys, proc, namespaces[i].name, &ids[i]);
	return r;
}

int namespaces_of(struct launch *l, int proc, struct err *e)
{
	int r = note(l, proc, l->join_ns);

	l->join_flags = 0;
	for (int i = 0; i < NS_COUNT; i++)
		l->join_flags |= l->join_ns[i] != l->host_ns[i] ? namespaces[i].flag : 0;
	return r < 0 ? err_set(e, ERR_HOST, r, "run it as whoever started the container", "cannot read the container's namespaces") : 0;
}

int namespaces_note(struct launch *l, struct err *e)
{
	int self = sys_open(l->sys, AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY), r = self < 0 ? self : note(l, self, l->host_ns);

	if (self >= 0)
		(void)!sys_close(l->sys, self);
	return r < 0 ? err_set(e, ERR_HOST, r, "mount /proc; time namespaces need kernel 5.6",
			       "cannot read our own namespaces") : 0;
}

static void probe_ns(const struct sys *k, struct ability *a, const char *name)
{
	uint64_t id;

	a->usable = namespace_own_id(k, name, &id) >= 0;
	snprintf(a->detail, sizeof(a->detail), "%s", a->usable ? "the kernel has it" : "the kernel has it not");
	if (!a->usable)
		snprintf(a->hint, sizeof(a->hint), "boot a kernel with CONFIG_NAMESPACES and the %s namespace", name);
}

#define NS(slot, label, prep, vital, what) \
	static int verify_##label(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e) \
	{ \
		return verify_ns(p, t, value, e, namespaces[slot].name, namespaces[slot].flag, slot); \
	} \
	static void probe_##label(const struct sys *k, struct ability *a) \
	{ \
		probe_ns(k, a, namespaces[slot].name); \
	} \
	const struct control control_ns_##label = { \
		.protects = what, .essential = vital, .prepare = prep, .verify = verify_##label, .probe = probe_##label, \
	};

NS(NS_USER, user, namespaces_prepare, false, "being any uid of the host but its own, and root anywhere")
NS(NS_MOUNT, mount, NULL, true, "seeing and changing the host's mounts")
NS(NS_PID, pid, NULL, true, "seeing and signalling the host's processes")
NS(NS_IPC, ipc, NULL, false, "the host's shared memory, semaphores and message queues")
NS(NS_UTS, uts, NULL, false, "changing the host's name")
NS(NS_NET, net, NULL, false, "the host's interfaces, loopback services and abstract sockets")
NS(NS_CGROUP, cgroup, NULL, false, "seeing the host's cgroup tree")
NS(NS_TIME, time, NULL, false, "seeing the host's boot time")
