/* sink.c - see sink.h. */
#include "sink.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

enum { TEXT_SIZE = 64 * 1024 + FORMAT_MAX };

static void count(struct sink *s, uint64_t lines, uint64_t bytes, bool written)
{
	atomic_fetch_add(written ? &s->counts->lines : &s->counts->dropped_lines, lines);
	atomic_fetch_add(written ? &s->counts->bytes : &s->counts->dropped_bytes, bytes);
}

/* --- files --- */

static void flush_file(struct sink *s)
{
	size_t done = 0;
	int r = 0;

	while (s->len && (r = log_file_write(&s->file, s->text, s->len, &done)) < 0 && s->again(s->ctx, -r))
		;
	if (r < 0)	/* given up: a line in part is worse than none, but which of them are whole nobody needs to know */
		log_file_cut(&s->file, done);
	else
		atomic_store(&s->counts->sys, 0);
	count(s, s->lines, s->bytes, r >= 0);
	s->len = s->lines = 0;
	s->bytes = 0;
}

static void rotate(struct sink *s)
{
	int r;

	flush_file(s);
	r = log_file_rotate(&s->file);
	if (r >= 0) {
		atomic_fetch_add(&s->counts->rotations, 1);
		s->rotated = true;
	} else {	/* the file grows on; the next line tries again */
		atomic_fetch_add(&s->counts->errors, 1);
		atomic_store(&s->counts->sys, -r);
	}
}

static void line_to_file(struct sink *s, const struct log_line *line)
{
	size_t n = format_json(s->source, line, ++s->seq, s->text + s->len);

	if (s->file.size + s->len + n > s->file.max_size && s->file.size + s->len > 0) {
		char *this = s->text + s->len;

		rotate(s);
		memmove(s->text, this, n);
	}
	s->len += n;
	s->lines += line->stream != LOG_OURS;
	s->bytes += line->stream != LOG_OURS ? line->len : 0;
	if (s->len > TEXT_SIZE - FORMAT_MAX)
		flush_file(s);
}

/* --- sockets --- */

static int send_to(const struct sink *s, const void *data, size_t len)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", s->path);
	return sendto(s->socket, data, len, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

static void deliver(struct sink *s, const struct log_line *line, const void *data, size_t len)
{
	int r;

	while ((r = send_to(s, data, len)) < 0 && s->again(s->ctx, -r))
		;
	if (r >= 0)
		atomic_store(&s->counts->sys, 0);
	if (line->stream != LOG_OURS)
		count(s, 1, line->len, r >= 0);
}

static void line_to_journal(struct sink *s, const struct log_line *line)
{
	static const int priority[LOG_STREAMS] = { LOG_INFO, LOG_ERR, LOG_WARNING };
	char time[LOG_TIME_LEN + 1];

	format_time(line->time, time);
	journal_begin(s->entry);
	journal_put(s->entry, "MESSAGE", line->text, line->len);
	journal_putf(s->entry, "PRIORITY", "%d", priority[line->stream]);
	journal_putf(s->entry, "SYSLOG_IDENTIFIER", "%s", s->source->name);
	journal_putf(s->entry, "CASEMATE_NAME", "%s", s->source->name);
	journal_putf(s->entry, "CASEMATE_ID", "%s", s->source->id);
	journal_putf(s->entry, "CASEMATE_POLICY_SHA256", "%s", s->source->sha256);
	journal_putf(s->entry, "CASEMATE_STREAM", "%s", log_stream_names[line->stream]);
	journal_putf(s->entry, "CASEMATE_TIME", "%s", time);
	if (line->partial)
		journal_putf(s->entry, "CONTAINER_PARTIAL_MESSAGE", "true");	/* as docker's journald driver says it */
	deliver(s, line, s->entry->data, s->entry->len);
}

static void line_to_syslog(struct sink *s, const struct log_line *line)
{
	deliver(s, line, s->text, format_syslog(s->source, line, s->host, s->text));
}

static void nothing_to_flush(struct sink *s)
{
	(void)s;
}

/* --- */

static int open_socket(struct sink *s, int place, const char *path)
{
	/* Whoever listens may be slow for ever: we want to hear of it. */
	const struct timeval patience = { .tv_sec = 1 };

	s->socket = place;
	s->path = path;
	s->flush = nothing_to_flush;
	return setsockopt(place, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ? -errno : 0;
}

int sink_open(struct sink *s, const struct sys *k, int place, const struct log_config *c)
{
	s->source = &c->source;
	s->text = malloc(TEXT_SIZE);
	s->entry = malloc(sizeof(*s->entry));
	s->file.fd = s->socket = -1;
	if (!s->text || !s->entry)
		return -ENOMEM;
	switch (c->driver) {
	case LOG_JSON_FILE:
		s->line = line_to_file;
		s->flush = flush_file;
		return log_file_open(&s->file, k, place, c);
	case LOG_JOURNALD:
		s->line = line_to_journal;
		return open_socket(s, place, JOURNAL_SOCKET);
	case LOG_TO_SYSLOG:
		s->line = line_to_syslog;
		if (gethostname(s->host, sizeof(s->host) - 1) < 0 || !*s->host)
			snprintf(s->host, sizeof(s->host), "-");
		return open_socket(s, place, LOG_SYSLOG_SOCKET);
	default:
		return -EINVAL;
	}
}

void sink_close(struct sink *s)
{
	if (s->file.fd >= 0)
		log_file_close(&s->file);
	free(s->text);
	free(s->entry);
}
