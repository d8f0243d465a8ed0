/* locate.h - from a JSON pointer to line and column, and back.
 *
 * jansson keeps no positions. They are wanted only when something is wrong, so the text is
 * walked again then: a scanner that never reads outside the text, whatever it holds. */
#pragma once

#include <stddef.h>

enum { POINTER_MAX = 512 };

/* Where the value is that the pointer names, or its key when `key`; where that is missing, the
 * nearest that holds it. A byte offset into the text. */
size_t locate(const char *text, size_t len, const char *pointer, int key);

/* The pointer of the innermost key or value around the offset, into buf. The text need be valid only so far. */
void pointer_at(const char *text, size_t len, size_t offset, char buf[POINTER_MAX]);

/* 1-based; columns count characters, not bytes. */
void line_column(const char *text, size_t len, size_t offset, int *line, int *column);

/* Appends "/token", escaped as RFC 6901 wants it; what does not fit is left out. Returns the new length. */
size_t pointer_push(char buf[POINTER_MAX], size_t used, const char *token, size_t len);
