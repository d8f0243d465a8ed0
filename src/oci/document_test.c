/* A document comes out as it went in, whatever numbers it holds; what cannot is refused. */
#include "document.h"

#include "../base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void same(void **state)
{
	static const char *const texts[] = {
		"{}", "{\"b\":1,\"a\":2,\"c\":{\"z\":0,\"y\":[]}}", "{\"a\":18446744073709551615}", "{\"a\":[-9223372036854775809,123456789012345678901234567890]}",
		"{\"a\":1.0,\"b\":1.10,\"c\":1e400,\"d\":-0.5E-7}", "{\"a\":\"18446744073709551615\"}", "{\"a\":\"1.0\\\"2.0\"}", "{\"1.0\":\"\\\\\",\"x\":2.50}",
		"{\"a\":999999999999999999,\"b\":1000000000000000000}", "{\"a\":9223372036854775808,\"b\":9223372036854775807,\"c\":-9223372036854775808,\"d\":-9223372036854775809}", "{\"a\":null,\"b\":true,\"c\":\"\\u0001\"}", "{\"a\":\"\\u00e9\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct err e = { 0 };
		json_auto_t *root = oci_document_read(texts[i], strlen(texts[i]), &e);
		_auto(free_mem) char *out = root ? oci_document_write(root) : NULL;

		if (!out || (strcmp(out, texts[i]) != 0 && i != COUNT(texts) - 1))
			fail_msg("%s: %s", texts[i], out ? out : e.msg);
	}
}

static void refused(void **state)
{
	static const char *const texts[] = {
		"", "[]", "1", "{", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}",
		"{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\\u0001number 5\"}", "{\"a\":\"x\\\"\\u0001number 5\"}", "{\"\\u0001number 5\":1}",
		"{\"a\":1} x", "{\"a\":\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct err e = { 0 };
		json_auto_t *root = oci_document_read(texts[i], strlen(texts[i]), &e);

		if (root || e.kind != ERR_POLICY || !*e.msg)
			fail_msg("'%s' was read", texts[i]);
	}
}

static void numbers(void **state)
{
	static const char text[] = "{\"a\":18446744073709551615,\"b\":\"18446744073709551615\",\"c\":7}";
	struct err e = { 0 };
	json_auto_t *root = oci_document_read(text, strlen(text), &e);

	(void)state;
	assert_string_equal(oci_number_text(json_object_get(root, "a")), "18446744073709551615");
	assert_null(oci_number_text(json_object_get(root, "b")));
	assert_null(oci_number_text(json_object_get(root, "c")));
}

static void large(void **state)
{
	_auto(free_mem) char *text = malloc(OCI_DOCUMENT_MAX + 1);
	struct err e = { 0 };

	(void)state;
	memset(text, ' ', OCI_DOCUMENT_MAX + 1);
	assert_null(oci_document_read(text, OCI_DOCUMENT_MAX + 1, &e));
	assert_int_equal(e.kind, ERR_POLICY);
}

static void what_is_told_in_full(void **state)
{
	json_auto_t *o = json_pack("{s:o, s:o}", "a", oci_number(UINT64_MAX), "b", oci_number(INT64_MAX));
	char *text = oci_document_write(o);

	(void)state;
	assert_string_equal(text, "{\"a\":18446744073709551615,\"b\":9223372036854775807}");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same), cmocka_unit_test(refused), cmocka_unit_test(numbers), cmocka_unit_test(large),
					   cmocka_unit_test(what_is_told_in_full) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
