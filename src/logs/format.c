/* format.c - see format.h. Written by hand, not by a JSON library: it runs once for every line that a workload prints. */
#include "format.h"

#include <stdint.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

const char *const log_stream_names[LOG_STREAMS] = { "stdout", "stderr", "casemate" };

void format_time(uint64_t ns, char to[LOG_TIME_LEN + 1])
{
	time_t s = (time_t)(ns / 1000000000);
	char fraction[16];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(to, LOG_TIME_LEN + 1, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(fraction, sizeof(fraction), ".%09uZ", (unsigned)(ns % 1000000000));
	memcpy(to + LOG_TIME_LEN - 11, fraction, 12);
}

static char *put(char *to, const char *text, size_t len)
{
	memcpy(to, text, len);
	return to + len;
}

static char *puts_to(char *to, const char *text)
{
	return put(to, text, strlen(text));
}

/* How many bytes of well-formed UTF-8 begin here (RFC 3629: no surrogates, nothing overlong); 0: none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static char *put_escape(char *to, unsigned char c)
{
	static const char brief[] = { ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\' };

	*to++ = '\\';
	if (c < sizeof(brief) && brief[c]) {
		*to++ = brief[c];
		return to;
	}
	return to + sprintf(to, "u%04x", c);
}

/* The inside of a JSON string; *whole tells whether every byte could be said. */
static char *put_json(char *to, const char *text, size_t len, bool *whole)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + len;

	*whole = true;
	while (s < end) {
		const unsigned char *run = s;
		size_t n = 1;

		while (s < end && *s >= 0x20 && *s < 0x7f && *s != '"' && *s != '\\')
			s++;
		to = put(to, (const char *)run, (size_t)(s - run));
		if (s == end)
			break;
		if (*s < 0x80) {
			to = put_escape(to, *s);
		} else if ((n = utf8_len(s, (size_t)(end - s))) > 0) {
			to = put(to, (const char *)s, n);
		} else {
			to = puts_to(to, "\xef\xbf\xbd");
			*whole = false;
			n = 1;
		}
		s += n;
	}
	return to;
}

static char *put_base64(char *to, const char *text, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned three = (unsigned)s[i] << 16 | (left > 1 ? (unsigned)s[i + 1] << 8 : 0) | (left > 2 ? s[i + 2] : 0u);

		*to++ = digit[three >> 18];
		*to++ = digit[three >> 12 & 63];
		*to++ = left > 1 ? digit[three >> 6 & 63] : '=';
		*to++ = left > 2 ? digit[three & 63] : '=';
	}
	return to;
}

size_t format_json(const struct log_source *source, const struct log_line *line, uint64_t seq, char *to)
{
	char *start = to, time[LOG_TIME_LEN + 1];
	bool whole;

	format_time(line->time, time);
	to = put_json(puts_to(to, "{\"log\":\""), line->text, line->len, &whole);
	to = puts_to(to, line->partial ? "\",\"stream\":\"" : "\\n\",\"stream\":\"");
	to = puts_to(to, log_stream_names[line->stream]);
	if (!whole)
		to = put_base64(puts_to(to, "\",\"bytes\":\""), line->text, line->len);
	/* A name is letters, digits and "-_." (casemate-policy(5)), the others are hexadecimal. */
	to += sprintf(to, "\",\"attrs\":{\"name\":\"%s\",\"id\":\"%s\",\"policy\":\"%s\",\"seq\":\"%lu\"},\"time\":\"%s\"}\n", source->name,
		      source->id, source->sha256, seq, time);
	return (size_t)(to - start);
}

/* 32473 is the number that RFC 5612 gives to examples; casemate has none of its own. */
#define SD_ID "casemate@32473"

size_t format_syslog(const struct log_source *source, const struct log_line *line, const char *host, char *to)
{
	static const int severity[LOG_STREAMS] = { LOG_INFO, LOG_ERR, LOG_WARNING };
	char *start = to, time[LOG_TIME_LEN + 1];

	format_time(line->time, time);
	memcpy(time + LOG_TIME_LEN - 4, "Z", 2);	/* RFC 5424, 6.2.3: at most microseconds */
	to += sprintf(to, "<%d>1 %s %.255s %.48s - - [" SD_ID " id=\"%s\" policy=\"%s\" stream=\"%s\"%s] ", LOG_DAEMON | severity[line->stream], time,
		      host, source->name, source->id, source->sha256, log_stream_names[line->stream], line->partial ? " partial=\"true\"" : "");
	for (uint32_t i = 0; i < line->len; i++)
		if (line->text[i])
			*to++ = line->text[i];
		else
			to = puts_to(to, "#000");
	return (size_t)(to - start);
}
