/* split.h - bytes of a pipe to lines: bounded, and nothing is lost or changed. */
#pragma once

#include "log.h"

struct split {
	size_t len;		/* of what waits for its end of line */
	uint64_t time;		/* when its first byte was read */
	char text[LOG_PIECE_MAX];
};

/* What takes the lines: `partial` is a piece that goes on. */
typedef void split_take(void *ctx, uint64_t time, const char *text, size_t len, bool partial);

void split_bytes(struct split *, uint64_t time, const char *data, size_t len, split_take *, void *ctx);
/* The stream has ended: what waits is the last piece, a partial one. */
void split_end(struct split *, split_take *, void *ctx);
