/* verb_pause.c - pause, resume and ps: a container's processes, by its cgroup. */
#include "container.h"
#include "runtime.h"

#include "../base/sys.h"
#include "../launch/cgroup_held.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const struct option no_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
static const struct option ps_options[] = { { "format", required_argument, NULL, 'f' }, { "help", no_argument, NULL, 'h' }, { 0 } };

static int set_frozen(const struct oci_container *c, bool frozen, struct err *e)
{
	enum oci_status status = oci_container_status(c);
	_auto(close_fd) int dir = -1;

	if (frozen ? status != OCI_RUNNING && status != OCI_CREATED : status != OCI_PAUSED)
		return err_set(e, ERR_USAGE, 0, NULL, "cannot %s the container '%s': it is %s", frozen ? "pause" : "resume", c->state.name,
			       oci_status_name(status));
	dir = oci_container_cgroup(c, e);
	return dir < 0 ? -1 : cgroup_freeze(&sys_kernel, dir, frozen, e);
}

static int freeze(struct runtime *rt, int argc, char **argv, bool frozen, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;

	return the_container(rt, argc, argv, true, &c, e) < 0 ? -1 : set_frozen(&c, frozen, e);
}

static int pause_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	return freeze(rt, argc, argv, true, e);
}

static int resume_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	return freeze(rt, argc, argv, false, e);
}

/* --- ps --- */

/* Without ps(1), which a host of containers need not have. */
static void print_row(pid_t pid)
{
	_auto(free_mem) char *status = malloc(PROC_STATUS_MAX);
	char path[48], line[256], name[32] = "?";
	unsigned uid = 0, parent = 0;
	char *at;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (!status || sys_read_file(&sys_kernel, AT_FDCWD, path, status, PROC_STATUS_MAX) < 0)
		return;		/* it has ended */
	if (sscanf(status, "Name:\t%31[^\n]", name) != 1)
		snprintf(name, sizeof(name), "?");
	if ((at = strstr(status, "\nPPid:\t")))
		parent = (unsigned)strtoul(at + 7, NULL, 10);
	if ((at = strstr(status, "\nUid:\t")))
		uid = (unsigned)strtoul(at + 6, NULL, 10);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	{
		_auto(close_fd) int fd = sys_open(&sys_kernel, AT_FDCWD, path, O_RDONLY);

		n = fd < 0 ? 0 : sys_read(&sys_kernel, fd, line, sizeof(line) - 1);
	}
	n = n < 0 ? 0 : n;
	for (ssize_t i = 0; i < n; i++)	/* a workload names itself: no control characters of its choice */
		line[i] = (unsigned char)line[i] < ' ' || line[i] == 0x7f ? ' ' : line[i];
	line[n] = '\0';
	printf("%-8u %-8d %-8u %s%s%s\n", uid, pid, parent, n ? line : "[", n ? "" : name, n ? "" : "]");
}

static int print_processes(const struct runtime *rt, const struct oci_container *c, struct err *e)
{
	_auto(close_fd) int dir = oci_container_cgroup(c, e);
	_auto(free_mem) pid_t *pids = NULL;
	ssize_t n = dir < 0 ? 0 : cgroup_processes(&sys_kernel, dir, &pids);
	bool json = rt->format && strcmp(rt->format, "json") == 0;

	if (dir < 0)
		return -1;
	if (n < 0)
		return err_set(e, ERR_HOST, (int)n, NULL, "cannot list the processes of '%s'", c->state.name);
	printf(json ? "[" : "%-8s %-8s %-8s %s\n", "UID", "PID", "PPID", "CMD");
	for (ssize_t i = 0; i < n; i++)
		if (json)
			printf("%s%d", i ? "," : "", pids[i]);
		else
			print_row(pids[i]);
	printf(json ? "]\n" : "");
	return fflush(stdout) == 0 ? 0 : err_set(e, ERR_HOST, errno, NULL, "cannot print it");
}

static int ps_verb(struct runtime *rt, int argc, char **argv, struct err *e)
{
	_auto(oci_container_close) struct oci_container c = OCI_CONTAINER_NONE;

	if (rt->format && strcmp(rt->format, "json") != 0 && strcmp(rt->format, "table") != 0)
		return err_set(e, ERR_USAGE, 0, "json or table", "--format: '%.64s'", rt->format);
	if (argc > 1)
		return err_set(e, ERR_USAGE, 0, "--format json, and ps(1) with the pids", "ps takes no options of ps(1)");
	return the_container(rt, argc, argv, false, &c, e) < 0 ? -1 : print_processes(rt, &c, e);
}

const struct verb verb_pause = {
	.name = "pause", .usage = "ID", .summary = "stop every process of a container where it is", .shorts = "h", .longs = no_options, .run = pause_verb,
};
const struct verb verb_resume = {
	.name = "resume", .usage = "ID", .summary = "let a paused container go on", .shorts = "h", .longs = no_options, .run = resume_verb,
};
const struct verb verb_ps = {
	.name = "ps", .usage = "[--format table|json] ID", .summary = "the processes of a container", .shorts = "f:h", .longs = ps_options,
	.run = ps_verb,
};
