/* import.c - `casemate import`: what another tool would run, as a policy. One row, one door; a compose file may hold
 * several, which go into files of their own. */
#include "../doors/door.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

/* What the command line says beside the source. */
struct wish { bool partial; const char *service, *directory; };

struct entrance {
	const char *name;
	/* argv begins behind the name; *file is what errors are in. */
	int (*open)(int argc, char **argv, const struct wish *, struct door *, const char **file, struct err *);
};

static int open_docker_run(int argc, char **argv, const struct wish *w, struct door *d, const char **file, struct err *e)
{
	int skip = argc > 0 && strcmp(argv[0], "--") == 0;

	(void)file;
	(void)w;
	return door_docker_run(argc - skip, argv + skip, d, e);
}

/* Absolute; NULL for standard input. malloc'd. */
static char *directory_of(const char *file)
{
	char *whole = strcmp(file, "-") == 0 ? NULL : realpath(file, NULL);

	if (whole)
		strrchr(whole, '/')[strrchr(whole, '/') == whole] = '\0';
	return whole;
}

/* A config.json, or the bundle that it is in: relative paths are below the directory of the file. */
static int open_oci(int argc, char **argv, const struct wish *w, struct door *d, const char **file, struct err *e)
{
	_auto(free_mem) char *text = NULL, *inside = NULL, *dir = NULL;
	const char *name = argc == 1 ? argv[0] : NULL;
	struct stat st;
	size_t len;

	(void)w;
	if (!name)
		return err_set(e, ERR_USAGE, 0, "casemate import oci FILE|BUNDLE", "which config.json?");
	if (stat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (asprintf(&inside, "%s/config.json", name) < 0)
			return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the bundle's name");
		name = inside;
	}
	*file = argv[0];
	if (load_text(name, &text, &len, e) < 0)
		return -1;
	dir = directory_of(name);
	return door_oci(text, len, dir, d, e);
}

/* --- compose --- */

static const char *compose_file(int argc, char **argv)
{
	static const char *const names[] = { "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml" };

	for (size_t i = 0; argc == 0 && i < COUNT(names); i++)
		if (access(names[i], F_OK) == 0)
			return names[i];
	return argc == 1 ? argv[0] : NULL;
}

static int open_compose(int argc, char **argv, const struct wish *w, struct door *d, const char **file, struct err *e)
{
	_auto(free_mem) char *text = NULL, *dir = NULL;
	size_t len;

	*file = compose_file(argc, argv);
	if (!*file)
		return err_set(e, ERR_USAGE, 0, "casemate import compose FILE", "which compose file?");
	if (load_text(*file, &text, &len, e) < 0)
		return -1;
	dir = strcmp(*file, "-") == 0 ? getcwd(NULL, 0) : directory_of(*file);
	return door_compose(text, len, dir, w->service, d, e);
}

static const struct entrance entrances[] = {
	{ "docker-run", open_docker_run }, { "compose", open_compose }, { "oci", open_oci },
};

/* --- the way out --- */

/* Written beside its place and renamed, so that nobody reads half a policy. */
static int write_policy(const char *directory, const char *name, const char *text, size_t len, struct err *e)
{
	_auto(free_mem) char *path = NULL, *new = NULL;
	_auto(close_fd) int fd = -1;

	if (asprintf(&path, "%s/%s.json", directory, name) < 0 || asprintf(&new, "%s/.%s.json.XXXXXX", directory, name) < 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the name of the policy");
	fd = mkostemp(new, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_HOST, errno, "make the directory first", "cannot write into '%s'", directory);
	if (write(fd, text, len) != (ssize_t)len || fchmod(fd, 0644) < 0 || rename(new, path) < 0) {
		err_set(e, ERR_HOST, errno, NULL, "cannot write '%s'", path);
		unlink(new);
		return -1;
	}
	return 0;
}

/* The policy on stdout, the notes on stderr. What was refused leaves a policy that does less than was asked for: it
 * is printed only for who says that this is known. */
static int finish(struct door *d, const struct wish *w, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	size_t len;
	int r = door_finish(d, &text, &len, e);

	door_print_notes(d, NOTE_TIGHTENED, stderr);
	if (r < 0)
		return -1;
	if (d->refused && !w->partial)
		return err_set(e, ERR_POLICY, 0, "--partial prints the policy of the rest", "no policy: %zu %s refused", d->refused,
			       d->refused == 1 ? "thing was" : "things were");
	if (w->directory)
		return write_policy(w->directory, w->service, text, len, e);
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot print the policy");
	return 0;
}

static int run_entrance(const struct command *c, const struct entrance *in, int argc, char **argv, const struct wish *w)
{
	const char *file = NULL;
	struct err e = { 0 };
	struct door d;
	int r;

	door_init(&d);
	r = in->open(argc, argv, w, &d, &file, &e);
	if (r == 0 && d.manner.help)
		return door_free(&d), show_help(c);
	if (r == 0)
		r = finish(&d, w, &e);
	if (r < 0)
		err_print(&e, file);
	r = r < 0 || d.refused ? EXIT_FINDINGS : EXIT_FINE;
	door_free(&d);
	return r;
}

/* Every service into a file of its own; what is wrong with one does not keep the others. */
static int run_services(const struct command *c, const struct entrance *in, int argc, char **argv, const struct wish *w)
{
	_auto(free_mem) char *text = NULL;
	const char *file = compose_file(argc, argv);
	json_auto_t *names = NULL;
	json_t *name;
	struct err e = { 0 };
	int worst = EXIT_FINE;
	size_t len, i;

	if (!file)
		return usage_error(c, "which compose file?");
	if (load_text(file, &text, &len, &e) < 0 || compose_services(text, len, &names, &e) < 0) {
		err_print(&e, file);
		return EXIT_FINDINGS;
	}
	json_array_foreach(names, i, name) {
		struct wish one = *w;
		int r;

		one.service = json_string_value(name);
		fprintf(stderr, "%s%s:\n", i ? "\n" : "", one.service);
		r = run_entrance(c, in, argc, argv, &one);
		worst = r > worst ? r : worst;
	}
	return worst;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "partial", no_argument, NULL, 'p' }, { "service", required_argument, NULL, 's' },
		{ "output", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	const struct entrance *in = NULL;
	struct wish w = { 0 };
	int opt;

	/* Before and behind the word that names the door; what follows "docker-run" is docker's. */
	for (int round = 0; round < 2; round++) {
		while ((opt = getopt_long(argc, argv, "+o:h", longs, NULL)) != -1)
			switch (opt) {
			case 'p': w.partial = true; break;
			case 's': w.service = optarg; break;
			case 'o': w.directory = optarg; break;
			case 'h': return show_help(c);
			default: return usage_error(c, "unknown option");
			}
		for (size_t k = 0; !in && optind < argc && k < COUNT(entrances); k++)
			if (strcmp(argv[optind], entrances[k].name) == 0)
				in = &entrances[k];
		if (!in)
			return optind < argc ? usage_error(c, "cannot import '%s'", argv[optind]) : usage_error(c, "from what?");
		if (round == 0)
			optind++;
		if (in->open == open_docker_run)
			break;
	}
	if ((w.service || w.directory) && in->open != open_compose)
		return usage_error(c, "--service and --output are for compose");
	if (w.directory && !w.service)
		return run_services(c, in, argc - optind, argv + optind, &w);
	return run_entrance(c, in, argc - optind, argv + optind, &w);
}

const struct command cmd_import = {
	.name = "import",
	.usage = "[--partial] docker-run -- docker run [OPTION...] IMAGE [ARG...]\n"
		 "       casemate import [--partial] compose [--service NAME] [--output DIRECTORY] [FILE]\n"
		 "       casemate import [--partial] oci FILE|BUNDLE",
	.summary = "turn what another tool would run into a policy",
	.help = "  docker-run  a docker run command line\n"
		"  compose     a service of a compose file; of compose.yaml here when none is named\n"
		"  oci         a config.json of the OCI runtime specification, or the bundle that holds one\n\n"
		"Prints the policy, and on standard error a note for everything that does not simply carry over:\n"
		"  tightened   what the other tool leaves open stays shut\n"
		"  no effect   means nothing here, and no protection is lost by that\n"
		"  missing     to be added before it runs\n"
		"  refused     cannot be had; the note says what to do instead\n\n"
		"  --partial            print the policy of the rest, even if something was refused\n"
		"  --service NAME       which service; needless when there is one\n"
		"  --output, -o DIR     write DIR/SERVICE.json instead; without --service for every one of them\n\n"
		"Exit status: 0 nothing was refused, 1 something was.\n",
	.run = run,
};
