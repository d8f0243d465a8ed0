/* runtime.c - casemate-runtime: the command line by which container engines make, start and remove containers. A table of
 * verbs; one file for each small family of them. */
#include "runtime.h"

#include "../launch/clean.h"
#include "container.h"
#include "plan.h"
#include "seal.h"

#include <string.h>
#include <time.h>

static const struct verb *const verbs[] = {
	&verb_create, &verb_start, &verb_run, &verb_state, &verb_kill, &verb_delete, &verb_list, &verb_exec,
	&verb_pause, &verb_resume, &verb_update, &verb_events, &verb_ps,
	&verb_features, &verb_spec,
};

/* Engines read the version off the first line, and the specification's off the next ones (runc --version). */
static int version(void)
{
	printf("casemate-runtime version %s\ncommit: %s\nspec: 1.2.0\n", CASEMATE_VERSION, CASEMATE_VERSION);
	return 0;
}

static int help(FILE *out)
{
	fputs("usage: casemate-runtime [OPTION...] VERB [OPTION...] [ID]\n\n", out);
	for (size_t i = 0; i < COUNT(verbs); i++)
		fprintf(out, "  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\n"
	      "  --root DIR            where the states of containers are (default: /run/casemate-runtime)\n"
	      "  --log FILE            say there as well what went wrong\n"
	      "  --log-format FORMAT   of that file: text or json\n"
	      "  --systemd-cgroup      cgroups are made by systemd (--cgroup-manager systemd)\n"
	      "  --rootless BOOL       true, false or auto: started by an ordinary user\n"
	      "  --debug               say there as well what was done, and how long it took\n"
	      "  -v, --version\n"
	      "\n`casemate-runtime VERB --help` says more; casemate-runtime(8) says everything.\n", out);
	return 0;
}

static int verb_help(const struct verb *v)
{
	printf("usage: casemate-runtime [OPTION...] %s %s\n\n%s.\n", v->name, v->usage, v->summary);
	return 0;
}

static int bad_value(const char *option, const char *value, const char *want, struct err *e)
{
	return err_set(e, ERR_USAGE, 0, want, "--%s: '%.64s'", option, value);
}

/* 1: go on with the verb; 0: everything is done. */
static int global_options(struct runtime *rt, int argc, char **argv, struct err *e)
{
	enum { ROOT = 256, LOG, LOG_FORMAT, SYSTEMD, ROOTLESS, DEBUG, MANAGER };
	static const struct option longs[] = {
		{ "root", required_argument, NULL, ROOT }, { "log", required_argument, NULL, LOG },
		{ "log-format", required_argument, NULL, LOG_FORMAT }, { "systemd-cgroup", no_argument, NULL, SYSTEMD },
		{ "rootless", required_argument, NULL, ROOTLESS }, { "debug", no_argument, NULL, DEBUG },
		{ "cgroup-manager", required_argument, NULL, MANAGER }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { 0 },
	};
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+hv", longs, NULL)) != -1)
		switch (opt) {
		case ROOT: rt->root = optarg; break;
		case LOG: rt->log = *optarg ? optarg : NULL; break;
		case LOG_FORMAT:
			if (strcmp(optarg, "json") != 0 && strcmp(optarg, "text") != 0)
				return bad_value("log-format", optarg, "text or json", e);
			rt->log_json = optarg[0] == 'j';
			break;
		case SYSTEMD: rt->wish.systemd_cgroup = true; break;
		case MANAGER:
			if (strcmp(optarg, "systemd") != 0 && strcmp(optarg, "cgroupfs") != 0)
				return bad_value("cgroup-manager", optarg, "cgroupfs or systemd", e);
			rt->wish.systemd_cgroup = optarg[0] == 's';
			break;
		case ROOTLESS:
			if (strcmp(optarg, "true") != 0 && strcmp(optarg, "false") != 0 && strcmp(optarg, "auto") != 0)
				return bad_value("rootless", optarg, "true, false or auto", e);
			break;	/* whoever starts us is asked, not told */
		case DEBUG: rt->debug = true; break;
		case 'h': return help(stdout);
		case 'v': return version();
		default: return err_set(e, ERR_USAGE, 0, "see casemate-runtime --help", "there is no option '%.64s', or it lacks its value", argv[optind - 1]);
		}
	return optind < argc ? 1 : err_set(e, ERR_USAGE, 0, "see casemate-runtime --help", "which VERB?");
}

static int number_of_fds(const char *arg, unsigned *ret, struct err *e)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || n > 1 << 20)
		return bad_value("preserve-fds", arg, "how many descriptors behind 2", e);
	*ret = (unsigned)n;
	return 0;
}

/* 1: go on; 0: help was shown. */
static int verb_options(struct runtime *rt, const struct verb *v, int argc, char **argv, struct err *e)
{
	int opt, r = 0;

	optind = 0;	/* a new command line for getopt(3) */
	while (r == 0 && (opt = getopt_long(argc, argv, v->shorts, v->longs, NULL)) != -1)
		switch (opt) {
		case 'h': return verb_help(v);
		case 'b': rt->wish.bundle = optarg; break;
		case 'd': rt->detach = true; break;
		case 'a': rt->all = true; break;
		case 'q': rt->quiet = true; break;
		case 'f':	/* --force of delete, --format of what prints */
			rt->force = !optarg;
			rt->format = optarg;
			break;
		case OPT_PID_FILE: rt->pid_file = optarg; break;
		case OPT_CONSOLE_SOCKET: rt->wish.console_socket = *optarg ? optarg : NULL; break;
		case OPT_PRESERVE_FDS: r = number_of_fds(optarg ? optarg : "", &rt->wish.preserve_fds, e); break;
		case OPT_NO_PIVOT: rt->wish.no_pivot = true; break;
		case OPT_NO_NEW_KEYRING: rt->wish.no_new_keyring = true; break;
		case OPT_KEEP: rt->keep = true; break;
		case OPT_ROOTLESS: rt->rootless_spec = true; break;
		default: r = v->option && opt != '?' && opt != ':' ? v->option(rt, opt, optarg, e) :
				err_set(e, ERR_USAGE, 0, "--help says what there is", "%s has no option '%.64s', or it lacks its value", v->name,
				     argv[optind - 1]);
		}
	return r < 0 ? -1 : 1;
}

static const struct verb *find(const char *name, struct err *e)
{
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	err_set(e, ERR_USAGE, 0, "see casemate-runtime --help", "there is no verb '%.64s'", name);
	return NULL;
}

/* --debug. Not the arguments: those of exec may be secrets. And of the first word only what is an id: it must not end the line. */
static void tell(const struct runtime *rt, const struct verb *v, const char *id, const struct timespec *since, int r)
{
	struct timespec now;
	struct err no_id = { 0 };
	char text[2048];

	if (!rt->debug)
		return;
	if (!id || oci_check_id(id, &no_id) < 0)
		id = "";
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "casemate-runtime %s: %s '%s': %s after %lld ms", CASEMATE_VERSION, v->name, id,
		 r < 0 ? "failed" : "done", (now.tv_sec - since->tv_sec) * 1000LL + (now.tv_nsec - since->tv_nsec) / 1000000);
	runtime_log(rt, "debug", text);
}

static int run(struct runtime *rt, int argc, char **argv, struct err *e)
{
	int r = global_options(rt, argc, argv, e), from = optind;
	const struct verb *v;
	struct timespec start;

	if (r <= 0)
		return r;
	v = find(argv[from], e);
	if (v && v->goes_inside && !rt->wish.rootless && seal_program(argv, e) < 0)
		return -1;
	r = v ? verb_options(rt, v, argc - from, argv + from, e) : -1;
	if (r <= 0)
		return r;
	clock_gettime(CLOCK_MONOTONIC, &start);
	argv += from + optind;
	r = v->run(rt, argc - from - optind, argv, e);
	oci_place(e);
	tell(rt, v, argv[0], &start, r);
	return r;
}

/* Not into the log, which engines take for the reason of a failure. */
static void warn(const char *text)
{
	fprintf(stderr, "casemate-runtime: warning: %s\n", text);
}

int main(int argc, char **argv)
{
	struct runtime rt = { 0 };
	struct err e = { 0 };
	int r;

	if (!start_clean())
		return 125;
	rt.wish.rootless = geteuid() != 0;
	rt.wish.warn = warn;
	r = run(&rt, argc, argv, &e);
	if (r >= 0)
		return r;
	runtime_fail(&rt, &e);
	return err_exit_code(&e);
}
