/* relay.c - see relay.h. One buffer each way; who cannot be written to is waited for, and meanwhile nothing more is read. */
#include "relay.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

enum { END_OF_FILE = 4 };	/* ^D, the VEOF of a new pty */

/* Reads when there is room, writes when there is something; each end is asked for what is next only. */
static void arm(struct way *w)
{
	w->in.events = w->from == w->to && !w->over ? POLLIN : 0;
	w->out.events = w->from < w->to ? POLLOUT : 0;
	if (w->over)	/* what hung up would wake us for ever */
		w->in.fd = -1;
}

static void drain(struct way *w)
{
	ssize_t n = write(w->out.fd, w->buf + w->from, w->to - w->from);

	if (n > 0)
		w->from += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR) {	/* nobody hears it any more */
		w->from = w->to;
		w->over = true;
	}
}

static void readable(void *ctx, short revents)
{
	struct way *w = ctx;
	ssize_t n;

	(void)revents;
	if (w->over || w->from < w->to)
		return;
	n = read(w->in.fd, w->buf, sizeof(w->buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	w->from = 0;
	w->to = n > 0 ? (size_t)n : 0;
	w->over = n <= 0;	/* EIO of a pty: its last slave was closed */
	drain(w);
	arm(w);
}

/* A pipe that ends means the end of a file to whoever reads the terminal. */
static void typed(void *ctx, short revents)
{
	struct way *w = ctx;
	bool before = w->over;

	readable(w, revents);
	if (w->over && !before && w->from == w->to) {
		w->buf[0] = END_OF_FILE;
		w->from = 0;
		w->to = 1;
		drain(w);
		arm(w);
	}
}

static void writable(void *ctx, short revents)
{
	struct way *w = ctx;

	(void)revents;
	if (w->from < w->to)
		drain(w);
	else
		w->out.fd = -1;	/* an error, and nothing to say */
	arm(w);
}

static void resize(void *ctx)
{
	struct relay *r = ctx;
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		(void)ioctl(r->master, TIOCSWINSZ, &size);
}

static void enter_raw(struct relay *r)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &r->before) < 0)
		return;
	raw = r->before;
	cfmakeraw(&raw);
	r->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void set_way(struct way *w, int in, int out, void (*in_happened)(void *, short))
{
	w->in = (struct watch){ .fd = in, .due = NEVER, .happened = in_happened, .ctx = w };
	w->out = (struct watch){ .fd = out, .due = NEVER, .happened = writable, .ctx = w };
	w->from = w->to = 0;
	w->over = false;
	arm(w);
}

int relay_start(struct relay *r, struct launch *l, struct loop *loop, struct err *e)
{
	*r = (struct relay){ .master = -1 };
	if (l->console[0] < 0)
		return 0;
	r->master = sys_recv_fd(l->sys, l->console[0]);
	if (r->master < 0)
		return err_set(e, ERR_LAUNCH, r->master, NULL, "the container's terminal did not come");
	if (fcntl(r->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot set up the container's terminal");
	set_way(&r->there, STDIN_FILENO, r->master, typed);
	set_way(&r->back, r->master, STDOUT_FILENO, readable);
	enter_raw(r);
	loop->resized = resize;
	loop->resized_ctx = r;
	if (!l->plan->rows && !l->plan->columns)
		resize(r);
	if (loop_add(loop, &r->there.in, e) < 0 || loop_add(loop, &r->there.out, e) < 0 || loop_add(loop, &r->back.in, e) < 0)
		return -1;
	return loop_add(loop, &r->back.out, e);
}

void relay_end(struct relay *r)
{
	if (r->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &r->before);
	r->raw = false;
	close_fd(&r->master);
}
