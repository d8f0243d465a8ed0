/* registry.c - the loops over controls.def, so that nobody else writes one. */
#include "control.h"

#include <string.h>

static const struct {
	const char *name;
	const struct control *control;
} table[CONTROL_COUNT] = {
#define X(id, text) [CONTROL_##id] = { text, &control_##id },
#include "controls.def"
#undef X
};

const char *control_name(enum control_id id)
{
	return table[id].name;
}

const struct control *control_get(enum control_id id)
{
	return table[id].control;
}

uint64_t control_bits(const char *name)
{
	size_t n = strlen(name);
	uint64_t bits = 0;

	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const char *full = table[i].name;

		if (n && strncmp(full, name, n) == 0 && (full[n] == '\0' || full[n] == '.'))
			bits |= CONTROL_BIT(i);
	}
	return bits;
}

void controls_check(const struct policy *p, const struct findings *f)
{
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (table[i].control->check)
			table[i].control->check(p, f);
}

int controls_prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (table[i].control->prepare && table[i].control->prepare(p, plan, a, e) < 0)
			return err_step(e, table[i].name);
	return 0;
}
