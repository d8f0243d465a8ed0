/* audit.c - see audit.h. */
#include "audit.h"

#include "../base/cleanup.h"
#include "../base/journal.h"
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>

enum { PATIENCE_MS = 10 * 1000 };	/* a journal that is busy reads later */

/* To find all of ours in a journal, whatever the text: sd-id128(3), made once. */
#define MESSAGE_ID "5d2c1c5b0f0a4e0f9d2a6be0b1c7a36e"

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

/* What somebody should look at stands out; an event that has something to say has "message". */
static int priority_of(const char *kind)
{
	static const char *const notable[] = { "refused", "alert", "unhealthy", "denied" };

	for (size_t i = 0; i < COUNT(notable); i++)
		if (strcmp(kind, notable[i]) == 0)
			return LOG_WARNING;
	return LOG_INFO;
}

static int to_journal(const struct audit *a, const json_t *event, const char *line)
{
	_auto(free_mem) struct journal_entry *entry = malloc(sizeof(*entry));
	const char *kind = text_of(event, "event"), *message = text_of(event, "message");
	const json_t *policy = json_object_get(event, "policy");

	if (!entry)
		return -ENOMEM;
	journal_begin(entry);
	journal_putf(entry, "MESSAGE", "container %s: %s%s%s", text_of(event, "name"), kind, *message ? ": " : "", message);
	journal_putf(entry, "MESSAGE_ID", MESSAGE_ID);
	journal_putf(entry, "PRIORITY", "%d", priority_of(kind));
	journal_putf(entry, "SYSLOG_FACILITY", "%d", LOG_FAC(LOG_AUTHPRIV));
	journal_putf(entry, "SYSLOG_IDENTIFIER", "casemate");
	journal_putf(entry, "CASEMATE_EVENT", "%s", kind);
	journal_putf(entry, "CASEMATE_NAME", "%s", text_of(event, "name"));
	if (policy)
		journal_putf(entry, "CASEMATE_POLICY_SHA256", "%s", text_of(policy, "sha256"));
	journal_put(entry, "CASEMATE_AUDIT", line, strlen(line));
	return journal_send(a->sys, a->journal, entry, PATIENCE_MS);
}

/* Opened each time: whoever rotates it need not tell us. O_NOFOLLOW, and 0600 where it is new: it names what ran. */
static int to_file(const struct audit *a, const char *line)
{
	_auto(free_mem) char *text = NULL;
	_auto(close_fd) int fd = openat(a->dir, a->file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
	int n = asprintf(&text, "%s\n", line);

	if (n < 0) {
		text = NULL;
		return -ENOMEM;
	}
	if (fd < 0)
		return -errno;
	/* One write: lines of several launches never mix (O_APPEND, write(2)). */
	errno = EIO;
	return write(fd, text, (size_t)n) == n && fsync(fd) == 0 ? 0 : -errno;
}

static int failed(const struct audit *a, int r, const char *where, struct err *e)
{
	if (a->must) {
		err_set(e, ERR_HOST, r, "the host's floor asks for it: " FLOOR_FILE, "cannot write the audit event to %s", where);
		return err_step(e, "audit");
	}
	fprintf(stderr, "casemate: warning: cannot write the audit event to %s: %s\n", where, strerror(-r));
	return 0;
}

int audit_write(const struct audit *a, const json_t *event, struct err *e)
{
	_auto(free_mem) char *line = NULL;
	int journal = 0, file = 0;

	if (a->journal < 0 && a->dir < 0)
		return 0;
	line = event ? json_dumps(event, JSON_COMPACT) : NULL;
	if (!line)
		return failed(a, -ENOMEM, "memory", e);
	if (a->journal >= 0)
		journal = to_journal(a, event, line);
	if (a->dir >= 0)
		file = to_file(a, line);
	if (file < 0)
		return failed(a, file, a->file, e);
	return journal < 0 ? failed(a, journal, "the journal", e) : 0;
}

/* A file of root's is for root's launches; everybody else's events must then reach the journal. */
static int open_file(struct audit *a, const char *path, struct err *e)
{
	const char *name = strrchr(path, '/') + 1;
	_auto(free_mem) char *dir = strndup(path, (size_t)(name - path));

	if (!dir || snprintf(a->file, sizeof(a->file), "%s", name) >= (int)sizeof(a->file))
		return err_set(e, ERR_HOST, dir ? ENAMETOOLONG : ENOMEM, NULL, "cannot hold the name of audit.file");
	a->dir = sys_open_exact(a->sys, AT_FDCWD, dir, O_PATH | O_DIRECTORY);
	if (a->dir >= 0)
		return 0;
	err_set(e, ERR_HOST, a->dir, a->dir == -ELOOP ? "no symbolic links on the way to it" : "make the directory; root:root, mode 0700",
		"cannot open %s, where the floor wants the audit events", dir);
	a->dir = -1;
	return -1;
}

static int open_all(struct audit *a, const struct floor *floor, struct err *e)
{
	bool file = floor->audit.file, ours = geteuid() == 0;
	int r = journal_open(a->sys);

	a->must = floor->audit.journal || file;
	a->journal = r < 0 ? -1 : r;
	if (r < 0 && (floor->audit.journal || (file && !ours)))
		return err_set(e, ERR_HOST, r, "the host's floor asks for audit events: " FLOOR_FILE, "cannot reach the journal");
	return file && ours ? open_file(a, floor->audit.file, e) : 0;
}

int audit_open(struct audit *a, const struct sys *k, struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 };
	struct bound bound = { 0 };

	*a = (struct audit)AUDIT_NONE;
	a->sys = k;
	if (floor_of_host(&arena, &bound, e) < 0)
		return err_step(e, "floor");
	if (open_all(a, &bound.floor, e) == 0)
		return 0;
	audit_close(a);
	return err_step(e, "audit");
}

void audit_close(struct audit *a)
{
	close_fd(&a->journal);
	close_fd(&a->dir);
}

int audit_event(json_t *event, struct err *e)
{
	struct audit a = AUDIT_NONE;
	int r = audit_open(&a, &sys_kernel, e);

	if (r == 0)
		r = audit_write(&a, event, e);
	audit_close(&a);
	json_decref(event);
	return r;
}
