/* A policy that is exported to OCI and imported again is the same policy: over every policy of the tests and those that
 * are shipped, key by key, and with the notes that nothing but that is said. */
#include "door.h"
#include "export.h"
#include "oci.h"
#include "../base/cleanup.h"
#include "../policy/read.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static char *slurp(const char *path, size_t *len)
{
	_auto(close_file) FILE *f = fopen(path, "r");
	char *text = malloc(POLICY_BYTES_MAX);

	assert_non_null(f);
	assert_non_null(text);
	*len = fread(text, 1, POLICY_BYTES_MAX - 1, f);
	text[*len] = '\0';
	return text;
}

static void ignore(void *ctx, const struct finding *f)
{
	(void)ctx;
	assert_int_equal(*f->pointer, '/');
	assert_true(*f->msg);
}

static json_t *effective(const struct policy_source *src, struct arena *a)
{
	struct err e = { 0 };
	const char *text;

	assert_int_equal(policy_effective(src, a, &text, &e), 0);
	return json_loads(text, 0, NULL);
}

/* What seccomp_json() would give: this room cannot ask it, and any rules will do. */
static json_t *filter(void)
{
	return json_pack("{s:s, s:i, s:[{s:[s], s:s}]}", "defaultAction", "SCMP_ACT_ERRNO", "defaultErrnoRet", 1, "syscalls",
			 "names", "read", "action", "SCMP_ACT_ALLOW");
}

static char *exported(const struct policy *p, json_t *values, json_t *seccomp)
{
	static const struct export_device some[8] = { { .major = 10, .minor = 229 }, { .major = 1, .minor = 11 }, { .block = true, .major = 8 } };
	const struct export_facts facts = { .name = "unnamed", .effective = values, .seccomp = seccomp, .devices = some, .disks = some };
	const struct findings lost = { ignore, NULL };
	json_auto_t *config = export_oci(p, &facts, &lost);
	char *text = json_dumps(config, JSON_INDENT(1));

	assert_true(p->n_devices <= COUNT(some) && p->limits.n_io <= COUNT(some));
	assert_non_null(text);
	return text;
}

static void imported(const char *config, char **text, size_t *len)
{
	struct err e = { 0 };
	struct door d;

	door_init(&d);
	assert_int_equal(door_oci(config, strlen(config), NULL, &d, &e), 0);
	assert_int_equal(door_finish(&d, text, len, &e), 0);
	if (d.n_notes)
		door_print_notes(&d, NOTE_TIGHTENED, stdout);
	assert_int_equal(d.n_notes, 0);
	door_free(&d);
}

/* --- key by key, as the parser stored it --- */

static void same_rows(const struct key *rows, size_t n, const void *a, const void *b);

static void same_string(const char *key, const char *a, const char *b)
{
	if (strcmp(a ? a : "", b ? b : "") != 0)
		fail_msg("%s: \"%s\" came back as \"%s\"", key, a, b);
}

static void same_value(const struct key *k, const char *a, const char *b)
{
	const void *x = a + k->offset, *y = b + k->offset;
	const struct strings *s = x, *t = y;
	const struct numbers *m = x, *n = y;
	const struct pairs *p = x, *q = y;

	switch (k->type) {
	case KEY_BOOL: assert_int_equal(*(const bool *)x, *(const bool *)y); break;
	case KEY_STRING: case KEY_PROFILE: same_string(k->name, *(const char *const *)x, *(const char *const *)y); break;
	case KEY_STRINGS:
		assert_int_equal(s->n, t->n);
		for (size_t i = 0; i < s->n; i++)
			same_string(k->name, s->v[i], t->v[i]);
		break;
	case KEY_NUMBERS:
		assert_int_equal(m->n, n->n);
		for (size_t i = 0; i < m->n; i++)
			assert_int_equal(m->v[i], n->v[i]);
		break;
	case KEY_PAIRS:
		assert_int_equal(p->n, q->n);
		for (size_t i = 0; i < p->n; i++)
			same_string(k->name, p->v[i].name, q->v[i].name), same_string(k->name, p->v[i].value, q->v[i].value);
		break;
	case KEY_OBJECTS:
		assert_int_equal(*(const size_t *)(const void *)(a + k->extra), *(const size_t *)(const void *)(b + k->extra));
		for (size_t i = 0; i < *(const size_t *)(const void *)(a + k->extra); i++)
			same_rows(k->item, k->n_item, *(const char *const *)x + i * k->item_size, *(const char *const *)y + i * k->item_size);
		break;
	default:
		if (*(const uint64_t *)x != *(const uint64_t *)y)
			fail_msg("%s: %llu came back as %llu", k->name, *(const unsigned long long *)x, *(const unsigned long long *)y);
	}
}

/* Of a disk there is only the number; and who has no name gets the file's. */
static bool is_known_to_differ(const struct key *k, const void *was)
{
	const char *text = k->type == KEY_STRING ? *(const char *const *)(const void *)((const char *)was + k->offset) : NULL;

	return (strcmp(k->name, "path") == 0 && k->syntax == &syntax_path) || (strcmp(k->name, "hostname") == 0 && text && !*text);
}

static void same_rows(const struct key *rows, size_t n, const void *a, const void *b)
{
	for (size_t i = 0; i < n; i++)
		if (!is_known_to_differ(&rows[i], a))
			same_value(&rows[i], a, b);
}

/* The order of mounts does not matter to a policy, and export puts them in the one in which they are made. */
static int by_target(const void *a, const void *b)
{
	return strcmp(((const struct mount_policy *)a)->target, ((const struct mount_policy *)b)->target);
}

static void sort_mounts(struct policy *p, struct arena *a)
{
	struct mount_policy *copy = arena_alloc(a, (p->n_mounts + 1) * sizeof(*copy));

	memcpy(copy, p->mounts, p->n_mounts * sizeof(*copy));
	qsort(copy, p->n_mounts, sizeof(*copy), by_target);
	p->mounts = copy;
}

static void round_trip(const char *path)
{
	_auto(arena_free) struct arena one = { 0 }, two = { 0 }, more = { 0 };
	_auto(free_mem) char *text = NULL, *config = NULL, *again = NULL;
	json_auto_t *values = NULL, *seccomp = filter();
	struct policy before, after;
	struct policy_source src = { 0 };
	struct err e = { 0 };

	print_message("%s\n", path);
	text = slurp(path, &src.len);
	src.text = text;
	assert_true(arena_init(&one, POLICY_ARENA_SIZE) == 0 && arena_init(&two, POLICY_ARENA_SIZE) == 0 && arena_init(&more, POLICY_ARENA_SIZE) == 0);
	assert_int_equal(policy_parse(&src, &one, &before, &e), 0);
	values = effective(&src, &more);
	config = exported(&before, values, seccomp);
	imported(config, &again, &src.len);
	src.text = again;
	assert_int_equal(policy_parse(&src, &two, &after, &e), 0);
	sort_mounts(&before, &more);
	sort_mounts(&after, &more);
	same_rows(policy_keys, policy_keys_len, &before, &after);
	same_string("inline profile", before.seccomp.inline_json, after.seccomp.inline_json);
	assert_int_equal(before.network.restrict_listen, after.network.restrict_listen);
	assert_int_equal(before.network.restrict_connect, after.network.restrict_connect);
}

static void corpus(void **state)
{
	static const char *const folders[] = { "tests/policy/good", "profiles/policies" };
	const char *source = getenv("CASEMATE_SOURCE");
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(folders); i++) {
		char path[512];
		struct dirent *d;
		DIR *dir;

		snprintf(path, sizeof(path), "%s/%s", source ? source : ".", folders[i]);
		dir = opendir(path);
		assert_non_null(dir);
		while ((d = readdir(dir))) {
			const char *dot = strrchr(d->d_name, '.');

			if (!dot || strcmp(dot, ".json") != 0)
				continue;
			snprintf(path, sizeof(path), "%s/%s/%s", source ? source : ".", folders[i], d->d_name);
			round_trip(path);
			n++;
		}
		closedir(dir);
	}
	assert_true(n >= 10);
}

/* Who changes the filter of an exported document gets the changed one, not the name of the old. */
static void changed_filter(void **state)
{
	static const char policy[] = "{\"version\":1,\"rootfs\":\"/r\",\"args\":[\"/a\"],\"user\":{\"uid\":1,\"gid\":1}}";
	_auto(arena_free) struct arena a = { 0 };
	const struct policy_source src = { .text = policy, .len = strlen(policy) };
	json_auto_t *values = NULL, *seccomp = filter(), *after = NULL;
	_auto(free_mem) char *config = NULL, *text = NULL;
	struct err e = { 0 };
	struct policy p;
	size_t len;
	char *at;

	(void)state;
	assert_int_equal(arena_init(&a, 2 * POLICY_ARENA_SIZE), 0);
	assert_int_equal(policy_parse(&src, &a, &p, &e), 0);
	values = effective(&src, &a);
	config = exported(&p, values, seccomp);
	at = strstr(config, "\"read\"");
	assert_non_null(at);
	memcpy(at, "\"open\"", 6);
	imported(config, &text, &len);
	after = json_loadb(text, len, 0, NULL);
	assert_true(json_is_object(json_object_get(json_object_get(after, "seccomp"), "profile")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(corpus), cmocka_unit_test(changed_filter) };

	return cmocka_run_group_tests_name("oci", tests, NULL, NULL);
}
