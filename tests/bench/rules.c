/* rules.c - what judging costs a launch: microseconds for all rules over a large policy, for the controls' own, and for holding it
 * against a floor with every key. A launch takes some 3 ms; the filter that the controls compile is most of this. */
#include "../../src/base/cleanup.h"
#include "../../src/check/check.h"
#include "../../src/controls/control.h"
#include "../../src/launch/floor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 2000 };

struct bench { const struct policy *policy; struct bound bound; const struct findings *findings; };

static void count(void *ctx, const struct finding *f)
{
	(void)f;
	++*(unsigned long *)ctx;
}

static void rules(const struct bench *b) { check_policy(b->policy, NULL, b->findings); }
static void controls(const struct bench *b) { controls_check(b->policy, b->findings); }
static void hold(const struct bench *b) { floor_hold(&b->bound, b->policy, 0, b->findings); }

static void no_floor(const struct bench *b)
{
	const char *file;
	char sha256[65];
	struct err e = { 0 };

	(void)!floor_bind(b->policy, 0, &file, sha256, &e);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* A policy with every list of the language well filled. */
static char *large(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("{\"version\":1,\"rootfs\":\"/srv/root\",\"user\":{\"uid\":10001,\"gid\":10001},\"args\":[\"/x\"", out);
	for (int i = 0; i < 32; i++)
		fprintf(out, ",\"--option-%d=value\"", i);
	fputs("],\"env\":{\"PATH\":\"/usr/bin:/bin\"", out);
	for (int i = 0; i < 64; i++)
		fprintf(out, ",\"NAME_%d\":\"value\"", i);
	fputs("},\"mounts\":[{\"source\":\"/srv/0\",\"target\":\"/m/0\"}", out);
	for (int i = 1; i < 64; i++)
		fprintf(out, ",{\"source\":\"/srv/%d\",\"target\":\"/m/%d\"}", i, i);
	fputs("]}", out);
	close_file(&out);
	return text;
}

int main(void)
{
	static const struct { const char *what; void (*run)(const struct bench *); } rows[] = {
		{ "rules", rules }, { "controls", controls }, { "a floor held", hold }, { "the host's floor looked for", no_floor },
	};
	_auto(free_mem) char *text = large();
	_auto(arena_free) struct arena a = { 0 };
	_auto(arena_free) struct arena b = { 0 };
	unsigned long found = 0;
	const struct findings findings = { count, &found };
	struct policy policy = { 0 };
	struct policy_source src = { .text = text };
	struct bench bench = { .policy = &policy, .findings = &findings };
	struct err e = { 0 };

	src.len = text ? strlen(text) : 0;
	if (!text || arena_init(&a, POLICY_ARENA_SIZE) < 0 || arena_init(&b, POLICY_ARENA_SIZE) < 0 ||
	    policy_parse(&src, &a, &policy, &e) < 0 ||
	    floor_from_text("restricted", floors_shipped[2].text, strlen(floors_shipped[2].text), &b, &bench.bound, &e) < 0) {
		err_print(&e, NULL);
		return 1;
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		double start = now();

		for (int k = 0; k < ROUNDS; k++)
			rows[i].run(&bench);
		printf("%8.2f us  %s\n", (now() - start) / ROUNDS, rows[i].what);
	}
	return 0;
}
