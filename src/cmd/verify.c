/* verify.c - casemate verify: what the kernel says of a running container, against its policy.
 *
 * The plan is made again from the policy kept in the state directory, so nothing here trusts what
 * the launch believed to have done; and the reading is of /proc, not of the record. */
#include "../controls/control.h"
#include "again.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>

struct row {
	enum { HOLDS, DRIFT, WAIVED } verdict;
	char value[VALUE_MAX];
	char problem[256];
};

static void read_back(const struct plan *plan, struct target *t, struct row rows[CONTROL_COUNT])
{
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const struct control *c = control_get((enum control_id)i);
		struct err e = { 0 };

		if (waived(plan, (enum control_id)i)) {
			rows[i].verdict = WAIVED;
			snprintf(rows[i].value, VALUE_MAX, "waived at launch");
		} else if (c->verify && c->verify(plan, t, rows[i].value, &e) < 0) {
			rows[i].verdict = DRIFT;
			snprintf(rows[i].problem, sizeof(rows[i].problem), "%s%s%s", e.msg, e.sys ? ": " : "",
				 e.sys ? strerror(e.sys) : "");
		}
	}
}

static const char *const verdicts[] = { [HOLDS] = "holds", [DRIFT] = "DRIFT", [WAIVED] = "waived" };

static int print_rows(const struct row rows[CONTROL_COUNT], const char *name, long pid, bool json)
{
	json_auto_t *root = json_object();
	json_t *list = json_object();
	int drift = 0;

	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const struct row *r = &rows[i];
		const char *text = r->verdict == DRIFT ? r->problem : r->value, *control = control_name((enum control_id)i);

		drift |= r->verdict == DRIFT;
		if (!json)
			printf("%-18s %-6s %s\n", control, verdicts[r->verdict], text);
		json_object_set_new(list, control, json_pack("{s:s, s:s}", "verdict", verdicts[r->verdict], "value", text));
	}
	json_object_set_new(root, "name", name ? json_string(name) : json_null());
	json_object_set_new(root, "pid", json_integer(pid));
	json_object_set_new(root, "drift", json_boolean(drift));
	json_object_set_new(root, "controls", list);
	if (json) {
		json_dumpf(root, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	return drift ? EXIT_FINDINGS : EXIT_FINE;
}

/* --pid: the container whose record names it. */
struct wanted { long pid; char name[256]; };

static bool is_wanted(const char *name, void *ctx)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	struct wanted *w = ctx;
	struct err ignored = { 0 };

	if (container_open(&c, name, &ignored) < 0 || (c.pid != w->pid && c.init != w->pid))
		return false;
	snprintf(w->name, sizeof(w->name), "%s", name);
	return true;
}

static int open_proc(const struct container *c, struct err *e)
{
	_auto(close_fd) int proc = -1, same = -1;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", c->pid);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return err_set(e, ERR_HOST, errno, "it has just ended", "cannot look at process %d", c->pid);
	/* Asked behind the directory, which cannot become another process any more: its number can. */
	same = container_pidfd(c, c->pid, e);
	return same < 0 ? -1 : take_fd(&proc);
}

static int verify(const char *name, bool json, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	_auto(again_free) struct again g = { 0 };
	_auto(free_mem) struct target *t = calloc(1, sizeof(*t));
	_auto(free_mem) struct row *rows = calloc(CONTROL_COUNT, sizeof(*rows));
	ssize_t n;

	if (!t || !rows)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (container_open(&c, name, e) < 0 || again_make(&g, &c, NULL, 0, e) < 0)
		return -1;
	target_init(t, &sys_kernel, NULL, false, open_proc(&c, e));
	if (t->proc < 0)
		return -1;
	n = sys_read_file(&sys_kernel, t->proc, "status", t->status, sizeof(t->status));
	if (n < 0)
		return err_set(e, ERR_HOST, (int)n, "it has just ended", "cannot look at process %d", c.pid);
	read_back(g.plan, t, rows);
	return print_rows(rows, name, c.pid, json);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' }, { "pid", required_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct wanted wanted = { 0 };
	char *end;
	const char *name = NULL;
	struct err e = { 0 };
	bool json = false;
	long pid = 0;
	int opt, r = 0;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'j': json = true; break;
		case 'p':
			pid = strtol(optarg, &end, 10);
			if (*end || pid <= 0)
				return usage_error(c, "--pid wants a number, not '%s'", optarg);
			break;
		default: return usage_error(c, "unknown option");
		}
	if ((pid != 0) + (argc - optind) != 1)
		return usage_error(c, "which container?");
	name = argv[optind];
	if (pid) {
		wanted.pid = pid;
		name = wanted.name;
		if (!state_each(is_wanted, &wanted))
			r = err_set(&e, ERR_HOST, 0, "is it the pid of a workload, and started by the same user?",
				    "no running container has pid %ld", pid);
	}
	if (r == 0)
		r = verify(name, json, &e);
	if (e.kind != ERR_NONE) {
		err_print(&e, NULL);
		return EXIT_UNUSABLE;
	}
	return r;
}

const struct command cmd_verify = {
	.name = "verify",
	.usage = "[--json] NAME | --pid PID",
	.summary = "read every control of a running container back from the kernel",
	.help = "Needs the rights of whoever started it. Exits 0 when all hold, 1 on drift, 2 when there is nothing to look at.\n",
	.run = run,
};
