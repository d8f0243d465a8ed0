/* rules_reported.c - what others report: the parser, the controls, the floor, the doors. Their words are their own, since they
 * name the values; here stands why it matters. */
#include "rule.h"

const struct rule rules_reported[] = {
	/* The parser. */
	{ "policy.invalid", SEV_ERROR, "is no policy", "what the message says; casemate-policy(5) lists all keys",
	  "Nothing in a policy is ignored: what is not understood may be the very line that was meant to protect.",
	  "casemate-policy(5)", "" },

	{ "floor.below", SEV_ERROR, "below the floor", "what the floor says, or ask whoever keeps it",
	  "An organisation's minimum holds for everybody, whatever a single policy has reasons for.", "casemate-floor(5)", "" },

	/* Controls. */
	{ "apparmor.capabilities", SEV_WARNING, "the AppArmor profile denies some of the policy's capabilities",
	  "load the profile that \"casemate apparmor POLICY\" prints, and name it here",
	  "The two lists have to agree, or the workload fails at a moment that nobody expects.", "CIS 5.2", "/apparmor" },
	{ "caps.unknown", SEV_ERROR, "a capability without a name", "use a name of capabilities(7)",
	  "What cannot be named cannot be weighed.", "CIS 5.4", "/capabilities" },
	{ "landlock.off", SEV_WARNING, "only mounts limit writing and executing", "leave it on",
	  "Landlock holds even where a mount was forgotten or a path leads elsewhere.", "landlock(7)", "/landlock" },
	{ "landlock.ports", SEV_ERROR, "network.listen and .connect need it", "leave it on",
	  "The ports are Landlock's rules.", "landlock(7)", "/landlock" },
	{ "memory.tiny", SEV_ERROR, "less than any program can be started with", "4M or more",
	  "The loader and the launcher's own first steps are charged to the container.", "cgroups(7)", "/limits/memory" },
	{ "memory.high", SEV_WARNING, "never reached: limits.memory is not larger", "less than limits.memory, or 0",
	  "memory.high slows a workload down before memory.max kills it; above that it does nothing.", "cgroups(7)",
	  "/limits/memory_high" },
	{ "memory.swap", SEV_WARNING, "the workload's memory may be written to disk", "0",
	  "Keys and passwords stay readable on a disk long after the process.", "CIS 5.11", "/limits/swap" },
	{ "pids.tiny", SEV_ERROR, "leaves no process for the workload", "2 or more; init is one",
	  "PID 1 counts as well.", "CIS 5.29", "/limits/pids" },
	{ "io.nothing", SEV_ERROR, "limits nothing", "give rbps, wbps, riops or wiops",
	  "An entry without a limit looks like one.", "cgroups(7): io.max", "/limits/io" },
	{ "rlimits.core", SEV_WARNING, "a core dump holds the workload's secrets, and the host's handler may receive it", "0",
	  "The handler of core_pattern runs as the host's root, on input that the workload makes.",
	  "CIS 5.19; core(5)", "/limits/rlimits/core" },
	{ "rlimits.rtprio", SEV_WARNING, "a real-time loop can keep a CPU to itself", "0",
	  "Real-time tasks run before everything else, the host's own daemons included.", "CIS 5.12; sched(7)",
	  "/limits/rlimits/rtprio" },
	{ "exec_once.ptrace", SEV_ERROR, "CAP_SYS_PTRACE lets the workload read PID 1, which can execute", "give up one of the two",
	  "exec_once rests on two addresses that only PID 1 and the supervisor know.", "casemate-policy(5)", "/exec_once" },
	{ "seccomp.invalid", SEV_ERROR, "the seccomp profile cannot be meant so", "what the message says",
	  "Refused are: unknown calls, actions and operators; rules of one call that together let every value through (rules are OR-ed: "
	  "\"!= 38\" or \"!= 40\" is always true); rules that contradict each other; actions that wait for an agent (TRACE, NOTIFY); a "
	  "second condition on one argument; and a profile that denies execve, by which the program is started.",
	  "CIS 5.22; PSS restricted: Seccomp; seccomp(2)", "/seccomp/profile" },
	{ "seccomp.unread", SEV_WARNING, "the seccomp profile cannot be read here", "check where the file is",
	  "Its rules could not be judged. The launch will refuse what this can only warn about.", "CIS 5.22", "/seccomp/profile" },
	{ "seccomp.exit_group", SEV_WARNING, "the profile denies exit_group: no program can end in order", "allow exit_group",
	  "exit(3) is this call.", "exit_group(2)", "/seccomp/profile" },
	{ "seccomp.rt_sigreturn", SEV_WARNING, "the profile denies rt_sigreturn: no program survives a signal handler",
	  "allow rt_sigreturn", "The kernel calls it on the way back from every handler.", "sigreturn(2)", "/seccomp/profile" },
	{ "seccomp.default_allow", SEV_WARNING, "the profile allows every call that it does not name",
	  "a profile should deny by default: each new kernel brings new calls",
	  "A list of what is bad is out of date with the next kernel.", "CIS 5.22; PSS restricted: Seccomp", "/seccomp/profile" },
	{ "seccomp.logged", SEV_WARNING, "some calls are only logged, which allows them", "SCMP_ACT_ALLOW or SCMP_ACT_ERRNO",
	  "SCMP_ACT_LOG lets the call through and leaves a line in the audit log.", "CIS 5.22; seccomp(2)", "/seccomp/profile" },
	{ "seccomp.foreign", SEV_NOTE, "the profile names other ABIs: they are killed all the same",
	  "leave them out of architectures and archMap",
	  "32-bit and x32 calls have numbers of their own, and were where filters were passed by. casemate lets no foreign ABI through, "
	  "whatever a profile says.", "seccomp(2): arch", "/seccomp/profile" },
	{ 0 },
};
