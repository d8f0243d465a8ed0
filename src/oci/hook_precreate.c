/* hook_precreate.c - the stage that podman and buildah have before any runtime starts: config.json comes in and goes out, and
 * what goes out is what the runtime gets. Here everything can be enforced. */
#include "hook.h"

#include "../base/cleanup.h"
#include "../launch/record.h"
#include "document.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int print(const char *text, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err_set(e, ERR_HOST, n < 0 ? errno : EIO, NULL, "cannot print the config.json");
			return HOOK_HOST;
		}
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static const char *name_of(const json_t *config)
{
	const char *name = json_string_value(json_object_get(config, "hostname"));

	return name ? name : "";
}

/* As it came, when nothing is to be changed. */
static int put_out(const struct hook *h, const json_t *config, const struct hook_findings *all, struct err *e)
{
	_auto(free_mem) char *text = all->changes ? oci_document_write(config) : NULL;

	if (all->changes && !text) {
		err_set(e, ERR_HOST, ENOMEM, NULL, "cannot write the config.json");
		return HOOK_HOST;
	}
	return text ? print(text, strlen(text), e) : print(h->input, h->len, e);
}

int hook_precreate(struct hook *h, struct err *e)
{
	json_auto_t *config = oci_document_read(h->input, h->len, e);
	struct hook_findings all = { 0 };
	struct hook_bounds *b = calloc(1, sizeof(*b));
	struct err quiet = { 0 };
	char sha256[65];
	int r;

	if (!config || !b) {
		free(b);
		return HOOK_INPUT;
	}
	record_sha256(h->input, h->len, sha256);
	r = hook_bounds_load(h, config, b, e);
	if (r == 0 && b->n) {
		r = hook_judge(config, b, h->deny ? OCI_JUDGE : OCI_TIGHTEN, false, &all, e);
		if (all.changes || r) {
			int recorded = hook_record(h, r ? "refused" : "tightened", name_of(config), b, json_incref(all.list), sha256, r ? &quiet : e);

			r = r ? r : recorded < 0 ? HOOK_HOST : 0;
		}
	}
	if (r == 0)
		r = put_out(h, config, &all, e);
	json_decref(all.list);
	hook_bounds_free(b);
	free(b);
	return r;
}
