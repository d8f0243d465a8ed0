/* json.h - what both formats for programs need. */
#pragma once

#include "report.h"

#include <jansson.h>

/* A string; bytes that are not UTF-8 (of a file's name) become "?". */
json_t *json_text(const char *);
