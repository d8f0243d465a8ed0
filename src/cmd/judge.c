/* judge.c - one input to its findings; see judge.h.
 *
 * A foreign input becomes a policy through its door, and is judged twice: the policy by the rules, each finding put
 * down to what it came from; and the source by the door's notes, since what the import tightens or refuses is
 * what is wrong with the source. */
#include "judge.h"

#include "../check/source.h"
#include "../controls/control.h"
#include "../doors/door.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

struct judging {
	const struct measure *measure;
	struct verdicts *all;
	struct verdict *verdict;
	const struct policy_source *src;	/* the policy's text */
	const struct door *door;		/* that it came through, or NULL */
};

static void emit(void *ctx, const struct finding *f)
{
	struct judging *j = ctx;
	const struct place *at = j->door ? door_origin(j->door, f->pointer) : NULL;
	int line = 0, column = 0;

	if (!j->door)
		policy_locate(j->src, f->pointer, &line, &column);
	else if (at)
		line = at->line, column = at->column;
	verdict_find(j->all, j->verdict, f, line, column, at ? at->text : "");
}

static void judge_policy(struct judging *j, const struct policy *p)
{
	const struct findings findings = { emit, j };

	check_policy(p, j->measure->host, &findings);
	controls_check(p, &findings);
	if (j->measure->floor)
		floor_hold(j->measure->floor, p, 0, &findings);
	if (j->measure->host_floor)
		floor_hold(j->measure->host_floor, p, 0, &findings);
}

/* It can be read, and is not what it should be. */
static void invalid(struct judging *j, const struct err *e)
{
	const struct finding f = { "policy.invalid", SEV_ERROR, e->path, e->msg, e->hint };

	verdict_find(j->all, j->verdict, &f, e->line ? e->line : 1, e->line ? e->column : 1, "");
}

static int judge_text(struct judging *j, struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct policy policy = { 0 };
	int ret = arena_init(&arena, POLICY_ARENA_SIZE);

	if (ret < 0)
		return err_set(e, ERR_HOST, ret, NULL, "no memory for the policy");
	if (policy_parse(j->src, &arena, &policy, e) < 0)
		invalid(j, e);
	else
		judge_policy(j, &policy);
	return 0;
}

/* Nothing could be judged: it is told at once, and kept for the formats that programs read. */
static void unusable(struct judging *j, const struct err *e)
{
	char why[sizeof(e->msg) + 128];

	snprintf(why, sizeof(why), "%s%s%s", e->msg, e->sys ? ": " : "", e->sys ? strerror(e->sys) : "");
	verdict_unusable(j->all, j->verdict, why);
	err_print(e, j->verdict->name);
}

/* --- foreign inputs --- */

static void judge_notes(struct judging *j)
{
	static const enum said said[NOTE_KINDS] = {
		[NOTE_TIGHTENED] = SAID_TIGHTENED, [NOTE_NO_EFFECT] = SAID_NO_EFFECT, [NOTE_MISSING] = SAID_MISSING,
		[NOTE_REFUSED] = SAID_REFUSED,
	};

	for (size_t i = 0; i < j->door->n_notes; i++) {
		const struct note *n = &j->door->notes[i];
		const struct rule *rule = source_rule(said[n->kind], n->pointer, n->at.text, n->text);
		/* A refusal is one whatever it is about; what was tightened is none. */
		const enum severity severity = n->kind == NOTE_REFUSED ? SEV_ERROR : rule->severity == SEV_ERROR ? SEV_WARNING : rule->severity;
		const struct finding f = { rule->id, severity, n->pointer, n->text, *n->hint ? n->hint : rule->remedy };

		verdict_find(j->all, j->verdict, &f, n->at.line, n->at.column, n->at.text);
	}
}

static void judge_image(struct judging *j)
{
	const char *image = j->door->manner.image;
	const struct rule *rule = image ? source_image_rule(image) : NULL;
	const struct findings findings = { emit, j };

	if (rule)
		report(&findings, rule->id, rule->severity, rule->pointer, rule->title, rule->remedy);
}

/* What came through the door. */
static int judge_door(const struct judging *outside, struct door *d, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	struct policy_source src = { 0 };
	struct judging j = *outside;
	int r = door_finish(d, &text, &src.len, e);

	j.door = d;
	j.src = &src;
	judge_notes(&j);
	if (r < 0)
		return e->kind == ERR_POLICY && d->refused ? 0 : -1;	/* the notes say why there is no policy */
	judge_image(&j);
	src.text = text;
	return judge_text(&j, e);
}

/* What relative paths in it are relative to, malloc'd. */
static char *directory(const char *file)
{
	char *path = strcmp(file, "-") == 0 ? getcwd(NULL, 0) : realpath(file, NULL);
	char *slash = path && strcmp(file, "-") != 0 ? strrchr(path, '/') : NULL;

	if (slash)
		slash[slash == path] = '\0';
	return path;
}

static void judge_oci(struct judging *j, const char *file, const char *text, size_t len)
{
	_auto(free_mem) char *bundle = directory(file);
	struct err e = { 0 };
	struct door d;

	door_init(&d);
	if (door_oci(text, len, bundle, &d, &e) < 0)
		invalid(j, &e);
	else if (judge_door(j, &d, &e) < 0)
		unusable(j, &e);
	door_free(&d);
}

/* Each service is an input of its own. */
static void judge_compose(struct judging *j, const char *file, const char *text, size_t len, const json_t *services)
{
	_auto(free_mem) char *dir = directory(file);

	for (size_t i = 0; i < json_array_size(services); i++) {
		const char *service = json_string_value(json_array_get(services, i));
		struct err e = { 0 };
		struct door d;

		j->verdict = verdicts_add(j->all, file, INPUT_COMPOSE, service);
		if (!j->verdict)
			return;
		door_init(&d);
		if (door_compose(text, len, dir, service, &d, &e) < 0)
			invalid(j, &e);
		else if (judge_door(j, &d, &e) < 0)
			unusable(j, &e);
		door_free(&d);
	}
}

void judge_docker_run(int argc, char **argv, const struct measure *m, struct verdicts *all)
{
	struct judging j = { .measure = m, .all = all, .verdict = verdicts_add(all, "docker run", INPUT_DOCKER_RUN, "") };
	struct err e = { 0 };
	struct door d;

	if (!j.verdict)
		return;
	door_init(&d);
	if (door_docker_run(argc, argv, &d, &e) < 0 || judge_door(&j, &d, &e) < 0)
		unusable(&j, &e);
	door_free(&d);
}

/* --- which kind --- */

static bool is_yaml(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* What is neither may be a policy with a mistake; so is all that begins like JSON, and is none. */
static enum input input_of(const char *file, const char *text, size_t len, json_t **services, struct err *e)
{
	static const char blanks[] = " \t\r\n";
	json_auto_t *root = json_loadb(text, len, 0, NULL);
	struct err ignored = { 0 };
	size_t first = 0;

	while (first < len && memchr(blanks, text[first], sizeof(blanks) - 1))
		first++;
	*services = NULL;
	if (root && json_object_get(root, "ociVersion") && !json_object_get(root, "rootfs"))
		return INPUT_OCI;
	if (root ? !json_object_get(root, "services") : first < len && strchr("{[", text[first]))
		return INPUT_POLICY;
	if (compose_services(text, len, services, is_yaml(file) ? e : &ignored) == 0)
		return INPUT_COMPOSE;
	json_decref(*services);
	*services = NULL;
	return is_yaml(file) ? INPUT_COMPOSE : INPUT_POLICY;
}

void judge_file(const char *file, const struct measure *m, struct verdicts *all)
{
	_auto(free_mem) char *text = NULL;
	_auto(free_mem) char *inside = NULL;
	json_auto_t *services = NULL;
	struct judging j = { .measure = m, .all = all };
	struct policy_source src = { 0 };
	struct err e = { 0 };
	struct stat st;
	enum input input = INPUT_POLICY;
	int r;

	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode) && asprintf(&inside, "%s/config.json", file) > 0)
		file = inside;
	r = load_text(file, &text, &src.len, &e);
	if (r == 0)
		input = input_of(file, text, src.len, &services, &e);
	if (services) {
		judge_compose(&j, file, text, src.len, services);
		return;
	}
	src.text = text;
	j.src = &src;
	j.verdict = verdicts_add(all, file, input, "");
	if (!j.verdict)
		return;
	if (input == INPUT_OCI)
		judge_oci(&j, file, text, src.len);
	else if (input == INPUT_COMPOSE)
		invalid(&j, &e);
	else if (r < 0 || judge_text(&j, &e) < 0)
		unusable(&j, &e);
}
