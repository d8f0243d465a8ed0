/* read.c - see read.h: what goes out, and how. */
#include "read.h"

#include "../base/cleanup.h"
#include "../launch/state.h"
#include "format.h"

#include <errno.h>
#include <string.h>

void out_init(struct log_out *o, const struct log_query *q)
{
	*o = (struct log_out){ .query = q, .to = { stdout, stderr }, .terminal = { isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1 } };
}

bool out_wanted(const struct log_query *q, const struct log_entry *e)
{
	return e->time >= q->since && e->time <= q->until;
}

/* What drives a terminal is for nobody else's terminal: shown, not obeyed. Elsewhere the bytes are as they were. */
static void put_text(FILE *out, const char *text, size_t len, bool terminal)
{
	if (!terminal) {
		fwrite(text, 1, len, out);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\t' || (c >= 0x20 && c != 0x7f && !(c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0)))
			putc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
}

void out_entry(struct log_out *o, const struct log_entry *e)
{
	const int i = e->stream == LOG_STDOUT ? 0 : 1;
	FILE *out = o->to[i];
	char time[LOG_TIME_LEN + 1];

	if (!out_wanted(o->query, e))
		return;
	if (i)
		fflush(o->to[0]);	/* on a terminal both are one, in order */
	if (o->query->timestamps && !o->open[i]) {
		format_time(e->time, time);
		fprintf(out, "%s ", time);
	}
	put_text(out, e->text, e->len, o->terminal[i]);
	o->open[i] = e->partial;
	if (!e->partial)
		putc('\n', out);
}

void out_missing(struct log_out *o, uint64_t lines)
{
	o->missing += lines;
	fflush(o->to[0]);
	fprintf(o->to[1], "casemate: warning: %lu lines are missing here: rotation had removed them before they were read (log.max_files), or they "
			  "could not be written\n", lines);
}

bool log_ended(const char *name)
{
	struct state s = STATE_NONE;
	struct err ignored = { 0 };
	enum state_phase phase = STATE_LOST;
	bool running = state_find(&s, name, &phase, &ignored) == 0 && phase == STATE_RUNNING;

	state_close(&s);
	return !running;
}

int log_read(const struct log_query *q)
{
	bool journal = strcmp(q->place, "journal") == 0;
	struct err e = { 0 };
	struct log_out o;
	int r;

	out_init(&o, q);
	r = journal ? read_journal(q, &o, &e) : read_files(q, &o, &e);
	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = err_set(&e, ERR_HOST, errno, NULL, "cannot print the log");
	if (r < 0)
		err_print(&e, NULL);
	if (o.wrong)
		fprintf(stderr, "casemate: warning: %lu lines of the log make no sense and are left out\n", o.wrong);
	return r < 0 ? err_exit_code(&e) : 0;
}
