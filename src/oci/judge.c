/* judge.c - the table of rows; see judge.h. The rows themselves stand in judge_*.c, by part of config.json. */
#include "judging.h"

#include "../doors/oci_walk.h"
#include "document.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* In this order: the root is judged before the mounts that make up for it, the capabilities before the filter that depends
 * on them. `control` can be waived, where the floor lets it; 0: never. */
#define BY(id) CONTROL_BIT(CONTROL_##id)
static const struct row { uint64_t control; judge_fn *judge; } rows[] = {
	{ 0, judge_annotations },
	{ 0, judge_rootfs }, { BY(rootfs), judge_root }, { BY(mounts), judge_mounts }, { BY(mounts), judge_propagation },
	{ BY(masks), judge_masks },
	{ 0, judge_user }, { BY(ns_user), judge_maps }, { 0, judge_umask }, { BY(capabilities), judge_capabilities }, { BY(no_new_privs), judge_no_new_privs },
	{ BY(apparmor), judge_apparmor },
	{ BY(rlimits), judge_rlimits }, { BY(rlimits), judge_scheduler }, { 0, judge_io_priority }, { 0, judge_oom_score }, { 0, judge_personality },
	{ 0, judge_namespaces }, { BY(ns_net), judge_network },
	{ BY(devices), judge_devices }, { BY(devices), judge_device_rules }, { 0, judge_sysctl },
	{ 0, judge_unified }, { BY(memory), judge_memory }, { BY(memory), judge_swap }, { BY(memory), judge_oom_group },
	{ BY(cpus), judge_cpus }, { BY(cpus), judge_weight }, { BY(cpuset), judge_cpuset }, { BY(pids), judge_pids }, { BY(io), judge_io },
	{ BY(seccomp), judge_seccomp }, { BY(landlock), judge_ports }, { 0, judge_absent },
};

/* --- reporting --- */

struct place place(const char *fmt, ...)
{
	struct place p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p.pointer, sizeof(p.pointer), fmt, ap);
	va_end(ap);
	return p;
}

static void tell(struct judging *j, enum severity severity, const char *rule, const char *key, const struct place *at, const char *hint,
		 const char *fmt, va_list ap) __attribute__((format(printf, 7, 0)));

static void tell(struct judging *j, enum severity severity, const char *rule, const char *key, const struct place *at, const char *hint,
		 const char *fmt, va_list ap)
{
	char msg[JUDGE_TEXT], full[JUDGE_TEXT];

	vsnprintf(msg, sizeof(msg), fmt, ap);
	snprintf(full, sizeof(full), "%s%s%s%s of %s%s%s%s", hint ? hint : "", hint ? "; " : "", *key ? "key " : "", *key ? key : "every container",
		 j->bound->file, *j->bound->description ? " (" : "", j->bound->description, *j->bound->description ? ")" : "");
	j->errors += severity == SEV_ERROR;
	report(j->findings, rule, severity, at->pointer, msg, full);
}

#define TELL(severity, rule, hint) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		tell(j, severity, rule, key, &at, hint, fmt, ap); \
		va_end(ap); \
	} while (0)

bool below(struct judging *j, const char *key, struct place at, const char *hint, const char *fmt, ...)
{
	if (j->tighten)
		TELL(SEV_NOTE, "oci.tightened", NULL);
	else
		TELL(SEV_ERROR, "oci.below", hint);
	return j->tighten;
}

void refuse(struct judging *j, const char *key, struct place at, const char *hint, const char *fmt, ...)
{
	TELL(SEV_ERROR, "oci.below", hint);
}

void lost(struct judging *j, const char *key, struct place at, const char *fmt, ...)
{
	TELL(SEV_WARNING, "oci.lost", NULL);
}

/* --- finding one's way --- */

json_t *member(const json_t *object, const char *name)
{
	json_t *v = json_object_get(object, name);

	return json_is_null(v) ? NULL : v;
}

const char *text_of(const json_t *object, const char *name)
{
	const char *s = json_string_value(member(object, name));

	return s ? s : "";
}

bool is_text(const json_t *v, const char *s)
{
	return json_is_string(v) && strcmp(json_string_value(v), s) == 0;
}

void put(struct judging *j, json_t *object, const char *name, json_t *value)
{
	j->no_memory |= json_object_set_new(object, name, value) < 0;
}

void append(struct judging *j, json_t *array, json_t *value)
{
	j->no_memory |= json_array_append_new(array, value) < 0;
}

static json_t *made(struct judging *j, json_t *object, const char *name, json_t *(*make)(void))
{
	if (!member(object, name))
		put(j, object, name, make());
	return member(object, name);
}

json_t *object_at(struct judging *j, json_t *object, const char *name)
{
	return made(j, object, name, json_object);
}

json_t *array_at(struct judging *j, json_t *object, const char *name)
{
	return made(j, object, name, json_array);
}

bool integer_of(const json_t *v, int64_t *ret)
{
	const char *digits = oci_number_text(v);

	if (json_is_integer(v))
		*ret = json_integer_value(v);
	else if (digits)
		*ret = *digits == '-' ? INT64_MIN : INT64_MAX;
	return json_is_integer(v) || digits;
}

bool unsigned_of(const json_t *v, uint64_t *ret)
{
	int64_t n = 0;

	if (!integer_of(v, &n))
		return false;
	*ret = n < 0 || n == INT64_MAX ? UINT64_MAX : (uint64_t)n;	/* a runtime that takes a negative one means the greatest */
	return true;
}

bool has_word(const json_t *array, const char *word)
{
	json_t *v;
	size_t i;

	json_array_foreach(array, i, v)
		if (is_text(v, word))
			return true;
	return false;
}

/* --- the shape --- */

/* Go reads names whatever the case of their letters, and two characters that are no ASCII as letters too (encoding/json,
 * foldName): to runc "readOnly" is "readonly", and to crun it is nothing. */
static size_t fold(const char **s)
{
	const unsigned char *c = (const unsigned char *)*s;

	if (c[0] == 0xc5 && c[1] == 0xbf) {
		*s += 2;
		return 's';
	}
	if (c[0] == 0xe2 && c[1] == 0x84 && c[2] == 0xaa) {
		*s += 3;
		return 'k';
	}
	++*s;
	return c[0] >= 'A' && c[0] <= 'Z' ? c[0] + 'a' - 'A' : c[0];
}

static bool folds_to(const char *name, const char *known, size_t len)
{
	const char *end = known + len;

	while (*name && known < end)
		if (fold(&name) != fold(&known))
			return false;
	return !*name && known == end;
}

static bool check_type(void *ctx, const struct oci_field *f, json_t *v, const char *pointer)
{
	struct judging *j = ctx;
	int64_t n;

	if (f->type == OCI_INTEGER ? integer_of(v, &n) : oci_has_type(v, f) && !oci_number_text(v))
		return true;
	refuse(j, "", place("%s", pointer), NULL, "want %s", oci_type_name(f->type));
	return false;
}

static void check_name(void *ctx, const char *above, const char *name, const char *pointer)
{
	struct judging *j = ctx;
	size_t n = strlen(above);

	for (size_t i = 0; i < oci_fields_len; i++) {
		const char *path = oci_fields[i].path;

		if (strncmp(path, above, n) != 0 || (n && path[n] != '.'))
			continue;
		path += n + !!n;
		if (!strpbrk(path, ".[*") && folds_to(name, path, strlen(path))) {
			refuse(j, "", place("%s", pointer), "write it as the specification does", "some runtimes take it for \"%s\", others for nothing",
			       path);
			return;
		}
	}
	/* A newer runtime may know it: a device of the host's network, say. What engines note for themselves they do at the top. */
	if (n && !j->bound->of_policy)
		refuse(j, "", place("%s", pointer), "leave it out", "unknown key, of which no floor can say anything");
}

/* Rows may rely on types, and on names being what they look like. */
static bool shape(struct judging *j)
{
	const struct oci_visitor visitor = { j, check_type, NULL, check_name };

	oci_walk(j->config, &visitor);
	if (!member(j->config, "process"))
		refuse(j, "", place("/process"), NULL, "says nothing of the process");
	if (!member(j->config, "root"))
		refuse(j, "", place("/root"), NULL, "says nothing of the root directory");
	return j->errors == 0;
}

int oci_judge(json_t *config, const struct oci_bound *bound, const struct oci_facts *facts, enum oci_verb verb,
	      const struct findings *findings, struct err *e)
{
	struct judging j = { .config = config, .bound = bound, .facts = facts, .findings = findings, .tighten = verb == OCI_TIGHTEN, .e = e };

	e->kind = ERR_NONE;
	if (!json_is_object(config))
		return err_set(e, ERR_POLICY, 0, NULL, "config.json is no object");
	if (!shape(&j))
		return (int)j.errors;
	for (size_t i = 0; i < COUNT(rows) && !j.no_memory; i++)
		if (!(rows[i].control & bound->without))
			rows[i].judge(&j);
	if (j.no_memory)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the config.json");
	return (int)j.errors;
}
