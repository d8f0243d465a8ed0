/* image.h - the seam for an image source: from an image's name to a root directory and what the image says of itself.
 *
 * Until casemate can read images, an image is a directory that somebody unpacked, and beside it, in NAME.json, its
 * configuration as the OCI image specification has it ({"config": {"Entrypoint": [...], ...}}). */
#pragma once

#include "../base/err.h"

#include <jansson.h>
#include <stdbool.h>

struct image {
	char *rootfs;		/* absolute */
	char *described;	/* the file of its configuration; it need not exist */
	json_t *config;		/* that file's "config", or NULL */
};

/* $CASEMATE_STORE, or /var/lib/casemate for root, or $XDG_DATA_HOME/casemate. "rootfs/NAME" below it is an image,
 * "volumes/NAME" a named volume. malloc'd; NULL without memory or home. */
char *store_path(const char *kind, const char *name);

/* Letters, digits and "._-", from a letter or digit: a volume. */
bool store_is_volume(const char *name);

/* A path (it begins with "/" or ".") or a name in the store. Nothing need exist. */
must_check int image_resolve(const char *name, struct image *, struct err *e);
void image_free(struct image *);

/* Whether there is a directory; the error says how to make one. */
must_check int image_present(const char *name, const char *rootfs, struct err *e);
