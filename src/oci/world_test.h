/* world_test.h - what the tests of fillers share: one config.json, the plan that one filler makes of it, and the last warning. */
#pragma once
#include "plan.h"
#include "../base/cleanup.h"

#include <string.h>

struct world {
	struct arena arena;
	struct oci_wish wish;
	struct oci_spec spec;
	struct plan plan;
	struct err e;
};

static char warned[256];	/* a callback has no context */

static void take_warning(const char *text)
{
	snprintf(warned, sizeof(warned), "%s", text);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	*state = w;
	w->wish = (struct oci_wish){ .id = "t", .bundle = "/b", .warn = take_warning };
	return arena_init(&w->arena, 64 << 20);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	spec_free(&w->spec);
	arena_free(&w->arena);
	free(w);
	return 0;
}

/* A config.json that has these members in `process` and this object as `linux`. */
static inline int parse_it(struct world *w, const struct plan *before, const char *process, const char *linux_part)
{
	char *text = arena_printf(&w->arena, "{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"r\"}, \"process\": {\"args\": [\"/bin/a\"], "
				  "\"cwd\": \"/\"%s%s}, \"linux\": %s}", *process ? ", " : "", process, linux_part);

	spec_free(&w->spec);
	w->e = (struct err){ 0 };
	w->plan = *before;
	warned[0] = '\0';
	return spec_parse(&w->spec, &w->wish, text, strlen(text), &w->arena, &w->e);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
