/* rules_whole.c - rules over single keys and pairs of them: namespaces, network, limits, how it lives. */
#include "rule.h"

#include "../policy/path.h"

#include <signal.h>
#include <string.h>

/* --- predicates: short, and named so that the table reads --- */

static bool unix_socket(const struct subject *s)
{
	for (size_t i = 0; i < s->policy->n_sockets; i++)
		if (s->policy->sockets[i].family == SOCKET_UNIX)
			return true;
	return false;
}

static bool network_host(const struct subject *s) { return s->policy->network.mode == NETWORK_HOST; }
static bool network_path(const struct subject *s) { return s->policy->network.mode == NETWORK_PATH; }
static bool no_userns(const struct subject *s) { return !s->policy->namespaces.user; }
static bool no_ipcns(const struct subject *s) { return !s->policy->namespaces.ipc; }
static bool no_utsns(const struct subject *s) { return !s->policy->namespaces.uts; }
static bool no_cgroupns(const struct subject *s) { return !s->policy->namespaces.cgroup; }
static bool no_timens(const struct subject *s) { return !s->policy->namespaces.time; }
static bool seccomp_log(const struct subject *s) { return s->policy->seccomp.deny == DENY_LOG; }

static bool hostname_of_host(const struct subject *s)
{
	return no_utsns(s) && *s->policy->hostname;
}

static bool clock_of_host(const struct subject *s)
{
	return no_timens(s) && (s->policy->time.monotonic || s->policy->time.boottime);
}

static bool has_sysctl(const struct policy *p, bool net)
{
	for (size_t i = 0; i < p->sysctl.n; i++)
		if ((strncmp(p->sysctl.v[i].name, "net.", 4) == 0) == net)
			return true;
	return false;
}

static bool net_sysctl_of_host(const struct subject *s)
{
	return network_host(s) && has_sysctl(s->policy, true);
}

static bool ipc_sysctl_of_host(const struct subject *s)
{
	return no_ipcns(s) && has_sysctl(s->policy, false);
}

static bool low_port_of_host(const struct subject *s)
{
	const struct numbers *ports = &s->policy->network.listen;

	for (size_t i = 0; network_host(s) && i < ports->n; i++)
		if (ports->v[i] < 1024)
			return true;
	return false;
}

static bool open_egress(const struct subject *s)
{
	return s->policy->network.mode != NETWORK_NONE && !s->policy->network.restrict_connect;
}

static bool open_listen(const struct subject *s)
{
	return s->policy->network.mode != NETWORK_NONE && !s->policy->network.restrict_listen;
}

/* What is written to a tmpfs is charged to the memory limit. A sum beyond counting is above every limit. */
static bool tmpfs_above_memory(const struct subject *s)
{
	const struct policy *p = s->policy;
	uint64_t total = p->shm;

	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].type == MOUNT_TMPFS && __builtin_add_overflow(total, p->mounts[i].size, &total))
			return true;
	return total > p->limits.memory;
}

static bool half_killed(const struct subject *s) { return !s->policy->limits.oom_group; }
static bool stack_unlimited(const struct subject *s) { return s->policy->limits.rlimits.stack == UINT64_MAX; }
static bool stop_at_once(const struct subject *s) { return s->policy->stop.signal == SIGKILL; }
/* TimeoutStopSec= where the manager was told nothing else: systemd-system.conf(5), DefaultTimeoutStopSec=. */
static bool outlasts_systemd(const struct subject *s) { return s->policy->stop.timeout > 90 * 1000; }

static bool host_memory(const struct subject *s) { return s->host && s->policy->limits.memory > s->host->memory; }
static bool host_pids(const struct subject *s) { return s->host && s->policy->limits.pids > s->host->pids; }

static bool host_cpus(const struct subject *s)
{
	return s->host && s->policy->limits.cpus > s->host->cpus * 1000000;
}

static bool host_rootfs(const struct subject *s) { return strcmp(s->policy->rootfs, "/") == 0; }

static bool rootfs_in_the_open(const struct subject *s)
{
	static const char *const trees[] = { "/tmp", "/var/tmp", "/dev/shm", "/run/user", NULL };

	return path_below_any(s->policy->rootfs, trees);
}

/* The same file in two places, of which one may be written and the other executed: Landlock's rules go by inode. */
static bool writable_rootfs(const struct subject *s)
{
	const struct policy *p = s->policy;

	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct mount_policy *m = &p->mounts[i];

		if (m->type == MOUNT_BIND && !m->read_only &&
		    (path_below(m->source, p->rootfs) || path_below(p->rootfs, m->source)))
			return true;
	}
	return false;
}

/* --- the table --- */

const struct rule rules_whole[] = {
	/* What contradicts itself. */
	{ "uts.hostname", SEV_ERROR, "without a UTS namespace this would rename the host", "leave namespaces.uts on",
	  "sethostname(2) acts on the UTS namespace of the caller; without one of its own that is everybody's.",
	  "uts_namespaces(7)", "/hostname", .assess = hostname_of_host },
	{ "time.offset", SEV_ERROR, "offsets need a time namespace", "leave namespaces.time on",
	  "Clock offsets are a property of a time namespace.", "time_namespaces(7)", "/time", .assess = clock_of_host },
	{ "sysctl.net", SEV_ERROR, "with the host's network a net.* sysctl changes the host",
	  "set it on the host, or give the container its own network",
	  "net.* settings belong to a network namespace, and here that is the host's.",
	  "PSS baseline: Sysctls; network_namespaces(7)", "/sysctl", .assess = net_sysctl_of_host },
	{ "sysctl.ipc", SEV_ERROR, "without an IPC namespace a kernel.* or fs.mqueue.* sysctl changes the host",
	  "leave namespaces.ipc on", "The limits of System V IPC and message queues belong to an IPC namespace.",
	  "PSS baseline: Sysctls; ipc_namespaces(7)", "/sysctl", .assess = ipc_sysctl_of_host },

	/* The root directory. */
	{ "rootfs.host", SEV_ERROR, "the host's whole file system could be read", "make a rootfs of what the service needs",
	  "Read-only is no secret: keys, password hashes and other services' files lie there.", "CIS 5.6", "/rootfs",
	  .assess = host_rootfs },
	{ "rootfs.writable", SEV_ERROR, "a writable bind of the rootfs makes its programs writable",
	  "bind it read-only, or bind a directory outside the rootfs",
	  "The same files are executable at \"/\" and writable at the mount: a break-in becomes permanent.",
	  "CIS 5.13", "/mounts", .assess = writable_rootfs },
	{ "rootfs.open", SEV_WARNING, "lies where every user may write", "keep it below /var/lib, owned by root",
	  "Whoever can rename a directory above the rootfs replaces the programs that the service runs.",
	  "inode(7): the sticky bit", "/rootfs", .assess = rootfs_in_the_open },

	/* Namespaces. */
	{ "namespaces.user", SEV_WARNING, "the workload's ids are the host's own", "leave it on",
	  "A user namespace makes every capability inside worth nothing outside; without it a kernel or runtime bug "
	  "is met by real ids.", "CIS 5.31; user_namespaces(7)", "/namespaces/user", .assess = no_userns },
	{ "namespaces.ipc", SEV_WARNING, "shares the host's shared memory and message queues", "leave it on",
	  "System V segments of other services with the same uid can be attached, read and removed.",
	  "CIS 5.17; PSS baseline: Host Namespaces", "/namespaces/ipc", .assess = no_ipcns },
	{ "namespaces.uts", SEV_WARNING, "sees the host's name", "leave it on",
	  "A host's name tells an intruder where it is, and what else to look for.", "CIS 5.21", "/namespaces/uts",
	  .assess = no_utsns },
	{ "namespaces.cgroup", SEV_WARNING, "sees the names of the host's services", "leave it on",
	  "/proc/self/cgroup and the cgroup tree name what else runs here.", "CIS 5.25; cgroup_namespaces(7)",
	  "/namespaces/cgroup", .assess = no_cgroupns },
	{ "namespaces.time", SEV_WARNING, "sees the host's uptime", "leave it on",
	  "The uptime says how long ago the kernel was patched, and identifies the machine.", "time_namespaces(7)",
	  "/namespaces/time", .assess = no_timens },

	/* Network. */
	{ "network.host", SEV_WARNING, "shares the host's network: all its listeners and abstract sockets",
	  "\"none\", or the path of a network namespace made for it",
	  "Services that listen on 127.0.0.1 trust whoever reaches them, and abstract Unix sockets know no file permissions: "
	  "one of them gave away containerd.", "CIS 5.10; PSS baseline: Host Namespaces; CVE-2020-15257", "/network/mode",
	  .assess = network_host },
	{ "network.path", SEV_WARNING, "shares the network namespace of whoever else is in it",
	  "one network namespace a service",
	  "Everybody in a network namespace shares its loopback, its listeners and its abstract sockets.",
	  "CIS 5.30; network_namespaces(7)", "/network/path", .assess = network_path },
	{ "network.egress", SEV_WARNING, "may connect to any TCP port", "list the ports it needs in network.connect; [] for none",
	  "A service that only answers has no reason to call out; an intruder's first step is to fetch tools.",
	  "Landlock: LANDLOCK_ACCESS_NET_CONNECT_TCP (kernel 6.7)", "/network/mode", .assess = open_egress },
	{ "network.listen", SEV_NOTE, "may listen on any TCP port", "list its ports in network.listen",
	  "A second listener is how an intruder comes back.", "CIS 5.9; Landlock (kernel 6.7)", "/network/mode",
	  .assess = open_listen },
	{ "sockets.unix", SEV_NOTE, "a local socket of the host reaches into the container", "an inet socket, if its clients can use one",
	  "Over a Unix socket a client can hand over descriptors of the host, directories among them, and whoever sends is trusted to mean it.",
	  "unix(7): SCM_RIGHTS", "/sockets", .assess = unix_socket },
	{ "network.low_port", SEV_WARNING, "listens below 1024 on the host itself",
	  "a port from 1024 on, behind a proxy or a redirection",
	  "Low ports carry the names of well-known services: whoever holds one is believed to be it.",
	  "CIS 5.8; PSS baseline: Host Ports", "/network/listen", .assess = low_port_of_host },

	/* The kernel's interface. */
	{ "seccomp.log", SEV_WARNING, "denied calls are logged and then allowed", "for learning only; then \"errno\" or \"kill\"",
	  "A filter that lets everything through protects nothing.", "CIS 5.22; PSS restricted: Seccomp", "/seccomp/deny",
	  .assess = seccomp_log },

	/* How much of the machine. */
	{ "memory.tmpfs", SEV_WARNING, "the tmpfs together hold more: filling them kills the workload",
	  "raise limits.memory or lower \"size\" and \"shm\"",
	  "Files in a tmpfs are memory and are charged to the container.", "tmpfs(5)", "/limits/memory",
	  .assess = tmpfs_above_memory },
	{ "memory.half", SEV_NOTE, "out of memory kills one process, not the container", "leave limits.oom_group on",
	  "A service that has lost a worker or its log writer goes on in a state that nobody tested.",
	  "memory.oom.group: cgroups(7)", "/limits/oom_group", .assess = half_killed },
	{ "rlimits.stack", SEV_WARNING, "an unlimited stack makes the kernel lay out memory bottom-up", "\"8M\", or what it needs",
	  "The old layout puts libraries at addresses that are easier to guess.", "personality(2): ADDR_COMPAT_LAYOUT",
	  "/limits/rlimits/stack", .assess = stack_unlimited },
	{ "host.memory", SEV_WARNING, "more memory than this host has", "less than what the host can spare",
	  "A limit above what there is limits nothing: the host runs out first, and then chooses whom to kill.", "CIS 5.11",
	  "/limits/memory", .assess = host_memory },
	{ "host.cpus", SEV_WARNING, "more CPUs than this host has", "fewer than the host has",
	  "A limit above what there is limits nothing.", "CIS 5.12", "/limits/cpus", .assess = host_cpus },
	{ "host.pids", SEV_WARNING, "more processes than this host can have", "what the service needs, and some more",
	  "The host's table of processes is full before this limit is reached.", "CIS 5.29; kernel.pid_max: proc(5)",
	  "/limits/pids", .assess = host_pids },

	/* How it lives. */
	{ "stop.kill", SEV_NOTE, "SIGKILL leaves the workload no time to end in order", "SIGTERM, or what the program documents",
	  "Open transactions and temporary files stay as they are.", "signal(7)", "/stop/signal", .assess = stop_at_once },
	{ "stop.systemd", SEV_NOTE, "longer than systemd waits by default: it would kill before that",
	  "90s or less, or TimeoutStopSec= in the unit",
	  "As a service, casemate itself is killed 90 s after it was asked to stop, and the workload with it.",
	  "systemd.service(5)", "/stop/timeout", .assess = outlasts_systemd },
	{ 0 },
};
