/* proxy.c - see proxy.h.
 *
 * The workload is not trusted with any of it: a message counts only when the kernel says that it comes from a process of this
 * container, descriptors are closed as they come, and nobody makes the supervisor busy: so many messages a
 * second, the others wait in the socket, and so does their sender. The same when the manager is slow. */
#include "proxy.h"
#include "../controls/cgroup.h"
#include "notify_message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGES_MAX = 50, WINDOW_MS = 1000, DESCRIPTORS_MAX = 253 /* SCM_MAX_FD */ };

struct proxy {
	const struct launch *launch;
	const struct notify *manager;
	struct watch workload, room;	/* its socket; ours to the manager, while that has no room */
	struct notify_view view;
	struct notify_message message;	/* what waits for room, if len */
	uint64_t window;		/* until when this many were heard */
	unsigned heard;
	uint32_t told;			/* bits of enum notify_refusal */
};

static void tell(struct proxy *p, unsigned why, pid_t sender, const char *culprit)
{
	if (p->told >> why & 1)
		return;
	p->told |= 1U << why;
	fprintf(stderr, "casemate: warning: notify: %s%sof process %d is refused: %s; said once\n", culprit, *culprit ? " " : "a message ",
		sender, notify_why((enum notify_refusal)why));
}

/* --- who --- */

/* The kernel filled it in, as seen from here. Only who is in the container's mount namespace gets at the socket, or who has power over
 * its user namespace; so its uid is proof enough, and the only one that outlives a sender that spoke its last word. */
static bool is_ours(const struct launch *l, const struct ucred *who)
{
	return who->pid > 0 && (who->uid == l->plan->uid || (l->cgroup >= 0 && cgroup_has(l, who->pid)));
}

/* --- one message --- */

struct letter {
	char text[NOTIFY_BYTES_MAX];
	size_t len;
	bool cut;
	struct ucred sender;	/* pid 0: nobody vouches for it */
	int fds[DESCRIPTORS_MAX];
	size_t n_fds;
};

static void open_letter(struct msghdr *msg, struct letter *t)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && n == sizeof(t->sender))
			memcpy(&t->sender, CMSG_DATA(c), n);
		if (c->cmsg_type == SCM_RIGHTS && n / sizeof(int) <= DESCRIPTORS_MAX - t->n_fds) {
			memcpy(t->fds + t->n_fds, CMSG_DATA(c), n);
			t->n_fds += n / sizeof(int);
		}
	}
}

/* 1: there was one, 0: none waits. */
static int receive(struct proxy *p, struct letter *t)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
	struct iovec iov = { .iov_base = t->text, .iov_len = sizeof(t->text) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = sys_recv_all(p->launch->sys, p->launch->notify, &msg);

	if (n < 0)
		return 0;
	t->len = (size_t)n;
	t->cut = msg.msg_flags & MSG_TRUNC;
	t->sender = (struct ucred){ 0 };
	t->n_fds = 0;
	open_letter(&msg, t);
	return 1;
}

static void judge(struct proxy *p, const struct letter *t)
{
	struct notify_message *m = &p->message;

	m->len = 0;
	if (!is_ours(p->launch, &t->sender)) {
		tell(p, NOTIFY_FOREIGN, t->sender.pid, "");
		return;
	}
	notify_judge(t->text, t->cut ? NOTIFY_BYTES_MAX + 1 : t->len, &p->view, m);
	/* A barrier is the one message that comes with one, and it is alone (sd_notify(3)). */
	if (t->n_fds && !(t->n_fds == 1 && t->len >= 9 && memcmp(t->text, "BARRIER=1", 9) == 0))
		tell(p, NOTIFY_DESCRIPTORS, t->sender.pid, "");
	for (unsigned why = 0; why < NOTIFY_REFUSALS; why++)
		if (m->refused >> why & 1)
			tell(p, why, t->sender.pid, m->culprit);
}

/* --- flow --- */

static void listen_to(struct proxy *p, bool on)
{
	p->workload.events = POLLIN;
	if (!on)
		p->workload.events = 0;
}

/* False while the manager has no room: then nothing more is heard. */
static bool pass_on(struct proxy *p)
{
	int r = p->message.len ? notify_pass(p->manager, p->message.text, p->message.len) : 0;

	p->room.fd = r == -EAGAIN ? p->manager->fd : -1;
	listen_to(p, r != -EAGAIN);
	if (r == -EAGAIN)
		return false;
	p->message.len = 0;	/* a manager that is gone misses it, as it misses ours */
	return true;
}

static void has_room(void *ctx, short revents)
{
	(void)revents;
	(void)pass_on(ctx);
}

static void hear(void *ctx, short revents)
{
	struct proxy *p = ctx;
	struct letter t;
	uint64_t now = loop_now();

	if (!revents) {			/* the next window */
		listen_to(p, p->room.fd < 0);
		return;
	}
	if (now >= p->window) {
		p->window = now + WINDOW_MS;
		p->heard = 0;
	}
	if (p->heard++ == MESSAGES_MAX) {
		listen_to(p, false);
		p->workload.due = p->window;
		return;
	}
	if (!receive(p, &t))
		return;
	judge(p, &t);
	(void)pass_on(p);
	/* Not before: who waits for its barrier knows that the rest has gone on. */
	for (size_t i = 0; i < t.n_fds; i++)
		(void)!sys_close(p->launch->sys, t.fds[i]);
}

void proxy_unhealthy(struct proxy *p, bool unhealthy)
{
	p->view.unhealthy = unhealthy;
}

int proxy_open(struct proxy **ret, const struct launch *l, const struct notify *manager, struct loop *loop, struct err *e)
{
	struct proxy *p = calloc(1, sizeof(*p));

	*ret = p;
	if (!p)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold what the workload says");
	p->launch = l;
	p->manager = manager;
	p->view = (struct notify_view){ .main_pid = getpid(), .monotonic = l->plan->has_time ? l->plan->monotonic.secs : 0 };
	p->workload = (struct watch){ .fd = l->notify, .events = POLLIN, .due = NEVER, .happened = hear, .ctx = p };
	p->room = (struct watch){ .fd = -1, .events = POLLOUT, .due = NEVER, .happened = has_room, .ctx = p };
	return loop_add(loop, &p->workload, e) < 0 ? -1 : loop_add(loop, &p->room, e);
}
