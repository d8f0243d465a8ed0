/* notify_message.c - see notify_message.h. What may pass is a table; what is in none of its rows does not pass. */
#include "notify_message.h"
#include "../base/cleanup.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value { const char *s; size_t n; };

/* Puts one line; false when it does not fit any more. */
static bool put(struct notify_message *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool put(struct notify_message *m, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (m->len + 1 >= sizeof(m->text))
		return false;
	m->text[m->len] = '\n';
	va_start(ap, fmt);
	n = vsnprintf(m->text + m->len + (m->len > 0), sizeof(m->text) - m->len - 1, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(m->text) - m->len - 1)
		return false;
	m->len += (size_t)n + (m->len > 0);
	return true;
}

static bool is(struct value v, const char *word)
{
	return v.n == strlen(word) && memcmp(v.s, word, v.n) == 0;
}

static bool all_of(struct value v, const char *set)
{
	for (size_t i = 0; i < v.n; i++)
		if (!v.s[i] || !strchr(set, v.s[i]))
			return false;
	return v.n > 0;
}

/* --- values: true when the line may go on; a function that writes it itself has its own way --- */

static bool take_one(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	(void)w;
	return is(v, "1") && put(m, "%s=1", name);
}

static bool take_ready(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	m->ready = take_one(v, w, m, name);
	return m->ready;
}

static bool take_reloading(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	m->reloading = take_one(v, w, m, name);
	return m->reloading;
}

static bool take_stopping(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	m->stopping = take_one(v, w, m, name);
	return m->stopping;
}

static bool take_number(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	(void)w;
	return v.n <= 20 && all_of(v, "0123456789") && put(m, "%s=%.*s", name, (int)v.n, v.s);
}

/* "org.freedesktop.DBus.Error.Timeout" */
static bool take_name(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	(void)w;
	return v.n <= 255 && all_of(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") &&
	       put(m, "%s=%.*s", name, (int)v.n, v.s);
}

/* Somebody's terminal will show it. The second byte of a C1 control in UTF-8 goes as well, so only its first would be left, and
 * the manager refuses text that is not UTF-8: it is replaced too. */
static bool take_text(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	char text[NOTIFY_BYTES_MAX];

	(void)w;
	for (size_t i = 0; i < v.n; i++) {
		const unsigned char c = (unsigned char)v.s[i], next = i + 1 < v.n ? (unsigned char)v.s[i + 1] : 0;
		const bool c1 = c == 0xc2 && next >= 0x80 && next < 0xa0;

		text[i] = c < 0x20 || c == 0x7f || c1 ? '?' : (char)c;
		if (c1)
			text[++i] = '?';
	}
	return put(m, "%s=%.*s", name, (int)v.n, text);
}

static bool take_watchdog(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	if (is(v, "trigger"))
		return put(m, "%s=trigger", name);
	return is(v, "1") && (w->unhealthy || put(m, "%s=1", name));
}

/* The manager compares it with its own clock. */
static bool take_time(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	char text[24];
	uint64_t usec;
	int64_t ahead = w->monotonic * INT64_C(1000000);

	if (v.n > 18 || !all_of(v, "0123456789"))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)v.n, v.s);
	usec = strtoull(text, NULL, 10);
	return (int64_t)usec >= ahead && put(m, "%s=%" PRIu64, name, (uint64_t)((int64_t)usec - ahead));
}

static bool take_main_pid(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	return v.n <= 20 && all_of(v, "0123456789") && put(m, "%s=%d", name, w->main_pid);
}

/* Says "the manager has read everything before it" by closing the descriptor that comes with it: ours to do. */
static bool take_barrier(struct value v, const struct notify_view *w, struct notify_message *m, const char *name)
{
	(void)w, (void)m, (void)name;
	return is(v, "1");
}

static const struct passing {
	const char *name;
	bool (*take)(struct value, const struct notify_view *, struct notify_message *, const char *name);
} passing[] = {
	{ "READY", take_ready }, { "RELOADING", take_reloading }, { "STOPPING", take_stopping }, { "STATUS", take_text },
	{ "ERRNO", take_number }, { "BUSERROR", take_name }, { "WATCHDOG", take_watchdog }, { "EXTEND_TIMEOUT_USEC", take_number },
	{ "MONOTONIC_USEC", take_time }, { "MAINPID", take_main_pid }, { "BARRIER", take_barrier },
};

/* Known well enough to say why not; the rest is NOTIFY_OTHER. */
static const struct { const char *name; enum notify_refusal why; } refused[] = {
	{ "FDSTORE", NOTIFY_STORE }, { "FDSTOREREMOVE", NOTIFY_STORE }, { "FDNAME", NOTIFY_STORE }, { "FDPOLL", NOTIFY_STORE },
	{ "MAINPIDFD", NOTIFY_MAIN }, { "MAINPIDFDID", NOTIFY_MAIN },
};

static const char *const reasons[] = {
	[NOTIFY_STORE] = "no descriptor of a workload is kept outside its container",
	[NOTIFY_MAIN] = "the main process is the supervisor, and no descriptor says otherwise",
	[NOTIFY_OTHER] = ("nothing but READY, RELOADING, STOPPING, STATUS, ERRNO, BUSERROR, WATCHDOG, EXTEND_TIMEOUT_USEC, "
			  "MONOTONIC_USEC and MAINPID goes on to the service manager"),
	[NOTIFY_VALUE] = "that is not what sd_notify(3) wants there",
	[NOTIFY_LENGTH] = "a message has at most 4096 bytes",
	[NOTIFY_DESCRIPTORS] = "only BARRIER=1 comes with a descriptor",
	[NOTIFY_FOREIGN] = "the sender is not in this container, or had ended before anybody could look: sd_notify_barrier(3) waits",
};
_Static_assert(COUNT(reasons) == NOTIFY_REFUSALS, "a reason for each");

const char *notify_why(enum notify_refusal why)
{
	return reasons[why];
}

static void refuse(struct notify_message *m, enum notify_refusal why, const char *name, size_t n)
{
	m->refused |= 1U << why;
	if (m->culprit[0])
		return;
	if (n >= sizeof(m->culprit))
		n = sizeof(m->culprit) - 1;
	for (size_t i = 0; i < n; i++)
		m->culprit[i] = name[i] > 0x20 && name[i] < 0x7f ? name[i] : '?';
	m->culprit[n] = '\0';
}

static void judge_line(const char *line, size_t n, const struct notify_view *w, struct notify_message *m)
{
	const char *equals = memchr(line, '=', n);
	const struct value name = { line, equals ? (size_t)(equals - line) : n };
	const struct value v = { equals ? equals + 1 : line + n, equals ? n - name.n - 1 : 0 };

	for (size_t i = 0; i < COUNT(passing); i++)
		if (equals && is(name, passing[i].name)) {
			if (!passing[i].take(v, w, m, passing[i].name))
				refuse(m, NOTIFY_VALUE, line, name.n);
			return;
		}
	for (size_t i = 0; i < COUNT(refused); i++)
		if (is(name, refused[i].name)) {
			refuse(m, refused[i].why, line, name.n);
			return;
		}
	refuse(m, NOTIFY_OTHER, line, name.n);
}

void notify_judge(const char *said, size_t n, const struct notify_view *w, struct notify_message *m)
{
	m->len = 0;
	m->refused = 0;
	m->culprit[0] = '\0';
	m->ready = m->reloading = m->stopping = false;
	if (n > NOTIFY_BYTES_MAX) {
		refuse(m, NOTIFY_LENGTH, "message", strlen("message"));
		return;
	}
	for (const char *end = said + n, *next; said < end; said = next) {
		const char *eol = memchr(said, '\n', (size_t)(end - said));

		next = eol ? eol + 1 : end;
		if ((eol ? eol : end) > said)
			judge_line(said, (size_t)((eol ? eol : end) - said), w, m);
	}
}
