/* print.h - text that quotes others - a policy, an image, a command line - on its way to a terminal or a log: what would
 * drive the terminal is escaped, so that nobody writes there but us. */
#pragma once

#include <stddef.h>
#include <stdio.h>

void print_escaped(FILE *, const char *text);
/* In lines of 80 columns, broken at blanks; words are kept whole. `column` is where the line stands by now: at `indent`
 * the first word is put as it is, elsewhere behind a blank. */
void print_wrapped(FILE *, const char *text, int column, int indent);
/* How many columns print_escaped() takes for the first `len` bytes. */
int print_columns(const char *text, size_t len);
