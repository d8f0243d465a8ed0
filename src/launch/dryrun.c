/* dryrun.c - see dryrun.h. The rows are the real ones; only the gate differs, so that what is
 * printed cannot drift from what is done.
 *
 * Calls that only look are made, on the host's own files; every other call answers as if it had
 * worked. Descriptors that would have come from such a call count from 1000. */
#include "dryrun.h"
#include "order.h"
#include "parent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

enum { FAKE_FD = 1000, MADE_MAX = 64 };

struct dry {
	FILE *out;
	int next_fd;
	char made[MADE_MAX][128];	/* names that would exist by now */
	size_t n_made;
	char path[128], text[256];	/* the last thing written, and where: what a read-back would find */
	bool fresh;
	bool bound;			/* the workload's NOTIFY_PATH */
	bool copied;
};

/* --- printing --- */

static void put_string(FILE *out, const char *s, size_t len)
{
	fputc('"', out);
	for (size_t i = 0; i < len && i < 80; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == '"' || s[i] == '\\' || s[i] == 0x7f)
			fprintf(out, s[i] == '\n' ? "\\n" : "\\x%02x", (unsigned char)s[i]);
		else
			fputc(s[i], out);
	fputs(len > 80 ? "\"..." : "\"", out);
}

static void put_arg(FILE *out, char letter, unsigned long v, unsigned long next)
{
	const void *p = (const void *)v;

	switch (letter) {
	case 'd':
		if ((int)v == AT_FDCWD)
			fputs("AT_FDCWD", out);
		else
			fprintf(out, "%d", (int)v);
		break;
	case 'i': fprintf(out, "%d", (int)v); break;
	case 'u': fprintf(out, "%lu", v); break;
	case 'o': fprintf(out, "%#lo", v); break;
	case 'x': fprintf(out, "%#lx", v); break;
	case 's':
		if (p)
			put_string(out, p, strlen(p));
		else
			fputs("NULL", out);
		break;
	case 'B': put_string(out, p, next); break;
	case 'A': {
		const struct mount_attr *a = p;

		fprintf(out, "{attr_set=%#llx, propagation=%#llx}", (unsigned long long)a->attr_set, (unsigned long long)a->propagation);
		break;
	}
	case 'C': fprintf(out, "{flags=%#llx}", (unsigned long long)((const struct clone_args *)p)->flags); break;
	case 'H': {
		const struct open_how *h = p;

		fprintf(out, "{flags=%#llx, resolve=%#llx}", (unsigned long long)h->flags, (unsigned long long)h->resolve);
		break;
	}
	default: fputs(p ? "..." : "NULL", out);
	}
}

static void print_call(FILE *out, const struct sys_row *row, const unsigned long arg[6], long result)
{
	size_t n = strlen(row->args);

	fprintf(out, "    %s(", row->name);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", out);
		put_arg(out, row->args[i], arg[i], i < 5 ? arg[i + 1] : 0);
	}
	fputs(")", out);
	if (result >= FAKE_FD)
		fprintf(out, " = %ld", result);
	fputc('\n', out);
}

/* --- answering --- */

#define UNUSED __attribute__((unused))
#define ANSWER(name) static long answer_##name(struct dry *d UNUSED, long nr UNUSED, const unsigned long a[6] UNUSED)

static bool is_fake(unsigned long fd)
{
	return (int)fd >= FAKE_FD;
}

static long real(long nr, const unsigned long a[6])
{
	return sys_kernel.call(NULL, nr, a);
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

static void note_made(struct dry *d, const char *name)
{
	if (d->n_made < MADE_MAX)
		snprintf(d->made[d->n_made++], sizeof(d->made[0]), "%s", base_name(name));
}

static bool was_made(const struct dry *d, const char *name)
{
	for (size_t i = 0; i < d->n_made; i++)
		if (strcmp(d->made[i], base_name(name)) == 0)
			return true;
	return false;
}

ANSWER(open)
{
	uint64_t flags = nr == SYS_openat2 ? ((const struct open_how *)a[2])->flags : a[2];
	long r;

	if (flags & (O_WRONLY | O_RDWR))
		snprintf(d->path, sizeof(d->path), "%s", (const char *)a[1]);
	if (is_fake(a[0]) || flags & (O_WRONLY | O_RDWR | O_CREAT) || (d->fresh && strcmp(d->path, (const char *)a[1]) == 0))
		return d->next_fd++;
	r = real(nr, a);
	return r == -ENOENT && was_made(d, (const char *)a[1]) ? d->next_fd++ : r;
}

/* AppArmor's files take "exec NAME" and show "NAME (mode)"; every other shows what it was given. */
static void note_written(struct dry *d, const char *text, int len)
{
	int verb = strstr(d->path, "attr/apparmor/") ? (int)strcspn(text, " ") + 1 : 0;

	snprintf(d->text, sizeof(d->text), "%.*s%s", len - verb, text + verb, verb ? " (enforce)" : "");
}

/* What was just written reads back; anything else of a file that does not exist is empty. */
ANSWER(read)
{
	size_t n = d->fresh ? strlen(d->text) : 0;

	if (!is_fake(a[0]))
		return real(nr, a);
	d->fresh = false;
	if (n > a[2])
		n = a[2];
	memcpy((void *)a[1], d->text, n);
	return (long)n;
}

ANSWER(statx)
{
	if (!is_fake(a[0]))
		return real(nr, a);
	*(struct statx *)a[4] = (struct statx){ .stx_mask = (unsigned)a[3], .stx_mode = S_IFDIR | 0755 };
	if (d->bound && strcmp((const char *)a[1], strrchr(NOTIFY_PATH, '/') + 1) == 0)
		((struct statx *)a[4])->stx_mode = S_IFSOCK | 0777;
	return 0;
}

ANSWER(write)
{
	d->fresh = a[2] < sizeof(d->text);
	if (d->fresh)
		note_written(d, (const char *)a[1], (int)a[2]);
	return (long)a[2];
}

/* --- those of real descriptors are asked, those of ours have nothing --- */

ANSWER(if_real)
{
	return is_fake(a[0]) ? 0 : real(nr, a);
}

/* Asked of the container's /proc alone. */
ANSWER(fstatfs)
{
	if (!is_fake(a[0]))
		return real(nr, a);
	((struct statfs *)a[1])->f_type = PROC_SUPER_MAGIC;
	return 0;
}

/* Without a new limit it only asks. */
ANSWER(prlimit)
{
	return a[2] ? 0 : real(nr, a);
}

/* --- those that make descriptors --- */

ANSWER(new_fd)
{
	return d->next_fd++;
}

/* A look at the original shows what the copy would hold. */
ANSWER(open_tree)
{
	return is_fake(a[0]) ? d->next_fd++ : real(SYS_fcntl, (unsigned long[6]){ a[0], F_DUPFD_CLOEXEC, 3 });
}

/* With flags it only asks for the ABI. */
ANSWER(ruleset)
{
	return a[2] ? real(nr, a) : d->next_fd++;
}

ANSWER(bpf)
{
	return a[0] == BPF_PROG_LOAD ? d->next_fd++ : 0;
}

ANSWER(pair)
{
	int *fds = (int *)a[nr == SYS_socketpair ? 3 : 0];

	fds[0] = d->next_fd++;
	fds[1] = d->next_fd++;
	return 0;
}

/* --- those whose success somebody reads back --- */

ANSWER(bind)
{
	d->bound = true;
	return 0;
}

ANSWER(mkdirat)
{
	note_made(d, (const char *)a[1]);
	return 0;
}

/* All of it, and then the end. */
ANSWER(sendfile)
{
	return d->copied = !d->copied;
}

ANSWER(ppoll)
{
	return 1;
}

ANSWER(sendto)
{
	return (long)a[2];
}

ANSWER(sethostname)
{
	snprintf(d->text, sizeof(d->text), "%.*s", (int)a[1], (const char *)a[0]);
	return 0;
}

ANSWER(uname)
{
	snprintf(((struct utsname *)a[0])->nodename, sizeof(((struct utsname *)a[0])->nodename), "%.64s", d->text);
	return 0;
}

ANSWER(getcwd)
{
	memcpy((void *)a[0], "/", 2);
	return 2;
}

ANSWER(prctl)
{
	if (a[0] == PR_GET_PDEATHSIG)
		*(int *)a[1] = SIGKILL;
	return 0;
}

ANSWER(ioctl)
{
	if (a[1] == SIOCGIFFLAGS)
		((struct ifreq *)a[2])->ifr_flags = IFF_UP;
	return 0;
}

/* A pid past pid_max; the workload of PID 1. */
ANSWER(clone3)
{
	return ((const struct clone_args *)a[0])->pidfd ? 4194304 : 0;
}

/* Every other call has worked, and returned 0. */
static const struct { long nr; long (*answer)(struct dry *, long nr, const unsigned long a[6]); } answers[] = {
	{ SYS_openat, answer_open }, { SYS_openat2, answer_open }, { SYS_read, answer_read }, { SYS_write, answer_write },
	{ SYS_statx, answer_statx }, { SYS_close, answer_if_real }, { SYS_getdents64, answer_if_real }, { SYS_fgetxattr, answer_if_real },
	{ SYS_fstatfs, answer_fstatfs }, { SYS_prlimit64, answer_prlimit }, { SYS_open_tree, answer_open_tree },
	{ SYS_landlock_create_ruleset, answer_ruleset }, { SYS_fsopen, answer_new_fd }, { SYS_fsmount, answer_new_fd },
	{ SYS_socket, answer_new_fd }, { SYS_bpf, answer_bpf }, { SYS_pipe2, answer_pair }, { SYS_socketpair, answer_pair },
	{ SYS_bind, answer_bind }, { SYS_mkdirat, answer_mkdirat }, { SYS_sendfile, answer_sendfile }, { SYS_ppoll, answer_ppoll },
	{ SYS_sendto, answer_sendto }, { SYS_sethostname, answer_sethostname }, { SYS_uname, answer_uname }, { SYS_getcwd, answer_getcwd },
	{ SYS_prctl, answer_prctl }, { SYS_ioctl, answer_ioctl }, { SYS_clone3, answer_clone3 },
};

static long answer(struct dry *d, long nr, const unsigned long a[6])
{
	for (size_t i = 0; i < COUNT(answers); i++)
		if (answers[i].nr == nr)
			return answers[i].answer(d, nr, a);
	return 0;
}

static long call(void *ctx, long nr, const unsigned long a[6])
{
	struct dry *d = ctx;
	const struct sys_row *row = sys_row(nr);
	long r = answer(d, nr, a);

	if (row && nr != SYS_close)
		print_call(d->out, row, a, r);
	return r;
}

static int walk(struct dry *d, const char *who, const struct step *rows, size_t n, struct launch *l, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		bool skip = rows[i].control != ALWAYS && waived(l->plan, (enum control_id)rows[i].control);

		fprintf(d->out, "%s %s%s\n", who, rows[i].name, skip ? "   # waived" : rows[i].asks ? "   # asks and judges" : "");
		if (!skip && !rows[i].asks && rows[i].apply(l, e) < 0)
			return err_step(e, rows[i].name);
	}
	return 0;
}

int dry_run(const struct plan *plan, struct arena *a, FILE *out, struct err *e)
{
	struct dry d = { .out = out, .next_fd = FAKE_FD };
	const struct sys gate = { .call = call, .ctx = &d };
	struct launch l;
	int r;

	if (launch_init(&l, plan, &gate, a, e) < 0)
		return -1;
	r = walk(&d, "parent", parent_order, parent_order_len, &l, e);
	if (r == 0) {
		l.report[1] = l.report[0];
		r = walk(&d, "child ", child_order, child_order_len, &l, e);
	}
	for (size_t i = 0; r == 0 && plan->candidates[i]; i++)
		(void)!sys_execve(&gate, plan->candidates[i], plan->argv, plan->envp);
	return r;
}
