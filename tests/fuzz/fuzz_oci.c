/* Any bytes as a config.json: an error with a place, or a policy that the parser accepts. */
#include "fuzz_door.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct door d;

	door_init(&d);
	if (door_oci((const char *)data, size, "/bundle", &d, &e) == 0) {
		judge_door(&d);
		return 0;
	}
	MUST(e.kind == ERR_POLICY && *e.msg);
	door_free(&d);
	return 0;
}
