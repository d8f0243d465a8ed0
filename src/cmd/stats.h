/* stats.h - how the numbers of a cgroup are shown: as a line of a table, as JSON, as Prometheus' text. */
#pragma once
#include "../launch/cgroup_held.h"

#include <jansson.h>

struct sample {
	char name[256];
	bool has_cgroup;
	uint64_t at;		/* CLOCK_MONOTONIC, us */
	struct cgroup_stats stats;
};

void stats_head(FILE *);
/* `before` is the same container's last sample, or NULL: then there is no share of CPU time to tell. */
void stats_line(const struct sample *, const struct sample *before, FILE *);
json_t *stats_json(const struct sample *);
/* One metric after the other, each with its HELP and TYPE, and in it a line for each container. */
void stats_prometheus(const struct sample *, size_t n, FILE *);
