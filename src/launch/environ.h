/* environ.h - reading what the service manager says in our environment; pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The value, or NULL. */
const char *environ_get(const char *const *environ, const char *name);
/* Decimal digits and nothing else, up to `max`. */
bool environ_number(const char *text, uint64_t max, uint64_t *ret);
