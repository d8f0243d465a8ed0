/* verb_exec.c - exec: one process more in a container that runs.
 *
 * The process comes as a file of the engine's, or from the container's own with words of the command line over it. Either way it
 * takes the place of "process" in the config.json of the container, which is then planned as any other: the same filler, the one child
 * order, joined to the container by the pidfd of its first process (launch/join.c). */
#include "create.h"
#include "document.h"
#include "plan.h"

#include "../launch/audit.h"
#include "../launch/floor.h"
#include "../launch/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { ARENA_SIZE = 32 << 20, PROCESS_BYTES_MAX = 1 << 20 };

struct exec_wish {
	const char *process, *cwd, *user, *apparmor, *label, *cgroup;
	json_t *env, *groups, *caps;
	bool tty, no_new_privs, ignore_paused;
};

enum { OPT_PROCESS_LABEL = OPT_EXEC, OPT_APPARMOR, OPT_NNP, OPT_CGROUP, OPT_IGNORE_PAUSED, OPT_CWD };
static const struct option options[] = {
	{ "process", required_argument, NULL, 'p' }, { "tty", no_argument, NULL, 't' }, { "cwd", required_argument, NULL, OPT_CWD },
	{ "env", required_argument, NULL, 'e' }, { "user", required_argument, NULL, 'u' },
	{ "additional-gids", required_argument, NULL, 'g' }, { "cap", required_argument, NULL, 'c' },
	{ "no-new-privs", no_argument, NULL, OPT_NNP }, { "apparmor", required_argument, NULL, OPT_APPARMOR },
	{ "process-label", required_argument, NULL, OPT_PROCESS_LABEL }, { "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "ignore-paused", no_argument, NULL, OPT_IGNORE_PAUSED }, { "detach", no_argument, NULL, 'd' },
	{ "pid-file", required_argument, NULL, OPT_PID_FILE }, { "console-socket", required_argument, NULL, OPT_CONSOLE_SOCKET },
	{ "preserve-fds", required_argument, NULL, OPT_PRESERVE_FDS }, { "help", no_argument, NULL, 'h' }, { 0 },
};

static int append(json_t **list, json_t *value, struct err *e)
{
	if (!*list)
		*list = json_array();
	return json_array_append_new(*list, value) == 0 ? 0 : err_set(e, ERR_USAGE, 0, NULL, "an option's value is no text");
}

/* Decimal and nothing else: "1" is 1, and "" or "1x" never 0 (CVE-2026-30892). The end, or NULL. */
static const char *read_id(const char *text, json_int_t *ret)
{
	json_int_t n = 0;
	size_t digits = 0;

	for (; text[digits] >= '0' && text[digits] <= '9' && digits < 11; digits++)
		n = n * 10 + (text[digits] - '0');
	*ret = n;
	return digits > 0 && digits < 11 && n < UINT32_MAX ? text + digits : NULL;
}

static int add_group(json_t **groups, const char *arg, struct err *e)
{
	json_int_t n = 0;
	const char *end = read_id(arg, &n);

	if (!end || *end)
		return err_set(e, ERR_USAGE, 0, NULL, "--additional-gids wants a number, not '%.40s'", arg);
	return append(groups, json_integer(n), e);
}

static int option(struct runtime *rt, int opt, const char *arg, struct err *e)
{
	struct exec_wish *x = rt->exec ? rt->exec : (rt->exec = calloc(1, sizeof(*x)));

	if (!x)
		return spec_no_memory(e);
	switch (opt) {
	case 'p': x->process = arg; return 0;
	case 't': x->tty = true; return 0;
	case OPT_CWD: x->cwd = arg; return 0;
	case 'e':
		if (!strchr(arg, '=') || *arg == '=')
			return err_set(e, ERR_USAGE, 0, NULL, "--env wants NAME=VALUE, not '%.60s'", arg);
		return append(&x->env, json_string(arg), e);
	case 'u': x->user = arg; return 0;
	case 'g': return add_group(&x->groups, arg, e);
	case 'c': return append(&x->caps, json_string(arg), e);
	case OPT_NNP: x->no_new_privs = true; return 0;
	case OPT_APPARMOR: x->apparmor = arg; return 0;
	case OPT_PROCESS_LABEL: x->label = arg; return 0;
	case OPT_CGROUP: x->cgroup = arg; return 0;
	case OPT_IGNORE_PAUSED: x->ignore_paused = true; return 0;
	default: return err_set(e, ERR_USAGE, 0, "--help says what there is", "exec has no such option");
	}
}

/* --- the process --- */

static json_t *process_of_file(const char *path, struct err *e)
{
	_auto(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_auto(free_mem) char *text = malloc(PROCESS_BYTES_MAX + 1);
	struct stat st;
	struct err bad = { 0 };
	json_t *ret;
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0 || !text || fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		err_set(e, ERR_USAGE, errno, NULL, "cannot read the process from '%.100s'", path);
		return NULL;
	}
	while (n > 0 && len <= PROCESS_BYTES_MAX) {
		n = read(fd, text + len, PROCESS_BYTES_MAX + 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0 || len > PROCESS_BYTES_MAX) {
		err_set(e, ERR_USAGE, n < 0 ? errno : EFBIG, NULL, "cannot read the process from '%.100s'", path);
		return NULL;
	}
	ret = oci_document_read(text, len, &bad);
	if (!ret)
		err_set(e, ERR_USAGE, 0, NULL, "%.60s: line %d: %s", path, bad.line, bad.msg);
	return ret;
}

static int take_user(json_t *process, const char *text, struct err *e)
{
	json_t *user = json_object();
	json_int_t uid = 0, gid = 0;
	const char *end = read_id(text, &uid);

	if (end && *end == ':')
		end = read_id(end + 1, &gid);
	if (!end || *end) {
		json_decref(user);
		return err_set(e, ERR_USAGE, 0, "numbers, as 1000 or 1000:1000", "--user wants UID[:GID], not '%.40s'", text);
	}
	json_object_set_new(user, "uid", json_integer(uid));
	json_object_set_new(user, "gid", json_integer(gid));
	return json_object_set_new(process, "user", user) == 0 ? 0 : spec_no_memory(e);
}

/* Those of --cap come to what the container's own process has; ambient only where that one has any, as runc does it. */
static void take_caps(json_t *process, const json_t *names)
{
	static const char *const sets[] = { "bounding", "effective", "permitted", "ambient" };
	json_t *caps = json_object_get(process, "capabilities"), *name;
	bool ambient = json_array_size(json_object_get(caps, "ambient")) > 0;
	size_t i;

	if (!json_array_size(names))
		return;
	if (!json_is_object(caps)) {
		caps = json_object();
		json_object_set_new(process, "capabilities", caps);
	}
	if (ambient)
		json_array_foreach(names, i, name)
			json_array_append(json_object_get(caps, "inheritable"), name);
	for (size_t k = 0; k < COUNT(sets) - !ambient; k++) {
		if (!json_is_array(json_object_get(caps, sets[k])))
			json_object_set_new(caps, sets[k], json_array());
		json_array_foreach(names, i, name)
			json_array_append(json_object_get(caps, sets[k]), name);
	}
}

static json_t *process_of_words(const json_t *own, const struct exec_wish *x, int argc, char **argv, struct err *e)
{
	json_t *p = own ? json_deep_copy(own) : json_object(), *args = json_array();

	for (int i = 0; i < argc; i++)
		if (json_array_append_new(args, json_string(argv[i])) < 0)
			err_set(e, ERR_USAGE, 0, NULL, "the program's arguments are no text");
	json_object_set_new(p, "args", args);
	json_object_set_new(p, "terminal", json_boolean(x->tty));
	json_object_del(p, "consoleSize");
	if (x->cwd)
		json_object_set_new(p, "cwd", json_string(x->cwd));
	if (x->env && !json_is_array(json_object_get(p, "env")))
		json_object_set_new(p, "env", json_array());
	if (x->env)
		json_array_extend(json_object_get(p, "env"), x->env);
	take_caps(p, x->caps);
	if (x->no_new_privs)
		json_object_set_new(p, "noNewPrivileges", json_true());
	if (x->apparmor)
		json_object_set_new(p, "apparmorProfile", json_string(x->apparmor));
	if (x->label)
		json_object_set_new(p, "selinuxLabel", json_string(x->label));
	if (e->kind == ERR_NONE && x->user && take_user(p, x->user, e) < 0)
		e->kind = ERR_USAGE;
	if (x->groups && json_is_object(json_object_get(p, "user")))
		json_object_set(json_object_get(p, "user"), "additionalGids", x->groups);
	if (e->kind == ERR_NONE)
		return p;
	json_decref(p);
	return NULL;
}

/* --- the whole --- */

struct joining {
	struct oci_container container;
	struct oci_spec spec;
	const struct plan *plan;
	struct launch launch;
	struct arena keep, scratch;
	char *agent_state;	/* or NULL */
	char root[4096];
};

static int read_spec(struct joining *j, struct runtime *rt, int argc, char **argv, struct err *e)
{
	static const struct exec_wish plain = { 0 };
	const struct exec_wish *x = rt->exec ? rt->exec : &plain;
	_auto(free_mem) char *text = NULL, *with = NULL;
	json_auto_t *config = NULL;
	json_t *process;
	char *kept;

	if (state_read(&j->container.state, "config.json", &text, e) < 0)
		return -1;
	config = oci_document_read(text, strlen(text), e);
	if (!config)
		return -1;
	process = x->process ? process_of_file(x->process, e) : process_of_words(json_object_get(config, "process"), x, argc, argv, e);
	if (!process || json_object_set_new(config, "process", process) < 0)
		return e->kind == ERR_NONE ? spec_no_memory(e) : -1;
	with = oci_document_write(config);
	kept = with ? arena_strndup(&j->keep, with, strlen(with)) : NULL;
	rt->wish.bundle = json_string_value(json_object_get(j->container.json, "bundle"));
	return kept ? spec_parse(&j->spec, &rt->wish, kept, strlen(kept), &j->keep, e) : spec_no_memory(e);
}

static json_t *event(const struct joining *j, const char *id)
{
	json_t *ret = record_event("exec", id, NULL), *args = json_array();

	for (size_t i = 0; j->plan->argv[i]; i++)
		json_array_append_new(args, record_text(j->plan->argv[i]));
	json_object_set_new(ret, "args", args);
	return ret;
}

static int prepare(struct joining *j, struct runtime *rt, const char *id, int argc, char **argv, struct err *e)
{
	enum oci_status status;

	rt->wish.id = id;
	rt->wish.exec = true;
	rt->wish.detached = rt->detach;
	rt->wish.cgroup = rt->exec ? rt->exec->cgroup : NULL;
	rt->wish.ignore_paused = rt->exec && rt->exec->ignore_paused;
	if (arena_init(&j->keep, ARENA_SIZE) < 0 || arena_init(&j->scratch, ARENA_SIZE) < 0)
		return spec_no_memory(e);
	if (floor_allows_exec(e) < 0 || oci_container_root(rt->root, j->root, e) < 0 || oci_container_open(&j->container, j->root, id, false, e) < 0)
		return -1;
	status = oci_container_status(&j->container);
	if (status != OCI_RUNNING && status != OCI_CREATED && !(status == OCI_PAUSED && rt->wish.ignore_paused))
		return err_set(e, ERR_USAGE, 0, status == OCI_PAUSED ? "resume it first, or wait with --ignore-paused" : NULL,
			       "cannot exec in a container that is %s", oci_status_name(status));
	if (read_spec(j, rt, argc, argv, e) < 0 || oci_check_fds(&rt->wish, e) < 0 || oci_bind(&j->spec, &rt->wish, &j->keep, e) < 0 ||
	    oci_plan(&j->spec, &j->keep, &j->plan, e) < 0 ||
	    launch_init(&j->launch, j->plan, &sys_kernel, &j->scratch, e) < 0)
		return -1;
	j->launch.joined = j->container.pid;
	j->launch.joined_fd = oci_container_pidfd(&j->container);
	if (j->launch.joined_fd < 0)
		return err_set(e, ERR_HOST, j->launch.joined_fd, NULL, "the container has just ended");
	if (j->plan->listener) {
		j->agent_state = oci_container_process_state(&j->container, spec_text(spec_get(&j->spec, "/linux/seccomp"), "listenerMetadata"));
		j->launch.listener_state = j->agent_state;
		if (!j->agent_state)
			return spec_no_memory(e);
	}
	return audit_event(event(j, id), e);
}

static int run(struct runtime *rt, int argc, char **argv, struct err *e)
{
	struct joining j = { .container = OCI_CONTAINER_NONE };
	int r;

	if (argc < 1 || (argc < 2 && !(rt->exec && rt->exec->process)))
		return err_set(e, ERR_USAGE, 0, "casemate-runtime exec --help", argc < 1 ? "which container?" : "which program?");
	r = prepare(&j, rt, argv[0], argc - 1, argv + 1, e);
	if (r == 0)
		r = launch_start(&j.launch, e);
	if (r == 0 && oci_write_pid_file(rt->pid_file, j.launch.pid, e) < 0) {
		launch_end(&j.launch);
		r = -1;
	}
	if (r == 0 && !rt->detach)
		r = oci_foreground(&j.launch, e);
	free(j.agent_state);
	spec_free(&j.spec);
	oci_container_close(&j.container);
	arena_free(&j.keep);
	arena_free(&j.scratch);
	return r;
}

const struct verb verb_exec = {
	.goes_inside = true, .name = "exec",
	.usage = "[--process FILE] [--tty] [--cwd DIR] [--env NAME=VALUE] [--user UID[:GID]] [--additional-gids GID] [--cap CAP] "
		 "[--no-new-privs]\n\t[--apparmor PROFILE] [--process-label LABEL] [--cgroup PATH] [--ignore-paused] [--detach] [--pid-file FILE] "
		 "[--console-socket PATH]\n\t[--preserve-fds N] ID [PROGRAM [ARG...]]",
	.summary = "execute a process in a running container", .shorts = "+p:te:u:g:c:dh", .longs = options, .option = option, .run = run,
};
