/* log.c - what engines read: one line for each message, as runc writes them (logrus). Podman takes the whole file for one JSON
 * object, containerd the last line whose level is "error", so a failure is one line, and without --debug the only one. */
#include "runtime.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

enum { LINE = 1024 };

static void put(int fd, const char *text)
{
	_auto(free_mem) char *line = NULL;

	if (asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	else
		(void)!write(fd, line, strlen(line));	/* in one piece: lines of several of us never mix */
}

static void format(const struct runtime *rt, const char *level, const char *msg, char line[2 * LINE])
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32] = "";
	_auto(free_mem) char *text = NULL;
	json_auto_t *json = NULL;

	if (gmtime_r(&now, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (rt->log_json)
		json = json_pack("{s:s, s:s, s:s}", "level", level, "msg", msg, "time", stamp);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (text)
		snprintf(line, 2 * LINE, "%s", text);
	else
		snprintf(line, 2 * LINE, "time=\"%s\" level=%s msg=\"%s\"", stamp, level, msg);
}

void runtime_log(const struct runtime *rt, const char *level, const char *msg)
{
	char line[2 * LINE];
	_auto(close_fd) int fd = -1;

	if (!rt->log)
		return;
	fd = open(rt->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	if (fd < 0)
		return;
	format(rt, level, msg, line);
	put(fd, line);
}

/* Engines tell by the words whether a program is missing (127) or may not be executed (126), and docker knows them as Go writes
 * them: in small letters. */
static void small_letters(char *msg, int errnum)
{
	const char *words = strerror(errnum);
	char *at = errnum ? strstr(msg, words) : NULL;

	if (at && *at >= 'A' && *at <= 'Z')
		*at = (char)(*at + ('a' - 'A'));
}

/* Without control characters, whatever a config.json or an image had in it. */
void runtime_fail(const struct runtime *rt, const struct err *e)
{
	char msg[LINE] = "";
	FILE *out = fmemopen(msg, sizeof(msg), "w");

	if (out) {
		err_write(e, NULL, out);
		if (e->line)
			fprintf(out, " (config.json:%d:%d)", e->line, e->column);
		if (e->hint[0])
			fprintf(out, " (%s)", e->hint);
		fclose(out);
	}
	small_letters(msg, e->sys);
	runtime_log(rt, "error", msg);
	fprintf(stderr, "casemate-runtime: %s\n", msg);
}
