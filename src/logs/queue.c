/* queue.c - see queue.h. */
#include "queue.h"

#include <string.h>

void queue_init(struct queue *q, bool drop)
{
	memset(q, 0, offsetof(struct queue, batch));
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->filled, NULL);
	pthread_cond_init(&q->emptied, NULL);
	for (size_t i = 0; i < 2; i++)
		q->batch[i].len = q->batch[i].dropped_lines = q->batch[i].dropped_bytes = 0;
	q->front = &q->batch[0];
	q->drop = drop;
	q->ended = false;
}

static size_t size_of(size_t len)
{
	return (sizeof(struct log_line) + len + _Alignof(struct log_line) - 1) & ~(_Alignof(struct log_line) - 1);
}

bool queue_put(struct queue *q, enum log_stream stream, uint64_t time, const char *text, size_t len, bool partial)
{
	size_t size = size_of(len);
	struct log_line *line;
	bool fits;

	pthread_mutex_lock(&q->lock);
	/* Once a line of a batch was dropped all others are: what follows would stand before the note of it. */
	while (!q->drop && LOG_QUEUE_SIZE - q->front->len < size)
		pthread_cond_wait(&q->emptied, &q->lock);
	fits = LOG_QUEUE_SIZE - q->front->len >= size && !q->front->dropped_lines;
	if (fits) {
		line = (struct log_line *)(q->front->data + q->front->len);
		*line = (struct log_line){ .time = time, .len = (uint32_t)len, .stream = (uint8_t)stream, .partial = partial };
		memcpy(line->text, text, len);
		q->front->len += size;
	} else {
		q->front->dropped_lines++;
		q->front->dropped_bytes += len;
	}
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	return fits;
}

void queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

struct batch *queue_take(struct queue *q)
{
	struct batch *full;

	pthread_mutex_lock(&q->lock);
	while (q->front->len == 0 && !q->ended)
		pthread_cond_wait(&q->filled, &q->lock);
	full = q->front->len ? q->front : NULL;
	if (full) {
		q->front = full == &q->batch[0] ? &q->batch[1] : &q->batch[0];
		q->front->len = q->front->dropped_lines = q->front->dropped_bytes = 0;
		pthread_cond_broadcast(&q->emptied);
	}
	pthread_mutex_unlock(&q->lock);
	return full;
}

const struct log_line *batch_next(const struct batch *b, size_t *at)
{
	const struct log_line *line = (const struct log_line *)(b->data + *at);

	if (*at >= b->len)
		return NULL;
	*at += size_of(line->len);
	return line;
}
