/* cgroup_update.c - other limits for a cgroup in which something runs; see cgroup_held.h.
 *
 * A limit below what is in use has no good meaning of its own: the kernel kills for memory.max, and waits for pids.max. So
 * memory is first reclaimed under memory.high, which kills nobody (cgroup-v2.rst, "Memory Interface Files"), and a limit
 * that even then is exceeded is refused. A limit on processes is set: it refuses new ones until enough have ended, which is
 * what whoever lowers it wants. */
#include "cgroup_held.h"
#include "../controls/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static bool same_place(const struct limit *a, const struct limit *b)
{
	/* "8:0 rbps": one word of a device's line; "default": all of it */
	size_t key = a->form != LIMIT_LINE || a->disk ? 0 : strchr(a->text, '=') ? strcspn(a->text, "=") : strcspn(a->text, " ");

	return strcmp(a->file, b->file) == 0 && (!a->disk) == (!b->disk) && (!a->disk || strcmp(a->disk, b->disk) == 0) &&
	       strncmp(a->text, b->text, key) == 0;
}

static const struct limit *find(const struct plan *p, const struct limit *like)
{
	for (size_t i = 0; i < p->n_limits; i++)
		if (same_place(&p->limits[i], like))
			return &p->limits[i];
	return NULL;
}

/* How a file is told that there is no limit any more; false where every file has to say something. A list of CPUs cannot be
 * emptied while there are processes (ENOSPC, kernel/cgroup/cpuset.c): it becomes all that the cgroup above has. */
static bool nothing(const struct sys *k, int dir, const struct limit *old, struct limit *none, char text[LIMIT_TEXT])
{
	char file[64];

	*none = *old;
	none->form = LIMIT_TAKEN;
	none->text = text;
	snprintf(text, LIMIT_TEXT, "rbps=max wbps=max riops=max wiops=max");
	if (old->form != LIMIT_SET)
		return old->form == LIMIT_LINE && old->disk;
	snprintf(file, sizeof(file), "../%.40s.effective", old->file);
	return limit_read(k, dir, file, text, LIMIT_TEXT) == 0;
}

/* "../../FILE" */
static const char *above(unsigned levels, const char *file, char path[128])
{
	path[0] = '\0';
	while (levels--)
		strcat(path, "../");
	return strcat(path, file);
}

static bool has_controller(const struct sys *k, int dir, unsigned levels, const char *name)
{
	char path[128], list[256], want[40], have[258];
	ssize_t n = sys_read_file(k, dir, above(levels, "cgroup.controllers", path), list, sizeof(list));

	if (n < 0)
		return false;
	list[strcspn(list, "\n")] = '\0';
	snprintf(have, sizeof(have), " %s ", list);
	snprintf(want, sizeof(want), " %s ", name);
	return strstr(have, want);
}

/* A controller that nothing was limited with so far was not handed down to here: from the nearest cgroup above that has it. What
 * the kernel refuses, the write to the file that is then missing will tell. */
static void hand_down(const struct sys *k, int dir, const char *file)
{
	enum { LEVELS_MAX = 32 };
	char name[32], on[34], path[128];
	unsigned levels = 0;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
	snprintf(on, sizeof(on), "+%s", name);
	while (levels < LEVELS_MAX && !has_controller(k, dir, levels, name))
		levels++;
	for (; levels > 0 && levels < LEVELS_MAX; levels--)
		(void)!sys_write_file(k, dir, above(levels, "cgroup.subtree_control", path), on);
}

static uint64_t read_number(const struct sys *k, int dir, const char *file)
{
	char text[64];
	int r = limit_read(k, dir, file, text, sizeof(text));

	return r < 0 || *text < '0' || *text > '9' ? CGROUP_NONE : strtoull(text, NULL, 10);
}

/* Presses what is in use below the new limit, without killing. */
static int reclaim(const struct sys *k, int dir, const struct limit *max, struct err *e)
{
	uint64_t want = *max->text == 'm' ? CGROUP_NONE : strtoull(max->text, NULL, 10), used = read_number(k, dir, "memory.current");
	char high[64];
	int r = 0;

	if (used == CGROUP_NONE || used <= want)
		return 0;
	r = limit_read(k, dir, "memory.high", high, sizeof(high));
	if (r >= 0)
		r = sys_write_file(k, dir, "memory.high", max->text);
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot set memory.high, to reclaim what is in use");
	used = read_number(k, dir, "memory.current");
	r = sys_write_file(k, dir, "memory.high", high);
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot set memory.high back to %s", high);
	if (used <= want)
		return 0;
	err_set(e, ERR_HOST, 0, "the kernel would kill the workload for it: a larger limit, or memory_high, which only slows it down",
		"%" PRIu64 " bytes are in use and cannot be reclaimed, more than %s", used, max->text);
	return err_at(e, "%s", max->pointer);
}

struct notes { void (*note)(void *ctx, const char *); void *ctx; };

static void note_pids(const struct sys *k, int dir, const struct limit *max, const struct notes *n)
{
	uint64_t used = read_number(k, dir, "pids.current");
	char text[160];

	if (*max->text == 'm' || used == CGROUP_NONE || used <= strtoull(max->text, NULL, 10))
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " processes and threads are there: new ones are refused until no more than %s are left", used,
		 max->text);
	n->note(n->ctx, text);
}

static int set(const struct sys *k, int dir, const struct limit *limit, const struct notes *n, struct err *e)
{
	char got[LIMIT_TEXT];

	hand_down(k, dir, limit->file);
	if (strcmp(limit->file, "memory.max") == 0 && reclaim(k, dir, limit, e) < 0)
		return -1;
	if (limit_write(k, dir, limit, e) < 0 || limit_verify(k, dir, limit, got, e) < 0)
		return -1;
	if (strcmp(limit->file, "pids.max") == 0)
		note_pids(k, dir, limit, n);
	return 0;
}

/* To where it was; what fails now is told with the reason for going back. */
static void go_back(const struct sys *k, int dir, const struct plan *old, const struct plan *new, size_t n, struct err *e)
{
	for (size_t i = n; i-- > 0;) {
		const struct limit *was = find(old, &new->limits[i]);
		struct err why = { 0 };
		char text[LIMIT_TEXT];
		struct limit none;

		if (!was && nothing(k, dir, &new->limits[i], &none, text))
			was = &none;
		if (was && limit_write(k, dir, was, &why) < 0)
			snprintf(e->hint, sizeof(e->hint), "%.40s was set and could not be set back: %.60s", new->limits[i].file, why.msg);
	}
}

/* What was asked for before, and holds: a change that was killed halfway may have written another value. */
static bool holds(const struct sys *k, int dir, const struct limit *was, const struct limit *limit)
{
	struct err ignored = { 0 };
	char got[LIMIT_TEXT];

	return was && strcmp(was->text, limit->text) == 0 && limit_verify(k, dir, limit, got, &ignored) == 0;
}

int cgroup_update(const struct sys *k, int dir, const struct plan *old, const struct plan *new,
		  void (*note)(void *ctx, const char *), void *ctx, struct err *e)
{
	const struct notes notes = { note, ctx };

	for (size_t i = 0; i < new->n_limits; i++) {
		if (holds(k, dir, find(old, &new->limits[i]), &new->limits[i]))
			continue;
		if (set(k, dir, &new->limits[i], &notes, e) < 0) {
			go_back(k, dir, old, new, i + 1, e);
			return -1;
		}
	}
	for (size_t i = 0; i < old->n_limits; i++) {
		char text[LIMIT_TEXT];
		struct limit none;

		if (find(new, &old->limits[i]) || !nothing(k, dir, &old->limits[i], &none, text))
			continue;
		if (limit_write(k, dir, &none, e) < 0) {
			go_back(k, dir, old, new, new->n_limits, e);
			return -1;
		}
	}
	return 0;
}
