/* page.c - fills a man page from the tables that the program itself runs on: page TEMPLATE >PAGE
 *
 * A line "@KEYS@" becomes the key rows, "@CONTROLS@" the controls and "@DOCKER_OPTIONS@" the options of docker run, so that
 * no page can fall behind; @VERSION@ may stand anywhere. A program of its own, because what only the build needs
 * has no place in casemate. */
#include "../src/base/cleanup.h"
#include "../src/check/report.h"
#include "../src/controls/control.h"
#include "../src/doors/docker.h"
#include "../src/policy/key.h"

#include <string.h>

static void print_controls(void)
{
	for (enum control_id id = 0; id < CONTROL_COUNT; id++)
		printf(".TP\n.B %s\n%s\n", control_name(id), control_get(id)->protects);
}

static void print_keys(void)
{
	language_man(&language_policy, stdout);
}

static void print_floor_keys(void)
{
	language_man(&language_floor, stdout);
}

/* roff takes "-" for a hyphen and a line that begins with "." or "'" for a request. */
static void print_roff(const char *text)
{
	for (; *text; text++)
		if (*text == '-' || *text == '\\')
			printf("\\%c", *text == '-' ? '-' : 'e');
		else
			putchar(*text);
}

static void print_docker_options(void)
{
	static const char *const fates[] = { [MAPPED] = "", [ALWAYS] = "Always: ", [NO_EFFECT] = "No effect: ", [REFUSED] = "Refused: " };

	for (const struct docker_option *o = docker_options; o->name; o++) {
		printf(".TP\n.B ");
		if (o->letter)
			printf("\\-%c, ", o->letter);
		printf("\\-\\-");
		print_roff(o->name);
		printf("\n\\&%s", fates[o->fate]);
		print_roff(o->why);
		if (o->hint) {
			printf("; ");
			print_roff(o->hint);
		}
		printf(".\n");
	}
}

/* A sentence that begins with what would be a request is none. */
static void print_rules(void)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++) {
		printf(".TP\n.BR %s \\ (%s)\n\\&", rule->id, severity_names[rule->severity]);
		print_roff(rule->title);
		printf(".\n\\&");
		print_roff(rule->why);
		if (rule->reference) {
			printf("\nSee ");
			print_roff(rule->reference);
			printf(".");
		}
		printf("\n");
	}
}

static const struct {
	const char *line;
	void (*print)(void);
} fillings[] = {
	{ "@KEYS@\n", print_keys },
	{ "@RULES@\n", print_rules },
	{ "@FLOOR_KEYS@\n", print_floor_keys },
	{ "@CONTROLS@\n", print_controls },
	{ "@DOCKER_OPTIONS@\n", print_docker_options },
};

static void print_line(const char *line)
{
	static const char mark[] = "@VERSION@";
	const char *at;

	for (size_t i = 0; i < COUNT(fillings); i++) {
		if (!strcmp(line, fillings[i].line)) {
			fillings[i].print();
			return;
		}
	}
	while ((at = strstr(line, mark))) {
		printf("%.*s%s", (int)(at - line), line, CASEMATE_VERSION);
		line = at + sizeof(mark) - 1;
	}
	fputs(line, stdout);
}

int main(int argc, char **argv)
{
	_auto(close_file) FILE *in = argc == 2 ? fopen(argv[1], "re") : NULL;
	char line[1024];

	if (!in) {
		fprintf(stderr, "usage: page TEMPLATE\n");
		return 2;
	}
	while (fgets(line, sizeof(line), in))
		print_line(line);
	return ferror(in) || fflush(stdout) ? 1 : 0;
}
