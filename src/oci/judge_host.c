/* judge_host.c - what a bound has to know of the host, and the host's own floor. The judge itself is pure. */
#include "judge.h"

#include "../base/cleanup.h"
#include "../base/sys.h"
#include "../controls/seccomp.h"
#include "../launch/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static bool device(const char *path, bool *block, unsigned *major_number, unsigned *minor_number)
{
	struct stat st;

	if (lstat(path, &st) < 0 || (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode)))
		return false;
	*block = S_ISBLK(st.st_mode);
	*major_number = major(st.st_rdev);
	*minor_number = minor(st.st_rdev);
	return true;
}

/* A path has to lead to a namespace, and whoever opens it to the same: so of magic links only that of a process by its number. */
static bool look_at_namespace(const char *path, struct stat *ret)
{
	_auto(close_fd) int fd = -1;
	struct statfs fs;
	unsigned pid;
	int used = 0;

	if (sscanf(path, "/proc/%u/ns/%*[a-z]%n", &pid, &used) == 1 && !path[used])
		fd = open(path, O_PATH | O_CLOEXEC);
	else
		fd = sys_open_beneath(&sys_kernel, AT_FDCWD, path, O_PATH, false);
	return fd >= 0 && sys_fstatfs(&sys_kernel, fd, &fs) >= 0 && fs.f_type == NSFS_MAGIC && fstat(fd, ret) == 0;
}

/* Ours and PID 1's: an engine that runs in namespaces of its own hands out neither. What cannot be looked at is taken for
 * the host's. */
static bool host_namespace(const char *type, const char *path)
{
	const char *name = strcmp(type, "network") == 0 ? "net" : strcmp(type, "mount") == 0 ? "mnt" : type;
	static const char *const whose[] = { "self", "1" };
	struct stat st, host;
	char file[64];

	if (strlen(name) > 16 || !look_at_namespace(path, &st))
		return true;
	for (size_t i = 0; i < COUNT(whose); i++) {
		snprintf(file, sizeof(file), "/proc/%s/ns/%s", whose[i], name);
		if (stat(file, &host) == 0 && host.st_dev == st.st_dev && host.st_ino == st.st_ino)
			return true;
	}
	return false;
}

static bool real(const char *path, char ret[PATH_MAX])
{
	return realpath(path, ret) != NULL;
}

/* The host's own map is the identity over all ids (user_namespaces(7)), and counts as none. */
static size_t read_lines(int dir, const char *file, struct oci_id_map *map, size_t max)
{
	char text[16384];
	ssize_t len = sys_read_file(&sys_kernel, dir, file, text, sizeof(text));
	const char *at = text;
	size_t n = 0;
	int used;

	while (len > 0 && n < max && sscanf(at, " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n", &map[n].inside, &map[n].outside, &map[n].count, &used) == 3) {
		at += used;
		n++;
	}
	return n;
}

static size_t read_map(const char *file, struct oci_id_map *map, size_t max)
{
	const size_t n = read_lines(AT_FDCWD, file, map, max);

	return n == 1 && map[0].inside == 0 && map[0].outside == 0 && map[0].count == UINT32_MAX ? 0 : n;
}

/* Only a process in a namespace shows its maps; that it has the namespace is seen by the directory that is held, while it lives. */
static size_t maps(const char *path, bool group, struct oci_id_map *map, size_t max)
{
	const char *file = group ? "gid_map" : "uid_map";
	_auto(close_fd) int dir = -1;
	struct stat there, of_process;
	char process[32];
	unsigned pid;
	int used = 0;

	if (sscanf(path, "/proc/%u/ns/user%n", &pid, &used) != 1 || path[used])
		return 0;
	snprintf(process, sizeof(process), "/proc/%u", pid);
	dir = sys_open_exact(&sys_kernel, AT_FDCWD, process, O_PATH | O_DIRECTORY);
	if (dir < 0 || stat(path, &there) < 0 || fstatat(dir, "ns/user", &of_process, 0) < 0 || there.st_dev != of_process.st_dev ||
	    there.st_ino != of_process.st_ino)
		return 0;
	return read_lines(dir, file, map, max);
}

void oci_facts_here(struct oci_facts *f)
{
	char score[16];

	*f = (struct oci_facts){ .kernel = seccomp_kernel(), .device = device, .real = real, .host_namespace = host_namespace, .maps = maps };
	f->n_uid = read_map("/proc/self/uid_map", f->uid, COUNT(f->uid));
	f->n_gid = read_map("/proc/self/gid_map", f->gid, COUNT(f->gid));
	if (sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/oom_score_adj", score, sizeof(score)) > 0)
		f->oom_score_adj = strtol(score, NULL, 10);
}

/* --- the floor --- */

struct breach { struct err *e; unsigned n; };

static void breached(void *ctx, const struct finding *f)
{
	struct breach *b = ctx;

	if (f->severity != SEV_ERROR || b->n++ > 0)
		return;
	err_set(b->e, ERR_POLICY, 0, f->hint, "config.json is below the floor: %s", f->msg);
	err_at(b->e, "%s", f->pointer);
}

/* What is judged is what will be mounted: the runtime follows no link then on its way to a source, and whoever exchanges a name meanwhile
 * gets nothing. */
static void name_real_sources(json_t *config)
{
	char path[PATH_MAX];
	json_t *mount;
	size_t i;

	json_array_foreach(json_object_get(config, "mounts"), i, mount) {
		const char *source = json_string_value(json_object_get(mount, "source"));

		/* Without memory it stays as it is, and is refused if there is a link. */
		if (source && *source == '/' && realpath(source, path) && strcmp(source, path) != 0)
			(void)!json_object_set_new(mount, "source", json_string(path));
	}
}

int oci_floor_bind(json_t *config, const struct oci_facts *facts, const char **file, char sha256[65], struct err *e)
{
	_auto(arena_free) struct arena arena = { 0 }, profiles = { 0 };
	struct err inner = { 0 };
	struct breach breach = { .e = e };
	const struct findings findings = { breached, &breach };
	struct bound host;
	struct oci_bound bound;
	int r = floor_of_host(&arena, &host, e);

	*file = NULL;
	if (r == 0)
		return 0;
	if (r > 0 && arena_init(&profiles, 32 * PROFILE_BYTES_MAX) < 0)
		r = err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold the floor's seccomp profiles");
	if (r > 0)
		r = oci_bound_of_floor(&host.floor, FLOOR_FILE, &profiles, &bound, e);
	if (r == 0) {
		name_real_sources(config);
		r = oci_judge(config, &bound, facts, host.floor.oci == FLOOR_OCI_TIGHTEN ? OCI_TIGHTEN : OCI_JUDGE, &findings, &inner);
		if (r < 0)
			*e = inner;
	}
	if (r != 0)
		return err_step(e, "floor");
	*file = FLOOR_FILE;
	memcpy(sha256, host.sha256, sizeof(host.sha256));
	return 0;
}
