/* docker_mounts.c - docker run: volumes, binds, tmpfs and devices.
 *
 * Three spellings, one meaning: -v SOURCE:TARGET:OPTIONS, --mount KEY=VALUE,... and --tmpfs TARGET:OPTIONS all end in
 * a struct wish, and that becomes an entry of "mounts". */
#include "docker.h"

#include "../base/cleanup.h"
#include "../policy/units.h"

#include <string.h>

struct wish {
	bool tmpfs, bind, volume;	/* bind, volume: only that */
	bool read_only, read_write, exec;
	char *source, *target;		/* as given */
	char *size, *inodes, *mode;	/* of a tmpfs, or NULL */
	bool refused;			/* by one of its options: noted already */
};

static void wish_free(struct wish *w)
{
	free(w->source);
	free(w->target);
	free(w->size);
	free(w->inodes);
	free(w->mode);
}

/* Takes over a copy; no memory is told at the end. */
static void keep(struct docker_import *im, char **at, const char *text)
{
	free(*at);
	*at = strdup(text);
	im->door->no_memory = im->door->no_memory || !*at;
}

/* --- options of a mount --- */

enum effect { PLAIN, READ_ONLY, READ_WRITE, EXEC, PRIVATE_ONLY, ALSO_BELOW, SUID_DEV, REFUSE };

/* Words that stand alone, in -v and --tmpfs. */
static const struct { const char *word; bool bind, tmpfs; enum effect effect; } words[] = {
	{ "ro", true, true, READ_ONLY }, { "rw", true, true, READ_WRITE },
	{ "readonly", true, false, READ_ONLY },
	/* labels of SELinux, hints to file sharing on desktops, copying from the image: nothing here has them */
	{ "z", true, false, PLAIN }, { "Z", true, false, PLAIN }, { "nocopy", true, false, PLAIN },
	{ "consistent", true, false, PLAIN }, { "cached", true, false, PLAIN }, { "delegated", true, false, PLAIN },
	{ "private", true, true, PLAIN }, { "rprivate", true, true, PLAIN },
	{ "shared", true, true, PRIVATE_ONLY }, { "rshared", true, true, PRIVATE_ONLY },
	{ "slave", true, true, PRIVATE_ONLY }, { "rslave", true, true, PRIVATE_ONLY },
	{ "exec", false, true, EXEC }, { "noexec", false, true, PLAIN },
	{ "suid", false, true, SUID_DEV }, { "nosuid", false, true, PLAIN },
	{ "dev", false, true, SUID_DEV }, { "nodev", false, true, PLAIN },
	{ "noatime", false, true, PLAIN }, { "nodiratime", false, true, PLAIN }, { "relatime", false, true, PLAIN },
	{ "strictatime", false, true, PLAIN }, { "atime", false, true, PLAIN }, { "async", false, true, PLAIN },
	{ "sync", false, true, PLAIN }, { "dirsync", false, true, PLAIN },
};

static void give_up(struct docker_import *im, struct wish *w, const char *hint, const char *why, const char *what)
{
	w->refused = true;
	refuse(im, hint, "%s: \"%.60s\"", why, what);
}

static void apply(struct docker_import *im, struct wish *w, enum effect effect, const char *word)
{
	switch (effect) {
	case READ_ONLY:
		if (w->tmpfs)
			give_up(im, w, "leave the mount out", "an empty tmpfs that nobody can write to", word);
		w->read_only = true;
		break;
	case READ_WRITE: w->read_write = true; break;
	case EXEC: w->exec = true; break;
	case PRIVATE_ONLY:
		tighten(im, "/mounts", NULL, "what is mounted later on one side does not show on the other");
		break;
	case ALSO_BELOW:
		give_up(im, w, "bind a directory that has nothing mounted below it", "a bind takes along what is mounted below", word);
		break;
	case SUID_DEV:
		tighten(im, "/mounts", NULL, "setuid bits and device nodes count on no mount");
		break;
	case REFUSE: give_up(im, w, NULL, "there is no such option here", word); break;
	case PLAIN: break;
	}
}

static void take_word(struct docker_import *im, struct wish *w, const char *word)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(word, words[i].word) == 0 && (w->tmpfs ? words[i].tmpfs : words[i].bind))
			return apply(im, w, words[i].effect, word);
	apply(im, w, REFUSE, word);
}

/* --- a wish becomes an entry --- */

static void set_flag(json_t *o, const char *name, bool on)
{
	if (on)
		json_object_set_new(o, name, json_true());
}

static json_t *tmpfs_entry(struct docker_import *im, struct wish *w, const char *target)
{
	uint64_t bytes = 0, inodes = 0, mode = 0;
	json_t *o = json_pack("{s:s, s:s}", "type", "tmpfs", "target", target);
	char text[UNIT_MAX];

	if (w->size && (!docker_bytes(w->size, &bytes) || bytes > INT64_MAX))
		give_up(im, w, NULL, "want bytes, or a size such as 64m", w->size);
	if (w->inodes && (!docker_bytes(w->inodes, &inodes) || inodes > INT64_MAX))
		give_up(im, w, NULL, "want a number of files", w->inodes);
	if (w->mode && !unit_octal(w->mode[0] == '0' && strlen(w->mode) == 5 ? w->mode + 1 : w->mode, &mode))
		give_up(im, w, NULL, "want an octal mode", w->mode);
	if (bytes) {
		unit_print_size(bytes, text);
		json_object_set_new(o, "size", text[strspn(text, "0123456789")] ? json_string(text) : json_integer((json_int_t)bytes));
	} else {
		tighten(im, "/mounts", "size=N", "docker lets it grow to half of the memory; here it is 64M");
	}
	if (inodes)
		json_object_set_new(o, "inodes", json_integer((json_int_t)inodes));
	if (w->mode)
		json_object_set_new(o, "mode", json_sprintf("%04lo", (unsigned long)mode & 01777));
	return o;
}

static void conclude(struct docker_import *im, struct wish *w)
{
	_auto(free_mem) char *target = w->target && *w->target == '/' ? door_path(w->target) : NULL;
	_auto(free_mem) char *source = NULL;
	json_t *o = NULL;

	if (w->refused)
		return;
	if (w->read_only && w->read_write)
		return refuse(im, "keep one of the two", "both read-only and writable");
	if (!target)
		return refuse(im, NULL, "want an absolute path in the container");
	if (w->tmpfs) {
		o = tmpfs_entry(im, w, target);
	} else {
		bool volume = store_is_volume(w->source) && !w->bind;

		source = volume ? store_path("volumes", w->source) : w->volume ? NULL : door_path(w->source);
		if (!source)
			return refuse(im, "an absolute path, one that begins with \"./\", or a volume's name", "not a path on the host");
		o = json_pack("{s:s, s:s}", "source", source, "target", target);
		if (!w->read_only)
			json_object_set_new(o, "read_only", json_false());
	}
	set_flag(o, "exec", w->exec);
	if (w->refused)
		json_decref(o);
	else
		door_set(im->door, "/mounts/-", o);
}

/* docker gives each container a fresh volume and forgets it with --rm: here it is forgotten always. */
static void anonymous(struct docker_import *im, const char *target)
{
	_auto(wish_free) struct wish w = { .tmpfs = true };

	keep(im, &w.target, target);
	keep(im, &w.size, "64m");
	tighten(im, "/mounts", "-v DIRECTORY:TARGET keeps it", "nothing is kept: what is written there is gone with the container, "
		"and it is a tmpfs of 64M");
	conclude(im, &w);
}

/* --- -v --- */

static void take_words(struct docker_import *im, struct wish *w, char *list)
{
	for (char *word; (word = strsep(&list, ","));)
		if (*word)
			take_word(im, w, word);
}

void take_volume(struct docker_import *im, const struct given *g)
{
	_auto(wish_free) struct wish w = { 0 };
	_auto(free_mem) char *text = strdup(g->value);
	char *target = text ? docker_split(text, ':') : NULL, *options = target ? docker_split(target, ':') : NULL;

	if (!text)
		return (void)(im->door->no_memory = true);
	if (!target)
		return anonymous(im, text);
	keep(im, &w.source, text);
	keep(im, &w.target, target);
	if (options && strchr(options, ':'))
		return refuse(im, NULL, "want SOURCE:TARGET[:OPTIONS]");
	if (options)
		take_words(im, &w, options);
	conclude(im, &w);
}

void conclude_volumes(struct docker_import *im)
{
	json_t *volumes = json_object_get(im->image.config, "Volumes"), *ignored, *m;
	const char *target;
	size_t i;

	json_object_foreach(volumes, target, ignored) {
		bool mounted = false;

		json_array_foreach(door_get(im->door, "/mounts"), i, m)
			mounted = mounted || strcmp(json_string_value(json_object_get(m, "target")), target) == 0;
		door_here(im->door, 0, 0, "Volumes of %s", im->image.described);
		if (!mounted)
			anonymous(im, target);
	}
}

/* --- --mount --- */

/* Options with a value: where it goes, or the effect that some value has. */
static void take_pair(struct docker_import *im, struct wish *w, const char *key, const char *value)
{
	static const char *const private[] = { "private", "rprivate" };
	static const struct { const char *key, *value; enum effect effect; } pairs[] = {
		{ "bind-recursive", "enabled", PLAIN }, { "bind-recursive", "writable", PLAIN },
		{ "bind-recursive", "readonly", PLAIN }, { "bind-recursive", "disabled", ALSO_BELOW },
		{ "consistency", NULL, PLAIN }, { "volume-nocopy", NULL, PLAIN }, { "volume-label", NULL, PLAIN },
		{ "volume-driver", "local", PLAIN },
	};

	if (strcmp(key, "bind-propagation") == 0)
		return apply(im, w, strcmp(value, private[0]) != 0 && strcmp(value, private[1]) != 0 ? PRIVATE_ONLY : PLAIN, value);
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (strcmp(pairs[i].key, key) == 0 && (!pairs[i].value || strcmp(pairs[i].value, value) == 0))
			return apply(im, w, pairs[i].effect, key);
	apply(im, w, REFUSE, key);
}

static void take_mount_field(struct docker_import *im, struct wish *w, const char *key, const char *value)
{
	static const struct { const char *key; size_t offset; } places[] = {
		{ "source", offsetof(struct wish, source) }, { "src", offsetof(struct wish, source) },
		{ "target", offsetof(struct wish, target) }, { "destination", offsetof(struct wish, target) },
		{ "dst", offsetof(struct wish, target) }, { "tmpfs-size", offsetof(struct wish, size) },
		{ "tmpfs-mode", offsetof(struct wish, mode) },
	};
	bool on = true;

	if (strcmp(key, "readonly") == 0 || strcmp(key, "ro") == 0 || strcmp(key, "bind-nonrecursive") == 0) {
		if (value && !docker_bool(value, &on))
			give_up(im, w, NULL, "want true or false", value);
		else if (on)
			apply(im, w, strcmp(key, "bind-nonrecursive") == 0 ? ALSO_BELOW : READ_ONLY, key);
		return;
	}
	for (size_t i = 0; value && i < COUNT(places); i++)
		if (strcmp(places[i].key, key) == 0)
			return keep(im, (char **)((char *)w + places[i].offset), value);
	if (!value)
		return take_pair(im, w, key, "");
	take_pair(im, w, key, value);
}

static bool next_field(struct docker_import *im, const char **at, char **field)
{
	int r = docker_field(at, field);

	if (r < 0)
		refuse(im, "quote a whole field: \"source=a,b\"", "not comma-separated values");
	return r > 0;
}

/* The type first: what the other fields mean depends on it. */
static bool mount_type(struct docker_import *im, const char *text, struct wish *w)
{
	_auto(free_mem) char *type = strdup("volume");
	const char *at = text;
	bool good = true;

	while (good && at) {
		_auto(free_mem) char *field = NULL;
		char *value;

		good = next_field(im, &at, &field);
		value = good ? docker_split(field, '=') : NULL;
		if (value && strcasecmp(field, "type") == 0)
			keep(im, &type, value);
	}
	if (!good || !type)
		return false;
	w->tmpfs = strcasecmp(type, "tmpfs") == 0;
	w->bind = strcasecmp(type, "bind") == 0;
	w->volume = strcasecmp(type, "volume") == 0;
	if (w->tmpfs || w->bind || w->volume)
		return true;
	refuse(im, "bind, volume or tmpfs", "casemate mounts no %.20s", type);
	return false;
}

void take_mount(struct docker_import *im, const struct given *g)
{
	_auto(wish_free) struct wish w = { 0 };
	const char *at = g->value;

	if (!mount_type(im, g->value, &w))
		return;
	while (at) {
		_auto(free_mem) char *field = NULL;
		char *value;

		if (!next_field(im, &at, &field))
			return;
		value = docker_split(field, '=');
		for (char *c = field; *c; c++)	/* docker takes keys in any case */
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
		if (strcmp(field, "type") != 0)
			take_mount_field(im, &w, field, value);
	}
	if (w.tmpfs || w.source)
		conclude(im, &w);
	else if (!w.refused && w.target && w.volume)
		anonymous(im, w.target);
	else if (!w.refused)
		refuse(im, NULL, "want target=PATH, and a bind source=PATH as well");
}

/* --- --tmpfs --- */

void take_tmpfs(struct docker_import *im, const struct given *g)
{
	_auto(wish_free) struct wish w = { .tmpfs = true };
	_auto(free_mem) char *text = strdup(g->value);
	char *list = text ? docker_split(text, ':') : NULL;

	if (!text)
		return (void)(im->door->no_memory = true);
	keep(im, &w.target, text);
	for (char *word; (word = strsep(&list, ","));) {
		char *value = docker_split(word, '=');

		if (value && strcmp(word, "size") == 0)
			keep(im, &w.size, value);
		else if (value && strcmp(word, "mode") == 0)
			keep(im, &w.mode, value);
		else if (value && strcmp(word, "nr_inodes") == 0)
			keep(im, &w.inodes, value);
		else if (value && (strcmp(word, "uid") == 0 || strcmp(word, "gid") == 0))
			no_effect(im, "%s: it belongs to the workload's own ids", word);
		else if (value)
			apply(im, &w, REFUSE, word);
		else if (*word)
			take_word(im, &w, word);
	}
	conclude(im, &w);
}

/* --- --device HOST[:CONTAINER][:rwm] --- */

void take_device(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *text = strdup(g->value);
	char *second = text ? docker_split(text, ':') : NULL, *third = second ? docker_split(second, ':') : NULL;
	const char *rights = third ? third : second && second[strspn(second, "rwm")] == '\0' ? second : "rwm";

	if (!text)
		return (void)(im->door->no_memory = true);
	if (*text != '/')
		return refuse(im, "name the device nodes", "devices of a vendor's kind (CDI) are not known here");
	if (second && rights != second && strcmp(text, second) != 0)
		return refuse(im, "the same path in the container", "a device node has the same path on the host and in the container");
	if (rights[strspn(rights, "rwm")])
		return refuse(im, NULL, "want rights of r, w and m");
	if (!strpbrk(rights, "rw"))
		return refuse(im, "r or w", "device nodes cannot be made in a container");
	door_set(im->door, "/devices/-", json_pack("{s:s, s:b, s:b}", "path", text, "read", strchr(rights, 'r') != NULL,
						   "write", strchr(rights, 'w') != NULL));
}

void take_volume_driver(struct docker_import *im, const struct given *g)
{
	if (strcmp(g->value, "local") != 0)
		refuse(im, "mount it on the host, and bind that directory", "casemate calls no volume drivers");
}
