/* syntax.c - what a string in a policy may look like; see syntax.h. */
#include "syntax.h"

#include "../base/cleanup.h"
#include "path.h"
#include "secret.h"
#include "units.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

/* MAX_ARG_STRLEN of the kernel, less the final NUL: execve(2). */
enum { ARG_LEN_MAX = 131071, NAME_LEN_MAX = 63, HOSTNAME_LEN_MAX = 64, CPU_MAX = 8191 };

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool listed(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

/* --- paths --- */

#define PATH_PATTERN "(/|(/(?!\\.\\.?(/|$))[^/]+)+)"

static const struct fault *judge_path(const char *s)
{
	static const struct fault relative = { "want an absolute path", NULL };
	static const struct fault dots = { "want a path without \".\" and \"..\"", NULL };
	static const struct fault slashes = { "want a path without \"//\" and without a final \"/\"", NULL };

	if (*s != '/')
		return &relative;
	if (s[1] == '\0')
		return NULL;
	while (*s) {
		size_t len = strcspn(++s, "/");

		if (len == 0)
			return &slashes;
		if (s[0] == '.' && (len == 1 || (len == 2 && s[1] == '.')))
			return &dots;
		s += len;
	}
	return NULL;
}

static const struct fault *judge_target(const char *s)
{
	static const struct fault root = { "the root of the container is the rootfs", "see the key \"rootfs\"" };
	static const struct fault own = {
		"the launcher itself mounts here", "see the keys \"proc\", \"sys\", \"shm\" and \"devices\"" };
	static const char *const trees[] = { "/proc", "/sys", "/dev/pts", "/dev/shm", "/dev/mqueue", NULL };
	const struct fault *f = judge_path(s);

	if (f)
		return f;
	if (s[1] == '\0')
		return &root;
	return path_below_any(s, trees) || strcmp(s, "/dev") == 0 ? &own : NULL;
}

static const struct fault *judge_device(const char *s)
{
	static const struct fault elsewhere = { "want a path below /dev", NULL };
	const struct fault *f = judge_path(s);

	return f ? f : strncmp(s, "/dev/", 5) != 0 ? &elsewhere : NULL;
}

static const struct fault *judge_log_path(const char *s)
{
	return *s == '\0' ? NULL : judge_path(s);
}

static const struct fault *judge_profile(const char *s)
{
	static const struct fault neither = {
		"want \"default\", an absolute path or an object",
		"to go without a filter, say so: casemate run --without seccomp" };

	return strcmp(s, "default") == 0 ? NULL : *s == '/' ? judge_path(s) : &neither;
}

const struct syntax syntax_path = { PATH_MAX - 1, "^" PATH_PATTERN "$", judge_path, false };
const struct syntax syntax_log_path = { PATH_MAX - 1, "^(" PATH_PATTERN ")?$", judge_log_path, false };
const struct syntax syntax_target = { PATH_MAX - 1,
	"^(?!(/|/dev|/(proc|sys|dev/(pts|shm|mqueue))(/.*)?)$)" PATH_PATTERN "$", judge_target, false };
const struct syntax syntax_device = { PATH_MAX - 1, "^(?=/dev/)" PATH_PATTERN "$", judge_device, false };
const struct syntax syntax_profile = { PATH_MAX - 1, "^(default|" PATH_PATTERN ")$", judge_profile, false };

/* Nothing hidden: the launcher's own temporary names begin with a dot. */
#define SECRET_PATTERN "[A-Za-z0-9_-][A-Za-z0-9._-]*"

static const struct fault *judge_secret(const char *s)
{
	static const struct fault shape = { "want a file name of letters, digits, \"_\", \"-\" and \".\", not beginning with \".\"", NULL };

	return *s && *s != '.' && s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0' ? NULL : &shape;
}

static const struct fault *judge_credential(const char *s)
{
	return *s ? judge_secret(s) : NULL;
}

const struct syntax syntax_secret = { 128, "^" SECRET_PATTERN "$", judge_secret, false };
const struct syntax syntax_credential = { 128, "^(" SECRET_PATTERN ")?$", judge_credential, false };

/* --- names of hosts --- */

/* Labels of letters, digits and what `inner` allows between them, joined by single dots. */
static bool labels(const char *s, const char *inner)
{
	for (;;) {
		size_t len = strcspn(s, ".");

		if (len == 0 || len > NAME_LEN_MAX || strchr(inner, s[0]) || strchr(inner, s[len - 1]))
			return false;
		for (size_t i = 0; i < len; i++)
			if (!strchr(LETTERS DIGITS, s[i]) && !strchr(inner, s[i]))
				return false;
		s += len;
		if (*s == '\0')
			return true;
		s++;
	}
}

static const struct fault *judge_name(const char *s)
{
	static const struct fault f = {
		"want letters and digits, with single \".\" or runs of \"-\" and \"_\" between them", NULL };

	return *s == '\0' || labels(s, "-_") ? NULL : &f;
}

static const struct fault *judge_host(const char *s)
{
	static const struct fault f = { "want a host name: letters, digits, \"-\", and \".\" between labels", NULL };

	return labels(s, "-") ? NULL : &f;
}

static const struct fault *judge_hostname(const char *s)
{
	return *s == '\0' ? NULL : judge_host(s);
}

static const struct fault *judge_address(const char *s)
{
	static const struct fault f = { "want an IPv4 or IPv6 address", "a name would need a resolver: write its address" };
	unsigned char buf[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, buf) == 1 || inet_pton(AF_INET6, s, buf) == 1 ? NULL : &f;
}

#define LABEL_PATTERN(inner) "[A-Za-z0-9]([A-Za-z0-9" inner "]{0,61}[A-Za-z0-9])?"
#define LABELS_PATTERN(inner) LABEL_PATTERN(inner) "(\\." LABEL_PATTERN(inner) ")*"
#define BYTE_PATTERN "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"

const struct syntax syntax_name = { NAME_LEN_MAX, "^(" LABELS_PATTERN("_-") ")?$", judge_name, false };
const struct syntax syntax_hostname = { HOSTNAME_LEN_MAX, "^(" LABELS_PATTERN("-") ")?$", judge_hostname, false };
const struct syntax syntax_host = { 253, "^" LABELS_PATTERN("-") "$", judge_host, false };
const struct syntax syntax_address = { INET6_ADDRSTRLEN - 1,
	"^(" BYTE_PATTERN "(\\." BYTE_PATTERN "){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$", judge_address, false };

/* As systemd's own check (fdname_is_valid), and no blank. */
static const struct fault *judge_socket(const char *s)
{
	static const struct fault f = { "want a name without blanks and \":\"", "FileDescriptorName= of the .socket unit, or the unit's name" };

	for (const char *c = s; *c; c++)
		if (*c <= 0x20 || *c >= 0x7f || *c == ':')
			return &f;
	return *s ? NULL : &f;
}

const struct syntax syntax_socket = { 255, "^[!-9;-~]+$", judge_socket, false };

/* --- the workload's arguments and environment --- */

/* What the loader, the C library or a shell obeys before the program itself runs: ld.so(8)
 * (glibc's own list of names unsafe for setuid programs, and more), bash(1), python(1), perlrun(1). */
#define REFUSED_PREFIXES(X) X(LD_) X(MALLOC_)
#define REFUSED_NAMES(X) X(GLIBC_TUNABLES) X(GCONV_PATH) X(GETCONF_DIR) X(HOSTALIASES) X(LOCPATH) X(NIS_PATH) \
	X(NLSPATH) X(RESOLV_HOST_CONF) X(BASH_ENV) X(BASHOPTS) X(ENV) X(IFS) X(PROMPT_COMMAND) X(PS4) X(SHELLOPTS) \
	X(PYTHONSTARTUP) X(PERL5DB) X(PERL5OPT) X(RUBYOPT)
/* Between the service manager and the launcher, which gives the workload its own: sd_notify(3), sd_watchdog_enabled(3),
 * sd_listen_fds(3). */
#define OWN_NAMES(X) X(NOTIFY_SOCKET) X(WATCHDOG_USEC) X(WATCHDOG_PID) X(LISTEN_FDS) X(LISTEN_PID) X(LISTEN_FDNAMES)
#define ENTRY(name) #name,
#define ALTERNATIVE(name) "|" #name
#define ALTERNATIVE_PREFIX(name) "|" #name ".*"

static const char *const refused_prefixes[] = { REFUSED_PREFIXES(ENTRY) };
static const char *const refused_names[] = { REFUSED_NAMES(ENTRY) NULL };
static const char *const own_names[] = { OWN_NAMES(ENTRY) NULL };

#define ENV_NAME_PATTERN "^(?!(" REFUSED_NAMES(ALTERNATIVE) OWN_NAMES(ALTERNATIVE) REFUSED_PREFIXES(ALTERNATIVE_PREFIX) ")$)" \
	"[A-Za-z_][A-Za-z0-9_]*$"

static const struct fault *judge_env_name(const char *s)
{
	static const struct fault name = { "want a variable's name: letters, digits and \"_\"", NULL };
	static const struct fault refused = {
		"refused: the loader, the C library or a shell obeys this variable before the program runs",
		"build what it is for into the image" };
	static const struct fault own = {
		"refused: what the service manager says in NOTIFY_SOCKET, WATCHDOG_* and LISTEN_* is for casemate itself",
		"the keys notify and sockets give the workload its own" };

	if (*s == '\0' || strchr(DIGITS, *s) || s[strspn(s, LETTERS DIGITS "_")])
		return &name;
	for (size_t i = 0; i < COUNT(refused_prefixes); i++)
		if (strncmp(s, refused_prefixes[i], strlen(refused_prefixes[i])) == 0)
			return &refused;
	return listed(s, refused_names) ? &refused : listed(s, own_names) ? &own : NULL;
}

static const struct fault *judge_env_pass(const char *s)
{
	const struct fault *f = judge_env_name(s);

	return f ? f : secret_name(s);
}

const struct syntax syntax_arg = { ARG_LEN_MAX, NULL, NULL, true };
const struct syntax syntax_env_name = { 255, ENV_NAME_PATTERN, judge_env_name, false };
const struct syntax syntax_env_value = { ARG_LEN_MAX, NULL, NULL, true };
const struct syntax syntax_env_pass = { 255, ENV_NAME_PATTERN, judge_env_pass, false };

/* --- the rest --- */

static const struct fault *judge_apparmor(const char *s)
{
	static const struct fault name = { "want the name of an AppArmor profile", NULL };
	static const struct fault unconfined = {
		"\"unconfined\" is no confinement", "to go without AppArmor, say so: casemate run --without apparmor" };

	if (*s == '\0' || s[strspn(s, LETTERS DIGITS "_.+@/:-")])
		return &name;
	return strcmp(s, "unconfined") == 0 ? &unconfined : NULL;
}

/* Reads one CPU number and steps over it. */
static bool cpu(const char **s, unsigned long *ret)
{
	size_t len = strspn(*s, DIGITS);

	*ret = 0;
	if (len == 0 || len > 4 || (len > 1 && **s == '0'))
		return false;
	while (len--)
		*ret = *ret * 10 + (unsigned long)(*(*s)++ - '0');
	return *ret <= CPU_MAX;
}

static const struct fault *judge_cpuset(const char *s)
{
	static const struct fault f = { "want CPU numbers and ranges such as \"0-3,7\"", NULL };
	unsigned long first, last;

	if (*s == '\0')
		return NULL;
	for (;; s++) {
		if (!cpu(&s, &first))
			return &f;
		if (*s == '-' && (s++, !cpu(&s, &last) || last < first))
			return &f;
		if (*s != ',')
			return *s ? &f : NULL;
	}
}

/* Namespaced by IPC_NAMESPACES(7) and NETWORK_NAMESPACES(7); everything else belongs to the host. */
static const char *const sysctls[] = {
	"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
	"kernel.shmmni", "kernel.shm_rmid_forced", NULL
};

static const struct fault *judge_sysctl(const char *s)
{
	static const struct fault f = {
		"not a sysctl that belongs to a namespace: it would change the host",
		"kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* do; set others on the host" };
	static const struct fault form = { "want names joined by dots, such as \"net.core.somaxconn\"", NULL };

	if (*s == '\0' || *s == '.' || s[strspn(s, LETTERS DIGITS "_.-")] || strstr(s, "..") || s[strlen(s) - 1] == '.')
		return &form;
	return listed(s, sysctls) || strncmp(s, "net.", 4) == 0 || strncmp(s, "fs.mqueue.", 10) == 0 ? NULL : &f;
}

static const struct fault *judge_sysctl_value(const char *s)
{
	static const struct fault f = { "want a value", NULL };

	return *s ? NULL : &f;
}

#define CPU_PATTERN "(0|[1-9][0-9]{0,3})"
#define CPUS_PATTERN CPU_PATTERN "(-" CPU_PATTERN ")?"

const struct syntax syntax_apparmor = { 255, "^(?!unconfined$)[A-Za-z0-9_.+@/:-]+$", judge_apparmor, false };
const struct syntax syntax_cpuset = { 4096, "^(" CPUS_PATTERN "(," CPUS_PATTERN ")*)?$", judge_cpuset, false };
const struct syntax syntax_sysctl = { 255, "^(kernel\\.(msg(max|mnb|mni)|sem|shm(all|max|mni|_rmid_forced))"
	"|(net|fs\\.mqueue)(\\.[A-Za-z0-9_-]+)+)$", judge_sysctl, false };
const struct syntax syntax_sysctl_value = { 255, ".", judge_sysctl_value, false };
