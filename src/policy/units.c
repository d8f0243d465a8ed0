/* units.c - strict numbers with units; see units.h. */
#include "units.h"

#include "../base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit { const char *suffix; uint64_t factor; };

/* Largest first, so that printing finds the shortest text. */
static const struct unit sizes[] = {
	{ "T", UINT64_C(1) << 40 }, { "G", UINT64_C(1) << 30 }, { "M", UINT64_C(1) << 20 }, { "K", UINT64_C(1) << 10 },
};
static const struct unit times[] = {
	{ "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
};

/* Reads digits up to the first other character; NULL when there is no strict number. */
static const char *digits(const char *s, uint64_t *ret)
{
	uint64_t n = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(n, UINT64_C(10), &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return NULL;
	if (p == s || (*s == '0' && p != s + 1))
		return NULL;
	*ret = n;
	return p;
}

static bool scaled(const char *s, const struct unit *units, size_t n, uint64_t *ret)
{
	uint64_t value;
	const char *suffix = digits(s, &value);

	for (size_t i = 0; suffix && i < n; i++)
		if (strcmp(suffix, units[i].suffix) == 0 &&
		    !__builtin_mul_overflow(value, units[i].factor, &value)) {
			*ret = value;
			return true;
		}
	return false;
}

static void print_scaled(uint64_t v, const struct unit *units, size_t n, char buf[UNIT_MAX])
{
	for (size_t i = 0; i < n; i++)
		if (v != 0 && v % units[i].factor == 0) {
			snprintf(buf, UNIT_MAX, "%" PRIu64 "%s", v / units[i].factor, units[i].suffix);
			return;
		}
	snprintf(buf, UNIT_MAX, "%" PRIu64, v);
}

bool unit_decimal(const char *s, uint64_t *ret)
{
	uint64_t value;
	const char *end = digits(s, &value);

	if (!end || *end)
		return false;
	*ret = value;
	return true;
}

bool unit_size(const char *s, uint64_t *ret)
{
	return scaled(s, sizes, COUNT(sizes), ret);
}

bool unit_time(const char *s, uint64_t *ret)
{
	return scaled(s, times, COUNT(times), ret);
}

bool unit_octal(const char *s, uint64_t *ret)
{
	size_t len = strspn(s, "01234567");
	uint64_t value = 0;

	if (len == 0 || len > 4 || s[len])
		return false;
	for (; *s; s++)
		value = value << 3 | (uint64_t)(*s - '0');
	*ret = value;
	return true;
}

bool unit_millionths(double number, uint64_t *ret)
{
	double millionths = number * 1e6, error;
	uint64_t whole;

	/* Below 2^40 a double still tells apart what lies a thousandth of a millionth apart; NaN fails too. */
	if (!(millionths >= 0 && millionths < 0x1p40))
		return false;
	whole = (uint64_t)(millionths + 0.5);
	error = millionths - (double)whole;
	if (error > 1e-3 || error < -1e-3)
		return false;
	*ret = whole;
	return true;
}

void unit_print_size(uint64_t v, char buf[UNIT_MAX])
{
	print_scaled(v, sizes, COUNT(sizes), buf);
}

void unit_print_time(uint64_t v, char buf[UNIT_MAX])
{
	print_scaled(v, times, COUNT(times), buf);
}

void unit_print_millionths(uint64_t v, char buf[UNIT_MAX])
{
	snprintf(buf, UNIT_MAX, "%g", (double)v / 1e6);
}
