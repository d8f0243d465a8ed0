/* Building a policy: places, notes, and what the parser has to say. */
#include "../base/cleanup.h"
#include "door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void start(struct door *d)
{
	door_init(d);
	door_nowhere(d);
	door_set(d, "/version", json_integer(1));
	door_set(d, "/args/-", json_string("/bin/true"));
	door_set(d, "/user/uid", json_integer(7));
	door_set(d, "/user/gid", json_integer(7));
	door_here(d, 1, 30, "IMAGE");
	door_set(d, "/rootfs", json_string("/srv/x"));
}

static const char *origin(const struct door *d, const char *pointer)
{
	const struct place *at = door_origin(d, pointer);

	return at ? at->text : "none";
}

static void test_places(void **state)
{
	struct door d;

	(void)state;
	start(&d);
	door_here(&d, 1, 5, "-v a");
	door_set(&d, "/mounts/-", json_pack("{s:s, s:s}", "source", "/a", "target", "/a"));
	door_here(&d, 1, 9, "-v b");
	door_set(&d, "/mounts/-", json_pack("{s:s, s:s}", "source", "/b", "target", "/b"));
	door_set_member(&d, "/env", "a/b~c", json_string("x"));
	assert_string_equal(origin(&d, "/rootfs"), "IMAGE");
	assert_string_equal(origin(&d, "/mounts/0/target"), "-v a");
	assert_string_equal(origin(&d, "/mounts/1"), "-v b");
	assert_string_equal(origin(&d, "/env/a~1b~0c"), "-v b");
	assert_string_equal(origin(&d, "/user/uid"), "none");
	assert_string_equal(origin(&d, "/limits/memory"), "none");
	assert_string_equal(origin(&d, "/mounts"), "none");
	/* Set again: the later place. */
	door_here(&d, 2, 3, "later");
	door_set(&d, "/mounts/0", json_pack("{s:s, s:s}", "source", "/c", "target", "/a"));
	door_set(&d, "/rootfs", json_string("/srv/y"));
	assert_string_equal(origin(&d, "/mounts/0/source"), "later");
	assert_int_equal(door_origin(&d, "/rootfs")->line, 2);
	door_free(&d);
}

static void test_taken_out(void **state)
{
	_auto(free_mem) char *text = NULL;
	struct err e = { 0 };
	struct door d;
	size_t len;

	(void)state;
	start(&d);
	door_here(&d, 1, 2, "-v first");
	door_set(&d, "/mounts/-", json_pack("{s:s, s:s}", "source", "relative", "target", "/a"));
	door_here(&d, 1, 3, "-v second");
	door_set(&d, "/mounts/-", json_pack("{s:s, s:s}", "source", "/b", "target", "/b"));
	door_note(&d, NOTE_TIGHTENED, "/mounts/1/exec", NULL, "not executable");
	door_here(&d, 1, 4, "-e DB_PASSWORD=hunter2");
	door_set_member(&d, "/env", "DB_PASSWORD", json_string("hunter2"));
	door_set_member(&d, "/env", "LANG", json_string("C"));
	assert_int_equal(door_finish(&d, &text, &len, &e), 0);
	assert_int_equal(d.refused, 2);
	assert_string_equal(d.notes[0].pointer, "/mounts/0/exec");
	assert_string_equal(d.notes[1].at.text, "-e DB_PASSWORD=hunter2");
	assert_string_equal(d.notes[2].at.text, "-v first");
	assert_string_equal(origin(&d, "/mounts/0"), "-v second");
	assert_int_equal(len, strlen(text));
	assert_string_equal(text, "{\n"
		"\t\"version\": 1,\n"
		"\t\"rootfs\": \"/srv/x\",\n"
		"\t\"args\": [\"/bin/true\"],\n"
		"\t\"env\": {\"LANG\": \"C\"},\n"
		"\t\"user\": {\"uid\": 7, \"gid\": 7},\n"
		"\t\"mounts\": [{\"source\": \"/b\", \"target\": \"/b\"}]\n"
		"}\n");
	door_free(&d);
}

static void test_no_policy(void **state)
{
	_auto(free_mem) char *text = NULL;
	struct err e = { 0 };
	struct door d;
	size_t len;

	(void)state;
	door_init(&d);
	door_set(&d, "/version", json_integer(1));
	door_here(&d, 4, 2, "nonsense: 1");
	door_set(&d, "/nonsense", json_integer(1));
	door_set(&d, "/hostname", json_string("\xff"));
	door_set_member(&d, "/env", "\xff", json_string("x"));
	assert_int_equal(door_finish(&d, &text, &len, &e), -1);
	assert_int_equal(e.kind, ERR_POLICY);
	assert_string_equal(e.path, "/rootfs");
	assert_null(text);
	assert_int_equal(d.refused, 4);
	assert_string_equal(d.notes[3].pointer, "/rootfs");
	door_free(&d);
}

static void test_notes(void **state)
{
	_auto(free_mem) char *text = NULL;
	struct door d;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	door_init(&d);
	door_here(&d, 1, 1, "--privileged");
	door_note(&d, NOTE_REFUSED, NULL, "name the capabilities that the service needs with --cap-add", "there is no such thing");
	door_here(&d, 1, 1, "-e A=\x1b[2J\xc2\x9b\xff");
	door_note(&d, NOTE_NO_EFFECT, "/env", NULL, "nothing");
	door_print_notes(&d, NOTE_TIGHTENED, out);
	fclose(out);
	assert_string_equal(text,
		"no effect: -e A=\\x1b[2J\\xc2\\x9b\\xff: nothing\n"
		"refused: --privileged: there is no such thing (name the capabilities that the\n"
		"    service needs with --cap-add)\n");
	door_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places), cmocka_unit_test(test_taken_out),
		cmocka_unit_test(test_no_policy), cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
