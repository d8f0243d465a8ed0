/* rules_workload.c - rules over what runs: the program, its arguments, its environment, its ids. */
#include "rule.h"

#include "../base/cleanup.h"
#include "../policy/secret.h"
#include "../policy/syntax.h"

#include <string.h>

static bool no_args(const struct subject *s) { return s->policy->args.n == 0; }

static bool path_unknown(const struct subject *s)
{
	const struct strings *args = &s->policy->args;

	return args->n > 0 && args->v[0][0] != '/' && strchr(args->v[0], '/');
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "sh -c", "bash -ec" ... */
static bool shell_command(const struct subject *s)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "zsh", "busybox" };
	const struct strings *args = &s->policy->args;

	for (size_t i = 0; args->n > 1 && i < COUNT(shells); i++)
		if (strcmp(base_name(args->v[0]), shells[i]) == 0)
			return args->v[1][0] == '-' ? strchr(args->v[1], 'c') != NULL : strcmp(shells[i], "busybox") == 0 &&
				strcmp(args->v[1], "sh") == 0;
	return false;
}

static bool lets_exec(const struct subject *s) { return s->policy->exec; }
static bool shell_once(const struct subject *s) { return s->policy->exec_once && shell_command(s); }

/* sshd as the workload: a way in that no log of the service shows. */
static bool sshd(const struct subject *s)
{
	static const char *const names[] = { "sshd", "dropbear", "telnetd", "in.telnetd" };

	for (size_t i = 0; s->policy->args.n > 0 && i < COUNT(names); i++)
		if (strcmp(base_name(s->policy->args.v[0]), names[i]) == 0)
			return true;
	return false;
}

/* NAME=VALUE, --name=VALUE, or the value behind --name, wherever blanks separate words: the parser sees the shape of a
 * value only, and here a name says what it is. */
static bool names_a_secret(const char *name, size_t len, const char *value)
{
	char buf[64], word[64];
	size_t n = 0;

	for (; len > 0 && (*name == '-' || *name == '"' || *name == '\''); len--)
		name++;
	for (; n < len && n < sizeof(buf) - 1; n++)
		buf[n] = name[n] == '-' ? '_' : name[n];
	buf[n] = '\0';
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(value, " \t;&"), value);
	return n == len && *word && !strchr("$<{-", *word) && secret_pair(buf, word);
}

static bool secret_arg(const struct subject *s)
{
	const char *arg = s->policy->args.v[s->i], *next = s->i + 1 < s->policy->args.n ? s->policy->args.v[s->i + 1] : "";
	size_t len;

	if (*arg == '-' && !strpbrk(arg, "= ") && names_a_secret(arg, strlen(arg), next))
		return true;
	for (; *arg; arg += len + strspn(arg + len, " \t;&")) {
		size_t name;

		len = strcspn(arg, " \t;&");
		name = strcspn(arg, "=");
		if (name < len && names_a_secret(arg, name, arg + name + 1))
			return true;
		if (len == 0)
			len = strspn(arg, " \t;&");
	}
	return false;
}

/* An element of PATH (or of what an interpreter loads from) that is not absolute, or can be written. */
static bool writable_place(const struct policy *p, const char *dir, size_t len)
{
	size_t best = 0;
	bool writable = false;

	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct mount_policy *m = &p->mounts[i];
		size_t depth = strlen(m->target);

		if (depth <= len && depth >= best && strncmp(dir, m->target, depth) == 0 && (depth == len || dir[depth] == '/')) {
			best = depth;
			writable = m->type == MOUNT_TMPFS || !m->read_only;
		}
	}
	return writable;
}

static bool writable_path(const struct subject *s)
{
	static const char *const names[] = {
		"PATH", "PYTHONPATH", "PYTHONHOME", "NODE_PATH", "PERL5LIB", "RUBYLIB", "GEM_PATH", "CLASSPATH", "LUA_PATH", "LUA_CPATH",
		"GOPATH", "GIO_MODULE_DIR",
	};
	const struct pair *v = &s->policy->env.v[s->i];
	const char *dir = v->value;
	bool listed = false;
	size_t len;

	for (size_t i = 0; i < COUNT(names); i++)
		listed |= strcmp(v->name, names[i]) == 0;
	for (; listed && *dir; dir += len + (dir[len] == ':')) {
		len = strcspn(dir, ":");
		if (*dir != '/' || writable_place(s->policy, dir, len))
			return true;
	}
	return false;
}

static bool no_init(const struct subject *s) { return !s->policy->init; }
static bool passes_env(const struct subject *s) { return s->policy->env_pass.n > 0; }

/* nobody and nogroup: whatever else runs as them may signal and trace the workload. */
static bool nobody(const struct subject *s)
{
	return s->policy->user.uid == 65534 || s->policy->user.gid == 65534;
}

static bool system_id(const struct subject *s)
{
	return s->policy->user.uid < 1000;
}

/* Groups whose number is the same on every Debian, and nearly everywhere, and that own something: adm tty disk kmem sudo shadow. */
static bool powerful_group(const struct subject *s)
{
	static const uint64_t ids[] = { 4, 5, 6, 15, 27, 42 };
	const struct user_policy *user = &s->policy->user;

	for (size_t i = 0; i < COUNT(ids); i++) {
		if (user->gid == ids[i])
			return true;
		for (size_t k = 0; k < user->groups.n; k++)
			if (user->groups.v[k] == ids[i])
				return true;
	}
	return false;
}

static bool open_umask(const struct subject *s) { return !(s->policy->user.umask & 02); }

const struct rule rules_workload[] = {
	{ "args.relative", SEV_ERROR, "a relative path depends on the working directory",
	  "an absolute path, or a bare name that is looked for in PATH",
	  "What a relative path names changes with a mount or with cwd.", "execve(2)", "/args/0", .assess = path_unknown },
	{ "args.empty", SEV_WARNING, "no program: the command line has to name it", "name the program in args",
	  "A policy that runs whatever it is told says little about what runs.", NULL, "/args", .assess = no_args },
	{ "args.shell", SEV_NOTE, "a shell runs the program", "name the program and its arguments themselves",
	  "A shell stays in the image for an intruder to use, expands what it is given, and often swallows SIGTERM.",
	  "exec_once: casemate-policy(5)", "/args", .assess = shell_command },
	{ "args.secret", SEV_WARNING, "an argument names a secret and gives its value",
	  "bind a file with it below /run/secrets, read-only, and name the file",
	  "Arguments stand in /proc/PID/cmdline, in the policy, in the launch record and in every process listing.",
	  "proc_pid_cmdline(5)", .over = OVER_ARGS, .assess = secret_arg },
	{ "args.sshd", SEV_WARNING, "a way in beside the service's own", "nsenter or `casemate verify` from the host",
	  "A second login service has its own keys, users and holes, and no one looks at its log.", "CIS 5.7", "/args/0",
	  .assess = sshd },
	{ "exec_once.shell", SEV_WARNING, "with exec_once the shell cannot start anything",
	  "name the program itself, or give up exec_once", "The one execve is spent on the shell.", "casemate-policy(5)",
	  "/exec_once", .assess = shell_once },
	{ "exec.allowed", SEV_WARNING, "`casemate exec` may start any program of the image", "leave it out, and look from the host",
	  "What was executed is in the audit trail; what may be executed is in no policy.", "CIS 5.23; casemate-container(1)", "/exec", .assess = lets_exec },
	{ "env.writable", SEV_WARNING, "holds a directory that is relative or that the workload can write",
	  "absolute directories of the image only",
	  "Code is loaded from there by name: whoever can write a file there decides what runs.", "environ(7)",
	  .over = OVER_ENV, .assess = writable_path },
	{ "env.pass", SEV_NOTE, "values that nobody has seen reach the workload", "write the values into env",
	  "What a caller's environment holds is neither in the policy nor in a review of it.", NULL, "/env_pass",
	  .assess = passes_env },
	{ "user.nobody", SEV_WARNING, "65534 is nobody's id, and so everybody's", "ids of the service's own, from 10000 on",
	  "Network file systems, unmapped ids and half of all daemons share it; each may signal and read the others.",
	  "CIS 4.1; PSS restricted: Running as Non-root", "/user", .assess = nobody },
	{ "user.system", SEV_NOTE, "ids below 1000 belong to accounts of the host's packages", "ids of the service's own, from 10000 on",
	  "The same number outside is another service's user: its files, its processes.", "CIS 4.1; useradd(8): SYS_UID_MAX", "/user/uid",
	  .assess = system_id },
	{ "user.groups", SEV_WARNING, "a group to which the host gives powers (adm, tty, disk, kmem, sudo, shadow)",
	  "own ids, and files that belong to them",
	  "Through a bound file or device the number counts as it does on the host.", "CIS 5.18", "/user", .assess = powerful_group },
	{ "init.off", SEV_WARNING, "the workload itself is PID 1", "leave it on, unless the workload is written for it",
	  "A PID 1 has to reap orphans, and a signal that it has no handler for, SIGTERM too, never reaches it.", "pid_namespaces(7)", "/init",
	  .assess = no_init },
	{ "user.umask", SEV_WARNING, "new files can be changed by every user", "\"0077\", or \"0027\" for a group",
	  "In a bound directory every user of the host is among them.", "umask(2)", "/user/umask", .assess = open_umask },
	{ 0 },
};
