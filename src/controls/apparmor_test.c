/* apparmor_test.c - the words said to AppArmor and what is made of the answers, on a model of its files
 * (Documentation/admin-guide/LSM/apparmor.rst, security/apparmor/lsm.c); and whatever kernel is here. */
#include "apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <cmocka.h>

/* A kernel with two profiles: casemate-default (enforce) and lax (complain). */
struct kernel {
	bool built, enabled, covered;	/* covered: something lies over the attribute files */
	bool deaf;			/* says yes and does nothing */
	const char *current;		/* the caller's label as the kernel prints it */
	char now[128], onexec[128];
	char said[4][64];
	size_t n_said;
	int open[32];			/* by fd: which file */
	size_t fds;
};
enum { FD_FIRST = 1000 };	/* out of the way of real ones: close_fd() closes for real */
enum { FILE_NONE, FILE_CURRENT, FILE_EXEC, FILE_ENABLED };

static long open_file(struct kernel *k, const char *path)
{
	int file = strstr(path, "/current") ? FILE_CURRENT : strstr(path, "/exec") ? FILE_EXEC : FILE_ENABLED;

	if (!k->built)
		return -ENOENT;
	assert_true(k->fds < COUNT(k->open));
	k->open[k->fds] = file;
	return FD_FIRST + (long)k->fds++;
}

static long answer(char *buf, const char *text)
{
	strcpy(buf, text);
	return (long)strlen(text);
}

static const char *mode_of(const char *profile)
{
	if (strcmp(profile, "casemate-default") == 0)
		return "enforce";
	return strcmp(profile, "lax") == 0 ? "complain" : NULL;
}

static long hear(struct kernel *k, int file, const char *words, size_t len)
{
	char verb[32], name[64], text[64];
	const char *mode;

	snprintf(text, sizeof(text), "%.*s", (int)len, words);
	assert_int_equal(sscanf(text, "%31s %63s", verb, name), 2);
	memcpy(k->said[k->n_said++], text, sizeof(text));
	mode = mode_of(name);
	if (!k->enabled)
		return -EINVAL;	/* as Linux 6.12 booted with apparmor=0: there is no switching it off under a running test */
	if (!mode)
		return -ENOENT;
	if (strcmp(verb, "stack") != 0 && strcmp(k->current, "unconfined\n") != 0)
		return -EACCES;
	if (k->deaf || strcmp(verb, "permprofile") == 0)
		return (long)len;
	if (file == FILE_EXEC)
		snprintf(k->onexec, sizeof(k->onexec), "%s (%s)\n", name, mode);
	else if (strcmp(verb, "stack") == 0)
		snprintf(k->now, sizeof(k->now), "%s//&%s", name, k->current);
	else
		snprintf(k->now, sizeof(k->now), "%s (%s)\n", name, mode);
	return (long)len;
}

static long model(void *ctx, long nr, const unsigned long a[6])
{
	struct kernel *k = ctx;
	int *file = a[0] - FD_FIRST < COUNT(k->open) ? &k->open[a[0] - FD_FIRST] : NULL, was;

	if (!file && (nr == SYS_read || nr == SYS_write))
		return -EBADF;
	switch (nr) {
	case SYS_openat:
	case SYS_openat2:
		return open_file(k, (const char *)a[1]);
	case SYS_fstatfs:
		((struct statfs *)a[1])->f_type = k->covered ? TMPFS_MAGIC : PROC_SUPER_MAGIC;
		return 0;
	case SYS_write:
		return hear(k, *file, (const char *)a[1], a[2]);
	case SYS_read:
		was = *file;
		*file = FILE_NONE;	/* then the end of the file */
		return was == FILE_NONE ? 0 : was == FILE_EXEC ? answer((char *)a[1], k->onexec) :
		       was == FILE_ENABLED ? answer((char *)a[1], k->enabled ? "Y\n" : "N\n") :
		       answer((char *)a[1], k->now[0] ? k->now : k->current);
	case SYS_close:
		return 0;
	default:
		return -ENOSYS;
	}
}

static const struct kernel usual = { .built = true, .enabled = true, .current = "unconfined\n" };

struct run {
	struct kernel k;
	struct sys sys;
	struct plan plan;
	struct launch l;
	struct err e;
};

static void start(struct run *r, const struct kernel *k, const char *profile, bool init)
{
	memset(r, 0, sizeof(*r));
	r->k = *k;
	r->sys = (struct sys){ model, &r->k };
	r->plan = (struct plan){ .apparmor = profile, .init = init };
	r->l = (struct launch){ .plan = &r->plan, .sys = &r->sys, .proc = 30, .apparmor = -1 };
}

static void the_workload_gets_the_profile_at_exec(void **s)
{
	struct run r;

	(void)s;
	start(&r, &usual, "casemate-default", false);
	assert_int_equal(apparmor_check_host(&r.l, &r.e), 0);
	assert_int_equal(apparmor_apply(&r.l, &r.e), 0);
	assert_string_equal(r.k.said[0], "permprofile casemate-default");
	assert_string_equal(r.k.said[1], "exec casemate-default");
	assert_int_equal(r.k.n_said, 2);
	assert_int_equal(r.l.apparmor, -1);
}

static void pid_1_changes_at_once(void **s)
{
	struct run r;

	(void)s;
	start(&r, &usual, "casemate-default", true);
	assert_int_equal(apparmor_apply(&r.l, &r.e), 0);
	assert_int_not_equal(r.l.apparmor, -1);
	assert_int_equal(apparmor_init_apply(&r.l, &r.e), 0);
	assert_string_equal(r.k.said[1], "changeprofile casemate-default");
	assert_string_equal(r.k.now, "casemate-default (enforce)\n");
}

static void a_confined_launcher_stacks(void **s)
{
	struct kernel confined = usual;
	struct run r;

	(void)s;
	confined.current = "outer (enforce)\n";
	start(&r, &confined, "casemate-default", true);
	assert_int_equal(apparmor_check_host(&r.l, &r.e), 0);	/* EACCES there is no answer */
	assert_int_equal(apparmor_apply(&r.l, &r.e), 0);
	assert_int_equal(apparmor_init_apply(&r.l, &r.e), 0);
	assert_string_equal(r.k.said[1], "stack casemate-default");
	assert_string_equal(r.k.said[2], "stack casemate-default");
	assert_string_equal(r.k.now, "casemate-default//&outer (enforce)\n");
	/* A profile in "unconfined" mode confines nothing, so there is nothing to keep. */
	confined.current = "harmless (unconfined)\n";
	start(&r, &confined, "casemate-default", false);
	(void)!apparmor_apply(&r.l, &r.e);
	assert_string_equal(r.k.said[0], "exec casemate-default");
}

static void refuses_a_host_that_cannot(void **s)
{
	static const struct { bool built, enabled; const char *profile, *msg, *hint; } rows[] = {
		{ false, false, "casemate-default", "has no AppArmor", "--without apparmor" },
		{ true, false, "casemate-default", "switched off", "apparmor=1" },
		{ true, true, "absent", "\"absent\" is not loaded", "apparmor_parser -r" },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kernel k = usual;
		struct run r;

		k.built = rows[i].built;
		k.enabled = rows[i].enabled;
		start(&r, &k, rows[i].profile, false);
		assert_int_equal(apparmor_check_host(&r.l, &r.e), -1);
		assert_int_equal(r.e.kind, ERR_HOST);
		assert_non_null(strstr(r.e.msg, rows[i].msg));
		assert_non_null(strstr(r.e.hint, rows[i].hint));
		assert_string_equal(r.e.path, "/apparmor");
		assert_int_equal(apparmor_apply(&r.l, &(struct err){ 0 }), -1);
	}
}

static void refuses_complain_mode(void **s)
{
	struct run r;

	(void)s;
	start(&r, &usual, "lax", false);
	assert_int_equal(apparmor_apply(&r.l, &r.e), -1);
	assert_int_equal(r.e.kind, ERR_HOST);
	assert_non_null(strstr(r.e.msg, "complain mode"));
}

static void a_denial_is_blamed_on_the_launchers_own_profile(void **s)
{
	static const struct { const char *current; int sys; const char *hint, *want; } rows[] = {
		{ "web (enforce)\n", EACCES, NULL, "AppArmor profile \"web\"" },
		{ "web (enforce)\n", EPERM, NULL, "AppArmor profile \"web\"" },
		{ "web (enforce)\n", ENOENT, NULL, NULL },
		{ "web (enforce)\n", EACCES, "chmod it", "chmod it" },
		{ "unconfined\n", EACCES, NULL, NULL },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kernel k = usual;
		struct run r;

		k.current = rows[i].current;
		start(&r, &k, "casemate-default", false);
		err_set(&r.e, ERR_LAUNCH, rows[i].sys, rows[i].hint, "cannot attach");
		apparmor_blame(&r.sys, &r.e);
		if (rows[i].want)
			assert_non_null(strstr(r.e.hint, rows[i].want));
		else
			assert_string_equal(r.e.hint, "");
		assert_string_equal(r.e.msg, "cannot attach");
	}
}

static void notices_a_false_proc_and_a_lie(void **s)
{
	struct kernel k = usual;
	struct run r;

	(void)s;
	k.covered = true;
	start(&r, &k, "casemate-default", false);
	assert_int_equal(apparmor_apply(&r.l, &r.e), -1);
	assert_int_equal(r.e.sys, EXDEV);
	assert_int_equal(r.k.n_said, 0);
	k = usual;
	k.deaf = true;
	start(&r, &k, "casemate-default", true);
	assert_int_equal(apparmor_apply(&r.l, &r.e), -1);
	start(&r, &usual, "casemate-default", true);
	assert_int_equal(apparmor_apply(&r.l, &r.e), 0);
	r.k.deaf = true;
	assert_int_equal(apparmor_init_apply(&r.l, &r.e), -1);
	assert_non_null(strstr(r.e.msg, "is unconfined, not"));
}

static void verifies_from_outside(void **s)
{
	static const struct { const char *label; int ret; } rows[] = {
		{ "casemate-default (enforce)\n", 0 },
		{ "casemate-default (kill)\n", 0 },
		{ "casemate-default//&outer (enforce)\n", 0 },
		{ "inner//&casemate-default//&outer (enforce)\n", 0 },
		{ "casemate-default (complain)\n", -1 },
		{ "casemate-default//&outer (mixed)\n", -1 },
		{ "casemate-default-2 (enforce)\n", -1 },
		{ "my-casemate-default (enforce)\n", -1 },
		{ "outer//&casemate-default-2 (enforce)\n", -1 },
		{ "casemate-default//child (enforce)\n", -1 },
		{ "unconfined\n", -1 },
		{ "\n", -1 },
		{ "", -1 },
	};

	(void)s;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kernel k = usual;
		char value[VALUE_MAX];
		struct run r;
		struct target t = { .proc = 30 };

		k.current = rows[i].label;
		start(&r, &k, "casemate-default", false);
		t.sys = &r.sys;
		if (control_apparmor.verify(&r.plan, &t, value, &r.e) != rows[i].ret)
			fail_msg("%s", rows[i].label);
		assert_int_equal(strncmp(value, rows[i].label, strcspn(rows[i].label, "\n")), 0);
		assert_int_equal(r.e.kind != ERR_NONE, rows[i].ret != 0);
	}
}

static void waived_leaves_no_profile(void **s)
{
	struct policy p = { .apparmor = "casemate-default" };
	struct plan plan = { .without = CONTROL_BIT(CONTROL_apparmor) };
	struct err e = { 0 };

	(void)s;
	assert_int_equal(control_apparmor.prepare(&p, &plan, NULL, &e), 0);
	assert_null(plan.apparmor);
	plan.without = 0;
	assert_int_equal(control_apparmor.prepare(&p, &plan, NULL, &e), 0);
	assert_string_equal(plan.apparmor, "casemate-default");
}

static void note(void *ctx, const struct finding *f)
{
	strcat(strcat(ctx, f->pointer), " ");
}

static void warns_of_what_the_profile_takes_away(void **s)
{
	char found[64] = "";
	struct findings f = { note, found };
	struct policy p = { .apparmor = "casemate-default", .init = true };

	(void)s;
	p.capabilities = apparmor_default_caps;
	control_apparmor.check(&p, &f);
	assert_string_equal(found, "");
	p.capabilities |= 1 << 21;	/* CAP_SYS_ADMIN */
	control_apparmor.check(&p, &f);
	assert_string_equal(found, "/apparmor ");
	p.apparmor = "casemate-web";
	control_apparmor.check(&p, &f);
	assert_string_equal(found, "/apparmor ");
}

/* Where AppArmor runs and knows nothing of this name, that is said; where it does not, that is. */
static void says_the_truth_about_this_kernel(void **s)
{
	struct plan plan = { .apparmor = "no-such-profile-here" };
	struct launch l = { .plan = &plan, .sys = &sys_kernel };
	const char *file = "/sys/module/apparmor/parameters/enabled";
	char enabled[8] = "";
	struct err e = { 0 };

	(void)s;
	(void)!sys_read_file(&sys_kernel, AT_FDCWD, file, enabled, sizeof(enabled));
	assert_int_equal(apparmor_check_host(&l, &e), -1);
	assert_int_equal(e.kind, ERR_HOST);
	assert_non_null(strstr(e.msg, enabled[0] == 'Y' ? "is not loaded" : "AppArmor"));
	assert_int_equal(strstr(e.msg, "is not loaded") != NULL, enabled[0] == 'Y');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_workload_gets_the_profile_at_exec),
		cmocka_unit_test(pid_1_changes_at_once),
		cmocka_unit_test(a_confined_launcher_stacks),
		cmocka_unit_test(refuses_a_host_that_cannot),
		cmocka_unit_test(refuses_complain_mode),
		cmocka_unit_test(a_denial_is_blamed_on_the_launchers_own_profile),
		cmocka_unit_test(notices_a_false_proc_and_a_lie),
		cmocka_unit_test(verifies_from_outside),
		cmocka_unit_test(waived_leaves_no_profile),
		cmocka_unit_test(warns_of_what_the_profile_takes_away),
		cmocka_unit_test(says_the_truth_about_this_kernel),
	};

	return cmocka_run_group_tests_name("apparmor", tests, NULL, NULL);
}
