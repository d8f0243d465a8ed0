/* oci_mounts.c - config.json: "mounts". Those that every container has are recognised by their place and type; of the
 * rest, binds and tmpfs become entries of "mounts", and nothing else can be mounted. */
#include "oci_import.h"

#include "../base/cleanup.h"
#include "../policy/suggest.h"

#include <string.h>

struct wish {
	json_t *mount;
	const char *target, *type, *source;
	bool bind, read_only, rw, exec, suid, dev;
	const char *size, *inodes, *mode, *subset;	/* values of options, or NULL */
	bool refused;
};

/* --- options --- */

enum effect { PLAIN, BIND, RO, RW, EXEC, NOEXEC, SUID, NOSUID, DEV, NODEV, SHARED, SLAVE, IDMAP, SIZE, INODES, MODE, SUBSET, NO };

/* "=" at the end: a value follows. The list is that of config.md, and what engines write beside it. */
static const struct { const char *word; enum effect effect; } words[] = {
	{ "bind", BIND }, { "rbind", BIND }, { "ro", RO }, { "rro", RO }, { "rw", RW }, { "rrw", RW },
	{ "exec", EXEC }, { "rexec", EXEC }, { "noexec", NOEXEC }, { "rnoexec", NOEXEC },
	{ "suid", SUID }, { "rsuid", SUID }, { "nosuid", NOSUID }, { "rnosuid", NOSUID },
	{ "dev", DEV }, { "rdev", DEV }, { "nodev", NODEV }, { "rnodev", NODEV },
	{ "private", PLAIN }, { "rprivate", PLAIN }, { "shared", SHARED }, { "rshared", SHARED }, { "slave", SLAVE }, { "rslave", SLAVE },
	{ "unbindable", PLAIN }, { "runbindable", PLAIN },
	{ "defaults", PLAIN }, { "async", PLAIN }, { "sync", PLAIN }, { "dirsync", PLAIN }, { "remount", PLAIN }, { "silent", PLAIN },
	{ "loud", PLAIN }, { "newinstance", PLAIN }, { "nosymfollow", NO }, { "rnosymfollow", NO }, { "symfollow", PLAIN }, { "rsymfollow", PLAIN },
	{ "atime", PLAIN }, { "noatime", PLAIN }, { "diratime", PLAIN }, { "nodiratime", PLAIN }, { "relatime", PLAIN },
	{ "norelatime", PLAIN }, { "strictatime", PLAIN }, { "nostrictatime", PLAIN }, { "lazytime", PLAIN }, { "nolazytime", PLAIN },
	{ "ratime", PLAIN }, { "rnoatime", PLAIN }, { "rdiratime", PLAIN }, { "rnodiratime", PLAIN }, { "rrelatime", PLAIN },
	{ "rnorelatime", PLAIN }, { "rstrictatime", PLAIN }, { "rnostrictatime", PLAIN }, { "acl", PLAIN }, { "noacl", PLAIN },
	{ "iversion", PLAIN }, { "noiversion", PLAIN }, { "mand", PLAIN }, { "nomand", PLAIN },
	{ "idmap", IDMAP }, { "ridmap", IDMAP }, { "tmpcopyup", NO },
	{ "size=", SIZE }, { "nr_inodes=", INODES }, { "mode=", MODE }, { "subset=", SUBSET },
	{ "uid=", PLAIN }, { "gid=", PLAIN }, { "ptmxmode=", PLAIN }, { "max=", PLAIN }, { "nsdelegate", PLAIN }, { "hidepid=", PLAIN },
	{ "z", PLAIN }, { "Z", PLAIN }, { "huge=", PLAIN }, { "mpol=", NO }, { "nr_blocks=", NO },
};

static void apply(struct oci_import *im, struct wish *w, enum effect effect, const char *value)
{
	switch (effect) {
	case BIND: w->bind = true; break;
	case RO: w->read_only = true; break;
	case RW: w->rw = true; break;
	case EXEC: w->exec = true; break;
	case NOEXEC: w->exec = false; break;
	case SUID: w->suid = true; break;
	case NOSUID: w->suid = false; break;
	case DEV: w->dev = true; break;
	case NODEV: w->dev = false; break;
	case SHARED: case SLAVE:
		oci_tighten(im, "/mounts", "every mount is private: what is mounted later on one side does not show on the other");
		break;
	case SIZE: w->size = value; break;
	case INODES: w->inodes = value; break;
	case MODE: w->mode = value; break;
	case SUBSET: w->subset = value; break;
	case IDMAP:
		w->refused = true;
		oci_refuse(im, "\"idmap\": true in the policy shows root's files as the workload's", "mappings of a mount are not taken over");
		break;
	case NO:
		w->refused = true;
		oci_refuse(im, "leave it out", "not to be had");
		break;
	case PLAIN: break;
	}
}

static void take_option(struct oci_import *im, struct wish *w, const char *option)
{
	char hint[GUESS_MAX + 32] = "";
	struct guess g;

	guess_start(&g, option);
	for (size_t i = 0; i < COUNT(words); i++) {
		size_t n = strlen(words[i].word);
		bool valued = words[i].word[n - 1] == '=';

		if (valued ? strncmp(option, words[i].word, n) == 0 : strcmp(option, words[i].word) == 0) {
			apply(im, w, words[i].effect, option + n);
			return;
		}
		guess_offer(&g, words[i].word, n - valued);
	}
	if (*g.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", g.best);
	w->refused = true;
	oci_refuse(im, hint, "no mount option that is known here");
}

/* --- entries --- */

/* "1g" and "65536k" as tmpfs(5) has them, in bytes. */
static bool bytes(const char *text, uint64_t *ret)
{
	static const char units[] = "kmgt";
	char *end;
	unsigned long long v = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end | 0x20) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (*text < '0' || *text > '9' || (*end && (!unit || end[1])) || v > UINT64_MAX >> 14 >> shift)
		return false;
	*ret = v << shift;
	return true;
}

static void set_number(struct oci_import *im, struct wish *w, json_t *o, const char *name, const char *text)
{
	uint64_t v;

	if (bytes(text, &v)) {
		json_object_set_new(o, name, json_integer((json_int_t)v));
		return;
	}
	w->refused = true;
	oci_refuse(im, "a number, or one with k, m or g", "%s=%.40s is no size", name, text);
}

/* "01777" and "1777" as the policy writes them. */
static void set_mode(struct oci_import *im, struct wish *w, json_t *o)
{
	char *end;
	unsigned long mode = strtoul(w->mode, &end, 8);

	if (*w->mode >= '0' && *w->mode <= '7' && !*end && mode <= 07777)
		json_object_set_new(o, "mode", json_sprintf("%04lo", mode));
	else
		w->refused = true, oci_refuse(im, "octal, as in mode=1777", "mode=%.40s is no mode", w->mode);
}

static json_t *entry(struct oci_import *im, struct wish *w)
{
	json_t *o = json_pack("{s:s, s:s}", "type", w->bind ? "bind" : "tmpfs", "target", w->target);
	_auto(free_mem) char *source = w->bind ? oci_path(im, w->source ? w->source : "") : NULL;
	const struct { const char *name; bool on; } flags[] = { { "exec", w->exec }, { "suid", w->suid }, { "dev", w->dev } };

	if (w->bind)
		json_object_set_new(o, "source", json_string(source ? source : ""));
	if (w->bind && !w->read_only)
		json_object_set_new(o, "read_only", json_false());
	for (size_t i = 0; i < COUNT(flags); i++)
		if (flags[i].on)
			json_object_set_new(o, flags[i].name, json_true());
	if (!w->bind && w->size)
		set_number(im, w, o, "size", w->size);
	if (!w->bind && w->inodes)
		set_number(im, w, o, "inodes", w->inodes);
	if (!w->bind && w->mode)
		set_mode(im, w, o);
	return o;
}

static bool wants_idmap(const struct oci_import *im, const char *target)
{
	json_t *annotations = oci_get(im, "/annotations");
	const char *text = json_string_value(json_object_get(annotations, OCI_ANNOTATION "idmap"));
	json_auto_t *targets = text ? json_loads(text, 0, NULL) : NULL;
	json_t *t;
	size_t i;

	json_array_foreach(targets, i, t)
		if (json_is_string(t) && strcmp(json_string_value(t), target) == 0)
			return true;
	return false;
}

static void add(struct oci_import *im, struct wish *w)
{
	json_t *o;

	if (!w->bind && strcmp(w->type, "tmpfs") != 0) {
		oci_refuse(im, "mount it on the host, and bind it", "a file system of type \"%.40s\" is not mounted here", w->type);
		return;
	}
	if (!w->bind && w->read_only) {
		oci_refuse(im, "leave the mount out", "an empty tmpfs that nobody can write to");
		return;
	}
	o = entry(im, w);
	if (w->bind && wants_idmap(im, w->target))
		json_object_set_new(o, "idmap", json_true());
	if (w->refused)
		json_decref(o);
	else
		door_set(im->door, "/mounts/-", o);
}

/* --- the trees that every container has --- */

static void take_proc(struct oci_import *im, struct wish *w)
{
	if (w->subset && strcmp(w->subset, "pid") == 0)
		door_set(im->door, "/proc", json_string("pid"));
}

static void take_sys(struct oci_import *im, struct wish *w)
{
	door_set(im->door, "/sys", json_true());
	if (!w->read_only)
		oci_tighten(im, "/sys", "always read-only");
}

static void take_cgroup_mount(struct oci_import *im, struct wish *w)
{
	if (!w->read_only)
		oci_tighten(im, "/sys", "/sys/fs/cgroup is always read-only");
}

static void take_shm(struct oci_import *im, struct wish *w)
{
	uint64_t size;

	if (w->exec || w->suid || w->dev)
		oci_tighten(im, "/shm", "nothing is executed from /dev/shm");
	if (w->size && bytes(w->size, &size))
		door_set(im->door, "/shm", json_integer((json_int_t)size));
	else
		door_unset(im->door, "/shm");
}

static void take_given(struct oci_import *im, struct wish *w)
{
	(void)im;
	(void)w;
}

static const struct { const char *target, *type; void (*take)(struct oci_import *, struct wish *); } trees[] = {
	{ "/proc", "proc", take_proc }, { "/sys", "sysfs", take_sys }, { "/sys", "bind", take_sys },
	{ "/sys/fs/cgroup", "cgroup", take_cgroup_mount }, { "/sys/fs/cgroup", "cgroup2", take_cgroup_mount },
	{ "/dev", "tmpfs", take_given }, { "/dev/pts", "devpts", take_given }, { "/dev/mqueue", "mqueue", take_given },
	{ "/dev/shm", "tmpfs", take_shm }, { "/dev/shm", "shm", take_shm },
};

static void place(struct oci_import *im, struct wish *w)
{
	bool host_sys = strcmp(w->target, "/sys") == 0 && w->bind && w->source && strcmp(w->source, "/sys") == 0;

	for (size_t i = 0; i < COUNT(trees); i++)
		if (strcmp(w->target, trees[i].target) == 0 &&
		    (w->bind ? host_sys : strcmp(w->type, trees[i].type) == 0)) {
			trees[i].take(im, w);
			return;
		}
	add(im, w);
}

static void take_mount(struct oci_import *im, json_t *mount, size_t at)
{
	struct wish w = {
		.mount = mount, .target = json_string_value(json_object_get(mount, "destination")),
		.type = json_string_value(json_object_get(mount, "type")), .source = json_string_value(json_object_get(mount, "source")),
	};
	json_t *option;
	size_t i;

	oci_here(im, "/mounts/%zu", at);
	if (!w.target) {
		oci_refuse(im, "the specification requires it", "no destination");
		return;
	}
	w.type = w.type ? w.type : "";
	w.bind = strcmp(w.type, "bind") == 0;
	json_array_foreach(json_object_get(mount, "options"), i, option) {
		oci_here(im, "/mounts/%zu/options/%zu", at, i);
		if (json_is_string(option))
			take_option(im, &w, json_string_value(option));
	}
	oci_here(im, "/mounts/%zu", at);
	if (json_array_size(json_object_get(mount, "uidMappings")) || json_array_size(json_object_get(mount, "gidMappings")))
		apply(im, &w, IDMAP, NULL);
	place(im, &w);
}

void take_mounts(struct oci_import *im, json_t *v)
{
	json_t *mount;
	size_t i;

	/* Until one of the mounts is it. */
	door_nowhere(im->door);
	door_set(im->door, "/sys", json_false());
	door_set(im->door, "/shm", json_integer(0));
	json_array_foreach(v, i, mount)
		take_mount(im, mount, i);
}
