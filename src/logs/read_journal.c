/* read_journal.c - a log that is in the journal, by way of journalctl(1): its format is documented, and the library would have to be
 * linked. Only what the driver's user wrote counts: anybody may write to the journal with the container's name. */
#include "read.h"

#include "../base/cleanup.h"
#include "../base/sys.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { BUFFER = 1 << 20, PAUSE_MS = 500 };

struct arguments { const char *v[24]; char since[40], until[40], tail[24], name[LOG_NAME_MAX + 16], uid[32]; };

static void arguments(struct arguments *a, const struct log_query *q)
{
	size_t n = 0;
	uid_t uid;
	gid_t gid;

	log_user(&uid, &gid);
	a->v[n++] = "journalctl";
	a->v[n++] = "--quiet";
	a->v[n++] = "--no-pager";
	a->v[n++] = "--output=export";
	a->v[n++] = "--output-fields=MESSAGE,CASEMATE_TIME,CASEMATE_STREAM,CONTAINER_PARTIAL_MESSAGE";
	if (q->since) {
		snprintf(a->since, sizeof(a->since), "--since=@%lu", q->since / 1000000000);
		a->v[n++] = a->since;
	}
	if (q->until != UINT64_MAX) {	/* the journal's time is later than the line's: we look ourselves */
		snprintf(a->until, sizeof(a->until), "--until=@%lu", q->until / 1000000000 + 60);
		a->v[n++] = a->until;
	}
	snprintf(a->tail, sizeof(a->tail), "--lines=%lu", q->tail);
	if (q->tail != UINT64_MAX)
		a->v[n++] = a->tail;
	if (q->follow)
		a->v[n++] = "--follow";
	if (q->follow && q->tail == UINT64_MAX)
		a->v[n++] = "--no-tail";
	snprintf(a->name, sizeof(a->name), "CASEMATE_NAME=%s", q->name);
	snprintf(a->uid, sizeof(a->uid), "_UID=%u", uid);
	a->v[n++] = a->name;
	a->v[n++] = a->uid;
	a->v[n] = NULL;
}

static int start(const struct log_query *q, int *out, int *pidfd, struct err *e)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD };
	struct arguments a = { 0 };
	int pair[2], r;

	arguments(&a, q);
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot start journalctl");
	r = sys_clone3(&sys_kernel, &args, sizeof(args));
	if (r == 0) {
		if (dup2(pair[1], STDOUT_FILENO) >= 0)
			r = sys_execve(&sys_kernel, "/usr/bin/journalctl", a.v, (const char *const *)environ);
		fprintf(stderr, "casemate: cannot execute /usr/bin/journalctl: %s\n", strerror(-r));
		(void)sys_exit(&sys_kernel, 125);
	}
	close(pair[1]);
	*out = pair[0];
	if (r > 0)
		return 0;
	close_fd(out);
	return err_set(e, ERR_HOST, r, NULL, "cannot start journalctl");
}

static int take_all(struct log_out *o, char *buf, size_t *len)
{
	struct log_entry entry;
	size_t at = 0;
	ssize_t n;

	while ((n = entry_from_export(buf + at, *len - at, &entry)) > 0) {
		if (entry.text)
			out_entry(o, &entry);
		at += (size_t)n;
	}
	*len -= at;
	memmove(buf, buf + at, *len);
	fflush(stdout);
	return n < 0 || *len == BUFFER ? -1 : 0;
}

int read_journal(const struct log_query *q, struct log_out *o, struct err *e)
{
	_auto(free_mem) char *buf = malloc(BUFFER);
	_auto(close_fd) int in = -1, pidfd = -1;
	siginfo_t info = { 0 };
	size_t len = 0;
	ssize_t n = 1;

	if (!buf)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the log");
	if (start(q, &in, &pidfd, e) < 0)
		return -1;
	while (n > 0) {
		struct pollfd p = { .fd = in, .events = POLLIN };

		if (q->follow && poll(&p, 1, PAUSE_MS) == 0) {
			if (log_ended(q->name))
				break;	/* and everything that it wrote has been there for a while */
			continue;
		}
		n = read(in, buf + len, BUFFER - len);
		len += n > 0 ? (size_t)n : 0;
		if (take_all(o, buf, &len) < 0)
			return err_set(e, ERR_HOST, EPROTO, NULL, "what journalctl exports makes no sense");
	}
	if (n > 0)
		(void)!sys_pidfd_send_signal(&sys_kernel, pidfd, SIGTERM);
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 || (n <= 0 && (info.si_code != CLD_EXITED || info.si_status == 125)))
		return err_set(e, ERR_HOST, 0, NULL, "journalctl failed");
	return 0;
}
