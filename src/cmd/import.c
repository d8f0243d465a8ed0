/* import.c - `casemate import`: what another tool would run, as a policy. One row, one door. */
#include "../doors/door.h"
#include "cmd.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct entrance {
	const char *name;
	/* argv begins behind the name; *file is what errors are in. */
	int (*open)(int argc, char **argv, struct door *, const char **file, struct err *);
};

static int open_docker_run(int argc, char **argv, struct door *d, const char **file, struct err *e)
{
	int skip = argc > 0 && strcmp(argv[0], "--") == 0;

	(void)file;
	return door_docker_run(argc - skip, argv + skip, d, e);
}

/* A config.json, or the bundle that it is in: relative paths are below the directory of the file. */
static int open_oci(int argc, char **argv, struct door *d, const char **file, struct err *e)
{
	_auto(free_mem) char *text = NULL, *inside = NULL, *whole = NULL;
	const char *name = argc == 1 ? argv[0] : NULL;
	struct stat st;
	size_t len;

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
	whole = strcmp(name, "-") == 0 ? NULL : realpath(name, NULL);
	if (whole && strrchr(whole, '/') != whole)
		*strrchr(whole, '/') = '\0';
	return door_oci(text, len, whole, d, e);
}

static const struct entrance entrances[] = {
	{ "docker-run", open_docker_run }, { "oci", open_oci },
};

/* The policy on stdout, the notes on stderr. What was refused leaves a policy that does less than was asked for: it
 * is printed only for who says that this is known. */
static int finish(struct door *d, bool partial, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	size_t len;
	int r = door_finish(d, &text, &len, e);

	door_print_notes(d, stderr);
	if (r < 0)
		return -1;
	if (d->refused && !partial)
		return err_set(e, ERR_POLICY, 0, "--partial prints the policy of the rest", "no policy: %zu %s refused", d->refused,
			       d->refused == 1 ? "thing was" : "things were");
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot print the policy");
	return 0;
}

static int run_entrance(const struct command *c, const struct entrance *in, int argc, char **argv, bool partial)
{
	const char *file = NULL;
	struct err e = { 0 };
	struct door d;
	int r;

	door_init(&d);
	r = in->open(argc, argv, &d, &file, &e);
	if (r == 0 && d.manner.help)
		return door_free(&d), show_help(c);
	if (r == 0)
		r = finish(&d, partial, &e);
	if (r < 0)
		err_print(&e, file);
	r = r < 0 || d.refused ? EXIT_FINDINGS : EXIT_FINE;
	door_free(&d);
	return r;
}

static int run(const struct command *c, int argc, char **argv)
{
	bool partial = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return show_help(c);
		if (strcmp(argv[i], "--partial") != 0)
			return usage_error(c, "there is no option '%s'", argv[i]);
		partial = true;
	}
	for (size_t k = 0; i < argc && k < COUNT(entrances); k++)
		if (strcmp(argv[i], entrances[k].name) == 0)
			return run_entrance(c, &entrances[k], argc - i - 1, argv + i + 1, partial);
	return i < argc ? usage_error(c, "cannot import '%s'", argv[i]) : usage_error(c, "from what?");
}

const struct command cmd_import = {
	.name = "import",
	.usage = "[--partial] docker-run -- docker run [OPTION...] IMAGE [ARG...] | oci FILE|BUNDLE",
	.summary = "turn what another tool would run into a policy",
	.help = "  docker-run  a docker run command line\n"
		"  oci         a config.json of the OCI runtime specification, or the bundle that holds one\n\n"
		"Prints the policy, and on standard error a note for everything that does not simply carry over:\n"
		"  tightened   what the other tool leaves open stays shut\n"
		"  no effect   means nothing here, and no protection is lost by that\n"
		"  missing     to be added before it runs\n"
		"  refused     cannot be had; the note says what to do instead\n\n"
		"  --partial   print the policy of the rest, even if something was refused\n\n"
		"Exit status: 0 nothing was refused, 1 something was.\n",
	.run = run,
};
