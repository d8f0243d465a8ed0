/* denials.c - casemate denials: what a container tried and was refused, by what the kernel logged.
 *
 * The kernel logs the pid on the host, and the uid, and no container. So: a process that still runs is asked which pid namespace it
 * is in, which is certain. One that is gone is a container's if its uid is, and the time is; where several containers share
 * the uid at that time, it is counted for each and said not to be certain. */
#include "../base/print.h"
#include "../base/sys.h"
#include "../launch/state.h"
#include "../logs/denial.h"
#include "../logs/entry.h"
#include "../seccomp/calls.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>

enum { KINDS_MAX = 512, SEEN_MAX = 1 << 16, OTHERS_MAX = 64, SLACK_MS = 1000 };

/* What of a container tells its processes from others. */
struct whose {
	char name[LOG_NAME_MAX];
	uint64_t begin, end;		/* ms; end UINT64_MAX: it runs */
	uid_t uid;
	pid_t pid, init;
	char pidns[64], profile[128];
};

struct kind {
	struct denial denial;		/* the first */
	uint64_t count, uncertain, last;
};

struct report {
	struct whose whose, other[OTHERS_MAX];
	size_t n_others;
	struct kind kind[KINDS_MAX];
	size_t n;
	uint64_t more, suppressed;	/* kinds that had no room; times that the kernel says it kept silent */
	bool inside;			/* the last line was in the container's time */
	struct { uint64_t serial, ms; } seen[SEEN_MAX];
	size_t n_seen;
	char text[4096], type[16], id[32], time[32];	/* of the journal's entry */
};

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

static int from_state(const char *name, struct whose *w, struct err *e)
{
	_auto(free_mem) char *text = NULL, *end = NULL;
	json_auto_t *launched = NULL, *exited = NULL;
	struct state s = STATE_NONE;
	enum state_phase phase;
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
	return r;
}

static bool add_other(const char *name, void *ctx)
{
	struct report *r = ctx;
	struct err ignored = { 0 };

	if (r->n_others < OTHERS_MAX && strcmp(name, r->whose.name) != 0 && from_state(name, &r->other[r->n_others], &ignored) == 0)
		r->n_others++;
	return false;
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

static int from_journal(const char *name, struct whose *w, struct err *e)
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
	json_decref(t->launched);
	json_decref(t->exited);
	free(t);
	return r;
}

/* --- whose a denial is --- */

enum verdict { NOT_OURS, PERHAPS, OURS };

static bool in_time(const struct whose *w, const struct denial *d)
{
	return d->ms + SLACK_MS >= w->begin && (w->end == UINT64_MAX || d->ms <= w->end + SLACK_MS);
}

static bool may_be(const struct whose *w, const struct denial *d)
{
	if (!in_time(w, d))
		return false;
	if (d->kind == DENIED_APPARMOR && *d->profile && *w->profile && strncmp(d->profile, w->profile, strlen(w->profile)) != 0)
		return false;
	return !d->has_uid || d->uid == w->uid;
}

static enum verdict judge(const struct report *r, const struct denial *d)
{
	char path[40], ns[64] = "";
	ssize_t n;

	if (!in_time(&r->whose, d))
		return NOT_OURS;
	if (d->pid && (d->pid == r->whose.pid || d->pid == r->whose.init))
		return OURS;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", d->pid);
	n = d->pid && r->whose.end == UINT64_MAX ? readlink(path, ns, sizeof(ns) - 1) : -1;
	if (n > 0 && *r->whose.pidns)	/* a pid that was given out again within the log's time would be a coincidence of coincidences */
		return strcmp(ns, r->whose.pidns) == 0 ? OURS : NOT_OURS;
	if (!may_be(&r->whose, d))
		return NOT_OURS;
	for (size_t i = 0; i < r->n_others; i++)
		if (may_be(&r->other[i], d))
			return PERHAPS;
	return d->has_uid && r->whose.uid >= 1 && geteuid() == 0 ? OURS : PERHAPS;
}

static bool alike(const struct denial *a, const struct denial *b)
{
	return a->kind == b->kind && a->call == b->call && a->arch == b->arch && strcmp(a->operation, b->operation) == 0 &&
	       strcmp(a->object, b->object) == 0 && strcmp(a->mask, b->mask) == 0 && strcmp(a->comm, b->comm) == 0;
}

/* The same record comes by way of the kernel's log and by that of the audit subsystem. */
static bool is_new(struct report *r, const struct denial *d)
{
	size_t at = (d->serial * 31 + d->ms) % SEEN_MAX;

	for (; r->seen[at].ms; at = (at + 1) % SEEN_MAX)
		if (r->seen[at].serial == d->serial && r->seen[at].ms == d->ms)
			return false;
	if (r->n_seen < SEEN_MAX / 2) {
		r->seen[at].serial = d->serial;
		r->seen[at].ms = d->ms;
		r->n_seen++;
	}
	return true;
}

static void take_line(struct report *r, const char *line)
{
	struct denial d;
	enum verdict v;
	size_t i = 0;

	if (strstr(line, "audit: rate limit exceeded") || strstr(line, "kauditd_printk_skb")) {
		r->suppressed += r->inside;
		return;
	}
	if (denial_parse(line, &d) < 0)
		return;
	r->inside = in_time(&r->whose, &d);
	v = judge(r, &d);
	if (v == NOT_OURS || !is_new(r, &d))
		return;
	while (i < r->n && !alike(&r->kind[i].denial, &d))
		i++;
	if (i == KINDS_MAX) {
		r->more++;
		return;
	}
	if (i == r->n)
		r->kind[r->n++] = (struct kind){ .denial = d };
	r->kind[i].count++;
	r->kind[i].uncertain += v == PERHAPS;
	r->kind[i].last = d.ms;
}

/* --- where the lines are --- */

static int read_kmsg(struct report *r)
{
	_auto(close_fd) int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE))	/* EPIPE: overwritten, the next is there */
		if (n > 0) {
			record[n] = '\0';
			take_line(r, record);
		}
	return 0;
}

static void kernel_begin(void *ctx)
{
	struct report *r = ctx;

	r->text[0] = r->type[0] = r->id[0] = r->time[0] = '\0';
}

static void copy(const struct export_field *f, char *to, size_t size)
{
	snprintf(to, size, "%.*s", (int)(f->len < size ? f->len : size - 1), f->value);
}

static void kernel_field(void *ctx, const struct export_field *f)
{
	struct report *r = ctx;

	if (export_is(f, "MESSAGE"))
		copy(f, r->text, sizeof(r->text));
	else if (export_is(f, "_AUDIT_TYPE"))
		copy(f, r->type, sizeof(r->type));
	else if (export_is(f, "_AUDIT_ID"))
		copy(f, r->id, sizeof(r->id));
	else if (export_is(f, "_SOURCE_REALTIME_TIMESTAMP"))
		copy(f, r->time, sizeof(r->time));
}

/* Of the audit transport, the journal keeps type, time and serial in fields of their own: back to the one form. */
static void kernel_entry(void *ctx)
{
	struct report *r = ctx;
	char line[sizeof(r->text) + 128];
	unsigned long us = strtoul(r->time, NULL, 10);

	if (*r->type)
		snprintf(line, sizeof(line), "type=%s audit(%lu.%03lu:%s): %s", r->type, us / 1000000, us / 1000 % 1000, r->id, r->text);
	take_line(r, *r->type ? line : r->text);
	kernel_begin(r);
}

static int read_journal_of_kernel(struct report *r, struct err *e)
{
	char since[40];
	const char *const argv[] = { "journalctl", "--quiet", "--no-pager", "--output=export",
		"--output-fields=MESSAGE,_AUDIT_TYPE,_AUDIT_ID,_SOURCE_REALTIME_TIMESTAMP", since, "_TRANSPORT=kernel", "+", "_TRANSPORT=audit", NULL };

	snprintf(since, sizeof(since), "--since=@%lu", r->whose.begin / 1000 - 5);
	return journal_read(&(struct journal_query){ argv, kernel_begin, kernel_field, kernel_entry, NULL, r }, e);
}

/* --- what comes out --- */

static void what(const struct denial *d, char *to, size_t size)
{
	_auto(free_mem) char *call = d->kind == DENIED_CALL && d->arch == CALL_ARCH ? call_name(d->call) : NULL;

	if (call)
		snprintf(to, size, "%s", call);
	else if (d->kind == DENIED_CALL)
		snprintf(to, size, "call %u of ABI %x", d->call, d->arch);
	else
		snprintf(to, size, "%s%s%s%s%s", d->operation, *d->object ? " " : "", d->object, *d->mask ? " " : "", d->mask);
}

static json_t *as_json(const struct kind *k)
{
	const struct denial *d = &k->denial;
	char name[512];
	struct denial_advice advice;

	what(d, name, sizeof(name));
	advice = denial_advice(d, name);
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "by", denial_kinds[d->kind], "what", name, "count", (json_int_t)k->count,
			 "uncertain", (json_int_t)k->uncertain, "comm", d->comm, "exe", d->exe, "object", d->object, "profile", d->profile,
			 "key", advice.key, "how", advice.how, "cost", advice.cost);
}

static void print_text(const struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct kind *k = &r->kind[i];
		struct denial_advice advice;
		char name[512];

		what(&k->denial, name, sizeof(name));
		advice = denial_advice(&k->denial, name);
		printf("%lu x %s: ", k->count, denial_kinds[k->denial.kind]);
		print_escaped(stdout, name);
		printf(", by ");
		print_escaped(stdout, *k->denial.exe ? k->denial.exe : k->denial.comm);
		if (k->uncertain)
			printf(" (%lu of them perhaps another's with the same uid)", k->uncertain);
		printf("\n    would be allowed by %s: %s\n    costs: %s\n", advice.key, advice.how, advice.cost);
	}
	if (r->n == 0)
		printf("nothing that the kernel logged\n");
}

static void tell_limits(const struct report *r)
{
	if (r->suppressed)
		fprintf(stderr, "casemate: warning: the kernel kept silent %lu times for a rate limit: there were more\n", r->suppressed);
	if (r->more || r->n_seen == SEEN_MAX / 2)
		fprintf(stderr, "casemate: warning: more kinds of denials than are listed\n");
}

static int denials(struct report *r, const char *name, bool json, struct err *e)
{
	struct err no_state = { 0 }, no_journal = { 0 };
	bool journal = access(JOURNALCTL, X_OK) == 0 && access("/run/systemd/journal", F_OK) == 0;
	int kmsg;

	if (from_state(name, &r->whose, &no_state) < 0 && (!journal || from_journal(name, &r->whose, e) < 0)) {
		*e = journal ? *e : no_state;
		return -1;
	}
	(void)state_each(add_other, r);
	if (journal && read_journal_of_kernel(r, &no_journal) < 0)
		journal = false;
	kmsg = read_kmsg(r);
	if (kmsg < 0 && !journal)
		return err_set(e, ERR_HOST, kmsg, "as root, or with the group adm where there is a journal", "cannot read the kernel's log");
	tell_limits(r);
	if (json) {
		json_auto_t *root = json_pack("{s:s, s:b, s:[]}", "name", name, "complete", !r->suppressed && !r->more, "denials");

		for (size_t i = 0; i < r->n; i++)
			json_array_append_new(json_object_get(root, "denials"), as_json(&r->kind[i]));
		json_dumpf(root, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_text(r);
	}
	return r->n ? EXIT_FINDINGS : EXIT_FINE;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	struct report *r = calloc(1, sizeof(*r));
	struct err e = { 0 };
	bool json = false;
	int opt, code = EXIT_UNUSABLE;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (opt) {
		case 'h': free(r); return show_help(c);
		case 'j': json = true; break;
		default: free(r); return usage_error(c, "unknown option");
		}
	if (argc - optind != 1) {
		free(r);
		return usage_error(c, "which container?");
	}
	if (r)
		code = denials(r, argv[optind], json, &e);
	else
		err_set(&e, ERR_HOST, ENOMEM, NULL, "out of memory");
	free(r);
	if (e.kind == ERR_NONE)
		return code;
	err_print(&e, NULL);
	return EXIT_UNUSABLE;
}

const struct command cmd_denials = {
	.name = "denials",
	.usage = "[--json] NAME",
	.summary = "what a container was refused, which key would allow it, and what that would cost",
	.help = "From the kernel's log and the journal: system calls (seccomp), files and capabilities (AppArmor). It exits 1 when there\n"
		"are any, 0 when none were logged, 2 when it cannot tell. casemate-logs(1) says how far it can be relied on.\n",
	.run = run,
};
