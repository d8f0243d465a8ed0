/* docker.c - `casemate docker run`: a docker run line, imported and started through the same path as any policy.
 *
 * With `alias docker=casemate` the same line arrives as `casemate run ...`: run_is_docker() tells the two apart. */
#include "docker.h"

#include "../doors/docker.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* --- whose line is it --- */

enum { NOBODYS, OURS, DOCKERS };

static bool named(const char *const *list, const char *word, size_t len)
{
	for (; *list; list++)
		if (strncmp(*list, word, len) == 0 && (*list)[len] == '\0')
			return true;
	return false;
}

/* The first option that only one of the two knows decides; *operand is the first word that is none. */
static int whose_options(int argc, char **argv, const char **operand)
{
	static const char *const ours[] = { "without", "status-fd", "set", NULL }, *const both[] = { "name", "detach", "help", NULL };

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *name = word + 2;
		size_t len = strcspn(word, "=");

		if (strcmp(word, "--") == 0)
			i++;
		if (word[0] != '-' || !word[1] || strcmp(word, "--") == 0) {
			*operand = i < argc ? argv[i] : NULL;
			return NOBODYS;
		}
		if (word[1] != '-' && strcmp(word, "-d") != 0)	/* -h alone is a cry for help; docker's has a value */
			return strcmp(word, "-h") == 0 && i + 1 == argc ? OURS : DOCKERS;
		if (word[1] != '-')
			continue;
		if (named(ours, name, len - 2))
			return OURS;
		if (!named(both, name, len - 2))
			return docker_option_find(name, len - 2) ? DOCKERS : OURS;
		i += strcmp(word, "--name") == 0;
	}
	return NOBODYS;
}

int run_is_docker(int argc, char **argv, struct err *e)
{
	const char *operand = NULL;
	int whose = whose_options(argc, argv, &operand);
	struct err ignored = { 0 };
	struct image image = { 0 };
	bool policy, rootfs;
	struct stat st;

	if (whose != NOBODYS || !operand || strcmp(operand, "-") == 0)
		return whose == DOCKERS;
	policy = stat(operand, &st) == 0 && !S_ISDIR(st.st_mode);
	rootfs = image_resolve(operand, &image, &ignored) == 0 && stat(image.rootfs, &st) == 0 && S_ISDIR(st.st_mode);
	image_free(&image);
	if (policy && rootfs)
		return err_set(e, ERR_USAGE, 0, "./FILE for the policy, `casemate docker run` for the image",
			       "'%.60s' is a policy here and an image as well", operand);
	return rootfs;
}

/* --- what docker makes by itself --- */

/* docker invents names; so that two containers of one image can run, so do we. */
static int name_it(struct run_options *o, const struct door *d, const char **name, struct err *e)
{
	const char *base = strrchr(d->manner.image, '/') ? strrchr(d->manner.image, '/') + 1 : d->manner.image;
	char setting[64];
	uint32_t random;
	int n = (int)strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	*name = json_string_value(door_get(d, "/name"));
	if (*name)
		return 0;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_set(e, ERR_HOST, errno, "--name", "cannot invent a name");
	snprintf(setting, sizeof(setting), "name=%.*s-%08x", n ? n < 32 ? n : 32 : 9, n ? base : "container", random);
	if (source_set(&o->source, setting, e) < 0)
		return -1;
	*name = o->source.set[o->source.n_set - 1].value;
	return 0;
}

/* A named volume that is not there yet is an empty directory of the workload's. The store is ours: nobody else can
 * put a link in the way. What is inside of a volume is the workload's, so that nothing is made there. */
static int make_volume(const char *path, uid_t uid, gid_t gid, struct err *e)
{
	_auto(free_mem) char *above = strdup(path);
	struct stat st;

	if (!above)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot make a volume");
	for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(above, 0711) < 0 && errno != EEXIST)
			return err_set(e, ERR_HOST, errno, NULL, "cannot make %.100s", above);
		*slash = '/';
	}
	if (lstat(path, &st) == 0)
		return 0;
	if (mkdir(path, 0700) < 0 || (geteuid() == 0 && lchown(path, uid, gid) < 0))
		return err_set(e, ERR_HOST, errno, NULL, "cannot make the volume %.100s", path);
	return 0;
}

static int make_volumes(const struct door *d, struct err *e)
{
	_auto(free_mem) char *store = store_path("volumes", "");
	uid_t uid = (uid_t)json_integer_value(door_get(d, "/user/uid"));
	gid_t gid = (gid_t)json_integer_value(door_get(d, "/user/gid"));
	json_t *m;
	size_t i;

	json_array_foreach(door_get(d, "/mounts"), i, m) {
		const char *source = json_string_value(json_object_get(m, "source"));

		if (store && source && strncmp(source, store, strlen(store)) == 0 && !strchr(source + strlen(store), '/') &&
		    make_volume(source, uid, gid, e) < 0)
			return err_at(e, "/mounts/%zu", i);
	}
	return 0;
}

static int write_cidfile(const char *file, const char *name, struct err *e)
{
	_auto(close_fd) int fd = -1;
	size_t len = name ? strlen(name) : 0;

	if (!file || !len)
		return 0;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, name, len) != (ssize_t)len)
		return err_set(e, ERR_HOST, errno, "remove it, if that container has ended", "cannot write --cidfile %.60s", file);
	return 0;
}

/* --- the run --- */

static int start(struct run_options *o, const struct door *d, struct err *e)
{
	const char *rootfs = json_string_value(door_get(d, "/rootfs")), *cidfile = d->manner.cidfile, *name = NULL;
	int r = image_present(d->manner.image, rootfs, e);

	if (r == 0)
		r = name_it(o, d, &name, e);
	if (r == 0)
		r = make_volumes(d, e);
	if (r < 0 || write_cidfile(cidfile, name, e) < 0)
		return -1;
	o->door = d;
	o->detach = d->manner.detach;
	o->journal = d->manner.detach;
	o->keep = d->manner.detach && !d->manner.remove;
	o->no_input = !d->manner.interactive;
	o->discard_output = d->manner.discard_output;
	r = run_policy(o, "docker run", e);
	if (r < 0 && cidfile)
		(void)unlink(cidfile);
	return r;
}

/* An error at a key is an error of the option that it came from. */
static void say_where(const struct door *d, const struct err *e)
{
	const struct place *at = *e->path ? door_origin(d, e->path) : NULL;

	if (at)
		door_print_place(at, stderr);
}

static int run_docker(struct run_options *o, int argc, char **argv, const struct command *c)
{
	struct err e = { 0 };
	struct door d;
	int r;

	door_init(&d);
	r = door_docker_run(argc, argv, &d, &e);
	if (r == 0 && d.manner.help) {
		source_free(&o->source);
		door_free(&d);
		return docker_help(c);
	}
	if (r == 0)
		r = door_finish(&d, &o->source.text, &o->source.len, &e);
	/* What keeps it from starting is not to drown in what does not. */
	if (r < 0 || d.refused || !d.manner.quiet)
		door_print_notes(&d, r < 0 || d.refused ? NOTE_REFUSED : NOTE_TIGHTENED, stderr);
	if (r == 0 && d.refused)
		r = err_set(&e, ERR_USAGE, 0, "leave out what was refused, or do what the notes say", "not started: %zu refused", d.refused);
	if (r == 0)
		r = start(o, &d, &e);
	else
		source_free(&o->source);
	if (e.kind != ERR_NONE) {
		say_where(&d, &e);
		err_print(&e, NULL);
		r = err_exit_code(&e);
	}
	door_free(&d);
	return r;
}

int docker_run(const struct command *c, int argc, char **argv)
{
	struct run_options o = RUN_OPTIONS_INIT;

	return run_docker(&o, argc, argv, c);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { RUN_LONG_OPTIONS, { "help", no_argument, NULL, 'h' }, { 0 } };
	struct run_options o = RUN_OPTIONS_INIT;
	struct err e = { 0 };
	int opt, r = 0;

	while (r == 0 && (opt = getopt_long(argc, argv, "+h", longs, NULL)) != -1)
		if (opt == 'h')
			return source_free(&o.source), docker_help(c);
		else
			r = run_option(&o, opt, optarg, &e);
	if (r == 0 && (optind == argc || (strcmp(argv[optind], "run") != 0 && strcmp(argv[optind], "container") != 0)))
		r = err_set(&e, ERR_USAGE, 0, "casemate docker run ...", "of docker's commands there is only run");
	if (r == 0)
		return run_docker(&o, argc - optind, argv + optind, c);
	source_free(&o.source);
	err_print(&e, NULL);
	return err_exit_code(&e);
}

static const char *const fates[] = {
	[MAPPED] = "", [ALWAYS] = "always: ", [NO_EFFECT] = "no effect: ", [REFUSED] = "refused: " };

int docker_help(const struct command *c)
{
	show_help(c);
	printf("\ndocker's options, and what becomes of each:\n");
	for (const struct docker_option *o = docker_options; o->name; o++)
		printf("  %s%c%s--%-22s %s%s\n", o->letter ? "-" : " ", o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
		       fates[o->fate], o->why);
	return 0;
}

const struct command cmd_docker = {
	.name = "docker",
	.usage = "[--without CONTROL,...] [--status-fd N] [--set KEY=VALUE ...] run [OPTION...] IMAGE [ARG...]",
	.summary = "run what a docker run line says, hardened",
	.help = "The line is imported as `casemate import docker-run` would, and its policy is run as by `casemate run`. What\n"
		"docker would leave open stays shut; what cannot be had is refused, and then nothing is started.\n"
		"IMAGE is a directory (\"/...\" or \"./...\"), or a name below /var/lib/casemate/rootfs; NAME.json beside it is\n"
		"the image's configuration. casemate-docker(1) says how to make both.\n\n"
		"  --without CONTROL,... go without these; each is named in the launch record\n"
		"  --status-fd N         write the launched and exited records there, as JSON lines\n"
		"  --set KEY=VALUE       lay a value over the policy, validated like the line\n\n"
		"With `alias docker=casemate`, `docker run ...` is `casemate run ...`, which knows docker's line when it sees one.\n",
	.run = run,
};
