/* Every key of a floor: at the limit a policy passes, beyond it is refused, alone and among all others. */
#include "floor.h"

#include "../base/cleanup.h"
#include "key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BASE "{\"version\":1,\"rootfs\":\"/srv/root\",\"args\":[\"/x\"],\"user\":{\"uid\":10001,\"gid\":10001}," \
	"\"network\":{\"mode\":\"path\",\"path\":\"/run/netns/x\",\"listen\":[],\"connect\":[]},\"exec_once\":true,\"proc\":\"pid\",\"log\":{\"driver\":\"journald\"}}"
#define TMP "{\"type\":\"tmpfs\",\"target\":\"/t\""

/* floor key and value; policy key, a value at the limit, one beyond; what is blamed. */
static const struct { const char *key, *floor, *set, *at, *beyond, *pointer; } cases[] = {
	{ "rootfs", "[\"/srv\"]", "rootfs", "/srv", "/srvx", "/rootfs" },
	{ "env_pass", "[\"LANG\"]", "env_pass", "[\"LANG\"]", "[\"LANG\",\"TZ\"]", "/env_pass/1" },
	{ "user.uid.min", "10000", "user.uid", "10000", "9999", "/user/uid" },
	{ "user.uid.max", "20000", "user.uid", "20000", "20001", "/user/uid" },
	{ "user.gid.min", "10000", "user.gid", "10000", "9999", "/user/gid" },
	{ "user.gid.max", "20000", "user.groups", "[20000]", "[20000,20001]", "/user/groups/1" },
	{ "limits.memory", "1G", "limits.memory", "1G", "1073741825", "/limits/memory" },
	{ "limits.swap", "0", "limits.swap", "0", "1", "/limits/swap" },
	{ "limits.oom_group", "true", "limits.oom_group", "true", "false", "/limits/oom_group" },
	{ "limits.cpus", "2.5", "limits.cpus", "2.5", "2.500001", "/limits/cpus" },
	{ "limits.cpu_weight", "100", "limits.cpu_weight", "100", "101", "/limits/cpu_weight" },
	{ "limits.pids", "1000", "limits.pids", "1000", "1001", "/limits/pids" },
	{ "limits.rlimits.nofile", "4096", "limits.rlimits.nofile", "4096", "4097", "/limits/rlimits/nofile" },
	{ "limits.rlimits.nproc", "4096", "limits.rlimits.nproc", "4096", "unlimited", "/limits/rlimits/nproc" },
	{ "limits.rlimits.core", "0", "limits.rlimits.core", "0", "1", "/limits/rlimits/core" },
	{ "limits.rlimits.fsize", "unlimited", "limits.rlimits.fsize", "unlimited", NULL, NULL },	/* nothing is beyond */
	{ "limits.rlimits.memlock", "64K", "limits.rlimits.memlock", "64K", "65K", "/limits/rlimits/memlock" },
	{ "limits.rlimits.stack", "8M", "limits.rlimits.stack", "8M", "unlimited", "/limits/rlimits/stack" },
	{ "limits.rlimits.as", "unlimited", "limits.rlimits.as", "unlimited", NULL, NULL },
	{ "limits.rlimits.cpu", "unlimited", "limits.rlimits.cpu", "unlimited", NULL, NULL },
	{ "limits.rlimits.msgqueue", "1M", "limits.rlimits.msgqueue", "1M", "2M", "/limits/rlimits/msgqueue" },
	{ "limits.rlimits.sigpending", "2000", "limits.rlimits.sigpending", "2000", "2001", "/limits/rlimits/sigpending" },
	{ "limits.rlimits.rtprio", "5", "limits.rlimits.rtprio", "5", "6", "/limits/rlimits/rtprio" },
	{ "capabilities", "[\"KILL\"]", "capabilities", "[\"KILL\"]", "[\"KILL\",\"CHOWN\"]", "/capabilities" },
	{ "seccomp.profile", "[\"default\",\"/p.json\"]", "seccomp.profile", "/p.json", "/q.json", "/seccomp/profile" },
	{ "seccomp.profile", "[\"default\",\"/p.json\"]", "seccomp.profile", "default", "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", "/seccomp/profile" },
	{ "seccomp.deny", "errno", "seccomp.deny", "errno", "log", "/seccomp/deny" },
	{ "seccomp.deny", "errno", "seccomp.deny", "kill", "log", "/seccomp/deny" },
	{ "exec_once", "true", "exec_once", "true", "false", "/exec_once" },
	{ "exec", "false", "exec", "false", "true", "/exec" },
	{ "log.driver", "[\"journald\",\"syslog\"]", "log.driver", "journald", "json-file", "/log/driver" },
	{ "log.driver", "[\"journald\",\"syslog\"]", "log.driver", "journald", "inherit", "/log/driver" },
	{ "apparmor", "[\"casemate-default\",\"own\"]", "apparmor", "own", "other", "/apparmor" },
	{ "landlock", "true", "landlock", "true", "false", "/landlock" },
	{ "namespaces.user", "true", "namespaces.user", "true", "false", "/namespaces/user" },
	{ "namespaces.ipc", "true", "namespaces.ipc", "true", "false", "/namespaces/ipc" },
	{ "namespaces.uts", "true", "namespaces.uts", "true", "false", "/namespaces/uts" },
	{ "namespaces.cgroup", "true", "namespaces.cgroup", "true", "false", "/namespaces/cgroup" },
	{ "namespaces.time", "true", "namespaces.time", "true", "false", "/namespaces/time" },
	{ "network.mode", "path", "network.mode", "path", NULL, NULL },	/* more in networks() */
	{ "network.path", "[\"/run/netns\"]", "network.path", "/run/netns/y", "/run/netns2/y", "/network/path" },
	{ "network.listen", "[80,443]", "network.listen", "[443]", "[443,8080]", "/network/listen/1" },
	{ "network.connect", "[5432]", "network.connect", "[5432]", "[5433]", "/network/connect/0" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[{\"source\":\"/srv/a\",\"target\":\"/d/a\",\"read_only\":false}]", "[{\"source\":\"/srv/a\",\"target\":\"/e\",\"read_only\":false}]",
	  "/mounts/0" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[{\"source\":\"/usr/x\",\"target\":\"/e\",\"exec\":true}]", "[{\"source\":\"/usr/x\",\"target\":\"/e\",\"read_only\":false}]", "/mounts/0" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[" TMP "}]", "[" TMP "},{\"type\":\"tmpfs\",\"target\":\"/u\",\"exec\":true}]", "/mounts/1" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[]", "[{\"source\":\"/srv\",\"target\":\"/d\",\"suid\":true}]", "/mounts/0" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[]", "[{\"source\":\"/srv\",\"target\":\"/d\",\"dev\":true}]", "/mounts/0" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[]", "[{\"source\":\"/srv\",\"target\":\"/d\",\"idmap\":true}]", "/mounts/0" },
	{ "mounts", "[{\"source\":\"/srv\",\"target\":\"/d\",\"read_only\":false},{\"source\":\"/usr\",\"exec\":true}]",
	  "mounts", "[]", "[{\"source\":\"/srvx\",\"target\":\"/d\"}]", "/mounts/0" },
	{ "shm", "64M", "shm", "64M", "65M", "/shm" },
	{ "proc", "pid", "proc", "pid", "masked", "/proc" },
	{ "devices", "[{\"path\":\"/dev/fuse\"}]", "devices", "[{\"path\":\"/dev/fuse\"}]", "[{\"path\":\"/dev/fuse\",\"write\":true}]", "/devices/0" },
	{ "devices", "[{\"path\":\"/dev/fuse\"}]", "devices", "[]", "[{\"path\":\"/dev/fuse\"},{\"path\":\"/dev/kvm\"}]", "/devices/1" },
	{ "sysctl", "[\"net.core.somaxconn\"]", "sysctl", "{\"net.core.somaxconn\":\"1\"}", "{\"kernel.sem\":\"1\"}", "/sysctl/kernel.sem" },
	{ "init", "true", "init", "true", "false", "/init" },
	{ "stop.timeout", "30s", "stop.timeout", "30s", "30001ms", "/stop/timeout" },
};

struct seen { unsigned n; char pointer[128], msg[400]; };

static void see(void *ctx, const struct finding *f)
{
	struct seen *s = ctx;

	assert_string_equal(f->rule, "floor.below");
	assert_int_equal(f->severity, SEV_ERROR);
	assert_true(*f->msg && *f->hint);
	if (s->n++ == 0) {
		snprintf(s->pointer, sizeof(s->pointer), "%s", f->pointer);
		snprintf(s->msg, sizeof(s->msg), "%s", f->msg);
	}
}

static void parse_floor(const char *text, const struct setting *set, size_t n, struct arena *a, struct floor *floor)
{
	const struct policy_source src = { text, strlen(text), set, n };
	struct err e = { 0 };

	assert_int_equal(arena_init(a, POLICY_ARENA_SIZE), 0);
	if (floor_parse(&src, a, floor, &e) < 0)
		fail_msg("%s: %s: %s", text, e.path, e.msg);
}

static struct seen hold(const struct floor *floor, const char *text, const struct setting *set, const struct strings *without)
{
	const struct policy_source src = { text, strlen(text), set, set ? 1 : 0 };
	static const struct strings nothing;
	struct seen seen = { 0 };
	const struct findings f = { see, &seen };
	struct arena a = { 0 };
	struct policy policy;
	struct err e = { 0 };

	memset(&policy, 0, sizeof(policy));
	assert_int_equal(arena_init(&a, POLICY_ARENA_SIZE), 0);
	if (policy_parse(&src, &a, &policy, &e) < 0)
		fail_msg("%s=%s: %s: %s", set ? set->key : "", set ? set->value : "", e.path, e.msg);
	floor_judge(floor, &policy, without ? without : &nothing, &f);
	arena_free(&a);
	return seen;
}

static void hold_case(const struct floor *floor, size_t i)
{
	const struct setting at = { cases[i].set, cases[i].at }, beyond = { cases[i].set, cases[i].beyond };
	struct seen s = hold(floor, BASE, &at, NULL);

	if (s.n)
		fail_msg("%s=%s: refused: %s: %s", at.key, at.value, s.pointer, s.msg);
	if (!beyond.value)
		return;
	s = hold(floor, BASE, &beyond, NULL);
	if (s.n != 1 || strcmp(s.pointer, cases[i].pointer) != 0)
		fail_msg("%s=%s: %u findings, at %s", beyond.key, beyond.value, s.n, s.pointer);
}

/* Each key on its own: the rest of the floor asks for nothing. */
static void alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct setting set = { cases[i].key, cases[i].floor };
		struct arena a = { 0 };
		struct floor floor;

		parse_floor("{\"version\":1}", &set, 1, &a, &floor);
		hold_case(&floor, i);
		arena_free(&a);
	}
}

/* All keys at once: a policy that is accepted is refused with any single weakening, and for that one alone. */
static void together(void **state)
{
	struct setting set[COUNT(cases)];
	struct arena a = { 0 };
	struct floor floor;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (n == 0 || strcmp(set[n - 1].key, cases[i].key) != 0)
			set[n++] = (struct setting){ cases[i].key, cases[i].floor };
	parse_floor("{\"version\":1}", set, n, &a, &floor);
	assert_int_equal(hold(&floor, BASE, NULL, NULL).n, 0);
	for (size_t i = 0; i < COUNT(cases); i++)
		hold_case(&floor, i);
	arena_free(&a);
}

/* A floor that only has a version asks for nothing; the loosest policy there is passes, if it waives nothing. */
static void empty_floor(void **state)
{
	static const char *const waived[] = { "limits.memory", "seccomp" };
	const struct strings one = { waived, 1 }, both = { waived, 2 };
	const struct setting without = { "without", "[\"limits\"]" };
	struct arena a = { 0 }, b = { 0 };
	struct floor floor;

	(void)state;
	parse_floor("{\"version\":1}", NULL, 0, &a, &floor);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (cases[i].beyond)
			assert_int_equal(hold(&floor, BASE, &(struct setting){ cases[i].set, cases[i].beyond }, NULL).n, 0);
	assert_int_equal(hold(&floor, BASE, NULL, &one).n, 1);
	parse_floor("{\"version\":1}", &without, 1, &b, &floor);
	assert_int_equal(hold(&floor, BASE, NULL, &one).n, 0);
	assert_int_equal(hold(&floor, BASE, NULL, &both).n, 1);
	arena_free(&a);
	arena_free(&b);
}

/* What no single setting can say: the network as a whole. */
static void networks(void **state)
{
#define NETWORK(network) "{\"version\":1,\"rootfs\":\"/srv/root\",\"args\":[\"/x\"],\"user\":{\"uid\":10001,\"gid\":10001},\"network\":" network "}"
	static const struct { const char *floor, *policy, *pointer; } rows[] = {
		{ "{\"version\":1,\"network\":\"path\"}", NETWORK("\"host\""), "/network/mode" },
		{ "{\"version\":1,\"network\":\"path\"}", NETWORK("\"none\""), NULL },
		{ "{\"version\":1,\"network\":\"none\"}", NETWORK("{\"mode\":\"path\",\"path\":\"/x\"}"), "/network/mode" },
		{ "{\"version\":1,\"network\":{\"listen\":[80]}}", NETWORK("\"none\""), NULL },
		{ "{\"version\":1,\"network\":{\"listen\":[80]}}", NETWORK("\"host\""), "/network/listen" },
		{ "{\"version\":1,\"network\":{\"connect\":[]}}", NETWORK("\"host\""), "/network/connect" },
		{ "{\"version\":1,\"network\":{\"connect\":[]}}", NETWORK("{\"mode\":\"host\",\"connect\":[]}"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct floor floor;
		struct seen s;

		parse_floor(rows[i].floor, NULL, 0, &a, &floor);
		s = hold(&floor, rows[i].policy, NULL, NULL);
		if (s.n != (rows[i].pointer ? 1 : 0) || (s.n && strcmp(s.pointer, rows[i].pointer) != 0))
			fail_msg("%s under %s: %u findings, %s", rows[i].policy, rows[i].floor, s.n, s.pointer);
		arena_free(&a);
	}
}

static void every_key_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < language_floor.n; i++) {
		const struct key *k = &language_floor.rows[i];
		bool found = false;

		if (floor_bounds(k) == floor_special(k->name) && strcmp(k->name, "version") != 0)
			fail_msg("%s is judged twice, or not at all", k->name);
		for (size_t c = 0; c < COUNT(cases); c++)
			found |= strcmp(cases[c].key, k->name) == 0;
		if (!found && strncmp(k->name, "audit.", 6) != 0 && strcmp(k->name, "oci") != 0 && strcmp(k->name, "version") != 0 && strcmp(k->name, "description") != 0 && strcmp(k->name, "without") != 0)
			fail_msg("%s has no case", k->name);
		assert_true(k->doc[strlen(k->doc) - 1] == '.');
	}
}

static void mistakes(void **state)
{
	static const struct { const char *text, *path, *msg; } rows[] = {
		{ "{}", "/version", "required" },
		{ "{\"version\":1,\"capabilites\":[]}", "/capabilites", "unknown key" },
		{ "{\"version\":1,\"capabilities\":[\"ALL\"]}", "/capabilities/0", "unknown capability" },
		{ "{\"version\":1,\"user\":{\"uid\":{\"min\":9,\"max\":8}}}", "/user/uid", "no id is from 9 to 8" },
		{ "{\"version\":1,\"user\":{\"uid\":9}}", "/user/uid", "want an object" },
		{ "{\"version\":1,\"rootfs\":\"/srv\"}", "/rootfs", "array" },
		{ "{\"version\":1,\"mounts\":[{}]}", "/mounts/0/source", "required" },
		{ "{\"version\":1,\"mounts\":[{\"source\":\"/a\",\"size\":1}]}", "/mounts/0/size", "unknown key" },
		{ "{\"version\":1,\"landlock\":1}", "/landlock", "true or false" },
		{ "{\"version\":1,\"version\":1}", "/version", "duplicate" },
		{ "{\"version\":1,\"args\":[]}", "/args", "unknown key" },
		{ "[1]", "", "want an object" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct policy_source src = { .text = rows[i].text, .len = strlen(rows[i].text) };
		struct floor floor;
		struct arena a = { 0 };
		struct err e = { 0 };

		assert_int_equal(arena_init(&a, POLICY_ARENA_SIZE), 0);
		if (floor_parse(&src, &a, &floor, &e) == 0)
			fail_msg("accepted: %s", rows[i].text);
		if (strcmp(e.path, rows[i].path) != 0 || !strstr(e.msg, rows[i].msg))
			fail_msg("%s: %s: %s", rows[i].text, e.path, e.msg);
		assert_int_equal(e.kind, ERR_POLICY);
		arena_free(&a);
	}
}

/* What ships can be read, binds, and lets the smallest policy pass. */
static void shipped(void **state)
{
	static const char least[] = "{\"version\":1,\"rootfs\":\"/srv/root\",\"args\":[\"/x\"],\"user\":{\"uid\":10001,\"gid\":10001}}";
	static const struct setting refused[] = {
		{ "network.mode", "host" }, { "capabilities", "[\"SYS_ADMIN\"]" }, { "seccomp.deny", "log" }, { "namespaces.ipc", "false" },
		{ "mounts", "[{\"source\":\"/etc\",\"target\":\"/x\"}]" }, { "mounts", "[{\"source\":\"/run/docker.sock\",\"target\":\"/x\"}]" },
		{ "devices", "[{\"path\":\"/dev/kvm\"}]" },
	};
	size_t n = 0;

	(void)state;
	for (const struct floor_shipped *s = floors_shipped; s->name; s++, n++) {
		struct arena a = { 0 };
		struct floor floor;

		parse_floor(s->text, NULL, 0, &a, &floor);
		assert_int_equal(hold(&floor, least, NULL, NULL).n, 0);
		for (size_t i = 0; i < COUNT(refused); i++)
			if (hold(&floor, least, &refused[i], NULL).n == 0)
				fail_msg("%s lets %s=%s pass", s->name, refused[i].key, refused[i].value);
		arena_free(&a);
	}
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone), cmocka_unit_test(together), cmocka_unit_test(empty_floor), cmocka_unit_test(networks), cmocka_unit_test(every_key_is_judged),
		cmocka_unit_test(mistakes), cmocka_unit_test(shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
