/* health.c - see health.h. */
#include "health.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { GRACE_MS = 2000, STARTING_MS = 1000, RECORD_BYTES = 256 };

/* For `ps` and `inspect`: always as long, so that one write replaces it whole, and only the first may want for room. */
static int write_down(const struct health_watch *h)
{
	char why[64], text[RECORD_BYTES];
	int n = snprintf(text, sizeof(text), "{\"status\":\"%s\",\"failures\":%u,\"checks\":%llu,\"last\":\"%s\"}", health_name(h->state.now),
			 h->state.failures, (unsigned long long)h->state.checks, h->state.checks ? checker_why(h->last, why, sizeof(why)) : "");

	if (n < 0 || n >= RECORD_BYTES - 1)
		return -EOVERFLOW;
	memset(text + n, ' ', sizeof(text) - (size_t)n - 1);
	text[RECORD_BYTES - 1] = '\n';
	if (lseek(h->file, 0, SEEK_SET) < 0)
		return -errno;
	n = (int)write(h->file, text, sizeof(text));
	return n == sizeof(text) ? 0 : n < 0 ? -errno : -ENOSPC;
}

static void take(struct health_watch *h, int answer)
{
	char why[64];
	bool changed = health_take(&h->state, h->policy, loop_now(), answer == 0);

	h->last = answer;
	(void)write_down(h);
	if (!changed)
		return;
	h->changed(h->ctx, h->state.now, checker_why(answer, why, sizeof(why)));
	if (h->state.now == HEALTH_UNHEALTHY && h->policy->on_failure == HEALTH_KILL)
		loop_raise(h->loop, SIGTERM);
}

/* Until it is known to have started it is asked more often: nobody wants to wait for the next half minute. */
static uint64_t pause_of(const struct health_watch *h)
{
	bool starting = h->state.now == HEALTH_STARTING && loop_now() - h->state.since < h->policy->start_period;

	return starting && h->policy->interval > STARTING_MS ? STARTING_MS : h->policy->interval;
}

static void ask(struct health_watch *h)
{
	h->asked = sys_send(h->launch->sys, h->checker.channel, "c", 1) >= 0;
	h->answer.due = loop_now() + (h->asked ? h->policy->timeout + GRACE_MS : pause_of(h));
	if (!h->asked)
		take(h, EPIPE);
}

static void happened(void *ctx, short revents)
{
	struct health_watch *h = ctx;
	int answer = 0;
	ssize_t n;

	if (!revents && !h->asked) {
		ask(h);
		return;
	}
	n = revents ? sys_recv(h->launch->sys, h->checker.channel, &answer, sizeof(answer), MSG_DONTWAIT) : 0;
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (revents && n != sizeof(answer)) {	/* the checker is gone: then nothing vouches for the service any more */
		h->answer.fd = -1;
		answer = EPIPE;
	} else if (!revents) {
		answer = CHECK_TIMEOUT;		/* the late answer will be taken for the next one's: asked is still true */
	}
	h->asked = !revents && h->answer.fd >= 0;
	h->answer.due = loop_now() + pause_of(h);
	take(h, answer);
}

uint64_t health_verdict_usec(const struct healthcheck_policy *p)
{
	return (p->start_period + p->retries * (p->interval + p->timeout + GRACE_MS)) * 1000;
}

int health_begin(struct health_watch *h, const struct launch *l, int dir, struct loop *loop, struct err *e)
{
	int r;

	h->checker = (struct checker){ .channel = -1, .pidfd = -1 };
	h->launch = l;
	h->policy = l->plan->healthcheck;
	h->loop = loop;
	h->state = (struct health_state){ .since = loop_now() };
	h->file = openat(dir, HEALTH_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = h->file < 0 ? -errno : write_down(h);
	if (r < 0)
		return err_set(e, ERR_HOST, r, "is there room in the run directory?", "cannot write %s", HEALTH_FILE);
	if (checker_start(&h->checker, l, h->policy, e) < 0)
		return -1;
	h->answer = (struct watch){ .fd = h->checker.channel, .events = POLLIN, .due = loop_now(), .happened = happened, .ctx = h };
	return loop_add(loop, &h->answer, e);
}

void health_end(struct health_watch *h)
{
	if (!h->policy)
		return;
	checker_stop(&h->checker, h->launch->sys);
	close_fd(&h->file);
	h->policy = NULL;
}
