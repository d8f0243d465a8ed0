/* denials.c - casemate denials: what a container tried and was refused, by what the kernel logged. */
#include "../base/print.h"
#include "../base/sys.h"
#include "../launch/record.h"
#include "../launch/state.h"
#include "../logs/journalctl.h"
#include "../seccomp/calls.h"
#include "cmd.h"
#include "whose.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>

enum { KINDS_MAX = 512, SEEN_MAX = 1 << 16, OTHERS_MAX = 64 };

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
	uint64_t entries;		/* of the kernel's, in the journal */
	char text[4096], type[16], id[32], time[32];	/* of the journal's entry */
};

static bool add_other(const char *name, void *ctx)
{
	struct report *r = ctx;
	struct err ignored = { 0 };

	if (r->n_others < OTHERS_MAX && strcmp(name, r->whose.name) != 0 && whose_state(name, &r->other[r->n_others], &ignored) == 0)
		r->n_others++;
	return false;
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
	enum whose_verdict v;
	size_t i = 0;

	/* First as a denial: that has the workload's names in it, which may be anything. */
	if (denial_parse(line, &d) < 0) {
		if (strstr(line, "audit: rate limit exceeded") || strstr(line, "kauditd_printk_skb"))
			r->suppressed += r->inside;
		return;
	}
	r->inside = whose_time(&r->whose, &d);
	v = whose_judge(&r->whose, r->other, r->n_others, &d);
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
	r->entries++;
	kernel_begin(r);
}

static int journal_of_kernel(struct report *r, const char *which, struct err *e)
{
	const char *const argv[] = { "journalctl", "--quiet", "--no-pager", "--output=export",
		"--output-fields=MESSAGE,_AUDIT_TYPE,_AUDIT_ID,_SOURCE_REALTIME_TIMESTAMP", which, "_TRANSPORT=kernel", "+", "_TRANSPORT=audit", NULL };

	return journal_read(&(struct journal_query){ argv, kernel_begin, kernel_field, kernel_entry, NULL, r }, e);
}

/* Whoever may not read the kernel's entries gets none, and no error where there is something else for him to read: then it has to
 * be seen that there is one at all, be it older. */
static int read_journal_of_kernel(struct report *r, struct err *e)
{
	char since[40];

	snprintf(since, sizeof(since), "--since=@%lu", r->whose.begin / 1000 - 5);
	if (journal_of_kernel(r, since, e) < 0 || (r->entries == 0 && journal_of_kernel(r, "--lines=1", e) < 0))
		return -1;
	return r->entries ? 0 : err_set(e, ERR_HOST, 0, NULL, "the journal has nothing of the kernel's for this user");
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
	return json_pack("{s:s, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:s, s:s}", "by", denial_kinds[d->kind], "what", record_text(name),
			 "count", (json_int_t)k->count, "uncertain", (json_int_t)k->uncertain, "comm", record_text(d->comm), "exe", record_text(d->exe),
			 "object", record_text(d->object), "profile", record_text(d->profile), "key", advice.key, "how", advice.how, "cost", advice.cost);
}

/* As far as the log goes. */
static bool complete(const struct report *r)
{
	return !r->suppressed && !r->more && r->n_seen < SEEN_MAX / 2;
}

static bool print_json(const struct report *r)
{
	json_auto_t *list = json_array(), *root = json_pack("{s:s, s:b, s:O}", "name", r->whose.name, "complete", complete(r), "denials", list);
	bool all = root;

	for (size_t i = 0; all && i < r->n; i++)
		all = json_array_append_new(list, as_json(&r->kind[i])) == 0;
	return all && json_dumpf(root, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
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
	if (r->more || r->n_seen >= SEEN_MAX / 2)
		fprintf(stderr, "casemate: warning: more kinds of denials than are listed\n");
}

static int denials(struct report *r, const char *name, bool json, struct err *e)
{
	struct err no_state = { 0 }, no_journal = { 0 };
	bool journal = access(JOURNALCTL, X_OK) == 0 && access("/run/systemd/journal", F_OK) == 0;
	int kmsg;

	if (whose_state(name, &r->whose, &no_state) < 0 && (!journal || whose_journal(name, &r->whose, e) < 0)) {
		*e = journal ? *e : no_state;
		return -1;
	}
	(void)state_each(add_other, r);
	if (journal && read_journal_of_kernel(r, &no_journal) < 0)
		journal = false;
	kmsg = read_kmsg(r);
	if (kmsg < 0 && !journal)
		return err_set(e, ERR_HOST, kmsg, "as root, or with the group adm where there is a journal with the kernel's entries", "cannot read the kernel's log");
	tell_limits(r);
	if (!json)
		print_text(r);
	if ((json && !print_json(r)) || fflush(stdout) != 0 || ferror(stdout))
		return err_set(e, ERR_HOST, errno, NULL, "cannot write the list of all denials");
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
