/* selinux.c - the SELinux label of the next execve, of its session keyring, and of the file systems that are made for it
 * (proc_pid_attr(5); Documentation/admin-guide/LSM/SELinux.rst).
 *
 * No policy of casemate's names one; a config.json may. The kernel is asked first whether its policy has such a label, and how it
 * spells it: aliases and categories come out otherwise than they went in. The label is handed to the kernel through the procfs
 * that is held, and read back. A kernel without SELinux is an error: whoever names a label counts on it. */
#include "selinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

static const char label_at[] = "/process/selinuxLabel", mount_label_at[] = "/linux/mountLabel";

static int refused(int r, const char *pointer, const char *label, struct err *e)
{
	if (r == -ENOENT)
		err_set(e, ERR_HOST, 0, "take the label out of the config, or boot with security=selinux",
			"this kernel does not run SELinux, and a label is asked for");
	else
		err_set(e, ERR_HOST, r, r == -EINVAL ? "SELinux's loaded policy has no such user, role, type or range" :
			r == -EACCES ? "what starts the container must be allowed to: see the AVC in the kernel's log" : NULL,
			"SELinux does not take the label '%.96s'", label);
	return err_at(e, "%s", pointer);
}

/* Hands the label to one of SELinux's files (or passes on why there is none), and has its spelling of it in `ret`. */
static int say_and_hear(const struct sys *k, int fd, const char *label, char ret[SELINUX_LABEL_MAX])
{
	size_t length = strlen(label);
	ssize_t n = fd < 0 ? fd : length < SELINUX_LABEL_MAX ? sys_write(k, fd, label, length) : -ENAMETOOLONG;

	if (n >= 0)
		n = sys_read(k, fd, ret, SELINUX_LABEL_MAX - 1);
	ret[n > 0 ? n : 0] = '\0';
	return n < 0 ? (int)n : 0;
}

/* Every write to this file is an inquiry of its own, and changes nothing. */
static int inquire(struct launch *l, const char *label, const char *pointer, char ret[SELINUX_LABEL_MAX], struct err *e)
{
	_auto(close_fd) int fd = sys_open(l->sys, AT_FDCWD, "/sys/fs/selinux/context", O_RDWR);
	int r = say_and_hear(l->sys, fd, label, ret);

	return r < 0 ? refused(r, pointer, label, e) : 0;
}

int selinux_check_host(struct launch *l, struct err *e)
{
	char unused[SELINUX_LABEL_MAX];

	if (l->plan->mount_label && inquire(l, l->plan->mount_label, mount_label_at, unused, e) < 0)
		return -1;
	return l->plan->selinux ? inquire(l, l->plan->selinux, label_at, l->selinux, e) : 0;
}

/* Of several LSMs the files of "attr" are the first one's; SELinux has no directory of its own there, and the parent has looked. */
static int set_attr(struct launch *l, int proc, const char *path, struct err *e)
{
	const char *label = l->plan->selinux;
	char text[SELINUX_LABEL_MAX];
	struct statfs fs = { 0 };
	_auto(close_fd) int fd = sys_open_beneath(l->sys, proc, path, O_RDWR | O_NOCTTY, false);
	int r = fd < 0 ? fd : sys_fstatfs(l->sys, fd, &fs);

	if (r >= 0)
		r = fs.f_type == PROC_SUPER_MAGIC ? say_and_hear(l->sys, fd, label, text) : -EXDEV;
	if (r < 0)
		return refused(r, label_at, label, e);
	if (strcmp(text, l->selinux) != 0)
		return err_set(e, ERR_LAUNCH, 0, NULL, "SELinux made '%.60s' of the label '%.60s'", text, l->selinux);
	return 0;
}

int selinux_key_apply(struct launch *l, struct err *e)
{
	return l->plan->selinux && !l->plan->keep_keyring ? set_attr(l, AT_FDCWD, "/proc/self/attr/keycreate", e) : 0;
}

int selinux_apply(struct launch *l, struct err *e)
{
	return l->plan->selinux ? set_attr(l, l->proc, "self/attr/exec", e) : 0;
}
