/* queue.h - what lies between reading the pipes and writing the log: two buffers, one being filled while the other is written.
 *
 * A disk that is slow, or a journal that does not read, holds up the writer only. When the buffer is full, the reader waits
 * (and so, once the pipe is full too, does the workload), or drops the line and counts it. */
#pragma once

#include "log.h"

#include <pthread.h>

struct batch {
	size_t len;
	uint64_t dropped_lines, dropped_bytes;	/* since: behind the last of its lines */
	_Alignas(struct log_line) char data[LOG_QUEUE_SIZE];
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct batch batch[2], *front;		/* the reader's */
	bool drop, ended;
};

void queue_init(struct queue *, bool drop);
/* False when the line was dropped. */
bool queue_put(struct queue *, enum log_stream, uint64_t time, const char *text, size_t len, bool partial);
/* No more lines come. */
void queue_end(struct queue *);
/* What there is, waiting for it; NULL once there is no more. The batch is the caller's until the next call. */
struct batch *queue_take(struct queue *);
/* The line at *at, which moves behind it; NULL at the end. */
const struct log_line *batch_next(const struct batch *, size_t *at);
