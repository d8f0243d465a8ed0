/* err.c - filling and printing the one error block; see err.h. */
#include "err.h"
#include "print.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int err_set(struct err *e, enum err_kind kind, int sys, const char *hint, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	e->sys = sys < 0 ? -sys : sys;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	snprintf(e->hint, sizeof(e->hint), "%s", hint ? hint : "");
	return -1;
}

int err_at(struct err *e, const char *pointer_fmt, ...)
{
	va_list ap;

	if (e->path[0] == '\0') {
		va_start(ap, pointer_fmt);
		vsnprintf(e->path, sizeof(e->path), pointer_fmt, ap);
		va_end(ap);
	}
	return -1;
}

int err_step(struct err *e, const char *step)
{
	if (e->step[0] == '\0')
		snprintf(e->step, sizeof(e->step), "%s", step);
	return -1;
}

int err_take(struct err *e, const struct err *said)
{
	*e = *said;
	e->step[sizeof(e->step) - 1] = e->path[sizeof(e->path) - 1] = '\0';
	e->msg[sizeof(e->msg) - 1] = e->hint[sizeof(e->hint) - 1] = '\0';
	return -1;
}

int err_exit_code(const struct err *e)
{
	if (e->kind != ERR_EXEC)
		return 125;
	return e->sys == ENOENT || e->sys == ENOTDIR ? 127 : 126;
}

static void put(const char *s, const char *after, FILE *out)
{
	if (*s == '\0')
		return;
	print_escaped(out, s);
	fputs(after, out);
}

void err_write(const struct err *e, const char *file, FILE *out)
{
	if (file && e->line) {
		put(file, ":", out);
		fprintf(out, "%d:%d: ", e->line, e->column);
	}
	put(e->step, ": ", out);
	put(e->path, ": ", out);
	put(e->msg, "", out);
	if (e->sys)
		fprintf(out, ": %s", strerror(e->sys));
}

void err_print(const struct err *e, const char *file)
{
	fputs("casemate: ", stderr);
	err_write(e, file, stderr);
	fputc('\n', stderr);
	if (e->hint[0]) {
		fputs("casemate: hint: ", stderr);
		put(e->hint, "\n", stderr);
	}
}
