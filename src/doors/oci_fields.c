/* oci_fields.c - every field of the OCI runtime specification 1.2 (config.md, config-linux.md), and what becomes of it. */
#include "oci_import.h"

#include "../base/cleanup.h"

#define O OCI_OBJECT
#define A OCI_ARRAY
#define S OCI_STRING
#define I OCI_INTEGER
#define B OCI_BOOL
#define PART(path, type) { path, sizeof(path) - 1, type, OCI_PART, NULL, NULL, NULL }
#define MAPPED(path, type, take) { path, sizeof(path) - 1, type, OCI_MAPPED, NULL, NULL, take }
#define NO_EFFECT(path, type, why) { path, sizeof(path) - 1, type, OCI_NO_EFFECT, why, NULL, NULL }
#define REFUSED(path, type, why, hint) { path, sizeof(path) - 1, type, OCI_REFUSED, why, hint, NULL }

static const char elsewhere[] = "is of another operating system";
static const char no_hooks[] = "nothing but the workload runs in a container, and nothing for it on the host";
static const char no_hooks_hint[] = "prepare it before: ExecStartPre= of a unit";
static const char no_rt[] = "real-time scheduling is not given out: a loop could keep a CPU to itself";
static const char v1[] = "is of cgroup v1";

#define HOOK(stage) \
	PART("hooks." stage "[]", O), PART("hooks." stage "[].path", S), PART("hooks." stage "[].args", A), \
	PART("hooks." stage "[].args[]", S), PART("hooks." stage "[].env", A), PART("hooks." stage "[].env[]", S), \
	PART("hooks." stage "[].timeout", I), REFUSED("hooks." stage, A, no_hooks, no_hooks_hint)
#define MAP(path, how) \
	PART(path "[]", O), PART(path "[].containerID", I), PART(path "[].hostID", I), PART(path "[].size", I), how
#define THROTTLE(name) \
	PART("linux.resources.blockIO." name, A), PART("linux.resources.blockIO." name "[]", O), \
	PART("linux.resources.blockIO." name "[].major", I), PART("linux.resources.blockIO." name "[].minor", I), \
	PART("linux.resources.blockIO." name "[].rate", I)
#define CAPS(set) PART("process.capabilities." set, A), PART("process.capabilities." set "[]", S)

const struct oci_field oci_fields[] = {
	MAPPED("ociVersion", S, take_version),
	MAPPED("root", O, take_root), PART("root.path", S), PART("root.readonly", B),
	MAPPED("hostname", S, take_hostname_field),
	NO_EFFECT("domainname", S, "the NIS domain name stays empty"),
	MAPPED("annotations", O, take_annotations), PART("annotations.*", S),

	/* --- process --- */
	PART("process", O),
	MAPPED("process.terminal", B, take_terminal),
	NO_EFFECT("process.consoleSize", O, "there is no terminal but the caller's"),
	PART("process.consoleSize.height", I), PART("process.consoleSize.width", I),
	MAPPED("process.cwd", S, take_cwd),
	MAPPED("process.env", A, take_env_field), PART("process.env[]", S),
	MAPPED("process.args", A, take_args_field), PART("process.args[]", S),
	NO_EFFECT("process.commandLine", S, elsewhere),
	MAPPED("process.rlimits", A, take_rlimits), PART("process.rlimits[]", O), PART("process.rlimits[].type", S),
	PART("process.rlimits[].hard", I), PART("process.rlimits[].soft", I),
	MAPPED("process.apparmorProfile", S, take_apparmor),
	MAPPED("process.capabilities", O, take_caps),
	CAPS("bounding"), CAPS("effective"), CAPS("permitted"), CAPS("inheritable"), CAPS("ambient"),
	MAPPED("process.noNewPrivileges", B, take_nnp),
	MAPPED("process.oomScoreAdj", I, take_score),
	MAPPED("process.scheduler", O, take_scheduler), PART("process.scheduler.policy", S), PART("process.scheduler.nice", I),
	PART("process.scheduler.priority", I), PART("process.scheduler.flags", A), PART("process.scheduler.flags[]", S),
	PART("process.scheduler.runtime", I), PART("process.scheduler.deadline", I), PART("process.scheduler.period", I),
	REFUSED("process.selinuxLabel", S, "casemate confines by AppArmor and Landlock", "leave it out"),
	NO_EFFECT("process.ioPriority", O, "I/O priorities are not set: limits.io says what a disk gives"),
	PART("process.ioPriority.class", S), PART("process.ioPriority.priority", I),
	NO_EFFECT("process.execCPUAffinity", O, "nobody enters the container: limits.cpuset holds for all of it"),
	PART("process.execCPUAffinity.initial", S), PART("process.execCPUAffinity.final", S),
	MAPPED("process.user", O, take_user_field), PART("process.user.uid", I), PART("process.user.gid", I),
	PART("process.user.umask", I), PART("process.user.additionalGids", A), PART("process.user.additionalGids[]", I),
	NO_EFFECT("process.user.username", S, elsewhere),

	/* --- mounts --- */
	MAPPED("mounts", A, take_mounts), PART("mounts[]", O), PART("mounts[].destination", S), PART("mounts[].type", S),
	PART("mounts[].source", S), PART("mounts[].options", A), PART("mounts[].options[]", S),
	MAP("mounts[].uidMappings", PART("mounts[].uidMappings", A)), MAP("mounts[].gidMappings", PART("mounts[].gidMappings", A)),

	/* --- hooks --- */
	PART("hooks", O),
	HOOK("prestart"), HOOK("createRuntime"), HOOK("createContainer"), HOOK("startContainer"), HOOK("poststart"), HOOK("poststop"),

	/* --- linux --- */
	PART("linux", O),
	MAPPED("linux.namespaces", A, take_namespaces), PART("linux.namespaces[]", O), PART("linux.namespaces[].type", S),
	PART("linux.namespaces[].path", S),
	MAPPED("linux.devices", A, take_devices), PART("linux.devices[]", O), PART("linux.devices[].type", S),
	PART("linux.devices[].path", S), PART("linux.devices[].major", I), PART("linux.devices[].minor", I),
	PART("linux.devices[].fileMode", I), PART("linux.devices[].uid", I), PART("linux.devices[].gid", I),
	MAP("linux.uidMappings", MAPPED("linux.uidMappings", A, take_uid_map)),
	MAP("linux.gidMappings", MAPPED("linux.gidMappings", A, take_gid_map)),
	MAPPED("linux.timeOffsets", O, take_offsets), PART("linux.timeOffsets.*", O), PART("linux.timeOffsets.*.secs", I),
	PART("linux.timeOffsets.*.nanosecs", I),
	NO_EFFECT("linux.cgroupsPath", S, "casemate makes its own, below the one it was started in"),
	MAPPED("linux.sysctl", O, take_sysctl_field), PART("linux.sysctl.*", S),
	MAPPED("linux.rootfsPropagation", S, take_propagation),
	MAPPED("linux.maskedPaths", A, take_masked), PART("linux.maskedPaths[]", S),
	MAPPED("linux.readonlyPaths", A, take_read_only), PART("linux.readonlyPaths[]", S),
	REFUSED("linux.mountLabel", S, "casemate confines by AppArmor and Landlock", "leave it out"),
	MAPPED("linux.personality", O, take_personality), PART("linux.personality.domain", S), PART("linux.personality.flags", A),
	PART("linux.personality.flags[]", S),
	REFUSED("linux.intelRdt", O, "cache and memory bandwidth are not partitioned", "limits.cpuset keeps CPUs apart"),
	PART("linux.intelRdt.closID", S), PART("linux.intelRdt.l3CacheSchema", S), PART("linux.intelRdt.memBwSchema", S),
	PART("linux.intelRdt.enableCMT", B), PART("linux.intelRdt.enableMBM", B),

	MAPPED("linux.seccomp", O, take_seccomp), PART("linux.seccomp.defaultAction", S), PART("linux.seccomp.defaultErrnoRet", I),
	PART("linux.seccomp.architectures", A), PART("linux.seccomp.architectures[]", S), PART("linux.seccomp.flags", A),
	PART("linux.seccomp.flags[]", S),
	REFUSED("linux.seccomp.listenerPath", S, "there is no agent that decides for the filter", "leave it out"),
	REFUSED("linux.seccomp.listenerMetadata", S, "there is no agent that decides for the filter", "leave it out"),
	PART("linux.seccomp.syscalls", A), PART("linux.seccomp.syscalls[]", O), PART("linux.seccomp.syscalls[].names", A),
	PART("linux.seccomp.syscalls[].names[]", S), PART("linux.seccomp.syscalls[].action", S),
	PART("linux.seccomp.syscalls[].errnoRet", I), PART("linux.seccomp.syscalls[].args", A),
	PART("linux.seccomp.syscalls[].args[]", O), PART("linux.seccomp.syscalls[].args[].index", I),
	PART("linux.seccomp.syscalls[].args[].value", I), PART("linux.seccomp.syscalls[].args[].valueTwo", I),
	PART("linux.seccomp.syscalls[].args[].op", S),

	/* --- linux.resources --- */
	PART("linux.resources", O),
	MAPPED("linux.resources.devices", A, take_device_rules), PART("linux.resources.devices[]", O),
	PART("linux.resources.devices[].allow", B), PART("linux.resources.devices[].type", S),
	PART("linux.resources.devices[].major", I), PART("linux.resources.devices[].minor", I),
	PART("linux.resources.devices[].access", S),
	MAPPED("linux.resources.memory", O, take_memory_field), PART("linux.resources.memory.limit", I),
	PART("linux.resources.memory.swap", I),
	NO_EFFECT("linux.resources.memory.reservation", I, "memory is limited, not reserved"),
	NO_EFFECT("linux.resources.memory.kernel", I, v1), NO_EFFECT("linux.resources.memory.kernelTCP", I, v1),
	NO_EFFECT("linux.resources.memory.swappiness", I, v1),
	REFUSED("linux.resources.memory.disableOOMKiller", B, "a container that may not be killed may stop the host", "limits.memory_high"),
	NO_EFFECT("linux.resources.memory.useHierarchy", B, v1),
	NO_EFFECT("linux.resources.memory.checkBeforeUpdate", B, "limits are set before there is anything to check"),
	MAPPED("linux.resources.cpu", O, take_cpu), PART("linux.resources.cpu.shares", I), PART("linux.resources.cpu.quota", I),
	PART("linux.resources.cpu.period", I), PART("linux.resources.cpu.cpus", S),
	NO_EFFECT("linux.resources.cpu.burst", I, "time that was not used is not saved up"),
	REFUSED("linux.resources.cpu.realtimeRuntime", I, no_rt, "leave it out"),
	REFUSED("linux.resources.cpu.realtimePeriod", I, no_rt, "leave it out"),
	NO_EFFECT("linux.resources.cpu.mems", S, "memory nodes are not chosen"),
	NO_EFFECT("linux.resources.cpu.idle", I, "give a low limits.cpu_weight"),
	MAPPED("linux.resources.pids", O, take_pids), PART("linux.resources.pids.limit", I),
	MAPPED("linux.resources.blockIO", O, take_block_io),
	NO_EFFECT("linux.resources.blockIO.weight", I, "disks are limited, not weighed"),
	NO_EFFECT("linux.resources.blockIO.leafWeight", I, v1),
	NO_EFFECT("linux.resources.blockIO.weightDevice", A, "disks are limited, not weighed"),
	PART("linux.resources.blockIO.weightDevice[]", O), PART("linux.resources.blockIO.weightDevice[].major", I),
	PART("linux.resources.blockIO.weightDevice[].minor", I), PART("linux.resources.blockIO.weightDevice[].weight", I),
	PART("linux.resources.blockIO.weightDevice[].leafWeight", I),
	THROTTLE("throttleReadBpsDevice"), THROTTLE("throttleWriteBpsDevice"), THROTTLE("throttleReadIOPSDevice"),
	THROTTLE("throttleWriteIOPSDevice"),
	REFUSED("linux.resources.hugepageLimits", A, "huge pages are not limited here", "leave none on the host, or none to this limit"),
	PART("linux.resources.hugepageLimits[]", O), PART("linux.resources.hugepageLimits[].pageSize", S),
	PART("linux.resources.hugepageLimits[].limit", I),
	NO_EFFECT("linux.resources.network", O, v1), PART("linux.resources.network.classID", I),
	PART("linux.resources.network.priorities", A), PART("linux.resources.network.priorities[]", O),
	PART("linux.resources.network.priorities[].name", S), PART("linux.resources.network.priorities[].priority", I),
	REFUSED("linux.resources.rdma", O, "RDMA devices are not limited here", "give the container none"),
	PART("linux.resources.rdma.*", O), PART("linux.resources.rdma.*.hcaHandles", I), PART("linux.resources.rdma.*.hcaObjects", I),
	MAPPED("linux.resources.unified", O, take_unified), PART("linux.resources.unified.*", S),

	/* --- other platforms: the names are known, what stands below is not looked at --- */
	NO_EFFECT("solaris", O, elsewhere), NO_EFFECT("windows", O, elsewhere), NO_EFFECT("vm", O, elsewhere), NO_EFFECT("zos", O, elsewhere),
};
const size_t oci_fields_len = COUNT(oci_fields);
