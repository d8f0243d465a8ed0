/* notify.h - our word to the service manager that started us: sd_notify(3), one datagram a message. */
#pragma once
#include "../base/sys.h"

/* The line to the manager; fd -1: nobody asked to be told, or cannot be reached. */
struct notify {
	const struct sys *sys;
	int fd;
};

/* `address` is $NOTIFY_SOCKET, NULL where it is not set. An address that can never work is an error; a manager
 * that is not there now is a warning, since the container does not depend on it. */
must_check int notify_open(struct notify *, const struct sys *, const char *address, struct err *);

/* Variables as in sd_notify(3), separated by newlines. Does not wait for ever, and a failure is a warning. */
void notify_send(const struct notify *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One message as it is, without waiting: 0 (also where nobody listens), -EAGAIN: there is no room now, or -errno. */
must_check int notify_pass(const struct notify *, const char *text, size_t len);

/* The launch failed: what the manager shows of it. */
void notify_failure(const struct notify *, const struct err *);

void notify_close(struct notify *);
