/* compose_files.c - what a service sees of the host: volumes, tmpfs, devices, secrets and configs; see compose.h. */
#include "compose.h"

#include "../base/cleanup.h"

#include <string.h>

/* --- volumes --- */

/* What a named volume of the file is: a directory that its driver options name, or a volume of the store; NULL: noted. */
static const char *volume_of(struct compose *c, const char *name)
{
	const struct node *v = node_get(node_get(c->root, "volumes"), name), *o = node_get(v, "driver_opts");
	const char *driver = compose_member(c, v, "driver"), *device = compose_member(c, o, "device"), *options = compose_member(c, o, "o");
	const char *given = compose_member(c, v, "name");

	if (driver && strcmp(driver, "local") != 0) {
		compose_note(c, NOTE_REFUSED, "mount it on the host, and name the directory", "no volume driver is called here");
		return NULL;
	}
	if (device && options && strstr(options, "bind"))
		return compose_path(c, device);
	if (o) {
		compose_note(c, NOTE_REFUSED, "mount it on the host, and name the directory", "what the driver's options mount is not mounted here");
		return NULL;
	}
	return given ? given : name;
}

/* SOURCE:TARGET[:OPTIONS]; a source with a "/", "." or "~" is a path, below the file's directory. */
static void short_volume(struct compose *c, const char *text)
{
	const char *colon = strchr(text, ':'), *source;
	char *head = colon ? compose_printf(c, "%.*s", (int)(colon - text), text) : NULL;

	if (colon && !head)
		return;		/* no memory, and the end says so */
	if (!colon)
		source = NULL;
	else if (*head && strchr("./~", *head))
		source = compose_path(c, head);
	else if (!(source = volume_of(c, head)))
		return;
	compose_option(c, "volume", source ? compose_printf(c, "%s%s", source, colon) : text);
}

static const char *const long_volume[] = { "type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs", "image",
					   "cluster", NULL };

/* A field of --mount, in quotes where it needs them (RFC 4180). */
static const char *field(struct compose *c, const char *name, const char *value)
{
	return value && strpbrk(value, ",\"\n") ? NULL : value ? compose_printf(c, ",%s=%s", name, value) : "";
}

static void mount_volume(struct compose *c, const struct node *n)
{
	const char *type = compose_member(c, n, "type"), *source = compose_member(c, n, "source"), *target = compose_member(c, n, "target");
	const char *size = compose_member(c, node_get(n, "tmpfs"), "size"), *mode = compose_member(c, node_get(n, "tmpfs"), "mode");
	const char *below = compose_member(c, node_get(n, "volume"), "subpath");
	bool read_only = false;

	if (!node_is_null(node_get(n, "read_only")) && !compose_bool(c, node_get(n, "read_only"), &read_only))
		return;
	if (!type || !target) {
		compose_note(c, NOTE_REFUSED, NULL, "want a type and a target");
		return;
	}
	if (below || node_get(n, "image") || node_get(n, "cluster")) {
		compose_note(c, NOTE_REFUSED, "type: bind, with the whole path", "there are no parts of volumes and images here");
		return;
	}
	if (source && strcmp(type, "bind") == 0)
		source = compose_path(c, source);
	else if (source && strcmp(type, "volume") == 0 && !(source = volume_of(c, source)))
		return;
	if (source && *source == '/')
		type = "bind";
	source = field(c, "source", source);
	target = field(c, "target", target);
	size = field(c, "tmpfs-size", size);
	mode = field(c, "tmpfs-mode", mode);
	if (!source || !target || !size || !mode)
		compose_note(c, NOTE_REFUSED, "rename it", "a comma or quote in a path");
	else
		compose_option(c, "mount", compose_printf(c, "type=%s%s%s%s%s%s", type, source, target, read_only ? ",readonly" : "", size, mode));
}

static void volume(struct compose *c, const struct node *n)
{
	static const char *const bind[] = { "propagation", "create_host_path", "selinux", "recursive", NULL };
	static const char *const named[] = { "nocopy", "subpath", "labels", NULL };
	static const char *const tmpfs[] = { "size", "mode", NULL };
	const char *text;

	if (n->kind == NODE_SCALAR) {
		text = compose_text(c, n);
		if (text)
			short_volume(c, text);
		return;
	}
	compose_known(c, n, long_volume);
	if (node_get(n, "bind"))
		compose_known(c, node_get(n, "bind"), bind);
	if (node_get(n, "volume"))
		compose_known(c, node_get(n, "volume"), named);
	if (node_get(n, "tmpfs"))
		compose_known(c, node_get(n, "tmpfs"), tmpfs);
	mount_volume(c, n);
}

void own_volumes(struct compose *c, const struct node *n)
{
	compose_each(c, n, volume);
}

static void one_tmpfs(struct compose *c, const struct node *n)
{
	const char *text = compose_text(c, n);

	if (text)
		compose_option(c, "tmpfs", text);
}

void own_tmpfs(struct compose *c, const struct node *n)
{
	if (n->kind == NODE_SEQUENCE)
		compose_each(c, n, one_tmpfs);
	else
		one_tmpfs(c, n);
}

static void device(struct compose *c, const struct node *n)
{
	static const char *const names[] = { "source", "target", "permissions", NULL };
	const char *source, *target, *permissions;

	if (n->kind == NODE_SCALAR) {
		source = compose_text(c, n);
		if (source)
			compose_option(c, "device", source);
		return;
	}
	compose_known(c, n, names);
	source = compose_member(c, n, "source");
	target = compose_member(c, n, "target");
	permissions = compose_member(c, n, "permissions");
	if (source)
		compose_option(c, "device", compose_printf(c, "%s:%s:%s", source, target ? target : source, permissions ? permissions : "rwm"));
	else
		compose_note(c, NOTE_REFUSED, "source: PATH", "which device?");
}

void own_devices(struct compose *c, const struct node *n)
{
	compose_each(c, n, device);
}

/* --- secrets and configs --- */

/* What a service has of an entry at the file's top. */
struct grant { const char *name, *file, *target, *uid, *gid, *mode; };

static bool granted(struct compose *c, const struct node *n, const char *kind, struct grant *g)
{
	static const char *const names[] = { "source", "target", "uid", "gid", "mode", NULL };
	bool pair = n->kind == NODE_MAPPING;
	const struct node *v;

	if (pair)
		compose_known(c, n, names);
	*g = (struct grant){ .name = pair ? compose_member(c, n, "source") : compose_text(c, n) };
	if (!g->name)
		return false;
	v = node_get(node_get(c->root, kind), g->name);
	g->file = compose_member(c, v, "file");
	if (!g->file) {
		compose_note(c, NOTE_REFUSED, "file: PATH, on the host", v ? "only a file can be given" : "the file has no such entry at its top");
		return false;
	}
	g->file = compose_path(c, g->file);
	g->target = pair ? compose_member(c, n, "target") : NULL;
	g->uid = pair ? compose_member(c, n, "uid") : NULL;
	g->gid = pair ? compose_member(c, n, "gid") : NULL;
	g->mode = pair ? compose_member(c, n, "mode") : NULL;
	return true;
}

static void bound(struct compose *c, const struct grant *g)
{
	if (g->uid || g->gid || g->mode)
		compose_note(c, NOTE_NO_EFFECT, "chown and chmod it on the host", "a bind has the owner and mode of the file");
	compose_option(c, "volume", compose_printf(c, "%s:%s%s:ro", g->file, g->target && *g->target == '/' ? "" : "/",
						   g->target ? g->target : g->name));
}

/* Below /run/secrets, and nowhere else: what has another place is a bind. */
static void secret(struct compose *c, const struct node *n)
{
	static const char dir[] = "/run/secrets/";
	_auto(free_mem) char *file = NULL;
	const char *name;
	struct grant g;

	if (!granted(c, n, "secrets", &g))
		return;
	file = door_path(g.file);
	if (!file) {
		compose_note(c, NOTE_REFUSED, NULL, "no path");
		return;
	}
	name = g.target ? g.target : g.name;
	if (strncmp(name, dir, sizeof(dir) - 1) == 0)
		name += sizeof(dir) - 1;
	if (*name == '/')
		return bound(c, &g);
	if (g.mode && *g.mode != '0') {
		compose_note(c, NOTE_REFUSED, "mode: 0440", "a mode is octal, which YAML knows by a 0 before it");
		return;
	}
	if (g.uid || g.gid)
		compose_note(c, NOTE_NO_EFFECT, NULL, "a secret belongs to the workload, whoever that is");
	door_set(c->door, "/secrets/-", g.mode ? json_pack("{s:s, s:s, s:s}", "name", name, "file", file, "mode", g.mode) :
		 json_pack("{s:s, s:s}", "name", name, "file", file));
}

static void config(struct compose *c, const struct node *n)
{
	struct grant g;

	if (granted(c, n, "configs", &g))
		bound(c, &g);
}

void own_secrets(struct compose *c, const struct node *n)
{
	compose_each(c, n, secret);
}

void own_configs(struct compose *c, const struct node *n)
{
	compose_each(c, n, config);
}
