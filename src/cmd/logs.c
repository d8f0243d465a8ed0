/* logs.c - casemate logs: what a container printed, also when it has ended.
 *
 * Where that is says the record of a container that runs or was kept; else there are files in the usual place; else the journal is
 * asked. Reading is casemate-log's: it alone knows compression. */
#include "../base/helper.h"
#include "../launch/state.h"
#include "../logs/entry.h"
#include "../logs/place.h"
#include "../policy/units.h"
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

enum { NS = 1000000000 };

/* "10m" ago, "@SECONDS", or RFC 3339. */
static int parse_time(const char *option, const char *text, uint64_t *ns, struct err *e)
{
	uint64_t ago, seconds, now = (uint64_t)time(NULL);

	if (unit_time(text, &ago) && ago / 1000 < now)
		*ns = now * NS - ago * (NS / 1000);
	else if (*text == '@' && unit_decimal(text + 1, &seconds) && seconds < UINT64_MAX / NS)
		*ns = seconds * NS;
	else if (entry_time(text, ns) < 0)
		return err_set(e, ERR_USAGE, 0, "for example 10m, @1700000000 or 2026-11-22T04:05:06Z", "%s: '%s' is no time", option, text);
	return 0;
}

/* 1: the record says where; 0: there is no record; -1: it says that there is no log. */
static int from_record(const char *name, char place[PATH_MAX], struct err *e)
{
	struct state s = STATE_NONE;
	struct err ignored = { 0 };
	_auto(free_mem) char *text = NULL;
	json_auto_t *record = NULL;
	enum state_phase phase;
	const json_t *log;
	const char *driver, *path;

	if (state_find(&s, name, &phase, &ignored) == 0 && state_read(&s, "record.json", &text, &ignored) == 0)
		record = json_loads(text, 0, NULL);
	state_close(&s);
	log = json_object_get(record, "log");
	driver = json_string_value(json_object_get(log, "driver"));
	path = json_string_value(json_object_get(log, "path"));
	if (!record)
		return 0;
	if (!driver || strcmp(driver, "syslog") == 0)
		return err_set(e, ERR_HOST, 0, driver ? "look where the syslog daemon writes" : "set \"log\" in its policy",
			       driver ? "the output of '%s' goes to syslog" : "'%s' writes to its launcher's streams", name);
	snprintf(place, PATH_MAX, "%s", path ? path : "journal");
	return 1;
}

static int find_place(const char *name, char place[PATH_MAX], struct err *e)
{
	int r = from_record(name, place, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	if (log_usual_dir(name, place, e) < 0)
		return -1;
	if (access(place, F_OK) < 0)
		snprintf(place, PATH_MAX, "journal");
	return 0;
}

struct wanted { uint64_t since, until, tail; char flags[3]; };

static int read_log(const char *name, const struct wanted *w, struct err *e)
{
	char place[PATH_MAX], path[PATH_MAX], since[24], until[24], tail[24];
	const char *const argv[] = { "casemate-log", "read", name, place, since, until, tail, w->flags, NULL };
	int r;

	if (strlen(name) >= LOG_NAME_MAX || strchr(name, '/') || name[0] == '.')
		return err_set(e, ERR_USAGE, 0, NULL, "'%s' is no name of a container", name);
	if (find_place(name, place, e) < 0 || helper_path("casemate-log", path, e) < 0)
		return -1;
	snprintf(since, sizeof(since), "%lu", w->since);
	snprintf(until, sizeof(until), "%lu", w->until);
	snprintf(tail, sizeof(tail), "%lu", w->tail);
	r = sys_execve(&sys_kernel, path, argv, (const char *const *)environ);
	return err_set(e, ERR_HOST, r, NULL, "cannot execute %s", path);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "follow", no_argument, NULL, 'f' }, { "since", required_argument, NULL, 's' }, { "until", required_argument, NULL, 'u' },
		{ "tail", required_argument, NULL, 'n' }, { "timestamps", no_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct wanted w = { .until = UINT64_MAX, .tail = UINT64_MAX };
	bool follow = false, timestamps = false;
	struct err e = { 0 };
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "fn:th", longs, NULL)) != -1)
		switch (opt) {
		case 'f': follow = true; break;
		case 't': timestamps = true; break;
		case 's': r = parse_time("--since", optarg, &w.since, &e); break;
		case 'u': r = parse_time("--until", optarg, &w.until, &e); break;
		case 'n':
			if (strcmp(optarg, "all") != 0 && !unit_decimal(optarg, &w.tail))
				return usage_error(c, "-n wants a number of lines, or all");
			break;
		case 'h': return show_help(c);
		default: return usage_error(c, "unknown option");
		}
	if (r == 0 && argc - optind != 1)
		return usage_error(c, "which container?");
	snprintf(w.flags, sizeof(w.flags), "%s%s", follow ? "f" : "", timestamps ? "t" : "");
	if (r == 0)
		(void)!read_log(argv[optind], &w, &e);
	err_print(&e, NULL);
	return err_exit_code(&e);
}

const struct command cmd_logs = {
	.name = "logs",
	.usage = "[-f] [--since TIME] [--until TIME] [-n LINES] [--timestamps] NAME",
	.summary = "what a container printed, also when it has ended",
	.help = "  -f, --follow        go on until it ends\n"
		"  --since, --until T  10m (ago), @SECONDS or 2026-11-22T04:05:06Z\n"
		"  -n, --tail LINES    only the last ones\n"
		"  -t, --timestamps    when each line was read from the workload\n"
		"\n"
		"Standard output is what the workload wrote there, and standard error likewise. Wants a policy with \"log\": files and the\n"
		"journal can be read back. casemate-logs(1) has more.\n",
	.run = run,
};
