/* container.c - see container.h. */
#include "container.h"

#include "../base/cleanup.h"
#include "../base/sys.h"
#include "../launch/cgroup_held.h"
#include "spec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { ID_MAX = 255, LOCK_WAIT_MS = 10000 };
static const char start_socket[] = "start", state_file[] = "state.json", failure_file[] = "failure";

/* --- where --- */

/* Root of a user namespace that an ordinary user's engine has made is no root of the host's /run. */
static bool is_hosts_root(void)
{
	return geteuid() == 0 && access("/run", W_OK) == 0;
}

int oci_container_root(const char *given, char root[4096], struct err *e)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	int n;

	if (given)
		n = snprintf(root, 4096, "%s", given);
	else if (!is_hosts_root() && run && *run == '/')
		n = snprintf(root, 4096, "%s/casemate-runtime", run);
	else if (geteuid() == 0)
		n = snprintf(root, 4096, "/run/casemate-runtime");
	else
		return err_set(e, ERR_HOST, 0, "set it, or give --root", "XDG_RUNTIME_DIR is not set");
	return n < 4096 ? 0 : err_set(e, ERR_USAGE, ENAMETOOLONG, NULL, "--root");
}

/* mkdir -p, but for the last part, which state_open_base() makes. */
static void make_parents(const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", root);
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);	/* what is there is there; what cannot be made is missed by whoever comes next */
		*at = '/';
	}
}

int oci_check_id(const char *id, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
	size_t n = strlen(id);

	if (n == 0 || n > ID_MAX || strspn(id, letters) != n || id[0] == '.')
		return err_set(e, ERR_USAGE, 0, "letters, digits and _+-. make one, at most 255 and no dot in front",
			       "'%.64s' is no id of a container", id);
	return 0;
}

/* --- making and opening --- */

/* Whoever holds it is at work; that it takes this long means that it hangs, in a hook for example. */
static int take_lock(struct state *s, struct err *e)
{
	for (int waited = 0; flock(s->lock, LOCK_EX | LOCK_NB) < 0; waited += 10) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(e, ERR_HOST, errno, NULL, "cannot lock the container '%s'", s->name);
		if (waited >= LOCK_WAIT_MS)
			return err_set(e, ERR_HOST, EBUSY, "wait for it, or end it", "another command is at work on the container '%s'", s->name);
		(void)poll(NULL, 0, 10);
	}
	return 0;
}

static int open_dir(struct state *s, struct err *e)
{
	s->dir = openat(s->base, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return s->dir < 0 ? err_set(e, ERR_HOST, errno, NULL, "container '%s' does not exist", s->name) : 0;
}

int oci_container_create(struct oci_container *c, const char *root, const char *id, struct err *e)
{
	*c = (struct oci_container)OCI_CONTAINER_NONE;
	if (oci_check_id(id, e) < 0)
		return -1;
	snprintf(c->state.name, sizeof(c->state.name), "%s", id);
	make_parents(root);
	c->state.base = state_open_base(root, true, e);
	if (c->state.base < 0)
		return -1;
	if (mkdirat(c->state.base, id, 0700) < 0) {
		int r = errno;

		return err_set(e, ERR_HOST, r == EEXIST ? 0 : r, r == EEXIST ? "delete that one first, or use another id" : NULL,
			       r == EEXIST ? "container '%s' already exists" : "cannot make the state of '%s'", id);
	}
	if (open_dir(&c->state, e) < 0)
		return -1;
	c->state.lock = openat(c->state.dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (c->state.lock < 0 || flock(c->state.lock, LOCK_EX | LOCK_NB) < 0) {
		err_set(e, ERR_HOST, errno, "is --root on a file system with locks?", "cannot lock the container '%s'", id);
		oci_container_remove(c);
		return -1;
	}
	return 0;
}

static int read_state(struct oci_container *c, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	struct err ignored = { 0 };
	struct stat st;

	if (fstatat(c->state.dir, state_file, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;	/* its creator has just begun, or was killed then */
	if (state_read(&c->state, state_file, &text, &ignored) < 0)
		return err_set(e, ERR_HOST, ignored.sys, NULL, "cannot read the state of '%s'", c->state.name);
	c->json = json_loads(text, 0, NULL);
	if (!c->json)
		return err_set(e, ERR_HOST, 0, "delete --force removes it", "the state of '%s' makes no sense", c->state.name);
	c->pid = (pid_t)json_integer_value(json_object_get(c->json, "pid"));
	c->since = (unsigned long long)json_integer_value(json_object_get(c->json, "since"));
	return 0;
}

int oci_container_open(struct oci_container *c, const char *root, const char *id, bool lock, struct err *e)
{
	struct err ignored = { 0 };

	*c = (struct oci_container)OCI_CONTAINER_NONE;
	if (oci_check_id(id, e) < 0)
		return -1;
	snprintf(c->state.name, sizeof(c->state.name), "%s", id);
	c->state.base = state_open_base(root, false, &ignored);
	if (c->state.base < 0)
		return err_set(e, ERR_HOST, ignored.sys, NULL, "container '%s' does not exist", id);
	if (open_dir(&c->state, e) < 0)
		return -1;
	if (lock) {
		struct stat st;

		c->state.lock = openat(c->state.dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (c->state.lock < 0)
			return err_set(e, ERR_HOST, errno, NULL, "cannot lock the container '%s'", id);
		if (take_lock(&c->state, e) < 0)
			return -1;
		if (fstat(c->state.lock, &st) < 0 || st.st_nlink == 0)	/* deleted while we waited */
			return err_set(e, ERR_HOST, ENOENT, NULL, "container '%s' does not exist", id);
	}
	return read_state(c, e);
}

void oci_container_remove(struct oci_container *c)
{
	state_remove(&c->state);
	oci_container_close(c);
}

void oci_container_close(struct oci_container *c)
{
	json_decref(c->json);
	c->json = NULL;
	state_close(&c->state);
}

/* --- the process --- */

/* The state letter and the time of start (proc_pid_stat(5), fields 3 and 22); the letter is 0 where there is no such process. */
static char look_at(int proc, unsigned long long *since)
{
	char text[1024], *at, letter = 0;
	ssize_t n = sys_read_file(&sys_kernel, proc, "stat", text, sizeof(text));

	at = n > 0 ? strrchr(text, ')') : NULL;
	if (!at || sscanf(at, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &letter, since) != 2)
		return 0;
	return letter;
}

static bool is_alive(pid_t pid, unsigned long long since)
{
	char path[32];
	unsigned long long now = 0;
	_auto(close_fd) int proc = -1;
	char letter;

	if (pid <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	proc = sys_open(&sys_kernel, AT_FDCWD, path, O_PATH | O_DIRECTORY);
	letter = proc < 0 ? 0 : look_at(proc, &now);
	return letter && letter != 'Z' && letter != 'X' && now == since;
}

int oci_container_pidfd(const struct oci_container *c)
{
	_auto(close_fd) int fd = c->pid > 0 ? sys_pidfd_open(&sys_kernel, c->pid) : -ESRCH;

	if (fd < 0)
		return fd;
	/* From here on the number cannot become another's without the descriptor knowing. */
	return is_alive(c->pid, c->since) ? take_fd(&fd) : -ESRCH;
}

int oci_container_save(struct oci_container *c, json_t *state, pid_t pid, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	char path[32];
	_auto(close_fd) int proc = -1;

	if (pid > 0) {
		snprintf(path, sizeof(path), "/proc/%d", pid);
		proc = sys_open(&sys_kernel, AT_FDCWD, path, O_PATH | O_DIRECTORY);
		if (proc < 0 || !look_at(proc, &c->since))
			return err_set(e, ERR_LAUNCH, proc < 0 ? proc : 0, "mount /proc", "cannot look at the container's process");
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

/* --- all of them --- */

void oci_container_each(const char *root, void (*take)(void *ctx, const char *id), void *ctx)
{
	struct err ignored = { 0 };
	int base = state_open_base(root, false, &ignored);
	DIR *list = base < 0 ? NULL : fdopendir(base);
	struct dirent *d;

	if (!list) {
		close_fd(&base);
		return;
	}
	while ((d = readdir(list)))
		if (d->d_name[0] != '.')
			take(ctx, d->d_name);
	closedir(list);
}
