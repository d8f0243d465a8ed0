/* export.c - `casemate export`: a policy in the languages of others. What must be asked of the host is asked here;
 * the writing is the doors'. */
#include "cmd.h"
#include "options.h"
#include "../controls/limits.h"
#include "../controls/seccomp.h"
#include "../doors/export.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct job {
	struct source source;
	struct policy_source src;
	struct arena arena;
	struct policy policy;
	struct export_facts facts;
	struct findings lost;
	char name[64], file[PATH_MAX], program[PATH_MAX];
};

/* --- facts --- */

static int ask_devices(struct job *j, struct err *e)
{
	struct export_device *d = arena_alloc(&j->arena, (j->policy.n_devices + 1) * sizeof(*d));

	for (size_t i = 0; d && i < j->policy.n_devices; i++) {
		const char *path = j->policy.devices[i].path;
		struct stat st = { 0 };

		if (lstat(path, &st) < 0 || (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))) {
			err_set(e, ERR_HOST, errno, "export where the container will run: a config.json wants its numbers",
				"'%s' is no device here", path);
			return err_at(e, "/devices/%zu/path", i);
		}
		d[i] = (struct export_device){ S_ISBLK(st.st_mode), major(st.st_rdev), minor(st.st_rdev) };
	}
	j->facts.devices = d;
	return d ? 0 : err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the devices");
}

static int ask_disks(struct job *j, struct err *e)
{
	struct export_device *d = arena_alloc(&j->arena, (j->policy.limits.n_io + 1) * sizeof(*d));
	char disk[LIMIT_DISK], pointer[32];

	for (size_t i = 0; d && i < j->policy.limits.n_io; i++) {
		snprintf(pointer, sizeof(pointer), "/limits/io/%zu", i);
		if (limit_disk(&sys_kernel, j->policy.limits.io[i].path, pointer, disk, e) < 0)
			return -1;
		d[i].block = true;
		if (sscanf(disk, "%u:%u", &d[i].major, &d[i].minor) != 2)
			return err_set(e, ERR_HOST, EIO, NULL, "cannot read the disk's number '%s'", disk);
	}
	j->facts.disks = d;
	return d ? 0 : err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the disks");
}

/* The policy's name, or what of the file's is a host name as well. */
static void find_name(struct job *j)
{
	const char *slash = strrchr(j->source.file, '/'), *stem = slash ? slash + 1 : j->source.file;
	size_t n = 0;

	for (; *stem && *stem != '.' && n < sizeof(j->name) - 1; stem++)
		if (isalnum((unsigned char)*stem) || (*stem == '-' && n))
			j->name[n++] = *stem;
	while (n && j->name[n - 1] == '-')
		n--;
	snprintf(j->name + n, sizeof(j->name) - n, "%s", n ? "" : "casemate");
	j->facts.name = *j->policy.name ? j->policy.name : j->name;
}

static int ask(struct job *j, struct err *e)
{
	const char *effective;
	ssize_t n = readlink("/proc/self/exe", j->program, sizeof(j->program) - 1);

	j->program[n > 0 ? n : 0] = '\0';
	j->facts.casemate = n > 0 ? j->program : "/usr/local/sbin/casemate";
	j->facts.file = realpath(j->source.file, j->file) ? j->file : j->source.file;
	j->facts.set = j->src.set;
	j->facts.n_set = j->src.n_set;
	find_name(j);
	if (policy_effective(&j->src, &j->arena, &effective, e) < 0)
		return -1;
	j->facts.effective = json_loads(effective, 0, NULL);
	return j->facts.effective ? 0 : err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy");
}

/* --- formats --- */

static int oci(struct job *j, struct err *e)
{
	json_auto_t *config = NULL;

	if (ask_devices(j, e) < 0 || ask_disks(j, e) < 0)
		return -1;
	j->facts.seccomp = seccomp_json(&j->policy, e);
	if (!j->facts.seccomp)
		return -1;
	config = export_oci(&j->policy, &j->facts, &j->lost);
	if (!config || json_dumpf(config, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF)
		return err_set(e, ERR_HOST, 0, NULL, "cannot write the config.json");
	return 0;
}

static int systemd(struct job *j, struct err *e)
{
	if (strcmp(j->source.file, "-") == 0)
		return err_set(e, ERR_USAGE, 0, "name its file", "a unit cannot read the policy from standard input");
	export_systemd(&j->policy, &j->facts, &j->lost, stdout);
	return 0;
}

static int docker_run(struct job *j, struct err *e)
{
	(void)e;
	export_docker_run(&j->policy, &j->facts, &j->lost, stdout);
	return 0;
}

static const struct format { const char *name; int (*write)(struct job *, struct err *); } formats[] = {
	{ "oci", oci }, { "systemd", systemd }, { "docker-run", docker_run },
};

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	return NULL;
}

static void print_lost(void *ctx, const struct finding *f)
{
	(void)ctx;
	fprintf(stderr, "lost: %s: %s%s%s%s\n", f->pointer, f->msg, f->hint ? " (" : "", f->hint ? f->hint : "", f->hint ? ")" : "");
}

static int export(struct job *j, const struct format *format, const char *file, struct err *e)
{
	int r = source_load(&j->source, file, &j->src, e);

	if (r == 0 && arena_init(&j->arena, 2 * POLICY_ARENA_SIZE) < 0)
		r = err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the policy");
	if (r == 0)
		r = policy_parse(&j->src, &j->arena, &j->policy, e);
	if (r == 0)
		r = ask(j, e);
	if (r == 0)
		r = format->write(j, e);
	return r;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct job j = { .lost = { print_lost, NULL } };
	const struct format *format;
	struct err e = { 0 };
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (opt) {
		case 's': r = source_set(&j.source, optarg, &e); break;
		case 'h': return show_help(c);
		default: return EXIT_OURS;
		}
	if (r == 0 && optind + 2 != argc)
		return usage_error(c, "which format, and which POLICY?");
	format = r == 0 ? find_format(argv[optind]) : NULL;
	if (r == 0 && !format)
		return usage_error(c, "there is no format '%s'", argv[optind]);
	if (r == 0)
		r = export(&j, format, argv[optind + 1], &e);
	if (r == 0)
		r = fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_OURS;
	if (e.kind != ERR_NONE) {
		err_print(&e, j.source.file);
		r = err_exit_code(&e);
	}
	json_decref(j.facts.effective);
	json_decref(j.facts.seccomp);
	source_free(&j.source);
	if (j.arena.base)
		arena_free(&j.arena);
	return r;
}

const struct command cmd_export = {
	.name = "export",
	.usage = "oci|systemd|docker-run [--set KEY=VALUE ...] POLICY",
	.summary = "say a policy in the language of another tool",
	.help = "  oci               a config.json (runtime-spec 1.2) for crun, runc and the engines above them\n"
		"  systemd           a unit that runs the policy under casemate\n"
		"  docker-run        a docker run command line\n"
		"  --set KEY=VALUE   lay this over the policy first, as `casemate run` would\n\n"
		"What the other language has no words for is listed on standard error, one line each.\n",
	.run = run,
};
