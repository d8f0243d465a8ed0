/* limits_file.c - one limit in one cgroup: written, and read back.
 *
 * A limit is rendered once, in the very form in which the kernel will print it (sizes rounded down to
 * pages, cpu.max with its period): written as that text, and compared with that text. */
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

void limit_bytes(uint64_t bytes, char text[LIMIT_TEXT])
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (bytes / page >= (uint64_t)INT64_MAX / page)		/* PAGE_COUNTER_MAX */
		snprintf(text, LIMIT_TEXT, "max");
	else
		snprintf(text, LIMIT_TEXT, "%" PRIu64, bytes - bytes % page);
}

int limit_read(const struct sys *k, int dir, const char *file, char *text, size_t size)
{
	ssize_t n = sys_read_file(k, dir, file, text, size);

	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return n < 0 ? (int)n : 0;
}

/* A kernel that cannot swap at all needs no limit. One that can, but does not count it
 * (swapaccount=0), could be given swap space at any time: that is a limit which does not hold. */
static bool cannot_swap(const struct sys *k, const struct limit *limit, int r)
{
	struct statx st;

	return r == -ENOENT && strcmp(limit->file, "memory.swap.max") == 0 &&
	       sys_statx(k, AT_FDCWD, "/proc/swaps", 0, 0, &st) == -ENOENT;
}

static int refused(struct err *e, const struct limit *limit, int r, const char *text)
{
	const char *hint = NULL;

	if (r == -ENOENT)
		hint = strcmp(limit->file, "memory.swap.max") != 0 ? "this kernel is built without it" :
			limit->control == CONTROL_COUNT ? "boot without swapaccount=0" :
			"boot without swapaccount=0, or --without limits.memory";
	else if (r == -ERANGE || r == -EINVAL)
		hint = "more than this host has";
	err_set(e, ERR_HOST, r, hint, "cannot set %s to '%.60s'", limit->file, text);
	return err_at(e, "%s", limit->pointer);
}

static int differs(struct err *e, const struct limit *limit, const char *file, const char *got, const char *want)
{
	err_set(e, ERR_LAUNCH, 0, NULL, "%s is '%.60s', not '%.60s'", file, got, want);
	return err_at(e, "%s", limit->pointer);
}

static int unreadable(struct err *e, const struct limit *limit, int r, const char *file)
{
	err_set(e, ERR_LAUNCH, r, NULL, "cannot read %s back", file);
	return err_at(e, "%s", limit->pointer);
}

/* The text, and before it the disk that a path stands for. */
static int render(const struct sys *k, const struct limit *limit, char text[LIMIT_TEXT], struct err *e)
{
	char disk[LIMIT_DISK];

	if (!limit->disk) {
		snprintf(text, LIMIT_TEXT, "%s", limit->text);
		return 0;
	}
	if (limit_disk(k, limit->disk, limit->pointer, disk, e) < 0)
		return -1;
	snprintf(text, LIMIT_TEXT, "%s %s", disk, limit->text);
	return 0;
}

int limit_write(const struct sys *k, int dir, const struct limit *limit, struct err *e)
{
	char text[LIMIT_TEXT];
	int r = render(k, limit, text, e);

	if (r < 0)
		return -1;
	r = sys_write_file(k, dir, limit->file, text);
	if (r == -ENOENT && limit->otherwise)
		return limit_write(k, dir, limit->otherwise, e);
	return r >= 0 || cannot_swap(k, limit, r) ? 0 : refused(e, limit, r, text);
}

/* --- reading back --- */

static bool has_word(const char *line, const char *word, size_t n)
{
	const char *end = line + strcspn(line, "\n");

	for (const char *at = line; at < end; at += strcspn(at, " \n") + 1)
		if (strncmp(at, word, n) == 0 && (at[n] == ' ' || at[n] == '\n' || !at[n]))
			return true;
	return false;
}

/* Two lines for one disk overwrite each other: then the first is not found here, and that is an error. */
static bool has_line(const char *text, const char *want)
{
	size_t key = strcspn(want, " ");
	const char *line = text;

	while (line && (strncmp(line, want, key) != 0 || line[key] != ' ')) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	for (const char *at = want; line && *at; at += strspn(at, " ")) {
		if (!has_word(line, at, strcspn(at, " ")))
			return false;
		at += strcspn(at, " ");
	}
	return line;
}

static int verify_line(const struct sys *k, int dir, const struct limit *limit, char got[LIMIT_TEXT], struct err *e)
{
	char text[8192], want[LIMIT_TEXT];
	int r = limit_read(k, dir, limit->file, text, sizeof(text));

	if (r == -ENOENT && limit->otherwise)
		return verify_line(k, dir, limit->otherwise, got, e);
	if (r < 0)
		return unreadable(e, limit, r, limit->file);
	if (render(k, limit, want, e) < 0)
		return -1;
	if (!has_line(text, want))
		return differs(e, limit, limit->file, text, want);
	snprintf(got, LIMIT_TEXT, "%.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

/* The kernel prints the list in its own way, so sets are compared. When the cgroup above has none
 * of the CPUs asked for, the kernel gives all of that cgroup's instead: FILE.effective is
 * what holds. It may be smaller than what was asked, never something else. */
static int verify_set(const struct sys *k, int dir, const struct limit *limit, char got[LIMIT_TEXT], struct err *e)
{
	struct cpus want, have;
	char file[64];

	if (cpus_parse(limit->text, &want) < 0)
		return differs(e, limit, "the list", limit->text, "like 0-3,7");
	for (int effective = 0; effective < 2; effective++) {
		int r;

		snprintf(file, sizeof(file), "%s%s", limit->file, effective ? ".effective" : "");
		r = limit_read(k, dir, file, got, LIMIT_TEXT);
		if (r < 0)
			return unreadable(e, limit, r, file);
		if (cpus_parse(got, &have) < 0 || !cpus_within(&have, &want) || (!effective && !cpus_within(&want, &have)))
			return differs(e, limit, file, got, limit->text);
	}
	return 0;
}

int limit_verify(const struct sys *k, int dir, const struct limit *limit, char got[LIMIT_TEXT], struct err *e)
{
	int r;

	if (limit->form == LIMIT_SET)
		return verify_set(k, dir, limit, got, e);
	if (limit->form == LIMIT_LINE)
		return verify_line(k, dir, limit, got, e);
	if (limit->form == LIMIT_TAKEN) {
		snprintf(got, LIMIT_TEXT, "%s", limit->text);
		return 0;
	}
	r = limit_read(k, dir, limit->file, got, LIMIT_TEXT);
	if (r < 0 && cannot_swap(k, limit, r))
		return 0;
	if (r < 0)
		return unreadable(e, limit, r, limit->file);
	return strcmp(got, limit->text) == 0 ? 0 : differs(e, limit, limit->file, got, limit->text);
}
