/* judge.h - one input of `casemate check`, whatever kind it is, to its findings. */
#pragma once

#include "../check/check.h"
#include "../check/report.h"
#include "../launch/floor.h"
#include "cmd.h"

/* What everything is held against beside the rules; NULL: not asked for. */
struct measure {
	const struct host *host;
	const struct bound *floor, *host_floor;
};

/* A policy, a config.json (or the bundle that holds it), a compose file: told by what is in it. */
void judge_file(const char *file, const struct measure *, struct verdicts *);
/* The words of a docker run line, "docker" first. */
void judge_docker_run(int argc, char **argv, const struct measure *, struct verdicts *);
