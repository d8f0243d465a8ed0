/* What is read back of listed mounts: a mountinfo that is right, and every way in which it can be wrong. */
#include "mounts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <cmocka.h>

static const char honest[] =
	"20 19 8:1 /img / ro,relatime - ext4 /dev/sda1 rw\n"
	"21 20 0:30 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n"
	"22 20 8:1 /vol /v ro,nosuid,noatime master:5 - ext4 /dev/sda1 rw\n"
	"23 22 0:31 / /v/sub ro,relatime master:6 - tmpfs none rw\n"
	"24 21 0:30 /sys /proc/sys ro,relatime - proc proc rw\n"
	"25 21 0:32 /empty /proc/kcore ro,nosuid - tmpfs none rw\n"
	"26 20 0:33 / /m rw,relatime,idmapped - tmpfs none rw\n";

static const struct mount_idmap map;
static const struct mount_wish wishes[] = {
	{ .type = "proc" },
	{ .clear = MOUNT_ATTR__ATIME, .deep_set = MOUNT_ATTR_RDONLY, .propagation = { MS_SLAVE | MS_REC } },
	{ .deep_clear = MOUNT_ATTR_RDONLY, .idmap = &map },
};
static const struct plan_node null_node = { .mode = S_IFCHR | 0666, .major = 1, .minor = 3 };
static const struct plan_mount mounts[] = {
	{ .kind = PLAN_FS, .target = "/proc", .attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, .control = CONTROL_mounts, .wish = &wishes[0] },
	{ .kind = PLAN_BIND, .target = "/v", .attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME, .control = CONTROL_mounts, .wish = &wishes[1] },
	{ .kind = PLAN_READONLY, .target = "/proc/sys", .control = CONTROL_masks },
	{ .kind = PLAN_MASK, .target = "/proc/kcore", .control = CONTROL_masks },
	{ .kind = PLAN_MASK, .target = "/proc/missing", .control = CONTROL_masks },
	{ .kind = PLAN_BIND, .target = "/m", .control = CONTROL_mounts, .wish = &wishes[2] },
	{ .kind = PLAN_NODE, .target = "/dev/null", .control = CONTROL_mounts, .node = &null_node },
};

struct world {
	char text[256 * 1024];	/* more than fits at the first try */
	size_t at;
	bool missing_is_there, other_device;
	struct sys sys;
	struct plan plan;
	struct launch launch;
	struct target target;
	uint64_t ids[COUNT(mounts)];
};

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct world *w = ctx;
	size_t n;

	switch (nr) {
	case SYS_openat:
		w->at = 0;
		return 9;
	case SYS_read:
		n = strlen(w->text + w->at) < a[2] ? strlen(w->text + w->at) : a[2];
		memcpy((void *)a[1], w->text + w->at, n);
		w->at += n;
		return (long)n;
	case SYS_statx:
		if (strcmp((const char *)a[1], "/dev/null") != 0)
			return w->missing_is_there ? 0 : -ENOENT;
		*(struct statx *)a[4] = (struct statx){ .stx_mode = S_IFCHR | 0666, .stx_rdev_major = 1, .stx_rdev_minor = w->other_device ? 5 : 3 };
		return 0;
	default: return 0;
	}
}

static struct world *world(void)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	memcpy(w.text, honest, sizeof(honest));
	memcpy(w.ids, (uint64_t[]){ 21, 22, 24, 25, 0, 26, 0 }, sizeof(w.ids));
	w.sys = (struct sys){ call, &w };
	w.plan = (struct plan){ .listed = true, .root_attrs = MOUNT_ATTR_RDONLY, .mounts = mounts, .n_mounts = COUNT(mounts) };
	w.launch = (struct launch){ .plan = &w.plan, .sys = &w.sys, .mount_id = w.ids, .root_id = 20 };
	w.target = (struct target){ .sys = &w.sys, .launch = &w.launch };
	return &w;
}

static int verify(struct world *w)
{
	static const enum control_id controls[] = { CONTROL_rootfs, CONTROL_mounts, CONTROL_masks };
	char value[VALUE_MAX];
	int wrong = 0;

	for (size_t i = 0; i < COUNT(controls); i++) {
		struct err e = { 0 };

		wrong += mounts_verify_listed(&w->plan, &w->target, value, &e, controls[i]) < 0;
		assert_true(e.kind == ERR_NONE || e.msg[0]);
	}
	return wrong;
}

static void swap(struct world *w, const char *from, const char *to)
{
	char *at = strstr(w->text, from), rest[8192];

	assert_non_null(at);
	snprintf(rest, sizeof(rest), "%s", at + strlen(from));
	snprintf(at, sizeof(w->text) - (size_t)(at - w->text), "%s%s", to, rest);
}

static void what_was_asked_for_is_right(void **state)
{
	(void)state;
	assert_int_equal(verify(world()), 0);
}

static void every_difference_is_noticed(void **state)
{
	static const struct { const char *from, *to; } lies[] = {
		{ "/ ro,relatime - ext4", "/ rw,relatime - ext4" },		/* the root */
		{ "/ ro,relatime - ext4", "/ ro,relatime shared:1 - ext4" },
		{ "nosuid,nodev,noexec,relatime - proc", "nodev,noexec,relatime - proc" },
		{ "noexec,relatime - proc", "noexec,relatime - tmpfs" },
		{ "noexec,relatime - proc", "noexec,relatime shared:9 - proc" },
		{ "/v ro,nosuid,noatime master:5", "/v rw,nosuid,noatime master:5" },
		{ "/v ro,nosuid,noatime master:5", "/v ro,nosuid,relatime master:5" },
		{ "/v ro,nosuid,noatime master:5", "/v ro,nosuid,noatime shared:5" },
		{ "/v ro,nosuid,noatime master:5", "/v ro,nosuid,noatime unbindable" },
		{ "/v/sub ro", "/v/sub rw" },					/* rro */
		{ "/proc/sys ro", "/proc/sys rw" }, { "/proc/kcore ro", "/proc/kcore rw" },
		{ "/m rw,relatime,idmapped", "/m rw,relatime" }, { "/m rw,relatime,idmapped", "/m ro,relatime,idmapped" },
		{ "24 21 0:30", "27 21 0:30" }, { "25 21", "28 21" }, { "26 20", "29 19" }, { "21 20", "30 20" },	/* somebody else's */
		{ "20 19", "31 19" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct world *w = world();

		swap(w, lies[i].from, lies[i].to);
		if (verify(w) == 0)
			fail_msg("%s -> %s is not noticed", lies[i].from, lies[i].to);
	}
}

static void what_is_not_mounted_must_not_be_there(void **state)
{
	struct world *w = world();

	(void)state;
	w->missing_is_there = true;
	assert_int_equal(verify(w), 1);
	w = world();
	w->other_device = true;
	assert_int_equal(verify(w), 1);
}

static void strangers_come_with_hooks_only(void **state)
{
	struct world *w = world();

	(void)state;
	swap(w, "26 20", "40 21 0:50 / /proc/x rw - tmpfs none rw\n26 20");
	assert_int_equal(verify(w), 1);
	w->plan.strangers = true;
	assert_int_equal(verify(w), 0);
	w = world();
	swap(w, "26 20", "40 23 0:50 / /v/sub/x ro - tmpfs none rw\n26 20");	/* of the copied tree */
	assert_int_equal(verify(w), 0);
}

/* A slave whose master is private is private; a user namespace's copy is never a peer of the host's. */
static void propagation_may_be_less(void **state)
{
	struct world *w = world();

	(void)state;
	swap(w, "/v ro,nosuid,noatime master:5", "/v ro,nosuid,noatime");
	assert_int_equal(verify(w), 0);
}

static void a_container_may_have_many_mounts(void **state)
{
	struct world *w = world();
	size_t n = strlen(w->text);

	(void)state;
	for (unsigned id = 100; n + 60 < sizeof(w->text); id++)
		n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "%u 23 0:50 / /v/sub/%u ro - tmpfs none rw\n", id, id);
	assert_int_equal(verify(w), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_asked_for_is_right),
		cmocka_unit_test(every_difference_is_noticed),
		cmocka_unit_test(what_is_not_mounted_must_not_be_there),
		cmocka_unit_test(strangers_come_with_hooks_only),
		cmocka_unit_test(propagation_may_be_less),
		cmocka_unit_test(a_container_may_have_many_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
