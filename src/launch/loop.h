/* loop.h - what the supervisor watches beside its signals: descriptors and times.
 *
 * A container that asks for nothing of the kind has no watch, and its supervisor sleeps in sigwaitinfo(2) as if there
 * were no loop. Whoever needs one keeps a struct watch and changes it at will; what it does must not block. */
#pragma once
#include "../base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCHES_MAX = 32 };
#define NEVER UINT64_MAX

struct watch {
	int fd;			/* -1: none for now */
	short events;		/* as for poll(2); 0: only POLLERR, POLLHUP */
	uint64_t due;		/* a time of loop_now(), or NEVER; it is NEVER again when it has come */
	void (*happened)(void *ctx, short revents);	/* 0: the time has come */
	void *ctx;
};

struct loop {
	struct watch *watch[WATCHES_MAX];
	size_t n;
	int signals;		/* signalfd(2): tells that one waits; -1 while nothing is watched */
	int raised;
	void (*resized)(void *ctx);	/* SIGWINCH is ours, and means this; NULL: it is passed on */
	void *resized_ctx;
	/* A signal that was passed on to the workload, and who sent it; NULL: nobody wants to know. */
	void (*passed_on)(void *ctx, int sig, const siginfo_t *from);
	void *passed_on_ctx;
	siginfo_t from;		/* of what loop_wait() returned; all 0: ourselves */
};
#define LOOP_INIT { .signals = -1 }

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t loop_now(void);

/* The first one before supervisor_confine(): it opens a descriptor. All signals must be blocked. */
must_check int loop_add(struct loop *, struct watch *, struct err *);
void loop_remove(struct loop *, const struct watch *);

/* As if this signal had come: how a watch asks the supervisor to stop the workload (SIGTERM). */
void loop_raise(struct loop *, int sig);

/* Lets happen what happens until a signal comes (its number), until `until` has come (0), or -errno. */
int loop_wait(struct loop *, uint64_t until);
/* What is there already: the last words of a workload that has ended. */
void loop_drain(struct loop *);
void loop_close(struct loop *);
