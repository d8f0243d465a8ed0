/* advice.c - what would allow a denied act, and what that costs: see denial.h. A row for each kind of system call that is worth
 * a sentence of its own; the others share the last one. */
#include "denial.h"

#include "../base/cleanup.h"
#include "../seccomp/calls.h"

#include <fnmatch.h>
#include <linux/seccomp.h>
#include <string.h>

static const char profile[] = "seccomp.profile", allow[] = "a profile that also allows this call";

static const struct { const char *calls, *cost; } costs[] = {
	{ "mount*|umount*|fs*open|fsconfig|fsmount|fspick|move_mount|open_tree*|pivot_root|chroot|statmount|listmount",
	  "the workload could try to rearrange its file systems; without capabilities it still fails, with them it undoes masks and read-only mounts" },
	{ "unshare|setns|clone|clone3", "new user namespaces give every capability inside them, which is where most kernel exploits begin" },
	{ "keyctl|add_key|request_key", "keyrings are not confined by namespaces, and have been a way out of containers" },
	{ "bpf|perf_event_open|userfaultfd", "three of the largest parts of the kernel to attack; exploits use them even where they are not the target" },
	{ "io_uring_*", "calls made through a ring are seen by no filter at all, and the ring has had many escapes" },
	{ "ptrace|process_vm_*|process_madvise|kcmp|pidfd_getfd", "processes of the container could read and change each other's memory and files" },
	{ "init_module|finit_module|delete_module|kexec_*", "it would be the kernel's own code that the workload chooses" },
	{ "reboot|swapon|swapoff|acct|quotactl*|syslog|settimeofday|adjtimex|clock_settime|clock_adjtime|stime|sethostname|setdomainname",
	  "it is about the whole host; without the capability it fails all the same, so that nothing is gained" },
	{ "personality", "address randomisation could be switched off, which makes every memory error easier to exploit" },
	{ "memfd_create|memfd_secret", "programs could be run that are in no file, past a read-only root and noexec" },
	{ "mknod*", "device nodes; they cannot be opened where nodev holds, but the profile is then no second bond" },
	{ "chmod|fchmod|fchmodat*|creat|open|openat*|mkdir*", "what is denied is set-user-id and set-group-id bits: files that run as somebody else" },
	{ "socket|socketpair", "the families that are denied (AF_ALG, AF_VSOCK, packet, netlink ...) are large and little tested parts of the kernel" },
	{ "ioctl", "what is denied pushes characters into a terminal (TIOCSTI, TIOCLINUX): commands for whoever started casemate" },
	{ "prctl|arch_prctl|modify_ldt|seccomp", "it changes how the kernel treats the process itself; programs rarely need it" },
	{ "*", "one call more of the kernel can be reached by whoever takes the workload over; most programs go on without it" },
};

static bool in(const char *patterns, const char *name)
{
	_auto(free_mem) char *copy = strdup(patterns);
	char *rest = copy, *one;

	while (copy && (one = strsep(&rest, "|")))
		if (fnmatch(one, name, 0) == 0)
			return true;
	return false;
}

static struct denial_advice of_call(const struct denial *d, const char *call)
{
	if (d->arch != CALL_ARCH)
		return (struct denial_advice){ profile, "nothing: every other ABI is killed", "a second numbering of all calls would have to be argued as well" };
	for (size_t i = 0; i < COUNT(costs); i++)
		if (in(costs[i].calls, call))
			return (struct denial_advice){ profile, allow, costs[i].cost };
	return (struct denial_advice){ profile, allow, costs[COUNT(costs) - 1].cost };
}

static struct denial_advice of_apparmor(const struct denial *d)
{
	static const struct { const char *operations; struct denial_advice advice; } rows[] = {
		{ "capable", { "capabilities", "the capability in this list, and a profile that allows it (casemate apparmor POLICY)",
		  "a part of root's powers, for everything that runs in the container" } },
		{ "exec", { "mounts", "\"exec\": true on the mount that holds it, and a profile that follows (casemate apparmor POLICY)",
		  "what is written there can be run there: a foothold becomes a program" } },
		{ "mount|umount|pivotroot|remount", { "apparmor", "a profile of your own", "the workload could undo masks and read-only mounts" } },
		{ "ptrace|signal", { "apparmor", "a profile of your own", "it reaches processes under other profiles: on the host, or of another container" } },
		{ "create|bind|connect|listen|accept|sendmsg|recvmsg|setsockopt|getsockopt|file_perm", { "apparmor", "a profile of your own that allows this family of sockets",
		  "a part of the network stack more to attack" } },
		{ "*", { "mounts", "a mount of its own at this path, read_only: false if it is to be written; or a profile made for the policy (casemate apparmor POLICY)",
		  "whoever takes the workload over reads or writes there, too" } },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (in(rows[i].operations, d->operation))
			return rows[i].advice;
	return rows[COUNT(rows) - 1].advice;
}

struct denial_advice denial_advice(const struct denial *d, const char *call)
{
	if (d->kind == DENIED_CALL)
		return of_call(d, call);
	if (d->kind == DENIED_APPARMOR)
		return of_apparmor(d);
	if (strncmp(d->operation, "net.", 4) == 0)
		return (struct denial_advice){ "network.listen, network.connect", "the port in the list", "one door more, to listen at or to call home by" };
	return (struct denial_advice){ "mounts", "a mount at this path, with what is needed of read_only: false and exec: true",
		"whoever takes the workload over writes or executes there, too" };
}
