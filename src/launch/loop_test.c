/* loop_test.c - descriptors, times and signals, each in its turn. */
#include "loop.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	struct loop *loop;
	struct watch watch, *other;
	int fds[2];
	int ready, due;
	int raise;
};

static void happened(void *ctx, short revents)
{
	struct seen *s = ctx;
	char byte;

	if (!revents)
		s->due++;
	else if (read(s->fds[0], &byte, 1) == 1)
		s->ready++;
	else
		s->watch.fd = -1;
	if (s->other)
		loop_remove(s->loop, s->other);
	if (s->raise)
		loop_raise(s->loop, s->raise);
}

static void seen_init(struct seen *s, struct loop *o)
{
	struct err e = { 0 };

	*s = (struct seen){ .loop = o };
	assert_int_equal(pipe2(s->fds, O_CLOEXEC | O_NONBLOCK), 0);
	s->watch = (struct watch){ .fd = s->fds[0], .events = POLLIN, .due = NEVER, .happened = happened, .ctx = s };
	assert_int_equal(loop_add(o, &s->watch, &e), 0);
}

static void seen_free(struct seen *s)
{
	close(s->fds[0]);
	if (s->fds[1] >= 0)
		close(s->fds[1]);
}

static void nothing_to_watch(void **state)
{
	struct loop o = LOOP_INIT;
	uint64_t now = loop_now();

	(void)state;
	assert_int_equal(loop_wait(&o, now + 20), 0);
	assert_true(loop_now() >= now + 20);
	raise(SIGHUP);
	assert_int_equal(loop_wait(&o, NEVER), SIGHUP);
	assert_int_equal(o.signals, -1);
}

static void a_descriptor_then_a_signal(void **state)
{
	struct loop o = LOOP_INIT;
	struct seen s;

	(void)state;
	seen_init(&s, &o);
	assert_int_equal(write(s.fds[1], "abc", 3), 3);
	assert_int_equal(loop_wait(&o, loop_now() + 20), 0);
	assert_int_equal(s.ready, 3);
	raise(SIGTERM);
	assert_int_equal(loop_wait(&o, NEVER), SIGTERM);
	assert_int_equal(loop_wait(&o, loop_now()), 0);
	seen_free(&s);
	loop_close(&o);
}

/* The end of a pipe is told as well; whoever lets go of it is not woken again. */
static void the_end_of_a_descriptor(void **state)
{
	struct loop o = LOOP_INIT;
	struct seen s;

	(void)state;
	seen_init(&s, &o);
	close_fd(&s.fds[1]);
	assert_int_equal(loop_wait(&o, loop_now() + 10), 0);
	assert_int_equal(s.watch.fd, -1);
	assert_int_equal(s.ready, 0);
	seen_free(&s);
	loop_close(&o);
}

static void a_time_comes_once(void **state)
{
	struct loop o = LOOP_INIT;
	struct seen s;
	uint64_t now = loop_now();

	(void)state;
	seen_init(&s, &o);
	s.watch.due = now + 10;
	assert_int_equal(loop_wait(&o, now + 40), 0);
	assert_int_equal(s.due, 1);
	assert_true(s.watch.due == NEVER && loop_now() >= now + 40);
	seen_free(&s);
	loop_close(&o);
}

/* A watch asks for an end, and does not hear of a signal that is not there. */
static void a_watch_raises_a_signal(void **state)
{
	struct loop o = LOOP_INIT;
	struct seen s;

	(void)state;
	seen_init(&s, &o);
	s.raise = SIGTERM;
	s.watch.due = loop_now();
	assert_int_equal(loop_wait(&o, NEVER), SIGTERM);
	assert_int_equal(loop_wait(&o, loop_now()), 0);
	seen_free(&s);
	loop_close(&o);
}

/* What one removes is not called any more, though it was ready in the same moment. */
static void one_removes_another(void **state)
{
	struct loop o = LOOP_INIT;
	struct seen a, b;

	(void)state;
	seen_init(&a, &o);
	seen_init(&b, &o);
	a.other = &b.watch;
	assert_int_equal(write(a.fds[1], "x", 1) + write(b.fds[1], "x", 1), 2);
	assert_int_equal(loop_wait(&o, loop_now()), 0);
	assert_int_equal(loop_wait(&o, loop_now() + 10), 0);
	assert_int_equal(a.ready, 1);
	assert_int_equal(b.ready, 0);
	seen_free(&a);
	seen_free(&b);
	loop_close(&o);
}

static void the_last_words_are_heard(void **state)
{
	struct loop o = LOOP_INIT;
	struct seen s;

	(void)state;
	loop_drain(&o);
	seen_init(&s, &o);
	assert_int_equal(write(s.fds[1], "abc", 3), 3);
	raise(SIGCHLD);			/* a signal that still waits keeps nobody here */
	s.watch.due = 0;
	loop_drain(&o);
	assert_int_equal(s.ready, 3);
	assert_int_equal(s.due, 0);
	assert_int_equal(loop_wait(&o, NEVER), SIGCHLD);
	seen_free(&s);
	loop_close(&o);
}

static void no_more_than_there_is_room_for(void **state)
{
	struct watch w = { .fd = -1, .due = NEVER };
	struct loop o = LOOP_INIT;
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < WATCHES_MAX; i++)
		assert_int_equal(loop_add(&o, &w, &e), 0);
	assert_int_equal(loop_add(&o, &w, &e), -1);
	assert_int_equal(e.kind, ERR_HOST);
	loop_remove(&o, &w);
	assert_int_equal(o.n, 0);
	loop_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_watch),
		cmocka_unit_test(a_descriptor_then_a_signal),
		cmocka_unit_test(the_end_of_a_descriptor),
		cmocka_unit_test(a_time_comes_once),
		cmocka_unit_test(a_watch_raises_a_signal),
		cmocka_unit_test(one_removes_another),
		cmocka_unit_test(the_last_words_are_heard),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
