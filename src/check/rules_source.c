/* rules_source.c - rules over what another tool was asked for; see source.h.
 *
 * A door has words of its own for each note. Here they are sorted: by the key of the policy that a note is about, or, where
 * it is about none, by the option and by what is said. What no row knows is a finding all the same. */
#include "source.h"

#include "../base/cleanup.h"
#include "../policy/path.h"

#include <string.h>

const struct rule rules_source[] = {
	{ "source.privileged", SEV_ERROR, "asks for a privileged container", "name what the service needs: capabilities, devices, sysctls",
	  "Privileged switches off every control at once, and gives all devices: it is root on the host with a file system of its own.",
	  "CIS 5.5; PSS baseline: Privileged Containers", "" },
	{ "source.root", SEV_WARNING, "would run as root, or as whoever the image names", "a uid and gid of the service's own (docker: --user 10001:10001)",
	  "Root inside is root outside wherever no user namespace stands between, and nearly every escape began as root.",
	  "CIS 4.1; PSS restricted: Running as Non-root", "" },
	{ "source.capabilities", SEV_WARNING, "leaves the engine's default capabilities", "none, and what is needed by name (docker: --cap-drop=ALL --cap-add NAME)",
	  "Among docker's fourteen are NET_RAW, MKNOD, SETUID and DAC_OVERRIDE; most services use none.",
	  "CIS 5.4; PSS restricted: Capabilities", "" },
	{ "source.new_privs", SEV_WARNING, "setuid programs would gain rights", "no_new_privs (docker: --security-opt=no-new-privileges)",
	  "One setuid program in the image is enough to become root inside.", "CIS 5.26; PSS restricted: Privilege Escalation", "" },
	{ "source.writable_root", SEV_WARNING, "the root directory could be written", "a read-only root, and mounts for what it writes (docker: --read-only)",
	  "An intruder replaces the program, or leaves one that the next start runs.", "CIS 5.13", "" },
	{ "source.limits", SEV_WARNING, "leaves resources without a limit", "limit memory, CPU time and processes (docker: --memory, --cpus, --pids-limit)",
	  "One service that leaks or is attacked takes the host down with it.", "CIS 5.11, 5.12, 5.29", "" },
	{ "source.seccomp", SEV_WARNING, "would switch the system call filter off or weaken it", "leave it out, or name a profile made for the service",
	  "The filter keeps old and rarely used calls, where the kernel's bugs are, out of reach.", "CIS 5.22; PSS restricted: Seccomp", "" },
	{ "source.apparmor", SEV_WARNING, "would switch AppArmor off", "leave it out, or name a profile made for the service",
	  "The profile holds where a mount or a capability was a mistake.", "CIS 5.2; PSS baseline: AppArmor", "" },
	{ "source.masks", SEV_WARNING, "would unmask /proc and /sys", "leave it out",
	  "kcore, keys, timer_list and the sysrq trigger are behind the masks.", "PSS baseline: /proc Mount Type", "" },
	{ "source.namespaces", SEV_ERROR, "would share the host's or another container's namespaces", "namespaces of its own; look at the host from the host",
	  "In the host's PID namespace every process of the same uid can be signalled, and its environment read.",
	  "CIS 5.16, 5.17, 5.21; PSS baseline: Host Namespaces", "" },
	{ "source.network", SEV_WARNING, "would put it on a network that is shared or routed", "a network namespace of its own, or none",
	  "On the default bridge every container reaches every other, and the internet.", "CIS 5.30; PSS baseline: Host Ports", "" },
	{ "source.mounts", SEV_WARNING, "would mount with more rights, or more room, than it needs", "say what is needed: ro, noexec, size=",
	  "Programs run, setuid bits count and devices open on a mount unless somebody says no.", "CIS 5.6, 5.20; mount(8)", "" },
	{ "source.latest", SEV_WARNING, "the image has no fixed version", "a version, or better: IMAGE@sha256:DIGEST",
	  "What \"latest\" names changes overnight: what was tested is not what runs, and nobody can tell later what it was.",
	  "CIS 4.2, 5.28", "/rootfs" },
	{ "source.tag", SEV_NOTE, "the image is named by a tag, which can be moved", "IMAGE@sha256:DIGEST",
	  "A registry, or whoever has its password, can put another image behind the same tag. A digest is the image.",
	  "CIS 4.2", "/rootfs" },
	{ "source.tightened", SEV_WARNING, "leaves open what casemate shuts", "say in the source what the message says",
	  "Wherever else the same source is run, it is open.", NULL, "" },
	{ "source.always", SEV_NOTE, "is wider wherever else it is run", "run it here, or write these options down as well",
	  "What casemate does for every policy has to be asked for elsewhere, option by option, where it can be had at all.", NULL, "" },
	{ "source.refused", SEV_ERROR, "asks for what cannot be had", "what the message says",
	  "It is not passed over in silence: the service would run without what it was written for, or without a protection.", NULL, "" },
	{ "source.missing", SEV_NOTE, "does not say what has to be known", "add it",
	  "The policy is not complete without it.", NULL, "" },
	{ "source.no_effect", SEV_NOTE, "means nothing here", "leave it out, or see to it elsewhere",
	  "No protection is lost by that, but whoever wrote it wanted something.", NULL, "" },
	{ 0 },
};

/* The first row that fits decides. NULL fits everything; words are looked for in the excerpt and in what is said. */
static const struct { bool kind[SAID_KINDS]; const char *pointer, *word, *rule; } sorting[] = {
#define TIGHTENED { [SAID_TIGHTENED] = true }
#define REFUSED { [SAID_REFUSED] = true }
	{ REFUSED, NULL, "privileged", "source.privileged" },
	{ REFUSED, NULL, "id 0 does not exist", "source.root" },
	{ REFUSED, NULL, "see every process of the host", "source.namespaces" },
	{ REFUSED, NULL, "shares no namespaces between containers", "source.namespaces" },
	{ REFUSED, NULL, "/linux/namespaces", "source.namespaces" },
	{ TIGHTENED, "/user/umask", NULL, "source.tightened" },
	{ TIGHTENED, "/user", NULL, "source.root" },
	{ TIGHTENED, "/capabilities", NULL, "source.capabilities" },
	{ TIGHTENED, "/limits", NULL, "source.limits" },
	{ TIGHTENED, "/seccomp", NULL, "source.seccomp" },
	{ TIGHTENED, "/apparmor", NULL, "source.apparmor" },
	{ TIGHTENED, "/proc", NULL, "source.masks" }, { TIGHTENED, "/sys", NULL, "source.masks" },
	{ TIGHTENED, "/network", NULL, "source.network" },
	{ TIGHTENED, "/namespaces", NULL, "source.namespaces" },
	{ TIGHTENED, "/mounts", NULL, "source.mounts" },
	{ TIGHTENED, NULL, "setuid programs gain nothing", "source.new_privs" },
	{ TIGHTENED, NULL, "the root is read-only", "source.writable_root" },
	{ TIGHTENED, NULL, "the root is always read-only", "source.writable_root" },
	{ TIGHTENED, NULL, "and always: ", "source.always" },
	{ TIGHTENED, NULL, NULL, "source.tightened" },
	{ REFUSED, NULL, NULL, "source.refused" },
	{ { [SAID_MISSING] = true }, NULL, NULL, "source.missing" },
	{ { [SAID_NO_EFFECT] = true }, NULL, NULL, "source.no_effect" },
};

const struct rule *source_rule(enum said said, const char *pointer, const char *excerpt, const char *text)
{
	for (size_t i = 0; i < COUNT(sorting); i++)
		if (sorting[i].kind[said] && (!sorting[i].pointer || path_below(pointer, sorting[i].pointer)) &&
		    (!sorting[i].word || strstr(excerpt, sorting[i].word) || strstr(text, sorting[i].word)))
			return rule_find(sorting[i].rule);
	return NULL;	/* not reached: the last rows fit everything */
}

const struct rule *source_image_rule(const char *image)
{
	const char *name = strrchr(image, '/') ? strrchr(image, '/') + 1 : image, *tag = strchr(name, ':');

	if (*image == '/' || *image == '.' || strchr(name, '@'))
		return NULL;
	return rule_find(!tag || strcmp(tag, ":latest") == 0 ? "source.latest" : "source.tag");
}
