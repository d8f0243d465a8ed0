/* docker.h - docker's command line, for `casemate docker run` and for `casemate run` under docker's name. */
#pragma once
#include "cmd.h"

/* Whether `casemate run ...` (argv[0] is "run") is a docker run line: an option that only docker has, or an image and no
 * policy. 1, 0, or -1 where it could be either. */
must_check int run_is_docker(int argc, char **argv, struct err *e);

/* Runs it; argv[0] is "run". Returns the exit code. */
int docker_run(const struct command *, int argc, char **argv);
int docker_help(const struct command *);
