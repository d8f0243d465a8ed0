/* check.c - `casemate check`: what is wrong or weak in a policy, without running it. */
#include "cmd.h"
#include "judge.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/sysinfo.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF };
enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
static const char *const formats[] = { "text", "json", "sarif", NULL };
static const char *const colours[] = { "auto", "always", "never", NULL };

struct options {
	size_t format, colour;
	bool strict, rules;
	const char *explain;
	const char *floor_name;
	struct host host;
	bool has_host, has_floor, has_host_floor;
	struct bound floor, host_floor;		/* of --floor; of this host */
	struct arena arena[2];			/* theirs */
};

static int choose(const char *const *names, const char *word, size_t *ret)
{
	for (*ret = 0; names[*ret]; ++*ret)
		if (strcmp(names[*ret], word) == 0)
			return 0;
	return -1;
}

/* --floor: a shipped one's name, or a file. */
static int read_floor(struct options *o, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	size_t len;
	int r = arena_init(&o->arena[0], POLICY_ARENA_SIZE);

	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "no memory for the floor");
	o->has_floor = true;
	for (const struct floor_shipped *s = floors_shipped; s->name; s++)
		if (strcmp(s->name, o->floor_name) == 0)
			return floor_from_text(s->name, s->text, strlen(s->text), &o->arena[0], &o->floor, e);
	if (load_text(o->floor_name, &text, &len, e) < 0) {
		if (!strchr(o->floor_name, '/'))
			snprintf(e->hint, sizeof(e->hint), "a file, or one of baseline, cis-docker, restricted");
		return -1;
	}
	return floor_from_text(o->floor_name, text, len, &o->arena[0], &o->floor, e);
}

static int read_host_floor(struct options *o, struct err *e)
{
	int r = floor_of_host(&o->arena[1], &o->host_floor, e);

	o->has_host_floor = r > 0;
	return r < 0 ? -1 : 0;
}

static int read_floors(struct options *o)
{
	struct err e = { 0 };

	if ((!o->floor_name || read_floor(o, &e) == 0) && (!o->has_host || read_host_floor(o, &e) == 0))
		return 0;
	err_print(&e, o->floor_name);
	return -1;
}

static int read_host(struct options *o)
{
	struct sysinfo info;
	FILE *pid_max = fopen("/proc/sys/kernel/pid_max", "re");
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!pid_max || fscanf(pid_max, "%lu", &o->host.pids) != 1)
		o->host.pids = UINT64_MAX;
	close_file(&pid_max);
	if (sysinfo(&info) < 0 || cpus < 1)
		return -1;
	o->host.memory = (uint64_t)info.totalram * info.mem_unit;
	o->host.cpus = (uint64_t)cpus;
	o->has_host = true;
	return 0;
}

/* 0: go on; 1: help was shown; -1: wrong. */
static int parse_options(const struct command *c, int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' }, { "color", required_argument, NULL, 'c' },
		{ "strict", no_argument, NULL, 's' }, { "host", no_argument, NULL, 'H' }, { "rules", no_argument, NULL, 'r' },
		{ "list", no_argument, NULL, 'r' }, { "explain", required_argument, NULL, 'e' },
		{ "floor", required_argument, NULL, 'F' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+h", longs, NULL)) != -1)
		switch (opt) {
		case 'f':
			if (choose(formats, optarg, &o->format) < 0)
				return usage_error(c, "--format is text, json or sarif, not '%s'", optarg), -1;
			break;
		case 'c':
			if (choose(colours, optarg, &o->colour) < 0)
				return usage_error(c, "--color is auto, always or never, not '%s'", optarg), -1;
			break;
		case 's': o->strict = true; break;
		case 'r': o->rules = true; break;
		case 'e': o->explain = optarg; break;
		case 'F': o->floor_name = optarg; break;
		case 'h': return show_help(c), 1;
		case 'H':
			if (read_host(o) < 0)
				return usage_error(c, "--host: cannot ask this host: %s", strerror(errno)), -1;
			break;
		default: return usage_error(c, "unknown option"), -1;
		}
	return 0;
}

/* https://no-color.org: any value but the empty one. */
static bool want_colour(const struct options *o)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->colour != COLOUR_AUTO)
		return o->colour == COLOUR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static int print(const struct verdicts *all, const struct options *o)
{
	int ret = all->no_memory ? -1 : 0;

	if (ret == 0 && o->format == FORMAT_JSON)
		ret = report_json(all, stdout);
	else if (ret == 0 && o->format == FORMAT_SARIF)
		ret = report_sarif(all, stdout);
	else if (ret == 0)
		report_text(all, stdout, want_colour(o), o->strict);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fprintf(stderr, "casemate check: cannot write: %s\n", strerror(errno)), -1;
	if (ret < 0)
		fprintf(stderr, "casemate check: out of memory\n");
	return ret;
}

static int exit_code(const struct verdicts *all, const struct options *o)
{
	for (size_t i = 0; i < all->n; i++)
		if (*all->v[i].unusable)
			return EXIT_UNUSABLE;
	return verdicts_count(all, SEV_ERROR) || (o->strict && verdicts_count(all, SEV_WARNING)) ? EXIT_FINDINGS : EXIT_FINE;
}

static int explain(const char *id)
{
	const struct rule *rule = rule_find(id);

	if (!rule) {
		fprintf(stderr, "casemate check: there is no rule '%s'; `casemate check --rules` lists them\n", id);
		return EXIT_UNUSABLE;
	}
	rule_explain(rule, stdout);
	return EXIT_FINE;
}

/* "--" introduces a docker line, and is the end of the options as everywhere else. */
static bool is_docker_line(char **argv, int first)
{
	return strcmp(argv[first - 1], "--") == 0 && (strcmp(argv[first], "docker") == 0 || strcmp(argv[first], "podman") == 0);
}

static int run(const struct command *c, int argc, char **argv)
{
	_auto(verdicts_free) struct verdicts all = { 0 };
	struct options o = { 0 };
	struct measure m = { 0 };
	int ret = parse_options(c, argc, argv, &o);

	if (ret)
		return ret > 0 ? EXIT_FINE : EXIT_UNUSABLE;
	if (o.explain)
		return explain(o.explain);
	if (o.rules)
		return rules_print(stdout), EXIT_FINE;
	if (optind >= argc)
		return usage_error(c, "which FILE?"), EXIT_UNUSABLE;
	if (read_floors(&o) == 0) {
		m.host = o.has_host ? &o.host : NULL;
		m.floor = o.has_floor ? &o.floor : NULL;
		m.host_floor = o.has_host_floor ? &o.host_floor : NULL;
		if (is_docker_line(argv, optind))
			judge_docker_run(argc - optind, argv + optind, &m, &all);
		else
			for (int i = optind; i < argc; i++)
				judge_file(argv[i], &m, &all);
		verdicts_sort(&all);
		ret = print(&all, &o) < 0 ? EXIT_UNUSABLE : exit_code(&all, &o);
	} else {
		ret = EXIT_UNUSABLE;
	}
	for (size_t i = 0; i < COUNT(o.arena); i++)
		arena_free(&o.arena[i]);
	return ret;
}

const struct command cmd_check = {
	.name = "check",
	.usage = "[--format text|json|sarif] [--floor FILE|NAME] [--strict] [--host] [--color auto|always|never] FILE...|-- docker run ...",
	.summary = "find what is wrong or weak in a policy or docker run line, without running it",
	.help = "FILE is a policy, a compose file, or an OCI config.json or bundle: told by what is in it.\n\n"
		"  --format FORMAT   text for people, json or sarif for programs\n"
		"  --strict          warnings count, too\n"
		"  --floor FLOOR     also hold it against a floor: a file, or baseline, restricted, cis-docker\n"
		"  --host            also what this machine says of it: limits larger than it has, its own floor\n"
		"  --color WHEN      auto, always or never; auto obeys NO_COLOR\n"
		"  --rules           print every rule, and what answers the CIS benchmark and the Pod Security Standards\n"
		"  --explain RULE    why a rule is there, what to do, and where to read on\n"
		"\n"
		"An error refuses a launch; a warning is a weakening that the launch record will name; a note is advice.\n"
		"\n"
		"Exit status: 0 no errors, 1 errors (with --strict: or warnings), 2 a file cannot be read.\n",
	.run = run,
};
