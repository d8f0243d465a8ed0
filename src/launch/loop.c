/* loop.c - see loop.h.
 *
 * Signals are taken by sigtimedwait(2) in both ways of waiting; the signalfd only wakes poll(2), and is never read. */
#include "loop.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>

uint64_t loop_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int loop_add(struct loop *o, struct watch *w, struct err *e)
{
	sigset_t all;

	if (o->n == WATCHES_MAX)
		return err_set(e, ERR_HOST, ENOSPC, NULL, "the supervisor watches %d things already", WATCHES_MAX);
	if (o->signals < 0) {
		sigfillset(&all);
		o->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
		if (o->signals < 0)
			return err_set(e, ERR_HOST, errno, NULL, "the supervisor cannot watch its signals");
	}
	o->watch[o->n++] = w;
	return 0;
}

void loop_remove(struct loop *o, const struct watch *w)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->watch[i] != w)
			o->watch[n++] = o->watch[i];
	o->n = n;
}

void loop_raise(struct loop *o, int sig)
{
	o->raised = sig;
}

/* The next signal that waits, or comes before `until`: its number; 0: none did; -errno. */
static int take_signal(uint64_t until, siginfo_t *from)
{
	uint64_t now = until == NEVER ? 0 : loop_now(), left = until > now ? until - now : 0;
	const struct timespec wait = { .tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000 };
	sigset_t all;
	int sig;

	sigfillset(&all);
	sig = until == NEVER ? sigwaitinfo(&all, from) : sigtimedwait(&all, from, &wait);
	return sig > 0 ? sig : errno == EAGAIN ? 0 : -errno;
}

static int timeout_of(const struct loop *o, uint64_t until)
{
	uint64_t now = loop_now();

	for (size_t i = 0; i < o->n; i++)
		if (o->watch[i]->due < until)
			until = o->watch[i]->due;
	if (until <= now)
		return 0;
	return until == NEVER ? -1 : until - now < INT_MAX ? (int)(until - now) : INT_MAX;
}

/* A watch may add and remove others, and itself: whoever is still there is asked. */
static bool is_there(const struct loop *o, const struct watch *w)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->watch[i] == w)
			return true;
	return false;
}

/* One sleep, and what came of it: how many watches had something to do, or -errno. */
static int turn(struct loop *o, int timeout)
{
	struct pollfd p[WATCHES_MAX + 1] = { { .fd = o->signals, .events = POLLIN } };
	struct watch *asked[WATCHES_MAX];
	size_t n = o->n;
	uint64_t now;
	int r, done = 0;

	for (size_t i = 0; i < n; i++) {
		asked[i] = o->watch[i];
		p[i + 1] = (struct pollfd){ .fd = asked[i]->fd, .events = asked[i]->events };
	}
	r = poll(p, (nfds_t)n + 1, timeout);
	if (r < 0)
		return -errno;
	now = loop_now();
	for (size_t i = 0; i < n; i++) {
		struct watch *w = asked[i];

		if (p[i + 1].revents && is_there(o, w) && w->fd == p[i + 1].fd) {
			w->happened(w->ctx, p[i + 1].revents);
			done++;
		}
		if (is_there(o, w) && w->due <= now) {
			w->due = NEVER;
			w->happened(w->ctx, 0);
			done++;
		}
	}
	return done;
}

int loop_wait(struct loop *o, uint64_t until)
{
	int sig;

	if (o->n == 0)
		return take_signal(until, &o->from);
	for (;;) {
		o->from = (siginfo_t){ 0 };
		sig = o->raised ? o->raised : take_signal(0, &o->from);
		o->raised = 0;
		if (sig != 0 || loop_now() >= until)
			return sig;
		sig = turn(o, timeout_of(o, until));
		if (sig < 0)
			return sig;
	}
}

void loop_drain(struct loop *o)
{
	/* Bounded: who never stops talking is not waited for. Times that come now come too late. */
	for (int left = 64; o->n && left; left--) {
		for (size_t i = 0; i < o->n; i++)
			o->watch[i]->due = NEVER;
		if (turn(o, 0) <= 0)
			break;
	}
}

void loop_close(struct loop *o)
{
	close_fd(&o->signals);
	o->n = 0;
}
