/* Every syntax, secret and name: what is fine, what is refused, and why. */
#include "syntax.h"

#include "../base/cleanup.h"
#include "names.h"
#include "secret.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define A36 "abcdefghijklmnopqrstuvwxyz0123456789"

/* `why`: a piece of the reason; NULL: fine. */
static const struct { const struct syntax *syntax; const char *text, *why; } texts[] = {
	{ &syntax_path, "/", NULL }, { &syntax_path, "/a/b.c/..d/...", NULL }, { &syntax_path, "/a b/\xc3\xa9", NULL },
	{ &syntax_path, "", "absolute" }, { &syntax_path, "a", "absolute" }, { &syntax_path, "./a", "absolute" },
	{ &syntax_path, "/a/../b", "\"..\"" }, { &syntax_path, "/..", "\"..\"" }, { &syntax_path, "/a/.", "\".\"" },
	{ &syntax_path, "/./a", "\".\"" }, { &syntax_path, "//a", "\"//\"" }, { &syntax_path, "/a//b", "\"//\"" },
	{ &syntax_path, "/a/", "final" }, { &syntax_path, "//", "\"//\"" },
	{ &syntax_target, "/data", NULL }, { &syntax_target, "/dev/log", NULL }, { &syntax_target, "/procx", NULL },
	{ &syntax_target, "/sysroot", NULL }, { &syntax_target, "/dev/shmem", NULL },
	{ &syntax_target, "/", "rootfs" }, { &syntax_target, "/proc", "launcher" }, { &syntax_target, "/proc/1", "launcher" },
	{ &syntax_target, "/sys/fs/cgroup", "launcher" }, { &syntax_target, "/dev", "launcher" },
	{ &syntax_target, "/dev/shm", "launcher" }, { &syntax_target, "/dev/pts/0", "launcher" },
	{ &syntax_target, "/a/../proc", "\"..\"" },
	{ &syntax_device, "/dev/fuse", NULL }, { &syntax_device, "/dev/net/tun", NULL },
	{ &syntax_device, "/dev", "below" }, { &syntax_device, "/etc/passwd", "below" }, { &syntax_device, "/dev/../etc", "\"..\"" },
	{ &syntax_profile, "default", NULL }, { &syntax_profile, "/etc/s.json", NULL },
	{ &syntax_profile, "unconfined", "want" }, { &syntax_profile, "", "want" }, { &syntax_profile, "/a/..", "\"..\"" },
	{ &syntax_name, "", NULL }, { &syntax_name, "web-1.example_x", NULL }, { &syntax_name, "a__b", NULL },
	{ &syntax_name, "-a", "want" }, { &syntax_name, "a-", "want" }, { &syntax_name, ".", "want" },
	{ &syntax_name, "..", "want" }, { &syntax_name, "a/b", "want" }, { &syntax_name, "a..b", "want" },
	{ &syntax_name, "a b", "want" }, { &syntax_name, "\xc3\xa9", "want" },
	{ &syntax_hostname, "", NULL }, { &syntax_hostname, "Web-1.example", NULL },
	{ &syntax_hostname, "a_b", "host name" }, { &syntax_hostname, "a.", "host name" }, { &syntax_hostname, "-a", "host name" },
	{ &syntax_host, "", "host name" }, { &syntax_host, "db", NULL },
	{ &syntax_address, "127.0.0.1", NULL }, { &syntax_address, "::1", NULL }, { &syntax_address, "fe80::1", NULL },
	{ &syntax_address, "::ffff:1.2.3.4", NULL },
	{ &syntax_address, "127.1", "address" }, { &syntax_address, "256.0.0.1", "address" },
	{ &syntax_address, "01.2.3.4", "address" }, { &syntax_address, "fe80::1%eth0", "address" },
	{ &syntax_address, "localhost", "address" }, { &syntax_address, "1.2.3.4 ", "address" },
	{ &syntax_env_name, "LANG", NULL }, { &syntax_env_name, "_x9", NULL }, { &syntax_env_name, "LDFLAGS", NULL },
	{ &syntax_env_name, "ENVIRONMENT", NULL },
	{ &syntax_env_name, "", "name" }, { &syntax_env_name, "9x", "name" }, { &syntax_env_name, "A=B", "name" },
	{ &syntax_env_name, "A-B", "name" }, { &syntax_env_name, "BASH_FUNC_x%%", "name" },
	{ &syntax_env_name, "LD_PRELOAD", "refused" }, { &syntax_env_name, "LD_", "refused" },
	{ &syntax_env_name, "MALLOC_CHECK_", "refused" }, { &syntax_env_name, "GLIBC_TUNABLES", "refused" },
	{ &syntax_env_name, "GCONV_PATH", "refused" }, { &syntax_env_name, "BASH_ENV", "refused" },
	{ &syntax_env_name, "ENV", "refused" }, { &syntax_env_name, "NOTIFY_SOCKET", "service manager" }, { &syntax_env_name, "PYTHONSTARTUP", "refused" },
	{ &syntax_env_pass, "TERM", NULL }, { &syntax_env_pass, "LD_PRELOAD", "refused" },
	{ &syntax_env_pass, "GITHUB_TOKEN", "secret" },
	{ &syntax_apparmor, "casemate-default", NULL }, { &syntax_apparmor, "/usr/bin/x//child", NULL },
	{ &syntax_apparmor, "", "name" }, { &syntax_apparmor, "a b", "name" }, { &syntax_apparmor, "unconfined", "no confinement" },
	{ &syntax_cpuset, "", NULL }, { &syntax_cpuset, "0", NULL }, { &syntax_cpuset, "0-3,7", NULL },
	{ &syntax_cpuset, "3-0", "want" }, { &syntax_cpuset, "0-", "want" }, { &syntax_cpuset, ",", "want" },
	{ &syntax_cpuset, "0,", "want" }, { &syntax_cpuset, "00", "want" }, { &syntax_cpuset, "8192", "want" },
	{ &syntax_cpuset, "99999", "want" }, { &syntax_cpuset, "a", "want" }, { &syntax_cpuset, "0 1", "want" },
	{ &syntax_cpuset, "0-1-2", "want" },
	{ &syntax_sysctl, "net.core.somaxconn", NULL }, { &syntax_sysctl, "kernel.shmmax", NULL },
	{ &syntax_sysctl, "fs.mqueue.msg_max", NULL }, { &syntax_sysctl, "kernel.sem", NULL },
	{ &syntax_sysctl, "kernel.core_pattern", "host" }, { &syntax_sysctl, "vm.swappiness", "host" },
	{ &syntax_sysctl, "kernel.sem.x", "host" }, { &syntax_sysctl, "fs.file-max", "host" }, { &syntax_sysctl, "net", "host" },
	{ &syntax_sysctl, "net.", "dots" }, { &syntax_sysctl, "net..x", "dots" }, { &syntax_sysctl, "net/ipv4", "dots" },
	{ &syntax_sysctl, "net.../../kernel/core_pattern", "dots" }, { &syntax_sysctl, "", "dots" },
	{ &syntax_sysctl_value, "1", NULL }, { &syntax_sysctl_value, "", "value" },
};

static void syntaxes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct fault *f = texts[i].syntax->judge(texts[i].text);

		if (!f != !texts[i].why || (f && !strstr(f->why, texts[i].why)))
			fail_msg("\"%s\": %s, not %s", texts[i].text, f ? f->why : "fine", texts[i].why ? texts[i].why : "fine");
	}
}

static const char *const secrets[] = {
	"AKIAIOSFODNN7EXAMPLE", "key=ASIAIOSFODNN7EXAMPLE", "ghp_" A36, "--token=gho_" A36, "github_pat_11ABCDEFG0123456789xyz",
	"glpat-abcdefghij0123456789", "xoxb-1234567890-abc", "sk_live_abcdefghij0123456789", "npm_" A36,
	"AIzaSyA-abcdefghijklmnopqrstuvwxyz01234", "-----BEGIN RSA PRIVATE KEY-----MIIE", "-----BEGIN PRIVATE KEY-----",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
	"postgres://user:hunter2@db/x", "redis://:hunter2@cache:6379/0", "--dsn=https://k:pw@sentry.example/1",
	"ghp_short and then ghp_" A36,
};
static const char *const harmless[] = {
	"", "daemon off;", "AKIA", "XAKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example", "ghp_short", "ghp_", "eyJ", "eyJhbGci.x.y",
	"http://127.0.0.1:8080/a@b", "https://user@host/", "://:@", "http://a:@b/", "-----BEGIN CERTIFICATE-----", "sk_test_abcdefghij0123456789",
	"2001:db8::1", "a:b@c",
};
static const struct { const char *name, *value; bool secret; } variables[] = {
	{ "PASSWORD", "x", true }, { "PGPASSWORD", "x", true }, { "db_password", "x", true }, { "API_KEY", "x", true },
	{ "STRIPE_APIKEY", "x", true }, { "MYSQL_PWD", "x", true }, { "DB_PASS", "x", true }, { "SECRET_KEY_BASE", "x", true },
	{ "AWS_SECRET_ACCESS_KEY", "x", true }, { "GITHUB_TOKEN", "x", true }, { "TOKENIZER_TOKEN", "x", true },
	{ "TOKEN", "1x", true },
	{ "PASSWORD_FILE", "/run/secrets/pw", false }, { "TOKEN_TTL", "3600", false }, { "PASSWORD", "", false },
	{ "REQUIRE_PASSWORD", "yes", false }, { "TOKENIZERS_PARALLELISM", "many", false }, { "PWD", "x", false },
	{ "MAX_TOKENS", "many", false }, { "BYPASS", "x", false }, { "KEYBOARD", "us", false }, { "SECRETARY", "x", false },
};

static void secret_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(secrets); i++)
		if (!secret_value(secrets[i]))
			fail_msg("not seen: %s", secrets[i]);
	for (size_t i = 0; i < COUNT(harmless); i++)
		if (secret_value(harmless[i]))
			fail_msg("%s: %s", harmless[i], secret_value(harmless[i])->why);
	for (size_t i = 0; i < COUNT(variables); i++)
		if (!secret_pair(variables[i].name, variables[i].value) == variables[i].secret)
			fail_msg("%s=%s", variables[i].name, variables[i].value);
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(capability_number("CAP_CHOWN"), 0);
	assert_int_equal(capability_number("net_bind_service"), CAP_NET_BIND_SERVICE);
	assert_int_equal(capability_number("cap_sys_admin"), CAP_SYS_ADMIN);
	assert_int_equal(capability_number("CHECKPOINT_RESTORE"), CAP_CHECKPOINT_RESTORE);
	for (size_t i = 0; i < capability_names_len; i++)
		assert_int_equal(capability_number(capability_names[i]), i);
	assert_int_equal(capability_number("CAP_chown"), -1);
	assert_int_equal(capability_number("cap_CHOWN"), -1);
	assert_int_equal(capability_number("Chown"), -1);
	assert_int_equal(capability_number("CAP_CHOWN "), -1);
	assert_int_equal(capability_number("CAP_CAP_CHOWN"), -1);
	assert_int_equal(capability_number("CAP_"), -1);
	assert_int_equal(capability_number(""), -1);
	assert_int_equal(capability_number("ALL"), -1);
	assert_int_equal(signal_number("SIGTERM"), SIGTERM);
	assert_int_equal(signal_number("QUIT"), SIGQUIT);
	assert_int_equal(signal_number("SIGRTMIN+3"), 37);
	assert_int_equal(signal_number("SIGRTMIN+30"), 64);
	assert_int_equal(signal_number("SIGRTMIN+31"), -1);
	assert_int_equal(signal_number("SIGRTMIN+03"), -1);
	assert_int_equal(signal_number("SIGSTOP"), -1);
	assert_int_equal(signal_number("sigterm"), -1);
	assert_int_equal(signal_number("SIG"), -1);
	assert_int_equal(signal_number("15"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntaxes), cmocka_unit_test(secret_shapes), cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
