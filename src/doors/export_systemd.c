/* export_systemd.c - a policy as a unit of systemd that runs it under casemate.
 *
 * What the unit adds is laid around the launcher and, since filters are inherited, around the workload as well: so only
 * what this policy has no use for. Not there, because it takes away what casemate needs to make a container:
 * ProtectKernelTunables=, ProtectKernelLogs=, ProtectControlGroups=, ProtectHostname=, ProcSubset=, PrivateUsers=,
 * RestrictNamespaces=, RestrictSUIDSGID=, LockPersonality=. MemoryDenyWriteExecute= would end every JIT compiler. */
#include "export.h"

#include "../base/cleanup.h"
#include "../policy/path.h"
#include "../policy/policy.h"

#include <inttypes.h>
#include <string.h>

/* A quoted word, with what is special in all of systemd's quotes; "$" is so in commands only: systemd.service(5),
 * "Command lines". */
static void word(FILE *out, const char *s, bool command)
{
	fputs(command ? " \"" : "\"", out);
	for (; *s; s++) {
		if (strchr("\"\\", *s))
			fputc('\\', out);
		if (*s == '%' || (command && *s == '$'))
			fputc(*s, out);
		if ((unsigned char)*s < 0x20)
			fprintf(out, "\\x%02x", (unsigned char)*s);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

/* A value of one line in which only specifiers are special. */
static void text(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '%')
			fputc('%', out);
		fputc((unsigned char)*s < 0x20 ? '?' : *s, out);
	}
}

/* Whether what the policy names on the host lies in one of these. */
static bool uses(const struct policy *p, const struct export_facts *f, const char *const *dirs)
{
	for (; *dirs; dirs++) {
		if (path_below(p->rootfs, *dirs) || path_below(f->file, *dirs) || path_below(f->casemate, *dirs) ||
		    path_below(p->seccomp.profile, *dirs) || (p->network.mode == NETWORK_PATH && path_below(p->network.path, *dirs)))
			return true;
		if (p->log.driver == LOG_JSON_FILE && path_below(p->log.path, *dirs))
			return true;
		for (size_t i = 0; i < p->n_secrets; i++)
			if ((p->secrets[i].from == SECRET_FILE && path_below(p->secrets[i].file, *dirs)) ||
			    (p->secrets[i].from == SECRET_COMMAND && path_below(p->secrets[i].command.v[0], *dirs)))
				return true;
		for (size_t i = 0; i < p->n_mounts; i++)
			if (p->mounts[i].type == MOUNT_BIND &&
			    (path_below(p->mounts[i].source, *dirs) || path_below(*dirs, p->mounts[i].source)))
				return true;
	}
	return false;
}

/* A command that prints a secret mostly asks a server for it. */
static bool asks(const struct policy *p)
{
	for (size_t i = 0; i < p->n_secrets; i++)
		if (p->secrets[i].from == SECRET_COMMAND)
			return true;
	return false;
}

static void start(const struct policy *p, const struct export_facts *f, FILE *out)
{
	fputs("# Made by `casemate export systemd`; make it again when the policy changes.\n"
	      "[Unit]\nDescription=casemate container ", out);
	text(out, f->name);
	fputs("\nDocumentation=man:casemate(1) man:casemate-policy(5)\nAfter=network.target apparmor.service\n\n"
	      "[Service]\nType=notify\nExecStart=", out);
	word(out, f->casemate, false);
	fputs(" run --name", out);
	word(out, f->name, true);
	for (size_t i = 0; i < f->n_set; i++) {
		_auto(free_mem) char *pair = NULL;

		if (asprintf(&pair, "%s=%s", f->set[i].key, f->set[i].value) < 0)
			pair = NULL;
		fputs(" --set", out);
		word(out, pair ? pair : "", true);
	}
	word(out, f->file, true);
	fputs("\nExecReload=/bin/kill -HUP $MAINPID\nDelegate=cpu cpuset io memory pids\nKillMode=mixed\n", out);
	/* systemd's own patience ends after the policy's: then it kills everything. */
	fprintf(out, "TimeoutStopSec=%" PRIu64 "\n", (p->stop.timeout + 999) / 1000 + 30);
	fputs("Restart=on-failure\nRestartPreventExitStatus=125 126 127\nSuccessExitStatus=129 130 141 143\nOOMPolicy=continue\n", out);
}

static void writable(const char *path, FILE *out)
{
	fputs("ReadWritePaths=", out);
	word(out, path, false);
	fputc('\n', out);
}

/* Files and devices. */
static void protect(const struct policy *p, const struct export_facts *f, FILE *out)
{
	static const char *const home[] = { "/home", "/root", "/run/user", NULL }, *const tmp[] = { "/tmp", "/var/tmp", NULL };

	fputs("\nProtectSystem=strict\nReadWritePaths=/run\n", out);
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].type == MOUNT_BIND && !p->mounts[i].read_only)
			writable(p->mounts[i].source, out);
	if (p->log.driver == LOG_JSON_FILE && *p->log.path)
		writable(p->log.path, out);
	else if (p->log.driver == LOG_JSON_FILE)
		fputs("LogsDirectory=casemate\n", out);
	if (!uses(p, f, home))
		fputs("ProtectHome=yes\n", out);
	if (!uses(p, f, tmp))
		fputs("PrivateTmp=yes\n", out);
	if (!p->n_devices && !p->limits.n_io)
		fputs("PrivateDevices=yes\n", out);
	fputs("ProtectProc=invisible\nUMask=0077\nKeyringMode=private\n", out);
}

/* Powers. The launcher needs the first three; the fourth for a mount source that only its owner may enter, the fifth to
 * raise a limit; secrets and the pipes of a log are given to others and reached there (secrets from a mount namespace that is left
 * again: setns(2)), a log's driver gives up all it has, and audit records are read by whoever may. Without a user namespace the
 * workload's own come from here, too. */
static void restrain(const struct policy *p, FILE *out)
{
	static const char *const extra[] = { "", " CAP_CHOWN CAP_DAC_OVERRIDE CAP_SYS_CHROOT", " CAP_CHOWN CAP_SETPCAP",
		" CAP_CHOWN CAP_DAC_OVERRIDE CAP_SYS_CHROOT CAP_SETPCAP" };
	const bool logs = p->log.driver != LOG_INHERIT;

	fputs("NoNewPrivileges=yes\n", out);
	if (p->namespaces.user)
		fprintf(out, "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SETUID CAP_SETGID CAP_DAC_READ_SEARCH CAP_SYS_RESOURCE%s%s\n",
			extra[logs * 2 + !!p->n_secrets], p->alerts.denied_execs ? " CAP_AUDIT_READ" : "");
	fputs("ProtectKernelModules=yes\nSystemCallArchitectures=native\n", out);
	if (!p->limits.rlimits.rtprio)
		fputs("RestrictRealtime=yes\n", out);
	if (!p->capabilities)
		fputs("ProtectClock=yes\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
		      "SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap\n"
		      "SystemCallErrorNumber=EPERM\n", out);
	/* The container's loopback counts as well; and audit records are heard in the initial network namespace only. */
	if (p->network.mode == NETWORK_NONE && !asks(p) && !p->alerts.denied_execs)
		fputs("PrivateNetwork=yes\nIPAddressDeny=any\nIPAddressAllow=localhost\n", out);
	if (p->namespaces.ipc)
		fputs("PrivateIPC=yes\n", out);
}

static bool credentials(const struct policy *p)
{
	for (size_t i = 0; i < p->n_secrets; i++)
		if (p->secrets[i].from == SECRET_CREDENTIAL)
			return true;
	return false;
}

static bool env_pass(const struct policy *p) { return p->env_pass.n; }
static bool sockets(const struct policy *p) { return p->n_sockets; }

static bool descriptors(const struct policy *p)
{
	for (size_t i = 0; i < p->n_secrets; i++)
		if (p->secrets[i].from == SECRET_FD)
			return true;
	return false;
}

static const struct loss lost_rows[] = {
	{ "/env_pass", env_pass, "what is taken over from the caller is the manager's environment here",
	  "Environment= or PassEnvironment= in a drop-in" },
	{ "/secrets", credentials, "credentials have to be given to the unit", "LoadCredential= or LoadCredentialEncrypted= in a drop-in" },
	{ "/secrets", descriptors, "nobody opens the descriptors of these secrets", "a secret from a file or a credential" },
	{ "/sockets", sockets, "sockets are opened by a unit of their own", "a .socket unit of this name, with FileDescriptorName=" },
};

enum { LAUNCHER_MEMORY = 64 << 20, LAUNCHER_TASKS = 8 };	/* beside the container: far more than it takes */

static void limit(const struct policy *p, FILE *out)
{
	fprintf(out, "\nMemoryMax=%" PRIu64 "\nMemorySwapMax=%" PRIu64 "\nTasksMax=%" PRIu64 "\n",
		p->limits.memory + LAUNCHER_MEMORY, p->limits.swap, p->limits.pids + LAUNCHER_TASKS);
}

void export_systemd(const struct policy *p, const struct export_facts *f, const struct findings *lost, FILE *out)
{
	start(p, f, out);
	protect(p, f, out);
	restrain(p, out);
	limit(p, out);
	fputs("\n[Install]\nWantedBy=multi-user.target\n", out);
	export_report(p, lost_rows, COUNT(lost_rows), lost);
}
