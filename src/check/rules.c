/* rules.c - the table of rules; see rules.h.
 *
 * SEV_ERROR is for what contradicts itself or gives the host away outright; a policy that asks
 * for a weakening by its name gets it, with a SEV_WARNING. */
#include "rules.h"

#include "../base/cleanup.h"

#include <linux/capability.h>
#include <string.h>

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* --- predicates: short, and named so that the table reads --- */

static bool below(const char *path, const char *tree)
{
	size_t len = strlen(tree);

	return strncmp(path, tree, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool network_host(const struct policy *p) { return p->network.mode == NETWORK_HOST; }
static bool network_path(const struct policy *p) { return p->network.mode == NETWORK_PATH; }
static bool no_userns(const struct policy *p) { return !p->namespaces.user; }
static bool no_ipcns(const struct policy *p) { return !p->namespaces.ipc; }
static bool no_utsns(const struct policy *p) { return !p->namespaces.uts; }
static bool no_cgroupns(const struct policy *p) { return !p->namespaces.cgroup; }
static bool no_timens(const struct policy *p) { return !p->namespaces.time; }
static bool seccomp_log(const struct policy *p) { return p->seccomp.deny == DENY_LOG; }
static bool host_rootfs(const struct policy *p) { return strcmp(p->rootfs, "/") == 0; }
/* The same file in two places, of which one may be written and the other executed: Landlock's rules go by inode. */
static bool writable_rootfs(const struct policy *p)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct mount_policy *m = &p->mounts[i];

		if (m->type == MOUNT_BIND && !m->read_only && (below(m->source, p->rootfs) || below(p->rootfs, m->source)))
			return true;
	}
	return false;
}

static bool no_args(const struct policy *p) { return p->args.n == 0; }

static bool hostname_of_host(const struct policy *p)
{
	return !p->namespaces.uts && *p->hostname;
}

static bool clock_of_host(const struct policy *p)
{
	return !p->namespaces.time && (p->time.monotonic || p->time.boottime);
}

static bool has_sysctl(const struct policy *p, bool net)
{
	for (size_t i = 0; i < p->sysctl.n; i++)
		if ((strncmp(p->sysctl.v[i].name, "net.", 4) == 0) == net)
			return true;
	return false;
}

static bool net_sysctl_of_host(const struct policy *p)
{
	return p->network.mode == NETWORK_HOST && has_sysctl(p, true);
}

static bool ipc_sysctl_of_host(const struct policy *p)
{
	return !p->namespaces.ipc && has_sysctl(p, false);
}

/* What is written to a tmpfs is charged to the memory limit. */
static bool tmpfs_above_memory(const struct policy *p)
{
	uint64_t total = p->shm;

	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].type == MOUNT_TMPFS && __builtin_add_overflow(total, p->mounts[i].size, &total))
			return true;
	return total > p->limits.memory;
}

static bool path_unknown(const struct policy *p)
{
	return p->args.n > 0 && p->args.v[0][0] != '/' && strchr(p->args.v[0], '/');
}

static bool is_bind(const struct mount_policy *m) { return m->type == MOUNT_BIND; }
static bool is_writable(const struct mount_policy *m) { return !m->read_only; }
static bool write_and_exec(const struct mount_policy *m) { return is_writable(m) && m->exec; }
static bool suid_mount(const struct mount_policy *m) { return m->suid; }
static bool dev_mount(const struct mount_policy *m) { return m->dev; }

static bool bind_below(const struct mount_policy *m, const char *const *trees)
{
	for (; is_bind(m) && *trees; trees++)
		if (below(m->source, *trees))
			return true;
	return false;
}

static bool bind_root(const struct mount_policy *m)
{
	return is_bind(m) && strcmp(m->source, "/") == 0;
}

static bool bind_kernel(const struct mount_policy *m)
{
	static const char *const trees[] = { "/proc", "/sys", NULL };

	return bind_below(m, trees);
}

static bool bind_dev(const struct mount_policy *m)
{
	return is_bind(m) && (strcmp(m->source, "/dev") == 0 || strcmp(m->source, "/dev/shm") == 0 ||
			      strcmp(m->source, "/dev/pts") == 0 || strcmp(m->source, "/dev/mqueue") == 0);
}

/* Whoever may talk to one of these commands the host; a directory above one holds it, too. */
static bool bind_manager(const struct mount_policy *m)
{
	static const char *const sockets[] = {
		"/run/docker.sock", "/var/run/docker.sock", "/run/docker", "/run/containerd", "/var/run/containerd",
		"/run/podman", "/var/run/podman", "/run/crio", "/var/run/crio", "/run/systemd", "/var/run/systemd",
		"/run/dbus", "/var/run/dbus", "/run/casemate", "/var/run/casemate",
	};

	for (size_t i = 0; is_bind(m) && i < COUNT(sockets); i++)
		if (below(m->source, sockets[i]) || (strlen(m->source) > 1 && below(sockets[i], m->source)))
			return true;
	return false;
}

/* Directories whose contents root, the boot loader or the package manager trusts. */
static bool bind_system(const struct mount_policy *m)
{
	static const char *const trees[] = {
		"/etc", "/boot", "/root", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/var/lib/docker",
		"/var/lib/containerd", "/var/lib/containers", "/var/spool/cron", "/lib/modules", NULL
	};

	return is_writable(m) && (bind_below(m, trees) || (is_bind(m) && strcmp(m->source, "/var") == 0));
}

/* Reading them is enough to become somebody else. */
static bool bind_credentials(const struct mount_policy *m)
{
	static const char *const trees[] = { "/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/sudoers", "/root", NULL };

	return bind_below(m, trees) || (is_bind(m) && strcmp(m->source, "/etc") == 0);
}

static bool raw_memory(const struct device_policy *d)
{
	static const char *const paths[] = { "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kcore" };

	for (size_t i = 0; i < COUNT(paths); i++)
		if (strcmp(d->path, paths[i]) == 0)
			return true;
	return false;
}

static bool there_anyway(const struct device_policy *d)
{
	static const char *const paths[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm",
		"/dev/mqueue", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr",
	};

	for (size_t i = 0; i < COUNT(paths); i++)
		if (below(d->path, paths[i]))
			return true;
	return false;
}

static bool disk(const struct device_policy *d)
{
	static const char *const prefixes[] = {
		"/dev/sd", "/dev/vd", "/dev/xvd", "/dev/hd", "/dev/nvme", "/dev/mmcblk", "/dev/dm-", "/dev/mapper/", "/dev/md",
		"/dev/loop", "/dev/disk/",
	};

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (strncmp(d->path, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* --- the table --- */

const struct rule rules[] = {
	/* What contradicts itself. */
	{ "uts.hostname", SEV_ERROR, "/hostname", "without a UTS namespace this would rename the host",
	  "leave namespaces.uts on", .policy = hostname_of_host },
	{ "time.offset", SEV_ERROR, "/time", "offsets need a time namespace", "leave namespaces.time on", .policy = clock_of_host },
	{ "sysctl.net", SEV_ERROR, "/sysctl", "with the host's network a net.* sysctl changes the host",
	  "set it on the host, or give the container its own network", .policy = net_sysctl_of_host },
	{ "sysctl.ipc", SEV_ERROR, "/sysctl", "without an IPC namespace a kernel.* or fs.mqueue.* sysctl changes the host",
	  "leave namespaces.ipc on", .policy = ipc_sysctl_of_host },
	{ "args.relative", SEV_ERROR, "/args/0", "a relative path depends on the working directory",
	  "an absolute path, or a bare name that is looked for in PATH", .policy = path_unknown },

	{ "mount.rootfs", SEV_ERROR, "/mounts", "a writable bind of the rootfs makes its programs writable",
	  "bind it read-only, or bind a directory outside the rootfs", .policy = writable_rootfs },

	/* What gives the host away. */
	{ "mount.root", SEV_ERROR, NULL, "binds all of the host", "bind what is needed", .mount = bind_root },
	{ "mount.kernel", SEV_ERROR, NULL, "binds the host's /proc or /sys past every mask",
	  "the container has its own: see the keys \"proc\" and \"sys\"", .mount = bind_kernel },
	{ "mount.dev", SEV_ERROR, NULL, "binds the host's devices", "name single nodes under \"devices\"", .mount = bind_dev },
	{ "mount.manager", SEV_ERROR, NULL, "gives access to a service manager or container engine: that is root on the host",
	  "no confinement holds against it; talk to it through a service of your own", .mount = bind_manager },
	{ "mount.system", SEV_ERROR, NULL, "lets the workload write where the host's root executes or believes",
	  "bind it read-only, or bind a directory made for the purpose", .mount = bind_system },
	{ "device.standard", SEV_ERROR, NULL, "every container has this one of its own", "leave it out", .device = there_anyway },
	{ "device.memory", SEV_ERROR, NULL, "is the machine's memory or ports", NULL, .device = raw_memory },
	{ "caps.kernel", SEV_ERROR, "/capabilities", "SYS_MODULE and SYS_RAWIO are the kernel itself", NULL,
	  .capabilities = CAP(SYS_MODULE) | CAP(SYS_RAWIO) },

	/* Weakenings by name. */
	{ "network.host", SEV_WARNING, "/network/mode", "shares the host's network: all its listeners and abstract sockets",
	  "\"none\", or the path of a network namespace", .policy = network_host },
	{ "network.path", SEV_WARNING, "/network/path", "shares the network namespace of whoever else is in it", NULL,
	  .policy = network_path },
	{ "namespaces.user", SEV_WARNING, "/namespaces/user", "the workload's ids are the host's own", NULL, .policy = no_userns },
	{ "namespaces.ipc", SEV_WARNING, "/namespaces/ipc", "shares the host's shared memory and message queues", NULL,
	  .policy = no_ipcns },
	{ "namespaces.uts", SEV_WARNING, "/namespaces/uts", "sees the host's name", NULL, .policy = no_utsns },
	{ "namespaces.cgroup", SEV_WARNING, "/namespaces/cgroup", "sees the names of the host's services", NULL,
	  .policy = no_cgroupns },
	{ "namespaces.time", SEV_WARNING, "/namespaces/time", "sees the host's uptime", NULL, .policy = no_timens },
	{ "seccomp.log", SEV_WARNING, "/seccomp/deny", "denied calls are logged and then allowed",
	  "for learning only; then \"errno\" or \"kill\"", .policy = seccomp_log },
	{ "rootfs.host", SEV_ERROR, "/rootfs", "the host's whole file system could be read",
	  "make a rootfs of what the service needs", .policy = host_rootfs },
	{ "mount.write_exec", SEV_WARNING, NULL, "what the workload writes here it can execute",
	  "drop \"exec\", or make it read_only", .mount = write_and_exec },
	{ "mount.suid", SEV_WARNING, NULL, "setuid bits count here", NULL, .mount = suid_mount },
	{ "mount.dev_nodes", SEV_WARNING, NULL, "device nodes open here", "name them under \"devices\"", .mount = dev_mount },
	{ "mount.credentials", SEV_WARNING, NULL, "holds the host's keys or password hashes",
	  "bind the one file that is needed", .mount = bind_credentials },
	{ "device.disk", SEV_WARNING, NULL, "is a disk: file permissions do not count on it", NULL, .device = disk },
	{ "memory.tmpfs", SEV_WARNING, "/limits/memory", "the tmpfs together hold more: filling them kills the workload",
	  "raise limits.memory or lower \"size\" and \"shm\"", .policy = tmpfs_above_memory },
	{ "args.empty", SEV_WARNING, "/args", "no program: the command line has to name it", NULL, .policy = no_args },

	/* Capabilities that undo another control. */
	{ "caps.sys_admin", SEV_WARNING, "/capabilities", "SYS_ADMIN can mount, and so undo read-only mounts and masks", NULL,
	  .capabilities = CAP(SYS_ADMIN) },
	{ "caps.ptrace", SEV_WARNING, "/capabilities", "SYS_PTRACE and PERFMON read other processes' memory", NULL,
	  .capabilities = CAP(SYS_PTRACE) | CAP(PERFMON) },
	{ "caps.dac", SEV_WARNING, "/capabilities", "DAC_OVERRIDE and DAC_READ_SEARCH step over file permissions",
	  "let the files belong to the workload's own ids instead", .capabilities = CAP(DAC_OVERRIDE) | CAP(DAC_READ_SEARCH) },
	{ "caps.bpf", SEV_WARNING, "/capabilities", "BPF opens a large and old attack surface", NULL, .capabilities = CAP(BPF) },
	{ "caps.ids", SEV_WARNING, "/capabilities", "SETUID, SETGID and SETFCAP make other identities", NULL,
	  .capabilities = CAP(SETUID) | CAP(SETGID) | CAP(SETFCAP) },
	{ "caps.mac", SEV_WARNING, "/capabilities", "MAC_ADMIN and MAC_OVERRIDE change AppArmor's own rules", NULL,
	  .capabilities = CAP(MAC_ADMIN) | CAP(MAC_OVERRIDE) },
	{ "caps.limits", SEV_WARNING, "/capabilities", "SYS_RESOURCE and SYS_NICE step over limits", NULL,
	  .capabilities = CAP(SYS_RESOURCE) | CAP(SYS_NICE) },
	{ "caps.mknod", SEV_WARNING, "/capabilities", "MKNOD makes device nodes", NULL, .capabilities = CAP(MKNOD) },
	{ "caps.host", SEV_WARNING, "/capabilities", "SYS_BOOT, SYS_TIME, SYSLOG and AUDIT_* act on the host", NULL,
	  .capabilities = CAP(SYS_BOOT) | CAP(SYS_TIME) | CAP(SYSLOG) | CAP(AUDIT_CONTROL) | CAP(AUDIT_READ) | CAP(AUDIT_WRITE) },
	{ "caps.host_network", SEV_ERROR, "/capabilities", "NET_ADMIN and NET_RAW with the host's network command the host's network",
	  "give the container its own network", .policy = network_host, .capabilities = CAP(NET_ADMIN) | CAP(NET_RAW) },
	{ "caps.net", SEV_WARNING, "/capabilities", "NET_ADMIN and NET_RAW open large attack surfaces of the kernel", NULL,
	  .capabilities = CAP(NET_ADMIN) | CAP(NET_RAW) },
	{ 0 },
};
