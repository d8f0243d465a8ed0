/* names.c - the names of capabilities and signals; see names.h. */
#include "names.h"

#include "../base/cleanup.h"
#include "units.h"

#include <ctype.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* capabilities(7); the last three came with kernel 5.8 and 5.9. */
const char *const capability_names[] = {
	[CAP_CHOWN] = "CHOWN",
	[CAP_DAC_OVERRIDE] = "DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH] = "DAC_READ_SEARCH",
	[CAP_FOWNER] = "FOWNER",
	[CAP_FSETID] = "FSETID",
	[CAP_KILL] = "KILL",
	[CAP_SETGID] = "SETGID",
	[CAP_SETUID] = "SETUID",
	[CAP_SETPCAP] = "SETPCAP",
	[CAP_LINUX_IMMUTABLE] = "LINUX_IMMUTABLE",
	[CAP_NET_BIND_SERVICE] = "NET_BIND_SERVICE",
	[CAP_NET_BROADCAST] = "NET_BROADCAST",
	[CAP_NET_ADMIN] = "NET_ADMIN",
	[CAP_NET_RAW] = "NET_RAW",
	[CAP_IPC_LOCK] = "IPC_LOCK",
	[CAP_IPC_OWNER] = "IPC_OWNER",
	[CAP_SYS_MODULE] = "SYS_MODULE",
	[CAP_SYS_RAWIO] = "SYS_RAWIO",
	[CAP_SYS_CHROOT] = "SYS_CHROOT",
	[CAP_SYS_PTRACE] = "SYS_PTRACE",
	[CAP_SYS_PACCT] = "SYS_PACCT",
	[CAP_SYS_ADMIN] = "SYS_ADMIN",
	[CAP_SYS_BOOT] = "SYS_BOOT",
	[CAP_SYS_NICE] = "SYS_NICE",
	[CAP_SYS_RESOURCE] = "SYS_RESOURCE",
	[CAP_SYS_TIME] = "SYS_TIME",
	[CAP_SYS_TTY_CONFIG] = "SYS_TTY_CONFIG",
	[CAP_MKNOD] = "MKNOD",
	[CAP_LEASE] = "LEASE",
	[CAP_AUDIT_WRITE] = "AUDIT_WRITE",
	[CAP_AUDIT_CONTROL] = "AUDIT_CONTROL",
	[CAP_SETFCAP] = "SETFCAP",
	[CAP_MAC_OVERRIDE] = "MAC_OVERRIDE",
	[CAP_MAC_ADMIN] = "MAC_ADMIN",
	[CAP_SYSLOG] = "SYSLOG",
	[CAP_WAKE_ALARM] = "WAKE_ALARM",
	[CAP_BLOCK_SUSPEND] = "BLOCK_SUSPEND",
	[CAP_AUDIT_READ] = "AUDIT_READ",
	[CAP_PERFMON] = "PERFMON",
	[CAP_BPF] = "BPF",
	[CAP_CHECKPOINT_RESTORE] = "CHECKPOINT_RESTORE",
};
const size_t capability_names_len = COUNT(capability_names);
_Static_assert(COUNT(capability_names) == CAP_LAST_CAP + 1, "a capability without a name");

/* Upper or lower case throughout; `name` is not longer than a table entry when it matches. */
static bool same(const char *name, const char *upper)
{
	bool lower = islower((unsigned char)*name);

	for (; *name && *upper; name++, upper++)
		if (*name != (lower ? tolower((unsigned char)*upper) : *upper))
			return false;
	return *name == *upper;
}

int capability_number(const char *name)
{
	bool upper = strncmp(name, "CAP_", 4) == 0, lower = strncmp(name, "cap_", 4) == 0;
	const char *bare = upper || lower ? name + 4 : name;

	if ((upper && islower((unsigned char)*bare)) || (lower && isupper((unsigned char)*bare)))
		return -1;
	for (size_t i = 0; i < COUNT(capability_names); i++)
		if (same(bare, capability_names[i]))
			return (int)i;
	return -1;
}

/* Those that a service can mean as "please stop"; SIGSTOP and its kin stop nothing for good. */
const struct signal_name signal_names[] = {
	{ "TERM", SIGTERM }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "HUP", SIGHUP }, { "KILL", SIGKILL },
	{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "ALRM", SIGALRM }, { "WINCH", SIGWINCH }, { "PWR", SIGPWR },
	{ NULL, 0 },
};

int signal_number(const char *name)
{
	/* glibc keeps the kernel's first two for itself; everybody's SIGRTMIN is 34. */
	enum { RTMIN = 34, RTMAX = 64 };
	const char *bare = strncmp(name, "SIG", 3) == 0 ? name + 3 : name;
	uint64_t offset;

	for (const struct signal_name *s = signal_names; s->name; s++)
		if (strcmp(bare, s->name) == 0)
			return s->number;
	if (strncmp(bare, "RTMIN+", 6) == 0 && unit_decimal(bare + 6, &offset) && offset <= RTMAX - RTMIN)
		return RTMIN + (int)offset;
	return -1;
}
