/* mounts_notify.c - the workload's line to us: a datagram socket in its own /dev, as sd_notify(3) wants one.
 *
 * It exists in a tmpfs of the container's and nowhere else, so nobody on the host finds it by name, and nothing is left
 * when the container ends. Who may send is decided message by message, by the credentials that the kernel puts on each. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int mounts_notify(struct launch *l, int dev, struct err *e)
{
	const char *name = strrchr(NOTIFY_PATH, '/') + 1;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct statx st = { 0 };
	int r;

	/* The tree is not attached anywhere yet: this is the only name it has. */
	snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/%s", dev, name);
	l->notify = r = sys_socket(l->sys, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (r >= 0)
		r = sys_pass_credentials(l->sys, l->notify);	/* before anybody can send without */
	if (r >= 0)
		r = sys_bind(l->sys, l->notify, &at, sizeof(at));
	if (r >= 0)
		r = sys_statx(l->sys, dev, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st);
	if (r >= 0 && !S_ISSOCK(st.stx_mode))
		r = -ENOTSOCK;
	if (r < 0) {
		err_set(e, ERR_LAUNCH, r, NULL, "cannot make the workload's " NOTIFY_PATH);
		return err_at(e, "/notify");
	}
	return 0;
}
