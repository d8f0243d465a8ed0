/* split.c - see split.h. A line that lies whole in what was read is handed on from there; only what is cut by a read is copied. */
#include "split.h"

#include <string.h>

static void flush(struct split *s, bool partial, split_take *take, void *ctx)
{
	take(ctx, s->time, s->text, s->len, partial);
	s->len = 0;
}

void split_bytes(struct split *s, uint64_t time, const char *data, size_t len, split_take *take, void *ctx)
{
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) : len;

		if (n > LOG_PIECE_MAX - s->len) {	/* too long: a piece of exactly the bound, and on with the rest */
			n = LOG_PIECE_MAX - s->len;
			end = NULL;
		}
		if (n == 0 && !end) {			/* full, and now it is known that the line goes on */
			flush(s, true, take, ctx);
		} else if (end && s->len == 0) {
			take(ctx, time, data, n, false);
		} else {
			if (s->len == 0)
				s->time = time;
			memcpy(s->text + s->len, data, n);
			s->len += n;
			if (end)
				flush(s, false, take, ctx);
		}
		n += end != NULL;
		data += n;
		len -= n;
	}
}

void split_end(struct split *s, split_take *take, void *ctx)
{
	if (s->len)
		flush(s, true, take, ctx);
}
