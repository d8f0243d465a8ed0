/* hook.c - casemate-hook: one stage of a container's life, called by a container engine or its runtime.
 *
 * It runs as root on the host, with an environment, a working directory and descriptors that may come from an image
 * (CVE-2025-23266), and whoever called it waits: so nothing of the three is believed, what is read has an end, and it ends by
 * itself before anybody has to kill it. */
#include "../base/cleanup.h"
#include "../base/print.h"
#include "../base/sys.h"
#include "../controls/control.h"
#include "document.h"
#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum { TIMEOUT = 8, TIMEOUT_MAX = 300 };	/* s; profiles/oci-hooks gives 10 */

static const struct { const char *name; hook_stage *run; } stages[] = {
	{ "precreate", hook_precreate }, { "createRuntime", hook_create_runtime }, { "poststart", hook_poststart }, { "poststop", hook_poststop },
};

static const char usage[] =
	"usage: casemate-hook STAGE [--mode enforce|deny] [--floor FILE]... [--without NAME,...] [--timeout SECONDS]\n"
	"\n"
	"  precreate      config.json on standard input is rewritten to standard output, or refused\n"
	"  createRuntime  the bundle's config.json is held against the bounds; limits and TCP ports are enforced\n"
	"  poststart      the running process is looked at, and killed when it is not what config.json says\n"
	"  poststop       the end is written down\n"
	"\n"
	"casemate-hook(8) says what each stage can do, and what the exit codes mean.\n";

static void too_late(int sig)
{
	static const char msg[] = "casemate-hook: takes too long; gives up\n";

	(void)sig;
	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	_exit(HOOK_TIME);
}

static int wrong_usage(const char *what, const char *arg)
{
	fprintf(stderr, "casemate-hook: %s", what);
	if (arg) {
		fputs(" '", stderr);
		print_escaped(stderr, arg);
		fputc('\'', stderr);
	}
	fputs("; see `casemate-hook --help`\n", stderr);
	return HOOK_USAGE;
}

/* One line, which is what engines show: the stage, the place, what is wrong, what would do. */
static void complain(const char *stage, const struct err *e)
{
	fprintf(stderr, "casemate-hook: %s: ", stage);
	err_write(e, "config.json", stderr);
	if (*e->hint) {
		fputs(" (", stderr);
		print_escaped(stderr, e->hint);
		fputc(')', stderr);
	}
	fputc('\n', stderr);
}

/* --- what our caller gave us --- */

/* Nothing of it is needed, but the three. */
static int shed(void)
{
	int r;

	environ = NULL;
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	r = sys_close_range(&sys_kernel, 3, ~0U, 0);
	if (r >= 0)
		r = sys_chdir(&sys_kernel, "/");
	for (int sig = 1; sig < NSIG; sig++)
		(void)!sys_default_signal(&sys_kernel, sig);	/* EINVAL for SIGKILL and SIGSTOP */
	return r < 0 || sys_unblock_signals(&sys_kernel) < 0 ? -1 : 0;
}

static int set_alarm(unsigned seconds)
{
	const struct sigaction action = { .sa_handler = too_late };

	if (sigaction(SIGALRM, &action, NULL) < 0)
		return -1;
	alarm(seconds);
	return 0;
}

static int read_input(struct hook *h, struct err *e)
{
	size_t size = OCI_DOCUMENT_MAX + 1;
	ssize_t n = 1;

	h->input = malloc(size);
	while (h->input && h->len < size && n != 0) {
		n = read(STDIN_FILENO, h->input + h->len, size - h->len);
		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_HOST, errno, NULL, "cannot read standard input");
		h->len += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	if (!h->input)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold standard input");
	if (h->len == size)
		return err_set(e, ERR_POLICY, 0, NULL, "more than %d MiB on standard input", OCI_DOCUMENT_MAX >> 20);
	return 0;
}

/* --- the command line --- */

static bool read_controls(const char *list, uint64_t *mask)
{
	char name[64];

	for (size_t n; *list; list += n + (list[n] == ',')) {
		uint64_t bits;

		n = strcspn(list, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, list);
		bits = n < sizeof(name) ? control_bits(name) : 0;
		if (!bits)
			return false;
		*mask |= bits;
	}
	return true;
}

static int options(int argc, char **argv, struct hook *h, unsigned *timeout)
{
	static const struct option longs[] = {
		{ "mode", required_argument, NULL, 'm' }, { "floor", required_argument, NULL, 'f' }, { "without", required_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 't' }, { 0 },
	};
	char *end;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (opt) {
		case 'm':
			h->deny = strcmp(optarg, "deny") == 0;
			if (!h->deny && strcmp(optarg, "enforce") != 0)
				return wrong_usage("--mode is enforce or deny, not", optarg);
			break;
		case 'f':
			if (h->n_floors == COUNT(h->floors))
				return wrong_usage("too many floors", NULL);
			h->floors[h->n_floors++] = optarg;
			break;
		case 'w':
			if (!read_controls(optarg, &h->without))
				return wrong_usage("`casemate doctor` lists the controls; there is no", optarg);
			break;
		case 't':
			*timeout = (unsigned)strtoul(optarg, &end, 10);
			if (*end || *optarg < '1' || *optarg > '9' || *timeout > TIMEOUT_MAX)
				return wrong_usage("--timeout wants seconds, at most 300, not", optarg);
			break;
		default: return wrong_usage("unknown option, or one without its value:", argv[optind - 1]);
		}
	return optind < argc ? wrong_usage("unknown argument", argv[optind]) : 0;
}

static int run(hook_stage *stage, struct hook *h)
{
	struct err e = { 0 };
	int r = read_input(h, &e) < 0 ? HOOK_INPUT : stage(h, &e);

	if (r != HOOK_FINE)
		complain(h->stage, &e);
	free(h->input);
	return r;
}

int main(int argc, char **argv)
{
	struct hook h = { 0 };
	unsigned timeout = TIMEOUT;
	int r;

	if (getauxval(AT_SECURE) || shed() < 0)
		return HOOK_HOST;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0 ? HOOK_HOST : 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("casemate-hook " CASEMATE_VERSION) < 0 ? HOOK_HOST : 0;
	if (argc < 2)
		return wrong_usage("which stage?", NULL);
	h.stage = argv[1];
	for (size_t i = 0; i < COUNT(stages); i++)
		if (strcmp(stages[i].name, h.stage) == 0) {
			r = options(argc - 1, argv + 1, &h, &timeout);
			if (r == 0 && set_alarm(timeout) < 0)
				r = HOOK_HOST;
			return r ? r : run(stages[i].run, &h);
		}
	return wrong_usage("there is no stage", h.stage);
}
