/* container.c - see container.h. */
#include "container.h"

#include "../base/cleanup.h"
#include "../base/procfs.h"
#include "../base/sys.h"
#include "../launch/cgroup_held.h"
#include "spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char start_socket[] = "start", state_file[] = "state.json", failure_file[] = "failure";

/* --- the process --- */

/* Whether there is such a process, and when it started. */
static bool look_at(pid_t pid, unsigned long long *since)
{
	char path[32], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return pid > 0 && sys_read_file(&sys_kernel, AT_FDCWD, path, text, sizeof(text)) > 0 && proc_stat_alive(text, since);
}

static bool is_alive(pid_t pid, unsigned long long since)
{
	unsigned long long now = 0;

	return look_at(pid, &now) && now == since;
}

int oci_container_pidfd(const struct oci_container *c)
{
	_auto(close_fd) int fd = c->pid > 0 ? sys_pidfd_open(&sys_kernel, c->pid) : -ESRCH;

	if (fd < 0)
		return fd;
	/* From here on the number cannot become another's without the descriptor knowing. */
	return is_alive(c->pid, c->since) ? take_fd(&fd) : -ESRCH;
}

int oci_container_load(struct oci_container *c, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	struct err ignored = { 0 };
	struct stat st;

	if (fstatat(c->state.dir, state_file, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;	/* its creator has just begun, or was killed then */
	if (state_read(&c->state, state_file, &text, &ignored) < 0)
		return err_set(e, ERR_HOST, ignored.sys, "delete --force removes it", "cannot read the state of '%s'", c->state.name);
	c->json = json_loads(text, 0, NULL);
	if (!c->json)
		return err_set(e, ERR_HOST, 0, "delete --force removes it", "the state of '%s' makes no sense", c->state.name);
	c->pid = (pid_t)json_integer_value(json_object_get(c->json, "pid"));
	c->since = (unsigned long long)json_integer_value(json_object_get(c->json, "since"));
	return 0;
}

int oci_container_save(struct oci_container *c, json_t *state, pid_t pid, struct err *e)
{
	_auto(free_mem) char *text = NULL;

	if (pid > 0) {
		if (!look_at(pid, &c->since))
			return err_set(e, ERR_LAUNCH, 0, "it has ended, or /proc is not mounted", "cannot look at the container's process");
		c->pid = pid;
	}
	if (state != c->json) {
		json_decref(c->json);
		c->json = json_incref(state);
	}
	if (json_object_set_new(c->json, "pid", json_integer(c->pid)) < 0 ||
	    json_object_set_new(c->json, "since", json_integer((json_int_t)c->since)) < 0 || !(text = json_dumps(c->json, JSON_COMPACT)))
		return spec_no_memory(e);
	return state_write(&c->state, state_file, text, strlen(text), e);
}

/* --- the cgroup --- */

bool oci_container_may_leave(const struct oci_container *c)
{
	return c->pid > 0 && !json_is_true(json_object_get(c->json, "pidns"));
}

const char *oci_container_cgroup_path(const struct oci_container *c)
{
	return json_string_value(json_object_get(c->json, "cgroup"));
}

int oci_container_cgroup(const struct oci_container *c, struct err *e)
{
	const char *path = oci_container_cgroup_path(c);
	int dir = path ? cgroup_hold(&sys_kernel, path) : -ENOENT;

	if (!path)
		return err_set(e, ERR_HOST, 0, "give its config.json a linux.cgroupsPath", "the container '%s' has no cgroup", c->state.name);
	return dir >= 0 ? dir : err_set(e, ERR_HOST, dir, NULL, "cannot open the cgroup %s", path);
}

static bool is_frozen(const struct oci_container *c)
{
	struct err ignored = { 0 };
	_auto(close_fd) int dir = oci_container_cgroup(c, &ignored);

	return dir >= 0 && cgroup_is_frozen(&sys_kernel, dir) > 0;
}

enum oci_status oci_container_status(const struct oci_container *c)
{
	struct stat st;

	if (c->pid == 0) {
		/* Only its creator could be at work on it; when that one is gone, so is everything it began. */
		_auto(close_fd) int lock = openat(c->state.dir, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

		if (c->state.lock >= 0 || lock < 0 || flock(lock, LOCK_SH | LOCK_NB) == 0)
			return OCI_STOPPED;
		return OCI_CREATING;
	}
	if (!is_alive(c->pid, c->since))
		return OCI_STOPPED;
	if (is_frozen(c))
		return OCI_PAUSED;
	return fstatat(c->state.dir, start_socket, &st, AT_SYMLINK_NOFOLLOW) == 0 ? OCI_CREATED : OCI_RUNNING;
}

const char *oci_status_name(enum oci_status s)
{
	static const char *const names[] = { [OCI_CREATING] = "creating", [OCI_CREATED] = "created",
					     [OCI_RUNNING] = "running", [OCI_PAUSED] = "paused", [OCI_STOPPED] = "stopped" };

	return names[s];
}

json_t *oci_container_json(const struct oci_container *c)
{
	static const char *const same[] = { "bundle", "rootfs", "created", "owner", "annotations" };
	enum oci_status status = oci_container_status(c);
	json_t *json = json_pack("{s:s, s:s, s:i, s:s}", "ociVersion", "1.2.0", "id", c->state.name,
				 "pid", status == OCI_STOPPED ? 0 : (int)c->pid, "status", oci_status_name(status));

	for (size_t i = 0; json && i < COUNT(same); i++) {
		json_t *v = json_object_get(c->json, same[i]);

		if (v && json_object_set(json, same[i], v) < 0) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

char *oci_container_process_state(const struct oci_container *c, const char *metadata)
{
	json_auto_t *state = oci_container_json(c), *json = NULL;

	json = state ? json_pack("{s:s, s:[s], s:s*, s:O}", "ociVersion", "1.2.0", "fds", "seccompFd", "metadata", metadata, "state", state) : NULL;
	return json ? json_dumps(json, JSON_COMPACT) : NULL;
}

/* --- the start --- */

int oci_container_listen(const struct oci_container *c, struct err *e)
{
	return state_listen(&c->state, start_socket, 0, e);
}

int oci_container_connect(const struct oci_container *c, struct err *e)
{
	int fd = state_connect(&c->state, start_socket);

	return fd >= 0 ? fd : err_set(e, ERR_LAUNCH, fd, "it was started, or has ended", "the container '%s' does not wait for its start", c->state.name);
}

int oci_container_failure(const struct oci_container *c, struct err *e)
{
	const struct err nothing = { .kind = ERR_NONE };
	int fd;

	/* Written, not only made longer: a page that there is no room for later would be a signal to whoever touches it. */
	if (state_write(&c->state, failure_file, (const char *)&nothing, sizeof(nothing), e) < 0)
		return -1;
	fd = openat(c->state.dir, failure_file, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(e, ERR_HOST, errno, NULL, "cannot open the file for a failure of '%s'", c->state.name);
}

int oci_container_failed(const struct oci_container *c, struct err *e)
{
	_auto(close_fd) int fd = openat(c->state.dir, failure_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct err said = { .kind = ERR_NONE };
	ssize_t n = fd < 0 ? 0 : sys_read(&sys_kernel, fd, &said, sizeof(said));

	if (fd < 0 && errno == ENOENT)	/* created by a casemate-runtime that had none */
		return 0;
	if (n != sizeof(said))
		return err_set(e, ERR_LAUNCH, fd < 0 ? errno : n < 0 ? (int)n : EPROTO, NULL, "cannot read whether '%s' failed", c->state.name);
	return said.kind != ERR_NONE ? err_take(e, &said) : 0;
}

void oci_container_started(const struct oci_container *c)
{
	(void)unlinkat(c->state.dir, start_socket, 0);
}
