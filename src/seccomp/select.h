/* select.h - to whom a rule of a profile applies: architecture, capabilities, kernel. */
#pragma once

#include "reader.h"
#include <stdint.h>

/* What an includes or excludes object asks for. */
struct selection {
	uint64_t caps;
	uint16_t kernel;	/* KERNEL(), 0: any */
	bool arches, native;	/* architectures are listed; ours is among them */
};

must_check int read_selection(struct reader *, const char *key, json_t *obj, struct selection *ret);

/* "architectures" or "archMap": other ABIs may be listed, and are killed all the same; ours must be. */
must_check int check_archs(struct reader *, json_t *list, json_t *map, bool *foreign);
