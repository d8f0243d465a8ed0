/* From text and settings to struct policy and back. The mistakes have a corpus: tests/policy/bad. */
#include "read.h"

#include "../base/cleanup.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define LEAST "\"version\":1,\"rootfs\":\"/srv\",\"args\":[\"/bin/x\"],\"user\":{\"uid\":10001,\"gid\":10002}"

struct result {
	struct arena arena;
	struct policy policy;
	struct err e;
	int ret;
};

static void parse(struct result *r, const char *text, const struct setting *set, size_t n)
{
	const struct policy_source src = { text, strlen(text), set, n };

	*r = (struct result){ 0 };
	assert_int_equal(arena_init(&r->arena, POLICY_ARENA_SIZE), 0);
	r->ret = policy_parse(&src, &r->arena, &r->policy, &r->e);
}

static void good(struct result *r, const char *text)
{
	parse(r, text, NULL, 0);
	if (r->ret < 0)
		fail_msg("%s: %s", r->e.path, r->e.msg);
}

static void defaults(void **state)
{
	static const struct rlimit_policy rlimits = {
		.nofile = 1024, .nproc = 4096, .core = 0, .fsize = UINT64_MAX, .memlock = 64 << 10, .stack = 8 << 20,
		.as = UINT64_MAX, .cpu = UINT64_MAX, .msgqueue = 819200, .sigpending = 1024, .rtprio = 0 };
	struct result r;
	const struct policy *p = &r.policy;

	(void)state;
	good(&r, "{" LEAST "}");
	assert_int_equal(p->version, 1);
	assert_string_equal(p->name, "");
	assert_string_equal(p->hostname, "");
	assert_string_equal(p->rootfs, "/srv");
	assert_string_equal(p->cwd, "/");
	assert_int_equal(p->args.n, 1);
	assert_string_equal(p->args.v[0], "/bin/x");
	assert_null(p->args.v[1]);
	assert_int_equal(p->env.n + p->env_pass.n + p->user.groups.n + p->n_devices + p->limits.n_io + p->sysctl.n, 0);
	assert_int_equal(p->user.uid, 10001);
	assert_int_equal(p->user.gid, 10002);
	assert_int_equal(p->user.umask, 077);
	assert_int_equal(p->limits.memory, 512 << 20);
	assert_int_equal(p->limits.memory_high, 0);
	assert_int_equal(p->limits.swap, 0);
	assert_true(p->limits.oom_group);
	assert_int_equal(p->limits.cpus, 1000000);
	assert_int_equal(p->limits.cpu_weight, 100);
	assert_string_equal(p->limits.cpuset, "");
	assert_int_equal(p->limits.pids, 256);
	assert_memory_equal(&p->limits.rlimits, &rlimits, sizeof(rlimits));
	assert_int_equal(p->capabilities, 0);
	assert_string_equal(p->seccomp.profile, "default");
	assert_null(p->seccomp.inline_json);
	assert_int_equal(p->seccomp.deny, DENY_ERRNO);
	assert_false(p->exec_once);
	assert_string_equal(p->apparmor, "casemate-default");
	assert_true(p->landlock);
	assert_true(p->namespaces.user && p->namespaces.ipc && p->namespaces.uts && p->namespaces.cgroup && p->namespaces.time);
	assert_int_equal(p->network.mode, NETWORK_NONE);
	assert_false(p->network.restrict_listen || p->network.restrict_connect);
	assert_int_equal(p->shm, 64 << 20);
	assert_int_equal(p->proc, PROC_MASKED);
	assert_true(p->sys && p->init);
	assert_false(p->passwd);
	assert_int_equal(p->stop.signal, SIGTERM);
	assert_int_equal(p->stop.timeout, 10000);
	arena_free(&r.arena);
}

static void tmp_is_implied(void **state)
{
	struct result r;
	const struct mount_policy *m;

	(void)state;
	good(&r, "{" LEAST "}");
	m = r.policy.mounts;
	assert_int_equal(r.policy.n_mounts, 1);
	assert_int_equal(m->type, MOUNT_TMPFS);
	assert_string_equal(m->target, "/tmp");
	assert_null(m->source);
	assert_int_equal(m->size, 64 << 20);
	assert_int_equal(m->mode, 01777);
	assert_false(m->exec || m->suid || m->dev || m->read_only || m->idmap);
	arena_free(&r.arena);

	good(&r, "{" LEAST ",\"mounts\":[{\"type\":\"tmpfs\",\"target\":\"/tmp\",\"size\":\"1M\",\"exec\":true}]}");
	assert_int_equal(r.policy.n_mounts, 1);
	assert_int_equal(r.policy.mounts->size, 1 << 20);
	assert_true(r.policy.mounts->exec);
	arena_free(&r.arena);
}

static void everything(void **state)
{
	struct result r;
	const struct policy *p = &r.policy;

	(void)state;
	good(&r, "{" LEAST ",\"name\":\"my_web\",\"env\":{\"A\":\"b c\",\"D\":\"\"},\"env_pass\":[\"TERM\"],"
	     "\"limits\":{\"memory\":1073741824,\"cpus\":0.25,\"io\":[{\"path\":\"/dev/sda\",\"rbps\":\"1M\",\"wiops\":7}],"
	     "\"rlimits\":{\"nofile\":\"unlimited\",\"core\":\"1K\",\"rtprio\":5}},"
	     "\"capabilities\":[\"CAP_NET_RAW\",\"chown\"],\"seccomp\":{\"profile\":{\"defaultAction\": \"SCMP_ACT_KILL\"},\"deny\":\"kill\"},"
	     "\"network\":{\"mode\":\"path\",\"path\":\"/run/netns/x\",\"listen\":[],\"connect\":[443,53]},"
	     "\"mounts\":[{\"source\":\"/a\",\"target\":\"/b\"},{\"type\":\"bind\",\"source\":\"/c\",\"target\":\"/d\",\"read_only\":false,"
	     "\"idmap\":true,\"suid\":true,\"dev\":true}],\"devices\":[{\"path\":\"/dev/fuse\",\"write\":true}],"
	     "\"hosts\":{\"db\":\"10.0.0.1\"},\"dns\":[\"::1\"],\"stop\":{\"signal\":\"QUIT\",\"timeout\":\"500ms\"},"
	     "\"sysctl\":{\"net.core.somaxconn\":\"1\"},\"time\":{\"monotonic\":-5},\"proc\":\"pid\"}");
	assert_string_equal(p->hostname, "my-web");
	assert_string_equal(p->env.v[0].name, "A");
	assert_string_equal(p->env.v[0].value, "b c");
	assert_string_equal(p->env.v[1].value, "");
	assert_string_equal(p->env_pass.v[0], "TERM");
	assert_int_equal(p->limits.memory, 1 << 30);
	assert_int_equal(p->limits.cpus, 250000);
	assert_int_equal(p->limits.n_io, 1);
	assert_string_equal(p->limits.io->path, "/dev/sda");
	assert_int_equal(p->limits.io->rbps, 1 << 20);
	assert_int_equal(p->limits.io->wbps, 0);
	assert_int_equal(p->limits.io->wiops, 7);
	assert_int_equal(p->limits.rlimits.nofile, UINT64_MAX);
	assert_int_equal(p->limits.rlimits.core, 1024);
	assert_int_equal(p->limits.rlimits.rtprio, 5);
	assert_int_equal(p->limits.rlimits.nproc, 4096);
	assert_int_equal(p->capabilities, 1 << CAP_NET_RAW | 1 << CAP_CHOWN);
	assert_string_equal(p->seccomp.profile, "");
	assert_string_equal(p->seccomp.inline_json, "{\"defaultAction\":\"SCMP_ACT_KILL\"}");
	assert_int_equal(p->seccomp.deny, DENY_KILL);
	assert_int_equal(p->network.mode, NETWORK_PATH);
	assert_string_equal(p->network.path, "/run/netns/x");
	assert_true(p->network.restrict_listen && p->network.listen.n == 0);
	assert_true(p->network.restrict_connect && p->network.connect.n == 2);
	assert_int_equal(p->network.connect.v[1], 53);
	assert_int_equal(p->n_mounts, 3);
	assert_true(p->mounts[0].read_only && !p->mounts[0].idmap && p->mounts[0].size == 0);
	assert_true(!p->mounts[1].read_only && p->mounts[1].idmap && p->mounts[1].suid && p->mounts[1].dev);
	assert_true(p->devices->read && p->devices->write);
	assert_string_equal(p->hosts.v[0].value, "10.0.0.1");
	assert_string_equal(p->dns.v[0], "::1");
	assert_int_equal(p->stop.signal, SIGQUIT);
	assert_int_equal(p->stop.timeout, 500);
	assert_string_equal(p->sysctl.v[0].name, "net.core.somaxconn");
	assert_int_equal(p->time.monotonic, -5);
	assert_int_equal(p->proc, PROC_PID);
	arena_free(&r.arena);
}

static void shorthands(void **state)
{
	struct result r;

	(void)state;
	good(&r, "{" LEAST ",\"network\":\"host\",\"seccomp\":\"/etc/s.json\"}");
	assert_int_equal(r.policy.network.mode, NETWORK_HOST);
	assert_string_equal(r.policy.seccomp.profile, "/etc/s.json");
	arena_free(&r.arena);
}

static void settings_win(void **state)
{
	static const struct setting set[] = {
		{ "limits.memory", "1G" }, { "limits.pids", "7" }, { "network", "host" }, { "env.B", "two" }, { "env.A", "one" },
		{ "limits.pids", "8" }, { "sysctl.net.core.somaxconn", "\"9\"" }, { "name", "web" },
		{ "capabilities", "[\"KILL\"]" }, { "rootfs", "/other" }, { "env.C", "\"5\"" },
	};
	struct result r;
	const struct policy *p = &r.policy;

	(void)state;
	parse(&r, "{" LEAST ",\"env\":{\"A\":\"zero\",\"Z\":\"z\"},\"limits\":{\"memory\":\"2G\"}}", set, COUNT(set));
	if (r.ret < 0)
		fail_msg("%s: %s", r.e.path, r.e.msg);
	assert_int_equal(p->limits.memory, 1 << 30);
	assert_int_equal(p->limits.pids, 8);
	assert_int_equal(p->network.mode, NETWORK_HOST);
	assert_int_equal(p->env.n, 4);
	assert_string_equal(p->env.v[0].value, "one");
	assert_string_equal(p->env.v[1].value, "z");
	assert_string_equal(p->sysctl.v[0].name, "net.core.somaxconn");
	assert_string_equal(p->hostname, "web");
	assert_int_equal(p->capabilities, 1 << CAP_KILL);
	assert_string_equal(p->rootfs, "/other");
	arena_free(&r.arena);
}

static const struct { struct setting set; const char *path, *msg, *hint; } bad_settings[] = {
	{ { "limits.memroy", "1G" }, "/limits/memroy", "--set limits.memroy: unknown key", "\"memory\"" },
	{ { "memory", "1G" }, "/memory", "--set memory: unknown key", "\"limits.memory\"" },
	{ { "limits.memory", "1g" }, "/limits/memory", "--set limits.memory: want bytes", "" },
	{ { "limits.pids", "007" }, "/limits/pids", "not \"007\"", "" },
	{ { "limits", "{}" }, "", "is a section", "" },
	{ { "", "1" }, "/", "unknown key", "" },
	{ { "user.uid", "0" }, "/user/uid", "--set user.uid: want an integer from 1", "uid 0 does not exist" },
	{ { "env.LD_PRELOAD", "/x.so" }, "/env/LD_PRELOAD", "refused", "" },
	{ { "env.A", "1" }, "/env/A", "want a string", "" },
	{ { "env.", "x" }, "/env/", "want a variable's name", "" },
	{ { "name", "a\nb" }, "/name", "control character", "" },
	{ { "name", "\xff" }, "/name", "not UTF-8", "" },
	{ { "mounts", "[{\"target\":\"/x\"}]" }, "/mounts/0/source", "required", "" },
	{ { "mounts.0.target", "/x" }, "/target", "unknown key", "" },
	{ { "network.path", "/x" }, "/network/path", "goes only with", "" },
};

static void settings_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_settings); i++) {
		struct result r;

		parse(&r, "{" LEAST "}", &bad_settings[i].set, 1);
		if (r.ret == 0 || r.e.kind != ERR_POLICY || strcmp(r.e.path, bad_settings[i].path) != 0 ||
		    !strstr(r.e.msg, bad_settings[i].msg) || !strstr(r.e.hint, bad_settings[i].hint))
			fail_msg("--set %s=%s: %d %s: %s (%s)", bad_settings[i].set.key, bad_settings[i].set.value, r.ret,
				 r.e.path, r.e.msg, r.e.hint);
		arena_free(&r.arena);
	}
}

static const char *effective(struct arena *a, const char *text)
{
	const struct policy_source src = { text, strlen(text), NULL, 0 };
	const char *json = NULL;
	struct err e = { 0 };

	if (policy_effective(&src, a, &json, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
	return json;
}

static void effective_is_stable(void **state)
{
	struct arena a;
	const char *first, *second;

	(void)state;
	assert_int_equal(arena_init(&a, POLICY_ARENA_SIZE), 0);
	first = effective(&a, "{" LEAST ",\"name\":\"a_b\",\"network\":\"host\",\"limits\":{\"cpus\":0.1},"
			  "\"mounts\":[{\"source\":\"/a\",\"target\":\"/b\"}]}");
	second = effective(&a, first);
	assert_string_equal(first, second);
	assert_non_null(strstr(first, "\"cpus\": 0.1,"));
	assert_non_null(strstr(first, "\"hostname\": \"a-b\""));
	assert_non_null(strstr(first, "\"target\": \"/tmp\""));
	assert_null(strstr(first, "\"listen\""));
	arena_free(&a);
}

/* A policy that failed leaves the caller's struct alone; one that did not is out of reach. */
static void all_or_nothing(void **state)
{
	struct result r;
	struct policy before;
	pid_t pid;
	int status;

	(void)state;
	parse(&r, "{" LEAST ",\"proc\":\"x\"}", NULL, 0);
	assert_int_equal(r.ret, -1);
	memset(&before, 0, sizeof(before));
	assert_memory_equal(&r.policy, &before, sizeof(before));
	arena_free(&r.arena);

	good(&r, "{" LEAST "}");
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(char *)r.policy.rootfs = 'x';
		_exit(0);
	}
	assert_true(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	arena_free(&r.arena);
}

static void too_large(void **state)
{
	static char text[POLICY_BYTES_MAX + 2];
	struct result r;

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, "{" LEAST "}", strlen("{" LEAST "}"));
	parse(&r, text, NULL, 0);
	assert_int_equal(r.ret, -1);
	assert_non_null(strstr(r.e.msg, "longer than 262144 bytes"));
	arena_free(&r.arena);
	text[POLICY_BYTES_MAX] = '\0';
	good(&r, text);
	arena_free(&r.arena);

	/* No room for it is an error like any other. */
	r = (struct result){ 0 };
	assert_int_equal(arena_init(&r.arena, 64), 0);
	r.ret = policy_parse(&(struct policy_source){ "{" LEAST "}", strlen("{" LEAST "}"), NULL, 0 }, &r.arena, &r.policy, &r.e);
	assert_int_equal(r.ret, -1);
	arena_free(&r.arena);
}

/* The rows themselves: named once, documented, their defaults good, and every pattern anchored. */
static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < policy_keys_len; i++) {
		const struct key *k = &policy_keys[i];
		size_t doc = strlen(k->doc);
		char want[256];

		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(k->name, policy_keys[j].name);
		if (k->doc[doc - 1] != '.' || doc > 150)
			fail_msg("%s: a sentence of at most 150 characters", k->name);
		if (k->protects && k->protects[strlen(k->protects) - 1] == '.')
			fail_msg("%s: protects is a phrase", k->name);
		key_want(k, want, sizeof(want));
		assert_true(strlen(want) > 0 && strlen(want) < sizeof(want) - 1);
		if (k->type == KEY_STRING || k->type == KEY_STRINGS || k->type == KEY_PAIRS || k->type == KEY_PROFILE)
			assert_non_null(k->syntax);
		if (k->type == KEY_PAIRS)
			assert_non_null(k->value_syntax);
		if (k->type == KEY_UINT || k->type == KEY_SIZE || k->type == KEY_NUMBERS || k->type == KEY_MODE)
			assert_true(k->max > 0);
	}
}

/* Readable at 80 columns, with every key, and with where it came from. */
static void explanation(void **state)
{
	static const struct setting set[] = { { "limits.pids", "9" } };
	const char *json = "{" LEAST ",\"mounts\":[{\"source\":\"/a/very/long/path/that/does/not/fit/into/one/line\",\"target\":\"/b\"}]}";
	const struct policy_source src = { json, strlen(json), set, 1 };
	_auto(free_mem) char *out = NULL;
	struct err e = { 0 };
	size_t size;
	FILE *f = open_memstream(&out, &size);

	(void)state;
	assert_int_equal(policy_explain(&src, f, &e), 0);
	fclose(f);
	for (const char *line = out; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 80)
			fail_msg("longer than 80: %.*s", (int)strcspn(line, "\n"), line);
	for (size_t i = 0; i < policy_keys_len; i++)
		if (!policy_keys[i].when && !strstr(out, policy_keys[i].name))
			fail_msg("%s is missing", policy_keys[i].name);
	assert_non_null(strstr(out, "limits.pids               9                     set     against fork bombs\n"));
	assert_non_null(strstr(out, "user.uid                  10001                 policy  "));
	assert_non_null(strstr(out, "mounts/1                  type=tmpfs            default "));
	assert_null(strstr(out, "network.path"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults), cmocka_unit_test(tmp_is_implied), cmocka_unit_test(everything),
		cmocka_unit_test(shorthands), cmocka_unit_test(settings_win), cmocka_unit_test(settings_fail),
		cmocka_unit_test(effective_is_stable), cmocka_unit_test(all_or_nothing), cmocka_unit_test(too_large),
		cmocka_unit_test(rows), cmocka_unit_test(explanation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
