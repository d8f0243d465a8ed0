/* floor_keys.c - the language of floors: its keys, in the order in which the man page reads, and reading one.
 *
 * A key with the name and type of a policy key is a bound on that key: a number is the greatest, a boolean that is true
 * must be, a choice is the loosest. So the names of a choice stand in order here, the tightest first. */
#include "floor.h"

#include "../base/cleanup.h"
#include "read.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct floor, member)
#define MOUNT_AT(member) offsetof(struct mount_policy, member)
#define DEVICE_AT(member) offsetof(struct device_policy, member)
#define ITEMS(rows, type) .item = (rows), .n_item = COUNT(rows), .item_size = sizeof(type)
#define SIZE_LIMIT (UINT64_C(1) << 50)
#define ID_LIMIT UINT64_C(4294967294)

static const char *const deny_order[] = { "kill", "errno", "log", NULL };
static const char *const network_order[] = { "none", "path", "host", NULL };
static const char *const proc_order[] = { "pid", "masked", NULL };
static const char *const oci_names[] = { [FLOOR_OCI_DENY] = "deny", [FLOOR_OCI_TIGHTEN] = "tighten", NULL };
static const char *const mount_names[] = { [MOUNT_BIND] = "bind", [MOUNT_TMPFS] = "tmpfs", NULL };

static const struct syntax syntax_description = { 1024, NULL, NULL, false };
static const struct syntax syntax_control = { 64, "^[a-z_.0-9]+$", NULL, false };


static const struct fault *judge_driver(const char *s)
{
	static const struct fault f = { "want the name of a log driver", "inherit, journald, json-file or syslog" };

	for (const char *const *name = key_find("log.driver")->names; *name; name++)
		if (strcmp(*name, s) == 0)
			return NULL;
	return &f;
}

static const struct syntax syntax_driver = { 16, "^(inherit|journald|json-file|syslog)$", judge_driver, false };

static const struct key mount_keys[] = {
	{ "type", KEY_CHOICE, MOUNT_AT(type), "\"bind\"", .names = mount_names, .doc = "What kind of mount this allows." },
	{ "source", KEY_STRING, MOUNT_AT(source), NULL, .syntax = &syntax_path, .when = "type", .is = "bind",
	  .doc = "What may be bound: this path and everything below it." },
	{ "target", KEY_STRING, MOUNT_AT(target), "\"/\"", .syntax = &syntax_path,
	  .doc = "Where: at this path of the container, or below it." },
	{ "read_only", KEY_BOOL, MOUNT_AT(read_only), "true", .when = "type", .is = "bind",
	  .doc = "True: read-only binds alone; false: writable ones as well." },
	{ "exec", KEY_BOOL, MOUNT_AT(exec), "false", .doc = "Whether the mount may have \"exec\"." },
	{ "suid", KEY_BOOL, MOUNT_AT(suid), "false", .doc = "Whether the mount may have \"suid\"." },
	{ "dev", KEY_BOOL, MOUNT_AT(dev), "false", .doc = "Whether the mount may have \"dev\"." },
	{ "idmap", KEY_BOOL, MOUNT_AT(idmap), "false", .when = "type", .is = "bind", .doc = "Whether the mount may have \"idmap\"." },
};

static const struct key device_keys[] = {
	{ "path", KEY_STRING, DEVICE_AT(path), NULL, .syntax = &syntax_device, .unique = true, .doc = "The device node." },
	{ "read", KEY_BOOL, DEVICE_AT(read), "true", .doc = "Whether it may be opened for reading." },
	{ "write", KEY_BOOL, DEVICE_AT(write), "false", .doc = "Whether it may be opened for writing." },
};

#define RLIMIT(name, what) { "limits.rlimits." #name, KEY_RLIMIT, AT(limits.rlimits.name), "\"unlimited\"", .max = SIZE_LIMIT, \
	.doc = "The greatest " what "." }
#define MUST(name, what) { #name, KEY_BOOL, AT(name), "false", .doc = "True: a policy must keep " what "." }

static const struct key floor_keys[] = {
	{ "version", KEY_UINT, AT(version), NULL, .min = 1, .max = 1, .doc = "The version of the language: 1." },
	{ "description", KEY_STRING, AT(description), "\"\"", .syntax = &syntax_description,
	  .doc = "Whom to ask; shown to whoever is refused." },
	{ "without", KEY_STRINGS, AT(without), "[]", .syntax = &syntax_control, .unique = true,
	  .doc = "Controls, or groups of them, that --without may waive: none unless listed." },

	{ "oci", KEY_CHOICE, AT(oci), "\"deny\"", .names = oci_names,
	  .doc = "What becomes of an engine's container that is below the floor: refused, or rewritten until it is not." },
	{ "audit.journal", KEY_BOOL, AT(audit.journal), "false",
	  .doc = "True: what cannot be written to the journal does not run." },
	{ "audit.file", KEY_STRING, AT(audit.file), "null", .syntax = &syntax_path,
	  .doc = "The file to which every audit event of root's launches is appended, a JSON line each; missing: none." },

	{ "rootfs", KEY_STRINGS, AT(rootfs), "null", .syntax = &syntax_path, .unique = true,
	  .doc = "Directories that a rootfs may be, or lie in; missing: any." },
	{ "env_pass", KEY_STRINGS, AT(env_pass), "null", .syntax = &syntax_env_pass, .unique = true,
	  .doc = "Variables that may be taken over from the caller; missing: any." },
	{ "user.uid.min", KEY_UINT, AT(user.uid.min), "1", .min = 1, .max = ID_LIMIT, .doc = "The least user id." },
	{ "user.uid.max", KEY_UINT, AT(user.uid.max), "4294967294", .min = 1, .max = ID_LIMIT, .doc = "The greatest user id." },
	{ "user.gid.min", KEY_UINT, AT(user.gid.min), "1", .min = 1, .max = ID_LIMIT,
	  .doc = "The least group id, supplementary ones included." },
	{ "user.gid.max", KEY_UINT, AT(user.gid.max), "4294967294", .min = 1, .max = ID_LIMIT,
	  .doc = "The greatest group id, supplementary ones included." },

	{ "limits.memory", KEY_SIZE, AT(limits.memory), "\"1024T\"", .min = 1 << 20, .max = SIZE_LIMIT, .doc = "The greatest memory limit." },
	{ "limits.swap", KEY_SIZE, AT(limits.swap), "\"1024T\"", .max = SIZE_LIMIT, .doc = "The most swap; 0 allows none." },
	MUST(limits.oom_group, "limits.oom_group"),
	{ "limits.cpus", KEY_CPUS, AT(limits.cpus), "8192", .min = 10000, .max = UINT64_C(8192000000), .doc = "The most CPUs." },
	{ "limits.cpu_weight", KEY_UINT, AT(limits.cpu_weight), "10000", .min = 1, .max = 10000, .doc = "The greatest CPU weight." },
	{ "limits.pids", KEY_UINT, AT(limits.pids), "4194304", .min = 1, .max = 4194304, .doc = "The most processes." },
	RLIMIT(nofile, "number of file descriptors"), RLIMIT(nproc, "number of processes of the uid"), RLIMIT(core, "core dump"),
	RLIMIT(fsize, "file"), RLIMIT(memlock, "locked memory"), RLIMIT(stack, "stack"), RLIMIT(as, "address space"),
	RLIMIT(cpu, "CPU time"), RLIMIT(msgqueue, "message queue"), RLIMIT(sigpending, "number of queued signals"),
	{ "limits.rlimits.rtprio", KEY_RLIMIT, AT(limits.rlimits.rtprio), "99", .max = 99, .doc = "The greatest real-time priority." },

	{ "capabilities", KEY_CAPS, AT(capabilities), "null", .extra = AT(capabilities_given),
	  .doc = "The greatest set of capabilities; missing: any." },
	{ "seccomp.profile", KEY_STRINGS, AT(seccomp.profile), "null", .syntax = &syntax_profile, .unique = true,
	  .doc = "The profiles that may be named, \"default\" or files; missing: any, and inline ones as well." },
	{ "seccomp.deny", KEY_CHOICE, AT(seccomp.deny), "\"log\"", .names = deny_order,
	  .doc = "The mildest answer to a denied call." },
	MUST(exec_once, "exec_once"),
	{ "exec", KEY_BOOL, AT(exec), "true",
	  .doc = "False: no policy may have \"exec\", and \"casemate exec\" refuses at once, whatever a container was started with." },
	{ "apparmor", KEY_STRINGS, AT(apparmor), "null", .syntax = &syntax_apparmor, .unique = true,
	  .doc = "The AppArmor profiles that may be named; missing: any." },
	MUST(landlock, "landlock"),
	MUST(namespaces.user, "namespaces.user"), MUST(namespaces.ipc, "namespaces.ipc"), MUST(namespaces.uts, "namespaces.uts"),
	MUST(namespaces.cgroup, "namespaces.cgroup"), MUST(namespaces.time, "namespaces.time"),

	{ "network.mode", KEY_CHOICE, AT(network.mode), "\"host\"", .names = network_order, .shorthand = true,
	  .doc = "The widest network." },
	{ "network.path", KEY_STRINGS, AT(network.path), "null", .syntax = &syntax_path, .unique = true,
	  .doc = "Network namespaces that may be joined, or directories of them; missing: any." },
	{ "network.listen", KEY_NUMBERS, AT(network.listen), "null", .min = 1, .max = 65535, .unique = true,
	  .extra = AT(network.restrict_listen),
	  .doc = "TCP ports that may be listened on; given, a policy with a network must list its own; missing: any." },
	{ "network.connect", KEY_NUMBERS, AT(network.connect), "null", .min = 1, .max = 65535, .unique = true,
	  .extra = AT(network.restrict_connect),
	  .doc = "TCP ports that may be connected to; given, a policy with a network must list its own; missing: any." },

	{ "mounts", KEY_OBJECTS, AT(mounts), "null", .extra = AT(n_mounts), ITEMS(mount_keys, struct mount_policy),
	  .doc = "What may be mounted: every bind must fit into one of them, and every tmpfs with exec, suid or dev; missing: anything." },
	{ "shm", KEY_SIZE, AT(shm), "\"1024T\"", .max = SIZE_LIMIT, .doc = "The greatest /dev/shm." },
	{ "proc", KEY_CHOICE, AT(proc), "\"masked\"", .names = proc_order, .doc = "The widest /proc." },
	{ "devices", KEY_OBJECTS, AT(devices), "null", .extra = AT(n_devices), ITEMS(device_keys, struct device_policy),
	  .doc = "Devices that may be named; missing: any." },
	{ "sysctl", KEY_STRINGS, AT(sysctl), "null", .syntax = &syntax_sysctl, .unique = true,
	  .doc = "Kernel settings that may be given; missing: any." },
	MUST(init, "init"),
	{ "stop.timeout", KEY_TIME, AT(stop.timeout), "\"24h\"", .max = UINT64_C(24) * 3600 * 1000,
	  .doc = "The longest time to stop." },
	{ "log.driver", KEY_STRINGS, AT(log.driver), "null", .syntax = &syntax_driver, .unique = true,
	  .doc = "The log drivers that a policy may have, \"inherit\" among them; missing: any. An engine's containers have the engine's." },
};
_Static_assert(COUNT(floor_keys) <= KEYS_MAX, "make KEYS_MAX larger");

const struct language language_floor = { floor_keys, COUNT(floor_keys), "floor", "casemate-floor(5)" };

/* --- reading --- */

static int empty_range(struct reading *r, const char *section, const struct floor_range *range)
{
	if (range->min <= range->max)
		return 0;
	enter_dotted(r, section);
	return fault(r, "min is the least, max the greatest", "no id is from %" PRIu64 " to %" PRIu64, range->min, range->max);
}

int floor_parse(const struct policy_source *src, struct arena *arena, struct floor *ret, struct err *e)
{
	_auto(reading_free) struct reading r = { .language = &language_floor, .src = src, .arena = arena, .e = e };
	struct floor floor = { 0 };
	int sealed;

	if (document_read(&r, &floor) < 0 || empty_range(&r, "user.uid", &floor.user.uid) < 0 || empty_range(&r, "user.gid", &floor.user.gid) < 0)
		return -1;
	sealed = arena_seal(arena);
	if (sealed < 0)
		return err_set(e, ERR_HOST, sealed, NULL, "cannot make the floor read-only");
	*ret = floor;
	return 0;
}
