/* whose.c - see whose.h. */
#include "whose.h"
#include "../base/cleanup.h"
#include "../launch/state.h"
#include "../logs/entry.h"
#include "../logs/journalctl.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { SLACK_MS = 1000 };

/* --- containers --- */

static uint64_t ms_of(const json_t *record)
{
	const char *time = json_string_value(json_object_get(record, "time"));
	uint64_t ns;

	return time && entry_time(time, &ns) == 0 ? ns / 1000000 : 0;
}

static int whose_is(const json_t *launched, const json_t *exited, const char *name, struct whose *w)
{
	const json_t *controls = json_object_get(launched, "controls");
	const char *user = json_string_value(json_object_get(controls, "user")), *pidns = json_string_value(json_object_get(controls, "namespaces.pid")),
		*profile = json_string_value(json_object_get(controls, "apparmor"));
	json_int_t caller = json_integer_value(json_object_get(json_object_get(launched, "caller"), "uid"));

	*w = (struct whose){ .begin = ms_of(launched), .end = exited ? ms_of(exited) : UINT64_MAX,
		.pid = (pid_t)json_integer_value(json_object_get(launched, "pid")), .init = (pid_t)json_integer_value(json_object_get(launched, "init_pid")) };
	snprintf(w->name, sizeof(w->name), "%s", name);
	snprintf(w->pidns, sizeof(w->pidns), "%s", pidns ? pidns : "");
	snprintf(w->profile, sizeof(w->profile), "%s", profile ? profile : "");
	w->profile[strcspn(w->profile, " (")] = '\0';
	if (!user || w->begin == 0)
		return -1;
	/* An ordinary user's container has the user's own uid, seen from the host. */
	w->uid = caller ? (uid_t)caller : (uid_t)strtoul(user, NULL, 10);
	return 0;
}

int whose_state(const char *name, struct whose *w, struct err *e)
{
	_auto(free_mem) char *text = NULL, *end = NULL;
	json_auto_t *launched = NULL, *exited = NULL;
	struct state s = STATE_NONE;
	enum state_phase phase = STATE_LOST;
	struct err ignored = { 0 };
	int r = state_find(&s, name, &phase, e);

	if (r == 0)
		r = state_read(&s, "record.json", &text, e);
	if (r == 0 && phase == STATE_ENDED && state_read_exit(&s, &end, &ignored) == 0)
		exited = json_loads(end, 0, NULL);
	state_close(&s);
	launched = text ? json_loads(text, 0, NULL) : NULL;
	if (r == 0 && whose_is(launched, exited, name, w) < 0)
		r = err_set(e, ERR_HOST, 0, NULL, "the record of '%s' makes no sense", name);
	w->lost = phase != STATE_RUNNING && !exited;
	return r;
}

/* Ended and not kept: its events in the journal. */
struct trail { char text[64 * 1024]; size_t len; json_t *launched, *exited; };

static void trail_begin(void *ctx)
{
	((struct trail *)ctx)->len = 0;
}

static void trail_field(void *ctx, const struct export_field *f)
{
	struct trail *t = ctx;

	if (export_is(f, "CASEMATE_AUDIT") && f->len < sizeof(t->text)) {
		memcpy(t->text, f->value, f->len);
		t->len = f->len;
	}
}

static void trail_entry(void *ctx)
{
	struct trail *t = ctx;
	json_t *event = t->len ? json_loadb(t->text, t->len, 0, NULL) : NULL;
	const char *kind = json_string_value(json_object_get(event, "event"));

	t->len = 0;
	if (kind && strcmp(kind, "launched") == 0) {
		json_decref(t->launched);
		json_decref(t->exited);
		t->exited = NULL;
		t->launched = json_incref(event);
	} else if (kind && strcmp(kind, "exited") == 0) {
		json_decref(t->exited);
		t->exited = json_incref(event);
	}
	json_decref(event);
}

int whose_journal(const char *name, struct whose *w, struct err *e)
{
	char match[LOG_NAME_MAX + 16], uid[32];
	const char *const argv[] = { "journalctl", "--quiet", "--no-pager", "--output=export", "--output-fields=CASEMATE_AUDIT", match, uid,
		"SYSLOG_IDENTIFIER=casemate", NULL };
	struct trail *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot read the journal");
	snprintf(match, sizeof(match), "CASEMATE_NAME=%s", name);
	snprintf(uid, sizeof(uid), "_UID=%u", geteuid());
	r = journal_read(&(struct journal_query){ argv, trail_begin, trail_field, trail_entry, NULL, t }, e);
	if (r == 0 && (!t->launched || whose_is(t->launched, t->exited, name, w) < 0))
		r = err_set(e, ERR_HOST, 0, "containers that run, were kept, or left their events in the journal are known", "no container named '%s'", name);
	w->lost = !t->exited;
	json_decref(t->launched);
	json_decref(t->exited);
	free(t);
	return r;
}

/* --- denials --- */

bool whose_time(const struct whose *w, const struct denial *d)
{
	return d->ms + SLACK_MS >= w->begin && (w->end == UINT64_MAX || d->ms <= w->end + SLACK_MS);
}

static bool may_be(const struct whose *w, const struct denial *d)
{
	if (!whose_time(w, d))
		return false;
	if (d->kind == DENIED_APPARMOR && *d->profile && *w->profile && strncmp(d->profile, w->profile, strlen(w->profile)) != 0)
		return false;
	return !d->has_uid || d->uid == w->uid;
}

enum whose_verdict whose_judge(const struct whose *w, const struct whose *others, size_t n_others, const struct denial *d)
{
	char path[40], ns[64] = "";
	ssize_t n;

	if (!whose_time(w, d))
		return NOT_OURS;
	if (d->pid && (d->pid == w->pid || d->pid == w->init))
		return w->lost ? PERHAPS : OURS;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", d->pid);
	n = d->pid && w->end == UINT64_MAX && !w->lost ? readlink(path, ns, sizeof(ns) - 1) : -1;
	if (n > 0 && *w->pidns)	/* a pid that was given out again within the log's time would be a coincidence of coincidences */
		return strcmp(ns, w->pidns) == 0 ? OURS : NOT_OURS;
	if (!may_be(w, d))
		return NOT_OURS;
	for (size_t i = 0; i < n_others; i++)
		if (may_be(&others[i], d))
			return PERHAPS;
	return d->has_uid && !w->lost && geteuid() == 0 ? OURS : PERHAPS;
}
