/* again.c - see again.h. */
#include "again.h"

#include "cmd.h"
#include "options.h"

#include <errno.h>
#include <string.h>

/* As it was launched, and `more` settings over that. */
static int source(const struct container *c, const struct setting *more, size_t n_more, struct arena *a, struct policy_source *src,
		  struct err *e)
{
	struct setting *set;

	if (container_source(c, a, src, e) < 0)
		return -1;
	set = arena_alloc(a, (src->n_set + n_more + 1) * sizeof(*set));
	if (!set)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy");
	for (size_t i = 0; i < src->n_set + n_more; i++)
		set[i] = i < src->n_set ? src->set[i] : more[i - src->n_set];
	src->set = set;
	src->n_set += n_more;
	return 0;
}

static int waived_mask(const json_t *record, uint64_t *mask, struct err *e)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(record, "waived"), i, v)
		if (parse_controls(json_string_value(v), mask, e) < 0)
			return -1;
	return 0;
}

static int make(struct again *g, const struct container *c, struct request rq, const struct setting *more, size_t n_more, struct err *e)
{
	static const char *const no_args[] = { "verify", NULL };
	struct policy_source src;

	*g = (struct again){ 0 };
	rq.name = c->state.name;
	rq.environ = (const char *const *)environ;
	rq.running = true;
	if (waived_mask(c->record, &rq.without, e) < 0)
		return -1;
	if (arena_init(&g->arena[0], 16 << 20) < 0 || arena_init(&g->arena[1], 16 << 20) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (source(c, more, n_more, &g->arena[0], &src, e) < 0 || policy_parse(&src, &g->arena[0], &g->policy, e) < 0)
		return -1;
	if (rq.healthcheck) {
		rq.args = g->policy.healthcheck.exec.v;
		rq.n_args = g->policy.healthcheck.exec.n;
		if (rq.n_args == 0)
			return err_set(e, ERR_USAGE, 0, NULL, "the policy of '%s' has no healthcheck.exec", c->state.name);
	} else if (rq.joins && !g->policy.exec) {
		err_set(e, ERR_POLICY, 0, "\"exec\": true in the policy, from the next start on", "the policy of '%s' does not allow it",
			c->state.name);
		return err_at(e, "/exec");
	}
	if (g->policy.args.n == 0 && !rq.joins) {
		rq.args = no_args;
		rq.n_args = 1;
	}
	g->policy.env_pass = (struct strings){ NULL, 0 };	/* the launcher's environment is not ours, nor looked at here */
	return plan_make(&g->policy, &rq, &g->arena[1], &g->plan, e);
}

int again_make(struct again *g, const struct container *c, const struct setting *set, size_t n_set, struct err *e)
{
	return make(g, c, (struct request){ 0 }, set, n_set, e);
}

int again_join(struct again *g, const struct container *c, const struct request *rq, struct err *e)
{
	return make(g, c, *rq, NULL, 0, e);
}

void again_free(struct again *g)
{
	for (size_t i = 0; i < COUNT(g->arena); i++)
		arena_free(&g->arena[i]);
	*g = (struct again){ 0 };
}
