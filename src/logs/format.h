/* format.h - one line of a log as its driver writes it: into a buffer of FORMAT_MAX bytes, the length returned. */
#pragma once

#include "log.h"

/* The worst: every byte "\u0000", and all of them once more in base64, beside what is told of it. */
enum { FORMAT_MAX = LOG_PIECE_MAX * 6 + LOG_PIECE_MAX * 4 / 3 + 2048, LOG_TIME_LEN = sizeof("2026-11-22T04:05:06.123456789Z") - 1 };

/* RFC 3339 with nanoseconds, UTC. */
void format_time(uint64_t ns, char to[LOG_TIME_LEN + 1]);
/* docker's json-file: {"log":"...\n","stream":"stdout","attrs":{...},"time":"..."}; a partial line has no "\n". What is not UTF-8
 * stands in "log" as U+FFFD, and then "bytes" has all of it in base64. Ends with an end of line of its own. `seq` counts the lines
 * of a launch from 1, so that who reads them sees where some are missing: many lines may have one time. */
size_t format_json(const struct log_source *, const struct log_line *, uint64_t seq, char *to);
/* RFC 5424, with what is told of it as structured data; a NUL becomes "#000", as rsyslog prints it. */
size_t format_syslog(const struct log_source *, const struct log_line *, const char *host, char *to);
