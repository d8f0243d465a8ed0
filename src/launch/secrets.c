/* secrets.c - see secrets.h. */
#include "secrets.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static const char name[] = "secrets";
enum { PATIENCE_MS = 10 * 1000 };

static void hand_out(void *ctx, short revents)
{
	struct secrets_desk *d = ctx;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (char[]){ 's' }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct ucred who = { .uid = (uid_t)-1 };
	int peer;

	(void)revents;
	peer = sys_accept(d->launch->sys, d->watch.fd);
	if (peer < 0) {
		if (peer != -EAGAIN && peer != -ECONNABORTED && peer != -EINTR)
			d->watch.events = 0;	/* not to be asked about for ever */
		return;
	}
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(c), &d->launch->secrets, sizeof(int));
	/* The directory is closed to others; who comes all the same is not told anything. */
	if (sys_peer(d->launch->sys, peer, &who) >= 0 && (who.uid == 0 || who.uid == d->uid))
		(void)!sys_sendmsg(d->launch->sys, peer, &msg);
	(void)!sys_close(d->launch->sys, peer);
}

int secrets_begin(struct secrets_desk *d, const struct launch *l, const struct state *s, struct loop *loop, struct err *e)
{
	*d = (struct secrets_desk){ .launch = l, .uid = geteuid(), .watch = { .fd = -1, .due = NEVER } };
	if (l->secrets < 0)
		return 0;
	d->watch = (struct watch){ .fd = state_listen(s, name, SOCK_NONBLOCK, e), .events = POLLIN, .due = NEVER, .happened = hand_out, .ctx = d };
	return d->watch.fd < 0 ? -1 : loop_add(loop, &d->watch, e);
}

void secrets_end(struct secrets_desk *d)
{
	close_fd(&d->watch.fd);
}

int secrets_ask(const struct state *s, struct err *e)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	_auto(close_fd) int peer = state_connect(s, name);
	const struct cmsghdr *c;
	int fd, r;

	if (peer < 0)
		return err_set(e, ERR_HOST, peer, "its policy has no \"secrets\", or it has just ended", "'%s' has nowhere to put a secret", s->name);
	r = sys_poll(&sys_kernel, peer, POLLIN, PATIENCE_MS);
	if (r > 0)
		r = (int)sys_recv_all(&sys_kernel, peer, &msg);
	c = r > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return err_set(e, ERR_HOST, r < 0 ? r : 0, "was it started by the same user?", "'%s' does not let us at its secrets", s->name);
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}
