/* doctor.c - casemate doctor: what this host can enforce, control by control. */
#include "../controls/control.h"
#include "cmd.h"

#include <getopt.h>
#include <jansson.h>
#include <string.h>
#include <sys/utsname.h>

static void print_text(const struct ability able[CONTROL_COUNT])
{
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const struct ability *a = &able[i];

		printf("%-4s %-18s %s\n", a->usable ? "ok" : "NO", control_name((enum control_id)i), a->detail);
		if (!a->usable)
			printf("     %-18s hint: %s%s%s\n", "", a->hint, strstr(a->hint, "--without") ? "" : "; or --without ",
			       strstr(a->hint, "--without") ? "" : control_name((enum control_id)i));
	}
}

static int print_json(const struct ability able[CONTROL_COUNT])
{
	json_auto_t *root = json_object();
	json_t *list = json_array();
	struct utsname u;

	uname(&u);
	json_object_set_new(root, "kernel", json_string(u.release));
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:s}", "control", control_name((enum control_id)i),
						      "protects_against", control_get((enum control_id)i)->protects, "usable",
						      able[i].usable, "detail", able[i].detail, "hint", able[i].hint));
	json_object_set_new(root, "controls", list);
	json_dumpf(root, stdout, JSON_INDENT(2));
	return putchar('\n') == EOF;
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	struct ability able[CONTROL_COUNT] = { { .usable = false } };
	bool json = false, gap = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (opt == 'h')
			return show_help(c);
		if (opt != 'j')
			return usage_error(c, "unknown option");
		json = true;
	}
	if (optind < argc)
		return usage_error(c, "what is '%s'?", argv[optind]);
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const struct control *k = control_get((enum control_id)i);

		if (k->probe)
			k->probe(&sys_kernel, &able[i]);
		gap = gap || !able[i].usable;
	}
	if (json && print_json(able))
		return EXIT_UNUSABLE;
	if (!json)
		print_text(able);
	return gap ? EXIT_FINDINGS : EXIT_FINE;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.usage = "[--json]",
	.summary = "say what this host can enforce, control by control",
	.help = "Changes nothing. Exits 0 when every control is usable, 1 when there is a gap; the hint says how to close it.\n",
	.run = run,
};
