/* units.h - strict numbers with units, to and from text.
 *
 * Strict: no sign, no leading zero, no blank, nothing behind the last character that counts,
 * no overflow. A container runtime has read the user "1" as root before (CVE-2026-30892), and
 * "512m" means milli to half of the field's tools and mega to the other half. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each takes the whole text or nothing; *ret is touched on success only. */
bool unit_decimal(const char *s, uint64_t *ret);
bool unit_size(const char *s, uint64_t *ret);		/* "512M": K M G T, powers of 1024; a unit is required */
bool unit_time(const char *s, uint64_t *ret);		/* "500ms" "10s" "2m" "1h"; milliseconds */
bool unit_octal(const char *s, uint64_t *ret);		/* "1777": one to four digits */
bool unit_millionths(double number, uint64_t *ret);	/* refuses what millionths cannot hold exactly */

enum { UNIT_MAX = 24 };

/* For people: the largest unit that fits without a rest. */
void unit_print_size(uint64_t v, char buf[UNIT_MAX]);
void unit_print_time(uint64_t v, char buf[UNIT_MAX]);
void unit_print_millionths(uint64_t v, char buf[UNIT_MAX]);
