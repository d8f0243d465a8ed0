/* terminal.c - process.terminal: a pty of the container's own devpts is its standard input, output and error, its controlling
 * terminal, and /dev/console.
 *
 * Nothing is opened by a name that the image could have chosen: the multiplexer is the one of a devpts, without a link on the way, the
 * other end comes from it (TIOCGPTPEER, since 4.13) and not from /dev/pts/N, and /dev/console is mounted from that descriptor
 * onto a descriptor (CVE-2025-52565, CVE-2026-88264). The master goes to whoever holds the other end of a socket. */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

enum { DEVPTS_MAGIC = 0x1cd1, PTMX_MAJOR = 5, PTMX_MINOR = 2 };	/* linux/magic.h: DEVPTS_SUPER_MAGIC */

/* --- parent --- */

int terminal_open(struct launch *l, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = l->plan->console;
	int r;

	if (!l->plan->terminal)
		return 0;
	if (!path) {
		r = sys_socketpair(l->sys, SOCK_STREAM, l->console);
		return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot make a socket for the terminal") : 0;
	}
	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(e, ERR_USAGE, ENAMETOOLONG, NULL, "--console-socket");
	memcpy(to.sun_path, path, strlen(path));
	l->console[1] = sys_socket(l->sys, AF_UNIX, SOCK_STREAM, 0);
	r = l->console[1] < 0 ? l->console[1] : sys_connect(l->sys, l->console[1], &to, sizeof(to));
	return r < 0 ? err_set(e, ERR_USAGE, r, "whoever is to have the terminal must listen there", "cannot reach the console socket '%.100s'", path) : 0;
}

/* --- child --- */

static bool is_ptmx(struct launch *l, int fd)
{
	struct statfs fs = { 0 };
	struct statx st = { 0 };

	return sys_fstatfs(l->sys, fd, &fs) >= 0 && fs.f_type == DEVPTS_MAGIC &&
	       sys_statx(l->sys, fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) >= 0 && S_ISCHR(st.stx_mode) &&
	       st.stx_rdev_major == PTMX_MAJOR && st.stx_rdev_minor == PTMX_MINOR;
}

/* Both ends, or -errno. */
static int make_pty(struct launch *l, int *master, int *slave)
{
	const struct plan *p = l->plan;
	struct winsize size = { .ws_row = p->rows, .ws_col = p->columns };
	int unlock = 0, r;

	*slave = -1;
	*master = sys_open_exact(l->sys, AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	if (*master < 0)
		return *master;
	r = is_ptmx(l, *master) ? sys_ioctl(l->sys, *master, TIOCSPTLCK, &unlock) : -ENODEV;
	if (r >= 0)
		r = *slave = sys_ioctl(l->sys, *master, TIOCGPTPEER, (void *)(uintptr_t)(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (r >= 0 && (p->rows || p->columns))
		r = sys_ioctl(l->sys, *master, TIOCSWINSZ, &size);
	if (r >= 0)	/* its group stays what the devpts gave it */
		r = sys_fchown(l->sys, *slave, p->uid, (gid_t)-1);
	return r;
}

/* A container that is joined has the console of its first process. */
static int mount_console(struct launch *l, int slave)
{
	int dev, target = -1, tree = -1, r;

	if (l->plan->joins)
		return 0;
	dev = sys_open_exact(l->sys, AT_FDCWD, "/dev", O_PATH | O_DIRECTORY);
	if (dev < 0)
		return dev;
	r = sys_create(l->sys, dev, "console", O_RDONLY, 0600);
	if (r >= 0)
		r = sys_close(l->sys, r);
	if (r >= 0 || r == -EEXIST)
		r = target = sys_open_exact(l->sys, dev, "console", O_PATH | O_NOFOLLOW);
	if (r >= 0)
		r = tree = sys_open_tree(l->sys, slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	if (r >= 0)
		r = sys_move_mount(l->sys, tree, target, "");
	for (int fds[] = { dev, target, tree }, i = 0; i < 3; i++)
		if (fds[i] >= 0)
			(void)!sys_close(l->sys, fds[i]);
	return r;
}

static int take_stdio(struct launch *l, int slave)
{
	int r = 0;

	for (int fd = 0; r >= 0 && fd < 3; fd++)
		r = sys_dup(l->sys, slave, fd);
	return r < 0 ? r : sys_ioctl(l->sys, 0, TIOCSCTTY, NULL);
}

static int make_terminal(struct launch *l, struct err *e)
{
	int master, slave, r;

	r = make_pty(l, &master, &slave);
	if (r < 0)
		r = err_set(e, ERR_HOST, r, "the container needs a devpts on /dev/pts", "cannot make a terminal in the container");
	else if ((r = mount_console(l, slave)) < 0)
		r = err_set(e, ERR_HOST, r, "mount a tmpfs on /dev", "cannot make the terminal /dev/console");
	else if ((r = sys_send_fd(l->sys, l->console[1], "/dev/ptmx", sizeof("/dev/ptmx") - 1, master)) < 0)
		r = err_set(e, ERR_HOST, r, NULL, "cannot hand the terminal over");
	else if ((r = take_stdio(l, slave)) < 0)
		r = err_set(e, ERR_HOST, r, NULL, "cannot take the terminal");
	if (master >= 0)
		(void)!sys_close(l->sys, master);
	if (slave >= 0)
		(void)!sys_close(l->sys, slave);
	return r < 0 ? -1 : 0;
}

int terminal_apply(struct launch *l, struct err *e)
{
	return l->plan->terminal && !l->plan->joins ? make_terminal(l, e) : 0;
}

/* Without a console to mount there is no need for more rights than the user's, and its user namespace may have no root to own a pty. */
int terminal_join(struct launch *l, struct err *e)
{
	return l->plan->terminal && l->plan->joins ? make_terminal(l, e) : 0;
}
