/* journalctl.h - the journal, read by way of journalctl(1): its export format is documented ("Journal Export Formats"), its exact
 * arguments are ours, and no library has to be linked. */
#pragma once

#include "../base/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define JOURNALCTL "/usr/bin/journalctl"

struct export_field { const char *name, *value; size_t name_len, len; };
typedef void export_take(void *ctx, const struct export_field *);

bool export_is(const struct export_field *, const char *name);
/* The fields of the first entry in what there is; how many bytes it takes, 0: it is not all there (and the fields that were are
 * given once more), -1: it makes no sense. */
ssize_t export_next(const char *data, size_t len, export_take *, void *ctx);

struct journal_query {
	const char *const *argv;
	void (*begin)(void *ctx);	/* forget the fields of an entry that was not all there */
	export_take *field;
	void (*entry)(void *ctx);	/* that were all; begin again */
	bool (*over)(void *ctx);	/* NULL: it ends by itself. Asked when nothing comes. */
	void *ctx;
};
must_check int journal_read(const struct journal_query *, struct err *);
