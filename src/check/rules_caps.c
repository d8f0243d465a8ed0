/* rules_caps.c - capabilities: each is in one row at least, by what it undoes; see capabilities(7). */
#include "rule.h"

#include <linux/capability.h>

#define CAP(name) (UINT64_C(1) << CAP_##name)
#define EVERY UINT64_MAX
#define REF "CIS 5.4; PSS restricted: Capabilities"

static bool with_host_network(const struct subject *s) { return s->policy->network.mode == NETWORK_HOST; }
static bool without_userns(const struct subject *s) { return !s->policy->namespaces.user; }

const struct rule rules_capabilities[] = {
	{ "caps.kernel", SEV_ERROR, "SYS_MODULE and SYS_RAWIO are the kernel itself", "leave them out: load modules on the host",
	  "A loaded module or a written port ends every control at once.", REF, "/capabilities",
	  .capabilities = CAP(SYS_MODULE) | CAP(SYS_RAWIO) },
	{ "caps.host_network", SEV_ERROR, "NET_ADMIN and NET_RAW with the host's network command the host's network",
	  "give the container its own network", "Routes, firewall rules and everybody's packets are then the workload's.",
	  REF "; CVE-2020-14386", "/capabilities", .assess = with_host_network, .capabilities = CAP(NET_ADMIN) | CAP(NET_RAW) },
	{ "caps.host_ids", SEV_WARNING, "capabilities without a user namespace are the host's own", "leave namespaces.user on",
	  "With it they reach the container's own resources; without it they are root's powers over everybody's.",
	  REF "; user_namespaces(7)", "/capabilities", .assess = without_userns, .capabilities = EVERY },
	{ "caps.sys_admin", SEV_WARNING, "SYS_ADMIN can mount, and so undo read-only mounts and masks",
	  "find the one call that needs it: most have a capability of their own by now",
	  "Half of all checks in the kernel ask for it; it is root by another name.", REF "; CVE-2022-0185, CVE-2022-0492",
	  "/capabilities", .capabilities = CAP(SYS_ADMIN) },
	{ "caps.ptrace", SEV_WARNING, "SYS_PTRACE, PERFMON and CHECKPOINT_RESTORE read other processes' memory",
	  "debug from the host, by its pid there",
	  "Keys and passwords of every process in reach can be read, and code put into it.", REF, "/capabilities",
	  .capabilities = CAP(SYS_PTRACE) | CAP(PERFMON) | CAP(CHECKPOINT_RESTORE) },
	{ "caps.dac", SEV_WARNING, "DAC_OVERRIDE and DAC_READ_SEARCH step over file permissions",
	  "let the files belong to the workload's own ids instead",
	  "DAC_READ_SEARCH opens files by handle, past every mount: the first escape from docker.", REF "; open_by_handle_at(2)",
	  "/capabilities", .capabilities = CAP(DAC_OVERRIDE) | CAP(DAC_READ_SEARCH) },
	{ "caps.owner", SEV_WARNING, "CHOWN, FOWNER and FSETID take over other users' files", "set the owners when the files are made",
	  "A file that can be given away or taken needs no password.", REF, "/capabilities",
	  .capabilities = CAP(CHOWN) | CAP(FOWNER) | CAP(FSETID) | CAP(LEASE) | CAP(LINUX_IMMUTABLE) },
	{ "caps.bpf", SEV_WARNING, "BPF opens a large and old attack surface", "load programs from a service on the host",
	  "The verifier is the part of the kernel with the most exploits of one kind.", REF "; CVE-2021-3490, CVE-2022-23222",
	  "/capabilities", .capabilities = CAP(BPF) },
	{ "caps.ids", SEV_WARNING, "SETUID, SETGID, SETPCAP and SETFCAP make other identities",
	  "start the program as the user that it would change to",
	  "Programs ask for them to give up root, which they do not have here.", REF, "/capabilities",
	  .capabilities = CAP(SETUID) | CAP(SETGID) | CAP(SETPCAP) | CAP(SETFCAP) },
	{ "caps.mac", SEV_WARNING, "MAC_ADMIN and MAC_OVERRIDE change AppArmor's own rules", "load profiles on the host",
	  "A profile that its subject may replace confines nobody.", REF "; CIS 5.2", "/capabilities",
	  .capabilities = CAP(MAC_ADMIN) | CAP(MAC_OVERRIDE) },
	{ "caps.limits", SEV_WARNING, "SYS_RESOURCE, SYS_NICE and IPC_LOCK step over limits", "raise the limit under limits.rlimits",
	  "Reserved blocks, process tables and locked memory are everybody's.", REF "; CIS 5.19", "/capabilities",
	  .capabilities = CAP(SYS_RESOURCE) | CAP(SYS_NICE) | CAP(IPC_LOCK) },
	{ "caps.mknod", SEV_WARNING, "MKNOD makes device nodes", "name the nodes under \"devices\"",
	  "A node for the host's disk is one call away; only nodev and the device filter are left.", REF "; CIS 5.18", "/capabilities",
	  .capabilities = CAP(MKNOD) },
	{ "caps.chroot", SEV_WARNING, "SYS_CHROOT leaves a root directory as well as it enters one", "leave it out",
	  "A second chroot(2) with a directory held open outside walks out of the first.", REF "; chroot(2)", "/capabilities",
	  .capabilities = CAP(SYS_CHROOT) },
	{ "caps.signals", SEV_WARNING, "KILL and IPC_OWNER reach processes and memory of other users", "run the parts under one uid",
	  "Whoever may signal or attach to another user's processes can stop or misuse them.", REF, "/capabilities",
	  .capabilities = CAP(KILL) | CAP(IPC_OWNER) },
	{ "caps.host", SEV_WARNING, "SYS_BOOT, SYS_TIME, SYSLOG, AUDIT_* and their like act on the host",
	  "leave it to a service on the host",
	  "There is one clock, one log, one console and one power switch for everybody.", REF, "/capabilities",
	  .capabilities = CAP(SYS_BOOT) | CAP(SYS_TIME) | CAP(SYSLOG) | CAP(AUDIT_CONTROL) | CAP(AUDIT_READ) | CAP(AUDIT_WRITE) |
			  CAP(SYS_TTY_CONFIG) | CAP(SYS_PACCT) | CAP(WAKE_ALARM) | CAP(BLOCK_SUSPEND) },
	{ "caps.net", SEV_WARNING, "NET_ADMIN, NET_RAW and NET_BROADCAST open large attack surfaces of the kernel",
	  "set the network up from outside; ping works without (net.ipv4.ping_group_range)",
	  "netfilter and packet sockets are where kernel exploits start.", REF "; CVE-2020-14386, CVE-2021-22555", "/capabilities",
	  .capabilities = CAP(NET_ADMIN) | CAP(NET_RAW) | CAP(NET_BROADCAST) },
	{ "caps.bind", SEV_NOTE, "NET_BIND_SERVICE opens every port below 1024", "\"sysctl\": {\"net.ipv4.ip_unprivileged_port_start\": \"80\"}",
	  "In a network of its own the container can be given low ports without any capability.",
	  "CIS 5.8; PSS restricted allows this one", "/capabilities", .capabilities = CAP(NET_BIND_SERVICE) },
	{ 0 },
};
