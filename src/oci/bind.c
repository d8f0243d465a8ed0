/* bind.c - the host's floor has its say over a config.json before anything is planned from it. Without a floor nothing changes, and keys
 * that the specification does not know are ignored, as it demands; with one they are refused, since their writer
 * believed in something that would not happen. */
#include "document.h"
#include "judge.h"
#include "plan.h"

#include <stdlib.h>
#include <string.h>

static int refuse_unknown(const struct oci_spec *s, struct err *e)
{
	if (!s->unknown[0])
		return 0;
	err_set(e, ERR_POLICY, 0, "correct or remove it: this host's floor wants every key to mean something", "unknown key");
	(void)err_at(e, "%s", s->unknown);
	return err_step(e, "floor");
}

int oci_bind(struct oci_spec *s, struct oci_wish *wish, struct arena *a, struct err *e)
{
	struct oci_facts facts;
	char *text;

	oci_facts_here(&facts);
	facts.bundle = wish->bundle;
	if (oci_floor_bind(s->root, &facts, &s->floor, s->floor_sha256, e) < 0)
		return -1;
	if (!s->floor)
		return 0;
	wish->strict = true;
	if (refuse_unknown(s, e) < 0)
		return -1;
	/* What later commands go by is what holds, not what was asked for. */
	text = oci_document_write(s->root);
	s->text = text ? arena_strndup(a, text, strlen(text)) : NULL;
	s->len = text ? strlen(text) : 0;
	free(text);
	return s->text ? 0 : spec_no_memory(e);
}
