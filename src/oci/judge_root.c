/* judge_root.c - config.json against a bound: the root, what is hidden in it, and whether mounts spread. */
#include "judging.h"

#include "../policy/path.h"
#include "../policy/tree.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* --- the root --- */

/* Paths are the engine's: only a floor has something to say. */
void judge_rootfs(struct judging *j)
{
	const char *path = text_of(member(j->config, "root"), "path");
	const struct strings *trees = &j->bound->rootfs;
	char full[PATH_MAX];

	if (*path && *path != '/' && j->facts->bundle && snprintf(full, sizeof(full), "%s/%s", j->facts->bundle, path) < (int)sizeof(full))
		path = full;
	for (size_t i = 0; i < trees->n; i++)
		if (*path == '/' && !strstr(path, "/..") && path_below(path, trees->v[i]))
			return;
	if (trees->v)
		refuse(j, "rootfs", place("/root/path"), NULL, "%.100s is none of the directories that are allowed", path);
}

static bool mounted_at(const struct judging *j, const char *target)
{
	char path[PATH_MAX];
	json_t *v;
	size_t i;

	json_array_foreach(member(j->config, "mounts"), i, v)
		if (mount_target(v, path) && strcmp(path, target) == 0)
			return true;
	return false;
}

static void add_tmpfs(struct judging *j, const struct mount_policy *m)
{
	json_t *user = member(member(j->config, "process"), "user"), *mount, *options;
	char size[48], inodes[48], mode[24];
	int64_t id;

	if (mounted_at(j, m->target))
		return;
	snprintf(size, sizeof(size), "size=%" PRIu64, m->size);
	snprintf(inodes, sizeof(inodes), "nr_inodes=%" PRIu64, m->inodes);
	snprintf(mode, sizeof(mode), "mode=%04o", (unsigned)m->mode);
	mount = json_pack("{s:s, s:s, s:s, s:[s, s, s]}", "destination", m->target, "type", "tmpfs", "source", "tmpfs",
			  "options", size, inodes, mode);
	options = member(mount, "options");
	if (m->mode != 01777)	/* whoever writes there has to own it */
		for (size_t i = 0; i < 2; i++) {
			char owner[32];

			if (!integer_of(member(user, i ? "gid" : "uid"), &id))
				continue;
			snprintf(owner, sizeof(owner), "%s=%" PRId64, i ? "gid" : "uid", id);
			append(j, options, json_string(owner));
		}
	append(j, options, json_string(m->suid ? "suid" : "nosuid"));
	append(j, options, json_string(m->dev ? "dev" : "nodev"));
	append(j, options, json_string(m->exec ? "exec" : "noexec"));
	append(j, array_at(j, j->config, "mounts"), mount);
}

/* What was written to the root goes to a tmpfs now: the policy's, and /tmp in any case. */
void judge_root(struct judging *j)
{
	static const struct mount_policy tmp = { .type = MOUNT_TMPFS, .target = "/tmp", .size = 64 << 20, .inodes = 16384, .mode = 01777 };
	json_t *root = member(j->config, "root");

	if (json_is_true(member(root, "readonly")) ||
	    !below(j, "", place("/root/readonly"), "--read-only, and volumes or a tmpfs for what is written", "the root can be written"))
		return;
	put(j, root, "readonly", json_true());
	for (size_t i = 0; j->bound->of_policy && i < j->bound->n_mounts; i++)
		if (j->bound->mounts[i].type == MOUNT_TMPFS)
			add_tmpfs(j, &j->bound->mounts[i]);
	add_tmpfs(j, &tmp);
}

/* --- propagation --- */

static bool spreads(const char *word)
{
	static const char *const words[] = { "shared", "rshared", "slave", "rslave" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

void judge_propagation(struct judging *j)
{
	json_t *linux_part = member(j->config, "linux"), *v;
	size_t i;

	if (spreads(text_of(linux_part, "rootfsPropagation")) &&
	    below(j, "", place("/linux/rootfsPropagation"), "private", "what is mounted inside and outside is not kept apart"))
		put(j, linux_part, "rootfsPropagation", json_string("rprivate"));
	json_array_foreach(member(j->config, "mounts"), i, v) {
		json_t *options = member(v, "options");
		bool found = false;

		for (size_t k = json_array_size(options); j->bound->mounts_given && k-- > 0;) {
			if (!spreads(json_string_value(json_array_get(options, k))) ||
			    (!found && !below(j, "", place("/mounts/%zu/options/%zu", i, k), "rprivate", "what is mounted inside and outside is not kept apart")))
				continue;
			found = true;
			json_array_remove(options, k);
		}
		if (found)
			append(j, options, json_string("rprivate"));
	}
}

/* --- masks --- */

static void cover(struct judging *j, const char *list, const char *path)
{
	json_t *linux_part = member(j->config, "linux");

	if (!has_word(member(linux_part, list), path) &&
	    below(j, "proc", place("/linux/%s", list), "keep the engine's own: no --privileged, no systempaths=unconfined", "%s is missing", path))
		append(j, array_at(j, object_at(j, j->config, "linux"), list), json_string(path));
}

/* What is judged is whether an engine's own masks were taken away: no option of any would add those that it does not have. What is
 * tightened gets ours as well. */
void judge_masks(struct judging *j)
{
	for (size_t i = 0; i < tree_masked_len; i++)
		if ((tree_masked[i].common || j->tighten) && (tree_masked[i].sys ? !j->bound->no_sys : !j->bound->proc_pid))
			cover(j, "maskedPaths", tree_masked[i].path);
	for (size_t i = 0; i < tree_read_only_len && !j->bound->proc_pid; i++)
		cover(j, "readonlyPaths", tree_read_only[i]);
}
