/* Every rule fires on a policy made for it, and not on its near miss; a plain policy has no finding at all. */
#include "../../src/check/check.h"
#include "../../src/check/report.h"
#include "../../src/check/source.h"
#include "../../src/check/standards.h"

#include "../../src/base/cleanup.h"
#include "../../src/controls/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LEAST "\"version\":1,\"rootfs\":\"/srv/root\",\"user\":{\"uid\":10001,\"gid\":10001},"
#define PLAIN LEAST "\"args\":[\"/bin/x\"]"
#define USER(user) "\"version\":1,\"rootfs\":\"/srv/root\",\"args\":[\"/bin/x\"],\"user\":{" user "}"
#define ROOTFS(dir) "\"version\":1,\"rootfs\":\"" dir "\",\"user\":{\"uid\":10001,\"gid\":10001},\"args\":[\"/bin/x\"]"
#define MOUNT(source, target, more) PLAIN ",\"mounts\":[{\"source\":\"" source "\",\"target\":\"" target "\"" more "}]"
#define BIND(source, more) MOUNT(source, "/m", more)
#define RW ",\"read_only\":false"
#define TMPFS(target, more) PLAIN ",\"mounts\":[{\"type\":\"tmpfs\",\"target\":\"" target "\"" more "}]"
#define DEVICE(path) PLAIN ",\"devices\":[{\"path\":\"" path "\"}]"
#define CAPS(names) PLAIN ",\"capabilities\":[" names "]"
#define NETPATH(more) PLAIN ",\"network\":{\"mode\":\"path\",\"path\":\"/run/netns/x\"" more "}"
#define NETHOST(more) PLAIN ",\"network\":{\"mode\":\"host\"" more "}"
#define ARGS(args) LEAST "\"args\":[" args "]"
#define LIMITS(limits) PLAIN ",\"limits\":{" limits "}"
#define PROFILE(more) PLAIN ",\"seccomp\":{\"profile\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"" more "}}"
#define CALLS(more) ",\"syscalls\":[{\"names\":[\"execve\"" more "],\"action\":\"SCMP_ACT_ALLOW\"}"
#define WANTED ",\"exit_group\",\"rt_sigreturn\""

/* Several rows may stand for one rule. `quiet` must not fire that rule; it may fire others. */
static const struct { const char *id, *pointer, *fires, *quiet; } cases[] = {
	{ "uts.hostname", "/hostname", PLAIN ",\"hostname\":\"h\",\"namespaces\":{\"uts\":false}", PLAIN ",\"hostname\":\"h\"" },
	{ "time.offset", "/time", PLAIN ",\"time\":{\"boottime\":5},\"namespaces\":{\"time\":false}", PLAIN ",\"time\":{\"boottime\":5}" },
	{ "sysctl.net", "/sysctl", NETHOST("") ",\"sysctl\":{\"net.core.somaxconn\":\"1\"}", NETHOST("") ",\"sysctl\":{\"kernel.sem\":\"1\"}" },
	{ "sysctl.ipc", "/sysctl", PLAIN ",\"namespaces\":{\"ipc\":false},\"sysctl\":{\"kernel.shmmni\":\"1\"}",
	  PLAIN ",\"namespaces\":{\"ipc\":false},\"sysctl\":{\"net.core.somaxconn\":\"1\"}" },
	{ "rootfs.host", "/rootfs", ROOTFS("/"), ROOTFS("/srv") },
	{ "rootfs.writable", "/mounts", BIND("/srv/root/data", RW), BIND("/srv/rootless", RW) },
	{ "rootfs.writable", "/mounts", BIND("/srv", RW), BIND("/srv", "") },
	{ "rootfs.open", "/rootfs", ROOTFS("/tmp/x"), ROOTFS("/tmpfs/x") },
	{ "namespaces.user", "/namespaces/user", PLAIN ",\"namespaces\":{\"user\":false}", PLAIN ",\"namespaces\":{\"user\":true}" },
	{ "namespaces.ipc", "/namespaces/ipc", PLAIN ",\"namespaces\":{\"ipc\":false}", PLAIN },
	{ "namespaces.uts", "/namespaces/uts", PLAIN ",\"namespaces\":{\"uts\":false}", PLAIN },
	{ "namespaces.cgroup", "/namespaces/cgroup", PLAIN ",\"namespaces\":{\"cgroup\":false}", PLAIN },
	{ "namespaces.time", "/namespaces/time", PLAIN ",\"namespaces\":{\"time\":false}", PLAIN },
	{ "network.host", "/network/mode", NETHOST(""), NETPATH("") },
	{ "network.path", "/network/path", NETPATH(""), NETHOST("") },
	{ "network.egress", "/network/mode", NETPATH(""), NETPATH(",\"connect\":[]") },
	{ "network.listen", "/network/mode", NETHOST(""), NETHOST(",\"listen\":[8080]") },
	{ "sockets.unix", "/sockets", PLAIN ",\"sockets\":[{\"name\":\"a\"},{\"name\":\"b\",\"family\":\"unix\"}]", PLAIN ",\"sockets\":[{\"name\":\"a\"}]" },
	{ "network.low_port", "/network/listen", NETHOST(",\"listen\":[8080,1023]"), NETHOST(",\"listen\":[1024]") },
	{ "network.low_port", "/network/listen", NETHOST(",\"listen\":[80]"), NETPATH(",\"listen\":[80]") },
	{ "seccomp.log", "/seccomp/deny", PLAIN ",\"seccomp\":{\"deny\":\"log\"}", PLAIN ",\"seccomp\":{\"deny\":\"kill\"}" },
	{ "memory.tmpfs", "/limits/memory", PLAIN ",\"shm\":\"449M\"", PLAIN ",\"shm\":\"448M\"" },
	{ "memory.tmpfs", "/limits/memory", TMPFS("/x", ",\"size\":\"1G\""), TMPFS("/x", ",\"size\":\"384M\"") },
	{ "memory.half", "/limits/oom_group", LIMITS("\"oom_group\":false"), PLAIN },
	{ "rlimits.stack", "/limits/rlimits/stack", LIMITS("\"rlimits\":{\"stack\":\"unlimited\"}"), LIMITS("\"rlimits\":{\"stack\":\"1G\"}") },
	{ "host.memory", "/limits/memory", LIMITS("\"memory\":1073741825"), LIMITS("\"memory\":\"1G\"") },
	{ "host.cpus", "/limits/cpus", LIMITS("\"cpus\":2.000001"), LIMITS("\"cpus\":2") },
	{ "host.pids", "/limits/pids", LIMITS("\"pids\":1001"), LIMITS("\"pids\":1000") },
	{ "stop.kill", "/stop/signal", PLAIN ",\"stop\":{\"signal\":\"KILL\"}", PLAIN ",\"stop\":{\"signal\":\"QUIT\"}" },
	{ "stop.systemd", "/stop/timeout", PLAIN ",\"stop\":{\"timeout\":\"91s\"}", PLAIN ",\"stop\":{\"timeout\":\"90s\"}" },

	{ "mount.root", "/mounts/0", BIND("/", ""), BIND("/x", "") },
	{ "mount.kernel", "/mounts/0", BIND("/proc", ""), BIND("/procession", "") },
	{ "mount.kernel", "/mounts/0", BIND("/sys/kernel", ""), BIND("/system", "") },
	{ "mount.dev", "/mounts/0", BIND("/dev", ""), BIND("/dev/log", "") },
	{ "mount.manager", "/mounts/0", BIND("/var/run/docker.sock", ""), BIND("/var/run/docker.socket", "") },
	{ "mount.manager", "/mounts/0", BIND("/run", ""), BIND("/runner", "") },
	{ "mount.manager", "/mounts/0", BIND("/run/containerd/containerd.sock", ""), BIND("/run/nginx", "") },
	{ "mount.manager", "/mounts/0", BIND("/run/systemd/private", ""), BIND("/run/postgresql", "") },
	{ "mount.manager", "/mounts/0", BIND("/run/dbus/system_bus_socket", ""), BIND("/srv/dbus", "") },
	{ "mount.manager", "/mounts/0", BIND("/run/crio/crio.sock", ""), BIND("/srv/crio.sock", "") },
	{ "mount.manager", "/mounts/0", BIND("/var/run", ""), BIND("/var/runes", "") },
	{ "mount.system", "/mounts/0", BIND("/etc/cron.d", RW), BIND("/etc/nginx", "") },
	{ "mount.system", "/mounts/0", BIND("/usr", RW), BIND("/usr/share/zoneinfo", "") },
	{ "mount.system", "/mounts/0", BIND("/var/lib", RW), BIND("/var/lib/web", RW) },
	{ "mount.credentials", "/mounts/0", BIND("/etc", ""), BIND("/etc/hostname", "") },
	{ "mount.system", "/mounts/0", BIND("/var/spool", RW), BIND("/var/spool/mail", RW) },
	{ "mount.system", "/mounts/0", BIND("/var", RW), BIND("/var", "") },
	{ "mount.credentials", "/mounts/0", BIND("/etc/ssl", ""), BIND("/etc/ssl/certs", "") },
	{ "mount.credentials", "/mounts/0", BIND("/root/.ssh", ""), BIND("/rooted", "") },
	{ "mount.credentials", "/mounts/0", BIND("/home/a/.ssh/id", ""), BIND("/home/a/site", "") },
	{ "mount.engine", "/mounts/0", BIND("/var/lib/docker/volumes", ""), BIND("/var/lib/dockerish", "") },
	{ "mount.engine", "/mounts/0", BIND("/var", ""), BIND("/srv/var", "") },
	{ "mount.engine", "/mounts/0", BIND("/var/log", ""), BIND("/var/log/nginx", "") },
	{ "mount.boot", "/mounts/0", BIND("/lib/modules", ""), BIND("/libx", "") },
	{ "mount.boot", "/mounts/0", BIND("/usr/lib", ""), BIND("/usr/lib/x86_64-linux-gnu", "") },
	{ "mount.boot", "/mounts/0", BIND("/usr", ""), BIND("/usr/share", "") },
	{ "mount.write_exec", "/mounts/0", BIND("/srv/x", RW ",\"exec\":true"), BIND("/srv/x", ",\"exec\":true") },
	{ "mount.write_exec", "/mounts/0", TMPFS("/x", ",\"exec\":true"), TMPFS("/x", "") },
	{ "mount.suid", "/mounts/0", BIND("/srv/x", ",\"suid\":true"), BIND("/srv/x", "") },
	{ "mount.dev_nodes", "/mounts/0", BIND("/srv/x", ",\"dev\":true"), BIND("/srv/x", "") },
	{ "mount.idmap", "/mounts/0", BIND("/srv/x", RW ",\"idmap\":true"), BIND("/srv/x", ",\"idmap\":true") },
	{ "mount.path_dir", "/mounts/0", MOUNT("/srv/x", "/usr/local/bin", RW), MOUNT("/srv/x", "/usr/local/bin", "") },
	{ "mount.path_dir", "/mounts/0", TMPFS("/usr", ""), TMPFS("/usr/local/share", "") },
	{ "mount.path_dir", "/mounts/0", TMPFS("/app/bin/x", "") ",\"env\":{\"PATH\":\"/app/bin\"}", TMPFS("/usr/bin", "") ",\"env\":{\"PATH\":\"/app/bin\"}" },
	{ "mount.over_system", "/mounts/0", TMPFS("/etc/nginx", ""), MOUNT("/srv/x", "/etc/nginx", "") },
	{ "mount.over_system", "/mounts/0", TMPFS("/lib", ""), TMPFS("/library", "") },
	{ "mount.hides", "/mounts/0", MOUNT("/srv/x", "/etc/hosts", ""), MOUNT("/srv/x", "/etc/hosts.d", "") },
	{ "mount.hides", "/mounts/0", MOUNT("/srv/x", "/etc/passwd", "") ",\"passwd\":true", MOUNT("/srv/x", "/etc/passwd", "") },
	{ "device.standard", "/devices/0", DEVICE("/dev/ptmx"), DEVICE("/dev/fuse") },
	{ "device.memory", "/devices/0", DEVICE("/dev/mem"), DEVICE("/dev/memory") },
	{ "device.disk", "/devices/0", DEVICE("/dev/nvme0n1"), DEVICE("/dev/nvram") },
	{ "device.host", "/devices/0", DEVICE("/dev/input/event0"), DEVICE("/dev/dri/card0") },

	{ "caps.kernel", "/capabilities", CAPS("\"SYS_MODULE\""), CAPS("\"SYS_ADMIN\"") },
	{ "caps.host_network", "/capabilities", NETHOST("") ",\"capabilities\":[\"NET_ADMIN\"]", NETPATH("") ",\"capabilities\":[\"NET_ADMIN\"]" },
	{ "caps.host_ids", "/capabilities", CAPS("\"KILL\"") ",\"namespaces\":{\"user\":false}", CAPS("\"KILL\"") },
	{ "caps.sys_admin", "/capabilities", CAPS("\"SYS_ADMIN\""), CAPS("\"SYS_CHROOT\"") },
	{ "caps.ptrace", "/capabilities", CAPS("\"PERFMON\""), CAPS("\"BPF\"") },
	{ "caps.dac", "/capabilities", CAPS("\"DAC_READ_SEARCH\""), CAPS("\"FOWNER\"") },
	{ "caps.owner", "/capabilities", CAPS("\"CHOWN\""), CAPS("\"KILL\"") },
	{ "caps.bpf", "/capabilities", CAPS("\"BPF\""), CAPS("\"PERFMON\"") },
	{ "caps.ids", "/capabilities", CAPS("\"SETPCAP\""), CAPS("\"KILL\"") },
	{ "caps.mac", "/capabilities", CAPS("\"MAC_ADMIN\""), CAPS("\"MKNOD\"") },
	{ "caps.limits", "/capabilities", CAPS("\"SYS_NICE\""), CAPS("\"SYS_TIME\"") },
	{ "caps.mknod", "/capabilities", CAPS("\"MKNOD\""), CAPS("\"MAC_ADMIN\"") },
	{ "caps.chroot", "/capabilities", CAPS("\"SYS_CHROOT\""), CAPS("\"SYS_BOOT\"") },
	{ "caps.signals", "/capabilities", CAPS("\"KILL\""), CAPS("\"CHOWN\"") },
	{ "caps.host", "/capabilities", CAPS("\"SYSLOG\""), CAPS("\"NET_RAW\"") },
	{ "caps.net", "/capabilities", CAPS("\"NET_RAW\""), CAPS("\"NET_BIND_SERVICE\"") },
	{ "caps.bind", "/capabilities", CAPS("\"NET_BIND_SERVICE\""), CAPS("") },

	{ "args.relative", "/args/0", ARGS("\"bin/x\""), ARGS("\"x\"") },
	{ "args.empty", "/args", ARGS(""), ARGS("\"/x\"") },
	{ "args.shell", "/args", ARGS("\"/bin/sh\",\"-c\",\"x\""), ARGS("\"/bin/sh\",\"/x.sh\"") },
	{ "args.shell", "/args", ARGS("\"bash\",\"-ec\",\"x\""), ARGS("\"/bin/shred\",\"-c\"") },
	{ "args.secret", "/args/1", ARGS("\"/x\",\"--db-password=hunter2\""), ARGS("\"/x\",\"--db-password-file=/run/secrets/db\"") },
	{ "args.secret", "/args/1", ARGS("\"/x\",\"--token\",\"hunter2\""), ARGS("\"/x\",\"--token\",\"/run/secrets/t\"") },
	{ "args.secret", "/args/2", ARGS("\"sh\",\"-c\",\"TOKEN=abc x\""), ARGS("\"sh\",\"-c\",\"TOKEN_TTL=60 x --token-ttl 60\"") },
	{ "args.secret", "/args/2", ARGS("\"sh\",\"-c\",\"cd /x && API_KEY=hunter2 exec y\""), ARGS("\"sh\",\"-c\",\"API_KEY=$(cat /run/k) exec y\"") },
	{ "args.sshd", "/args/0", ARGS("\"/usr/sbin/sshd\",\"-D\""), ARGS("\"/usr/bin/ssh\"") },
	{ "exec_once.shell", "/exec_once", ARGS("\"sh\",\"-c\",\"x\"") ",\"exec_once\":true", ARGS("\"sh\",\"-c\",\"x\"") },
	{ "exec.allowed", "/exec", PLAIN ",\"exec\":true", PLAIN ",\"exec\":false" },
	{ "env.writable", "/env/PATH", PLAIN ",\"env\":{\"PATH\":\"/bin:/tmp/bin\"}", PLAIN ",\"env\":{\"PATH\":\"/bin:/tmpbin\"}" },
	{ "env.writable", "/env/PYTHONPATH", PLAIN ",\"env\":{\"PYTHONPATH\":\"lib\"}", PLAIN ",\"env\":{\"HOME\":\"/tmp\"}" },
	{ "env.pass", "/env_pass", PLAIN ",\"env_pass\":[\"LANG\"]", PLAIN ",\"env_pass\":[]" },
	{ "user.nobody", "/user", USER("\"uid\":65534,\"gid\":10001"), USER("\"uid\":65535,\"gid\":10001") },
	{ "user.system", "/user/uid", USER("\"uid\":33,\"gid\":10001"), USER("\"uid\":1000,\"gid\":10001") },
	{ "user.groups", "/user", USER("\"uid\":1000,\"gid\":1000,\"groups\":[6]"), USER("\"uid\":1000,\"gid\":1000,\"groups\":[7]") },
	{ "init.off", "/init", PLAIN ",\"init\":false", PLAIN },
	{ "user.umask", "/user/umask", USER("\"uid\":1000,\"gid\":1000,\"umask\":\"0000\""), USER("\"uid\":1000,\"gid\":1000,\"umask\":\"0002\"") },

	/* What the controls report. */
	{ "apparmor.capabilities", "/apparmor", CAPS("\"SYS_ADMIN\""), CAPS("\"SYS_ADMIN\"") ",\"apparmor\":\"own\"" },
	{ "landlock.off", "/landlock", PLAIN ",\"landlock\":false", PLAIN },
	{ "landlock.ports", "/landlock", NETPATH(",\"listen\":[1]") ",\"landlock\":false", NETPATH("") ",\"landlock\":false" },
	{ "memory.tiny", "/limits/memory", LIMITS("\"memory\":\"1M\""), LIMITS("\"memory\":\"16M\"") },
	{ "memory.high", "/limits/memory_high", LIMITS("\"memory_high\":\"512M\""), LIMITS("\"memory_high\":\"511M\"") },
	{ "memory.swap", "/limits/swap", LIMITS("\"swap\":1"), LIMITS("\"swap\":0") },
	{ "pids.tiny", "/limits/pids", LIMITS("\"pids\":1"), LIMITS("\"pids\":2") },
	{ "io.nothing", "/limits/io/0", LIMITS("\"io\":[{\"path\":\"/srv\"}]"), LIMITS("\"io\":[{\"path\":\"/srv\",\"rbps\":1}]") },
	{ "rlimits.core", "/limits/rlimits/core", LIMITS("\"rlimits\":{\"core\":1}"), LIMITS("\"rlimits\":{\"core\":0}") },
	{ "rlimits.rtprio", "/limits/rlimits/rtprio", LIMITS("\"rlimits\":{\"rtprio\":1}"), PLAIN },
	{ "exec_once.ptrace", "/exec_once", CAPS("\"SYS_PTRACE\"") ",\"exec_once\":true", CAPS("\"SYS_PTRACE\"") },
	{ "seccomp.invalid", "/seccomp/profile", PROFILE(""), PROFILE(CALLS(WANTED) "]") },
	{ "seccomp.invalid", "/seccomp/profile/syscalls/0/names/3", PROFILE(CALLS(WANTED ",\"raed\"") "]"), PROFILE(CALLS(WANTED ",\"read\"") "]") },
	/* "!= 38" or "!= 40": everything */
	{ "seccomp.invalid", "/seccomp/profile/syscalls/1",
	  PROFILE(CALLS(WANTED) ",{\"name\":\"socket\",\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":38,\"op\":\"SCMP_CMP_NE\"}]},"
		  "{\"name\":\"socket\",\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_NE\"}]}]"),
	  PROFILE(CALLS(WANTED) ",{\"name\":\"socket\",\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":38,\"op\":\"SCMP_CMP_NE\"}]}]") },
	{ "seccomp.invalid", "/seccomp/profile/syscalls/1/action", PROFILE(CALLS(WANTED) ",{\"name\":\"read\",\"action\":\"SCMP_ACT_NOTIFY\"}]"),
	  PROFILE(CALLS(WANTED) ",{\"name\":\"read\",\"action\":\"SCMP_ACT_TRAP\"}]") },
	{ "seccomp.unread", "/seccomp/profile", PLAIN ",\"seccomp\":\"/nonexistent.json\"", PLAIN },
	{ "seccomp.exit_group", "/seccomp/profile", PROFILE(CALLS("") "]"), PROFILE(CALLS(WANTED) "]") },
	{ "seccomp.rt_sigreturn", "/seccomp/profile", PROFILE(CALLS("") "]"), PROFILE(CALLS(WANTED) "]") },
	{ "seccomp.default_allow", "/seccomp/profile", PLAIN ",\"seccomp\":{\"profile\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", PROFILE(CALLS("") "]") },
	{ "seccomp.logged", "/seccomp/profile", PROFILE(CALLS(WANTED) ",{\"name\":\"read\",\"action\":\"SCMP_ACT_LOG\"}]"), PROFILE(CALLS(WANTED) "]") },
#ifdef __x86_64__
	{ "seccomp.foreign", "/seccomp/profile", PROFILE(CALLS("") "],\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]"),
	  PROFILE(CALLS("") "],\"architectures\":[\"SCMP_ARCH_X86_64\"]") },
#endif
};

/* A door's notes; each row with one beside it that is another rule's. */
static const struct { enum said said; const char *pointer, *excerpt, *text, *id; } notes[] = {
	{ SAID_REFUSED, "", "--privileged", "casemate has no such thing", "source.privileged" },
	{ SAID_REFUSED, "", "--gpus all", "casemate has no such thing", "source.refused" },
	{ SAID_REFUSED, "", "--user 0", "uid 0 does not exist in a container", "source.root" },
	{ SAID_TIGHTENED, "/user/gid", "--user 1000", "x", "source.root" }, { SAID_TIGHTENED, "/username", "", "x", "source.tightened" },
	{ SAID_TIGHTENED, "/user/umask", "", "x", "source.tightened" },
	{ SAID_TIGHTENED, "/capabilities", "", "x", "source.capabilities" }, { SAID_NO_EFFECT, "/capabilities", "", "x", "source.no_effect" },
	{ SAID_TIGHTENED, "/limits/memory", "", "x", "source.limits" }, { SAID_MISSING, "/limits/memory", "", "x", "source.missing" },
	{ SAID_TIGHTENED, "/seccomp", "", "x", "source.seccomp" }, { SAID_REFUSED, "/seccomp", "", "x", "source.refused" },
	{ SAID_TIGHTENED, "/apparmor", "", "x", "source.apparmor" }, { SAID_REFUSED, "/apparmor", "", "x", "source.refused" },
	{ SAID_TIGHTENED, "/proc", "", "x", "source.masks" }, { SAID_TIGHTENED, "/process", "", "x", "source.tightened" },
	{ SAID_TIGHTENED, "/sys", "", "x", "source.masks" }, { SAID_TIGHTENED, "/sysctl", "", "x", "source.tightened" },
	{ SAID_TIGHTENED, "/network/mode", "", "x", "source.network" }, { SAID_NO_EFFECT, "/network/mode", "", "x", "source.no_effect" },
	{ SAID_TIGHTENED, "/namespaces/user", "", "x", "source.namespaces" }, { SAID_MISSING, "/namespaces", "", "x", "source.missing" },
	{ SAID_REFUSED, "", "--pid host", "it would see every process of the host", "source.namespaces" },
	{ SAID_REFUSED, "", "--ipc container:x", "casemate shares no namespaces between containers", "source.namespaces" }, { SAID_REFUSED, "", "--pull always", "x", "source.refused" },
	{ SAID_TIGHTENED, "/mounts", "", "x", "source.mounts" }, { SAID_REFUSED, "/mounts/0", "", "x", "source.refused" },
	{ SAID_TIGHTENED, "", "", "here it always holds, so setuid programs gain nothing", "source.new_privs" },
	{ SAID_TIGHTENED, "", "", "no --read-only: the root is read-only always", "source.writable_root" },
	{ SAID_TIGHTENED, "", "", "and always: x", "source.always" }, { SAID_TIGHTENED, "", "", "always", "source.tightened" },
};

static const struct { const char *image, *id; } images[] = {
	{ "nginx", "source.latest" }, { "nginx:latest", "source.latest" }, { "host:5000/nginx", "source.latest" },
	{ "nginx:1.27", "source.tag" }, { "host:5000/nginx:1.27", "source.tag" }, { "nginx@sha256:00", NULL }, { "nginx:1@sha256:00", NULL },
	{ "/srv/root", NULL }, { "./root", NULL },
};

/* Not for a policy to bring about: told by the program itself. */
static const char *const elsewhere[] = {
	"policy.invalid",	/* tests/policy */
	"floor.below",		/* floor_test.c */
	"caps.unknown",		/* the parser has every name */
	"seccomp.foreign",	/* by architecture */
};

/* No finding at all. */
static const char *const quiet[] = {
	PLAIN,
	PLAIN ",\"proc\":\"masked\"",
	PLAIN ",\"limits\":{\"memory_high\":\"511M\"}",
	PLAIN ",\"name\":\"n\",\"sysctl\":{\"net.core.somaxconn\":\"1\",\"kernel.sem\":\"1\"},\"time\":{\"monotonic\":1}",
	BIND("/etc/nginx", ""), BIND("/srv/data", RW), BIND("/srv/bin", ",\"exec\":true"), BIND("/var/lib/web", RW),
	DEVICE("/dev/fuse"), ARGS("\"nginx\",\"-c\",\"/etc/nginx.conf\""),
};

static const struct host small = { .memory = UINT64_C(1) << 30, .cpus = 2, .pids = 1000 };

struct seen {
	const char *id, *pointer;	/* looked for; NULL: anywhere */
	unsigned hits, total;
};

static void see(void *ctx, const struct finding *f)
{
	struct seen *s = ctx;
	const struct rule *rule = rule_find(f->rule);

	if (!rule)
		fail_msg("%s has no row", f->rule);
	assert_true(*f->msg && (!f->hint || *f->hint) && *f->pointer == '/');
	assert_int_equal(f->severity, rule->severity);
	s->total++;
	s->hits += strcmp(f->rule, s->id) == 0 && (!s->pointer || strcmp(f->pointer, s->pointer) == 0);
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
	check_policy(&policy, strncmp(id, "host.", 5) == 0 ? &small : NULL, &findings);
	controls_check(&policy, &findings);
	arena_free(&arena);
	return seen;
}

static void rules_fire(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (judge(cases[i].fires, cases[i].id, cases[i].pointer).hits != 1)
			fail_msg("%s does not fire at %s on %s", cases[i].id, cases[i].pointer, cases[i].fires);
}

static void near_misses_do_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (judge(cases[i].quiet, cases[i].id, NULL).hits != 0)
			fail_msg("%s fires on %s", cases[i].id, cases[i].quiet);
}

static bool has_case(const char *id)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		if (strcmp(cases[i].id, id) == 0)
			return true;
	for (size_t i = 0; i < COUNT(notes); i++)
		if (strcmp(notes[i].id, id) == 0)
			return true;
	for (size_t i = 0; i < COUNT(images); i++)
		if (images[i].id && strcmp(images[i].id, id) == 0)
			return true;
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		if (strcmp(elsewhere[i], id) == 0)
			return true;
	return false;
}

static void notes_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(notes); i++) {
		const struct rule *rule = source_rule(notes[i].said, notes[i].pointer, notes[i].excerpt, notes[i].text);

		if (!rule || strcmp(rule->id, notes[i].id) != 0)
			fail_msg("%s %s %s: %s", notes[i].pointer, notes[i].excerpt, notes[i].text, rule ? rule->id : "none");
	}
	for (size_t i = 0; i < COUNT(images); i++) {
		const struct rule *rule = source_image_rule(images[i].image);

		if (images[i].id ? !rule || strcmp(rule->id, images[i].id) != 0 : rule != NULL)
			fail_msg("%s: %s", images[i].image, rule ? rule->id : "none");
	}
}

static bool is_text(const char *s, bool sentence)
{
	size_t len = strlen(s);
	bool stop = len && s[len - 1] == '.';

	return len > 0 && stop == sentence && !strchr(s, '\n') && !strstr(s, "  ");
}

static void rows_are_complete(void **state)
{
	const struct rule *rule;

	(void)state;
	for (size_t i = 0; (rule = rule_at(i)); i++) {
		bool whole = rule->over == OVER_POLICY;

		if (!has_case(rule->id))
			fail_msg("%s has no case", rule->id);
		if (!is_text(rule->title, false) || !is_text(rule->remedy, false) || !is_text(rule->why, true))
			fail_msg("%s: title and remedy without a full stop, why with one", rule->id);
		if (strlen(rule->remedy) > 100 || strlen(rule->id) > 22 || (whole ? !rule->pointer : rule->pointer != NULL))
			fail_msg("%s: remedy, id or pointer", rule->id);
		assert_ptr_equal(rule_find(rule->id), rule);	/* ids are unique */
		assert_int_equal(rule_index(rule->id), i);
	}
}

static void plain_policies_are_quiet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(quiet); i++)
		if (judge(quiet[i], "", NULL).total != 0)
			fail_msg("a finding on %s", quiet[i]);
}

/* Whoever asks for a capability is told what it costs. */
static void every_capability_is_weighed(void **state)
{
	uint64_t all = 0;

	(void)state;
	for (const struct rule *rule = rules_capabilities; rule->id; rule++)
		if (!rule->assess)
			all |= rule->capabilities;
	assert_int_equal(all, (UINT64_C(1) << 41) - 1);
}

static void standards_name_rules(void **state)
{
	unsigned cis = 0, restricted = 0;

	(void)state;
	for (const struct standard_item *item = standard_items; item->id; item++) {
		char id[64];
		int n = 0;

		cis += strncmp(item->id, "CIS 5.", 6) == 0;
		restricted += strncmp(item->id, "PSS restricted: ", 16) == 0;
		for (const char *at = item->rules; at && sscanf(at, "%63s%n", id, &n) == 1; at += n)
			if (!rule_find(id))
				fail_msg("%s: there is no rule %s", item->id, id);
	}
	assert_int_equal(cis, 32);
	assert_int_equal(restricted, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_fire), cmocka_unit_test(near_misses_do_not), cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(plain_policies_are_quiet), cmocka_unit_test(every_capability_is_weighed),
		cmocka_unit_test(standards_name_rules), cmocka_unit_test(notes_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
