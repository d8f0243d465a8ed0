/* update.c - casemate update: other limits for a running container.
 *
 * A new value is judged as if it had stood in the policy: by its key's row, the rules, the controls, and the host's floor. Then the
 * files of the cgroup are written and read back, and the record says it, so that `casemate verify` holds the container to
 * what it has now. What cannot be changed from outside (a process' own limits, everything that was given up) is refused. */
#include "../check/check.h"
#include "../launch/cgroup_held.h"
#include "../launch/audit.h"
#include "../launch/floor.h"
#include "../launch/record.h"
#include "again.h"
#include "cmd.h"
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/file.h>

static const struct { const char *key; enum control_id control; } keys[] = {
	{ "limits.memory", CONTROL_memory }, { "limits.memory_high", CONTROL_memory }, { "limits.swap", CONTROL_memory },
	{ "limits.oom_group", CONTROL_memory }, { "limits.cpus", CONTROL_cpus }, { "limits.cpu_weight", CONTROL_cpus },
	{ "limits.pids", CONTROL_pids }, { "limits.cpuset", CONTROL_cpuset }, { "limits.io", CONTROL_io },
};

/* Everything of one change. */
struct change {
	struct container locked, c;
	int cgroup;
	const struct setting *set;
	size_t n_set;
	struct again old, new;
	struct audit audit;
};

static int judge_key(const struct change *ch, const char *key, struct err *e)
{
	size_t i, at;
	json_t *name;

	for (i = 0; i < COUNT(keys) && strcmp(keys[i].key, key) != 0; i++)
		;
	if (i == COUNT(keys))
		return err_set(e, ERR_USAGE, 0, strncmp(key, "limits.rlimits", 14) == 0 ? "every process has its own: start the container anew" :
			       "limits.memory, memory_high, swap, oom_group, cpus, cpu_weight, pids, cpuset and io can be changed",
			       "'%s' holds for as long as a container runs", key);
	json_array_foreach(json_object_get(ch->c.record, "waived"), at, name)
		if (strcmp(json_string_value(name), control_name(keys[i].control)) == 0)
			return err_set(e, ERR_USAGE, 0, "start it anew without that", "%s was waived when '%s' was started", json_string_value(name),
				       ch->c.state.name);
	return 0;
}

/* The first of what rules, controls or the floor say, and how many more. */
struct breach { struct err *e; unsigned n; const char *who; };

static void breached(void *ctx, const struct finding *f)
{
	struct breach *b = ctx;

	/* The rest was let through when it was started, and is no matter of this change. */
	if (f->severity != SEV_ERROR || strncmp(f->pointer, "/limits", 7) != 0 || b->n++ > 0)
		return;
	err_set(b->e, ERR_POLICY, 0, f->hint, "%s%s", b->who, f->msg);
	err_at(b->e, "%s", f->pointer);
}

static int judge(const struct change *ch, struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct breach breach = { .e = e, .who = "" };
	const struct findings findings = { breached, &breach };
	struct bound bound;
	int r;

	check_policy(&ch->new.policy, NULL, &findings);
	controls_check(&ch->new.policy, &findings);
	if (breach.n)
		return -1;
	r = floor_of_host(&arena, &bound, e);
	breach.who = "below the floor " FLOOR_FILE ": ";
	if (r > 0)
		floor_hold(&bound, &ch->new.policy, ch->new.plan->without, &findings);
	return r < 0 || breach.n ? err_step(e, "floor") : 0;
}

static void note(void *ctx, const char *text)
{
	fprintf(stderr, "casemate: note: %s: %s\n", (const char *)ctx, text);
}

/* A key that was set before is set anew, so that a thousand changes leave no more than one. */
static void put_setting(json_t *settings, const struct setting *s)
{
	json_t *entry;
	size_t i;

	json_array_foreach(settings, i, entry)
		if (strcmp(json_string_value(json_array_get(entry, 0)), s->key) == 0)
			json_array_remove(settings, i--);
	json_array_append_new(settings, json_pack("[o, o]", record_text(s->key), record_text(s->value)));
}

static int write_record(struct change *ch, struct err *e)
{
	json_t *settings = json_object_get(json_object_get(ch->c.record, "policy"), "settings"), *controls = json_object_get(ch->c.record, "controls");
	_auto(free_mem) char *text = NULL;

	for (size_t i = 0; i < ch->n_set; i++)
		put_setting(settings, &ch->set[i]);
	for (unsigned id = 0; id < CONTROL_COUNT; id++)
		for (size_t i = ch->new.plan->n_limits; i-- > 0;)	/* the first one counts */
			if (ch->new.plan->limits[i].control == id)
				json_object_set_new(controls, control_name((enum control_id)id), record_text(ch->new.plan->limits[i].text));
	text = json_dumps(ch->c.record, JSON_COMPACT);
	return text ? state_write(&ch->c.state, "record.json", text, strlen(text), e) : err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
}

static int tell(const struct change *ch, struct err *e)
{
	json_auto_t *event = record_event("updated", ch->c.state.name, NULL);
	json_t *list = json_array();

	for (size_t i = 0; i < ch->n_set; i++)
		json_array_append_new(list, json_pack("[o, o]", record_text(ch->set[i].key), record_text(ch->set[i].value)));
	json_object_set_new(event, "settings", list);
	return audit_write(&ch->audit, event, e);
}

static int carry_out(struct change *ch, struct err *e)
{
	struct err ignored = { 0 };

	if (cgroup_update(&sys_kernel, ch->cgroup, ch->old.plan, ch->new.plan, note, ch->c.state.name, e) < 0)
		return -1;
	if (tell(ch, e) == 0 && write_record(ch, e) == 0)
		return 0;
	(void)!cgroup_update(&sys_kernel, ch->cgroup, ch->new.plan, ch->old.plan, note, ch->c.state.name, &ignored);
	return -1;
}

/* Two at a time would each write a record of its own change alone. Read is what is there once the lock is held. */
static int open_alone(struct change *ch, const char *name, struct err *e)
{
	if (container_open(&ch->locked, name, e) < 0)
		return -1;
	if (flock(ch->locked.state.dir, LOCK_EX) < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot lock the state of '%s'", name);
	return container_open(&ch->c, name, e);
}

static int update(struct change *ch, const char *name, struct err *e)
{
	if (open_alone(ch, name, e) < 0)
		return -1;
	for (size_t i = 0; i < ch->n_set; i++)
		if (judge_key(ch, ch->set[i].key, e) < 0)
			return -1;
	ch->cgroup = container_cgroup(&ch->c, e);
	if (ch->cgroup < 0 || audit_open(&ch->audit, &sys_kernel, e) < 0 || again_make(&ch->old, &ch->c, NULL, 0, e) < 0 ||
	    again_make(&ch->new, &ch->c, ch->set, ch->n_set, e) < 0)
		return -1;
	return judge(ch, e) < 0 ? -1 : carry_out(ch, e);
}

static int change(const char *name, const struct source *s, struct err *e)
{
	struct change *ch = calloc(1, sizeof(*ch));
	int r = -1;

	if (!ch)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	*ch = (struct change){ .locked = CONTAINER_NONE, .c = CONTAINER_NONE, .cgroup = -1, .set = s->set, .n_set = s->n_set, .audit = AUDIT_NONE };
	r = update(ch, name, e);
	audit_close(&ch->audit);
	close_fd(&ch->cgroup);
	again_free(&ch->old);
	again_free(&ch->new);
	container_close(&ch->c);
	container_close(&ch->locked);
	free(ch);
	return r;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "set", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	struct source s = { 0 };
	struct err e = { 0 };
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (opt == 's') {
			r = source_set(&s, optarg, &e);
			continue;
		}
		source_free(&s);
		return opt == 'h' ? show_help(c) : usage_error(c, "unknown option");
	}
	if (r == 0 && argc - optind != 1)
		r = err_set(&e, ERR_USAGE, 0, "casemate update NAME --set limits.memory=1G", "which container?");
	if (r == 0 && s.n_set == 0)
		r = err_set(&e, ERR_USAGE, 0, "casemate update NAME --set limits.memory=1G", "nothing to set");
	if (r == 0)
		r = change(argv[optind], &s, &e);
	source_free(&s);
	if (r == 0)
		return EXIT_FINE;
	err_print(&e, NULL);
	return err_exit_code(&e);
}

const struct command cmd_update = {
	.name = "update",
	.usage = "NAME --set limits.KEY=VALUE ...",
	.summary = "other limits for a running container",
	.help = "  --set KEY=VALUE   limits.memory, memory_high, swap, oom_group, cpus, cpu_weight, pids, cpuset or io\n"
		"\n"
		"A value is judged as if it stood in the policy, and by the host's floor. Either all of them hold afterwards, or none\n"
		"was changed. Memory that is in use is reclaimed; what cannot be is never killed for it: then the limit is refused. The\n"
		"policy file stays as it is: `casemate run` starts with what it says.\n"
		"\n"
		"  casemate update web --set limits.memory=1G --set limits.cpus=2\n",
	.run = run,
};
