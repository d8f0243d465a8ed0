/* Any bytes, as each of those who read logs gets them: cut into lines, as a line of a file, as what journalctl exports, as a record of
 * the kernel's. What comes out is within bounds, and what was cut is the same as before. */
#include "../../src/logs/denial.h"
#include "../../src/logs/entry.h"
#include "../../src/logs/format.h"
#include "../../src/logs/split.h"
#include "fuzz.h"

#include <string.h>

struct joined { const uint8_t *data; size_t size, at; };

static void take(void *ctx, uint64_t time, const char *text, size_t len, bool partial)
{
	struct joined *j = ctx;

	(void)time;
	MUST(len <= LOG_PIECE_MAX && len <= j->size - j->at && memcmp(j->data + j->at, text, len) == 0);
	j->at += len;
	if (!partial) {
		MUST(j->at < j->size && j->data[j->at] == '\n');
		j->at++;
	}
}

static void cut(const uint8_t *data, size_t size)
{
	struct split *s = calloc(1, sizeof(*s));
	struct joined j = { data, size, 0 };

	MUST(s);
	for (size_t at = 0, n; at < size; at += n) {
		n = 1 + data[at] % 61 * 17;
		n = n < size - at ? n : size - at;
		split_bytes(s, 1, (const char *)data + at, n, take, &j);
	}
	split_end(s, take, &j);
	MUST(j.at == size);
	free(s);
}

/* What is written is read back: every byte. */
static void back_and_forth(const uint8_t *data, size_t size)
{
	static const struct log_source source = { "fuzz", "0", "0" };
	size_t len = size < LOG_PIECE_MAX ? size : LOG_PIECE_MAX;
	struct log_line *line = malloc(sizeof(*line) + len);
	char *out = malloc(FORMAT_MAX);
	struct log_entry e;
	size_t n;

	MUST(line && out);
	*line = (struct log_line){ .time = 1700000000123456789, .len = (uint32_t)len, .stream = LOG_STDERR, .partial = size & 1 };
	memcpy(line->text, data, len);
	n = format_json(&source, line, 1, out);
	/* An end of line is never in a line: the splitter saw to that. */
	if (!memchr(data, '\n', len)) {
		MUST(entry_from_json(out, n, &e) == 0);
		MUST(e.len == len && memcmp(e.text, data, len) == 0 && e.partial == line->partial && e.time == line->time && e.stream == LOG_STDERR);
		entry_free(&e);
	}
	MUST(format_syslog(&source, line, "host", out) < FORMAT_MAX);
	free(out);
	free(line);
}

static void field(void *ctx, const struct export_field *f)
{
	entry_field(ctx, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct log_entry e;
	struct denial d;

	MUST(text);
	cut(data, size);
	back_and_forth(data, size);
	(void)!entry_from_json((const char *)data, size, &e);
	entry_free(&e);
	for (ssize_t n, at = 0; (n = export_next((const char *)data + at, size - (size_t)at, field, &e)) > 0; at += n)
		MUST((size_t)(at + n) <= size);
	if (denial_parse(text, &d) == 0)
		MUST(denial_advice(&d, "call").cost && strnlen(d.object, sizeof(d.object)) < sizeof(d.object));
	free(text);
	return 0;
}
