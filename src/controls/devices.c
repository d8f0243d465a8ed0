/* devices.c - the device allowlist.
 *
 * In the default policy /dev alone enforces it: the container's /dev holds the allowed nodes, every
 * other mount is nodev, and mknod(2) of a device needs CAP_MKNOD over the host, which no user
 * namespace gives. Where that is not so, a BPF_PROG_TYPE_CGROUP_DEVICE program on the launch's
 * cgroup decides instead: it allows exactly the minimal /dev and the policy's devices. The rules of a
 * config.json are such a program always, unless they deny nothing. */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define NAME "casemate"

/* --- does /dev do it? --- */

/* Why it does not, or NULL. */
static const char *needs_program(const struct plan *p)
{
	bool landlocked = p->landlock_fs && !waived(p, CONTROL_landlock);

	if (p->device_rules)
		return devices_all_allowed(p->device_rules, p->n_device_rules) ? NULL : "rules of the configuration";
	if (!p->own_userns)
		return "no user namespace of its own";
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].kind == PLAN_BIND && !(p->mounts[i].attrs & MOUNT_ATTR_NODEV))
			return "a mount with dev";
	/* A bind of a node is open both ways; Landlock can refuse writing, nothing else can refuse reading. */
	for (size_t i = 0; i < p->n_devices; i++)
		if (!p->devices[i].read || (!p->devices[i].write && !landlocked))
			return "a device for one direction only";
	return NULL;
}

/* --- rules --- */

#define READ_WRITE (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)
static const struct device_rule minimal[] = {	/* admin-guide/devices.txt */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 3, READ_WRITE },	/* null */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 5, READ_WRITE },	/* zero */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 7, READ_WRITE },	/* full */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 8, READ_WRITE },	/* random */
	{ true, BPF_DEVCG_DEV_CHAR, 1, 9, READ_WRITE },	/* urandom */
	{ true, BPF_DEVCG_DEV_CHAR, 5, 0, READ_WRITE },	/* tty */
	{ true, BPF_DEVCG_DEV_CHAR, 5, 2, READ_WRITE },	/* ptmx */
	{ true, BPF_DEVCG_DEV_CHAR, 136, -1, READ_WRITE },	/* pts */
};
_Static_assert(COUNT(minimal) <= DEVICE_RULES_MAX - LIST_MAX, "room for the minimal set");

static int collect(const struct sys *k, const struct plan *p, struct device_rule rules[DEVICE_RULES_MAX],
		   size_t *n, struct err *e)
{
	memcpy(rules, minimal, sizeof(minimal));
	*n = COUNT(minimal);
	for (size_t i = 0; i < p->n_devices; i++) {
		const struct device_policy *d = &p->devices[i];
		struct statx st = { 0 };
		int r = sys_statx(k, AT_FDCWD, d->path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st);

		if (r < 0 || *n == DEVICE_RULES_MAX || (!S_ISCHR(st.stx_mode) && !S_ISBLK(st.stx_mode))) {
			err_set(e, ERR_POLICY, r, "name a device node of the host", "'%s' is no device", d->path);
			return err_at(e, "/devices/%zu/path", i);
		}
		rules[(*n)++] = (struct device_rule){
			true, S_ISCHR(st.stx_mode) ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK,
			(int)st.stx_rdev_major, (int)st.stx_rdev_minor,
			(d->read ? BPF_DEVCG_ACC_READ : 0U) | (d->write ? BPF_DEVCG_ACC_WRITE : 0U),
		};
	}
	return 0;
}

/* The plan's program, loaded: an fd or -1. */
static int load(const struct sys *k, const struct plan *p, struct err *e)
{
	struct device_rule rules[DEVICE_RULES_MAX];
	struct bpf_insn prog[DEVICE_INSNS_MAX];
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE };
	size_t n = 0;
	int fd;

	if (!p->device_rules && collect(k, p, rules, &n, e) < 0)
		return -1;
	attr.expected_attach_type = BPF_CGROUP_DEVICE;
	attr.insns = (uintptr_t)prog;
	attr.insn_cnt = (uint32_t)(p->device_rules ? devices_assemble(p->device_rules, p->n_device_rules, prog) :
				   devices_assemble(rules, n, prog));
	attr.license = (uintptr_t)"Apache-2.0";
	memcpy(attr.prog_name, NAME, sizeof(NAME));
	fd = sys_bpf(k, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0)
		err_set(e, ERR_HOST, fd, p->device_rules ? "only root may load it" : "only root may load it; or --without devices", "cannot load the device program");
	return fd < 0 ? -1 : fd;
}

/* --- row of the launch --- */

static int refuse(const struct plan *p, struct err *e)
{
	return err_at(e, p->device_rules ? "/linux/resources/devices" : "/devices");
}

/* Rules that nobody asked for are a default: it holds where there is a cgroup to hold it. */
static bool is_forgone(const struct launch *l)
{
	return l->cgroup < 0 && l->plan->device_rules && !l->plan->cgroup.wanted;
}

int devices_apply(struct launch *l, struct err *e)
{
	const char *why = needs_program(l->plan);
	/* Programs of the cgroups above stay in force: all must agree. */
	union bpf_attr attr = { .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI };
	int prog, r;

	if (!why || is_forgone(l))
		return 0;
	if (l->cgroup < 0) {
		err_set(e, ERR_HOST, 0, l->plan->device_rules ? "mount cgroup2" : "do not waive all limits; or --without devices",
			"devices need a cgroup to be limited in (%s)", why);
		return refuse(l->plan, e);
	}
	prog = load(l->sys, l->plan, e);
	if (prog < 0)
		return refuse(l->plan, e);
	attr.target_fd = (uint32_t)l->cgroup;
	attr.attach_bpf_fd = (uint32_t)prog;
	r = sys_bpf(l->sys, BPF_PROG_ATTACH, &attr, sizeof(attr));
	(void)!sys_close(l->sys, prog);
	if (r >= 0)
		return 0;
	err_set(e, ERR_HOST, r, l->plan->device_rules ? NULL : "or --without devices", "cannot attach the device program to the cgroup");
	return refuse(l->plan, e);
}

/* --- reading back --- */

/* The kernel's digest of the instructions as they were given; 0 or -errno. */
static int tag_of(const struct sys *k, int prog, uint8_t tag[BPF_TAG_SIZE])
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };
	int r;

	attr.info.bpf_fd = (uint32_t)prog;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	r = sys_bpf(k, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	memcpy(tag, info.tag, BPF_TAG_SIZE);
	return r;
}

/* Whether one of the programs attached to the cgroup is the one with this tag. */
static int is_attached(const struct sys *k, int cgroup, const uint8_t want[BPF_TAG_SIZE])
{
	uint32_t ids[64];
	union bpf_attr attr = { 0 };
	int r;

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = COUNT(ids);
	r = sys_bpf(k, BPF_PROG_QUERY, &attr, sizeof(attr));
	for (uint32_t i = 0; r >= 0 && i < attr.query.prog_cnt; i++) {
		union bpf_attr by_id = { .prog_id = ids[i] };
		uint8_t tag[BPF_TAG_SIZE];
		int fd = r = sys_bpf(k, BPF_PROG_GET_FD_BY_ID, &by_id, sizeof(by_id));

		if (r >= 0)
			r = tag_of(k, fd, tag);
		if (fd >= 0)
			(void)!sys_close(k, fd);
		if (r >= 0 && memcmp(tag, want, sizeof(tag)) == 0)
			return 1;
	}
	return r < 0 ? r : 0;
}

/* How the digest is made differs between kernels, so the same program is loaded once more. */
static int verify_program(const struct plan *p, const struct sys *k, int cgroup, struct err *e)
{
	uint8_t tag[BPF_TAG_SIZE];
	int prog = load(k, p, e), r;

	if (prog < 0)
		return -1;
	r = tag_of(k, prog, tag);
	(void)!sys_close(k, prog);
	if (r >= 0)
		r = is_attached(k, cgroup, tag);
	if (r == 1)
		return 0;
	err_set(e, ERR_LAUNCH, r, NULL, r < 0 ? "cannot read the cgroup's device programs back" :
		"the device program is not attached to the cgroup");
	return refuse(p, e);
}

static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	const char *why = needs_program(p);
	char path[CGROUP2_PATH_MAX];
	int cgroup, r;

	if (!why || (t->launch && is_forgone(t->launch))) {
		snprintf(value, VALUE_MAX, "%s", why ? "no cgroup, and no rules were asked for" :
			 p->device_rules ? "ALL, as the configuration allows" : "/dev only; mknod impossible: user namespace, nodev");
		return 0;
	}
	cgroup = cgroup2_open_of(t->sys, t->proc, path);
	if (cgroup < 0)
		return err_set(e, ERR_LAUNCH, cgroup, NULL, "cannot find the cgroup of the process");
	r = verify_program(p, t->sys, cgroup, e);
	(void)!sys_close(t->sys, cgroup);
	snprintf(value, VALUE_MAX, "cgroup program attached (%s)", why);
	return r;
}

static void probe(const struct sys *k, struct ability *a)
{
	union bpf_attr attr = { 0 };
	int mount = cgroup2_mount(k), r = mount;

	attr.query.target_fd = (uint32_t)mount;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	if (mount >= 0) {
		r = sys_bpf(k, BPF_PROG_QUERY, &attr, sizeof(attr));
		(void)!sys_close(k, mount);
	}
	a->usable = true;
	snprintf(a->detail, sizeof(a->detail), "/dev and user namespace%s", r >= 0 ? "; cgroup program" :
		 "; no cgroup program: mounts with dev and one-way devices are refused");
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	(void)a;
	(void)e;
	plan->devices = p->devices;
	plan->n_devices = p->n_devices;
	return 0;
}

const struct control control_devices = {
	.protects = "the host's disks, memory and other hardware", .late = true,
	.prepare = prepare, .verify = verify, .probe = probe,
};
