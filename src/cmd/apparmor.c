/* apparmor.c - `casemate apparmor`: the AppArmor profile with the edges of one policy. */
#include "cmd.h"
#include "options.h"
#include "../controls/apparmor_profile.h"

#include <getopt.h>
#include <string.h>

#define SHIPPED "casemate-default"
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
enum { NAME_LEN_MAX = 128 };

/* The given one, the one by which the policy looks for it already, or one from the name of policy or file. */
static int choose_name(const char *given, const struct policy *p, const char *file, char name[NAME_LEN_MAX],
		       struct err *e)
{
	const char *slash = strrchr(file, '/'), *stem = *p->name ? p->name : slash ? slash + 1 : file;
	int n;

	if (!given && strcmp(p->apparmor, SHIPPED) != 0)
		given = p->apparmor;
	n = given ? snprintf(name, NAME_LEN_MAX, "%s", given)
		  : snprintf(name, NAME_LEN_MAX, "casemate-%.*s", (int)strcspn(stem, "."), stem);
	if (!given && !*p->name && strcmp(file, "-") == 0)
		return err_set(e, ERR_USAGE, 0, "give it one with --name", "the policy has no name");
	if (n >= NAME_LEN_MAX || strspn(name, NAME_BYTES) != (size_t)n || strcmp(name, "unconfined") == 0)
		return err_set(e, ERR_USAGE, 0, "give another with --name: letters, digits and _.-",
			       "\"%.60s\" cannot be the name of a profile", name);
	return 0;
}

static int print(const char *given, struct source *source, const char *file, struct err *e)
{
	char name[NAME_LEN_MAX] = "";
	struct policy_source src;
	struct arena arena = { 0 };
	struct policy p;
	int r = source_load(source, file, &src, e);

	if (r == 0 && arena_init(&arena, POLICY_ARENA_SIZE) < 0)
		r = err_set(e, ERR_HOST, 0, NULL, "cannot hold the policy");
	if (r == 0)
		r = policy_parse(&src, &arena, &p, e);
	if (r == 0)
		r = choose_name(given, &p, file, name, e);
	if (r == 0)
		apparmor_profile(&p, name, stdout);
	if (arena.base)
		arena_free(&arena);
	return r;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "name", required_argument, NULL, 'n' }, { "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' }, { 0 },
	};
	_auto(source_free) struct source source = { 0 };
	const char *given = NULL;
	struct err e = { 0 };
	int opt, ret = 0;

	while (ret == 0 && (opt = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		switch (opt) {
		case 'n': given = optarg; break;
		case 's': ret = source_set(&source, optarg, &e); break;
		case 'h': return show_help(c);
		default: return EXIT_OURS;
		}
	if (ret == 0 && optind + 1 != argc)
		return usage_error(c, "which POLICY?");
	if (ret == 0)
		ret = print(given, &source, argv[optind], &e);
	if (ret == 0)
		return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EXIT_OURS;
	err_print(&e, source.file);
	return err_exit_code(&e);
}

const struct command cmd_apparmor = {
	.name = "apparmor",
	.usage = "[--name NAME] [--set KEY=VALUE ...] POLICY",
	.summary = "print an AppArmor profile made for a policy",
	.help = "  --name NAME       call the profile NAME; default: the policy's key \"apparmor\", or\n"
		"                    casemate- and the policy's or file's name when that is " SHIPPED "\n"
		"  --set KEY=VALUE   lay this over the policy first, as `casemate run` would\n\n"
		"Write and execute are allowed where the policy's mounts allow them, and capabilities as\n"
		"the policy lists them. Load it, then name it in the policy:\n\n"
		"  casemate apparmor web.json >/etc/apparmor.d/casemate-web\n"
		"  apparmor_parser -r /etc/apparmor.d/casemate-web\n"
		"  casemate run --set apparmor=casemate-web web.json\n",
	.run = run,
};
