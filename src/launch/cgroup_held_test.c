/* A cgroup that something runs in: frozen, measured, changed, emptied; on a model, and when any call goes wrong. */
#include "cgroup_held.h"
#include "../../tests/fake/cgroupfs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define LEAF "/casemate/web"

struct world {
	struct cgroupfs fs;
	struct sys sys;
	int dir;
	char noted[200];
	struct err e;
};

static struct world *world(void)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	cgroupfs_reset(&w.fs, "cpuset cpu io memory pids", "/system.slice/sshd.service");
	w.sys = cgroupfs_gate(&w.fs);
	cgroupfs_mkdir(&w.fs, "/casemate");
	cgroupfs_enable(&w.fs, "/casemate", "+cpuset +cpu +io +memory +pids");
	cgroupfs_mkdir(&w.fs, LEAF);
	cgroupfs_join(&w.fs, 200, LEAF);
	cgroupfs_join(&w.fs, 201, LEAF);
	w.dir = cgroup_hold(&w.sys, LEAF);
	assert_true(w.dir >= 0);
	return &w;
}

static void is(struct world *w, const char *file, const char *want)
{
	assert_string_equal(cgroupfs_text(&w->fs, LEAF, file), want);
}

static void put(struct world *w, const char *file, const char *text)
{
	char path[192];

	snprintf(path, sizeof(path), "/sys/fs/cgroup" LEAF "/%s", file);
	cgroupfs_add(&w->fs, path, text);
}

/* --- the freezer --- */

static void a_frozen_one_goes_on_again(void **s)
{
	struct world *w = world();

	(void)s;
	assert_int_equal(cgroup_is_frozen(&w->sys, w->dir), 0);
	assert_int_equal(cgroup_freeze(&w->sys, w->dir, true, &w->e), 0);
	assert_int_equal(cgroup_is_frozen(&w->sys, w->dir), 1);
	assert_int_equal(cgroup_freeze(&w->sys, w->dir, false, &w->e), 0);
	assert_int_equal(cgroup_is_frozen(&w->sys, w->dir), 0);
}

static void what_cannot_be_frozen_runs_on(void **s)
{
	struct world *w = world();

	(void)s;
	w->fs.unfreezable = true;
	assert_int_equal(cgroup_freeze(&w->sys, w->dir, true, &w->e), -1);
	assert_non_null(strstr(w->e.hint, "state D"));
	is(w, "cgroup.freeze", "0");
}

static void a_kernel_without_a_freezer_is_an_error(void **s)
{
	struct world *w = world();

	(void)s;
	cgroupfs_find(&w->fs, "/sys/fs/cgroup" LEAF "/cgroup.freeze")->path[0] = '\0';
	assert_int_equal(cgroup_freeze(&w->sys, w->dir, true, &w->e), -1);
	assert_int_equal(w->e.sys, ENOENT);
}

/* --- its end --- */

static void all_of_it_goes(void **s)
{
	struct world *w = world();

	(void)s;
	cgroupfs_mkdir(&w->fs, LEAF "/a");
	cgroupfs_mkdir(&w->fs, LEAF "/a/b");
	cgroupfs_join(&w->fs, 202, LEAF "/a/b");
	assert_int_equal(cgroup_freeze(&w->sys, w->dir, true, &w->e), 0);
	assert_int_equal(cgroup_remove(&w->sys, LEAF, &w->e), -1);	/* kills nobody */
	assert_int_equal(w->e.sys, EBUSY);
	assert_int_equal(cgroup_await_empty(&w->sys, w->dir, 0), 0);
	assert_int_equal(cgroup_empty(&w->sys, w->dir), 0);
	assert_int_equal(cgroup_await_empty(&w->sys, w->dir, 0), 1);
	assert_int_equal(cgroup_remove(&w->sys, LEAF, &w->e), 0);
	assert_null(cgroupfs_find(&w->fs, "/sys/fs/cgroup" LEAF));
	assert_non_null(cgroupfs_find(&w->fs, "/sys/fs/cgroup/casemate"));
	assert_int_equal(cgroup_remove(&w->sys, LEAF, &w->e), 0);	/* gone is gone */
	assert_int_equal(cgroupfs_open_fds(&w->fs), 1);
}

static void who_does_not_end_keeps_it(void **s)
{
	struct world *w = world();

	(void)s;
	w->fs.proc[1].undying = true;
	assert_int_equal(cgroup_empty(&w->sys, w->dir), -EBUSY);
	assert_non_null(cgroupfs_find(&w->fs, "/sys/fs/cgroup" LEAF));
	is(w, "cgroup.freeze", "0");
}

/* cgroup.kill does not reach it. */
static void a_process_without_its_first_thread_goes_too(void **s)
{
	struct world *w = world();

	(void)s;
	w->fs.proc[1].leaderless = true;
	assert_int_equal(cgroup_empty(&w->sys, w->dir), 0);
	is(w, "cgroup.freeze", "0");
}

static void every_process_is_found(void **s)
{
	struct world *w = world();
	pid_t *pids = NULL, sum = 0;
	ssize_t n;

	(void)s;
	cgroupfs_mkdir(&w->fs, LEAF "/a");
	for (int pid = 300; pid < 340; pid++)
		cgroupfs_join(&w->fs, pid, LEAF "/a");
	n = cgroup_processes(&w->sys, w->dir, &pids);
	for (ssize_t i = 0; i < n; i++)
		sum += pids[i];
	free(pids);
	assert_int_equal(n, 42);
	assert_int_equal(sum, 200 + 201 + 40 * 300 + 39 * 20);
	assert_int_equal(cgroupfs_open_fds(&w->fs), 1);
}

static int one_ends_and_its_number_is_given_out_again(struct cgroupfs *f, long nr, const char *path)
{
	(void)path;
	if (nr == SYS_pidfd_open)
		cgroupfs_join(f, 201, "/system.slice/sshd.service");
	return 0;
}

static int one_ends(struct cgroupfs *f, long nr, const char *path)
{
	(void)path;
	if (nr == SYS_pidfd_open)
		f->proc[2].pid = 0;
	return 0;
}

static int one_ends_last(struct cgroupfs *f, long nr, const char *path)
{
	(void)path;
	if (nr == SYS_pidfd_send_signal)
		f->proc[1].pid = 0;
	return 0;
}

static int none_can_be_opened(struct cgroupfs *f, long nr, const char *path)
{
	(void)f;
	(void)path;
	return nr == SYS_pidfd_open ? -EMFILE : 0;
}

static int none_can_be_signalled(struct cgroupfs *f, long nr, const char *path)
{
	(void)f;
	(void)path;
	return nr == SYS_pidfd_send_signal ? -EPERM : 0;
}

static void a_signal_that_nobody_got_is_no_success(void **s)
{
	static int (*const ends[])(struct cgroupfs *, long, const char *) = { one_ends, one_ends_last };
	struct world *w;
	unsigned n = 0;
	ssize_t got;

	(void)s;
	for (size_t i = 0; i < COUNT(ends); i++) {
		w = world();
		w->fs.before = ends[i];
		assert_int_equal(cgroup_signal(&w->sys, w->dir, 1), 1);
	}
	w = world();
	w->fs.before = none_can_be_opened;
	assert_int_equal(cgroup_signal(&w->sys, w->dir, 1), -EMFILE);
	w->fs.before = none_can_be_signalled;
	assert_int_equal(cgroup_signal(&w->sys, w->dir, 1), -EPERM);
	/* Whatever fails: as many as are told of, or an error. */
	do {
		w = world();
		w->fs.how = CGROUPFS_FAIL;
		w->fs.nth = ++n;
		got = cgroup_signal(&w->sys, w->dir, 1);
		assert_int_equal(got, w->fs.n_signalled ? (ssize_t)w->fs.n_signalled : -EIO);
		assert_int_equal(cgroupfs_open_fds(&w->fs), 1);
	} while (w->fs.calls >= n);
	assert_int_equal(w->fs.n_signalled, 2);
	assert_true(n > 8);
}

static void only_its_own_are_signalled(void **s)
{
	struct world *w = world();

	(void)s;
	cgroupfs_join(&w->fs, 300, LEAF);
	assert_int_equal(cgroup_signal(&w->sys, w->dir, 1), 3);
	assert_int_equal(w->fs.n_signalled, 3);
	w->fs.n_signalled = 0;
	w->fs.before = one_ends_and_its_number_is_given_out_again;
	assert_int_equal(cgroup_signal(&w->sys, w->dir, 1), 2);
	assert_int_equal(w->fs.n_signalled, 2);
	assert_int_equal(w->fs.signalled[0], 200);
	assert_int_equal(w->fs.signalled[1], 300);
	assert_int_equal(cgroupfs_open_fds(&w->fs), 1);
	/* However many there are, few descriptors are open at once. */
	w = world();
	for (int pid = 300; pid < 361; pid++)
		cgroupfs_join(&w->fs, pid, LEAF);
	assert_int_equal(cgroup_signal(&w->sys, w->dir, 1), 63);
	assert_int_equal(w->fs.signalled[62], 360);
}

/* --- numbers --- */

static void numbers_are_the_files(void **s)
{
	struct world *w = world();
	struct cgroup_stats st;

	(void)s;
	put(w, "memory.current", "8192");
	put(w, "memory.stat", "anon 1\nfile 2\nkernel_stack 3\ninactive_file 4\nkernel 5");
	put(w, "memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 5");
	put(w, "cpu.stat", "usage_usec 10\nuser_usec 7\nsystem_usec 3\nnr_periods 5\nnr_throttled 2\nthrottled_usec 9");
	put(w, "pids.max", "32");
	put(w, "io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n8:16 rbytes=7 wbytes=8 rios=9 wios=10 dbytes=0 dios=0");
	put(w, "memory.pressure", "some avg10=1.50 avg60=0.05 avg300=12.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=4");
	assert_int_equal(cgroup_stats(&w->sys, w->dir, &st), 0);
	assert_int_equal(st.memory.current, 8192);
	assert_true(st.memory.max == CGROUP_NONE);
	assert_int_equal(st.memory.file, 2);
	assert_int_equal(st.memory.kernel_stack, 3);
	assert_int_equal(st.memory.kernel, 5);
	assert_int_equal(st.memory.events.oom_kill, 4);
	assert_int_equal(st.cpu.throttled_usec, 9);
	assert_int_equal(st.pids.max, 32);
	assert_int_equal(st.n_disks, 2);
	assert_int_equal(st.disk[0].wbytes, 2);
	assert_int_equal(st.disk[1].minor, 16);
	assert_int_equal(st.disk[1].rios, 9);
	assert_int_equal(st.pressure[USES_MEMORY].some.avg10, 150);
	assert_int_equal(st.pressure[USES_MEMORY].some.avg60, 5);
	assert_int_equal(st.pressure[USES_MEMORY].full.total, 4);
	assert_true(st.pressure[USES_CPU].some.total == CGROUP_NONE);
	assert_false(st.frozen);
}

static void a_controller_that_is_not_there_counts_nothing(void **s)
{
	struct world *w = world();
	struct cgroup_stats st;

	(void)s;
	cgroupfs_mkdir(&w->fs, "/bare");
	cgroupfs_mkdir(&w->fs, "/bare/one");
	w->dir = cgroup_hold(&w->sys, "/bare/one");
	assert_int_equal(cgroup_stats(&w->sys, w->dir, &st), 0);
	assert_true(st.memory.current == CGROUP_NONE && st.pids.refused == CGROUP_NONE);
	assert_int_equal(st.cpu.usage, 7000);	/* every cgroup's */
}

/* --- other limits --- */

static void remember(void *ctx, const char *text)
{
	snprintf(ctx, 200, "%s", text);
}

#define MEMORY(text) { "memory.max", text, "/limits/memory", .control = CONTROL_memory }
#define SWAP(text) { "memory.swap.max", text, "/limits/swap", .control = CONTROL_memory }
#define PIDS(text) { "pids.max", text, "/limits/pids", .control = CONTROL_pids }
#define CPUSET(text) { "cpuset.cpus", text, "/limits/cpuset", .control = CONTROL_cpuset, .form = LIMIT_SET }

static const struct limit before[] = { MEMORY("65536"), SWAP("0"), PIDS("32"), CPUSET("1") };
static const struct plan old = { .limits = before, .n_limits = COUNT(before) };

static struct world *limited(void)
{
	struct world *w = world();

	for (size_t i = 0; i < COUNT(before); i++)
		assert_int_equal(sys_write_file(&w->sys, w->dir, before[i].file, before[i].text), 0);
	put(w, "pids.current", "12");
	return w;
}

static int update(struct world *w, const struct limit *limits, size_t n)
{
	const struct plan new = { .limits = limits, .n_limits = n };

	return cgroup_update(&w->sys, w->dir, &old, &new, remember, w->noted, &w->e);
}

static void every_new_value_is_written(void **s)
{
	const struct limit after[] = { MEMORY("131072"), SWAP("0"), PIDS("64"), CPUSET("1-2") };
	struct world *w = limited();

	(void)s;
	assert_int_equal(update(w, after, COUNT(after)), 0);
	is(w, "memory.max", "131072");
	is(w, "pids.max", "64");
	is(w, "cpuset.cpus", "1-2");
	assert_string_equal(w->noted, "");
}

/* As one that was killed before it had told of its new values leaves it. */
static void what_the_kernel_has_counts_and_not_what_it_was_told(void **s)
{
	struct world *w = limited();

	(void)s;
	put(w, "pids.max", "1000");
	assert_int_equal(update(w, before, COUNT(before)), 0);
	is(w, "pids.max", "32");
}

/* Nothing was limited with it when the container was started. */
static void a_controller_is_handed_down_for_its_first_limit(void **s)
{
	const struct limit after[] = { MEMORY("131072"), PIDS("64"), CPUSET("1-2") };
	struct world *w = world();

	(void)s;
	cgroupfs_mkdir(&w->fs, "/bare");
	cgroupfs_mkdir(&w->fs, "/bare/one");
	w->dir = cgroup_hold(&w->sys, "/bare/one");
	assert_int_equal(update(w, after, COUNT(after)), 0);
	assert_string_equal(cgroupfs_text(&w->fs, "/bare", "cgroup.subtree_control"), "memory pids cpuset");
	assert_string_equal(cgroupfs_text(&w->fs, "/bare/one", "cpuset.cpus"), "1-2");
	assert_string_equal(cgroupfs_text(&w->fs, "", "cgroup.subtree_control"), "cpuset cpu io memory pids");
}

static void a_limit_that_is_gone_is_none(void **s)
{
	struct world *w = limited();

	(void)s;
	assert_int_equal(update(w, before, 3), 0);
	is(w, "cpuset.cpus", "0-3");
	is(w, "pids.max", "32");
}

static void memory_is_reclaimed_before_it_is_limited(void **s)
{
	const struct limit after[] = { MEMORY("32768"), SWAP("0"), PIDS("32"), CPUSET("1") };
	struct world *w = limited();

	(void)s;
	put(w, "memory.current", "61440");
	w->fs.unreclaimable = 20480;
	assert_int_equal(update(w, after, COUNT(after)), 0);
	is(w, "memory.current", "32768");
	is(w, "memory.high", "max");	/* as it was */
	is(w, "memory.max", "32768");
}

static void nobody_is_killed_for_a_limit(void **s)
{
	const struct limit after[] = { PIDS("8"), MEMORY("32768"), SWAP("0"), CPUSET("1") };
	struct world *w = limited();

	(void)s;
	put(w, "memory.current", "61440");
	w->fs.unreclaimable = 40960;
	assert_int_equal(update(w, after, COUNT(after)), -1);
	assert_string_equal(w->e.path, "/limits/memory");
	assert_non_null(strstr(w->e.msg, "40960 bytes are in use"));
	is(w, "memory.max", "65536");
	is(w, "memory.high", "max");
	is(w, "pids.max", "32");	/* all or nothing */
}

static void fewer_processes_than_there_are_is_noted(void **s)
{
	const struct limit after[] = { MEMORY("65536"), SWAP("0"), PIDS("8"), CPUSET("1") };
	struct world *w = limited();

	(void)s;
	assert_int_equal(update(w, after, COUNT(after)), 0);
	is(w, "pids.max", "8");
	assert_non_null(strstr(w->noted, "no more than 8"));
}

/* Whatever fails: no success without all of the new values, and no failure but with all of the old. One call goes wrong, so
 * the way back works, unless it is that one. */
static void every_failure_goes_back(void **s)
{
	const struct limit after[] = { MEMORY("32768"), SWAP("4096"), PIDS("8"), CPUSET("2") };
	unsigned total, refused = 0;
	struct world *w = limited();

	(void)s;
	put(w, "memory.current", "61440");
	w->fs.how = CGROUPFS_FAIL;
	assert_int_equal(update(w, after, COUNT(after)), 0);
	total = w->fs.calls;
	for (unsigned n = 1; n <= total; n++) {
		const struct limit *want = after;

		w = limited();
		put(w, "memory.current", "61440");
		w->fs.how = CGROUPFS_FAIL;
		w->fs.nth = n;
		if (update(w, after, COUNT(after)) < 0) {
			assert_true(w->e.msg[0]);
			want = before;
			refused++;
		}
		for (size_t i = 0; i < COUNT(after); i++)
			is(w, want[i].file, want[i].text);
	}
	assert_true(refused >= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frozen_one_goes_on_again),
		cmocka_unit_test(what_cannot_be_frozen_runs_on),
		cmocka_unit_test(a_kernel_without_a_freezer_is_an_error),
		cmocka_unit_test(all_of_it_goes),
		cmocka_unit_test(who_does_not_end_keeps_it),
		cmocka_unit_test(a_process_without_its_first_thread_goes_too),
		cmocka_unit_test(every_process_is_found),
		cmocka_unit_test(only_its_own_are_signalled),
		cmocka_unit_test(a_signal_that_nobody_got_is_no_success),
		cmocka_unit_test(numbers_are_the_files),
		cmocka_unit_test(a_controller_that_is_not_there_counts_nothing),
		cmocka_unit_test(every_new_value_is_written),
		cmocka_unit_test(what_the_kernel_has_counts_and_not_what_it_was_told),
		cmocka_unit_test(a_controller_is_handed_down_for_its_first_limit),
		cmocka_unit_test(a_limit_that_is_gone_is_none),
		cmocka_unit_test(memory_is_reclaimed_before_it_is_limited),
		cmocka_unit_test(nobody_is_killed_for_a_limit),
		cmocka_unit_test(fewer_processes_than_there_are_is_noted),
		cmocka_unit_test(every_failure_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
