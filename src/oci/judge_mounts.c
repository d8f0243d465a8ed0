/* judge_mounts.c - config.json against a bound: the mounts, one by one. What they are mounted on is judge_root.c's. */
#include "judging.h"

#include "../policy/path.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* In the order of enum mount_demand. Each attribute by its words: for one mount, for all below it, and what takes it back. The last
 * word counts. */
static const struct attr { const char *one, *all, *not_one, *not_all; } attrs[] = {
	{ "ro", "rro", "rw", "rrw" }, { "nosuid", "rnosuid", "suid", "rsuid" }, { "nodev", "rnodev", "dev", "rdev" },
	{ "noexec", "rnoexec", "exec", "rexec" },
};

static json_t *mounts_of(const struct judging *j)
{
	return member(j->config, "mounts");
}

bool mount_target(const json_t *mount, char path[PATH_MAX])
{
	const char *s = text_of(mount, "destination");
	size_t n = 0;

	if (*s != '/' || strlen(s) >= PATH_MAX)
		return false;
	while (*s) {
		size_t len;

		s += strspn(s, "/");
		len = strcspn(s, "/");
		if (len == 2 && s[0] == '.' && s[1] == '.')
			return false;
		if (len && !(len == 1 && *s == '.')) {
			path[n++] = '/';
			memcpy(path + n, s, len);
			n += len;
		}
		s += len;
	}
	if (n == 0)
		path[n++] = '/';
	path[n] = '\0';
	return true;
}

/* With all that is mounted below its source. */
static bool is_deep(const json_t *mount)
{
	return strcmp(text_of(mount, "type"), "rbind") == 0 || has_word(member(mount, "options"), "rbind");
}

static bool is_bind(const json_t *mount)
{
	return strcmp(text_of(mount, "type"), "bind") == 0 || has_word(member(mount, "options"), "bind") || is_deep(mount);
}

/* A bind's, where it really is: whoever may write in a directory of the bound's may make a link there. What lies in /proc is another
 * thing to each who looks. */
static const char *source_of(const struct judging *j, const json_t *mount, char path[PATH_MAX])
{
	const char *source = text_of(mount, "source");

	return *source == '/' && !path_below(source, "/proc") && j->facts->real && j->facts->real(source, path) ? path : source;
}

static bool is_tmpfs(const json_t *mount)
{
	return !is_bind(mount) && strcmp(text_of(mount, "type"), "tmpfs") == 0;
}

/* --- what mounts may do --- */

static bool has_attr(const json_t *options, const char *set, const char *unset)
{
	bool ret = false;
	json_t *v;
	size_t i;

	json_array_foreach(options, i, v) {
		const char *s = json_string_value(v);

		if (s && strcmp(s, set) == 0)
			ret = true;
		else if (s && strcmp(s, unset) == 0)
			ret = false;
	}
	return ret;
}

/* For all below it. Where there is nothing below, the recursive words still count for the mount itself, and some runtimes have
 * them take back what the others gave. */
static bool holds_below(const json_t *mount, const struct attr *a)
{
	const json_t *options = member(mount, "options");

	return is_deep(mount) ? has_attr(options, a->all, a->not_all) : !has_attr(options, a->not_all, a->all);
}

static void set_attr(struct judging *j, json_t *mount, const char *set, const char *unset)
{
	json_t *options = array_at(j, mount, "options");

	for (size_t i = json_array_size(options); i-- > 0;)
		if (strcmp(json_string_value(json_array_get(options, i)), unset) == 0)
			json_array_remove(options, i);
	append(j, options, json_string(set));
}

/* The attributes must hold, of an rbind for everything below it too. */
static void demand(struct judging *j, const char *key, json_t *mount, size_t index, unsigned want)
{
	for (size_t i = 0; i < COUNT(attrs); i++) {
		const bool one = has_attr(member(mount, "options"), attrs[i].one, attrs[i].not_one);
		const bool all = holds_below(mount, &attrs[i]);

		if (!(want & 1U << i) || (one && all) ||
		    !below(j, key, place("/mounts/%zu/options", index), "--volume ...:ro,nosuid,nodev,noexec", "%.80s is not %s",
			   text_of(mount, "destination"), one ? attrs[i].all : attrs[i].one))
			continue;
		if (!one)
			set_attr(j, mount, attrs[i].one, attrs[i].not_one);
		if (!all)
			set_attr(j, mount, attrs[i].all, attrs[i].not_all);
	}
}

/* What engines mount by themselves nobody can ask them to mount otherwise: made good where it can be, and no finding. */
static void improve(struct judging *j, json_t *mount, size_t index, unsigned want)
{
	if (j->tighten)
		demand(j, "mounts", mount, index, want);
}

/* Attributes that a mount of the bound asks for; all that can be asked for when nothing fits. */
static unsigned asked(const struct mount_policy *m)
{
	return (m->type == MOUNT_BIND && m->read_only ? READ_ONLY : 0) | (m->suid ? 0 : NO_SUID) | (m->dev ? 0 : NO_DEV) | (m->exec ? 0 : NO_EXEC);
}

static unsigned has(const json_t *mount)
{
	unsigned ret = 0;

	for (size_t i = 0; i < COUNT(attrs); i++)
		if (has_attr(member(mount, "options"), attrs[i].one, attrs[i].not_one) && holds_below(mount, &attrs[i]))
			ret |= 1U << i;
	return ret;
}

/* Whose files belong to others than on the host: by config.json's maps, or by words (crun has "idmap=uids=0-1000-1;..."). */
static bool is_idmapped(const json_t *mount)
{
	json_t *options = member(mount, "options"), *v;
	size_t i;

	json_array_foreach(options, i, v)
		if (strncmp(json_string_value(v), "idmap", 5) == 0 || strncmp(json_string_value(v), "ridmap", 6) == 0)
			return true;
	return json_array_size(member(mount, "uidMappings")) || json_array_size(member(mount, "gidMappings"));
}

/* The mount of the bound into which this one fits, or would with the fewest changes; NULL: none is about it. */
static const struct mount_policy *fitting(const struct judging *j, const json_t *mount, const char *target, bool bind)
{
	char path[PATH_MAX];
	const char *source = source_of(j, mount, path);
	const struct mount_policy *best = NULL;
	const unsigned now = has(mount);

	for (size_t i = 0; i < j->bound->n_mounts; i++) {
		const struct mount_policy *m = &j->bound->mounts[i];

		if ((m->type == MOUNT_BIND) != bind || !path_below(target, m->target) || (is_idmapped(mount) && !m->idmap))
			continue;
		if (bind && (*source != '/' || strstr(source, "/..") || !path_below(source, m->source)))
			continue;
		if (!best || __builtin_popcount(asked(m) & ~now) < __builtin_popcount(asked(best) & ~now))
			best = m;
	}
	return best;
}

static void judge_bind(struct judging *j, json_t *mount, size_t i, const char *target)
{
	const struct mount_policy *m = fitting(j, mount, target, true);
	char path[PATH_MAX];
	const char *source = source_of(j, mount, path);
	unsigned own = engine_file(j->facts->n_uid, target, source);

	if (!own)	/* where nobody but root makes links */
		own = engine_file(j->facts->n_uid, target, text_of(mount, "source"));
	if (m) {
		demand(j, "mounts", mount, i, asked(m));
	} else if (own) {
		improve(j, mount, i, own);
	} else if (strcmp(target, "/sys") == 0 && strcmp(text_of(mount, "source"), "/sys") == 0) {	/* of a network that is not its own */
		improve(j, mount, i, HARD);
		demand(j, "mounts", mount, i, READ_ONLY);
	} else {
		refuse(j, "mounts", place("/mounts/%zu", i), "list it there", "a bind of %.80s on %.80s fits into none of the %zu that are allowed",
		       source, target, j->bound->n_mounts);
	}
}

/* "size=64m" as tmpfs reads it (tmpfs(5)); shares of the memory and blocks are of unknown size. */
static uint64_t tmpfs_size(const char *option)
{
	char *end;
	unsigned long long v = strtoull(option, &end, 10);
	static const char units[] = "kmgt";
	const char *unit = *end ? strchr(units, *end | 0x20) : NULL;
	const unsigned shift = unit ? (unsigned)(unit - units + 1) * 10 : 0;

	if (*option < '0' || *option > '9' || (*end && !unit) || (unit && end[1]) || v == 0 || v > UINT64_MAX >> shift)
		return UINT64_MAX;
	return (uint64_t)v << shift;
}

static void limit_size(struct judging *j, json_t *mount, size_t index, const char *key, uint64_t most)
{
	json_t *options = member(mount, "options");
	uint64_t is = UINT64_MAX;
	char value[48];

	for (size_t i = 0; i < json_array_size(options); i++) {
		const char *s = json_string_value(json_array_get(options, i));

		if (strncmp(s, "size=", 5) == 0)
			is = tmpfs_size(s + 5);
		else if (strncmp(s, "nr_blocks=", 10) == 0)
			is = UINT64_MAX;
	}
	if (is <= most || !below(j, key, place("/mounts/%zu/options", index), "size=...", "%.80s holds more than %" PRIu64 " bytes", text_of(mount, "destination"), most))
		return;
	options = array_at(j, mount, "options");
	for (size_t i = json_array_size(options); i-- > 0;) {
		const char *s = json_string_value(json_array_get(options, i));

		if (strncmp(s, "size=", 5) == 0 || strncmp(s, "nr_blocks=", 10) == 0)
			json_array_remove(options, i);
	}
	snprintf(value, sizeof(value), "size=%" PRIu64, most);
	append(j, options, json_string(value));
}

static void judge_tmpfs(struct judging *j, json_t *mount, size_t i, const char *target)
{
	const struct mount_policy *m = fitting(j, mount, target, false);

	if (strcmp(target, "/dev") == 0) {	/* the devices are made in it */
		improve(j, mount, i, NO_SUID | NO_EXEC);
	} else if (strcmp(target, "/dev/shm") == 0) {
		improve(j, mount, i, HARD);
	} else {
		demand(j, "mounts", mount, i, m ? asked(m) : HARD);
		if (m && j->bound->of_policy)
			limit_size(j, mount, i, "mounts", m->size);
	}
}

/* File systems of the kernel belong to one place each: elsewhere masks and read-only paths would not reach them. */
static const struct kernel_tree { const char *type, *target; unsigned good, must; } kernel_trees[] = {
	{ "proc", "/proc", HARD, 0 }, { "sysfs", "/sys", HARD, READ_ONLY }, { "cgroup", "/sys/fs/cgroup", HARD, READ_ONLY },
	{ "cgroup2", "/sys/fs/cgroup", HARD, READ_ONLY }, { "devpts", "/dev/pts", NO_SUID | NO_EXEC, 0 }, { "mqueue", "/dev/mqueue", HARD, 0 },
};

static void judge_kernel_tree(struct judging *j, json_t *mount, size_t i, const char *target)
{
	const char *type = text_of(mount, "type");

	for (size_t k = 0; k < COUNT(kernel_trees); k++)
		if (strcmp(type, kernel_trees[k].type) == 0 && strcmp(target, kernel_trees[k].target) == 0) {
			improve(j, mount, i, kernel_trees[k].good);
			demand(j, "mounts", mount, i, kernel_trees[k].must);
			return;
		}
	refuse(j, "mounts", place("/mounts/%zu", i), "bind what is wanted of it, and list it there", "a file system of type \"%.40s\" on %.80s", type, target);
}

static void judge_one(struct judging *j, json_t *mount, size_t i, const char *target)
{
	if (is_bind(mount))
		judge_bind(j, mount, i, target);
	else if (is_tmpfs(mount))
		judge_tmpfs(j, mount, i, target);
	else
		judge_kernel_tree(j, mount, i, target);
}

/* A mount of which it can be said where it is and what its options are. */
static bool is_plain(struct judging *j, const json_t *mount, size_t i, char target[PATH_MAX])
{
	json_t *options = member(mount, "options"), *v;
	size_t k;

	if (!mount_target(mount, target)) {
		refuse(j, "mounts", place("/mounts/%zu/destination", i), "an absolute path without \"..\"", "\"%.80s\" can be anywhere", text_of(mount, "destination"));
		return false;
	}
	if (json_array_size(options) > 256) {
		refuse(j, "mounts", place("/mounts/%zu/options", i), NULL, "more options than any mount has");
		return false;
	}
	json_array_foreach(options, k, v) {
		/* It changes what is mounted there already, whatever its type and source say, and of a bind the host's file system. */
		if (is_text(v, "remount")) {
			refuse(j, "mounts", place("/mounts/%zu/options/%zu", i, k), "mount it with these options at once",
			       "a remount changes what others mounted on %.80s", target);
			return false;
		}
		if (strchr(json_string_value(v), ',')) {	/* crun and runc hand the kernel one text, and its last word counts */
			refuse(j, "mounts", place("/mounts/%zu/options/%zu", i, k), "an option to each string", "\"%.80s\" is more than one option",
			       json_string_value(v));
			return false;
		}
	}
	return true;
}

static void judge_shm(struct judging *j, json_t *mount, size_t i, const char *target)
{
	if (strcmp(target, "/dev/shm") != 0)
		return;
	if (!j->bound->shm)
		demand(j, "shm", mount, i, READ_ONLY);
	else if (is_tmpfs(mount))
		limit_size(j, mount, i, "shm", j->bound->shm);
}

/* For this the masks are not asked for: whatever is mounted there shows processes, or nothing of the kernel's. */
static void judge_proc(struct judging *j, json_t *mount, size_t i, const char *target)
{
	const char *type = text_of(mount, "type");

	if (is_bind(mount) && strcmp(target, "/proc") == 0)
		refuse(j, "proc", place("/mounts/%zu", i), "{\"type\": \"proc\"} with the option subset=pid", "a bind of %.80s on /proc may show more than processes",
		       text_of(mount, "source"));
	else if (!is_bind(mount) && strcmp(type, "proc") == 0 && !has_word(member(mount, "options"), "subset=pid") &&
		 below(j, "proc", place("/mounts/%zu/options", i), "subset=pid", "shows more than processes"))
		append(j, array_at(j, mount, "options"), json_string("subset=pid"));
}

static bool is_sys(const json_t *mount)
{
	char target[PATH_MAX];

	return mount_target(mount, target) && path_below(target, "/sys");
}

void judge_mounts(struct judging *j)
{
	const bool asked = j->bound->mounts_given || j->bound->shm != UINT64_MAX || j->bound->proc_pid;
	json_t *list = mounts_of(j);
	char target[PATH_MAX];

	for (size_t i = json_array_size(list); j->bound->no_sys && i-- > 0;)
		if (is_sys(json_array_get(list, i)) &&
		    below(j, "sys", place("/mounts/%zu", i), "leave it out", "%.80s is not wanted", text_of(json_array_get(list, i), "destination")))
			json_array_remove(list, i);
	for (size_t i = 0; asked && i < json_array_size(list); i++) {
		json_t *mount = json_array_get(list, i);

		if (!is_plain(j, mount, i, target))
			continue;
		if (j->bound->mounts_given)
			judge_one(j, mount, i, target);
		judge_shm(j, mount, i, target);
		if (j->bound->proc_pid)
			judge_proc(j, mount, i, target);
	}
}
