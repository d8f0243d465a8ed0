/* image.c - where images and volumes are looked for; see image.h. */
#include "image.h"

#include "../base/cleanup.h"
#include "docker.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
enum { DESCRIBED_MAX = 1 << 20 };

static char *store_base(void)
{
	const char *given = getenv("CASEMATE_STORE"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char *ret = NULL;

	if (given && *given == '/')
		return strdup(given);
	if (geteuid() == 0)
		return strdup("/var/lib/casemate");
	if (data && *data == '/')
		return asprintf(&ret, "%s/casemate", data) < 0 ? NULL : ret;
	return home && *home == '/' && asprintf(&ret, "%s/.local/share/casemate", home) >= 0 ? ret : NULL;
}

char *store_path(const char *kind, const char *name)
{
	_auto(free_mem) char *base = store_base();
	char *ret = NULL;

	return base && asprintf(&ret, "%s/%s/%s", base, kind, name) >= 0 ? ret : NULL;
}

bool store_is_volume(const char *name)
{
	return *name && strchr(ALNUM, *name) && name[strspn(name, ALNUM "._-")] == '\0' && strlen(name) < 256;
}

/* "ghcr.io/owner/app:1.2@sha256:..." */
static bool is_name(const char *name)
{
	for (const char *part = name; ; part++) {
		size_t len = strcspn(part, "/");

		if (len == 0 || !strchr(ALNUM, *part) || strspn(part, ALNUM "._-:@") < len)
			return false;
		part += len;
		if (*part == '\0')
			return strlen(name) < 512;
	}
}

static int describe(struct image *i, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	json_auto_t *root = NULL;
	json_error_t why;
	size_t len;
	int r = door_read_file(i->described, DESCRIBED_MAX, &text, &len);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return err_set(e, ERR_HOST, r, NULL, "cannot read '%.100s'", i->described);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!root || !json_is_object(json_object_get(root, "config")))
		return err_set(e, ERR_POLICY, 0, "want {\"config\": {...}}, the image's configuration as the OCI has it",
			       "'%.100s': %s", i->described, root ? "no \"config\"" : why.text);
	i->config = json_incref(json_object_get(root, "config"));
	return 0;
}

int image_resolve(const char *name, struct image *i, struct err *e)
{
	bool path = *name == '/' || *name == '.';

	*i = (struct image){ 0 };
	if (!path && !is_name(name))
		return err_set(e, ERR_USAGE, 0, "a directory begins with \"/\" or \"./\"", "'%.60s' is no name of an image", name);
	i->rootfs = path ? door_path(name) : store_path("rootfs", name);
	if (!i->rootfs || asprintf(&i->described, "%s.json", i->rootfs) < 0)
		return err_set(e, ERR_HOST, ENOMEM, "is HOME set?", "cannot say where the image '%.60s' is", name);
	return describe(i, e);
}

void image_free(struct image *i)
{
	free(i->rootfs);
	free(i->described);
	json_decref(i->config);
	*i = (struct image){ 0 };
}

int image_present(const char *name, const char *rootfs, struct err *e)
{
	struct stat st;

	if (stat(rootfs, &st) < 0)
		return err_set(e, ERR_HOST, errno, "make a root directory there: tools/mkrootfs, or `docker export` and tar; "
			       "casemate pulls no images", "image '%.60s': %.100s", name, rootfs);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_HOST, ENOTDIR, "a policy file is for `casemate run`", "image '%.60s': %.100s", name, rootfs);
	return 0;
}
