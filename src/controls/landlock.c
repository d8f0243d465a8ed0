/* landlock.c - write, execute and connect only where the policy says, by Landlock (landlock(7)).
 *
 * It repeats in the kernel's path checks what mounts and the network namespace already arrange, so
 * that a hole in one is not a hole in both. Reading is left alone: what must not be read is not there.
 *
 * A rule covers everything beneath its directory, mounts included, and nothing can be taken back
 * below it. So "execute beneath the root but not in /tmp" cannot be one rule on "/": the parent
 * lists the root and gives each entry its own, descending only on the way to a mount
 * without exec. */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* linux/landlock.h of Debian 12 ends at ABI 3; what came later is spelled out with its kernel. */
enum { ABI_REFER = 2 /* 5.19 */, ABI_TRUNCATE = 3 /* 6.2 */, ABI_NET = 4 /* 6.7 */,
       ABI_IOCTL = 5 /* 6.10 */, ABI_SCOPE = 6 /* 6.12 */ };

enum { CREATE_VERSION = 1, RULE_PATH = 1, RULE_PORT = 2 };

enum {
	FS_EXECUTE = 1 << 0, FS_WRITE_FILE = 1 << 1, FS_REMOVE_DIR = 1 << 4, FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_CHAR = 1 << 6, FS_MAKE_DIR = 1 << 7, FS_MAKE_REG = 1 << 8, FS_MAKE_SOCK = 1 << 9,
	FS_MAKE_FIFO = 1 << 10, FS_MAKE_BLOCK = 1 << 11, FS_MAKE_SYM = 1 << 12, FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14, FS_IOCTL_DEV = 1 << 15,

	/* MAKE_CHAR and MAKE_BLOCK are handled and never given. */
	FS_WRITE = FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG |
		   FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER | FS_TRUNCATE,
	FS_DEVICE = FS_WRITE_FILE | FS_IOCTL_DEV,
	FS_HANDLED = FS_EXECUTE | FS_WRITE | FS_DEVICE | FS_MAKE_CHAR | FS_MAKE_BLOCK,
	/* All that a rule on something other than a directory may hold. */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV,

	NET_BIND = 1 << 0, NET_CONNECT = 1 << 1,
	SCOPE_ABSTRACT_UNIX = 1 << 0, SCOPE_SIGNAL = 1 << 1,
};

struct ruleset_attr { uint64_t fs, net, scoped; };
struct path_rule { uint64_t access; int32_t fd; } __attribute__((packed));
struct port_rule { uint64_t access, port; };

/* A right that came with a later ABI than the kernel's must not be asked for (EINVAL). */
static uint64_t known_fs(int abi)
{
	int unknown = (abi < ABI_REFER ? FS_REFER : 0) | (abi < ABI_TRUNCATE ? FS_TRUNCATE : 0) |
		      (abi < ABI_IOCTL ? FS_IOCTL_DEV : 0);

	return (uint64_t)(FS_HANDLED & ~unknown);
}

/* --- the ruleset, in the parent --- */

/* More entries than this in the directories that must be listed is a rootfs to look at, not to launch. */
enum { ENTRIES_MAX = 4096, DIRENT_BUF = 8192 };

struct builder {
	struct launch *l;
	struct err *e;
	uint64_t handled;
	unsigned entries, met;
};

static int give(struct builder *b, int fd, uint64_t access, const char *what)
{
	const struct path_rule rule = { access & b->handled, fd };
	int r = rule.access ? sys_landlock_add(b->l->sys, b->l->ruleset, RULE_PATH, &rule) : 0;

	return r < 0 ? err_set(b->e, ERR_LAUNCH, r, NULL, "cannot add %s to the Landlock ruleset", what) : 0;
}

static bool has_exec(const struct plan_mount *m)
{
	return (m->kind == PLAN_BIND || m->kind == PLAN_TMPFS) && !(m->attrs & MOUNT_ATTR_NOEXEC);
}

/* Does the execute right of tree `below` have to stop at this mount? Not at the launcher's own files:
 * they are read-only text, or an empty mask. */
static bool is_apart(const struct plan_mount *m, int below)
{
	return m->below == below && m->kind != PLAN_FILE && m->kind != PLAN_READONLY;
}

enum place { PLACE_FREE, PLACE_MOUNT, PLACE_ABOVE };

/* Is the path (absolute, in the container) such a mount, on the way to one, or neither? */
static enum place place_of(const struct plan *p, int below, const char *path)
{
	size_t n = strlen(path);
	enum place found = PLACE_FREE;

	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct plan_mount *m = &p->mounts[i];

		if (!is_apart(m, below) || strncmp(m->target, path, n) != 0)
			continue;
		if (m->target[n] == '\0')
			return PLACE_MOUNT;
		if (m->target[n] == '/')
			found = PLACE_ABOVE;
	}
	return found;
}

static int give_execute_in(struct builder *b, int dir, int below, const char *path);

static int give_execute_entry(struct builder *b, int dir, int below, const char *path, const char *name)
{
	enum place place = place_of(b->l->plan, below, path);
	_auto(close_fd) int fd = -1;

	if (place == PLACE_MOUNT) {
		b->met++;
		return 0;
	}
	/* Nothing here is followed: a symbolic link ends in an entry of its own, or outside. */
	fd = sys_open(b->l->sys, dir, name, O_NOFOLLOW | (place == PLACE_ABOVE ? O_DIRECTORY : O_PATH));
	if (fd < 0)
		return err_set(b->e, ERR_HOST, fd, "the launcher must be able to read the rootfs",
			       "cannot open %s of the container", path);
	return place == PLACE_ABOVE ? give_execute_in(b, fd, below, path) : give(b, fd, FS_EXECUTE, path);
}

struct entry { uint64_t ino; int64_t off; uint16_t len; uint8_t type; char name[]; };	/* getdents(2) */
enum { TYPE_LINK = 10 };

/* Execute for everything in a directory but the mounts that have their own say. */
static int give_execute_in(struct builder *b, int dir, int below, const char *path)
{
	_Alignas(struct entry) char buf[DIRENT_BUF];
	char child[PATH_MAX];
	int n;

	while ((n = sys_getdents(b->l->sys, dir, buf, sizeof(buf))) > 0) {
		for (int at = 0; at < n; at += ((struct entry *)(void *)(buf + at))->len) {
			const struct entry *d = (struct entry *)(void *)(buf + at);

			if (d->len == 0 || ++b->entries > ENTRIES_MAX)
				return err_set(b->e, ERR_HOST, 0, "mount beneath a smaller directory",
					       "too many entries in %s/ of the container", path);
			if (strcmp(d->name, ".") == 0 || strcmp(d->name, "..") == 0 || d->type == TYPE_LINK)
				continue;
			if ((size_t)snprintf(child, sizeof(child), "%s/%s", path, d->name) >= sizeof(child))
				return err_set(b->e, ERR_HOST, ENAMETOOLONG, NULL, "cannot list %s/", path);
			if (give_execute_entry(b, dir, below, child, d->name) < 0)
				return -1;
		}
	}
	return n < 0 ? err_set(b->e, ERR_HOST, n, NULL, "cannot list %s/ of the container", path) : 0;
}

/* A tree in which programs may run, held at `where`: one rule, or one per entry when mounts in it have none.
 * Every such mount must have been met: a target that is reached in another way, through a symbolic link,
 * would be covered by somebody else's rule. */
static int give_execute(struct builder *b, int tree, int below, const char *where)
{
	unsigned apart = 0;
	_auto(close_fd) int dir = -1;

	for (size_t i = 0; i < b->l->plan->n_mounts; i++)
		apart += is_apart(&b->l->plan->mounts[i], below);
	if (!apart)
		return give(b, tree, FS_EXECUTE, where);
	dir = sys_open(b->l->sys, tree, ".", O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return err_set(b->e, ERR_HOST, dir, NULL, "cannot list %s/ of the container", where);
	b->met = 0;
	if (give_execute_in(b, dir, below, where) < 0)
		return -1;
	if (b->met != apart)
		return err_set(b->e, ERR_LAUNCH, 0, NULL, "met %u of %u mounts in %s/", b->met, apart, where);
	return 0;
}

static bool may_write_device(const struct plan *p, const struct plan_mount *m)
{
	for (size_t i = 0; i < p->n_devices; i++)
		if (strcmp(p->devices[i].path, m->target) == 0)
			return p->devices[i].write;
	return true;	/* null, zero, full, random, urandom, tty */
}

/* What the mount's own tree is given; execute beside it, since that may have to be split. */
static uint64_t mount_rights(const struct plan *p, const struct plan_mount *m)
{
	switch (m->kind) {
	case PLAN_BIND:
	case PLAN_TMPFS:
		return (m->attrs & MOUNT_ATTR_RDONLY ? 0 : FS_WRITE) |
		       (m->attrs & MOUNT_ATTR_NODEV ? 0 : FS_DEVICE);
	case PLAN_DEVICE:
		return may_write_device(p, m) ? FS_DEVICE : FS_IOCTL_DEV;
	default:	/* made by the child, or read-only: nothing is written there */
		return 0;
	}
}

static int give_mount(struct builder *b, int i)
{
	const struct plan_mount *m = &b->l->plan->mounts[i];
	uint64_t access = mount_rights(b->l->plan, m);
	bool exec = has_exec(m), dir = m->kind != PLAN_DEVICE;
	struct statx st = { 0 };
	int r;

	if (b->l->tree[i] < 0 || (!access && !exec))
		return 0;
	if (m->kind == PLAN_BIND) {
		r = sys_statx(b->l->sys, b->l->tree[i], "", AT_EMPTY_PATH, STATX_TYPE, &st);
		if (r < 0)
			return err_set(b->e, ERR_LAUNCH, r, NULL, "cannot look at mount %s", m->target);
		dir = S_ISDIR(st.stx_mode);
	}
	if (give(b, b->l->tree[i], dir ? access : access & FS_OF_FILES, m->target) < 0)
		return -1;
	if (!exec)
		return 0;
	return dir ? give_execute(b, b->l->tree[i], i, m->target)
		   : give(b, b->l->tree[i], FS_EXECUTE, m->target);
}

static int give_paths(struct builder *b)
{
	const struct plan *p = b->l->plan;

	if (waived(p, CONTROL_rootfs) && give(b, b->l->rootfs, FS_WRITE, "the root") < 0)
		return -1;
	if (give_execute(b, b->l->rootfs, -1, "") < 0)
		return -1;
	for (size_t i = 0; i < p->n_mounts; i++)
		if (give_mount(b, (int)i) < 0)
			return -1;
	return 0;
}

static int give_ports(struct builder *b, const struct numbers *ports, uint64_t access)
{
	for (size_t i = 0; i < ports->n; i++) {
		const struct port_rule rule = { access, ports->v[i] };
		int r = sys_landlock_add(b->l->sys, b->l->ruleset, RULE_PORT, &rule);

		if (r < 0)
			return err_set(b->e, ERR_LAUNCH, r, NULL,
				       "cannot add port %" PRIu64 " to the Landlock ruleset", ports->v[i]);
	}
	return 0;
}

static const char *hint_without(int abi)
{
	return abi == -EOPNOTSUPP ? "boot with landlock in the lsm= list, or use --without landlock"
				  : "use kernel 5.13 or newer with Landlock built in, or --without landlock";
}

static int no_landlock(int abi, struct err *e)
{
	err_set(e, ERR_HOST, abi, hint_without(abi), "the kernel has no Landlock");
	return err_at(e, "/landlock");
}

static int no_ports(const struct plan *p, int abi, struct err *e)
{
	err_set(e, ERR_HOST, 0, "kernel 6.7 or newer, or network \"none\", or --without landlock",
		"TCP ports need Landlock ABI %d, this kernel has ABI %d", ABI_NET, abi);
	return err_at(e, p->restrict_listen ? "/network/listen" : "/network/connect");
}

int landlock_open(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	struct ruleset_attr attr = { 0 };
	struct builder b = { .l = l, .e = e };
	int r;

	if (!p->landlock_fs)
		return 0;
	l->landlock_abi = sys_landlock_create(l->sys, NULL, 0, CREATE_VERSION);
	if (l->landlock_abi < 1)
		return no_landlock(l->landlock_abi, e);
	/* Without a network there is nobody to keep from the ports; verify says that they are free. */
	if (l->landlock_abi < ABI_NET && p->landlock_net && p->network != NETWORK_NONE)
		return no_ports(p, l->landlock_abi, e);

	attr.fs = b.handled = p->landlock_fs & known_fs(l->landlock_abi);
	attr.net = l->landlock_abi < ABI_NET ? 0 : p->landlock_net;
	attr.scoped = l->landlock_abi < ABI_SCOPE ? 0 : SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	l->ruleset = sys_landlock_create(l->sys, &attr, sizeof(attr), 0);
	if (l->ruleset < 0)
		return err_set(e, ERR_LAUNCH, l->ruleset, NULL, "cannot make a Landlock ruleset");

	r = give_paths(&b);
	if (r == 0 && attr.net & NET_BIND)
		r = give_ports(&b, &p->listen, NET_BIND);
	if (r == 0 && attr.net & NET_CONNECT)
		r = give_ports(&b, &p->connect, NET_CONNECT);
	return r;
}

/* --- the child --- */

/* Message queues and ptys are file systems that only the child could make; a rule on the place they are mounted on
 * would not do, since the kernel looks at what covers a place, never at what is covered. */
static int give_childs_mounts(struct launch *l, struct err *e)
{
	struct builder b = { .l = l, .e = e, .handled = l->plan->landlock_fs & known_fs(l->landlock_abi) };

	for (size_t i = 0; i < l->plan->n_mounts; i++) {
		const struct plan_mount *m = &l->plan->mounts[i];
		uint64_t access = m->kind == PLAN_MQUEUE ? FS_WRITE : m->kind == PLAN_DEVPTS ? FS_DEVICE : 0;

		if (access && give(&b, l->tree[i], access, m->target) < 0)
			return -1;
	}
	return 0;
}

int landlock_apply(struct launch *l, struct err *e)
{
	int r;

	if (!l->plan->landlock_fs)
		return 0;
	if (give_childs_mounts(l, e) < 0)
		return -1;
	r = sys_landlock_restrict(l->sys, l->ruleset);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot enter the Landlock domain") : 0;
}

/* /proc/self/timerslack_ns is writable by everyone (mode 0666, whoever owns the process and whether it is
 * dumpable), no rule covers /proc, and opening it changes nothing: only Landlock says EACCES. */
int landlock_verify_inside(struct launch *l, struct err *e)
{
	_auto(close_fd) int fd = -1;

	/* A writable root is a rule that covers /proc as well: then nothing is left to be denied. */
	if (!l->plan->landlock_fs || waived(l->plan, CONTROL_rootfs))
		return 0;
	fd = sys_open(l->sys, l->proc, "self/timerslack_ns", O_WRONLY | O_NOCTTY);
	if (fd == -EACCES)
		return 0;
	return err_set(e, ERR_LAUNCH, fd < 0 ? fd : 0, NULL, "a write that Landlock denies %s",
		       fd < 0 ? "failed in another way" : "was possible");
}

/* --- the control --- */

static void check(const struct policy *p, const struct findings *f)
{
	if (p->landlock)
		return;
	report(f, "landlock.off", SEV_WARNING, "/landlock", "only mounts limit writing and executing", "leave it on");
	if (p->network.restrict_listen || p->network.restrict_connect)
		report(f, "landlock.ports", SEV_ERROR, "/landlock", "network.listen and .connect need it", "leave it on");
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	(void)a;
	(void)e;
	plan->listen = p->network.listen;
	plan->connect = p->network.connect;
	plan->restrict_listen = p->network.restrict_listen;
	plan->restrict_connect = p->network.restrict_connect;
	if (!p->landlock || waived(plan, CONTROL_landlock))
		return 0;
	plan->landlock_fs = FS_HANDLED;
	plan->landlock_net = (p->network.restrict_listen ? NET_BIND : 0) |
			     (p->network.restrict_connect ? NET_CONNECT : 0);
	return 0;
}

/* The kernel shows a process's domain to nobody, so there is only what was tried at launch. */
static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	int abi = t->launch ? t->launch->landlock_abi : sys_landlock_create(t->sys, NULL, 0, CREATE_VERSION);

	if (!p->landlock_fs) {
		snprintf(value, VALUE_MAX, "off");
		return 0;
	}
	if (abi < 1)
		return no_landlock(abi, e);
	snprintf(value, VALUE_MAX, "ABI %d, tried inside at launch%s", abi,
		 p->landlock_net && abi < ABI_NET ? "; TCP ports need ABI 4, but there is no network" : "");
	return 0;
}

static void probe(const struct sys *k, struct ability *a)
{
	int abi = sys_landlock_create(k, NULL, 0, CREATE_VERSION);

	a->usable = abi >= 1;
	if (!a->usable) {
		snprintf(a->detail, sizeof(a->detail), "not in this kernel, or not booted with it");
		snprintf(a->hint, sizeof(a->hint), "%s", hint_without(abi));
		return;
	}
	snprintf(a->detail, sizeof(a->detail), "ABI %d: files%s%s%s", abi, abi < ABI_NET ? "" : ", TCP ports",
		 abi < ABI_IOCTL ? "" : ", device ioctls", abi < ABI_SCOPE ? "" : ", signals");
	if (abi < ABI_NET)
		snprintf(a->hint, sizeof(a->hint), "kernel 6.7 or newer restricts TCP ports as well");
}

const struct control control_landlock = {
	.protects = "writing or executing outside the policy's mounts, even past a mistake in the mounts",
	.check = check, .prepare = prepare, .verify = verify, .probe = probe,
};
