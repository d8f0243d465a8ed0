/* json.c - rules back to JSON; see json.h. Calls with the same rules share one entry, as people write them. */
#include "json.h"
#include "../base/cleanup.h"
#include "calls.h"
#include "judge.h"
#include "reader.h"
#include "words.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH_NAME "SCMP_ARCH_X86_64"
#elif defined(__aarch64__)
#define ARCH_NAME "SCMP_ARCH_AARCH64"
#elif defined(__riscv)
#define ARCH_NAME "SCMP_ARCH_RISCV64"
#endif

/* Puts an action and its errno into an object, under these names. */
static int put_action(json_t *obj, const char *key, const char *errno_key, uint32_t action)
{
	if (json_object_set_new(obj, key, json_string(filter_action_name(action))) < 0)
		return -1;
	if ((action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO)
		return 0;
	return json_object_set_new(obj, errno_key, json_integer(action & SECCOMP_RET_DATA));
}

static json_t *args_json(const struct filter_profile *p, const struct filter_rule *r)
{
	json_t *args = json_array();

	for (size_t i = 0; args && i < r->n_cond; i++) {
		const struct filter_cond *c = &p->conds[r->cond + i];
		bool masked = c->op == OP_MASKED_EQ;
		json_t *arg = json_pack("{s:i, s:I, s:s}", "index", (int)c->index, "value",
					(json_int_t)(masked ? c->mask : c->value), "op", filter_operators[c->op]);

		if (masked && arg)
			json_object_set_new(arg, "valueTwo", json_integer((json_int_t)c->value));
		json_array_append_new(args, arg);
	}
	return args;
}

/* The entry with this action and these conditions, made if it is not there; borrowed. */
static json_t *entry(json_t *syscalls, const struct filter_profile *p, const struct filter_rule *r)
{
	json_auto_t *want = json_object();
	json_t *obj;
	size_t i;

	if (!want || put_action(want, "action", "errnoRet", r->action) < 0 ||
	    (r->n_cond && json_object_set_new(want, "args", args_json(p, r)) < 0))
		return NULL;
	json_array_foreach(syscalls, i, obj) {
		json_auto_t *rest = json_copy(obj);

		json_object_del(rest, "names");
		if (json_equal(rest, want))
			return obj;
	}
	json_object_set_new(want, "names", json_array());
	return json_array_append(syscalls, want) < 0 ? NULL : json_array_get(syscalls, json_array_size(syscalls) - 1);
}

static int add(json_t *syscalls, const struct filter_profile *p, const struct filter_rule *r)
{
	_auto(free_mem) char *name = call_name(r->nr);
	json_t *obj;

	if (!name)	/* no library of a runtime will know it, either: it stays denied */
		return 0;
	obj = entry(syscalls, p, r);
	return obj ? json_array_append_new(json_object_get(obj, "names"), json_string(name)) : -1;
}

static int add_once(json_t *syscalls, const struct filter_profile *p)
{
	const struct filter_rule execve = { .action = SECCOMP_RET_ALLOW, .nr = SYS_execve };

	return add(syscalls, p, &execve);
}

static int add_all(json_t *syscalls, const struct filter_profile *p, const struct filter_wish *w, struct err *e)
{
	struct judgement j;

	for (size_t i = 0; i < p->n_rules;) {
		if (judge_call(p, w, i, &i, &j, e) < 0)
			return -1;
		for (size_t k = 0; k < j.n; k++) {
			bool once = w->once && (j.rules[k]->nr == SYS_execve || j.rules[k]->nr == SYS_execveat);

			if (!once && add(syscalls, p, j.rules[k]) < 0)
				return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp profile");
		}
	}
	return w->once && add_once(syscalls, p) < 0 ? err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp profile") : 0;
}

json_t *filter_json(const struct filter_profile *p, const struct filter_wish *w, struct err *e)
{
	const uint32_t otherwise = w->deny == DENY_KILL ? SECCOMP_RET_KILL_PROCESS : w->deny == DENY_LOG ? SECCOMP_RET_LOG :
				   p->default_action;
	json_auto_t *ret = json_pack("{s:[s], s:[]}", "architectures", ARCH_NAME, "syscalls");

	if (!ret || put_action(ret, "defaultAction", "defaultErrnoRet", otherwise) < 0) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the seccomp profile");
		return NULL;
	}
	return add_all(json_object_get(ret, "syscalls"), p, w, e) < 0 ? NULL : json_incref(ret);
}
