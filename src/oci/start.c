/* start.c - what happens to a container after it was created, by a command that did not create it: its start, and the hooks that come
 * after that. They are those of the config.json as it was then, which its state holds. */
#include "create.h"
#include "plan.h"

#include "../launch/audit.h"
#include "../launch/hooks.h"
#include "../launch/listener.h"
#include "../launch/order.h"
#include "../launch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { ARENA_SIZE = 32 << 20 };

/* --- hooks --- */

static int plan_of_state(struct oci_container *c, const struct runtime *rt, struct oci_spec *s, struct oci_wish *wish, struct plan *plan,
			 char **text, struct arena *a, struct err *e)
{
	*wish = rt->wish;
	wish->id = c->state.name;
	wish->bundle = spec_text(c->json, "bundle");
	if (!wish->bundle)
		return err_set(e, ERR_HOST, 0, NULL, "the state of '%s' makes no sense", c->state.name);
	if (state_read(&c->state, "config.json", text, e) < 0 || spec_parse(s, wish, *text, strlen(*text), a, e) < 0)
		return -1;
	return oci_plan_hooks(s, plan, a, e);
}

int oci_container_hooks(struct oci_container *c, const struct runtime *rt, enum hook_stage stage, struct err *e)
{
	_auto(arena_free) struct arena a = { 0 };
	_auto(free_mem) char *text = NULL;
	struct oci_spec s = { 0 };
	struct oci_wish wish;
	struct plan plan = { 0 };
	int r;

	if (!json_is_true(json_object_get(c->json, "hooks")))
		return 0;
	if (arena_init(&a, ARENA_SIZE) < 0)
		return spec_no_memory(e);
	r = plan_of_state(c, rt, &s, &wish, &plan, &text, &a, e);
	if (r == 0)
		r = hooks_run(&sys_kernel, &plan, stage, stage == HOOK_POSTSTOP ? 0 : c->pid, e);
	spec_free(&s);
	return r;
}

void oci_warn_of(const struct runtime *rt, const struct err *e)
{
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (out) {
		err_write(e, NULL, out);
		fclose(out);
	}
	if (rt->wish.warn)
		rt->wish.warn(text);
}

void oci_container_poststop(struct oci_container *c, const struct runtime *rt)
{
	struct err e = { 0 };

	if (oci_container_hooks(c, rt, HOOK_POSTSTOP, &e) < 0)
		oci_warn_of(rt, &e);
}

int oci_container_end(struct oci_container *c, const struct runtime *rt, int code, struct err *e)
{
	json_t *event = record_event("deleted", c->state.name, NULL);
	struct err why = { 0 };

	oci_container_poststop(c, rt);
	json_object_set_new(event, "code", code < 0 ? json_null() : json_integer(code));
	json_object_set(event, "bundle", json_object_get(c->json, "bundle"));
	if (audit_event(event, &why) < 0)
		oci_warn_of(rt, &why);
	return oci_container_remove(c, e);
}

/* --- start --- */

/* The container's own word for a failure; the end of the connection, which execve makes, for success. */
static int hear(const struct oci_container *c, int fd, struct err *e)
{
	struct err said;
	ssize_t n;

	while ((n = sys_recv(&sys_kernel, fd, &said, sizeof(said), 0)) == -EINTR)
		;
	if (n == 0)
		return oci_container_failed(c, e);
	if (n != sizeof(said) || said.kind == ERR_NONE)
		return err_set(e, ERR_LAUNCH, n < 0 ? (int)n : EPROTO, NULL, "the container's report makes no sense");
	return err_take(e, &said);
}

static int look_at(struct oci_container *c, const struct plan *plan, struct err *e)
{
	_auto(arena_free) struct arena a = { 0 };
	struct launch l;
	char path[32];
	int r;

	if (arena_init(&a, ARENA_SIZE) < 0 || launch_init(&l, plan, &sys_kernel, &a, e) < 0)
		return spec_no_memory(e);
	snprintf(path, sizeof(path), "/proc/%d", c->pid);
	target_init(l.looked_at, &sys_kernel, &l, false, sys_open(&sys_kernel, AT_FDCWD, path, O_PATH | O_DIRECTORY));
	r = l.looked_at->proc < 0 ? 0 : verify_controls(&l, l.looked_at, true, e);
	if (l.looked_at->proc >= 0)
		(void)!sys_close(&sys_kernel, l.looked_at->proc);
	return r;
}

/* What only holds after execve; `create` could not see it. A program that has ended already shows nothing. */
static int verify(struct oci_container *c, struct err *e)
{
	const char *apparmor = spec_text(c->json, "apparmor");
	const bool filter = json_is_true(json_object_get(c->json, "seccomp"));
	struct plan plan = { .apparmor = apparmor, .apparmor_as_loaded = true };
	int pidfd, r;

	if (!apparmor && !filter)
		return 0;
	plan.without = ~((apparmor ? CONTROL_BIT(CONTROL_apparmor) : 0) | (filter ? CONTROL_BIT(CONTROL_seccomp) : 0));
	pidfd = oci_container_pidfd(c);
	if (pidfd < 0)
		return 0;
	r = look_at(c, &plan, e);
	if (r < 0 && sys_pidfd_send_signal(&sys_kernel, pidfd, 0) == -ESRCH) {
		*e = (struct err){ 0 };	/* it was another's, or nobody's, by then */
		r = 0;
	}
	if (r < 0)
		(void)!sys_pidfd_send_signal(&sys_kernel, pidfd, SIGKILL);
	(void)!sys_close(&sys_kernel, pidfd);
	return r;
}

/* Of a filter that asks an agent: -1 and no error where there is none. It must be there before anything is begun. */
static int reach_agent(const struct oci_container *c, struct err *e)
{
	const char *path = spec_text(json_object_get(c->json, "listener"), "path");

	return path ? listener_connect(&sys_kernel, path, e) : -1;
}

static int pass_listener(struct oci_container *c, int agent, const char *state, int report, struct err *e)
{
	_auto(close_fd) int pidfd = oci_container_pidfd(c);

	if (state && pidfd >= 0)
		return listener_pass(&sys_kernel, agent, state, report, c->pid, pidfd, e);
	(void)!sys_close(&sys_kernel, agent);
	return state ? err_set(e, ERR_LAUNCH, pidfd, NULL, "the container has just ended") : spec_no_memory(e);
}

int oci_container_start(struct oci_container *c, const struct runtime *rt, struct err *e)
{
	_auto(free_mem) char *created = NULL;
	int fd, agent, r = 0;

	if (oci_container_status(c) != OCI_CREATED)
		return err_set(e, ERR_USAGE, 0, NULL, "cannot start the container '%s': it is %s", c->state.name,
			       oci_status_name(oci_container_status(c)));
	agent = reach_agent(c, e);
	if (agent < 0 && e->kind != ERR_NONE)
		return -1;
	if (agent >= 0)
		created = oci_container_process_state(c, spec_text(json_object_get(c->json, "listener"), "metadata"));
	fd = oci_container_connect(c, e);
	/* At once: whatever becomes of us, it goes on. Where nobody listens, whoever started it did not get as far as here. */
	if (fd >= 0 || e->sys == ECONNREFUSED)
		oci_container_started(c);
	if (fd < 0) {
		close_fd(&agent);
		return -1;
	}
	if (agent >= 0)
		r = pass_listener(c, agent, created, fd, e);
	if (r == 0)
		r = hear(c, fd, e);
	(void)!sys_close(&sys_kernel, fd);
	if (r < 0 || verify(c, e) < 0)
		return -1;
	if (oci_container_hooks(c, rt, HOOK_POSTSTART, e) == 0)
		return 0;
	/* "... MUST generate an error, stop the container" (runtime.md, Lifecycle, 10) */
	fd = oci_container_pidfd(c);
	if (fd >= 0) {
		(void)!sys_pidfd_send_signal(&sys_kernel, fd, SIGKILL);
		(void)!sys_close(&sys_kernel, fd);
	}
	return -1;
}
