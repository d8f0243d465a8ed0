/* Every rule of the table fires on a policy made for it, and none on a plain one. */
#include "check.h"

#include "../base/cleanup.h"
#include "rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LEAST "\"version\":1,\"rootfs\":\"/srv/root\",\"user\":{\"uid\":10001,\"gid\":10001},"
#define PLAIN LEAST "\"args\":[\"/bin/x\"],"
#define BIND(source, more) PLAIN "\"mounts\":[{\"source\":\"" source "\",\"target\":\"/m\"" more "}]"
#define DEVICE(path) PLAIN "\"devices\":[{\"path\":\"" path "\"}]"
#define CAPS(names, more) PLAIN "\"capabilities\":[" names "]" more

/* id, pointer, policy; several policies may stand for one rule. */
static const struct { const char *id, *pointer, *json; } cases[] = {
	{ "uts.hostname", "/hostname", PLAIN "\"hostname\":\"h\",\"namespaces\":{\"uts\":false}" },
	{ "time.offset", "/time", PLAIN "\"time\":{\"boottime\":5},\"namespaces\":{\"time\":false}" },
	{ "sysctl.net", "/sysctl", PLAIN "\"network\":\"host\",\"sysctl\":{\"net.core.somaxconn\":\"1\"}" },
	{ "sysctl.ipc", "/sysctl", PLAIN "\"namespaces\":{\"ipc\":false},\"sysctl\":{\"kernel.shmmni\":\"1\"}" },
	{ "args.relative", "/args/0", LEAST "\"args\":[\"bin/x\"]" },
	{ "mount.root", "/mounts/0", BIND("/", "") },
	{ "mount.kernel", "/mounts/0", BIND("/proc", "") },
	{ "mount.kernel", "/mounts/0", BIND("/sys/kernel", "") },
	{ "mount.dev", "/mounts/0", BIND("/dev", "") },
	{ "mount.manager", "/mounts/0", BIND("/var/run/docker.sock", "") },
	{ "mount.manager", "/mounts/0", BIND("/run", "") },
	{ "mount.manager", "/mounts/0", BIND("/run/containerd/containerd.sock", "") },
	{ "mount.manager", "/mounts/0", BIND("/run/systemd/private", "") },
	{ "mount.system", "/mounts/0", BIND("/etc/cron.d", ",\"read_only\":false") },
	{ "mount.system", "/mounts/0", BIND("/usr", ",\"read_only\":false") },
	{ "device.standard", "/devices/0", DEVICE("/dev/ptmx") },
	{ "device.memory", "/devices/0", DEVICE("/dev/mem") },
	{ "caps.kernel", "/capabilities", CAPS("\"SYS_MODULE\"", "") },
	{ "network.host", "/network/mode", PLAIN "\"network\":\"host\"" },
	{ "network.path", "/network/path", PLAIN "\"network\":{\"mode\":\"path\",\"path\":\"/run/netns/x\"}" },
	{ "namespaces.user", "/namespaces/user", PLAIN "\"namespaces\":{\"user\":false}" },
	{ "namespaces.ipc", "/namespaces/ipc", PLAIN "\"namespaces\":{\"ipc\":false}" },
	{ "namespaces.uts", "/namespaces/uts", PLAIN "\"namespaces\":{\"uts\":false}" },
	{ "namespaces.cgroup", "/namespaces/cgroup", PLAIN "\"namespaces\":{\"cgroup\":false}" },
	{ "namespaces.time", "/namespaces/time", PLAIN "\"namespaces\":{\"time\":false}" },
	{ "seccomp.log", "/seccomp/deny", PLAIN "\"seccomp\":{\"deny\":\"log\"}" },
	{ "rootfs.host", "/rootfs", "\"version\":1,\"rootfs\":\"/\",\"user\":{\"uid\":1,\"gid\":1},\"args\":[\"/bin/x\"]" },
	{ "mount.write_exec", "/mounts/0", BIND("/srv/x", ",\"read_only\":false,\"exec\":true") },
	{ "mount.write_exec", "/mounts/0", PLAIN "\"mounts\":[{\"type\":\"tmpfs\",\"target\":\"/x\",\"exec\":true}]" },
	{ "mount.rootfs", "/mounts", BIND("/srv/root/data", ",\"read_only\":false") },
	{ "mount.suid", "/mounts/0", BIND("/srv/x", ",\"suid\":true") },
	{ "mount.dev_nodes", "/mounts/0", BIND("/srv/x", ",\"dev\":true") },
	{ "mount.credentials", "/mounts/0", BIND("/etc", "") },
	{ "mount.credentials", "/mounts/0", BIND("/root/.ssh", "") },
	{ "device.disk", "/devices/0", DEVICE("/dev/nvme0n1") },
	{ "memory.tmpfs", "/limits/memory", PLAIN "\"shm\":\"449M\"" },
	{ "args.empty", "/args", LEAST "\"args\":[]" },
	{ "caps.sys_admin", "/capabilities", CAPS("\"SYS_ADMIN\"", "") },
	{ "caps.ptrace", "/capabilities", CAPS("\"PERFMON\"", "") },
	{ "caps.dac", "/capabilities", CAPS("\"DAC_READ_SEARCH\"", "") },
	{ "caps.bpf", "/capabilities", CAPS("\"BPF\"", "") },
	{ "caps.ids", "/capabilities", CAPS("\"SETUID\"", "") },
	{ "caps.mac", "/capabilities", CAPS("\"MAC_ADMIN\"", "") },
	{ "caps.limits", "/capabilities", CAPS("\"SYS_NICE\"", "") },
	{ "caps.mknod", "/capabilities", CAPS("\"MKNOD\"", "") },
	{ "caps.host", "/capabilities", CAPS("\"SYSLOG\"", "") },
	{ "caps.host_network", "/capabilities", CAPS("\"NET_ADMIN\"", ",\"network\":\"host\"") },
	{ "caps.net", "/capabilities", CAPS("\"NET_RAW\"", "") },
};

/* Near misses: no finding at all. */
static const char *const quiet[] = {
	PLAIN "\"proc\":\"masked\"",
	PLAIN "\"limits\":{\"memory_high\":\"512M\"}",
	PLAIN "\"shm\":\"448M\"",
	PLAIN "\"name\":\"n\",\"sysctl\":{\"net.core.somaxconn\":\"1\",\"kernel.sem\":\"1\"},\"time\":{\"monotonic\":1}",
	BIND("/etc/nginx", ""), BIND("/srv/data", ",\"read_only\":false"), BIND("/srv/bin", ",\"exec\":true"),
	BIND("/runner", ""), BIND("/procession", ""), BIND("/dev/log", ""), BIND("/usr/share/zoneinfo", ""),
	BIND("/var/lib/web", ",\"read_only\":false"),
	DEVICE("/dev/fuse"), CAPS("\"NET_BIND_SERVICE\"", ""), LEAST "\"args\":[\"nginx\"]",
};

struct seen {
	const char *id, *pointer;	/* looked for */
	unsigned hits, total;
};

static void see(void *ctx, enum severity severity, const char *pointer, const char *msg, const char *hint)
{
	struct seen *s = ctx;
	size_t len = strcspn(msg, ":");

	(void)severity;
	(void)hint;
	s->total++;
	s->hits += strlen(s->id) == len && strncmp(msg, s->id, len) == 0 && strcmp(pointer, s->pointer) == 0;
}

static struct seen judge(const char *json, const char *id, const char *pointer)
{
	_auto(free_mem) char *text = NULL;
	struct seen seen = { .id = id, .pointer = pointer };
	const struct findings findings = { see, &seen };
	struct policy_source src = { 0 };
	struct arena arena = { 0 };
	struct policy policy;
	struct err e = { 0 };

	memset(&policy, 0, sizeof(policy));
	assert_true(asprintf(&text, "{%s}", json) > 0);
	src.text = text;
	src.len = strlen(text);
	assert_int_equal(arena_init(&arena, POLICY_ARENA_SIZE), 0);
	if (policy_parse(&src, &arena, &policy, &e) < 0)
		fail_msg("%s: %s: %s", json, e.path, e.msg);
	check_policy(&policy, &findings);
	arena_free(&arena);
	return seen;
}

static void rules_fire(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (judge(cases[i].json, cases[i].id, cases[i].pointer).hits != 1)
			fail_msg("%s does not fire on %s", cases[i].id, cases[i].json);
}

static void every_rule_has_a_case(void **state)
{
	(void)state;
	for (const struct rule *rule = rules; rule->id; rule++) {
		bool found = false;

		for (size_t i = 0; i < COUNT(cases); i++)
			found |= strcmp(cases[i].id, rule->id) == 0;
		if (!found)
			fail_msg("%s has no case", rule->id);
		assert_true(rule->pointer || rule->mount || rule->device);
	}
}

static void plain_policies_are_quiet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(quiet); i++)
		if (judge(quiet[i], "", "").total != 0)
			fail_msg("a finding on %s", quiet[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_fire), cmocka_unit_test(every_rule_has_a_case), cmocka_unit_test(plain_policies_are_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
