/* journal.c - see journal.h. */
#include "journal.h"

#include "cleanup.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int journal_open(const struct sys *k)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	int fd = sys_socket(k, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? fd : sys_connect(k, fd, &to, sizeof(to));

	if (r < 0 && fd >= 0)
		(void)!sys_close(k, fd);
	return r < 0 ? r : fd;
}

void journal_begin(struct journal_entry *e)
{
	e->len = 0;
	e->full = false;
}

static void add(struct journal_entry *e, const void *data, size_t len)
{
	if (e->full || len > sizeof(e->data) - e->len) {
		e->full = true;
		return;
	}
	memcpy(e->data + e->len, data, len);
	e->len += len;
}

/* "FIELD=value\n"; where the value holds an end of line, "FIELD\n", its length as 64 bits little endian, the value, "\n". */
void journal_put(struct journal_entry *e, const char *field, const void *value, size_t len)
{
	const uint64_t size = htole64(len);

	add(e, field, strlen(field));
	if (memchr(value, '\n', len)) {
		add(e, "\n", 1);
		add(e, &size, sizeof(size));
	} else {
		add(e, "=", 1);
	}
	add(e, value, len);
	add(e, "\n", 1);
}

void journal_putf(struct journal_entry *e, const char *field, const char *fmt, ...)
{
	_auto(free_mem) char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		e->full = true;
		return;
	}
	journal_put(e, field, text, (size_t)n);
}

int journal_send(const struct sys *k, int fd, const struct journal_entry *e, int patience_ms)
{
	int r = e->full ? -EMSGSIZE : sys_poll(k, fd, POLLOUT, patience_ms);

	if (r == 0)
		r = -EAGAIN;
	if (r > 0)
		r = sys_send(k, fd, e->data, e->len);
	return r < 0 ? r : 0;
}
