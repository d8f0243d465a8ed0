/* main.c - a table of subcommands, and nothing else worth reading. */
#include "../base/sys.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>

static const struct command *const commands[] = {
	&cmd_run, &cmd_docker, &cmd_check, &cmd_explain, &cmd_plan, &cmd_verify, &cmd_doctor, &cmd_schema, &cmd_apparmor,
	&cmd_import, &cmd_export,
	&cmd_ps, &cmd_inspect, &cmd_stop, &cmd_kill, &cmd_wait, &cmd_rm,
};

static int help(FILE *out)
{
	fputs("usage: casemate COMMAND [OPTION...]\n\n", out);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`casemate COMMAND --help` says more; casemate(1) and casemate-policy(5) say everything.\n", out);
	return 0;
}

/* 0-2 must be open, or the first file we open would become the workload's standard output. */
static int have_stdio(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return 0;
	return 1;
}

/* What our caller ignores (nohup, a shell's background) must neither reach the workload nor eat SIGCHLD. That goes for
 * 32 and 33 too: whoever is started by glibc's posix_spawn(3) ignores them. */
static void reset_signals(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		(void)!sys_default_signal(&sys_kernel, sig);	/* EINVAL for SIGKILL and SIGSTOP */
}

int main(int argc, char **argv)
{
	/* There is no safe way to be setuid, so there is none (CVE-2016-8659, CVE-2022-31214). */
	if (getauxval(AT_SECURE)) {
		(void)!write(STDERR_FILENO, "casemate: refuses to run setuid, setgid or with file capabilities\n", 66);
		return EXIT_OURS;
	}
	if (!have_stdio())
		return EXIT_OURS;
	reset_signals();
	if (argc < 2) {
		help(stderr);
		return EXIT_OURS;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0)
		return puts("casemate " CASEMATE_VERSION) < 0;
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(commands[i], argc - 1, argv + 1);
	fprintf(stderr, "casemate: there is no command '%s'; see `casemate --help`\n", argv[1]);
	return EXIT_OURS;
}
