/* document.h - a config.json in and out of memory without a loss.
 *
 * jansson keeps the order of keys and refuses one that is there twice, but its integers end at 2^63-1 (an unlimited rlimit is
 * 2^64-1) and its reals lose digits. Such a number is carried through as a string that no document holds otherwise, and
 * written as it came. */
#pragma once

#include "../base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { OCI_DOCUMENT_MAX = 8 << 20 };	/* bytes */

/* A new reference; NULL and *e, with line and column. */
json_t *oci_document_read(const char *text, size_t len, struct err *);
/* malloc'd, or NULL: no memory. */
char *oci_document_write(const json_t *);
/* A number of which the same is true. */
json_t *oci_number(uint64_t);
/* The digits of a number that was carried through, or NULL. */
const char *oci_number_text(const json_t *);
/* The same as a number, where it is one above 2^63-1 and no more than 2^64-1. */
must_check bool oci_number_unsigned(const json_t *, uint64_t *ret);
