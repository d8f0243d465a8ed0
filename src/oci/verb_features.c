/* verb_features.c - features and spec: what this runtime knows (features.md), and a config.json to begin with. Neither looks at the host. */
#include "mount_options.h"
#include "plan.h"
#include "runtime.h"

#include "../controls/caps.h"
#include "../seccomp/oci.h"
#include "../seccomp/words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- features --- */

static json_t *words(const char *const *v)
{
	json_t *list = json_array();

	for (; list && *v; v++)
		json_array_append_new(list, json_string(*v));
	return list;
}

static json_t *mount_words(void)
{
	json_t *list = json_array();

	for (size_t i = 0; list && mount_option_word(i); i++)
		json_array_append_new(list, json_string(mount_option_word(i)));
	return list;
}

static json_t *capabilities(void)
{
	json_t *list = json_array();
	char name[CAPS_NAME];

	for (unsigned c = 0; list && c < 64 && caps_name(c, name); c++)
		json_array_append_new(list, json_string(name));
	return list;
}

static int features(struct runtime *rt, int argc, char **argv, struct err *e)
{
	static const char *const hooks[] = { "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop", NULL };
	static const char *const namespaces[] = { "cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts", NULL };
	json_auto_t *json = NULL;

	(void)rt;
	(void)argv;
	if (argc)
		return err_set(e, ERR_USAGE, 0, NULL, "features is about no container");
	json = json_pack("{s:s, s:s, s:o, s:o, s:{s:o, s:o, s:{s:b, s:b, s:b, s:b, s:b}, s:{s:b, s:o, s:o, s:o, s:o, s:o}, s:{s:b}, s:{s:b}, s:{s:b},"
			 " s:{s:{s:b}}}, s:{s:s}}",
			 "ociVersionMin", "1.0.0", "ociVersionMax", "1.2.1", "hooks", words(hooks), "mountOptions", mount_words(), "linux",
			 "namespaces", words(namespaces), "capabilities", capabilities(),
			 "cgroup", "v1", 0, "v2", 1, "systemd", 1, "systemdUser", 1, "rdma", 1,
			 "seccomp", "enabled", 1, "actions", words(filter_actions), "operators", words(filter_operators),
			 "archs", words(filter_oci_archs), "knownFlags", words(filter_oci_flags), "supportedFlags", words(filter_oci_flags),
			 "apparmor", "enabled", 1, "selinux", "enabled", 1, "intelRdt", "enabled", 0,
			 "mountExtensions", "idmap", "enabled", 1,
			 "annotations", "io.casemate.runtime.version", CASEMATE_VERSION);
	if (!json || json_dumpf(json, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot print the features");
	return 0;
}

/* --- spec --- */

/* With ' for ". A shell in ./rootfs, with the rights of an ordinary container. */
static const char template[] =
	"{'ociVersion': '1.2.0',"
	" 'process': {'terminal': true, 'user': {'uid': 0, 'gid': 0}, 'args': ['sh'],"
	"  'env': ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'], 'cwd': '/',"
	"  'capabilities': {'bounding': ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'],"
	"   'effective': ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'],"
	"   'permitted': ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']},"
	"  'rlimits': [{'type': 'RLIMIT_NOFILE', 'hard': 1024, 'soft': 1024}], 'noNewPrivileges': true},"
	" 'root': {'path': 'rootfs', 'readonly': true}, 'hostname': 'casemate',"
	" 'mounts': [{'destination': '/proc', 'type': 'proc', 'source': 'proc'},"
	"  {'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['nosuid', 'strictatime', 'mode=755', 'size=65536k']},"
	"  {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts',"
	"   'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']},"
	"  {'destination': '/dev/shm', 'type': 'tmpfs', 'source': 'shm', 'options': ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']},"
	"  {'destination': '/dev/mqueue', 'type': 'mqueue', 'source': 'mqueue', 'options': ['nosuid', 'noexec', 'nodev']},"
	"  {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs', 'options': ['nosuid', 'noexec', 'nodev', 'ro']},"
	"  {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup', 'options': ['nosuid', 'noexec', 'nodev', 'relatime', 'ro']}],"
	" 'linux': {'resources': {'devices': [{'allow': false, 'access': 'rwm'}]},"
	"  'namespaces': [{'type': 'pid'}, {'type': 'network'}, {'type': 'ipc'}, {'type': 'uts'}, {'type': 'mount'}, {'type': 'cgroup'}],"
	"  'maskedPaths': ['/proc/acpi', '/proc/asound', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list',"
	"   '/proc/timer_stats', '/proc/sched_debug', '/sys/firmware', '/proc/scsi'],"
	"  'readonlyPaths': ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']}}";

/* An ordinary user has one id to give away, and nothing to limit. */
static int make_rootless(json_t *config)
{
	json_t *linux_part = json_object_get(config, "linux"), *mounts = json_object_get(config, "mounts");
	json_t *pts = json_object_get(json_array_get(mounts, 2), "options");

	json_array_remove(pts, json_array_size(pts) - 1);	/* the group of ttys is not mapped */
	json_array_remove(mounts, json_array_size(mounts) - 1);
	json_object_del(linux_part, "resources");
	return json_object_set_new(linux_part, "uidMappings", json_pack("[{s:i, s:I, s:i}]", "containerID", 0, "hostID", (json_int_t)geteuid(), "size", 1)) +
	       json_object_set_new(linux_part, "gidMappings", json_pack("[{s:i, s:I, s:i}]", "containerID", 0, "hostID", (json_int_t)getegid(), "size", 1)) +
	       json_array_append_new(json_object_get(linux_part, "namespaces"), json_pack("{s:s}", "type", "user"));
}

static int spec(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(free_mem) char *text = strdup(template), *out = NULL;
	json_auto_t *config = NULL;
	_auto(close_fd) int dir = -1, fd = -1;

	(void)argv;
	if (argc)
		return err_set(e, ERR_USAGE, 0, NULL, "spec is about no container");
	for (char *c = text; c && *c; c++)
		*c = *c == '\'' ? '"' : *c;
	config = text ? json_loads(text, 0, NULL) : NULL;
	if (!config || (rt->rootless_spec && make_rootless(config) < 0) || !(out = json_dumps(config, JSON_INDENT(4))))
		return spec_no_memory(e);
	dir = open(rt->wish.bundle ? rt->wish.bundle : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = dir < 0 ? -1 : openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 || dprintf(fd, "%s\n", out) < 0)
		return err_set(e, ERR_HOST, errno, errno == EEXIST ? "remove it first" : NULL, "cannot write config.json");
	return 0;
}

static const struct option features_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
static const struct option spec_options[] = {
	{ "bundle", required_argument, NULL, 'b' }, { "rootless", no_argument, NULL, OPT_ROOTLESS }, { "help", no_argument, NULL, 'h' }, { 0 },
};
const struct verb verb_features = {
	.name = "features", .usage = "", .summary = "print what this runtime knows, as JSON", .shorts = "h", .longs = features_options, .run = features,
};
const struct verb verb_spec = {
	.name = "spec", .usage = "[--bundle DIR] [--rootless]", .summary = "write a config.json to begin with", .shorts = "b:h", .longs = spec_options,
	.run = spec,
};
