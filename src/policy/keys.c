/* keys.c - the policy language: every key there is, in the order in which the man page reads.
 *
 * All rows stand in one table, so that the whole language can be read on one page, and a
 * default can be weighed against its neighbours. */
#include "key.h"

#include "../base/cleanup.h"
#include "policy.h"

#include <stddef.h>

#define AT(member) offsetof(struct policy, member)
#define ITEMS(rows, type) .item = (rows), .n_item = COUNT(rows), .item_size = sizeof(type)

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define SIZE_LIMIT (UINT64_C(1) << 50)	/* 1024T: more than any machine has, far from every overflow */
/* (uid_t)-1 means "leave it as it is" to setresuid(2): it must never come out of a policy. */
#define ID_LIMIT UINT64_C(4294967294)
/* The kernel refuses clock offsets beyond half of its range: time_namespaces(7). */
#define TIME_LIMIT INT64_C(4611686018)

static const char *const deny_names[] = { [DENY_ERRNO] = "errno", [DENY_KILL] = "kill", [DENY_LOG] = "log", NULL };
static const char *const mount_names[] = { [MOUNT_BIND] = "bind", [MOUNT_TMPFS] = "tmpfs", NULL };
static const char *const network_names[] = {
	[NETWORK_NONE] = "none", [NETWORK_PATH] = "path", [NETWORK_HOST] = "host", NULL };
static const char *const secret_names[] = { [SECRET_FILE] = "file", [SECRET_CREDENTIAL] = "credential", [SECRET_FD] = "fd",
					      [SECRET_COMMAND] = "command", NULL };
static const char *const driver_names[] = { [LOG_INHERIT] = "inherit", [LOG_JOURNALD] = "journald", [LOG_JSON_FILE] = "json-file",
	[LOG_TO_SYSLOG] = "syslog", NULL };
static const char *const full_names[] = { [LOG_FULL_BLOCK] = "block", [LOG_FULL_DROP] = "drop", NULL };
static const char *const failure_names[] = { [LOG_FAILURE_STOP] = "stop", [LOG_FAILURE_DROP] = "drop", NULL };
static const char *const proc_names[] = { [PROC_MASKED] = "masked", [PROC_PID] = "pid", NULL };

static const char *const family_names[] = { [SOCKET_INET] = "inet", [SOCKET_UNIX] = "unix", NULL };
static const char *const socket_names[] = {
	[SOCKET_STREAM] = "stream", [SOCKET_DGRAM] = "dgram", [SOCKET_SEQPACKET] = "seqpacket", NULL };
static const char *const notify_names[] = { [NOTIFY_LAUNCHED] = "launched", [NOTIFY_WORKLOAD] = "workload", [NOTIFY_HEALTHY] = "healthy", NULL };
static const char *const unhealthy_names[] = { [HEALTH_NOTHING] = "none", [HEALTH_KILL] = "kill", NULL };

static const struct key io_keys[] = {
	{ "path", KEY_STRING, offsetof(struct io_limit, path), NULL, .syntax = &syntax_path, .unique = true,
	  .doc = "The block device, or a path on the file system whose device is meant." },
	{ "rbps", KEY_SIZE, offsetof(struct io_limit, rbps), "0", .max = SIZE_LIMIT,
	  .doc = "Bytes read per second; 0 is no limit." },
	{ "wbps", KEY_SIZE, offsetof(struct io_limit, wbps), "0", .max = SIZE_LIMIT,
	  .doc = "Bytes written per second; 0 is no limit." },
	{ "riops", KEY_UINT, offsetof(struct io_limit, riops), "0", .max = UINT32_MAX,
	  .doc = "Read operations per second; 0 is no limit." },
	{ "wiops", KEY_UINT, offsetof(struct io_limit, wiops), "0", .max = UINT32_MAX,
	  .doc = "Write operations per second; 0 is no limit." },
};

static const struct key mount_keys[] = {
	{ "type", KEY_CHOICE, offsetof(struct mount_policy, type), "\"bind\"", .names = mount_names,
	  .doc = "A file or directory of the host (bind), or an empty tmpfs." },
	{ "source", KEY_STRING, offsetof(struct mount_policy, source), NULL, .syntax = &syntax_path,
	  .when = "type", .is = "bind", .doc = "What is mounted: an absolute path on the host." },
	{ "target", KEY_STRING, offsetof(struct mount_policy, target), NULL, .syntax = &syntax_target, .unique = true,
	  .doc = "Where: an absolute path in the container that exists in the rootfs." },
	{ "read_only", KEY_BOOL, offsetof(struct mount_policy, read_only), "true", .when = "type", .is = "bind",
	  .doc = "Read-only, with everything mounted below it.", .protects = "the host's files from being changed" },
	{ "exec", KEY_BOOL, offsetof(struct mount_policy, exec), "false",
	  .doc = "Allows executing programs from it.", .protects = "against running what was written there" },
	{ "suid", KEY_BOOL, offsetof(struct mount_policy, suid), "false",
	  .doc = "Allows setuid bits and file capabilities to count.", .protects = "against gaining another identity" },
	{ "dev", KEY_BOOL, offsetof(struct mount_policy, dev), "false",
	  .doc = "Allows device nodes to open.", .protects = "devices of the host" },
	{ "idmap", KEY_BOOL, offsetof(struct mount_policy, idmap), "false", .when = "type", .is = "bind",
	  .doc = "Shows root's files as the workload's own: an idmapped mount." },
	{ "size", KEY_SIZE, offsetof(struct mount_policy, size), "\"64M\"", .min = 4 * KIB, .max = SIZE_LIMIT,
	  .when = "type", .is = "tmpfs", .doc = "How much a tmpfs holds.", .protects = "memory from being filled" },
	{ "inodes", KEY_UINT, offsetof(struct mount_policy, inodes), "16384", .min = 2, .max = UINT32_MAX,
	  .when = "type", .is = "tmpfs", .doc = "How many files a tmpfs holds.", .protects = "kernel memory from being filled" },
	{ "mode", KEY_MODE, offsetof(struct mount_policy, mode), "\"1777\"", .max = 01777,
	  .when = "type", .is = "tmpfs", .doc = "The permission bits of a tmpfs' root." },
};

static const struct key socket_keys[] = {
	{ "name", KEY_STRING, offsetof(struct socket_policy, name), NULL, .syntax = &syntax_socket,
	  .doc = "FileDescriptorName= of the .socket unit; without that, the unit's name." },
	{ "family", KEY_CHOICE, offsetof(struct socket_policy, family), "\"inet\"", .names = family_names,
	  .doc = "IPv4 or IPv6 (inet), or a local socket (unix)." },
	{ "type", KEY_CHOICE, offsetof(struct socket_policy, type), "\"stream\"", .names = socket_names,
	  .doc = "ListenStream=, ListenDatagram= or ListenSequentialPacket=." },
	{ "accepted", KEY_BOOL, offsetof(struct socket_policy, accepted), "false",
	  .doc = "A connection (Accept=yes), not a listener." },
};

static const struct key device_keys[] = {
	{ "path", KEY_STRING, offsetof(struct device_policy, path), NULL, .syntax = &syntax_device, .unique = true,
	  .doc = "The device node: the same path on the host and in the container." },
	{ "read", KEY_BOOL, offsetof(struct device_policy, read), "true", .doc = "Allows opening it for reading." },
	{ "write", KEY_BOOL, offsetof(struct device_policy, write), "false", .doc = "Allows opening it for writing." },
};

static const struct key secret_keys[] = {
	{ "name", KEY_STRING, offsetof(struct secret_policy, name), NULL, .syntax = &syntax_secret, .unique = true,
	  .doc = "The name of the file below /run/secrets." },
	{ "from", KEY_CHOICE, offsetof(struct secret_policy, from), "\"file\"", .names = secret_names,
	  .doc = "Where it comes from: a file, a credential of the unit, a descriptor that the caller opened, or what a command prints." },
	{ "file", KEY_STRING, offsetof(struct secret_policy, file), NULL, .syntax = &syntax_path, .when = "from", .is = "file",
	  .doc = "A file of the host that others may not read." },
	{ "credential", KEY_STRING, offsetof(struct secret_policy, credential), "\"\"", .syntax = &syntax_credential,
	  .when = "from", .is = "credential", .doc = "The file in $CREDENTIALS_DIRECTORY (systemd.exec(5)); \"\" is the name." },
	{ "fd", KEY_UINT, offsetof(struct secret_policy, fd), NULL, .min = 3, .max = 1 << 20, .when = "from", .is = "fd",
	  .doc = "The number of the descriptor, read to its end." },
	{ "command", KEY_STRINGS, offsetof(struct secret_policy, command), NULL, .syntax = &syntax_arg, .when = "from", .is = "command",
	  .doc = "A program of the host, by its absolute path, and its arguments; it has the launcher's rights and 30 seconds." },
	{ "mode", KEY_MODE, offsetof(struct secret_policy, mode), "\"0400\"", .max = 0444,
	  .doc = "The permission bits of the file, which belongs to the workload." },
};

const struct key policy_keys[] = {
	/* --- what runs --- */
	{ "version", KEY_UINT, AT(version), NULL, .min = 1, .max = 1,
	  .doc = "The version of the policy language: 1." },
	{ "name", KEY_STRING, AT(name), "\"\"", .syntax = &syntax_name,
	  .doc = "The container's name; \"\" takes that of the policy's file." },
	{ "hostname", KEY_STRING, AT(hostname), "\"\"", .syntax = &syntax_hostname,
	  .doc = "The host name inside; \"\" takes the container's name.", .protects = "the host's name from being known" },
	{ "rootfs", KEY_STRING, AT(rootfs), NULL, .syntax = &syntax_path,
	  .doc = "The directory that becomes \"/\", always read-only.", .protects = "the host's files" },
	{ "args", KEY_STRINGS, AT(args), NULL, .syntax = &syntax_arg,
	  .doc = "The program (an absolute path, or a name looked for in PATH) and its arguments." },
	{ "cwd", KEY_STRING, AT(cwd), "\"/\"", .syntax = &syntax_path,
	  .doc = "The working directory, a path in the container." },
	{ "env", KEY_PAIRS, AT(env), "{}", .syntax = &syntax_env_name, .value_syntax = &syntax_env_value,
	  .doc = "The environment: a fixed PATH and these variables, nothing inherited.",
	  .protects = "against what the caller's environment injects or leaks" },
	{ "env_pass", KEY_STRINGS, AT(env_pass), "[]", .syntax = &syntax_env_pass, .unique = true,
	  .doc = "Variables whose values are taken over from the caller.", .protects = "against leaks from the caller" },
	{ "user.uid", KEY_UINT, AT(user.uid), NULL, .min = 1, .max = ID_LIMIT,
	  .doc = "The user id, a number: uid 0 does not exist in a container, and no name is looked up.",
	  .protects = "against everything that only root may do" },
	{ "user.gid", KEY_UINT, AT(user.gid), NULL, .min = 1, .max = ID_LIMIT,
	  .doc = "The group id, a number: gid 0 does not exist in a container, and no name is looked up.",
	  .protects = "files that only root's group may read" },
	{ "user.groups", KEY_NUMBERS, AT(user.groups), "[]", .min = 1, .max = ID_LIMIT, .unique = true,
	  .doc = "Supplementary group ids, numbers from 1.", .protects = "files of the caller's groups" },
	{ "user.umask", KEY_MODE, AT(user.umask), "\"0077\"", .max = 0777,
	  .doc = "The file mode creation mask, octal in a string.", .protects = "new files from other users" },

	/* --- how much of the machine --- */
	{ "limits.memory", KEY_SIZE, AT(limits.memory), "\"512M\"", .min = MIB, .max = SIZE_LIMIT,
	  .doc = "memory.max: beyond it the workload is killed.", .protects = "the host's memory" },
	{ "limits.memory_high", KEY_SIZE, AT(limits.memory_high), "0", .max = SIZE_LIMIT,
	  .doc = "memory.high: beyond it the workload is slowed down; 0 is off.", .protects = "against a sudden kill" },
	{ "limits.swap", KEY_SIZE, AT(limits.swap), "0", .max = SIZE_LIMIT,
	  .doc = "memory.swap.max: swap space beside the memory.", .protects = "the host's swap, and secrets from the disk" },
	{ "limits.oom_group", KEY_BOOL, AT(limits.oom_group), "true",
	  .doc = "Out of memory kills the whole container, not one process of it.",
	  .protects = "against a service that is half alive" },
	{ "limits.cpus", KEY_CPUS, AT(limits.cpus), "1.0", .min = 10000, .max = UINT64_C(8192000000),
	  .doc = "cpu.max: CPUs' worth of time, a number such as 0.5 with at most six decimals.",
	  .protects = "the host's CPUs" },
	{ "limits.cpu_weight", KEY_UINT, AT(limits.cpu_weight), "100", .min = 1, .max = 10000,
	  .doc = "cpu.weight: the share when CPUs are scarce; 100 is everybody's." },
	{ "limits.cpuset", KEY_STRING, AT(limits.cpuset), "\"\"", .syntax = &syntax_cpuset,
	  .doc = "cpuset.cpus: which CPUs, such as \"0-3,7\"; \"\" is all." },
	{ "limits.pids", KEY_UINT, AT(limits.pids), "256", .min = 1, .max = 4194304,
	  .doc = "pids.max: processes and threads together.", .protects = "against fork bombs" },
	{ "limits.io", KEY_OBJECTS, AT(limits.io), "[]", .extra = AT(limits.n_io), ITEMS(io_keys, struct io_limit),
	  .doc = "io.max: limits by device.", .protects = "the disks' bandwidth" },
	{ "limits.rlimits.nofile", KEY_RLIMIT, AT(limits.rlimits.nofile), "1024", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_NOFILE: file descriptors of a process.", .protects = "the kernel's file table" },
	{ "limits.rlimits.nproc", KEY_RLIMIT, AT(limits.rlimits.nproc), "4096", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_NPROC: processes of the uid in its user namespace.", .protects = "against fork bombs" },
	{ "limits.rlimits.core", KEY_RLIMIT, AT(limits.rlimits.core), "0", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_CORE: bytes of a core dump.", .protects = "secrets in memory, and the host's core handler" },
	{ "limits.rlimits.fsize", KEY_RLIMIT, AT(limits.rlimits.fsize), "\"unlimited\"", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_FSIZE: bytes of one file.", .protects = "disks from being filled" },
	{ "limits.rlimits.memlock", KEY_RLIMIT, AT(limits.rlimits.memlock), "\"64K\"", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_MEMLOCK: bytes that a process may lock into memory.", .protects = "against memory that cannot be reclaimed" },
	{ "limits.rlimits.stack", KEY_RLIMIT, AT(limits.rlimits.stack), "\"8M\"", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_STACK: bytes of the first thread's stack.", .protects = "address randomisation" },
	{ "limits.rlimits.as", KEY_RLIMIT, AT(limits.rlimits.as), "\"unlimited\"", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_AS: bytes of address space of a process." },
	{ "limits.rlimits.cpu", KEY_RLIMIT, AT(limits.rlimits.cpu), "\"unlimited\"", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_CPU: seconds of CPU time of a process.", .protects = "against a runaway loop" },
	{ "limits.rlimits.msgqueue", KEY_RLIMIT, AT(limits.rlimits.msgqueue), "819200", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_MSGQUEUE: bytes in POSIX message queues.", .protects = "kernel memory" },
	{ "limits.rlimits.sigpending", KEY_RLIMIT, AT(limits.rlimits.sigpending), "1024", .max = SIZE_LIMIT,
	  .doc = "RLIMIT_SIGPENDING: queued signals.", .protects = "kernel memory" },
	{ "limits.rlimits.rtprio", KEY_RLIMIT, AT(limits.rlimits.rtprio), "0", .max = 99,
	  .doc = "RLIMIT_RTPRIO: the highest real-time priority.", .protects = "the host's CPUs from real-time loops" },

	/* --- what it may ask of the kernel --- */
	{ "capabilities", KEY_CAPS, AT(capabilities), "[]",
	  .doc = "The capabilities that are kept, in all five sets; none by default.", .protects = "the host from root's powers" },
	{ "seccomp.profile", KEY_PROFILE, AT(seccomp.profile), "\"default\"", .syntax = &syntax_profile,
	  .extra = AT(seccomp.inline_json), .shorthand = true,
	  .doc = "The system calls that are allowed: \"default\", a file in docker's or the OCI's format, or such an object.",
	  .protects = "the kernel from calls that nobody needs" },
	{ "seccomp.deny", KEY_CHOICE, AT(seccomp.deny), "\"errno\"", .names = deny_names,
	  .doc = "What a denied call gets: EPERM, the death of the process, or (log) no more than a line in the audit log.",
	  .protects = "against probing for a way round" },
	{ "exec_once", KEY_BOOL, AT(exec_once), "false",
	  .doc = "Once the program runs, no further execve works at all.", .protects = "against shells and dropped programs" },
	{ "exec", KEY_BOOL, AT(exec), "false",
	  .doc = "Whether \"casemate exec\" may start other programs in the running container, confined as the workload is.",
	  .protects = "against programs that no policy names" },
	{ "apparmor", KEY_STRING, AT(apparmor), "\"casemate-default\"", .syntax = &syntax_apparmor,
	  .doc = "The AppArmor profile; it must be loaded and in enforce mode.", .protects = "files and kernel interfaces, by path" },
	{ "landlock", KEY_BOOL, AT(landlock), "true",
	  .doc = "Write only below writable mounts, execute only below the rootfs and mounts with \"exec\".",
	  .protects = "files, even where a mount is wrong" },

	/* --- what it sees --- */
	{ "namespaces.user", KEY_BOOL, AT(namespaces.user), "true",
	  .doc = "A user namespace in which only the workload's own ids exist.", .protects = "against being root on the host" },
	{ "namespaces.ipc", KEY_BOOL, AT(namespaces.ipc), "true",
	  .doc = "System V IPC and POSIX message queues of its own.", .protects = "shared memory of the host" },
	{ "namespaces.uts", KEY_BOOL, AT(namespaces.uts), "true",
	  .doc = "A host name of its own.", .protects = "the host's name" },
	{ "namespaces.cgroup", KEY_BOOL, AT(namespaces.cgroup), "true",
	  .doc = "Its own cgroup as the root of all.", .protects = "the names of the host's services" },
	{ "namespaces.time", KEY_BOOL, AT(namespaces.time), "true",
	  .doc = "Monotonic and boot clocks of its own.", .protects = "the host's uptime" },
	{ "network.mode", KEY_CHOICE, AT(network.mode), "\"none\"", .names = network_names, .shorthand = true,
	  .doc = "Loopback only (none), the network namespace at \"path\", or the host's.",
	  .protects = "everything that listens or can be reached" },
	{ "network.path", KEY_STRING, AT(network.path), NULL, .syntax = &syntax_path, .when = "mode", .is = "path",
	  .doc = "The file of the network namespace, such as /run/netns/web." },
	{ "network.listen", KEY_NUMBERS, AT(network.listen), "null", .min = 1, .max = 65535, .unique = true,
	  .extra = AT(network.restrict_listen), .doc = "The only TCP ports that may be listened on; missing: all.",
	  .protects = "against a hidden listener" },
	{ "network.connect", KEY_NUMBERS, AT(network.connect), "null", .min = 1, .max = 65535, .unique = true,
	  .extra = AT(network.restrict_connect), .doc = "The only TCP ports that may be connected to; missing: all.",
	  .protects = "against calling home" },
	{ "mounts", KEY_OBJECTS, AT(mounts), "[]", .extra = AT(n_mounts), ITEMS(mount_keys, struct mount_policy),
	  .doc = "Binds and tmpfs over the rootfs; a tmpfs on /tmp is always there.", .protects = "the host's files" },
	{ "shm", KEY_SIZE, AT(shm), "\"64M\"", .max = SIZE_LIMIT,
	  .doc = "The size of /dev/shm; 0 is none.", .protects = "memory from being filled" },
	{ "proc", KEY_CHOICE, AT(proc), "\"masked\"", .names = proc_names,
	  .doc = "/proc with the usual paths masked or read-only, or processes only (pid).", .protects = "the kernel's knobs and secrets" },
	{ "sys", KEY_BOOL, AT(sys), "true",
	  .doc = "/sys and /sys/fs/cgroup, read-only; a runtime sizes itself from them.", .protects = "against a runtime that sizes itself by the host" },
	{ "passwd", KEY_BOOL, AT(passwd), "false",
	  .doc = "An /etc/passwd and /etc/group made for the ids, over the image's." },
	{ "hosts", KEY_PAIRS, AT(hosts), "{}", .syntax = &syntax_host, .value_syntax = &syntax_address,
	  .doc = "Names and their addresses, added to /etc/hosts." },
	{ "dns", KEY_STRINGS, AT(dns), "[]", .syntax = &syntax_address, .max = 3, .unique = true,
	  .doc = "Addresses of name servers for /etc/resolv.conf, at most three." },
	{ "devices", KEY_OBJECTS, AT(devices), "[]", .extra = AT(n_devices), ITEMS(device_keys, struct device_policy),
	  .doc = "Device nodes beside null, zero, full, random, urandom and tty.", .protects = "devices of the host" },

	{ "secrets", KEY_OBJECTS, AT(secrets), "[]", .extra = AT(n_secrets), ITEMS(secret_keys, struct secret_policy),
	  .doc = "Files below /run/secrets, in memory that is never swapped, for the workload alone; $CREDENTIALS_DIRECTORY names the place.",
	  .protects = "secrets from the environment, arguments, images and disks" },

	/* --- how it lives --- */
	{ "init", KEY_BOOL, AT(init), "true",
	  .doc = "A PID 1 that reaps and forwards signals, confined like the workload.", .protects = "against zombies" },
	{ "stop.signal", KEY_SIGNAL, AT(stop.signal), "\"SIGTERM\"",
	  .doc = "The signal that asks the workload to end." },
	{ "stop.timeout", KEY_TIME, AT(stop.timeout), "\"10s\"", .max = UINT64_C(24) * 3600 * 1000,
	  .doc = "How long it has, before it is killed; \"10s\" or \"500ms\"." },
	{ "reload.signal", KEY_SIGNAL, AT(reload_signal), "\"SIGHUP\"",
	  .doc = "The signal that asks the workload to read its configuration again: what it gets when casemate gets SIGHUP." },
	{ "notify", KEY_CHOICE, AT(notify), "\"launched\"", .names = notify_names,
	  .doc = "When the service manager hears that it is ready: launched; by the workload's word to its $NOTIFY_SOCKET; or once healthy." },
	{ "healthcheck.exec", KEY_STRINGS, AT(healthcheck.exec), "[]", .syntax = &syntax_arg,
	  .doc = "A program and its arguments, run in the container, confined as the workload: 0 is healthy." },
	{ "healthcheck.tcp", KEY_UINT, AT(healthcheck.tcp), "0", .max = 65535,
	  .doc = "A TCP port that must take a connection on the container's loopback; 0 is none." },
	{ "healthcheck.interval", KEY_TIME, AT(healthcheck.interval), "\"30s\"", .min = 100, .max = UINT64_C(24) * 3600 * 1000,
	  .doc = "How long it is between two checks." },
	{ "healthcheck.timeout", KEY_TIME, AT(healthcheck.timeout), "\"5s\"", .min = 100, .max = UINT64_C(600) * 1000,
	  .doc = "How long a check may take." },
	{ "healthcheck.retries", KEY_UINT, AT(healthcheck.retries), "3", .min = 1, .max = 1000,
	  .doc = "How many checks in a row must fail until the service is unhealthy." },
	{ "healthcheck.start_period", KEY_TIME, AT(healthcheck.start_period), "\"0s\"", .max = UINT64_C(24) * 3600 * 1000,
	  .doc = "How long after the launch failures do not count, until the first success; meanwhile it asks every second." },
	{ "healthcheck.on_failure", KEY_CHOICE, AT(healthcheck.on_failure), "\"none\"", .names = unhealthy_names,
	  .doc = "What happens to an unhealthy service beside being shown and losing its watchdog: nothing, or it is stopped (kill), which is exit code 124." },
	{ "alerts.cpu_throttled", KEY_UINT, AT(alerts.cpu_throttled), "0", .max = 100,
	  .doc = "Percent of half a minute for which limits.cpus holds it back, from which on that is an event; 0 is never." },
	{ "alerts.memory_pressure", KEY_UINT, AT(alerts.memory_pressure), "0", .max = 100,
	  .doc = "Percent of the time that some of it waits for memory, from which on that is an event (PSI); 0 is never." },
	{ "alerts.pids", KEY_UINT, AT(alerts.pids), "0", .max = 100,
	  .doc = "Percent of limits.pids in use, from which on that is an event; 0 is never." },
	{ "alerts.restarts", KEY_UINT, AT(alerts.restarts), "0", .max = 100,
	  .doc = "How often its name is launched again within ten minutes, from which on that is an event; it must have one. 0 is never." },
	{ "alerts.denied_execs", KEY_UINT, AT(alerts.denied_execs), "0", .max = 1000,
	  .doc = "How many programs seccomp and AppArmor refuse it within ten minutes, by the kernel's log, from which on that is an event; 0 is never." },
	{ "sockets", KEY_OBJECTS, AT(sockets), "[]", .extra = AT(n_sockets), ITEMS(socket_keys, struct socket_policy),
	  .doc = "Sockets that the service manager opens and the workload gets (sd_listen_fds(3)); no other is taken.",
	  .protects = "against a descriptor that nobody meant to hand over" },
	{ "log.driver", KEY_CHOICE, AT(log.driver), "\"inherit\"", .names = driver_names, .shorthand = true,
	  .doc = "Where standard output and error go: to the launcher's own (inherit), or line by line to the journal, to files, or to syslog.",
	  .protects = "against output that nobody can attribute" },
	{ "log.path", KEY_STRING, AT(log.path), "\"\"", .syntax = &syntax_log_path, .when = "driver", .is = "json-file",
	  .doc = "The directory of the log files, not root's; \"\" is /var/log/casemate/NAME." },
	{ "log.max_size", KEY_SIZE, AT(log.max_size), "\"10M\"", .min = 64 * KIB, .max = SIZE_LIMIT, .when = "driver", .is = "json-file",
	  .doc = "How large a log file grows before it is rotated.", .protects = "the disk from being filled" },
	{ "log.max_files", KEY_UINT, AT(log.max_files), "5", .min = 1, .max = 1000, .when = "driver", .is = "json-file",
	  .doc = "How many log files are kept, the one being written among them.", .protects = "the disk from being filled" },
	{ "log.compress", KEY_BOOL, AT(log.compress), "true", .when = "driver", .is = "json-file",
	  .doc = "Compresses log files with gzip from the second rotation on." },
	{ "log.full", KEY_CHOICE, AT(log.full), "\"block\"", .names = full_names, .when = "driver", .is = "inherit", .unless = true,
	  .doc = "When the log is slower than the workload: the workload waits (block), or lines are dropped and counted." },
	{ "log.failure", KEY_CHOICE, AT(log.failure), "\"stop\"", .names = failure_names, .when = "driver", .is = "inherit", .unless = true,
	  .doc = "When the log driver dies: the workload is stopped, or goes on and what it says is dropped and counted.",
	  .protects = "against running unobserved" },
	{ "sysctl", KEY_PAIRS, AT(sysctl), "{}", .syntax = &syntax_sysctl, .value_syntax = &syntax_sysctl_value,
	  .doc = "Kernel settings that belong to its namespaces: kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.*, net.*." },
	{ "time.monotonic", KEY_INT, AT(time.monotonic), "0", .min = (uint64_t)-TIME_LIMIT, .max = TIME_LIMIT,
	  .doc = "Seconds added to the monotonic clock." },
	{ "time.boottime", KEY_INT, AT(time.boottime), "0", .min = (uint64_t)-TIME_LIMIT, .max = TIME_LIMIT,
	  .doc = "Seconds added to the boot-time clock." },
};
const size_t policy_keys_len = COUNT(policy_keys);
_Static_assert(COUNT(policy_keys) <= KEYS_MAX, "make KEYS_MAX larger");
const struct language language_policy = { policy_keys, COUNT(policy_keys), "policy", "casemate-policy(5)" };
