/* journalctl.c - see journalctl.h. */
#include "journalctl.h"

#include "../base/cleanup.h"
#include "../base/sys.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { BUFFER = 1 << 20, PAUSE_MS = 500 };

/* One field; how many bytes it takes, 0: not all there, -1: nonsense. */
static ssize_t field_next(const char *data, size_t len, struct export_field *f)
{
	const char *end = memchr(data, '\n', len), *equals;
	uint64_t size;
	size_t head;

	if (!end)
		return 0;
	head = (size_t)(end - data) + 1;
	equals = memchr(data, '=', head);
	f->name = data;
	if (equals) {
		f->name_len = (size_t)(equals - data);
		f->value = equals + 1;
		f->len = (size_t)(end - equals) - 1;
		return (ssize_t)head;
	}
	f->name_len = head - 1;
	if (len - head < sizeof(size))
		return 0;
	memcpy(&size, data + head, sizeof(size));
	size = le64toh(size);
	head += sizeof(size);
	if (size > (64 << 20))
		return -1;
	if (len - head < size + 1)
		return 0;
	f->value = data + head;
	f->len = size;
	return data[head + size] == '\n' ? (ssize_t)(head + size + 1) : -1;
}

bool export_is(const struct export_field *f, const char *name)
{
	return strlen(name) == f->name_len && memcmp(f->name, name, f->name_len) == 0;
}

ssize_t export_next(const char *data, size_t len, export_take *take, void *ctx)
{
	size_t at = 0;

	while (at < len && data[at] != '\n') {
		struct export_field f;
		ssize_t n = field_next(data + at, len - at, &f);

		if (n <= 0)
			return n;
		take(ctx, &f);
		at += (size_t)n;
	}
	return at == len ? 0 : (ssize_t)at + 1;
}

/* --- the program --- */

static int start(const char *const *argv, int *out, int *pidfd, struct err *e)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD };
	int pair[2], r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot start journalctl");
	fflush(stdout);
	r = sys_clone3(&sys_kernel, &args, sizeof(args));
	if (r == 0) {
		if (dup2(pair[1], STDOUT_FILENO) >= 0)
			(void)!sys_execve(&sys_kernel, JOURNALCTL, argv, (const char *const *)environ);
		(void)sys_exit(&sys_kernel, 125);
	}
	close(pair[1]);
	*out = pair[0];
	if (r > 0)
		return 0;
	close_fd(out);
	return err_set(e, ERR_HOST, r, NULL, "cannot start journalctl");
}

/* What there is of whole entries; -1: nonsense. */
static int take_entries(const struct journal_query *q, char *buf, size_t *len)
{
	size_t at = 0;
	ssize_t n;

	while ((n = export_next(buf + at, *len - at, q->field, q->ctx)) > 0) {
		q->entry(q->ctx);
		at += (size_t)n;
	}
	/* What came of fields of an entry that is not all there comes again. */
	q->begin(q->ctx);
	*len -= at;
	memmove(buf, buf + at, *len);
	return n < 0 || *len == BUFFER ? -1 : 0;
}

int journal_read(const struct journal_query *q, struct err *e)
{
	_auto(free_mem) char *buf = malloc(BUFFER);
	_auto(close_fd) int in = -1, pidfd = -1;
	siginfo_t info = { 0 };
	size_t len = 0;
	ssize_t n = 1;

	if (!buf)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the log");
	if (start(q->argv, &in, &pidfd, e) < 0)
		return -1;
	q->begin(q->ctx);
	while (n > 0) {
		struct pollfd p = { .fd = in, .events = POLLIN };

		if (q->over && poll(&p, 1, PAUSE_MS) == 0) {
			if (q->over(q->ctx))
				break;
			continue;
		}
		n = read(in, buf + len, BUFFER - len);
		len += n > 0 ? (size_t)n : 0;
		if (n >= 0 && take_entries(q, buf, &len) < 0) {
			errno = EPROTO;
			n = -1;
		}
	}
	if (n < 0)
		err_set(e, ERR_HOST, errno, NULL, "what journalctl exports makes no sense");
	if (n != 0)	/* it has not come to its end */
		(void)!sys_pidfd_send_signal(&sys_kernel, pidfd, SIGTERM);
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 || (n == 0 && (info.si_code != CLD_EXITED || info.si_status != 0))) {
		n = -1;
		err_set(e, ERR_HOST, 0, "is " JOURNALCTL " there, and may you read the journal (root, the group adm)?", "journalctl failed");
	}
	return n < 0 ? -1 : 0;
}
