/* suggest.c - "did you mean ...?"; see suggest.h.
 *
 * The distance is Damerau's (insert, delete, replace, swap neighbours), with wrong case and
 * "-" for "_" free of charge: those are the commonest slips. */
#include "suggest.h"

#include "../base/cleanup.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static char fold(char c)
{
	return c == '-' || c == '.' ? '_' : (char)tolower((unsigned char)c);
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Both texts are shorter than GUESS_MAX. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[3][GUESS_MAX + 1];	/* of the table: before last, last, current */
	size_t *before = row[0], *last = row[1], *now = row[2], *spare;

	for (size_t j = 0; j <= nb; j++)
		last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			char x = fold(a[i - 1]), y = fold(b[j - 1]);

			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[nb];
}

void guess_start(struct guess *g, const char *word)
{
	*g = (struct guess){ .word = word, .distance = 2 + strlen(word) / 5 };
	if (strlen(word) < 4)
		g->distance = 2;
}

void guess_offer(struct guess *g, const char *candidate, size_t len)
{
	size_t n = strlen(g->word), d;

	if (n >= GUESS_MAX || len >= GUESS_MAX)
		return;
	d = distance(g->word, n, candidate, len);
	if (d >= g->distance || d >= len)
		return;
	g->distance = d;
	memcpy(g->best, candidate, len);
	g->best[len] = '\0';
}

/* Words of docker, compose, Kubernetes, the OCI and systemd; sorted by what they are about. */
static const struct { const char *foreign, *ours; } words[] = {
	{ "memory", "limits.memory" }, { "mem", "limits.memory" }, { "mem_limit", "limits.memory" },
	{ "memory_max", "limits.memory" }, { "memory_swap", "limits.swap" }, { "memswap_limit", "limits.swap" },
	{ "memory_reservation", "limits.memory_high" }, { "cpu", "limits.cpus" }, { "cpu_quota", "limits.cpus" },
	{ "cpu_shares", "limits.cpu_weight" }, { "cpuset_cpus", "limits.cpuset" }, { "pids_limit", "limits.pids" },
	{ "tasks_max", "limits.pids" }, { "blkio", "limits.io" }, { "blkio_config", "limits.io" },
	{ "ulimit", "limits.rlimits" }, { "ulimits", "limits.rlimits" }, { "rlimit", "limits.rlimits" },
	{ "resources", "limits" }, { "oom_kill_disable", "limits.oom_group" },
	{ "cap_add", "capabilities" }, { "caps", "capabilities" }, { "ambient_capabilities", "capabilities" },
	{ "cap_drop", "there is nothing to drop: \"capabilities\" starts empty" },
	{ "privileged", "there is no such mode: name the \"capabilities\", \"devices\" and \"mounts\" that are needed" },
	{ "no_new_privileges", "no_new_privs is always on" }, { "no_new_privs", "no_new_privs is always on" },
	{ "read_only", "the rootfs is always read-only; a mount has \"read_only\"" },
	{ "read_only_rootfs", "the rootfs is always read-only" }, { "readonly", "the rootfs is always read-only" },
	{ "readonly_rootfs", "the rootfs is always read-only" },
	{ "security_opt", "see the keys \"seccomp\" and \"apparmor\"" },
	{ "masked_paths", "see the key \"proc\"" }, { "readonly_paths", "see the key \"proc\"" },
	{ "secrets", "mount each as a file: \"mounts\" with \"read_only\", below /run/secrets" },
	{ "environment", "env" }, { "env_file", "env" }, { "command", "args" }, { "cmd", "args" }, { "argv", "args" },
	{ "entrypoint", "args" }, { "exec_start", "args" }, { "working_dir", "cwd" }, { "workdir", "cwd" },
	{ "root", "rootfs" }, { "image", "rootfs" }, { "uid", "user.uid" }, { "gid", "user.gid" }, { "umask", "user.umask" },
	{ "run_as_user", "user.uid" }, { "run_as_group", "user.gid" }, { "group_add", "user.groups" },
	{ "additional_gids", "user.groups" }, { "supplementary_groups", "user.groups" },
	{ "volumes", "mounts" }, { "volume", "mounts" }, { "binds", "mounts" }, { "bind", "mounts" },
	{ "tmpfs", "mounts" }, { "shm_size", "shm" }, { "device", "devices" },
	{ "src", "source" }, { "dst", "target" }, { "destination", "target" },
	{ "net", "network" }, { "network_mode", "network.mode" }, { "ports", "network.listen" },
	{ "expose", "network.listen" }, { "extra_hosts", "hosts" }, { "add_host", "hosts" }, { "nameserver", "dns" },
	{ "sysctls", "sysctl" }, { "container_name", "name" }, { "stop_signal", "stop.signal" },
	{ "kill_signal", "stop.signal" }, { "stop_timeout", "stop.timeout" }, { "stop_grace_period", "stop.timeout" },
	{ "userns", "namespaces.user" }, { "ipc", "namespaces.ipc" }, { "uts", "namespaces.uts" },
	{ "cgroupns", "namespaces.cgroup" }, { "mount", "mounts; its own mount namespace the workload always has" },
	{ "pid", "a PID namespace of its own the workload always has" },
	{ "restart", "restarting is the service manager's work" },
	{ "log_driver", "stdout and stderr are the caller's" }, { "tty", "stdin, stdout and stderr are the caller's" },
};

static bool same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (fold(*a) == '_')
			a++;
		while (fold(*b) == '_')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

const char *foreign_word(const char *word)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (same_word(word, words[i].foreign))
			return words[i].ours;
	return NULL;
}
