/* unit.c - see unit.h. */
#include "unit.h"

#include "../base/cleanup.h"
#include "../base/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#define NAME "casemate-unit"

/* --- whether there is anybody to ask --- */

/* The whole of the ids, as only the initial user namespace maps them. */
static bool is_initial_userns(void)
{
	char text[256];
	unsigned inside, outside, count;

	return sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/uid_map", text, sizeof(text)) > 0 &&
	       sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 && outside == 0 && count == UINT32_MAX;
}

bool unit_of_user(void)
{
	return geteuid() != 0 || !is_initial_userns();
}

static bool same_namespace(const char *kind)
{
	char path[32], own[64] = "", first[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (readlink(path, own, sizeof(own) - 1) < 0)
		return false;
	/* Nobody but root may look at PID 1; but nobody but root gets out of its namespaces, other than by a user namespace. */
	snprintf(path, sizeof(path), "/proc/1/ns/%s", kind);
	if (readlink(path, first, sizeof(first) - 1) < 0)
		return errno == EACCES && is_initial_userns();
	return strcmp(own, first) == 0;
}

/* What a service has of PID 1's in place of ours, and a policy may share: files, network, queues, host name. */
static bool same_world(void)
{
	return same_namespace("mnt") && same_namespace("net") && same_namespace("ipc") && same_namespace("uts");
}

bool unit_possible(void)
{
	const char *run = unit_of_user() ? getenv("XDG_RUNTIME_DIR") : "/run";
	char path[PATH_MAX];

	if (access("/run/systemd/system", F_OK) < 0 || !same_world() || !run || *run != '/')
		return false;
	snprintf(path, sizeof(path), "%s/systemd/private", run);
	return access(path, F_OK) == 0;
}

/* --- starting it --- */

/* In the child. Nothing of ours or of our caller's goes with it but the two ends and where the user's manager is. */
static _Noreturn void become(const struct sys *k, const char *path, const char *const argv[], int in, int out)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	char variable[PATH_MAX + 32];
	const char *const environment[] = { "LC_ALL=C", run ? variable : NULL, NULL };
	int r = dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ? -1 : sys_close_range(k, 3, UINT_MAX, 0);

	snprintf(variable, sizeof(variable), "XDG_RUNTIME_DIR=%s", run ? run : "");
	if (r >= 0)
		r = sys_unblock_signals(k);
	if (r >= 0)
		(void)!sys_execve(k, path, argv, environment);
	for (;;)
		(void)sys_exit(k, 127);
}

static int start(struct unit_helper *h, const struct sys *k, const char *path, const char *const argv[], struct err *e)
{
	struct clone_args args = { .exit_signal = SIGCHLD };	/* a fork */
	_auto(close_fd) int their_in = -1, their_out = -1;
	int in[2], out[2], r;

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot start %s", path);
	h->in = in[1];
	their_in = in[0];
	if (pipe2(out, O_CLOEXEC) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot start %s", path);
	h->out = out[0];
	their_out = out[1];
	r = sys_clone3(k, &args, sizeof(args));
	if (r == 0)
		become(k, path, argv, their_in, their_out);
	h->pid = r < 0 ? -1 : r;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot start %s", path) : 0;
}

/* Up to the end of the line, or of the program. */
static ssize_t hear(const struct unit_helper *h, char *line, size_t size)
{
	size_t n = 0;
	ssize_t r = 1;

	while (n < size - 1 && !memchr(line, '\n', n) && ((r = read(h->out, line + n, size - 1 - n)) > 0 || (r < 0 && errno == EINTR)))
		n += r > 0 ? (size_t)r : 0;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return r < 0 ? -errno : (ssize_t)n;
}

static int end(struct unit_helper *h)
{
	int status = 0;

	while (h->pid > 0 && waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
		;
	h->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void unit_leave(struct unit_helper *h)
{
	close_fd(&h->in);
	/* The container's first process has a copy of our end until it executes its program: the signal is what ends it. */
	if (h->pid > 0) {
		(void)kill(h->pid, SIGTERM);
		(void)end(h);
	}
	close_fd(&h->out);
}

int unit_ask(struct unit_helper *h, const struct sys *k, const char *const words[], bool stay, char *line, size_t size, struct err *e)
{
	const char *argv[UNIT_WORDS_MAX + 3] = { NAME };
	char path[PATH_MAX];
	size_t n = 1;
	int code = 0;

	*h = (struct unit_helper)UNIT_HELPER_NONE;
	if (unit_of_user())
		argv[n++] = "--user";
	for (; *words && n < COUNT(argv) - 1; words++)
		argv[n++] = *words;
	if (*words)
		return err_set(e, ERR_USAGE, E2BIG, NULL, "too many arguments for a unit");
	if (helper_path(NAME, path, e) < 0)
		return -1;
	if (start(h, k, path, argv, e) < 0) {
		unit_leave(h);
		return -1;
	}
	if (hear(h, line, size) < 0)
		snprintf(line, size, "its answer cannot be read");
	/* What stays has said a path; what has not ended. */
	if (!stay || *line != '/') {
		close_fd(&h->in);
		code = end(h);
		unit_leave(h);
	}
	if (code == 0 && (!stay || *line == '/'))
		return 0;
	return err_set(e, ERR_HOST, 0, "systemctl status, journalctl", "%.180s", *line ? line : "casemate-unit ended without a word");
}

/* --- limits as properties --- */

enum { WORD = 512 };

/* "memory.max=67108864" and so on behind the n words that there are; the memory is malloc'd. NULL: none. */
static char *add_limits(const struct plan *p, const char *words[UNIT_WORDS_MAX], size_t n)
{
	char *text = calloc(p->n_limits + 1, WORD);

	for (size_t i = 0; text && i < p->n_limits && n < UNIT_WORDS_MAX - 1; i++) {
		snprintf(text + i * WORD, WORD, "%s=%s", p->limits[i].file, p->limits[i].text);
		words[n++] = text + i * WORD;
	}
	return text;
}

int unit_set_limits(const struct sys *k, const char *unit, const struct plan *p, struct err *e)
{
	const char *words[UNIT_WORDS_MAX] = { "set", unit };
	_auto(free_mem) char *limits = add_limits(p, words, 2);
	struct unit_helper h = UNIT_HELPER_NONE;
	char line[256];

	if (!limits)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	return unit_ask(&h, k, words, false, line, sizeof(line), e);
}

int unit_stop(const struct sys *k, const char *unit, struct err *e)
{
	const char *words[] = { "stop", unit, NULL };
	struct unit_helper h = UNIT_HELPER_NONE;
	char line[256];

	return unit_ask(&h, k, words, false, line, sizeof(line), e);
}

/* --- a scope for a launch --- */

int unit_scope(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	const char *words[UNIT_WORDS_MAX] = { "scope", p->cgroup.scope, "Delegate=yes", "CollectMode=inactive-or-failed" };
	char slice[300], description[340], line[CGROUP2_PATH_MAX];
	_auto(free_mem) char *limits = NULL;
	size_t n = 4;

	if (!p->cgroup.scope)
		return 0;
	snprintf(description, sizeof(description), "Description=container %.256s", p->name);
	words[n++] = description;
	/* systemd's own default: system.slice, or app.slice of a user. */
	if (p->cgroup.slice && *p->cgroup.slice) {
		snprintf(slice, sizeof(slice), "Slice=%.256s", p->cgroup.slice);
		words[n++] = slice;
	}
	limits = add_limits(p, words, n);
	if (!limits)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (unit_ask(&l->unit, l->sys, words, true, line, sizeof(line), e) < 0)
		return -1;
	snprintf(l->cgroup_path, sizeof(l->cgroup_path), "%s", line);
	return 0;
}

int unit_scope_leave(struct launch *l, struct err *e)
{
	(void)e;
	unit_leave(&l->unit);
	return 0;
}
