/* base_test.c - errors, arenas, /proc text, and text for a terminal. */
#include "arena.h"
#include "cgroup2.h"
#include "cleanup.h"
#include "err.h"
#include "journal.h"
#include "print.h"
#include "procfs.h"
#include "sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void an_error_keeps_its_first_place(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, ERR_HOST, -ENOENT, "do this", "cannot %s", "that"), -1);
	assert_int_equal(err_at(&e, "/mounts/%d", 3), -1);
	(void)err_at(&e, "/elsewhere");
	(void)err_step(&e, "first");
	(void)err_step(&e, "second");
	assert_int_equal(e.sys, ENOENT);
	assert_string_equal(e.path, "/mounts/3");
	assert_string_equal(e.step, "first");
	assert_string_equal(e.msg, "cannot that");
	assert_string_equal(e.hint, "do this");
}

static void exit_codes_are_dockers(void **state)
{
	const struct { enum err_kind kind; int sys, code; } rows[] = {
		{ ERR_USAGE, 0, 125 }, { ERR_POLICY, 0, 125 }, { ERR_HOST, EPERM, 125 }, { ERR_LAUNCH, 0, 125 },
		{ ERR_EXEC, ENOENT, 127 }, { ERR_EXEC, ENOTDIR, 127 }, { ERR_EXEC, EACCES, 126 }, { ERR_EXEC, ENOEXEC, 126 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct err e = { .kind = rows[i].kind, .sys = rows[i].sys };

		assert_int_equal(err_exit_code(&e), rows[i].code);
	}
}

static void long_text_is_cut_not_overrun(void **state)
{
	char text[600];
	struct err e = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&e, ERR_POLICY, 0, text, "%s", text);
	(void)err_at(&e, "%s", text);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(strlen(e.hint), sizeof(e.hint) - 1);
	assert_int_equal(strlen(e.path), sizeof(e.path) - 1);
}

static void an_arena_is_aligned_zeroed_and_bounded(void **state)
{
	struct arena a;
	volatile size_t huge = SIZE_MAX;
	char *p, *q;

	(void)state;
	assert_int_equal(arena_init(&a, 4096), 0);
	p = arena_alloc(&a, 3);
	q = arena_alloc(&a, 40);
	assert_true(p && q && ((uintptr_t)q & 15) == 0);
	for (int i = 0; i < 40; i++)
		assert_int_equal(q[i], 0);
	assert_null(arena_alloc(&a, 5000));
	assert_null(arena_alloc(&a, huge));
	assert_string_equal(arena_printf(&a, "%s-%d", "a", 7), "a-7");
	assert_string_equal(arena_strndup(&a, "hello", 4), "hell");
	arena_free(&a);
	assert_null(a.base);
}

static void a_sealed_arena_cannot_be_written(void **state)
{
	struct arena a;
	volatile char *p;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(arena_init(&a, 4096), 0);
	p = arena_alloc(&a, 1);
	assert_int_equal(arena_seal(&a), 0);
	pid = fork();
	if (pid == 0) {
		close(STDERR_FILENO);	/* a sanitizer would tell of it at length */
		*p = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	arena_free(&a);
}

static void status_fields(void **state)
{
	static const char status[] = "Name:\tUid:\nUid:\t1\t2\t3\t4\nCapBnd:\t00000000000000ff\nGroups:\t \nNoNewPrivs:\t1\n";
	uint64_t v[4] = { 0 }, caps = 0;

	(void)state;
	assert_int_equal(proc_numbers(status, "Uid", v, 4), 4);
	assert_int_equal(v[3], 4);
	assert_int_equal(proc_hex(status, "CapBnd", &caps), 0);
	assert_int_equal(caps, 0xff);
	assert_int_equal(proc_numbers(status, "Groups", v, 4), 0);
	assert_int_equal(proc_numbers(status, "Missing", v, 4), -EIO);
	assert_int_equal(proc_hex(status, "Name", &caps), -EIO);
}

static void a_process_lives_as_long_as_one_of_its_threads(void **state)
{
	static const struct { char letter; int threads; bool alive; } rows[] = {
		{ 'S', 1, true }, { 'R', 3, true }, { 'Z', 2, true }, { 'Z', 1, false }, { 'X', 0, false }, { 'D', 1, true } };
	unsigned long long since = 0;
	char stat[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(stat, sizeof(stat), "7 (a ) Z 1) %c 1 7 7 0 -1 4194560 5 0 0 0 1 2 3 4 20 0 %d 0 18446744073709551615 0 0\n", rows[i].letter, rows[i].threads);
		assert_int_equal(proc_stat_alive(stat, &since), rows[i].alive);
		assert_true(since == 18446744073709551615ULL);
	}
	assert_false(proc_stat_alive("", &since));
	assert_false(proc_stat_alive("7 (cut) S 1 7", &since));
}

static void mountinfo_lines(void **state)
{
	char text[] = "36 35 98:0 /mnt1 /a\\040b rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n"
		      "37 36 0:5 / /proc ro,nosuid - proc none rw\n";
	char *at = text;
	struct mount_line m;

	(void)state;
	assert_int_equal(mount_line_next(&at, &m), 1);
	assert_string_equal(m.target, "/a b");
	assert_string_equal(m.type, "ext3");
	assert_int_equal(m.shared, 1);
	assert_int_equal(m.id, 36);
	assert_int_equal(mount_line_next(&at, &m), 1);
	assert_int_equal(m.shared, 0);
	assert_true(has_option(m.options, "ro") && has_option(m.options, "nosuid"));
	assert_false(has_option(m.options, "no") || has_option(m.options, "nodev"));
	assert_int_equal(mount_line_next(&at, &m), 0);
}

static void mountinfo_that_is_none(void **state)
{
	char a[] = "36 35 98:0 /\n", b[] = "no newline";
	char *at = a;
	struct mount_line m;

	(void)state;
	assert_int_equal(mount_line_next(&at, &m), -EIO);
	at = b;
	assert_int_equal(mount_line_next(&at, &m), -EIO);
}

static void every_call_of_the_gate_has_a_name_once(void **state)
{
	(void)state;
	for (long nr = 0; nr < 1024; nr++) {
		const struct sys_row *row = sys_row(nr);

		if (row)
			assert_true(strlen(row->args) <= 6 && strspn(row->args, "diuxospBACH") == strlen(row->args));
	}
}

static void reading_a_file_that_is_too_long_fails(void **state)
{
	char small[8], large[65536];

	(void)state;
	assert_int_equal(sys_read_file(&sys_kernel, -100, "/proc/self/status", small, sizeof(small)), -EFBIG);
	assert_true(sys_read_file(&sys_kernel, -100, "/proc/self/status", large, sizeof(large)) > 0);
	assert_int_equal(sys_read_file(&sys_kernel, -100, "/nonexistent", large, sizeof(large)), -ENOENT);
}

/* The kernel, but for one file, which is the text in ctx; none without. */
static long with_cgroup(void *ctx, long nr, const unsigned long arg[6])
{
	int fd;

	if (nr != SYS_openat || strcmp((const char *)arg[1], "/proc/self/cgroup") != 0)
		return sys_kernel.call(sys_kernel.ctx, nr, arg);
	if (!ctx)
		return -ENOENT;
	fd = memfd_create("cgroup", MFD_CLOEXEC);
	assert_true(write(fd, ctx, strlen(ctx)) > 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void a_cgroup_holds_us_or_does_not(void **state)
{
	static const struct { char text[64]; const char *path; bool holds; } rows[] = {
		{ "0::/user.slice/a.scope\n", "/user.slice/a.scope", true }, { "0::/user.slice/a.scope\n", "/user.slice", true },
		{ "0::/user.slice/a.scope\n", "/", true }, { "0::/user.slice/ab.scope\n", "/user.slice/a", false },
		{ "0::/user.slice/a.scope\n", "/user.slice/a.scope/below", false }, { "0::/user.slice/a.scope\n", "/machine.slice/a.scope", false },
		{ "1:cpu:/x\n0::/y\n", "/x", false }, { "0::/\n", "/x", false }, { "1:cpu:/x\n", "/y", true }, { "", "/y", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sys k = { .call = with_cgroup, .ctx = *rows[i].text ? (void *)rows[i].text : NULL };

		assert_int_equal(cgroup2_holds_us(&k, rows[i].path), rows[i].holds);
	}
}

static void what_drives_a_terminal_is_escaped(void **state)
{
	static const struct { const char *text, *printed; int columns; } rows[] = {
		{ "plain", "plain", 5 }, { "a\nb\t\x7f", "a\\x0ab\\x09\\x7f", 14 }, { "\x1b[2J", "\\x1b[2J", 7 },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 3 },
		/* C1: in UTF-8, alone, and in forms longer than need be; A0 is the first that is none */
		{ "\xc2\x9bm", "\\xc2\\x9bm", 9 }, { "\xc2\xa0", "\xc2\xa0", 1 }, { "\x9bm", "\\x9bm", 5 },
		{ "\xe0\x82\x9b", "\\xe0\\x82\\x9b", 12 }, { "\xf0\x80\x82\x9b", "\\xf0\\x80\\x82\\x9b", 16 }, { "\xc1\x9b", "\\xc1\\x9b", 8 },
		/* cut short, too large, never begun */
		{ "\xe2\x82", "\\xe2\\x82", 8 }, { "\xe2\x82z", "\\xe2\\x82z", 9 }, { "\xc3\x1b", "\\xc3\\x1b", 8 },
		{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80", 16 }, { "\xff", "\\xff", 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(free_mem) char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		print_escaped(out, rows[i].text);
		fclose(out);
		assert_string_equal(text, rows[i].printed);
		assert_int_equal(print_columns(rows[i].text, strlen(rows[i].text)), rows[i].columns);
	}
}

static void errors_do_not_drive_the_terminal(void **state)
{
	_auto(free_mem) char *text = NULL;
	struct err e = { 0 };
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	(void)err_set(&e, ERR_POLICY, 0, NULL, "no '%s'", "\xc2\x9b" "31m");
	(void)err_at(&e, "/\x1b");
	err_write(&e, NULL, out);
	fclose(out);
	assert_string_equal(text, "/\\x1b: no '\\xc2\\x9b31m'");
}

/* Every escaped byte takes four columns, so that a line which is full of them is broken in time. */
static void lines_are_broken_at_blanks(void **state)
{
	static const char forty[] = "0123456789012345678901234567890123456789";
	static const struct { const char *word; int column; const char *after; } rows[] = {
		{ "abc", 4, "abc 0" }, { "abc", 80, "\n    abc 0" }, { "abc", 76, " abc\n    0" }, { "abc", 77, "\n    abc 0" },
		{ "\x1b", 75, " \\x1b\n    0" }, { "\x1b", 76, "\n    \\x1b 0" },
		{ " abc", 72, " abc 0" }, { "abcdef", 74, "\n    abcdef 0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_auto(free_mem) char *text = NULL, *line = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		assert_true(asprintf(&line, "%s   0 ", rows[i].word) > 0);
		print_wrapped(out, line, rows[i].column, 4);
		fclose(out);
		assert_string_equal(text, rows[i].after);
	}
	for (int n = 1; n < 4; n++) {	/* a word longer than a line stays whole */
		_auto(free_mem) char *text = NULL, *word = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		assert_true(asprintf(&word, "%s%s%s", forty, n > 1 ? forty : "", n > 2 ? forty : "") > 0);
		print_wrapped(out, word, 4, 4);
		fclose(out);
		assert_string_equal(text, word);
	}
}

static void entries_of_the_journal(void **state)
{
	static struct journal_entry entry;
	static char large[JOURNAL_ENTRY_MAX];
	static const char want[] = "A=one\nB\n\x03\0\0\0\0\0\0\0x\ny\nC=\n";

	(void)state;
	journal_begin(&entry);
	journal_putf(&entry, "A", "%s", "one");
	journal_put(&entry, "B", "x\ny", 3);
	journal_put(&entry, "C", "", 0);
	assert_int_equal(entry.len, sizeof(want) - 1);
	assert_memory_equal(entry.data, want, entry.len);
	journal_put(&entry, "D", large, sizeof(large));
	assert_int_equal(journal_send(&sys_kernel, -1, &entry, 0), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_keeps_its_first_place),
		cmocka_unit_test(exit_codes_are_dockers),
		cmocka_unit_test(long_text_is_cut_not_overrun),
		cmocka_unit_test(an_arena_is_aligned_zeroed_and_bounded),
		cmocka_unit_test(a_sealed_arena_cannot_be_written),
		cmocka_unit_test(status_fields), cmocka_unit_test(a_process_lives_as_long_as_one_of_its_threads),
		cmocka_unit_test(mountinfo_lines),
		cmocka_unit_test(mountinfo_that_is_none),
		cmocka_unit_test(every_call_of_the_gate_has_a_name_once),
		cmocka_unit_test(reading_a_file_that_is_too_long_fails),
		cmocka_unit_test(a_cgroup_holds_us_or_does_not),
		cmocka_unit_test(what_drives_a_terminal_is_escaped),
		cmocka_unit_test(errors_do_not_drive_the_terminal),
		cmocka_unit_test(lines_are_broken_at_blanks),
		cmocka_unit_test(entries_of_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
