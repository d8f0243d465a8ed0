/* resources.h - between plan_resources.c and its parts: the list of limits under way; and what the judge reads as they do. */
#pragma once

#include "../controls/limits.h"
#include "plan.h"

struct filling {
	const struct oci_spec *spec;
	struct arena *arena;
	struct limit *limits;
	size_t n;
	struct err *e;
};

/* Each returns -1 with the reason in f->e. The pointers are below /linux/resources. */
must_check int resource_add(struct filling *, const char *pointer, enum limit_form, const char *file, const char *text);
/* The last one again, for a kernel that has not its file. */
must_check int resource_or_else(struct filling *, const char *file, const char *text);
int resource_wrong(struct filling *, const char *pointer, const char *hint, const char *what);
/* 0 where there is none. */
must_check int resource_number(struct filling *, const json_t *object, const char *group, const char *name, int64_t *ret);
/* cpu.shares as cpu.weight. */
unsigned resource_weight(uint64_t shares);

must_check int plan_block_io(struct filling *);
must_check int plan_huge_pages(struct filling *);
must_check int plan_rdma(struct filling *);
must_check int plan_unified(struct filling *);
