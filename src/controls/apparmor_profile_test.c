/* apparmor_profile_test.c - what the generated profile allows, asked of the state machine that
 * apparmor_parser makes of it (the one that the kernel walks); and that the shipped profile has the
 * common rules. */
#include "apparmor_profile.h"
#include "../base/cleanup.h"
#include "../policy/names.h"
#include "apparmor.h"

#include <ctype.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#define PARSER "apparmor_parser --skip-kernel-load --skip-cache --quiet"

/* --- the machine, as "apparmor_parser -D dfa-states" prints it --- */

enum { STATES_MAX = 8192, MAY_EXEC = 1, MAY_WRITE = 2, MAY_READ = 4, MAY_LINK = 0x10, MAY_MAP = 0x40 };

struct machine {
	int next[STATES_MAX][256];	/* 0: no way on */
	unsigned allow[STATES_MAX];
};

/* "[^ab] -> {3}": every byte but these, but NUL, and but those that have a line of their own. */
static void read_rest(int next[256], const char *list, int to)
{
	bool not[256] = { true };

	list += strncmp(list, "[^\\x0", 5) == 0 ? 5 : strncmp(list, "[^", 2) == 0 ? 2 : 1;
	for (; *list && strncmp(list, "] ->", 4) != 0; list++)
		if (*list != '\\' || list[1] == '\\')
			not[(unsigned char)*list] = true;
	for (int c = 1; c < 256; c++)
		if (!not[c] && !next[c])
			next[c] = to;
}

/* A table of "{5} (0x 10004/0/0/0)", allow/deny/audit/quiet; then by state lines of "    a 0x61 -> {3}". */
static void read_line(struct machine *m, int *state, const char *line)
{
	const char *arrow = strstr(line, " -> {"), *hex = arrow;
	unsigned allow, deny, byte;
	int to;

	if (sscanf(line, "{%d} (0x %x/%x/", &to, &allow, &deny) == 3) {
		assert_in_range(to, 1, STATES_MAX - 1);
		m->allow[to] = allow & ~deny;
	} else if (line[0] == '{') {
		assert_int_equal(sscanf(line, "{%d}", state), 1);
		assert_in_range(*state, 1, STATES_MAX - 1);
	} else if (arrow && sscanf(arrow, " -> {%d}", &to) == 1) {
		if (arrow[-1] == ']') {
			read_rest(m->next[*state], line + 4, to);
			return;
		}
		while (hex > line && strncmp(hex, "0x", 2) != 0)
			hex--;
		assert_int_equal(sscanf(hex, "0x%x", &byte), 1);
		m->next[*state][byte & 0xff] = to;
	}
}

static unsigned allowed(const struct machine *m, const char *path)
{
	int at = 1;

	for (; *path && at; path++)
		at = m->next[at][(unsigned char)*path];
	return at ? m->allow[at] : 0;
}

static char *profile_of(const struct policy *p)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	apparmor_profile(p, "casemate-test", f);
	fclose(f);
	return text;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

static struct machine *compile(const char *text)
{
	char path[] = "/tmp/casemate-profile-XXXXXX", command[256], line[512];
	struct machine *m = calloc(1, sizeof(*m));
	int fd = mkstemp(path), state = 0;
	FILE *f;

	assert_non_null(m);
	close(fd);
	write_text(path, text);
	snprintf(command, sizeof(command), PARSER " -D dfa-states %s 2>&1", path);
	f = popen(command, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		read_line(m, &state, line);
	if (pclose(f) != 0)
		fail_msg("apparmor_parser refuses:\n%s", text);
	remove(path);
	return m;
}

/* --- a policy, and what each path may be used for --- */

static const struct mount_policy mounts[] = {
	{ .type = MOUNT_BIND, .target = "/data" },
	{ .type = MOUNT_BIND, .target = "/data/bin", .read_only = true, .exec = true },
	{ .type = MOUNT_BIND, .target = "/data/fixed", .read_only = true },
	{ .type = MOUNT_TMPFS, .target = "/var/lib/app" },
	{ .type = MOUNT_TMPFS, .target = "/opt/a*b?c[d]{e,f}^g\\h\"i @{HOME}#-" },
	{ .type = MOUNT_BIND, .target = "/srv/my-app" },
	{ .type = MOUNT_BIND, .target = "/srv/my.net", .read_only = true },
	{ .type = MOUNT_BIND, .target = "/opt/caf\xc3\xa9" },
	{ .type = MOUNT_BIND, .target = "/opt/caf\xc3\xa8-x", .exec = true },
};
static const struct device_policy devices[] = { { "/dev/kvm", true, true }, { "/dev/in", true, false },
						{ "/dev/out", false, true } };

static struct policy sample(void)
{
	return (struct policy){
		.name = "test", .mounts = mounts, .n_mounts = COUNT(mounts), .shm = 1 << 20,
		.devices = devices, .n_devices = COUNT(devices),
	};
}

struct row { const char *path, *may; };

static void check_rows(const struct machine *m, const struct row *rows, size_t n)
{
	static const struct { char letter; unsigned bit; } bits[] = {
		{ 'r', MAY_READ }, { 'w', MAY_WRITE }, { 'x', MAY_EXEC }, { 'm', MAY_MAP },
	};

	for (size_t i = 0; i < n; i++) {
		char has[8] = "";

		for (size_t b = 0; b < COUNT(bits); b++)
			if (allowed(m, rows[i].path) & bits[b].bit)
				has[strlen(has)] = bits[b].letter;
		if (strcmp(has, rows[i].may) != 0)
			fail_msg("%s: may \"%s\", want \"%s\"", rows[i].path, has, rows[i].may);
	}
}

static void write_and_execute_as_the_mounts_say(void **s)
{
	static const struct row rows[] = {
		{ "/usr/bin/nginx", "rxm" },	{ "/etc/passwd", "rxm" },	{ "/d", "rxm" },
		{ "/da", "rxm" },		{ "/database/x", "rxm" },	{ "/usr/", "rxm" },
		{ "/var/log/x", "rxm" },	{ "/var/lib/x", "rxm" },	{ "/var/lib/ap", "rxm" },
		{ "/var/lib/apps/x", "rxm" },	{ "/var/lib/", "rxm" },		{ "/vara", "rxm" },
		{ "/tmp/x", "rw" },		{ "/tmp/x/y/", "rw" },		{ "/tmpx", "rxm" },
		{ "/data/x", "rw" },		{ "/data/bin/x", "rxm" },	{ "/data/binary", "rw" },
		{ "/data/bi", "rw" },		{ "/data/fixed/x", "r" },	{ "/data/fixedx", "rw" },
		{ "/var/lib/app/x/y", "rw" },	{ "/dev/shm/x", "rw" },		{ "/dev/null", "rw" },
		{ "/dev/pts/0", "rw" },		{ "/dev/pts/0/x", "r" },	{ "/dev/sda", "r" },
		{ "/dev/mem", "" },		{ "/dev/kvm", "rw" },		{ "/dev/in", "r" },
		{ "/dev/out", "w" },
		{ "/proc/self/status", "r" },	{ "/proc/self/mem", "r" },	{ "/proc/kcore", "" },
		{ "/proc/sys/vm/x", "r" },	{ "/proc/sysrq-trigger", "r" },	{ "/sys/kernel/mm/x", "r" },
		{ "/sys/firmware/x", "" },
		{ "/process", "rxm" },		{ "/system/x", "rxm" },		{ "/procx", "rxm" },
		{ "/", "rwm" },			{ "/opt/x", "rxm" },		{ "/opt", "rxm" },
	};
	struct policy p = sample();
	_auto(free_mem) char *text = profile_of(&p);
	_auto(free_mem) struct machine *m = compile(text);

	(void)s;
	check_rows(m, rows, COUNT(rows));
}

static void odd_bytes_mean_themselves(void **s)
{
	static const struct row rows[] = {
		{ "/opt/a*b?c[d]{e,f}^g\\h\"i @{HOME}#-/x", "rw" },
		{ "/opt/a*b?c[d]{e,f}^g\\h\"i @{HOME}#", "rxm" },
		{ "/opt/aXXbXcd/x", "rxm" },
		{ "/opt/a*bXc[d]{e,f}^g\\h\"i @{HOME}#-/x", "rxm" },
		{ "/opt/a*b?cd{e,f}^g\\h\"i @{HOME}#-/x", "rxm" },
		{ "/opt/a*b?c[d]e^g\\h\"i @{HOME}#-/x", "rxm" },
		{ "/opt/caf\xc3\xa9/x", "rw" },
		{ "/opt/caf\xc3\xa8-x/y", "rwxm" },
		{ "/opt/caf\xc3\xa8/y", "rxm" },
		{ "/opt/caf\xc3\xaa/y", "rxm" },
		{ "/opt/cafe/y", "rxm" },
		{ "/srv/my-app/x", "rw" },	{ "/srv/my-ap", "rxm" },	{ "/srv/my,app/x", "rxm" },
		{ "/srv/my.app/x", "rxm" },	{ "/srv/my.net/x", "r" },	{ "/srv/my/x", "rxm" },
		{ "/srv/my+app/x", "rxm" },	{ "/srv/my", "rxm" },		{ "/srv/my.", "rxm" },
	};
	struct policy p = sample();
	_auto(free_mem) char *text = profile_of(&p);
	_auto(free_mem) struct machine *m = compile(text);

	(void)s;
	check_rows(m, rows, COUNT(rows));
}

static void exec_once_and_queues(void **s)
{
	static const struct row once[] = { { "/usr/x", "rm" }, { "/data/bin/x", "rm" }, { "/queue", "rm" } };
	static const struct row ipc[] = { { "/queue", "rwxm" }, { "/usr/queue", "rxm" },
					  { "/dev/mqueue/queue", "rw" } };
	struct policy p = sample();

	(void)s;
	p.exec_once = true;
	{
		_auto(free_mem) char *text = profile_of(&p);
		_auto(free_mem) struct machine *m = compile(text);

		check_rows(m, once, COUNT(once));
	}
	p.exec_once = false;
	p.namespaces.ipc = true;
	{
		_auto(free_mem) char *text = profile_of(&p);
		_auto(free_mem) struct machine *m = compile(text);

		check_rows(m, ipc, COUNT(ipc));
	}
}

/* --- the rules that are not paths --- */

static void capabilities_are_the_allowlist(void **s)
{
	char line[64];

	(void)s;
	for (size_t c = 0; c < capability_names_len; c++) {
		struct policy p = { .name = "one", .capabilities = UINT64_C(1) << c };
		_auto(free_mem) char *text = profile_of(&p);
		const char *first = strstr(text, "  capability ");

		free(compile(text));	/* the parser knows the name */
		snprintf(line, sizeof(line), "  capability %s,", capability_names[c]);
		for (char *at = line; *at; at++)
			*at = (char)tolower(*at);
		assert_non_null(first);
		assert_int_equal(strncmp(first, line, strlen(line)), 0);
		assert_null(strstr(first + 1, "  capability "));
		assert_int_equal(strstr(text, "inet raw") != NULL, c == CAP_NET_RAW);
		assert_int_equal(strstr(text, "(trace, tracedby") != NULL, c == CAP_SYS_PTRACE);
	}
}

static void nothing_grants_what_a_container_must_not_do(void **s)
{
	static const char *const never[] = {
		"mount", "pivot_root", "change_profile", "userns", "dbus", "network,", "file,", "capability,",
		"unix,", "ptrace,", "signal,", " ux", " Ux", " px",
	};
	struct policy p = sample();
	_auto(free_mem) char *text = profile_of(&p);

	(void)s;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		for (size_t i = 0; i < COUNT(never); i++)
			if (line[2] != '#' && strstr(line, never[i]))
				fail_msg("%s", line);
}

/* --- the shipped profile --- */

static char *shipped(void)
{
	const char *source = getenv("CASEMATE_SOURCE");
	char *text = calloc(1, 64 * 1024), path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/profiles/apparmor/casemate-default", source ? source : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 64 * 1024 - 1, f) > 0);
	fclose(f);
	return text;
}

static void the_shipped_profile_has_the_common_rules(void **s)
{
	static const struct row rows[] = {
		{ "/usr/bin/nginx", "rwxm" },	{ "/tmp/x", "rwxm" },		{ "/proc/self/status", "r" },
		{ "/proc/kcore", "" },		{ "/sys/firmware/x", "" },	{ "/", "rwm" },
		{ "/dev/mem", "" },		{ "/dev/null", "rwm" },		{ "/proc/sys/vm/x", "r" },
	};
	_auto(free_mem) char *text = shipped();
	_auto(free_mem) struct machine *m = compile(text);

	(void)s;
	assert_non_null(strstr(text, apparmor_common_rules));
	check_rows(m, rows, COUNT(rows));
}

static void the_shipped_capabilities_are_those_that_check_knows(void **s)
{
	_auto(free_mem) char *text = shipped();
	uint64_t found = 0;

	(void)s;
	for (const char *at = text; (at = strstr(at, "\n  capability ")); at++) {
		char name[64];

		assert_int_equal(sscanf(at, " capability %63[a-z_],", name), 1);
		assert_true(capability_number(name) >= 0);
		found |= UINT64_C(1) << capability_number(name);
	}
	assert_true(found == apparmor_default_caps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_and_execute_as_the_mounts_say),
		cmocka_unit_test(odd_bytes_mean_themselves),
		cmocka_unit_test(exec_once_and_queues),
		cmocka_unit_test(capabilities_are_the_allowlist),
		cmocka_unit_test(nothing_grants_what_a_container_must_not_do),
		cmocka_unit_test(the_shipped_profile_has_the_common_rules),
		cmocka_unit_test(the_shipped_capabilities_are_those_that_check_knows),
	};

	return cmocka_run_group_tests_name("apparmor_profile", tests, NULL, NULL);
}
