/* plan.c - see plan.h. The controls fill their own parts; here are the program, its arguments and
 * its environment, which start empty and hold only what the policy says. */
#include "plan.h"
#include "floor.h"
#include "service.h"
#include "../policy/tree.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static int out_of_memory(struct err *e)
{
	return err_set(e, ERR_HOST, ENOMEM, NULL, "the policy is too large to plan");
}

static int plan_argv(const struct policy *p, const struct request *rq, struct plan *plan, struct arena *a, struct err *e)
{
	const size_t n = rq->joins ? 0 : p->args.n;
	const char **argv = arena_alloc(a, (n + rq->n_args + 1) * sizeof(*argv));

	if (!argv)
		return out_of_memory(e);
	for (size_t i = 0; i < n; i++)
		argv[i] = p->args.v[i];
	for (size_t i = 0; i < rq->n_args; i++)
		argv[n + i] = rq->args[i];
	if (!argv[0] || !*argv[0]) {
		err_set(e, ERR_POLICY, 0, "name a program in args, or after `--`", "there is nothing to run");
		return err_at(e, "/args");
	}
	plan->argv = argv;
	return 0;
}

static const char *look_up(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env;
	return NULL;
}

static int plan_envp(const struct policy *p, const struct request *rq, struct plan *plan, struct arena *a, struct err *e)
{
	const char **envp = arena_alloc(a, (p->env.n + p->env_pass.n + SERVICE_ENV_MAX + 3) * sizeof(*envp));
	size_t n = 0;

	if (!envp)
		return out_of_memory(e);
	for (size_t i = 0; i < p->env.n; i++)
		envp[n++] = arena_printf(a, "%s=%s", p->env.v[i].name, p->env.v[i].value);
	for (size_t i = 0; i < p->env_pass.n; i++) {
		const char *entry = look_up(rq->environ, p->env_pass.v[i]);

		if (!entry) {
			err_set(e, ERR_POLICY, 0, "set it, or give it a value in env", "'%s' is not in the launcher's environment",
				p->env_pass.v[i]);
			return err_at(e, "/env_pass/%zu", i);
		}
		envp[n++] = arena_strndup(a, entry, strlen(entry));
	}
	if (p->n_secrets > 0 && !look_up(envp, "CREDENTIALS_DIRECTORY"))
		envp[n++] = "CREDENTIALS_DIRECTORY=/run/secrets";
	if (!look_up(envp, "PATH"))
		envp[n++] = arena_printf(a, "PATH=%s", default_path);
	n = service_envp(plan, a, envp, n);
	for (size_t i = 0; i < n; i++)
		if (!envp[i])
			return out_of_memory(e);
	plan->envp = envp;
	return 0;
}

/* As execvp(3) would look, but the list is made here: after the filter nothing but execve runs. */
int plan_candidates(struct plan *plan, struct arena *a, struct err *e)
{
	const char *program = plan->argv[0], *path = look_up(plan->envp, "PATH"), *dir = path ? path + strlen("PATH=") : default_path;
	size_t n = 0, len;

	if (strchr(program, '/')) {
		plan->candidates[0] = program;
		return 0;
	}
	for (; *dir; dir += len + (dir[len] == ':')) {
		len = strcspn(dir, ":");
		if (*dir != '/')
			continue;	/* an empty or relative entry means the working directory: never */
		if (n == CANDIDATE_MAX - 1) {
			err_set(e, ERR_POLICY, 0, "name the program by its whole path", "PATH has more than %d directories", CANDIDATE_MAX - 1);
			return err_at(e, "/env/PATH");
		}
		plan->candidates[n] = arena_printf(a, "%.*s/%s", (int)len, dir, program);
		if (!plan->candidates[n++])
			return out_of_memory(e);
	}
	if (n == 0) {
		err_set(e, ERR_POLICY, 0, NULL, "PATH holds no absolute directory to look for '%s' in", program);
		return err_at(e, "/env/PATH");
	}
	return 0;
}

static int fill(const struct policy *p, const struct request *rq, struct plan *plan, struct arena *a, struct err *e)
{
	if (plan_argv(p, rq, plan, a, e) < 0 || plan_envp(p, rq, plan, a, e) < 0 || plan_candidates(plan, a, e) < 0)
		return -1;
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (waived(plan, (enum control_id)i) && control_get((enum control_id)i)->essential)
			return err_set(e, ERR_USAGE, 0, "the others rest on it", "'%s' cannot be waived", control_name((enum control_id)i));
	if (p->exec_once && waived(plan, CONTROL_seccomp))
		return err_set(e, ERR_USAGE, 0, "take exec_once out of the policy", "exec_once needs the seccomp filter");
	if ((p->network.restrict_listen || p->network.restrict_connect) && waived(plan, CONTROL_landlock))
		return err_set(e, ERR_USAGE, 0, "take them out of the policy", "network.listen and network.connect need Landlock");
	if (!rq->running && floor_bind(p, plan->without, &plan->floor, plan->floor_sha256, e) < 0)
		return -1;
	return controls_prepare(p, plan, a, e);
}

int plan_make(const struct policy *p, const struct request *rq, struct arena *a, const struct plan **ret, struct err *e)
{
	struct plan *plan = arena_alloc(a, sizeof(*plan));
	int r;

	if (!plan)
		return out_of_memory(e);
	*plan = (struct plan){
		.name = rq->name, .cwd = rq->cwd ? rq->cwd : p->cwd, .without = rq->without, .joins = rq->joins, .terminal = rq->terminal,
		.init = p->init && !rq->joins, .stop_signal = rq->joins ? 0 : (int)p->stop.signal, .stop_timeout = (unsigned)p->stop.timeout,
		.exec_once = p->exec_once, .reload_signal = rq->joins ? SIGHUP : (int)p->reload_signal,
	};
	if (service_plan(p, rq, plan, a, e) < 0 || fill(p, rq, plan, a, e) < 0)
		return -1;
	r = arena_seal(a);
	*ret = plan;
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot seal the plan") : 0;
}
