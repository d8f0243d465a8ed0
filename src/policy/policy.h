/* policy.h - the validated policy.
 *
 * Filled by policy_parse(), sealed, then read-only: everybody else only ever
 * sees `const struct policy *`. Strings and lists live in the policy's arena.
 * Every member has a hard default (its key row), so there is no "unset" but
 * where a comment says so. */
#pragma once

#include "../base/arena.h"
#include "../base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* The size of a list a policy may hold; more is an error of the policy. */
enum { POLICY_BYTES_MAX = 256 * 1024, POLICY_DEPTH_MAX = 16, LIST_MAX = 256 };
/* An arena of this size holds any policy. */
enum { POLICY_ARENA_SIZE = 4 * 1024 * 1024 };

/* NULL-terminated as well as counted, so that it can be an argv. */
struct strings { const char *const *v; size_t n; };
struct numbers { const uint64_t *v; size_t n; };
struct pair { const char *name, *value; };
struct pairs { const struct pair *v; size_t n; };

struct user_policy { uint64_t uid, gid, umask; struct numbers groups; };

struct io_limit { const char *path; uint64_t rbps, wbps, riops, wiops; /* 0: no limit */ };
/* Soft and hard limit alike. UINT64_MAX is "unlimited": as much as the launcher itself may. */
struct rlimit_policy { uint64_t nofile, nproc, core, fsize, memlock, stack, as, cpu, msgqueue, sigpending, rtprio; };

struct limits_policy {
	uint64_t memory, memory_high /* 0: off */, swap;	/* bytes */
	bool oom_group;
	uint64_t cpus;			/* millionths of a CPU */
	uint64_t cpu_weight;		/* 1..10000, 100 is the kernel's default */
	const char *cpuset;		/* "0-3,7" or "" for all */
	uint64_t pids;
	const struct io_limit *io; size_t n_io;
	struct rlimit_policy rlimits;
};

enum seccomp_deny { DENY_ERRNO, DENY_KILL, DENY_LOG };
struct seccomp_policy {
	const char *profile;	/* "default", or an absolute path, or "" when inline */
	const char *inline_json;/* compact JSON text of the inline profile, or NULL */
	uint64_t deny;		/* enum seccomp_deny: what a denied call gets */
};

struct namespaces_policy { bool user, ipc, uts, cgroup, time; };

enum mount_type { MOUNT_BIND, MOUNT_TMPFS };
struct mount_policy {
	uint64_t type;			/* enum mount_type */
	const char *source;		/* bind: absolute host path */
	const char *target;		/* absolute path in the container */
	bool read_only, exec, suid, dev, idmap;
	uint64_t size, inodes, mode;	/* tmpfs: bytes, count, permission bits */
};

enum network_mode { NETWORK_NONE, NETWORK_PATH, NETWORK_HOST };
struct network_policy {
	uint64_t mode;			/* enum network_mode */
	const char *path;		/* of the network namespace, mode "path" */
	struct numbers listen, connect;	/* TCP ports; Landlock binds them where the ABI knows TCP */
	bool restrict_listen, restrict_connect;	/* the key was given (an empty list allows none) */
};

enum secret_from { SECRET_FILE, SECRET_CREDENTIAL, SECRET_FD, SECRET_COMMAND };
enum { SECRET_NAME_MAX = 128, SECRET_MAX = 1 << 20 };
struct secret_policy {
	const char *name;		/* of the file in /run/secrets */
	uint64_t from;			/* enum secret_from; one of the next four goes with it */
	const char *file;		/* absolute host path */
	const char *credential;		/* name in $CREDENTIALS_DIRECTORY; "": `name` */
	uint64_t fd;
	struct strings command;		/* whose standard output it is */
	uint64_t mode;
};

enum proc_mode { PROC_MASKED, PROC_PID };
struct device_policy { const char *path; bool read, write; };
/* From which on it is told, 0: never; percent, but for the last two. */
struct alerts_policy { uint64_t cpu_throttled, memory_pressure, pids, restarts, denied_execs; };

enum health_failure { HEALTH_NOTHING, HEALTH_KILL };
/* One of exec and tcp, or neither: nobody asks. Times in ms. */
struct healthcheck_policy {
	struct strings exec;
	uint64_t tcp;			/* port, 0: none */
	uint64_t interval, timeout, start_period, retries;
	uint64_t on_failure;		/* enum health_failure */
};

enum socket_family { SOCKET_INET, SOCKET_UNIX };
enum socket_type { SOCKET_STREAM, SOCKET_DGRAM, SOCKET_SEQPACKET };
/* One that the service manager hands over; several may have the same name. */
struct socket_policy {
	const char *name;
	uint64_t family, type;		/* enum socket_family, enum socket_type */
	bool accepted;			/* a connection, not a listener */
};

/* Who says that the service is ready: the launcher, when the program has been executed; the workload itself; the first health
 * check that succeeds. */
enum notify_who { NOTIFY_LAUNCHED, NOTIFY_WORKLOAD, NOTIFY_HEALTHY };
struct stop_policy { uint64_t signal, timeout; /* ms */ };
struct time_policy { int64_t monotonic, boottime; /* s */ };

enum log_driver { LOG_INHERIT, LOG_JOURNALD, LOG_JSON_FILE, LOG_TO_SYSLOG };
enum log_full { LOG_FULL_BLOCK, LOG_FULL_DROP };
enum log_failure { LOG_FAILURE_STOP, LOG_FAILURE_DROP };
struct log_policy {
	uint64_t driver;		/* enum log_driver */
	const char *path;		/* json-file: the directory; "": the usual one of the container's name */
	uint64_t max_size, max_files;	/* json-file: bytes of a file, files with the one that is written */
	bool compress;			/* json-file: those that are no longer written */
	uint64_t full;			/* enum log_full */
	uint64_t failure;		/* enum log_failure */
};

struct policy {
	uint64_t version;
	const char *name, *hostname, *rootfs, *cwd;
	struct strings args;
	struct pairs env;
	struct strings env_pass;
	struct user_policy user;
	struct limits_policy limits;
	uint64_t capabilities;		/* bit n: capability n */
	struct seccomp_policy seccomp;
	bool exec_once;
	bool exec;			/* `casemate exec` may bring in other programs */
	const char *apparmor;		/* profile name */
	bool landlock;
	struct namespaces_policy namespaces;
	struct network_policy network;
	const struct mount_policy *mounts; size_t n_mounts;	/* one of them is always on /tmp */
	uint64_t shm;			/* bytes of /dev/shm, 0: none */
	uint64_t proc;			/* enum proc_mode */
	bool sys;			/* /sys and /sys/fs/cgroup, read-only */
	bool passwd;			/* an /etc/passwd and /etc/group made for the ids */
	struct pairs hosts;		/* name -> address, added to /etc/hosts */
	struct strings dns;		/* nameserver addresses of /etc/resolv.conf */
	const struct device_policy *devices; size_t n_devices;
	const struct secret_policy *secrets; size_t n_secrets;
	bool init;
	struct stop_policy stop;
	uint64_t reload_signal;
	struct healthcheck_policy healthcheck;
	struct alerts_policy alerts;
	const struct socket_policy *sockets; size_t n_sockets;
	uint64_t notify;		/* enum notify_who */
	struct pairs sysctl;
	struct time_policy time;
	struct log_policy log;
};

/* An error refuses a launch; a warning is a weakening, which the launch record names; a note is advice. */
enum severity { SEV_ERROR, SEV_WARNING, SEV_NOTE };

struct finding {
	const char *rule;	/* "network.host": stable; src/check has a row for each, which says why */
	enum severity severity;
	const char *pointer;	/* into the policy */
	const char *msg;	/* lower case, no full stop */
	const char *hint;	/* what to do, or NULL */
};

/* check() reports through this; the launcher refuses on SEV_ERROR, `casemate check`
 * prints everything. One function, so they cannot disagree. */
struct findings {
	void (*emit)(void *ctx, const struct finding *);
	void *ctx;
};

static inline void report(const struct findings *f, const char *rule, enum severity severity, const char *pointer,
			  const char *msg, const char *hint)
{
	f->emit(f->ctx, &(struct finding){ rule, severity, pointer, msg, hint });
}

/* One place where a value came from, for `explain` and for messages. */
struct setting { const char *key, *value; };	/* --set KEY=VALUE, in order */

struct policy_source {
	const char *text;		/* JSON text, not necessarily NUL-terminated */
	size_t len;
	const struct setting *set; size_t n_set;	/* laid over the text before validation */
};

/* Parses, validates, fills and seals. On failure *ret is untouched, *e has kind ERR_POLICY,
 * path, and line:column where a place in the text is to blame. `arena` owns all of *ret. */
must_check int policy_parse(const struct policy_source *src, struct arena *arena,
			    struct policy *ret, struct err *e);
/* Line and column of what a JSON pointer names, or of the nearest that holds it. */
void policy_locate(const struct policy_source *src, const char *pointer, int *line, int *column);
/* The effective policy as JSON text (defaults filled in, settings applied), for the state
 * directory and for export; parsing it again gives the same policy. In the arena. */
must_check int policy_effective(const struct policy_source *src, struct arena *arena,
				const char **json, struct err *e);
struct language;	/* key.h: language_policy, language_floor */
void language_schema(const struct language *, FILE *out);	/* JSON Schema 2020-12 */
void language_man(const struct language *, FILE *out);		/* the KEYS section of its page, roff */
/* Every effective key: value, origin (policy, --set, default), what it protects. */
must_check int policy_explain(const struct policy_source *src, FILE *out, struct err *e);
