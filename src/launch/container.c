/* container.c - see container.h. */
#include "container.h"
#include "health.h"

#include "../base/cleanup.h"
#include "../base/procfs.h"
#include "../base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>

void container_close(struct container *c)
{
	state_close(&c->state);
	json_decref(c->record);
	c->record = NULL;
}

static pid_t number(const struct container *c, const char *key)
{
	return (pid_t)json_integer_value(json_object_get(c->record, key));
}

int container_find(struct container *c, const char *name, struct err *e)
{
	_auto(free_mem) char *text = NULL;

	*c = (struct container)CONTAINER_NONE;
	if (state_find(&c->state, name, &c->phase, e) < 0)
		return -1;
	if (state_read(&c->state, "record.json", &text, e) < 0) {
		container_close(c);
		return -1;
	}
	c->record = json_loads(text, 0, NULL);
	c->pid = number(c, "pid");
	c->init = json_is_integer(json_object_get(c->record, "init_pid")) ? number(c, "init_pid") : c->pid;
	c->supervisor = number(c, "supervisor_pid");
	c->cgroup = json_string_value(json_object_get(c->record, "cgroup"));
	if (c->pid > 0 && c->supervisor > 0)
		return 0;
	container_close(c);
	return err_set(e, ERR_HOST, 0, NULL, "the record of '%s' makes no sense", name);
}

int container_open(struct container *c, const char *name, struct err *e)
{
	if (container_find(c, name, e) < 0)
		return -1;
	if (c->phase == STATE_RUNNING)
		return 0;
	container_close(c);
	return err_set(e, ERR_HOST, 0, NULL, "the container '%s' has ended", name);
}

/* The settings of the command line are in the record: pairs of strings. */
int container_source(const struct container *c, struct arena *a, struct policy_source *src, struct err *e)
{
	const json_t *list = json_object_get(json_object_get(c->record, "policy"), "settings"), *pair;
	_auto(free_mem) char *text = NULL;
	struct setting *set = arena_alloc(a, (json_array_size(list) + 1) * sizeof(*set));
	size_t i;

	if (state_read(&c->state, "policy.json", &text, e) < 0)
		return -1;
	*src = (struct policy_source){ .text = arena_strndup(a, text, strlen(text)), .len = strlen(text), .set = set };
	if (!set || !src->text)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy");
	json_array_foreach(list, i, pair)
		set[src->n_set++] = (struct setting){ json_string_value(json_array_get(pair, 0)), json_string_value(json_array_get(pair, 1)) };
	return 0;
}

int container_policy(const struct container *c, struct arena *a, struct policy *p, struct err *e)
{
	struct policy_source src;

	if (arena_init(a, POLICY_ARENA_SIZE) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy");
	return container_source(c, a, &src, e) < 0 ? -1 : policy_parse(&src, a, p, e);
}

static pid_t parent_of(pid_t pid)
{
	char path[32], status[4096];
	uint64_t parent;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (sys_read_file(&sys_kernel, AT_FDCWD, path, status, sizeof(status)) < 0 || proc_numbers(status, "PPid", &parent, 1) != 1)
		return -1;
	return (pid_t)parent;
}

/* The lock names the supervisor, and every other is known by its parent: a child that nobody has waited for keeps its pid. */
static bool is_ours(const struct container *c, pid_t pid)
{
	if (pid == c->supervisor)
		return state_phase(&c->state) == STATE_RUNNING;
	return parent_of(pid) == (pid == c->init ? c->supervisor : c->init) && state_phase(&c->state) == STATE_RUNNING;
}

int container_pidfd(const struct container *c, pid_t pid, struct err *e)
{
	_auto(close_fd) int fd = pidfd_open(pid, 0);

	/* Asked behind the descriptor, which cannot become another process any more. */
	if (fd >= 0 && is_ours(c, pid))
		return take_fd(&fd);
	return err_set(e, ERR_HOST, fd < 0 ? errno : ESRCH, NULL, "the container '%s' has just ended", c->state.name);
}

int container_signal(const struct container *c, pid_t pid, int sig, struct err *e)
{
	_auto(close_fd) int fd = container_pidfd(c, pid, e);
	int r = fd < 0 ? 0 : sys_pidfd_send_signal(&sys_kernel, fd, sig);

	if (fd < 0)
		return -1;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot signal '%s'", c->state.name) : 0;
}

json_t *container_health(const struct container *c)
{
	json_t *health = NULL;

	/* It is written in place: a reader may meet the writer once. */
	for (int left = 2; !health && left; left--) {
		_auto(free_mem) char *text = NULL;
		struct err ignored = { 0 };

		if (state_read(&c->state, HEALTH_FILE, &text, &ignored) < 0)
			break;
		health = json_loads(text, 0, NULL);
	}
	return health ? health : json_null();
}

int container_cgroup(const struct container *c, struct err *e)
{
	_auto(close_fd) int mount = cgroup2_mount(&sys_kernel);
	int dir;

	if (!c->cgroup)
		return err_set(e, ERR_HOST, 0, "every limit was waived when it was started", "the container '%s' has no cgroup", c->state.name);
	dir = mount < 0 ? mount : sys_open_beneath(&sys_kernel, mount, c->cgroup + strspn(c->cgroup, "/"), O_RDONLY | O_DIRECTORY, false);
	if (dir >= 0)
		return dir;
	return err_set(e, ERR_HOST, dir, NULL, "cannot open the cgroup %s of '%s'", c->cgroup, c->state.name);
}

int container_wait(struct container *c, int timeout_ms, struct err *e)
{
	struct err gone = { 0 };
	_auto(close_fd) int fd = container_pidfd(c, c->supervisor, &gone);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r = 1;

	while (fd >= 0 && (r = poll(&p, 1, timeout_ms)) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot wait for '%s'", c->state.name);
	if (r > 0)
		c->phase = state_phase(&c->state);
	return r;
}
