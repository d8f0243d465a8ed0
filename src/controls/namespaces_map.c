/* namespaces_map.c - who is who in a new user namespace.
 *
 * Root writes the maps of the container's process. An ordinary user enters the namespace first, and may map its own id there and no
 * other; what /etc/subuid and /etc/subgid grant beyond that, newuidmap(1) and newgidmap(1) write: from outside, so they are
 * started before we go in, and wait. */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* --- the ranges of an ordinary user --- */

enum { MAPPERS = 2, RANGES_MAX = 64, ID_TEXT = 11 };

static const struct mapping {
	const char *program, *file, *pointer;
} mappings[MAPPERS] = { { "newuidmap", "/etc/subuid", "/linux/uidMappings" }, { "newgidmap", "/etc/subgid", "/linux/gidMappings" } };

struct mapper { pid_t pid; int go; };

/* The namespace is its parent's, and there once it gets the word; a parent that died gives none. */
static _Noreturn void be_mapper(struct launch *l, const char *program, const char *const argv[], int go)
{
	static const char *const where[] = { "/usr/bin", "/bin", "/usr/local/bin" }, *const environment[] = { "LC_ALL=C", NULL };
	char path[64], word;
	int r = sys_unblock_signals(l->sys);

	if (r >= 0)
		r = sys_recv(l->sys, go, &word, 1, 0) == 1 ? 0 : -EPIPE;
	for (size_t i = 0; r >= 0 && i < COUNT(where); i++) {
		snprintf(path, sizeof(path), "%s/%s", where[i], program);
		(void)!sys_execve(l->sys, path, argv, environment);
	}
	for (;;)
		(void)sys_exit(l->sys, 127);
}

static int start_one(struct launch *l, const char *program, const struct plan_idmap *map, size_t n, struct mapper *m)
{
	struct clone_args args = { .exit_signal = SIGCHLD };	/* a fork */
	const char *argv[3 + 3 * RANGES_MAX] = { program };
	char text[1 + 3 * RANGES_MAX][ID_TEXT];
	size_t words = 0;
	int pair[2], r;

	if (n > RANGES_MAX)
		return -E2BIG;
	snprintf(text[words++], ID_TEXT, "%d", getpid());
	for (size_t i = 0; i < n; i++) {
		const uint32_t ids[] = { map[i].inside, map[i].outside, map[i].count };

		for (size_t k = 0; k < COUNT(ids); k++)
			snprintf(text[words++], ID_TEXT, "%u", ids[k]);
	}
	for (size_t i = 0; i < words; i++)
		argv[1 + i] = text[i];
	r = sys_socketpair(l->sys, SOCK_SEQPACKET, pair);
	if (r < 0)
		return r;
	r = sys_clone3(l->sys, &args, sizeof(args));
	if (r == 0) {
		(void)!sys_close(l->sys, pair[0]);
		be_mapper(l, program, argv, pair[1]);
	}
	(void)!sys_close(l->sys, pair[1]);
	*m = (struct mapper){ r, pair[0] };
	if (r < 0)
		(void)!sys_close(l->sys, pair[0]);
	return r;
}

static bool has_id(const struct plan_idmap *map, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (id >= map[i].outside && id - map[i].outside < map[i].count)
			return true;
	return false;
}

/* Each waits for one word; without it, it ends. */
static int mappers_end(struct launch *l, struct mapper v[MAPPERS], bool go, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; i < MAPPERS; i++) {
		int status = -1;

		if (v[i].pid <= 0)
			continue;
		if (go)
			(void)!sys_send(l->sys, v[i].go, "g", 1);
		(void)!sys_close(l->sys, v[i].go);
		while (waitpid(v[i].pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!go || ret < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
			continue;
		err_set(e, ERR_HOST, 0, WIFEXITED(status) && WEXITSTATUS(status) == 127 ? "install it: package uidmap" :
			"the ids must be your own, or granted to you there; or let the engine make the user namespace (podman unshare)",
			"%s cannot map these ids: %s", mappings[i].program, mappings[i].file);
		ret = err_at(e, "%s", mappings[i].pointer);
	}
	return ret;
}

static int mappers_start(struct launch *l, struct mapper v[MAPPERS], struct err *e)
{
	const struct plan *p = l->plan;
	int r;

	/* Whoever goes in has to be somebody there: what it makes belongs to that id. */
	if (!has_id(p->uid_map, p->n_uid_map, l->uid) || !has_id(p->gid_map, p->n_gid_map, l->gid)) {
		err_set(e, ERR_HOST, 0, "map it, as a rule to 0", "your own id %u:%u is not among those that are mapped", l->uid, l->gid);
		return err_at(e, "%s", mappings[has_id(p->uid_map, p->n_uid_map, l->uid)].pointer);
	}
	r = start_one(l, mappings[0].program, p->uid_map, p->n_uid_map, &v[0]);
	if (r >= 0)
		r = start_one(l, mappings[1].program, p->gid_map, p->n_gid_map, &v[1]);
	if (r >= 0)
		return 0;
	(void)!mappers_end(l, v, false, e);
	err_set(e, ERR_HOST, r, r == -E2BIG ? "64 ranges at most" : NULL, "cannot start newuidmap");
	return err_at(e, "%s", mappings[v[0].pid > 0].pointer);
}

/* --- a namespace of our own --- */

/* Of ourselves, the one line that an ordinary user may write (user_namespaces(7)): its own id, under another number. */
static int map_ourselves(struct launch *l, const char *file, uint32_t inside, uint32_t own)
{
	char map[64];

	snprintf(map, sizeof(map), "%u %u 1", inside, own);
	return sys_write_file(l->sys, AT_FDCWD, file, map);
}

static bool is_own_id(const struct plan_idmap *map, size_t n, uint32_t own)
{
	return n == 1 && map->outside == own && map->count == 1;
}

static int map_own_id(struct launch *l)
{
	const struct plan *p = l->plan;
	int r = sys_write_file(l->sys, AT_FDCWD, "/proc/self/setgroups", "deny");

	if (r >= 0)
		r = map_ourselves(l, "/proc/self/uid_map", l->shares_userns ? p->uid_map->inside : p->uid, l->uid);
	if (r >= 0)
		r = map_ourselves(l, "/proc/self/gid_map", l->shares_userns ? p->gid_map->inside : p->gid, l->gid);
	return r;
}

int userns_enter(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;
	struct mapper v[MAPPERS] = { { .pid = 0 } };
	bool others;
	int r;

	if (!l->rootless)
		return 0;
	/* A config.json says which ids there are, and root may be one: then ours is the container's as well. */
	l->shares_userns = p->held && p->own_userns;
	others = l->shares_userns && !(is_own_id(p->uid_map, p->n_uid_map, l->uid) && is_own_id(p->gid_map, p->n_gid_map, l->gid));
	if (others && mappers_start(l, v, e) < 0)
		return -1;
	r = sys_unshare(l->sys, CLONE_NEWUSER | CLONE_NEWNS);
	if (r < 0) {
		(void)!mappers_end(l, v, false, e);
		return err_set(e, ERR_HOST, r, "are unprivileged user namespaces allowed here? (user.max_user_namespaces, "
			       "kernel.unprivileged_userns_clone)", "cannot make a user namespace");
	}
	if (others)
		return mappers_end(l, v, true, e);
	r = map_own_id(l);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot map our own ids") : 0;
}

/* --- the container's --- */

static int write_map(struct launch *l, const char *file, const struct plan_idmap *map, size_t n, struct err *e)
{
	char path[64], text[4096];	/* one write of less than a page: user_namespaces(7) */
	size_t len = 0;
	int r = 0;

	for (size_t i = 0; i < n && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u %u %u\n", map[i].inside, map[i].outside, map[i].count);
	if (len >= sizeof(text))
		r = -E2BIG;
	snprintf(path, sizeof(path), "/proc/%d/%s", l->pid, file);
	if (r >= 0)
		r = sys_write_file(l->sys, AT_FDCWD, path, text);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot write %s", file) : 0;
}

int idmaps_write(struct launch *l, struct err *e)
{
	const struct plan *p = l->plan;

	if (!p->own_userns || l->shares_userns)
		return 0;
	if (write_map(l, "uid_map", p->uid_map, p->n_uid_map, e) < 0)
		return -1;
	/* An ordinary user may map one group: its own (user_namespaces(7)). */
	return write_map(l, "gid_map", p->gid_map, l->rootless ? 1 : p->n_gid_map, e);
}
