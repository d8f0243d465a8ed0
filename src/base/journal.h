/* journal.h - entries for systemd's journal in its native protocol: fields, not text, so that a reader can select by
 * them. No library: one datagram of "FIELD=value" lines to one socket is all there is to it
 * (systemd's documentation, "Native Journal Protocol"). */
#pragma once

#include "sys.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* What one datagram holds with the kernel's usual net.core.wmem_max (212992) to spare. */
enum { JOURNAL_ENTRY_MAX = 128 * 1024 };

struct journal_entry {
	size_t len;
	bool full;			/* a field had no room: the entry must not be sent */
	char data[JOURNAL_ENTRY_MAX];
};

/* Connected, and never blocking; or -errno: -ENOENT where there is no journal. */
must_check int journal_open(const struct sys *);
void journal_begin(struct journal_entry *);
/* `field` is a constant in capitals; the value may be any bytes. */
void journal_put(struct journal_entry *, const char *field, const void *value, size_t len);
void journal_putf(struct journal_entry *, const char *field, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* 0, or -errno: -EMSGSIZE when a field had no room, -EAGAIN when the journal did not read for `patience_ms`. */
must_check int journal_send(const struct sys *, int fd, const struct journal_entry *, int patience_ms);
