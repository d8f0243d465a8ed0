/* Strict numbers: what is taken, what is refused, and that printing reads back. */
#include "units.h"

#include "../base/cleanup.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef bool (*reader)(const char *, uint64_t *);

static const struct { reader read; const char *text; uint64_t value; } good[] = {
	{ unit_decimal, "0", 0 }, { unit_decimal, "4294967295", UINT32_MAX },
	{ unit_decimal, "18446744073709551615", UINT64_MAX },
	{ unit_size, "0K", 0 }, { unit_size, "512M", 512 << 20 }, { unit_size, "1G", 1 << 30 },
	{ unit_size, "16777215T", UINT64_C(16777215) << 40 },
	{ unit_time, "10s", 10000 }, { unit_time, "500ms", 500 }, { unit_time, "2m", 120000 }, { unit_time, "1h", 3600000 },
	{ unit_octal, "1777", 01777 }, { unit_octal, "0", 0 }, { unit_octal, "0022", 022 }, { unit_octal, "777", 0777 },
};

static const struct { reader read; const char *text; } bad[] = {
	{ unit_decimal, "" }, { unit_decimal, "01" }, { unit_decimal, "00" }, { unit_decimal, "+1" },
	{ unit_decimal, "-1" }, { unit_decimal, "1 " }, { unit_decimal, " 1" }, { unit_decimal, "1x" },
	{ unit_decimal, "0x10" }, { unit_decimal, "1e3" }, { unit_decimal, "18446744073709551616" },
	{ unit_decimal, "99999999999999999999999" }, { unit_decimal, "\xd9\xa1" },
	{ unit_size, "512" }, { unit_size, "512m" }, { unit_size, "512MB" }, { unit_size, "512Mi" }, { unit_size, "0.5G" },
	{ unit_size, "M" }, { unit_size, "01M" }, { unit_size, "1 M" }, { unit_size, "-1M" }, { unit_size, "16777216T" },
	{ unit_time, "10" }, { unit_time, "10S" }, { unit_time, "1.5s" }, { unit_time, "s" }, { unit_time, "10sec" },
	{ unit_time, "5124095576031h" },
	{ unit_octal, "" }, { unit_octal, "8" }, { unit_octal, "0o22" }, { unit_octal, "17777" }, { unit_octal, "22 " },
};

static void readers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		uint64_t v = 77;

		if (!good[i].read(good[i].text, &v) || v != good[i].value)
			fail_msg("\"%s\" gave %llu", good[i].text, (unsigned long long)v);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint64_t v = 77;

		if (bad[i].read(bad[i].text, &v))
			fail_msg("\"%s\" was taken as %llu", bad[i].text, (unsigned long long)v);
		assert_int_equal(v, 77);
	}
}

static void millionths(void **state)
{
	static const double refused[] = { -0.1, 1e-7, 0.1234567, 1.0000001, 1e18, 1e300, -1 };
	uint64_t v;

	(void)state;
	for (uint64_t n = 0; n < 3000000; n += 7) {
		assert_true(unit_millionths((double)n / 1e6, &v));
		assert_int_equal(v, n);
	}
	assert_true(unit_millionths(8192.000001, &v));
	assert_int_equal(v, 8192000001);
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(unit_millionths(refused[i], &v));
	assert_false(unit_millionths(NAN, &v));
	assert_false(unit_millionths(INFINITY, &v));
	assert_false(unit_millionths(-INFINITY, &v));
}

static void printing(void **state)
{
	char buf[UNIT_MAX];
	uint64_t v;

	(void)state;
	for (unsigned shift = 10; shift < 63; shift++) {
		unit_print_size(UINT64_C(1) << shift, buf);
		assert_true(unit_size(buf, &v));
		assert_int_equal(v, UINT64_C(1) << shift);
	}
	for (uint64_t ms = 1; ms < 10000000; ms += 997) {
		unit_print_time(ms, buf);
		assert_true(unit_time(buf, &v));
		assert_int_equal(v, ms);
	}
	unit_print_size(0, buf);
	assert_string_equal(buf, "0");
	unit_print_millionths(500000, buf);
	assert_string_equal(buf, "0.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers), cmocka_unit_test(millionths), cmocka_unit_test(printing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
