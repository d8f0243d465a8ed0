/* namespaces_enter.c - entering namespaces that are there already, by path.
 *
 * All but two are entered by the parent before clone, which hands them on to the child, and left again. A user
 * namespace cannot be left, with a mount namespace our own paths would be gone, and some may only be entered but not left: these are
 * entered by a stage, a process in between (launch/stage.c). Whoever may not enter one of the others enters the user namespace first and then may. */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

static int at(const struct launch *l, struct err *e)
{
	return err_at(e, l->plan->network == NETWORK_PATH ? "/network/path" : "/linux/namespaces");
}

static int open_one(struct launch *l, int slot, struct err *e)
{
	struct statx st = { 0 };
	int r;

	/* /proc/PID/ns/net is a magic link and a fair way to name one, so links are followed here:
	 * the kernel refuses whatever is not a namespace of the kind. */
	l->enter[slot] = sys_open(l->sys, AT_FDCWD, l->plan->enter[slot], O_RDONLY | O_NONBLOCK | O_NOCTTY);
	r = l->enter[slot];
	if (r >= 0)
		r = sys_statx(l->sys, r, "", AT_EMPTY_PATH, STATX_INO, &st);
	l->entered[slot] = st.stx_ino;
	if (r >= 0)
		return 0;
	err_set(e, ERR_HOST, r, slot == NS_NET ? "make one with `ip netns add NAME`: /run/netns/NAME" : NULL, "cannot enter '%s'",
		l->plan->enter[slot]);
	return at(l, e);
}

static int refused(struct launch *l, int slot, int r, struct err *e)
{
	err_set(e, ERR_HOST, r, r == -EINVAL ? "is it a namespace of that kind?" :
		r == -EPERM ? "its owner may: root, or the user whose user namespace it belongs to" : NULL, "cannot enter '%s'",
		l->plan->enter[slot]);
	return at(l, e);
}

static void forget_home(struct launch *l, int slot)
{
	(void)!sys_close(l->sys, l->home[slot]);
	l->home[slot] = -1;
}

/* Holds the way back. Root of an ordinary user's namespace may enter what was made there, and not return to what is the host's: to
 * enter where we are already tells that, and changes nothing. */
static int hold_home(struct launch *l, int slot, struct err *e)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", namespaces[slot].name);
	l->home[slot] = sys_open(l->sys, AT_FDCWD, path, O_RDONLY);
	if (l->home[slot] < 0)
		return err_set(e, ERR_HOST, l->home[slot], "mount /proc", "cannot hold our own %s namespace", namespaces[slot].name);
	r = sys_setns(l->sys, l->home[slot], (int)namespaces[slot].flag);
	if (r >= 0)
		return 0;
	forget_home(l, slot);
	if (r != -EPERM)
		return refused(l, slot, r, e);
	l->late |= namespaces[slot].flag;
	return 0;
}

static int visit(struct launch *l, int slot, struct err *e)
{
	int r = sys_setns(l->sys, l->enter[slot], (int)namespaces[slot].flag);

	if (r >= 0)
		return 0;
	forget_home(l, slot);
	if (r != -EPERM || l->enter[NS_USER] < 0)
		return refused(l, slot, r, e);
	l->late |= namespaces[slot].flag;
	return 0;
}

/* What is meant to be apart must not turn out to be the host's: a policy says so when it wants its network, and with the mounts
 * everybody's root would become the container's. The host's are ours, and PID 1's for a launcher in a namespace of its own; who may
 * not look at those may not enter them either. */
static int not_the_hosts(struct launch *l, struct err *e)
{
	if (l->plan->network == NETWORK_PATH && l->entered[NS_NET] == l->host_ns[NS_NET]) {
		err_set(e, ERR_POLICY, 0, "say so with network.mode \"host\"", "'%s' is the host's own network", l->plan->enter[NS_NET]);
		return at(l, e);
	}
	if (l->enter[NS_MOUNT] >= 0) {
		_auto(close_fd) int first = sys_open(l->sys, AT_FDCWD, "/proc/1", O_PATH | O_DIRECTORY);
		uint64_t theirs;

		if (l->entered[NS_MOUNT] != l->host_ns[NS_MOUNT] &&
		    (first < 0 || namespace_id(l->sys, first, "mnt", &theirs) < 0 || l->entered[NS_MOUNT] != theirs))
			return 0;
		err_set(e, ERR_POLICY, 0, "list { \"type\": \"mount\" } without a path", "'%s' is the host's own mount namespace", l->plan->enter[NS_MOUNT]);
		return at(l, e);
	}
	return 0;
}

int namespaces_enter(struct launch *l, struct err *e)
{
	for (int i = 0; i < NS_COUNT; i++)
		if (l->plan->enter[i] && open_one(l, i, e) < 0)
			return -1;
	if (not_the_hosts(l, e) < 0)
		return -1;
	for (int i = NS_MOUNT + 1; i < NS_COUNT; i++)
		if (l->enter[i] >= 0 && hold_home(l, i, e) < 0)
			return -1;
	/* The stage has to be in our own pid namespace, or it would tell the new process's number in another one. */
	if (namespaces_need_stage(l))
		l->late |= CLONE_NEWPID;
	for (int i = NS_MOUNT + 1; i < NS_COUNT; i++)
		if (l->enter[i] >= 0 && !(l->late & namespaces[i].flag) && visit(l, i, e) < 0)
			return -1;
	return 0;
}

int namespaces_leave(struct launch *l, struct err *e)
{
	for (int i = 0; i < NS_COUNT; i++) {
		int r = l->home[i] < 0 ? 0 : sys_setns(l->sys, l->home[i], (int)namespaces[i].flag);

		if (r < 0)
			return err_set(e, ERR_HOST, r, NULL, "cannot return to our own %s namespace", namespaces[i].name);
	}
	return 0;
}

bool namespaces_need_stage(const struct launch *l)
{
	return l->enter[NS_USER] >= 0 || l->enter[NS_MOUNT] >= 0 || l->late;
}

/* Those that are left, as far as we may; `all`: every one of them. */
static int enter_rest(struct launch *l, bool done[NS_COUNT], bool all, struct err *e)
{
	for (int i = NS_MOUNT; i < NS_COUNT; i++) {
		int r;

		if (done[i] || l->enter[i] < 0 || (i != NS_MOUNT && !(l->late & namespaces[i].flag)))
			continue;
		r = sys_setns(l->sys, l->enter[i], (int)namespaces[i].flag);
		done[i] = r >= 0;
		if (r < 0 && (all || r != -EPERM))
			return refused(l, i, r, e);
	}
	return 0;
}

/* Root of the host enters the others first, since it may whoever owns them; an ordinary user may only once it is in the user
 * namespace that does. */
int namespaces_enter_stage(struct launch *l, struct err *e)
{
	bool done[NS_COUNT] = { false };
	int r;

	if (enter_rest(l, done, l->enter[NS_USER] < 0, e) < 0)
		return -1;
	if (l->enter[NS_USER] < 0)
		return 0;
	r = sys_setns(l->sys, l->enter[NS_USER], CLONE_NEWUSER);
	return r < 0 ? refused(l, NS_USER, r, e) : enter_rest(l, done, true, e);
}
