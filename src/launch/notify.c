/* notify.c - the protocol of sd_notify(3) without its library, which nobody wants in a launcher.
 *
 * Only the supervisor speaks: it is the manager's main process, and stays that. What a workload has to say comes through a
 * socket of ours and is judged line by line: proxy.c.
 *
 * The socket is connected before anything else happens, so that the confined supervisor needs no path to it. */
#include "notify.h"
#include "../base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A manager that is busy reads later, but signals wait as long as we do. */
enum { PATIENCE_MS = 10 * 1000 };

static int parse(const char *text, struct sockaddr_un *ret, socklen_t *len, struct err *e)
{
	size_t n = strlen(text);

	if (text[0] != '/' && text[0] != '@')
		return err_set(e, ERR_USAGE, 0, "a path or, for an abstract socket, @ and a name; vsock is not for services",
			       "cannot speak to NOTIFY_SOCKET=%s", text);
	if (n < 2 || n >= sizeof(ret->sun_path))
		return err_set(e, ERR_USAGE, 0, NULL, "NOTIFY_SOCKET has 2 to %zu bytes, not %zu", sizeof(ret->sun_path) - 1, n);
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, text, n);
	/* An abstract name begins with NUL and is as long as the address says; a path ends with NUL (unix(7)). */
	if (text[0] == '@')
		ret->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (text[0] == '/'));
	return 0;
}

static void warn(const char *doing, int r)
{
	fprintf(stderr, "casemate: warning: cannot %s the service manager: %s\n", doing, strerror(-r));
}

int notify_open(struct notify *n, const struct sys *k, const char *address, struct err *e)
{
	struct sockaddr_un to;
	socklen_t len = 0;
	int r;

	*n = (struct notify){ .sys = k, .fd = -1 };
	if (!address || !*address)
		return 0;
	if (parse(address, &to, &len, e) < 0)
		return err_step(e, "notify");
	n->fd = r = sys_socket(k, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (r >= 0)
		r = sys_connect(k, n->fd, &to, len);
	if (r < 0) {
		warn("reach", r);
		notify_close(n);
	}
	return 0;
}

void notify_send(const struct notify *n, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int len, r;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(text))
		len = (int)sizeof(text) - 1;
	r = sys_poll(n->sys, n->fd, POLLOUT, PATIENCE_MS);
	if (r == 0)
		r = -ETIMEDOUT;
	if (r > 0)
		r = sys_send(n->sys, n->fd, text, (size_t)len);
	if (r < 0)
		warn("tell", r);
}

int notify_pass(const struct notify *n, const char *text, size_t len)
{
	return n->fd < 0 ? 0 : sys_send(n->sys, n->fd, text, len);
}

void notify_failure(const struct notify *n, const struct err *e)
{
	char line[768] = "";
	_auto(close_file) FILE *f = n->fd < 0 ? NULL : fmemopen(line, sizeof(line), "w");

	if (!f)
		return;
	err_write(e, NULL, f);
	(void)fflush(f);
	/* First what is short: the text may be cut. */
	notify_send(n, "EXIT_STATUS=%d\nERRNO=%d\nSTATUS=%s", err_exit_code(e), e->sys, line);
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		(void)!sys_close(n->sys, n->fd);
	n->fd = -1;
}
