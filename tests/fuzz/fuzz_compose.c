/* Any bytes as a compose file: an error with a place, or for each service a policy that the parser accepts. */
#include "fuzz_door.h"

#include <string.h>

static void one(const uint8_t *data, size_t size, const char *service)
{
	struct err e = { 0 };
	struct door d;

	door_init(&d);
	if (door_compose((const char *)data, size, "/nowhere", service, &d, &e) == 0) {
		judge_door(&d);
		return;
	}
	MUST(e.kind != ERR_NONE && *e.msg);
	door_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *names = NULL;
	struct err e = { 0 };
	json_t *name;
	size_t i;

	if (compose_services((const char *)data, size, &names, &e) < 0) {
		MUST(e.kind != ERR_NONE && *e.msg);
		return 0;
	}
	json_array_foreach(names, i, name)
		if (i < 4)
			one(data, size, json_string_value(name));
	return 0;
}
