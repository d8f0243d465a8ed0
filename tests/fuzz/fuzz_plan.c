/* Any bytes as a config.json that a container is to be made of: an error with words, or a plan that names a program. What the plan is
 * made for is on no disk, and nothing of it is opened. */
#include "../../src/base/cleanup.h"
#include "../../src/launch/plan.h"
#include "../../src/oci/plan.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct oci_wish wish = { .id = "fuzz", .bundle = "/bundle", .console_socket = NULL };
	_auto(arena_free) struct arena a = { 0 };
	const struct plan *plan = NULL;
	struct oci_spec spec = { 0 };
	struct err e = { 0 };

	MUST(arena_init(&a, 64 << 20) == 0);
	if (spec_parse(&spec, &wish, (const char *)data, size, &a, &e) == 0 && oci_plan(&spec, &a, &plan, &e) == 0)
		MUST(plan->argv[0] && *plan->cwd == '/' && e.kind == ERR_NONE);
	else
		MUST(e.kind != ERR_NONE && *e.msg);
	spec_free(&spec);
	return 0;
}
