/* standards.c - the CIS Docker Benchmark's runtime section and the Kubernetes Pod Security Standards, item by item; see
 * standards.h. Numbers are those of the benchmark's version 1.6; the standards' names are those of their documentation.
 *
 * An item without rules needs none: no policy can say the opposite. An item with neither is nothing that a launcher sees. */
#include "standards.h"

#include "../base/print.h"

#include <string.h>

const struct standard_item standard_items[] = {
	/* CIS Docker Benchmark 1.6, section 5 */
	{ "CIS 5.1", "no swarm mode", "there is none", NULL },
	{ "CIS 5.2", "an AppArmor profile", "always one; a host without it needs --without apparmor, which is recorded", "apparmor.capabilities" },
	{ "CIS 5.3", "SELinux options, where it is used", NULL, NULL },
	{ "CIS 5.4", "few capabilities", "none unless listed by name; there is no \"all\"", "caps.kernel caps.sys_admin caps.dac caps.bind" },
	{ "CIS 5.5", "no privileged containers", "there is no such thing", "source.privileged" },
	{ "CIS 5.6", "no sensitive directories of the host", NULL,
	  "mount.root mount.kernel mount.dev mount.manager mount.system mount.credentials mount.engine mount.boot rootfs.host" },
	{ "CIS 5.7", "no sshd inside", NULL, "args.sshd" },
	{ "CIS 5.8", "no privileged ports", "no port of the host is published", "network.low_port caps.bind" },
	{ "CIS 5.9", "only the ports that are needed", "none without a network; Landlock holds the list", "network.listen" },
	{ "CIS 5.10", "not the host's network", "off by default", "network.host" },
	{ "CIS 5.11", "a memory limit", "always: 512M unless said otherwise, no swap", "memory.swap memory.tmpfs host.memory" },
	{ "CIS 5.12", "a share of the CPUs", "always: one CPU's time unless said otherwise", "host.cpus rlimits.rtprio" },
	{ "CIS 5.13", "a read-only root", "always; what may be written is a mount", "rootfs.writable mount.over_system" },
	{ "CIS 5.14", "ports bound to one address", "no port of the host is published", NULL },
	{ "CIS 5.15", "at most five restarts", "it never restarts; a unit's StartLimitBurst= does", NULL },
	{ "CIS 5.16", "not the host's processes", "a PID namespace always", "source.namespaces" },
	{ "CIS 5.17", "not the host's IPC", "on by default", "namespaces.ipc" },
	{ "CIS 5.18", "no devices of the host", "six harmless ones; others by name", "device.memory device.disk device.host device.standard" },
	{ "CIS 5.19", "resource limits set", "eleven of them, always", "rlimits.core rlimits.stack" },
	{ "CIS 5.20", "no shared mount propagation", "always private", NULL },
	{ "CIS 5.21", "not the host's UTS namespace", "on by default", "namespaces.uts" },
	{ "CIS 5.22", "a seccomp profile", "always one; a host without it needs --without seccomp, which is recorded",
	  "seccomp.default_allow seccomp.log seccomp.logged seccomp.invalid" },
	{ "CIS 5.23", "no privileged exec", "off unless \"exec\" is true, and then confined as the workload is", NULL },
	{ "CIS 5.24", "no exec as root", "there is no uid 0", NULL },
	{ "CIS 5.25", "a cgroup of one's own", "always, with a cgroup namespace by default", "namespaces.cgroup" },
	{ "CIS 5.26", "no new privileges", "always", NULL },
	{ "CIS 5.27", "a health check", "healthcheck.exec or healthcheck.tcp, where the policy has one", NULL },
	{ "CIS 5.28", "an image of a known version", NULL, "source.latest source.tag" },
	{ "CIS 5.29", "a limit of processes", "always: 256 unless said otherwise", "host.pids pids.tiny" },
	{ "CIS 5.30", "not the default bridge", "there is none", "network.path" },
	{ "CIS 5.31", "not the host's user namespace", "on by default", "namespaces.user" },
	{ "CIS 5.32", "no engine's socket inside", NULL, "mount.manager" },
	{ "CIS 4.1", "a user other than root", "uid and gid are required, as numbers, and never 0", "user.nobody user.system user.groups" },
	{ "CIS 4.10", "no secrets in the image's description", "refused in env and args where they look like one", "args.secret" },

	/* Pod Security Standards */
	{ "PSS baseline: HostProcess", "no Windows host processes", "there is no Windows", NULL },
	{ "PSS baseline: Host Namespaces", "not the host's network, PID or IPC", "a PID namespace always", "network.host namespaces.ipc" },
	{ "PSS baseline: Privileged Containers", "none", "there is no such thing", NULL },
	{ "PSS baseline: HostPath Volumes", "none", NULL, "mount.root mount.system mount.manager" },
	{ "PSS baseline: Host Ports", "none, or few known ones", "no port of the host is published", "network.low_port" },
	{ "PSS baseline: AppArmor", "the default profile or a named one", "always one", "apparmor.capabilities" },
	{ "PSS baseline: SELinux", "no user or role of one's own", "none can be named", NULL },
	{ "PSS baseline: /proc Mount Type", "the usual masks", "always masked, or processes only", "mount.kernel" },
	{ "PSS baseline: Sysctls", "the safe ones", "only those that a namespace confines", "sysctl.net sysctl.ipc" },
	{ "PSS restricted: Volume Types", "no HostPath", NULL, "mount.root mount.system mount.manager" },
	{ "PSS restricted: Privilege Escalation", "no_new_privs", "always", NULL },
	{ "PSS restricted: Running as Non-root", "runAsNonRoot", "uid and gid are required and never 0", NULL },
	{ "PSS restricted: Running as Non-root user", "runAsUser is not 0", "uid and gid are required and never 0", "user.nobody" },
	{ "PSS restricted: Seccomp", "RuntimeDefault or Localhost", "always a profile", "seccomp.default_allow seccomp.log" },
	{ "PSS restricted: Capabilities", "all dropped; NET_BIND_SERVICE at most", "none unless listed",
	  "caps.bind caps.net caps.ids caps.owner caps.signals caps.chroot caps.mknod caps.limits caps.host caps.mac caps.bpf caps.ptrace" },

	/* What every list for production has, whoever wrote it */
	{ "checklist: user", "an explicit uid and gid, not root", "required", "user.nobody user.system source.root" },
	{ "checklist: file system", "a read-only root, tmpfs for the rest", "a read-only root and a private /tmp always",
	  "mount.write_exec mount.over_system mount.path_dir source.writable_root" },
	{ "checklist: limits", "memory, CPU and processes", "always", "memory.tmpfs host.memory host.cpus host.pids source.limits" },
	{ "checklist: confinement", "seccomp and AppArmor", "always, and Landlock", "seccomp.invalid landlock.off source.seccomp source.apparmor" },
	{ "checklist: secrets", "not in env, arguments or image", "refused in env and args where they look like one",
	  "args.secret env.pass mount.credentials" },
	{ "checklist: network", "not the host's; only the ports that are needed; egress closed", "none by default",
	  "network.host network.listen network.egress" },
	{ "checklist: image", "pinned by digest, never \"latest\"", NULL, "source.latest source.tag rootfs.open" },
	{ "checklist: logs", "going somewhere, with an identity",
	  "log.driver, or the output of whoever starts it: the journal, under the unit's name; the records carry name, policy and digest", NULL },
	{ NULL, NULL, NULL, NULL },
};

void standards_print(FILE *out)
{
	fputs("\nWhat answers each item of the CIS Docker Benchmark 1.6 (section 5) and of the\nPod Security Standards, and the usual lists for production:\n\n", out);
	for (const struct standard_item *item = standard_items; item->id; item++) {
		fprintf(out, "%s:", item->id);
		print_wrapped(out, item->wants, (int)strlen(item->id) + 1, 4);
		if (item->how) {
			fputs("\n    by construction:", out);
			print_wrapped(out, item->how, 20, 8);
		}
		if (item->rules) {
			fputs("\n    rules:", out);
			print_wrapped(out, item->rules, 10, 8);
		}
		if (!item->how && !item->rules)
			fputs("\n    nothing that a launcher sees", out);
		fputc('\n', out);
	}
}
