/* read_journal.c - a log that is in the journal. Only what the driver's user wrote counts: anybody may write to the journal with the container's name. */
#include "read.h"

#include "place.h"

struct arguments { const char *v[24]; char since[40], until[40], tail[24], name[LOG_NAME_MAX + 16], uid[32]; };

static void arguments(struct arguments *a, const struct log_query *q)
{
	size_t n = 0;
	uid_t uid;
	gid_t gid;

	log_user(&uid, &gid);
	a->v[n++] = "journalctl";
	a->v[n++] = "--quiet";
	a->v[n++] = "--no-pager";
	a->v[n++] = "--output=export";
	a->v[n++] = "--output-fields=MESSAGE,CASEMATE_TIME,CASEMATE_STREAM,CONTAINER_PARTIAL_MESSAGE";
	if (q->since) {
		snprintf(a->since, sizeof(a->since), "--since=@%lu", q->since / 1000000000);
		a->v[n++] = a->since;
	}
	if (q->until != UINT64_MAX) {	/* the journal's time is later than the line's: we look ourselves */
		snprintf(a->until, sizeof(a->until), "--until=@%lu", q->until / 1000000000 + 60);
		a->v[n++] = a->until;
	}
	snprintf(a->tail, sizeof(a->tail), "--lines=%lu", q->tail);
	if (q->tail != UINT64_MAX)
		a->v[n++] = a->tail;
	if (q->follow)
		a->v[n++] = "--follow";
	if (q->follow && q->tail == UINT64_MAX)
		a->v[n++] = "--no-tail";
	snprintf(a->name, sizeof(a->name), "CASEMATE_NAME=%s", q->name);
	snprintf(a->uid, sizeof(a->uid), "_UID=%u", uid);
	a->v[n++] = a->name;
	a->v[n++] = a->uid;
	a->v[n] = NULL;
}

struct reading { struct log_out *out; struct log_entry entry; };

static void begin(void *ctx)
{
	struct reading *r = ctx;

	r->entry = (struct log_entry){ 0 };
	fflush(stdout);
}

static void field(void *ctx, const struct export_field *f)
{
	struct reading *r = ctx;

	entry_field(&r->entry, f);
}

static void entry(void *ctx)
{
	struct reading *r = ctx;

	if (entry_whole(&r->entry))
		out_entry(r->out, &r->entry);
	r->entry = (struct log_entry){ 0 };
}

/* What it wrote has been there for a while by then. */
static bool over(void *ctx)
{
	struct reading *r = ctx;

	return r->out->query->ended(r->out->query->name);
}

int read_journal(const struct log_query *q, struct log_out *o, struct err *e)
{
	struct reading r = { .out = o };
	struct arguments a = { 0 };

	arguments(&a, q);
	return journal_read(&(struct journal_query){ a.v, begin, field, entry, q->follow ? over : NULL, &r }, e);
}
