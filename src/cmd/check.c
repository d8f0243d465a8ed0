/* check.c - `casemate check`: every finding about a policy on one line, as compilers print them. */
#include "../check/check.h"
#include "../controls/control.h"
#include "cmd.h"
#include "options.h"

#include <string.h>

struct printer {
	const struct policy_source *src;
	const char *file;
	unsigned errors;
};

/* Names, messages and hints may quote a policy: they must never drive the terminal. */
static void print_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\x%02x", (unsigned char)*s);
		else
			putchar(*s);
}

static void print_finding(const struct printer *p, int line, int column, const char *severity, const char *pointer,
			  const char *msg, const char *hint)
{
	print_plain(p->file);
	printf(":%d:%d: %s: ", line, column, severity);
	print_plain(*pointer ? pointer : "/");
	printf(": ");
	print_plain(msg);
	if (hint && *hint) {
		printf(" (");
		print_plain(hint);
		putchar(')');
	}
	putchar('\n');
}

static void emit(void *ctx, enum severity severity, const char *pointer, const char *msg, const char *hint)
{
	struct printer *p = ctx;
	int line, column;

	p->errors += severity == SEV_ERROR;
	policy_locate(p->src, pointer, &line, &column);
	print_finding(p, line, column, severity == SEV_ERROR ? "error" : "warning", pointer, msg, hint);
}

static int check_file(const char *file)
{
	_auto(source_free) struct source source = { 0 };
	_auto(arena_free) struct arena arena = { 0 };
	struct policy_source src;
	struct printer printer = { .src = &src, .file = file };
	const struct findings findings = { emit, &printer };
	struct policy policy = { 0 };
	struct err e = { 0 };
	int ret;

	if (source_load(&source, file, &src, &e) < 0) {
		err_print(&e, file);
		return EXIT_UNUSABLE;
	}
	ret = arena_init(&arena, POLICY_ARENA_SIZE);
	if (ret < 0) {
		err_set(&e, ERR_HOST, ret, NULL, "no memory for the policy");
		err_print(&e, file);
		return EXIT_UNUSABLE;
	}
	if (policy_parse(&src, &arena, &policy, &e) < 0) {
		print_finding(&printer, e.line ? e.line : 1, e.column ? e.column : 1, "error", e.path, e.msg, e.hint);
		return EXIT_FINDINGS;
	}
	check_policy(&policy, &findings);
	controls_check(&policy, &findings);
	return printer.errors ? EXIT_FINDINGS : EXIT_FINE;
}

static int run(const struct command *c, int argc, char **argv)
{
	int worst = EXIT_FINE, i = 1;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return show_help(c);
	if (argc > 1 && strcmp(argv[1], "--") == 0)
		i++;
	else if (argc > 1 && argv[1][0] == '-' && argv[1][1])
		return usage_error(c, "there is no option '%s'", argv[1]), EXIT_UNUSABLE;
	if (i >= argc)
		return usage_error(c, "which FILE?"), EXIT_UNUSABLE;
	for (; i < argc; i++) {
		int ret = check_file(argv[i]);

		worst = ret > worst ? ret : worst;
	}
	return worst;
}

const struct command cmd_check = {
	.name = "check",
	.usage = "FILE...",
	.summary = "find what is wrong or weak in a policy, without running it",
	.help = "One line per finding: FILE:LINE:COLUMN: SEVERITY: POINTER: MESSAGE (HINT)\n"
		"An error refuses a launch; a warning is a weakening that the launch record will name.\n\n"
		"Exit status: 0 no errors, 1 errors, 2 a file cannot be read.\n",
	.run = run,
};
