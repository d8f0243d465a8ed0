/* plan_mounts.c - root, mounts, masked and read-only paths, default devices: the container's tree, in the order of config.json. */
#include "plan.h"
#include "mount_options.h"

#include "../policy/suggest.h"

#include <errno.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

struct list {
	const struct oci_spec *spec;
	struct plan *plan;
	struct arena *arena;
	struct err *e;
	struct plan_mount *v;
	size_t n;
};

static int no_memory(struct list *l)
{
	return spec_no_memory(l->e);
}

/* Slashes once, no "." between them; relative means from "/" (config.md, "Mounts"). ".." is the kernel's to follow. */
static const char *clean(struct arena *a, const char *path)
{
	char *ret = arena_alloc(a, strlen(path) + 2), *to = ret;

	if (!ret)
		return NULL;
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n && !(n == 1 && *path == '.')) {
			*to++ = '/';
			memcpy(to, path, n);
			to += n;
		}
		path += n + (path[n] == '/');
	}
	if (to == ret)
		*to++ = '/';
	*to = '\0';
	return ret;
}

/* --- id maps --- */

static int read_map(struct list *l, const json_t *rows, const struct plan_idmap **ret, size_t *n)
{
	struct plan_idmap *v = arena_alloc(l->arena, (json_array_size(rows) + 1) * sizeof(*v));
	json_t *row;
	size_t i;

	if (!v)
		return no_memory(l);
	json_array_foreach(rows, i, row) {
		int64_t inside = -1, outside = -1, count = -1;

		if (spec_number(row, "containerID", 0, UINT32_MAX, &inside, l->e) < 0 ||
		    spec_number(row, "hostID", 0, UINT32_MAX, &outside, l->e) < 0 || spec_number(row, "size", 1, UINT32_MAX, &count, l->e) < 0)
			return -1;
		if (inside < 0 || outside < 0 || count < 0)
			return err_set(l->e, ERR_POLICY, 0, NULL, "an id map needs containerID, hostID and size");
		v[i] = (struct plan_idmap){ (uint32_t)inside, (uint32_t)outside, (uint32_t)count };
	}
	*ret = v;
	*n = json_array_size(rows);
	return 0;
}

/* config.md: the mount's own maps, or those of the container's user namespace; without either it is an error. */
static int plan_idmap(struct list *l, const json_t *entry, const struct mount_options *o, struct plan_mount *m, struct mount_wish *w)
{
	const json_t *uids = spec_member(entry, "uidMappings"), *gids = spec_member(entry, "gidMappings");
	bool own = json_array_size(uids) || json_array_size(gids);
	struct mount_idmap *map = arena_alloc(l->arena, sizeof(*map));

	if (!own && !o->idmap)
		return 0;
	if (!map)
		return no_memory(l);
	if (m->kind != PLAN_BIND)
		return err_set(l->e, ERR_POLICY, 0, "give the file system the ids it needs instead (uid=, gid=)", "only a bind can be idmapped");
	if (own && (!json_array_size(uids) || !json_array_size(gids)))
		return err_set(l->e, ERR_POLICY, 0, NULL, "uidMappings and gidMappings go together");
	if (own && (read_map(l, uids, &map->uids, &map->n_uids) < 0 || read_map(l, gids, &map->gids, &map->n_gids) < 0))
		return -1;
	if (!own)
		*map = (struct mount_idmap){ l->plan->uid_map, l->plan->gid_map, l->plan->n_uid_map, l->plan->n_gid_map };
	if (!map->n_uids || !map->n_gids)
		return err_set(l->e, ERR_POLICY, 0, "give it uidMappings and gidMappings, or the container a user namespace",
			       "an idmapped mount without a map");
	w->idmap = map;
	w->deep_idmap = o->deep_idmap;
	return 0;
}

/* --- options --- */

/* SELinux takes quotes off its options, which may have commas in them, when it finds them in the data of mount(2); in fsconfig(2) it
 * takes a value as it is. */
static const char *unquoted(struct list *l, const char *name, const char *value)
{
	size_t n = strlen(value);

	if (!strstr(name, "context") || n < 2 || value[0] != '"' || value[n - 1] != '"')
		return value;
	return arena_strndup(l->arena, value + 1, n - 2);
}

static int plan_option(struct list *l, const char *word, struct mount_options *o, struct pair *v, size_t *n)
{
	enum option_fate fate = mount_option_take(o, word);
	const char *value = strchr(word, '=');

	if (fate == OPTION_TAKEN)
		return 0;
	if (fate == OPTION_TOO_MANY)
		return err_set(l->e, ERR_POLICY, 0, NULL, "more than %d changes of propagation", PROPAGATIONS_MAX);
	v[*n] = (struct pair){ word, NULL };
	if (value && fate == OPTION_UNKNOWN) {
		v[*n].name = arena_strndup(l->arena, word, (size_t)(value - word));
		v[*n].value = v[*n].name ? unquoted(l, v[*n].name, value + 1) : NULL;
		if (!v[*n].value)
			return no_memory(l);
	}
	*n += 1;
	return 0;
}

/* The kernel would pass over what a bind has no file system for, and with it over "noexce". */
static int judge_bind_options(struct list *l, const json_t *options)
{
	const json_t *option;
	char hint[64];
	size_t i;

	json_array_foreach(options, i, option) {
		struct mount_options none = { 0 };

		if (mount_option_take(&none, json_string_value(option)) != OPTION_UNKNOWN)
			continue;
		err_set(l->e, ERR_POLICY, 0, mount_option_guess(json_string_value(option), hint, sizeof(hint)), "'%.64s' is no option of a bind",
			json_string_value(option));
		return err_at(l->e, "%s/options/%zu", l->v[l->n].pointer, i);
	}
	return 0;
}

/* The kernel's own file systems are read-only by their mount: most have one superblock for many mounts. */
static bool has_own_superblock(const char *type)
{
	static const char *const kernels[] = { "tmpfs", "proc", "sysfs", "cgroup2", "mqueue", "devpts", "debugfs", "tracefs", "securityfs", "bpf" };

	for (size_t i = 0; i < COUNT(kernels); i++)
		if (strcmp(kernels[i], type) == 0)
			return false;
	return true;
}

/* --- mounts --- */

static int plan_source(struct list *l, const json_t *entry, struct plan_mount *m, const struct mount_wish *w)
{
	const char *source = spec_text(entry, "source");

	m->source = source && *source ? source : w->type;
	if (m->kind != PLAN_BIND)
		return 0;
	if (!source || !*source)
		return err_set(l->e, ERR_POLICY, 0, "name what to bind", "a bind without a source");
	if (*source != '/')
		m->source = arena_printf(l->arena, "%s/%s", l->spec->wish->bundle, source);
	return m->source ? 0 : no_memory(l);
}

static int plan_type(struct list *l, const json_t *entry, const struct mount_options *o, struct plan_mount *m, struct mount_wish *w)
{
	const char *type = spec_text(entry, "type");
	bool rbind = type && strcmp(type, "rbind") == 0, bind = o->bind || rbind || (type && strcmp(type, "bind") == 0);

	w->type = type && *type ? type : NULL;
	m->kind = o->remount ? PLAN_REMOUNT : bind ? PLAN_BIND : PLAN_FS;
	m->recursive = o->recursive || rbind;
	if (m->kind == PLAN_FS && !w->type)
		return err_set(l->e, ERR_POLICY, 0, "a bind has the option bind or rbind", "a mount without a type");
	if (m->kind == PLAN_FS && strcmp(w->type, "cgroup") == 0)
		w->type = "cgroup2";	/* of the two, the one that there is to limit with */
	w->own_dir = m->kind == PLAN_FS && (strcmp(w->type, "proc") == 0 || strcmp(w->type, "sysfs") == 0);
	w->copy_up = o->copy_up;
	if (o->copy_up && (m->kind != PLAN_FS || strcmp(w->type, "tmpfs") != 0))
		return err_set(l->e, ERR_POLICY, 0, NULL, "tmpcopyup is for a tmpfs");
	return 0;
}

static void plan_attrs(const struct mount_options *o, struct plan_mount *m, struct mount_wish *w)
{
	m->attrs = o->set;
	w->clear = o->clear;
	w->deep_set = o->deep_set;
	w->deep_clear = o->deep_clear;
	memcpy(w->propagation, o->propagation, sizeof(w->propagation));
	if (m->kind == PLAN_BIND)
		return;
	/* What is made anew has nothing below it. */
	m->attrs = (m->attrs & ~(w->deep_clear & ~w->deep_set)) | w->deep_set;
	w->clear |= (w->deep_clear & MOUNT_ATTR__ATIME) | (m->kind == PLAN_REMOUNT ? o->undone : 0);
	w->deep_set = w->deep_clear = 0;
}

static int plan_options(struct list *l, const json_t *entry, struct plan_mount *m, struct mount_wish *w)
{
	const json_t *options = spec_member(entry, "options"), *option;
	struct pair *v = arena_alloc(l->arena, (json_array_size(options) + 2) * sizeof(*v));
	struct mount_options o = { 0 };
	size_t i, n = 1;	/* before them, the source */

	if (!v)
		return no_memory(l);
	json_array_foreach(options, i, option)
		if (plan_option(l, json_string_value(option), &o, v, &n) < 0)
			return err_at(l->e, "%s/options/%zu", m->pointer, i);
	if (plan_type(l, entry, &o, m, w) < 0 || plan_source(l, entry, m, w) < 0 || plan_idmap(l, entry, &o, m, w) < 0)
		return -1;
	if (m->kind == PLAN_BIND)
		n = 0;
	if (m->kind == PLAN_BIND && judge_bind_options(l, options) < 0)
		return -1;
	plan_attrs(&o, m, w);
	if (m->kind == PLAN_FS && m->attrs & MOUNT_ATTR_RDONLY && has_own_superblock(w->type))
		v[n++] = (struct pair){ "ro", NULL };
	/* mounts_fs.c, on queues */
	if (m->kind == PLAN_FS && l->plan->mount_label && l->plan->clone_flags & CLONE_NEWUSER && strcmp(w->type, "mqueue") == 0)
		spec_warn(l->spec, "linux.mountLabel: '%.64s' is the host's root's in a user namespace, and may keep the label that the host's policy "
			  "gives message queues", m->target);
	v[0] = (struct pair){ "source", m->source };
	w->options = m->kind == PLAN_REMOUNT ? v + 1 : v;
	w->n_options = m->kind == PLAN_REMOUNT ? n - 1 : n;
	return 0;
}

static int plan_mount(struct list *l, const json_t *entry, size_t i)
{
	const char *destination = spec_text(entry, "destination");
	struct mount_wish *w = arena_alloc(l->arena, sizeof(*w));
	struct plan_mount m = { .control = CONTROL_mounts, .below = -1, .wish = w, .pointer = arena_printf(l->arena, "/mounts/%zu", i) };

	if (!w || !m.pointer)
		return no_memory(l);
	l->v[l->n].pointer = m.pointer;
	if (!destination || !*destination)
		return err_set(l->e, ERR_POLICY, 0, "the specification requires it", "a mount without a destination");
	m.target = clean(l->arena, destination);
	if (!m.target)
		return no_memory(l);
	if (plan_options(l, entry, &m, w) < 0)
		return -1;
	if (strcmp(m.target, "/") == 0 && m.kind != PLAN_REMOUNT)
		return err_set(l->e, ERR_POLICY, 0, "name it in root.path", "a mount over the container's root");
	l->v[l->n++] = m;
	return 0;
}

static int plan_all_mounts(struct list *l)
{
	const json_t *mounts = spec_get(l->spec, "/mounts");
	json_t *entry;
	size_t i;

	json_array_foreach(mounts, i, entry)
		if (plan_mount(l, entry, i) < 0)
			return err_at(l->e, "/mounts/%zu", i);
	return 0;
}

/* --- masked and read-only paths --- */

static int plan_paths(struct list *l, const char *name, enum mount_kind kind)
{
	const json_t *paths = spec_member(spec_get(l->spec, "/linux"), name);
	json_t *path;
	size_t i;

	json_array_foreach(paths, i, path) {
		const char *text = json_string_value(path);
		struct plan_mount m = { .kind = kind, .control = CONTROL_masks, .below = -1, .target = clean(l->arena, text), .recursive = true,
					.attrs = MOUNT_ATTR_RDONLY, .pointer = arena_printf(l->arena, "/linux/%s/%zu", name, i) };

		if (!m.target || !m.pointer)
			return no_memory(l);
		if (*text != '/' || (strcmp(m.target, "/") == 0 && kind == PLAN_MASK)) {
			err_set(l->e, ERR_POLICY, 0, "an absolute path in the container", "'%.64s' cannot be masked or made read-only", text);
			return err_at(l->e, "%s", m.pointer);
		}
		if (strcmp(m.target, "/") == 0)
			l->plan->root_attrs |= MOUNT_ATTR_RDONLY;
		else
			l->v[l->n++] = m;
	}
	return 0;
}

/* --- the root --- */

static int plan_root(struct list *l)
{
	static const struct { const char *word; unsigned flags; } kinds[] = {
		{ "", 0 }, { "private", 0 }, { "rprivate", 0 }, { "shared", MS_SHARED }, { "rshared", MS_SHARED | MS_REC },
		{ "slave", MS_SLAVE }, { "rslave", MS_SLAVE | MS_REC }, { "unbindable", MS_UNBINDABLE }, { "runbindable", MS_UNBINDABLE | MS_REC },
	};
	const char *word = spec_text(spec_get(l->spec, "/linux"), "rootfsPropagation");
	const char *label = spec_text(spec_get(l->spec, "/linux"), "mountLabel");
	size_t i = 0;

	l->plan->mount_label = label && *label ? label : NULL;
	while (word && i < COUNT(kinds) && strcmp(kinds[i].word, word) != 0)
		i++;
	if (i == COUNT(kinds)) {
		err_set(l->e, ERR_POLICY, 0, "shared, slave, private or unbindable", "'%.32s' is no propagation", word);
		return err_at(l->e, "/linux/rootfsPropagation");
	}
	l->plan->root_propagation = kinds[i].flags;
	l->plan->root_attrs = spec_true(spec_get(l->spec, "/root"), "readonly") ? MOUNT_ATTR_RDONLY : 0;
	/* pivot_root(2) takes all who live there along: of a namespace that is named by its path that is asked for. */
	if (!(l->plan->clone_flags & CLONE_NEWNS) && !l->plan->enter[NS_MOUNT]) {
		err_set(l->e, ERR_POLICY, 0, "list {\"type\": \"mount\"}", "its mounts and its root would be the host's");
		return err_at(l->e, "/linux/namespaces");
	}
	l->plan->no_pivot = l->spec->wish->no_pivot;
	if (l->plan->no_pivot && l->plan->floor)
		return err_set(l->e, ERR_USAGE, 0, "boot from a root that is no initramfs",
			       "--no-pivot leaves the host's root below the container's, and '%s' rules here", l->plan->floor);
	return 0;
}

/* Before the last hook that may do so has run, what is mounted is not only ours. */
static bool has_hooks(const struct oci_spec *s)
{
	static const char *const stages[] = { "/hooks/prestart", "/hooks/createRuntime", "/hooks/createContainer", "/hooks/startContainer" };

	for (size_t i = 0; i < COUNT(stages); i++)
		if (json_array_size(spec_get(s, stages[i])))
			return true;
	return false;
}

static size_t count(const struct oci_spec *s)
{
	return json_array_size(spec_get(s, "/mounts")) + json_array_size(spec_get(s, "/linux/maskedPaths")) +
	       json_array_size(spec_get(s, "/linux/readonlyPaths")) + oci_count_nodes(s);
}

int oci_plan_mounts(const struct oci_spec *s, struct plan *plan, struct arena *a, struct err *e)
{
	struct list l = { .spec = s, .plan = plan, .arena = a, .e = e, .v = arena_alloc(a, (count(s) + 1) * sizeof(*l.v)) };

	if (!l.v)
		return no_memory(&l);
	plan->listed = true;
	plan->strangers = has_hooks(s);
	if (plan_root(&l) < 0 || plan_all_mounts(&l) < 0 || oci_plan_nodes(s, plan, l.v, &l.n, a, e) < 0)
		return -1;
	/* The mask last: what is hidden below a read-only path stays hidden. */
	if (plan_paths(&l, "readonlyPaths", PLAN_READONLY) < 0 || plan_paths(&l, "maskedPaths", PLAN_MASK) < 0)
		return -1;
	plan->mounts = l.v;
	plan->n_mounts = l.n;
	return 0;
}
