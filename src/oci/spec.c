/* spec.c - see spec.h. The walk goes along the same table of fields as the door that turns a config.json into a policy. */
#include "spec.h"

#include "../base/cleanup.h"
#include "../base/sys.h"
#include "../doors/oci_walk.h"
#include "../policy/locate.h"
#include "document.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { ITEMS_MAX = 16384 };

int spec_no_memory(struct err *e)
{
	return err_set(e, ERR_HOST, ENOMEM, NULL, "the config.json is too large to hold");
}

void spec_warn(const struct oci_spec *s, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->wish->warn)
		s->wish->warn(text);
}

/* --- the walk --- */

struct looking { struct oci_spec *spec; struct err *e; };

static bool has_type(const json_t *v, const struct oci_field *f)
{
	uint64_t n;

	return f->type == OCI_INTEGER ? json_is_integer(v) || oci_number_unsigned(v, &n) : oci_has_type(v, f) && !oci_number_text(v);
}

static bool enter(void *ctx, const struct oci_field *f, json_t *v, const char *pointer)
{
	struct looking *l = ctx;

	if (l->e->kind != ERR_NONE)
		return false;
	if (!has_type(v, f)) {
		line_column(l->spec->text, l->spec->len, locate(l->spec->text, l->spec->len, pointer, 0), &l->e->line, &l->e->column);
		err_set(l->e, ERR_POLICY, 0, NULL, "want %s", oci_type_name(f->type));
		(void)err_at(l->e, "%s", pointer);
		return false;
	}
	if (json_array_size(v) > ITEMS_MAX) {
		err_set(l->e, ERR_POLICY, 0, NULL, "more than %d entries", ITEMS_MAX);
		(void)err_at(l->e, "%s", pointer);
		return false;
	}
	return true;
}

/* Members without which an object means nothing, where no filler asks for them. */
#define THROTTLE(name) \
	{ "linux.resources.blockIO." name "[]", "major" }, { "linux.resources.blockIO." name "[]", "minor" }, \
	{ "linux.resources.blockIO." name "[]", "rate" }
static const struct { const char *path, *member; } required[] = {
	{ "process.user", "uid" }, { "process.user", "gid" }, { "linux.resources.hugepageLimits[]", "limit" },
	{ "linux.resources.blockIO.weightDevice[]", "major" }, { "linux.resources.blockIO.weightDevice[]", "minor" },
	THROTTLE("throttleReadBpsDevice"), THROTTLE("throttleWriteBpsDevice"), THROTTLE("throttleReadIOPSDevice"),
	THROTTLE("throttleWriteIOPSDevice"),
	{ "linux.uidMappings[]", "containerID" }, { "linux.uidMappings[]", "hostID" },
	{ "linux.gidMappings[]", "containerID" }, { "linux.gidMappings[]", "hostID" },
};

/* Numbers from 2^63 on mean themselves in a limit and in a condition of a filter; anywhere else, no less than "unlimited". */
static int saturate(const struct oci_field *f, json_t *at)
{
	const bool exact = strcmp(f->path, "process.rlimits[]") == 0 || strcmp(f->path, "linux.seccomp.syscalls[].args[]") == 0;
	const char *name;
	json_t *v;
	void *next;
	size_t i;

	json_array_foreach(at, i, v)
		if (oci_number_text(v) && json_array_set_new(at, i, json_integer(INT64_MAX)) < 0)
			return -1;
	json_object_foreach_safe(at, next, name, v)
		if (!exact && oci_number_text(v) && json_object_set_new(at, name, json_integer(INT64_MAX)) < 0)
			return -1;
	return 0;
}

static void leave(void *ctx, const struct oci_field *f, json_t *v, const char *pointer)
{
	struct looking *l = ctx;

	for (size_t i = 0; i < COUNT(required) && l->e->kind == ERR_NONE; i++)
		if (strcmp(required[i].path, f->path) == 0 && !spec_member(v, required[i].member)) {
			err_set(l->e, ERR_POLICY, 0, "the specification requires it", "there is no %s", required[i].member);
			(void)err_at(l->e, "%s/%s", pointer, required[i].member);
		}
	if (l->e->kind == ERR_NONE && strcmp(f->path, "annotations") == 0 && json_object_get(v, "")) {
		err_set(l->e, ERR_POLICY, 0, NULL, "an annotation needs a name");
		(void)err_at(l->e, "%s/", pointer);
	}
	if (l->e->kind == ERR_NONE && saturate(f, v) < 0)
		spec_no_memory(l->e);
}

static void unknown(void *ctx, const char *above, const char *name, const char *pointer)
{
	struct oci_spec *s = ((struct looking *)ctx)->spec;

	(void)above;
	(void)name;
	if (!s->unknown[0])
		snprintf(s->unknown, sizeof(s->unknown), "%s", pointer);
}

/* --- what must be there --- */

/* Versions of one major number are compatible upwards (spec.md, SemVer 2.0.0). */
static int check_version(const struct oci_spec *s, struct err *e)
{
	const char *v = spec_text(s->root, "ociVersion");
	unsigned major, minor, patch;
	int n = 0;

	if (!v || sscanf(v, "%5u.%5u.%5u%n", &major, &minor, &patch, &n) != 3 || strspn(v, "0123456789.") != (size_t)n ||
	    !strchr("-+", v[n]) || major != 1) {
		err_set(e, ERR_POLICY, 0, "this runtime implements 1.2, and reads all of 1.x", "'%.32s' is no version of the specification that is known",
			v ? v : "");
		return err_at(e, "/ociVersion");
	}
	return 0;
}

static int find_rootfs(struct oci_spec *s, struct arena *a, struct err *e)
{
	const char *path = spec_text(spec_get(s, "/root"), "path");

	if (!path || !*path) {
		err_set(e, ERR_POLICY, 0, "the specification requires it", "there is no root.path");
		return err_at(e, "/root/path");
	}
	s->rootfs = *path == '/' ? arena_strndup(a, path, strlen(path)) : arena_printf(a, "%s/%s", s->wish->bundle, path);
	return s->rootfs ? 0 : spec_no_memory(e);
}

/* Of every user namespace but the first one the map is another (user_namespaces(7)). */
static bool is_in_userns(void)
{
	char map[128];
	unsigned inside, outside, count;

	return sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) < 0 ||
	       sscanf(map, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 || outside != 0 || count != UINT32_MAX;
}

int spec_parse(struct oci_spec *s, const struct oci_wish *wish, const char *text, size_t len, struct arena *a, struct err *e)
{
	struct looking l = { s, e };
	const struct oci_visitor visitor = { &l, enter, leave, unknown };

	*s = (struct oci_spec){ .wish = wish, .text = text, .len = len, .in_userns = is_in_userns() };
	s->root = oci_document_read(text, len, e);
	if (!s->root)
		return -1;
	oci_walk(s->root, &visitor);
	if (e->kind != ERR_NONE || check_version(s, e) < 0)
		return -1;
	return find_rootfs(s, a, e);
}

static char *read_config(const char *bundle, size_t *len, struct arena *a, struct err *e)
{
	const char *path = arena_printf(a, "%s/config.json", bundle);
	struct statx st = { 0 };
	char *text;
	int fd, r;
	ssize_t n = 0;

	if (!path)
		return spec_no_memory(e), NULL;
	fd = sys_open(&sys_kernel, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);	/* not to wait for a FIFO's writer */
	r = fd < 0 ? fd : sys_statx(&sys_kernel, fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, &st);
	if (r < 0 || !S_ISREG(st.stx_mode) || st.stx_size > SPEC_BYTES_MAX) {
		err_set(e, ERR_POLICY, r, "a bundle is a directory with a config.json of at most 8 MiB", "cannot read '%s'", path);
		goto fail;
	}
	text = arena_alloc(a, st.stx_size + 1);
	for (*len = 0; text && *len < st.stx_size; *len += (size_t)n) {
		n = sys_read(&sys_kernel, fd, text + *len, st.stx_size - *len);
		if (n <= 0)
			break;
	}
	if (!text || n < 0) {
		err_set(e, ERR_HOST, text ? (int)n : ENOMEM, NULL, "cannot read '%s'", path);
		goto fail;
	}
	(void)!sys_close(&sys_kernel, fd);
	return text;
fail:
	if (fd >= 0)
		(void)!sys_close(&sys_kernel, fd);
	return NULL;
}

int spec_load(struct oci_spec *s, const struct oci_wish *wish, struct arena *a, struct err *e)
{
	size_t len = 0;
	const char *text = read_config(wish->bundle, &len, a, e);

	*s = (struct oci_spec){ 0 };
	return text ? spec_parse(s, wish, text, len, a, e) : -1;
}

void spec_free(struct oci_spec *s)
{
	json_decref(s->root);
	s->root = NULL;
}

/* --- looking things up --- */

json_t *spec_member(const json_t *object, const char *name)
{
	json_t *v = json_object_get(object, name);

	return json_is_null(v) ? NULL : v;
}

json_t *spec_get(const struct oci_spec *s, const char *pointer)
{
	json_t *at = s->root;

	while (at && *pointer == '/') {
		size_t n = strcspn(++pointer, "/");

		at = json_object_getn(at, pointer, n);
		pointer += n;
	}
	return json_is_null(at) ? NULL : at;
}

const char *spec_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

bool spec_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

int spec_number(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret, struct err *e)
{
	const json_t *v = spec_member(object, name);

	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
		return err_set(e, ERR_POLICY, 0, NULL, "%s must be a number from %" PRId64 " to %" PRId64, name, min, max);
	*ret = json_integer_value(v);
	return 0;
}

int spec_unsigned(const json_t *object, const char *name, uint64_t *ret, struct err *e)
{
	const json_t *v = spec_member(object, name);

	if (!v || oci_number_unsigned(v, ret))
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return err_set(e, ERR_POLICY, 0, NULL, "%s must be a number from 0 to 2^64-1", name);
	*ret = (uint64_t)json_integer_value(v);
	return 0;
}
