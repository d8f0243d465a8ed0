/* create.c - see create.h.
 *
 * The order is that of what can be left behind: the directory comes first, so that whatever a killed `create` began has a
 * name to be deleted by; its process ends with it until the state names that process. */
#include "create.h"

#include "plan.h"
#include "../launch/environ.h"
#include "../launch/audit.h"
#include "../launch/failure.h"
#include "../launch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum { ARENA_SIZE = 32 << 20 };

static int find_bundle(struct creation *c, struct runtime *rt, struct err *e)
{
	const char *given = rt->wish.bundle ? rt->wish.bundle : ".";

	if (!realpath(given, c->bundle))
		return err_set(e, ERR_USAGE, errno, "a bundle is a directory with a config.json", "there is no bundle '%.100s'", given);
	rt->wish.bundle = c->bundle;
	return 0;
}

/* Those that --preserve-fds counts must be there: a hole would be filled by one of ours. */
int oci_check_fds(const struct oci_wish *wish, struct err *e)
{
	for (unsigned fd = 3; fd < 3 + wish->listen_fds + wish->preserve_fds; fd++)
		if (fcntl((int)fd, F_GETFD) < 0)
			return err_set(e, ERR_USAGE, EBADF, NULL, "--preserve-fds %u: descriptor %u is not open", wish->preserve_fds, fd);
	return 0;
}

/* What is left out is NULL; whatever there is no memory for, no state is. */
static json_t *new_state(const struct creation *c)
{
	const struct plan *p = c->plan;
	const bool hooks = p->hooks[HOOK_POSTSTART].n || p->hooks[HOOK_POSTSTOP].n, filter = !waived(p, CONTROL_seccomp);
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32] = "";

	if (gmtime_r(&now, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:b, s:b, s:b, s:{s:s*, s:O*}, s:s*, s:O*}",
			 "bundle", c->bundle, "rootfs", c->spec.rootfs, "created", stamp, "owner", "",
			 /* Before there is any, so that whatever a killed `create` leaves can be deleted. */
			 "cgroup", p->cgroup.path, "scope", p->cgroup.scope,
			 /* For `start` and `delete`, which need not read the whole config.json where there is nothing to do. */
			 "hooks", hooks, "seccomp", filter, "pidns", (p->clone_flags & CLONE_NEWPID) != 0,
			 "listener", "path", p->listener, "metadata", spec_get(&c->spec, "/linux/seccomp/listenerMetadata"),
			 "apparmor", waived(p, CONTROL_apparmor) ? NULL : p->apparmor, "annotations", spec_get(&c->spec, "/annotations"));
}

/* Replaced in one step: whoever waits for the file must never read half a number. */
int oci_write_pid_file(const char *path, pid_t pid, struct err *e)
{
	char temporary[PATH_MAX], text[16];
	int n = snprintf(text, sizeof(text), "%d", pid), fd;
	bool written;

	if (!path)
		return 0;
	if (snprintf(temporary, sizeof(temporary), "%s.%d", path, getpid()) >= (int)sizeof(temporary))
		return err_set(e, ERR_USAGE, ENAMETOOLONG, NULL, "--pid-file");
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	written = fd >= 0 && write(fd, text, (size_t)n) == n;
	if (fd >= 0 && close(fd) < 0)
		written = false;
	if (!written || rename(temporary, path) < 0) {
		err_set(e, ERR_HOST, errno, NULL, "cannot write the pid file '%.100s'", path);
		(void)unlink(temporary);
		return -1;
	}
	return 0;
}

/* As of every launch, whatever door it came through. */
static json_t *event(const struct creation *c, const char *kind, const char *id)
{
	json_t *ret = record_event(kind, id, NULL), *args = c->plan ? json_array() : NULL;

	for (size_t i = 0; args && c->plan->argv[i]; i++)
		json_array_append_new(args, record_text(c->plan->argv[i]));
	if (args)
		json_object_set_new(ret, "args", args);
	json_object_set_new(ret, "bundle", record_text(c->bundle));
	if (c->spec.floor)
		json_object_set_new(ret, "floor", record_text(c->spec.floor));
	return ret;
}

/* Why there is no container; that it could not be written changes nothing. */
static void audit_refusal(const struct creation *c, const char *id, const struct err *why)
{
	json_t *ret = event(c, "refused", id);
	struct err ignored = { 0 };

	json_object_set_new(ret, "step", record_text(why->step));
	json_object_set_new(ret, "path", record_text(why->path));
	json_object_set_new(ret, "message", record_text(why->msg));
	(void)!audit_event(ret, &ignored);
}

/* The cgroup is the one that was made; none, if none was. */
static int save_launched(struct creation *c, json_t *state, struct err *e)
{
	if (c->launch.cgroup < 0)
		json_object_del(state, "cgroup");
	else if (json_object_set_new(state, "cgroup", json_string(c->launch.cgroup_path)) < 0)
		return spec_no_memory(e);
	return oci_container_save(&c->container, state, c->launch.pid, e);
}

static int launch(struct creation *c, struct runtime *rt, struct err *e)
{
	json_auto_t *state = new_state(c);
	_auto(close_fd) int failure = -1;

	if (!state)
		return spec_no_memory(e);
	if (state_write(&c->container.state, "config.json", c->spec.text, c->spec.len, e) < 0 ||
	    oci_container_save(&c->container, state, 0, e) < 0 || launch_init(&c->launch, c->plan, &sys_kernel, &c->scratch, e) < 0)
		return err_step(e, "state");
	failure = oci_container_failure(&c->container, e);
	if (failure < 0 || failure_open(&c->launch, failure, e) < 0)
		return err_step(e, "state");
	c->launch.start = oci_container_listen(&c->container, e);
	if (c->launch.start < 0)
		return err_step(e, "state");
	if (launch_start(&c->launch, e) < 0)
		return -1;
	if (save_launched(c, state, e) < 0 || oci_write_pid_file(rt->pid_file, c->launch.pid, e) < 0 ||
	    audit_event(event(c, "launched", c->container.state.name), e) < 0 || launch_release(&c->launch, e) < 0) {
		launch_settle(&c->launch);
		launch_end(&c->launch);
		return err_step(e, "state");
	}
	return 0;
}

static int make(struct creation *c, struct runtime *rt, const char *id, struct err *e)
{
	struct err ignored = { 0 };	/* there is a worse one */

	if (spec_load(&c->spec, &rt->wish, &c->keep, e) < 0)
		return err_step(e, "config.json");
	if (oci_bind(&c->spec, &rt->wish, &c->keep, e) < 0 || oci_plan(&c->spec, &c->keep, &c->plan, e) < 0 ||
	    oci_container_create(&c->container, c->root, id, e) < 0)
		return -1;
	if (launch(c, rt, e) == 0)
		return 0;
	oci_container_poststop(&c->container, rt);
	(void)!oci_container_remove(&c->container, &ignored);
	return -1;
}

/* Meant for us, if LISTEN_PID says so; then for the container. */
static void take_sockets(struct oci_wish *wish)
{
	const char *const *env = (const char *const *)environ;
	const char *pid = environ_get(env, "LISTEN_PID"), *n = environ_get(env, "LISTEN_FDS");
	uint64_t number = 0;

	if (!pid || !n || !environ_number(pid, INT_MAX, &number) || number != (uint64_t)getpid() || !environ_number(n, 1024, &number))
		return;
	wish->listen_fds = (unsigned)number;
	wish->listen_names = environ_get(env, "LISTEN_FDNAMES");
}

int creation_make(struct creation *c, struct runtime *rt, const char *id, struct err *e)
{
	*c = (struct creation){ .container = OCI_CONTAINER_NONE };
	rt->wish.id = id;
	take_sockets(&rt->wish);
	if (oci_check_id(id, e) < 0 || oci_container_root(rt->root, c->root, e) < 0 || find_bundle(c, rt, e) < 0 || oci_check_fds(&rt->wish, e) < 0)
		return -1;
	if (arena_init(&c->keep, ARENA_SIZE) < 0 || arena_init(&c->scratch, ARENA_SIZE) < 0)
		return spec_no_memory(e);
	if (make(c, rt, id, e) == 0)
		return 0;
	oci_place(e);
	audit_refusal(c, id, e);
	return -1;
}

void creation_end(struct creation *c)
{
	spec_free(&c->spec);
	oci_container_close(&c->container);
	arena_free(&c->keep);
	arena_free(&c->scratch);
}
