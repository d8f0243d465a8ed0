/* entry.c - see entry.h. */
#include "entry.h"

#include "../base/cleanup.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

static bool digits(const char **s, int n, int *ret)
{
	for (*ret = 0; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*ret = *ret * 10 + (**s - '0');
	}
	return true;
}

static bool literal(const char **s, char c)
{
	return *(*s)++ == c;
}

/* Seconds east of Greenwich. */
static bool offset(const char **s, int *ret)
{
	int sign = **s == '-' ? -1 : 1, hours, minutes;

	*ret = 0;
	if (**s == 'Z')
		return (*s)++, true;
	if (**s != '+' && **s != '-')
		return false;
	(*s)++;
	if (!digits(s, 2, &hours) || !literal(s, ':') || !digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret = sign * (hours * 60 + minutes) * 60;
	return true;
}

int entry_time(const char *s, uint64_t *ns)
{
	struct tm tm = { 0 };
	uint64_t fraction = 0, unit = 1000000000;
	int east;
	time_t t;

	if (!digits(&s, 4, &tm.tm_year) || !literal(&s, '-') || !digits(&s, 2, &tm.tm_mon) || !literal(&s, '-') || !digits(&s, 2, &tm.tm_mday) ||
	    !literal(&s, 'T') || !digits(&s, 2, &tm.tm_hour) || !literal(&s, ':') || !digits(&s, 2, &tm.tm_min) || !literal(&s, ':') ||
	    !digits(&s, 2, &tm.tm_sec))
		return -1;
	if (tm.tm_year < 1970 || tm.tm_year > 2500 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 60)
		return -1;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++)
			if (unit > 1)
				fraction += (uint64_t)(*s - '0') * (unit /= 10);
	if (!offset(&s, &east) || *s)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	t = timegm(&tm) - east;
	if (t < 0)
		return -1;
	*ns = (uint64_t)t * 1000000000 + fraction;
	return 0;
}

static int stream_of(const char *name, size_t len, enum log_stream *ret)
{
	for (enum log_stream s = 0; s < LOG_STREAMS; s++)
		if (strlen(log_stream_names[s]) == len && memcmp(name, log_stream_names[s], len) == 0)
			return *ret = s, 0;
	return -1;
}

/* --- files --- */

static int value_of(char c)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digit, c) : NULL;

	return at ? (int)(at - digit) : -1;
}

/* malloc'd; NULL when it is no base64. */
static char *from_base64(const char *text, size_t len, size_t *ret)
{
	size_t pad = len && text[len - 1] == '=' ? len > 1 && text[len - 2] == '=' ? 2 : 1 : 0, n = 0;
	_auto(free_mem) char *out = malloc(len + 1);
	unsigned bits = 0, have = 0;
	char *mine;

	if (!out || len % 4)
		return NULL;
	for (size_t i = 0; i < len - pad; i++) {
		int v = value_of(text[i]);

		if (v < 0)
			return NULL;
		bits = bits << 6 | (unsigned)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
		}
	}
	*ret = n;
	mine = out;
	out = NULL;
	return mine;
}

/* Others' files have none. */
static void which(struct log_entry *e, const json_t *attrs)
{
	const char *id = json_string_value(json_object_get(attrs, "id")), *seq = json_string_value(json_object_get(attrs, "seq"));

	if (id && seq && strlen(id) < sizeof(e->id)) {
		strcpy(e->id, id);
		e->seq = strtoull(seq, NULL, 10);
	}
}

int entry_from_json(const char *line, size_t len, struct log_entry *ret)
{
	json_auto_t *o = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	const json_t *log = json_object_get(o, "log"), *bytes = json_object_get(o, "bytes"), *stream = json_object_get(o, "stream");
	const char *time = json_string_value(json_object_get(o, "time"));
	size_t n = json_string_length(log);

	*ret = (struct log_entry){ 0 };
	if (!json_is_string(log) || !json_is_string(stream) || !time || entry_time(time, &ret->time) < 0 ||
	    stream_of(json_string_value(stream), json_string_length(stream), &ret->stream) < 0)
		return -1;
	which(ret, json_object_get(o, "attrs"));
	ret->partial = n == 0 || json_string_value(log)[n - 1] != '\n';
	ret->len = ret->partial ? n : n - 1;
	if (json_is_string(bytes)) {
		ret->hold = from_base64(json_string_value(bytes), json_string_length(bytes), &ret->len);
	} else {
		ret->hold = malloc(ret->len + 1);
		if (ret->hold)
			memcpy(ret->hold, json_string_value(log), ret->len);
	}
	ret->text = ret->hold;
	return ret->hold ? 0 : -1;
}

void entry_free(struct log_entry *e)
{
	free(e->hold);
	*e = (struct log_entry){ 0 };
}

/* --- what journalctl exports --- */

void entry_field(struct log_entry *e, const struct export_field *f)
{
	char time[LOG_NAME_MAX];

	if (export_is(f, "MESSAGE")) {
		e->text = f->value;
		e->len = f->len;
		e->have |= 1;
	} else if (export_is(f, "CASEMATE_TIME") && f->len < sizeof(time)) {
		memcpy(time, f->value, f->len);
		time[f->len] = '\0';
		e->have |= strlen(time) == f->len && entry_time(time, &e->time) == 0 ? 2 : 0;
	} else if (export_is(f, "CASEMATE_STREAM")) {
		e->have |= stream_of(f->value, f->len, &e->stream) == 0 ? 4 : 0;
	} else if (export_is(f, "CONTAINER_PARTIAL_MESSAGE")) {
		e->partial = f->len == 4 && memcmp(f->value, "true", 4) == 0;
	}
}

bool entry_whole(const struct log_entry *e)
{
	return e->have == 7;
}
