/* Reading a config.json: what its types are, wherever the specification has a list or a map. */
#include "judge.h"
#include "world_test.h"

#include "../doors/oci_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* The smallest config.json that has null at this place of the table, and its pointer. */
static json_t *with_null(const char *path, char pointer[256])
{
	json_t *root = json_loads("{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"r\"}, \"process\": {}}", 0, NULL), *at = root;

	for (*pointer = '\0'; *path;) {
		bool list = *path == '[';
		int len = (int)(list ? 2 : strcspn(path, ".["));
		const char *next = path + len + (path[len] == '.');
		json_t *v = !*next ? json_null() : *next == '[' ? json_array() : json_object();

		snprintf(pointer + strlen(pointer), 256 - strlen(pointer), list ? "/0" : "/%.*s", len, path);
		assert_int_equal(list ? json_array_append_new(at, v) : json_object_set_new(at, strrchr(pointer, '/') + 1, v), 0);
		at = v;
		path = next;
	}
	return root;
}

struct seen { char text[256]; };

static void see(void *ctx, const struct finding *f)
{
	struct seen *s = ctx;

	snprintf(s->text, sizeof(s->text), "%s: %s", f->pointer, f->msg);
}

/* A field that is null is not there; an entry of a list or a map that is null is a mistake, for a runtime and for a floor. */
static void null_is_nothing_but_in_a_list_or_a_map(void **state)
{
	struct world *w = *state;
	unsigned entries = 0;

	for (size_t i = 0; i < oci_fields_len; i++) {
		const char *path = oci_fields[i].path;
		const bool entry = strchr("]*", path[strlen(path) - 1]);
		char pointer[256], want[300];
		json_auto_t *root = with_null(path, pointer);
		_auto(free_mem) char *text = json_dumps(root, JSON_COMPACT);
		struct seen seen = { "" };
		const struct oci_bound bound = { .file = "floor", .description = "" };
		bool wants;

		entries += entry;
		snprintf(want, sizeof(want), "%s: want %s", pointer, oci_type_name(oci_fields[i].type));
		spec_free(&w->spec);
		w->e = (struct err){ 0 };
		wants = spec_parse(&w->spec, &w->wish, text, strlen(text), &w->arena, &w->e) < 0 && strncmp(w->e.msg, "want ", 5) == 0;
		if (wants != entry || (entry && strcmp(w->e.path, pointer) != 0))
			fail_msg("%s: %s: %s", text, w->e.path, w->e.msg);
		if (!entry)
			continue;
		w->e = (struct err){ 0 };
		assert_int_equal(oci_judge(root, &bound, &(struct oci_facts){ 0 }, OCI_JUDGE, &(struct findings){ see, &seen }, &w->e), 1);
		assert_string_equal(seen.text, want);
	}
	assert_in_range(entries, 50, 100);
}

static void parses(struct world *w, const char *text)
{
	spec_free(&w->spec);
	w->e = (struct err){ 0 };
	(void)!spec_parse(&w->spec, &w->wish, text, strlen(text), &w->arena, &w->e);
}

/* With single quotes, within { ociVersion, root, process }. */
static void what_is_required_and_what_is_no_value(void **state)
{
	static const struct { const char *member, *path; } rows[] = {
		{ "'process':{'user':{'uid':0}}", "/process/user/gid" }, { "'process':{'user':{'gid':0}}", "/process/user/uid" },
		{ "'process':{'user':{'uid':null,'gid':0}}", "/process/user/uid" }, { "'annotations':{'a':'b','':'c'}", "/annotations/" },
		{ "'linux':{'resources':{'hugepageLimits':[{'pageSize':'2MB'}]}}", "/linux/resources/hugepageLimits/0/limit" },
		{ "'linux':{'resources':{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0}]}}}",
		  "/linux/resources/blockIO/throttleReadBpsDevice/0/rate" },
		{ "'linux':{'uidMappings':[{'hostID':1,'size':1}]}", "/linux/uidMappings/0/containerID" },
		{ "'process':{'oomScoreAdj':1.0}", "/process/oomScoreAdj" }, { "'process':{'oomScoreAdj':1e2}", "/process/oomScoreAdj" },
		{ "'process':{'oomScoreAdj':18446744073709551616}", "/process/oomScoreAdj" },
		{ "'process':{'oomScoreAdj':-9223372036854775809}", "/process/oomScoreAdj" },
		{ "'process':{'oomScoreAdj':9223372036854775808}", "" }, { "'other':1.5,'another':[123456789012345678901234567890]", "" },
		{ "'hostname':9223372036854775808", "/hostname" },
	};
	static const struct { const char *version; bool good; } versions[] = {
		{ "1.2.0", true }, { "1.0.2-dev", true }, { "1.2.0+build", true }, { "1.2.0-rc.1+dev", true }, { "1.2.0xyz", false }, { "1.2", false },
		{ "1.2.0.1", false }, { " 1.2.0", false }, { "+1.2.0", false }, { "2.0.0", false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = arena_printf(&w->arena, "{'ociVersion':'1.2.0','root':{'path':'r'},%s}", rows[i].member);

		for (char *c = text; *c; c++)
			*c = *c == '\'' ? '"' : *c;
		parses(w, text);
		if (strcmp(w->e.path, rows[i].path) != 0 || (w->e.kind == ERR_NONE) != !*rows[i].path)
			fail_msg("%s: %s: %s", text, w->e.path, w->e.msg);
	}
	for (size_t i = 0; i < COUNT(versions); i++) {
		parses(w, arena_printf(&w->arena, "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"}}", versions[i].version));
		if ((w->e.kind == ERR_NONE) != versions[i].good)
			fail_msg("%s: %s", versions[i].version, w->e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(null_is_nothing_but_in_a_list_or_a_map), TEST(what_is_required_and_what_is_no_value) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
