/* health_state.c - see health_state.h. As operators know it from elsewhere: a start period in which failures do not count, a
 * number of failures in a row, one success to be well again. */
#include "health_state.h"

const char *health_name(enum health h)
{
	static const char *const names[] = {
		[HEALTH_STARTING] = "starting", [HEALTH_HEALTHY] = "healthy", [HEALTH_UNHEALTHY] = "unhealthy" };

	return names[h];
}

bool health_take(struct health_state *s, const struct healthcheck_policy *p, uint64_t now, bool good)
{
	enum health before = s->now;

	s->checks++;
	if (good) {
		s->failures = 0;
		s->now = HEALTH_HEALTHY;
	} else if (s->now != HEALTH_STARTING || now - s->since >= p->start_period) {
		s->failures += s->failures < UINT32_MAX;
		if (s->failures >= p->retries)
			s->now = HEALTH_UNHEALTHY;
	}
	return s->now != before;
}
