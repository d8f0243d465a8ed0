/* judge_engine.c - the files that engines make for every container and bind where programs look for them: what nobody asked for, and
 * nobody can have otherwise. Each is known by its target and by where its engine keeps it: beside them lie the engines' sockets, their
 * images, and what belongs to other containers. */
#include "judging.h"

#include <fnmatch.h>
#include <string.h>

/* Where each container has a directory. Root's: nobody else can put anything there. */
#define PODMAN "/storage/*-containers/*"	/* cri-o as well; the storage driver's name before it */
#define CRI "/io.containerd.*/sandboxes/*"
static const char *const dirs[] = {
	"/var/lib/containers" PODMAN, "/run/containers" PODMAN, "/var/run/containers" PODMAN,
	"/var/lib/docker/containers/*", "/var/lib/containerd" CRI, "/run/containerd" CRI,
};

#define POD "/var/lib/kubelet/pods/*"

/* What lies in such a directory by its name, or by its whole path. */
static const struct { const char *target, *source; unsigned want; } files[] = {
	{ "/etc/hostname", "hostname", READ_ONLY | HARD }, { "/etc/resolv.conf", "resolv.conf", READ_ONLY | HARD },
	{ "/etc/hosts", "hosts", READ_ONLY | HARD }, { "/etc/hosts", POD "/etc-hosts", READ_ONLY | HARD },
	{ "/etc/passwd", "passwd", READ_ONLY | HARD }, { "/etc/group", "group", READ_ONLY | HARD },
	{ "/run/.containerenv", ".containerenv", READ_ONLY | HARD }, { "/run/secrets", "secrets", READ_ONLY | HARD },
	{ "/dev/termination-log", POD "/containers/*/*", HARD }, { "/dev/shm", "shm", HARD },
	{ "/run/podman-init", "/usr/*/podman/catatonit", READ_ONLY | NO_SUID | NO_DEV }, { "/run/podman-init", "/usr/bin/catatonit", READ_ONLY | NO_SUID | NO_DEV },
	{ "/dev/init", "/usr/*/podman/catatonit", READ_ONLY | NO_SUID | NO_DEV }, { "/dev/init", "/usr/bin/catatonit", READ_ONLY | NO_SUID | NO_DEV },
	{ "/sbin/docker-init", "/usr/bin/docker-init", READ_ONLY | NO_SUID | NO_DEV },
	{ "/sbin/docker-init", "/usr/bin/tini-static", READ_ONLY | NO_SUID | NO_DEV },
};

static bool lies_there(const char *source, const char *where)
{
	const char *name = strrchr(source, '/');

	if (*where == '/')
		return fnmatch(where, source, FNM_PATHNAME) == 0;
	for (size_t i = 0; strcmp(name + 1, where) == 0 && i < COUNT(dirs); i++)
		if (fnmatch(dirs[i], source, FNM_PATHNAME | FNM_LEADING_DIR) == 0)
			return true;
	return false;
}

unsigned engine_file(bool rootless, const char *target, const char *source)
{
	for (size_t i = 0; *source == '/' && !strstr(source, "/..") && i < COUNT(files); i++)
		if (strcmp(files[i].target, target) == 0 && (rootless || lies_there(source, files[i].source)))
			return files[i].want;
	return 0;
}
