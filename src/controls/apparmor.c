/* apparmor.c - the workload's AppArmor profile (apparmor(7)).
 *
 * The kernel takes words through /proc/PID/attr/apparmor (since 5.8): "exec NAME" or "stack NAME" to
 * "exec" for the next execve, "changeprofile NAME" or "stack NAME" to "current" for now, "permprofile NAME"
 * to ask whether that would work.
 *
 * aa_change_onexec(3) would write the same words, but it goes by the path /proc/self, which is
 * whatever the image or a volume put there (CVE-2019-16884, CVE-2025-52881). Here the way leads through the
 * descriptor of a procfs that the child has just made, no magic link is followed, the file must be on a
 * procfs, and the answer is read back from it.
 *
 * A launcher that is confined itself stacks: the workload then has both profiles, so that starting
 * something in a container is never a way out of the caller's own profile. */
#include "apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/apparmor.h>

#define SHIPPED "casemate-default"
enum { NAME_LEN_MAX = 255, LABEL_MAX = 1024 };

/* --- names --- */

/* "casemate-default (enforce)" to its two parts, cut out of the text itself. */
static char *split(char *text, char **mode)
{
	char *label = aa_splitcon(text, mode);

	return label ? label : text;	/* no parentheses: "unconfined" */
}

/* Is the profile this label, or in this stack ("web//&casemate-default")? */
static bool label_has(const char *label, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = label; at; at = strstr(at, "//&"), at = at ? at + 3 : NULL)
		if (strncmp(at, name, n) == 0 && (at[n] == '\0' || strncmp(at + n, "//&", 3) == 0))
			return true;
	return false;
}

/* A stack has one mode only when all of its profiles have it; otherwise the kernel says "mixed". */
static int judge(const struct plan *p, char *text, struct err *e)
{
	const char *name = p->apparmor;
	char *mode = NULL, *label = split(text, &mode);

	if (!label_has(label, name))
		err_set(e, ERR_LAUNCH, 0, NULL, "AppArmor profile is %.60s, not %.60s", label, name);
	else if (!p->apparmor_as_loaded && (!mode || (strcmp(mode, "enforce") != 0 && strcmp(mode, "kill") != 0)))
		err_set(e, ERR_HOST, 0, "aa-enforce it, or use --without apparmor",
			"AppArmor profile \"%.60s\" is in %s mode", name, mode ? mode : "no");
	else
		return 0;
	return err_at(e, "/apparmor");
}

/* --- the kernel's files --- */

/* One of the calling process's own attributes: "current" or "exec". The fd, or -errno. */
static int open_attr(const struct sys *k, int proc, const char *path)
{
	int fd = sys_open_beneath(k, proc, path, O_RDWR | O_NOCTTY, false), r;
	struct statfs fs = { 0 };

	if (fd < 0)
		return fd;
	r = sys_fstatfs(k, fd, &fs);
	if (r >= 0 && fs.f_type != PROC_SUPER_MAGIC)
		r = -EXDEV;
	if (r >= 0)
		return fd;
	(void)!sys_close(k, fd);
	return r;
}

static int not_loaded(const char *name, struct err *e)
{
	err_set(e, ERR_HOST, ENOENT, strcmp(name, SHIPPED) == 0 ?
		"apparmor_parser -r /etc/apparmor.d/" SHIPPED ", or use --without apparmor" :
		"load it with apparmor_parser -r FILE, or use --without apparmor",
		"AppArmor profile \"%.60s\" is not loaded", name);
	return err_at(e, "/apparmor");
}

static int say(const struct sys *k, int fd, const char *verb, const char *name)
{
	char words[NAME_LEN_MAX + 32];
	size_t n = (size_t)snprintf(words, sizeof(words), "%s %s", verb, name);

	return n < sizeof(words) ? sys_write(k, fd, words, n) : -ENAMETOOLONG;
}

/* Says it, and reads back what the kernel made of it. */
static int say_and_hear(const struct sys *k, int fd, const char *verb, const struct plan *p, struct err *e)
{
	const char *name = p->apparmor;
	char text[LABEL_MAX];
	ssize_t n = say(k, fd, verb, name);

	if (n == -ENOENT)
		return not_loaded(name, e);
	if (n < 0) {
		err_set(e, ERR_HOST, (int)n, n == -EACCES ? "its own must allow change_profile -> &PROFILE" : NULL,
			"the launcher cannot use AppArmor profile \"%.60s\"", name);
		return err_at(e, "/apparmor");
	}
	n = sys_read(k, fd, text, sizeof(text) - 1);
	if (n < 0)
		return err_set(e, ERR_LAUNCH, (int)n, NULL, "cannot read the AppArmor profile back");
	text[n] = '\0';
	return judge(p, text, e);
}

/* Does the caller have a profile already? Then ours goes on top of it. */
static int is_confined(const struct sys *k, int proc, const char *path, bool *ret, struct err *e)
{
	char text[LABEL_MAX], *mode = NULL;
	ssize_t n = sys_read_file(k, proc, path, text, sizeof(text));

	if (n < 0)
		return err_set(e, ERR_HOST, (int)n, NULL, "cannot read our own AppArmor profile");
	split(text, &mode);
	*ret = mode && strcmp(mode, "unconfined") != 0;
	return 0;
}

/* --- the steps --- */

static int no_apparmor(const struct sys *k, struct err *e)
{
	static const char file[] = "/sys/module/apparmor/parameters/enabled";
	char text[8];
	bool built = sys_read_file(k, AT_FDCWD, file, text, sizeof(text)) > 0;

	err_set(e, ERR_HOST, 0, built ? "boot with apparmor=1 security=apparmor, or use --without apparmor" :
		"use a kernel with AppArmor, or --without apparmor",
		built ? "AppArmor is switched off in this kernel" : "this kernel has no AppArmor");
	return err_at(e, "/apparmor");
}

/* The question needs no privilege, unlike the list of profiles in securityfs, and is put to the one that will
 * answer the child as well. Only the answer "you may not" (EACCES) says nothing: to stack may be allowed. */
static int check_host(const struct sys *k, const char *name, struct err *e)
{
	int r;
	_auto(close_fd) int fd = open_attr(k, AT_FDCWD, "/proc/self/attr/apparmor/current");

	if (fd == -ENOENT)
		return no_apparmor(k, e);
	r = fd < 0 ? fd : say(k, fd, "permprofile", name);
	if (r == -EINVAL)
		return no_apparmor(k, e);
	if (r == -ENOENT)
		return not_loaded(name, e);
	if (r < 0 && r != -EACCES)
		return err_set(e, ERR_HOST, r, NULL, "cannot ask AppArmor for profile \"%.60s\"", name);
	return 0;
}

int apparmor_check_host(struct launch *l, struct err *e)
{
	return check_host(l->sys, l->plan->apparmor, e);
}

int apparmor_apply(struct launch *l, struct err *e)
{
	bool confined;
	int r;
	_auto(close_fd) int fd = -1;

	l->apparmor = -1;
	if (is_confined(l->sys, l->proc, "self/attr/apparmor/current", &confined, e) < 0)
		return -1;
	fd = open_attr(l->sys, l->proc, "self/attr/apparmor/exec");
	if (fd < 0)
		return err_set(e, ERR_LAUNCH, fd, NULL, "cannot open the container's attr/apparmor/exec");
	r = say_and_hear(l->sys, fd, confined ? "stack" : "exec", l->plan, e);
	if (r < 0 || !l->plan->init)
		return r;
	l->apparmor = open_attr(l->sys, l->proc, "self/attr/apparmor/current");
	if (l->apparmor < 0)
		return err_set(e, ERR_LAUNCH, l->apparmor, NULL, "cannot open PID 1's attr/apparmor/current");
	return 0;
}

int apparmor_init_apply(struct launch *l, struct err *e)
{
	bool confined;

	if (is_confined(l->sys, l->proc, "self/attr/apparmor/current", &confined, e) < 0)
		return -1;
	return say_and_hear(l->sys, l->apparmor, confined ? "stack" : "changeprofile", l->plan, e);
}

void apparmor_blame(const struct sys *k, struct err *e)
{
	char text[LABEL_MAX], *mode = NULL, *label;

	if ((e->sys != EACCES && e->sys != EPERM) || e->hint[0] ||
	    sys_read_file(k, AT_FDCWD, "/proc/self/attr/apparmor/current", text, sizeof(text)) < 0)
		return;
	label = split(text, &mode);
	if (mode && strcmp(mode, "unconfined") != 0)
		snprintf(e->hint, sizeof(e->hint), "casemate itself is under AppArmor profile \"%.60s\": "
			 "the kernel log tells what that denied", label);
}

/* --- the control --- */

/* What profiles/apparmor/casemate-default lets a policy hand out; a test compares the two. */
const uint64_t apparmor_default_caps =
	1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER | 1 << CAP_FSETID | 1 << CAP_KILL |
	1 << CAP_SETGID | 1 << CAP_SETUID | 1 << CAP_NET_BIND_SERVICE | 1 << CAP_IPC_LOCK |
	1 << CAP_SYS_CHROOT | 1 << CAP_SYS_NICE;

static void check(const struct policy *p, const struct findings *f)
{
	if (strcmp(p->apparmor, SHIPPED) == 0 && p->capabilities & ~apparmor_default_caps)
		report(f, "apparmor.capabilities", SEV_WARNING, "/apparmor", SHIPPED " denies some of the policy's capabilities",
			"load the profile that \"casemate apparmor POLICY\" prints, and name it here");
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	(void)a;
	(void)e;
	plan->apparmor = waived(plan, CONTROL_apparmor) ? NULL : p->apparmor;
	return 0;
}

static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	char text[LABEL_MAX];
	ssize_t n = sys_read_file(t->sys, t->proc, "attr/apparmor/current", text, sizeof(text));

	if (n < 0)
		return err_set(e, ERR_LAUNCH, (int)n, NULL, "cannot read the workload's AppArmor profile");
	snprintf(value, VALUE_MAX, "%.*s", (int)strcspn(text, "\n"), text);
	return judge(p, text, e);
}

static void probe(const struct sys *k, struct ability *a)
{
	struct err e = { 0 };

	a->usable = check_host(k, SHIPPED, &e) == 0;
	snprintf(a->detail, sizeof(a->detail), "%.*s", VALUE_MAX - 1, a->usable ? SHIPPED " loaded" : e.msg);
	snprintf(a->hint, sizeof(a->hint), "%s", e.hint);
}

const struct control control_apparmor = {
	.protects = "kernel interfaces, mounts, other processes and raw sockets, whatever the uid",
	.late = true, .check = check, .prepare = prepare, .verify = verify, .probe = probe,
};
