/* compose_keys.c - every key that a service has in the compose specification, and what becomes of it. */
#include "compose.h"

#include "../base/cleanup.h"

#define SAME(name, shape, option) { name, shape, option, NULL, MAPPED, NULL, NULL }
#define OWN(name, take) { name, C_OWN, NULL, take, MAPPED, NULL, NULL }
#define NONE(name, why) { name, C_NOTE, NULL, NULL, NO_EFFECT, why, NULL }
#define NOT(name, why, hint) { name, C_NOTE, NULL, NULL, REFUSED, why, hint }

static const char no_link[] = "casemate makes no networks, and no names in them";
static const char no_hook[] = "nothing but the workload runs in a container";
static const char no_scale[] = "one policy is one container";

const struct compose_key compose_keys[] = {
	NONE("annotations", "annotations are for OCI runtimes and their hooks, and neither is called here"),
	NONE("attach", "output goes to the launcher's own"),
	OWN("blkio_config", own_blkio),
	OWN("build", own_build),
	SAME("cap_add", C_LIST, "cap-add"), SAME("cap_drop", C_LIST, "cap-drop"),
	SAME("cgroup", C_VALUE, "cgroupns"), SAME("cgroup_parent", C_VALUE, "cgroup-parent"),
	OWN("command", own_command),
	OWN("configs", own_configs),
	SAME("container_name", C_VALUE, "name"),
	SAME("cpu_count", C_VALUE, "cpu-count"), SAME("cpu_percent", C_VALUE, "cpu-percent"),
	SAME("cpu_period", C_VALUE, "cpu-period"), SAME("cpu_quota", C_VALUE, "cpu-quota"),
	SAME("cpu_rt_period", C_VALUE, "cpu-rt-period"), SAME("cpu_rt_runtime", C_VALUE, "cpu-rt-runtime"),
	SAME("cpu_shares", C_VALUE, "cpu-shares"), SAME("cpus", C_VALUE, "cpus"), SAME("cpuset", C_VALUE, "cpuset-cpus"),
	NOT("credential_spec", "is of another operating system", "leave it out"),
	OWN("depends_on", own_depends),
	OWN("deploy", own_deploy),
	NONE("develop", "is for those who build the image"),
	SAME("device_cgroup_rules", C_LIST, "device-cgroup-rule"), OWN("devices", own_devices),
	SAME("dns", C_LIST, "dns"), SAME("dns_opt", C_LIST, "dns-option"), SAME("dns_search", C_LIST, "dns-search"),
	SAME("domainname", C_VALUE, "domainname"),
	OWN("entrypoint", own_entrypoint),
	OWN("env_file", own_env_file), OWN("environment", own_environment),
	SAME("expose", C_LIST, "expose"),
	NOT("extends", "another file decides part of this service", "`docker compose config` writes one file of all"),
	NOT("external_links", no_link, "extra_hosts, and one network namespace for both"),
	OWN("extra_hosts", own_extra_hosts),
	NOT("gpus", "no hook puts a vendor's drivers into the container", "their libraries in the rootfs, and devices"),
	SAME("group_add", C_LIST, "group-add"),
	OWN("healthcheck", own_healthcheck),
	SAME("hostname", C_VALUE, "hostname"),
	{ "image", C_OWN, NULL, NULL, MAPPED, NULL, NULL },
	OWN("init", own_init),
	SAME("ipc", C_VALUE, "ipc"), SAME("isolation", C_VALUE, "isolation"),
	SAME("label_file", C_LIST, "label-file"), SAME("labels", C_PAIRS, "label"),
	NOT("links", no_link, "extra_hosts, and one network namespace for both"),
	OWN("logging", own_logging),
	SAME("mac_address", C_VALUE, "mac-address"),
	SAME("mem_limit", C_VALUE, "memory"), SAME("mem_reservation", C_VALUE, "memory-reservation"),
	SAME("mem_swappiness", C_VALUE, "memory-swappiness"), SAME("memswap_limit", C_VALUE, "memory-swap"),
	NOT("models", "casemate starts programs, no models", "leave it out"),
	OWN("network_mode", own_network_mode), OWN("networks", own_networks),
	SAME("oom_kill_disable", C_FLAG, "oom-kill-disable"), SAME("oom_score_adj", C_VALUE, "oom-score-adj"),
	SAME("pid", C_VALUE, "pid"), SAME("pids_limit", C_VALUE, "pids-limit"),
	SAME("platform", C_VALUE, "platform"),
	OWN("ports", own_ports),
	NOT("post_start", no_hook, "start it from a unit with ExecStartPost="),
	NOT("pre_stop", no_hook, "stop.signal and stop.timeout"),
	SAME("privileged", C_FLAG, "privileged"),
	NONE("profiles", "the service is named on the command line"),
	NOT("provider", "casemate starts containers only", "leave it out"),
	NONE("pull_policy", "nothing is pulled"), NONE("pull_refresh_after", "nothing is pulled"),
	SAME("read_only", C_FLAG, "read-only"),
	SAME("restart", C_VALUE, "restart"), SAME("runtime", C_VALUE, "runtime"),
	NONE("scale", no_scale),
	OWN("secrets", own_secrets),
	SAME("security_opt", C_LIST, "security-opt"), SAME("shm_size", C_VALUE, "shm-size"),
	SAME("stdin_open", C_FLAG, "interactive"),
	OWN("stop_grace_period", own_grace), SAME("stop_signal", C_VALUE, "stop-signal"),
	SAME("storage_opt", C_PAIRS, "storage-opt"), SAME("sysctls", C_PAIRS, "sysctl"),
	OWN("tmpfs", own_tmpfs),
	SAME("tty", C_FLAG, "tty"),
	OWN("ulimits", own_ulimits),
	SAME("use_api_socket", C_FLAG, "use-api-socket"),
	SAME("user", C_VALUE, "user"), SAME("userns_mode", C_VALUE, "userns"), SAME("uts", C_VALUE, "uts"),
	OWN("volumes", own_volumes), SAME("volumes_from", C_LIST, "volumes-from"),
	SAME("working_dir", C_VALUE, "workdir"),
};
const size_t compose_keys_len = COUNT(compose_keys);
