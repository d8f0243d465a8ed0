/* selinux.c - the SELinux label of the next execve (proc_pid_attr(5), "exec").
 *
 * No policy of casemate's names one; a config.json may. The label is handed to the kernel as it is, through the procfs
 * that is held, and read back. A kernel without SELinux is an error: whoever names a label counts on it. */
#include "selinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

static const char label_at[] = "/process/selinuxLabel";

static int no_selinux(int r, const char *pointer, struct err *e)
{
	err_set(e, ERR_HOST, r == -ENOENT || r == -EINVAL ? 0 : r, "take the label out of the config, or boot with security=selinux",
		"this kernel does not run SELinux, and a label is asked for");
	return err_at(e, "%s", pointer);
}

int selinux_check_host(struct launch *l, struct err *e)
{
	char text[8];

	if ((!l->plan->selinux && !l->plan->mount_label) ||
	    sys_read_file(l->sys, AT_FDCWD, "/sys/fs/selinux/enforce", text, sizeof(text)) >= 0)
		return 0;
	return no_selinux(-ENOENT, l->plan->selinux ? label_at : "/linux/mountLabel", e);
}

int selinux_apply(struct launch *l, struct err *e)
{
	const char *label = l->plan->selinux;
	struct statfs fs = { 0 };
	char text[256];
	ssize_t n;
	int fd, r;

	if (!label)
		return 0;
	/* Of several LSMs the files of "attr" are the first one's: SELinux has no directory of its own there, and the parent looked. */
	fd = sys_open_beneath(l->sys, l->proc, "self/attr/exec", O_RDWR | O_NOCTTY, false);
	if (fd < 0)
		return no_selinux(fd, label_at, e);
	r = sys_fstatfs(l->sys, fd, &fs);
	if (r >= 0 && fs.f_type != PROC_SUPER_MAGIC)
		r = -EXDEV;
	if (r >= 0)
		r = sys_write(l->sys, fd, label, strlen(label));
	n = r < 0 ? r : sys_read(l->sys, fd, text, sizeof(text) - 1);
	(void)!sys_close(l->sys, fd);
	if (n < 0)
		return no_selinux((int)n, label_at, e);
	text[n] = '\0';
	if (strcmp(text, label) != 0)
		return err_set(e, ERR_LAUNCH, 0, NULL, "the SELinux label at exec would be '%.60s', not '%.60s'", text, label);
	return 0;
}
