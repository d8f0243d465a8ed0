/* docker_health.c - docker run: who asks after the container's health.
 *
 * The options and the image's own check are one: docker takes each member from the line, else from the image, else
 * its default. */
#include "docker.h"

#include "../base/cleanup.h"

#include <inttypes.h>
#include <string.h>

static const char *const options[] = {	/* in the order of struct member */
	"health-interval", "health-timeout", "health-start-period", "health-retries" };
enum { INTERVAL, TIMEOUT, START_PERIOD, RETRIES, N_MEMBERS };
static const char *const of_image[] = { "Interval", "Timeout", "StartPeriod", "Retries" };
static const char *const pointers[] = {
	"/healthcheck/interval", "/healthcheck/timeout", "/healthcheck/start_period", "/healthcheck/retries" };
_Static_assert(COUNT(options) == N_MEMBERS && COUNT(of_image) == N_MEMBERS && COUNT(pointers) == N_MEMBERS, "a row for each");

/* The shell that the image names, or docker's. */
static void run_by_shell(struct docker_import *im, const char *line)
{
	json_t *shell = json_object_get(im->image.config, "Shell"), *word;
	size_t i;

	json_array_foreach(shell, i, word)
		door_set(im->door, "/healthcheck/exec/-", json_incref(word));
	if (json_array_size(shell) == 0) {
		door_set(im->door, "/healthcheck/exec/-", json_string("/bin/sh"));
		door_set(im->door, "/healthcheck/exec/-", json_string("-c"));
	}
	door_set(im->door, "/healthcheck/exec/-", json_string(line));
}

bool health_test(struct docker_import *im, json_t *test)
{
	const char *kind = json_string_value(json_array_get(test, 0)), *line = json_string_value(json_array_get(test, 1));
	json_t *word;
	size_t i;

	if (!kind || strcmp(kind, "NONE") == 0)
		return kind || json_array_size(test) == 0;
	if (strcmp(kind, "CMD-SHELL") == 0 && line && json_array_size(test) == 2)
		return run_by_shell(im, line), true;
	if (strcmp(kind, "CMD") != 0 || !line)
		return false;
	json_array_foreach(test, i, word)
		if (i > 0)
			door_set(im->door, "/healthcheck/exec/-", json_incref(word));
	return true;
}

/* What was put there already is compose's. */
static void conclude_test(struct docker_import *im)
{
	const struct given *g = docker_last(&im->line, "health-cmd");
	json_t *test = json_object_get(json_object_get(im->image.config, "Healthcheck"), "Test");

	if (door_get(im->door, "/healthcheck/exec"))
		return;
	if (g && *g->value) {
		here(im, g);
		return run_by_shell(im, g->value);
	}
	door_here(im->door, 0, 0, "Healthcheck of %s", im->image.described);
	if (!health_test(im, test))
		refuse(im, "--no-healthcheck, or --health-cmd", "want NONE, CMD and words, or CMD-SHELL and a line");
}

/* Nanoseconds, or a number of times; 0 is "not said". */
static bool member_given(struct docker_import *im, int member, uint64_t *ret)
{
	const struct given *g = docker_last(&im->line, options[member]);
	json_t *own = json_object_get(json_object_get(im->image.config, "Healthcheck"), of_image[member]);
	int64_t times;

	*ret = 0;
	if (g) {
		here(im, g);
		if (member != RETRIES && !docker_duration(g->value, ret))
			return refuse(im, "as in 90s or 1m30s", "no duration"), false;
		if (member == RETRIES && (!docker_int(g->value, &times) || times < 0))
			return refuse(im, NULL, "want a number of times"), false;
		if (member == RETRIES)
			*ret = (uint64_t)times;
	}
	if (*ret == 0 && json_is_integer(own) && json_integer_value(own) > 0) {
		door_here(im->door, 0, 0, "Healthcheck of %s", im->image.described);
		*ret = (uint64_t)json_integer_value(own);
	}
	return *ret > 0;
}

static void conclude_members(struct docker_import *im)
{
	for (int m = 0; m < N_MEMBERS; m++) {
		uint64_t v;

		if (member_given(im, m, &v) && m == RETRIES)
			door_set(im->door, pointers[m], json_integer((json_int_t)v));
		else if (v > 0 && v % 1000000000 == 0)
			door_set(im->door, pointers[m], json_sprintf("%" PRIu64 "s", v / 1000000000));
		else if (v > 0)
			door_set(im->door, pointers[m], json_sprintf("%" PRIu64 "ms", (v + 999999) / 1000000));
	}
	if (door_get(im->door, pointers[TIMEOUT]))
		return;
	door_nowhere(im->door);
	door_set(im->door, pointers[TIMEOUT], json_string("30s"));	/* docker's, which the check may count on */
}

static void none_asks(struct docker_import *im, const struct given *off)
{
	for (size_t i = 0; i < im->line.n; i++) {
		const struct given *g = &im->line.given[i];

		if (strncmp(g->option->name, "health-", 7) != 0 || !*g->value || g->option->fate != MAPPED)
			continue;
		here(im, g);
		if (off)
			refuse(im, "one of the two", "with --no-healthcheck there is none");
		else
			no_effect(im, "nobody asks: there is neither a --health-cmd nor a check of the image's");
	}
}

void conclude_health(struct docker_import *im)
{
	const struct given *off = docker_last(&im->line, "no-healthcheck");

	off = off && off->on ? off : NULL;
	if (off && door_get(im->door, "/healthcheck/exec")) {
		here(im, off);
		refuse(im, "one of the two", "with --no-healthcheck there is none");
		door_unset(im->door, "/healthcheck/exec");
	}
	if (!off)
		conclude_test(im);
	if (off || !door_get(im->door, "/healthcheck/exec"))
		none_asks(im, off);
	else
		conclude_members(im);
}
