/* start.c - see start.h.
 *
 * The supervisor keeps a reading end of both pipes: so the workload is not killed by SIGPIPE when the driver dies, and what it says
 * from then on is counted. It keeps no writing end: the driver's work ends with the container, whatever becomes of us. */
#include "start.h"

#include "../base/cleanup.h"
#include "../base/helper.h"
#include "../base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { READY_MS = 20 * 1000, FINISH_MS = 10 * 1000, HIGH_FD = 64 };

int log_id(char id[LOG_ID_LEN + 1], struct err *e)
{
	unsigned char bytes[LOG_ID_LEN / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_set(e, ERR_HOST, errno, NULL, "no random numbers for the launch's id");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* --- starting --- */

/* Nobody can make it shorter under the one who reads it (SIGBUS). */
static int share_counts(struct log_run *l, int *fd, struct err *e)
{
	*fd = memfd_create("log-counts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0 || ftruncate(*fd, sizeof(*l->counts)) < 0 || fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot share memory with the log driver");
	l->counts = mmap(NULL, sizeof(*l->counts), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (l->counts == MAP_FAILED) {
		l->counts = NULL;
		return err_set(e, ERR_HOST, errno, NULL, "cannot share memory with the log driver");
	}
	return 0;
}

static int open_pipes(struct log_run *l, uid_t uid, gid_t gid, struct err *e)
{
	int pair[2], r = 0;

	for (int i = 0; r >= 0 && i < 2; i++) {
		r = pipe2(pair, O_CLOEXEC) < 0 ? -errno : 0;
		if (r < 0)
			break;
		l->out[i] = pair[0];
		l->in[i] = pair[1];
		/* For a workload that opens /dev/stdout; a user's own are the workload's anyway. */
		r = geteuid() == 0 ? sys_fchown(l->sys, pair[1], uid, gid) : 0;
	}
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot make the pipes of the log") : 0;
}

/* In the new process: these descriptors at their places, nothing else, and the program. */
static void become_driver(struct log_run *l, int report, int place, int counts, const char *path)
{
	const int want[LOG_FDS] = { -1, -1, -1, report, l->out[0], l->out[1], place, counts };
	const char *const argv[] = { "casemate-log", "drive", l->source.name, NULL }, *const envp[] = { NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), high[LOG_FDS], r = null < 0 ? -errno : 0;

	for (int i = 0; r >= 0 && i < LOG_FDS; i++)
		r = high[i] = fcntl(want[i] < 0 ? null : want[i], F_DUPFD_CLOEXEC, HIGH_FD);
	for (int i = 0; r >= 0 && i < LOG_FDS; i++)
		r = dup2(high[i], i);
	r = r < 0 ? -errno : sys_close_range(l->sys, LOG_FDS, ~0U, 0);
	if (r >= 0)
		r = sys_setsid(l->sys);
	if (r >= 0)
		r = sys_chdir(l->sys, "/");
	if (r >= 0)
		r = sys_execve(l->sys, path, argv, envp);
	struct log_report why = { .word = LOG_FAILED };

	err_set(&why.why, ERR_HOST, r, NULL, "cannot execute %s", path);
	(void)!sys_send(l->sys, LOG_FD_REPORT, &why, sizeof(why));
	for (;;)
		(void)sys_exit(l->sys, 125);
}

static int spawn(struct log_run *l, const struct log_place *place, int counts, struct err *e)
{
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&l->pidfd, .exit_signal = SIGCHLD };
	_auto(close_fd) int theirs = -1;
	char path[PATH_MAX];
	int pair[2], r;

	if (helper_path("casemate-log", path, e) < 0)
		return -1;
	r = sys_socketpair(l->sys, SOCK_SEQPACKET, pair);
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot start the log driver");
	l->report = pair[0];
	theirs = pair[1];
	r = sys_clone3(l->sys, &args, sizeof(args));
	if (r == 0)
		become_driver(l, theirs, place->fd, counts, path);
	l->pid = r;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot start the log driver") : 0;
}

static int hear(struct log_run *l, struct err *e)
{
	struct log_report said;
	int r = sys_poll(l->sys, l->report, POLLIN, READY_MS);
	ssize_t n = r > 0 ? sys_recv(l->sys, l->report, &said, sizeof(said), 0) : r;

	if (n == sizeof(said) && said.word == LOG_READY)
		return 0;
	if (n == sizeof(said) && said.word == LOG_FAILED && said.why.kind != ERR_NONE) {
		*e = said.why;
		return -1;
	}
	return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : r == 0 ? ETIMEDOUT : 0, NULL, "the log driver died before it was ready");
}

/* What the kernel says of it, not what it says of itself. */
static int look(struct log_run *l, const struct log_place *place, struct err *e)
{
	uint64_t caps[3] = { 0 }, nnp = 0, mode = 0, uid[4] = { 0 };
	char path[32], status[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", l->pid);
	n = sys_read_file(l->sys, AT_FDCWD, path, status, sizeof(status));
	if (n < 0 || proc_hex(status, "CapEff", &caps[0]) < 0 || proc_hex(status, "CapPrm", &caps[1]) < 0 || proc_hex(status, "CapInh", &caps[2]) < 0 ||
	    proc_numbers(status, "NoNewPrivs", &nnp, 1) != 1 || proc_numbers(status, "Seccomp", &mode, 1) != 1 ||
	    proc_numbers(status, "Uid", uid, 4) != 4)
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EIO, NULL, "cannot look at the log driver");
	if (caps[0] || caps[1] || caps[2] || nnp != 1 || mode != 2)
		return err_set(e, ERR_LAUNCH, 0, NULL, "the log driver is not confined: CapPrm %lx, NoNewPrivs %lu, Seccomp %lu", caps[1], nnp, mode);
	for (size_t i = 0; i < COUNT(uid); i++)
		if (uid[i] != place->uid)
			return err_set(e, ERR_LAUNCH, 0, NULL, "the log driver has the uid %lu, not %u", uid[i], place->uid);
	return 0;
}

static int start(struct log_run *l, const struct log_place *place, uid_t uid, gid_t gid, struct err *e)
{
	const struct log_policy *p = l->policy;
	const struct log_config config = { .source = l->source, .driver = p->driver, .max_size = p->max_size, .max_files = p->max_files,
		.full = p->full, .compress = p->compress, .uid = place->uid, .gid = place->gid };
	_auto(close_fd) int counts = -1;
	int r;

	if (open_pipes(l, uid, gid, e) < 0 || share_counts(l, &counts, e) < 0 || spawn(l, place, counts, e) < 0)
		return -1;
	r = sys_send(l->sys, l->report, &config, sizeof(config));
	if (r < 0 && r != -EPIPE)	/* EPIPE: it will have said why */
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot reach the log driver");
	return hear(l, e) < 0 ? -1 : look(l, place, e);
}

int log_start(struct log_run *l, const struct sys *k, uid_t uid, gid_t gid, struct err *e)
{
	struct log_place place = { .fd = -1 };
	int r;

	l->sys = k;
	l->state = LOG_RUNS;
	r = log_place_open(&place, k, l->policy, l->source.name, l->named, e);
	if (r == 0) {
		snprintf(l->dir, sizeof(l->dir), "%s", place.dir);
		r = start(l, &place, uid, gid, e);
	}
	close_fd(&place.fd);
	return r < 0 ? err_step(e, "log") : 0;
}

/* --- the streams --- */

int log_streams_give(struct log_run *l, struct err *e)
{
	for (int i = 0; l->state == LOG_RUNS && i < 2; i++) {
		l->mine[i] = fcntl(i + 1, F_DUPFD_CLOEXEC, 3);
		if (l->mine[i] < 0 || dup2(l->in[i], i + 1) < 0) {
			err_set(e, ERR_HOST, errno, NULL, "cannot give the pipes of the log to the workload");
			return err_step(e, "log");
		}
		close_fd(&l->in[i]);
	}
	return 0;
}

void log_streams_back(struct log_run *l)
{
	for (int i = 0; i < 2; i++) {
		if (l->mine[i] >= 0)
			(void)!dup2(l->mine[i], i + 1);
		close_fd(&l->mine[i]);
		close_fd(&l->in[i]);
	}
}

/* --- looking after it --- */

static void alert(struct log_run *l, const char *message)
{
	if (l->alert)
		l->alert(l->ctx, message);
}

/* True: reaped. */
static bool reap(struct log_run *l, bool *failed)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return false;
	*failed = info.si_code != CLD_EXITED || info.si_status != 0;
	close_fd(&l->pidfd);
	return true;
}

static void driver_ended(void *ctx, short revents)
{
	struct log_run *l = ctx;
	bool failed = false;

	(void)revents;
	if (!reap(l, &failed))
		return;
	l->watch[0].fd = -1;
	l->state = failed ? LOG_BROKEN : LOG_OVER;
	if (!failed)
		return;
	alert(l, l->policy->failure == LOG_FAILURE_STOP ? "the log driver died: the workload is stopped" :
							   "the log driver died: what the workload says is dropped");
	for (int i = 0; i < 2; i++)	/* nobody else reads them now */
		l->watch[2 + i].fd = l->out[i];
	if (l->policy->failure == LOG_FAILURE_STOP)
		loop_raise(l->loop, SIGTERM);
}

static void driver_says(void *ctx, short revents)
{
	struct log_run *l = ctx;
	struct log_report said;
	char message[256];
	ssize_t n = sys_recv(l->sys, l->report, &said, sizeof(said), MSG_DONTWAIT);

	(void)revents;
	if (n != sizeof(said)) {
		l->watch[1].fd = n == -EAGAIN ? l->report : -1;
		return;
	}
	said.why.msg[sizeof(said.why.msg) - 1] = '\0';
	if (said.word == LOG_DROPPING)
		alert(l, "the log cannot be written fast enough: lines are dropped");
	if (said.word == LOG_TROUBLE) {
		snprintf(message, sizeof(message), "%s: %s", said.why.msg, strerror(said.why.sys));
		alert(l, message);
	}
}

static void discard(struct log_run *l, int i)
{
	char buf[4096];
	ssize_t n = read(l->out[i], buf, sizeof(buf));

	if (n > 0)
		atomic_fetch_add(&l->counts->dropped_bytes, (uint64_t)n);
	for (ssize_t k = 0; k < n; k++)
		if (buf[k] == '\n')
			atomic_fetch_add(&l->counts->dropped_lines, 1);
	if (n == 0)
		l->watch[2 + i].fd = -1;
}

static void discard_out(void *ctx, short revents)
{
	(void)revents;
	discard(ctx, 0);
}

static void discard_err(void *ctx, short revents)
{
	(void)revents;
	discard(ctx, 1);
}

int log_watch(struct log_run *l, struct loop *loop, struct err *e)
{
	static void (*const happened[])(void *, short) = { driver_ended, driver_says, discard_out, discard_err };
	const int fds[] = { l->pidfd, l->report, -1, -1 };

	l->loop = loop;
	for (size_t i = 0; l->state == LOG_RUNS && i < COUNT(fds); i++) {
		l->watch[i] = (struct watch){ .fd = fds[i], .events = POLLIN, .due = NEVER, .happened = happened[i], .ctx = l };
		if (loop_add(loop, &l->watch[i], e) < 0)
			return err_step(e, "log");
	}
	return 0;
}

void log_finish(struct log_run *l)
{
	bool failed = false;

	log_streams_back(l);
	close_fd(&l->out[0]);
	close_fd(&l->out[1]);
	if (l->state == LOG_RUNS && l->pidfd >= 0 && sys_poll(l->sys, l->pidfd, POLLIN, FINISH_MS) > 0 && reap(l, &failed))
		l->state = failed ? LOG_BROKEN : LOG_OVER;
	close_fd(&l->pidfd);
	close_fd(&l->report);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *log_record(const struct log_run *l)
{
	static const char *const drivers[] = { "inherit", "journald", "json-file", "syslog" };
	struct log_counts *c = l->counts;

	if (l->state == LOG_OFF || !c)
		return json_null();
	return json_pack("{s:s, s:s?, s:i, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "driver", drivers[l->policy->driver], "path", *l->dir ? l->dir : NULL,
			 "pid", (int)l->pid, "died", l->state == LOG_BROKEN, "complete", l->state == LOG_OVER,
			 "lines", number(c->lines), "bytes", number(c->bytes), "dropped_lines", number(c->dropped_lines),
			 "dropped_bytes", number(c->dropped_bytes), "errors", number(c->errors), "rotations", number(c->rotations));
}
