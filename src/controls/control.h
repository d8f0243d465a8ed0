/* control.h - the shape every control has, and the plan they fill.
 *
 * A control knows how to check a policy, turn its part into numbers (prepare), act at
 * its moments (rows of launch/order.c), and read back from the kernel what holds
 * for a process (verify). Verbs that have nothing to do stay NULL. Controls never
 * include each other. */
#pragma once

#include "../base/arena.h"
#include "../base/cgroup2.h"
#include "../base/cleanup.h"
#include "../base/err.h"
#include "../base/procfs.h"
#include "../base/sys.h"
#include "../policy/policy.h"
#include <linux/filter.h>

/* X(symbol, "name as doctor, verify and --without print it") - controls.def */
enum control_id {
#define X(id, name) CONTROL_##id,
#include "controls.def"
#undef X
	CONTROL_COUNT
};
_Static_assert(CONTROL_COUNT <= 64, "waivers are a 64-bit mask");
#define CONTROL_BIT(id) (UINT64_C(1) << (id))

enum { VALUE_MAX = 160, CANDIDATE_MAX = 16, SELINUX_LABEL_MAX = 512 };
enum { NS_USER, NS_MOUNT, NS_PID, NS_IPC, NS_UTS, NS_NET, NS_CGROUP, NS_TIME, NS_COUNT };

/* One mount of the container, beside the root. `source` is where its tree comes from. */
enum mount_kind {
	PLAN_BIND, PLAN_TMPFS,		/* built by the parent, detached */
	PLAN_DEVPTS, PLAN_PROC, PLAN_SYSFS, PLAN_MQUEUE, PLAN_CGROUP2,	/* must be made inside the namespaces */
	PLAN_DEVICE,	/* one device node of the host */
	PLAN_FILE,	/* one file of the launcher's own read-only tmpfs (hosts, an empty mask ...) */
	PLAN_SECRETS,	/* a read-only view of l->secrets */
	PLAN_READONLY,	/* the tree that is there already, made read-only (proc/sys ...) */
	/* Of `listed` mounts only: */
	PLAN_FS,	/* any file system: wish->type */
	PLAN_REMOUNT,	/* what is mounted at the target, changed */
	PLAN_MASK,	/* an empty file or directory over what is there */
	PLAN_NODE,	/* a device node of the container's own; bound where nobody may make one */
};

/* A line of /proc/PID/uid_map; on an idmapped mount `inside` is the id on disk. */
struct plan_idmap { uint32_t inside, outside, count; };
struct mount_idmap { const struct plan_idmap *uids, *gids; size_t n_uids, n_gids; };

/* A device node: S_IFCHR, S_IFBLK or S_IFIFO and the mode. */
struct plan_node { mode_t mode; unsigned major, minor; uid_t uid; gid_t gid; };

enum { PROPAGATIONS_MAX = 4 };

/* What only a listed mount can be asked for. */
struct mount_wish {
	const char *type;			/* as fsopen(2) knows it */
	const struct pair *options; size_t n_options;	/* of the file system; without a value: a flag */
	uint64_t clear;				/* taken off before `attrs` is put on: the bits of atime are one field */
	uint64_t deep_set, deep_clear;		/* of the tree with all its submounts */
	unsigned propagation[PROPAGATIONS_MAX];	/* MS_PRIVATE ..., with MS_REC, in the order asked for; 0 ends */
	const struct mount_idmap *idmap; bool deep_idmap;
	bool copy_up;				/* what the image has there is copied into it */
	bool own_dir;				/* the mount point is a directory reached without a symbolic link */
};

struct plan_mount {
	enum mount_kind kind;
	const char *target;	/* absolute, in the container */
	const char *source;	/* bind, device: host path; file: name in the files tmpfs */
	uint64_t attrs;		/* MOUNT_ATTR_* */
	uint64_t size, inodes;
	unsigned mode;
	bool idmap, recursive;
	bool optional;		/* a mask for a path that this kernel may lack */
	const char *pointer;	/* where it was asked for: "/mounts/3"; or NULL */
	int below;		/* index of the mount whose tree holds the target; -1: the root; not of a listed one */
	const struct mount_wish *wish;		/* listed mounts; else NULL */
	const struct plan_node *node;		/* PLAN_NODE */
	enum control_id control;	/* whose waiver leaves it out */
};

/* Where the workload's $NOTIFY_SOCKET is. */
#define NOTIFY_PATH "/dev/notify"

struct plan_rlimit { int resource; const char *name; uint64_t soft, hard; const char *at; /* who asks for it: a JSON pointer */ };

/* In the order of /proc/PID/status. */
enum cap_set { CAPS_INHERITABLE, CAPS_PERMITTED, CAPS_EFFECTIVE, CAPS_BOUNDING, CAPS_AMBIENT, CAP_SETS };

enum { CPUS_MAX = 1024 };

/* Priorities and the like survive execve. Only what is asked for is set; with `reset` the rest is made plain. */
struct plan_sched {
	bool reset;
	bool has_score, has_policy, has_io, has_persona;
	int score;			/* oom_score_adj */
	struct sys_sched policy;
	int io;				/* IOPRIO_PRIO_VALUE() */
	unsigned long persona;		/* personality(2) */
	const uint64_t *cpus_before, *cpus;	/* CPUS_MAX bits: until the process is in its cgroup; from then on. NULL: as they are */
};

/* How what a file of the cgroup says is held against what was written. */
enum limit_form {
	LIMIT_WHOLE,	/* exactly this */
	LIMIT_SET,	/* a list of CPUs or nodes: the same set, and FILE.effective is within it */
	LIMIT_LINE,	/* one of its lines, known by the first word: every word of ours is in it */
	LIMIT_TAKEN,	/* the kernel took it, and has its own way of printing it */
};

/* One write to one file of the container's cgroup, as the kernel will print it. */
struct limit {
	const char *file, *text, *pointer;
	const char *disk;		/* LIMIT_LINE: a path of the host, the number of whose disk comes before the text; or NULL */
	enum control_id control;	/* whose waiver leaves it out; CONTROL_COUNT: nobody's */
	enum limit_form form;
	const struct limit *otherwise;	/* where the kernel has not that file; or NULL */
};

/* Where the container's cgroup is. */
struct cgroup_plan {
	const char *path;	/* from the root of the tree, "/a/b"; NULL: BASE/casemate/NAME */
	const char *slice, *scope;	/* of systemd, which makes it, and then says where; `scope` NULL: we make it */
	bool own;		/* the path is below our own place, whose processes move aside for it */
	bool wanted;		/* there has to be one although nothing is limited */
	bool frozen;		/* who joins it may be frozen with it */
	bool give; uid_t owner;	/* it becomes his, so that he can make others below it */
};

/* Of a clock of a time namespace. */
struct plan_offset { int64_t secs; uint32_t nanosecs; };

enum hook_stage { HOOK_PRESTART, HOOK_CREATE_RUNTIME, HOOK_CREATE_CONTAINER, HOOK_START_CONTAINER, HOOK_POSTSTART, HOOK_POSTSTOP, HOOK_STAGES };
struct plan_hook { const char *path; const char *const *argv, *const *envp; unsigned timeout; /* s; 0: none */ };
struct plan_hooks { const struct plan_hook *v; size_t n; };

/* Made by prepare() before the first kernel call, then sealed: numbers, masks, strings, BPF.
 * No descriptor: those belong to struct launch, which exists only once. */
struct plan {
	const char *name;
	const char *const *argv, *const *envp;
	const char *const *home;		/* the entry of envp that becomes what the container's /etc/passwd says; or NULL */
	const char *candidates[CANDIDATE_MAX];	/* where args[0] is looked for, in order; NULL ends */
	const char *cwd, *hostname, *domainname, *rootfs;
	bool cwd_as_root;			/* it may be one that the user could not enter */
	uint64_t without;			/* CONTROL_BITs that --without waived */
	const char *floor;			/* the file that bound this launch, or NULL */
	char floor_sha256[65];

	uid_t uid; gid_t gid;
	const gid_t *groups; size_t n_groups;
	mode_t umask;
	bool leaves_root;			/* getting the ids of root back must fail */
	uint64_t caps[CAP_SETS];		/* what the program starts with; of a policy all are its allowlist */
	unsigned last_cap;			/* of the running kernel */
	unsigned securebits;

	struct sock_fprog filter, init_filter, supervisor_filter, checker_filter;	/* of the workload; of PID 1 when `init`; of ourselves; of healthcheck.tcp */
	unsigned filter_flags;
	const char *listener;			/* socket of the agent that decides on calls of the filter; NULL: none does */
	bool exec_once;				/* seccomp.c put argv and envp where nobody else finds them */
	const char *apparmor;			/* profile, or NULL */
	bool apparmor_as_loaded;		/* in whatever mode it is, not only enforced */
	const char *selinux;			/* label, or NULL */

	uint64_t clone_flags;			/* CLONE_NEW* */
	bool own_userns;
	bool seal_userns;			/* nobody makes another one in it */
	const struct plan_idmap *uid_map, *gid_map; size_t n_uid_map, n_gid_map;
	enum network_mode network;
	const char *enter[NS_COUNT];		/* paths of namespaces to enter, in the order of host_ns; or NULL */
	bool has_time; struct plan_offset monotonic, boottime;

	const struct plan_mount *mounts; size_t n_mounts;
	/* The mounts of a config.json: made in the order of the list, each target resolved beneath the container's root
	 * when its turn comes, symbolic links and all, and made where it is missing. */
	bool listed;
	uint64_t root_attrs;			/* MOUNT_ATTR_* of the root itself */
	unsigned root_propagation;		/* as in struct mount_wish; 0: private */
	bool no_pivot;				/* chroot(2) instead: for a host whose root is the initramfs */
	const char *mount_label;		/* SELinux's, of the file systems that are made; or NULL */
	bool strangers;				/* hooks may mount as well */
	bool dev_links;				/* /dev/fd, stdin, stdout, stderr, core, ptmx */
	const struct pair *files; size_t n_files;	/* name, content: of the files tmpfs */
	const struct pair *sysctls; size_t n_sysctls;	/* "net/ipv4/...", value */

	uint64_t landlock_fs, landlock_net;	/* rights asked for; the ABI decides what is handled */
	struct numbers listen, connect; bool restrict_listen, restrict_connect;

	const struct secret_policy *secrets; size_t n_secrets;
	const struct plan_rlimit *rlimits; size_t n_rlimits;
	struct plan_sched sched;
	bool keep_keyring;			/* the caller's session keyring stays */
	bool owns_stdio;			/* pipes and sockets among 0-2 become the user's, who may then open them again */
	bool terminal;				/* 0-2 are a terminal made in the container */
	unsigned short rows, columns;		/* of it; 0: as it comes */
	const char *console;			/* the socket of whoever gets its master; NULL: we do */
	const struct limit *limits; size_t n_limits;	/* what is asked for and not waived, in the order of writing */
	struct cgroup_plan cgroup;
	const struct device_policy *devices; size_t n_devices;
	const struct device_rule *device_rules; size_t n_device_rules;	/* in place of what follows from `devices`; or NULL */

	bool held;				/* it waits for `start` before it executes the program, and outlives the launcher */
	unsigned preserve_fds;			/* descriptors behind 0-2 that the workload keeps */

	struct plan_hooks hooks[HOOK_STAGES];
	const char *hook_state;			/* JSON for their standard input, as far as it does not change */
	const char *bundle;			/* where they run */

	bool outlives;				/* the launcher may go; nobody waits for the process */
	bool joins;				/* a container that runs, whose plan this was: what made it is not done again */
	bool init;
	int stop_signal; unsigned stop_timeout;	/* ms */
	int reload_signal;
	enum notify_who ready;			/* who says that the service is ready */
	const struct healthcheck_policy *healthcheck;	/* or NULL */
	const struct alerts_policy *alerts;	/* or NULL */
	/* Names of the preserved descriptors, and what each must be; of the latter there is one of every kind. */
	const char *const *socket_names;
	const struct socket_policy *sockets; size_t n_sockets;
	bool notify;				/* the workload has a $NOTIFY_SOCKET of ours */
	pid_t promised_pid;			/* the workload's in its own namespace, where its environment names it; or 0 */
	uint64_t watchdog;			/* us within which the service manager wants to hear from us; 0: it does not wait */
};

struct target;

/* A casemate-unit that runs; its standard input is open for as long as it shall. */
struct unit_helper {
	int in, out;	/* -1: none */
	pid_t pid;
};
#define UNIT_HELPER_NONE { .in = -1, .out = -1, .pid = -1 }

/* One launch under way: the plan and what has been opened for it. The parent's rows fill it
 * top to bottom; the child goes on with its own copy. Descriptors are -1 until opened. */
struct launch {
	const struct plan *plan;
	const struct sys *sys;
	bool shares_userns;	/* rootless: the launcher has entered the container's user namespace itself */
	bool rootless;		/* not started by root: a user namespace of our own comes first */
	bool keeps_groups;	/* its caller's, which it may not drop */
	int rootfs;		/* detached, read-only tree */
	int files;		/* detached tmpfs with the launcher's own files */
	int secrets_view;	/* the same, for the container, which takes it over; or -1 */
	int secrets;		/* detached: the writable view of /run/secrets, which the supervisor keeps; or -1 */
	int *tree, *target;	/* per plan mount: its detached tree, and where it goes (O_PATH); or -1 */
	uint64_t *mount_id;	/* per plan mount, when listed: what mountinfo calls it; 0: there is nothing to mount */
	uint64_t root_id;
	int proc;		/* the container's own /proc, once the child has mounted it */
	uid_t uid; gid_t gid;	/* of whoever started us */
	uint64_t host_ns[NS_COUNT];	/* the host's namespaces, to be told from the container's */
	int console[2];		/* SOCK_STREAM: [1] is the child's, over which the terminal's master comes; [0] is ours, or -1 */
	pid_t joined;		/* a process of the container that plan->joins */
	int joined_fd;		/* its pidfd, or -1 */
	uint64_t join_ns[NS_COUNT], join_flags;	/* its namespaces; CLONE_NEW* of those that are not ours */
	int enter[NS_COUNT];	/* plan->enter, opened */
	uint64_t entered[NS_COUNT];	/* their ids */
	int home[NS_COUNT];	/* where we came from, while we are in one of those */
	uint64_t late;		/* CLONE_NEW* of those that only somebody in the user namespace may enter */
	const char **envp;	/* the plan's, with that HOME; or NULL */
	char *passwd;		/* memory for reading it */
	bool cwd_entered;	/* the child is in plan->cwd already */
	long keyring;		/* the supervisor's session keyring: the child's must be another */
	int apparmor;		/* PID 1's way to its profile, opened before Landlock closes /proc; or -1 */
	int ruleset;		/* Landlock */
	char selinux[SELINUX_LABEL_MAX];	/* plan->selinux, as the kernel spells it */
	int landlock_abi;
	int cgroup;		/* O_DIRECTORY fd of the leaf, or -1 when every limit is waived */
	int cgroup_base;	/* the directory that "casemate/NAME" was made in */
	char cgroup_path[CGROUP2_PATH_MAX];	/* of the leaf, below the cgroup2 mount: "/casemate/web" */
	int report[2];		/* SOCK_SEQPACKET: [0] parent, [1] child */
	struct err *failure;	/* shared with the child: failure.h; or NULL */
	const char *listener_state;	/* for that agent, JSON but for the process; NULL when held: `start` says it */
	int start;		/* the socket where it waits for `start`, when held; or -1 */
	int notify;		/* our end of the workload's $NOTIFY_SOCKET, or -1 */
	int control[2];		/* SOCK_SEQPACKET between supervisor [0] and PID 1 [1], when init */
	struct target *looked_at;	/* the memory for looking at one process */
	char (*value)[VALUE_MAX];	/* per control: what the kernel says, for the record */
	int guard;		/* pidfd of the process that ends the workload when we are killed; or -1 */
	int pidfd;
	pid_t pid;		/* PID 1 of the container, seen from here */
	pid_t workload;		/* the same, or its child when init */
	struct unit_helper unit;	/* holds systemd's scope until the container is in it */
};

/* A process whose controls are read back: our own child before exec (proc = "/proc/self"
 * of the container) or any process from outside. */
struct target {
	const struct sys *sys;
	struct launch *launch;		/* NULL from `casemate verify` */
	int proc;			/* fd of its /proc/PID directory */
	bool inside;			/* asked by the process itself, before exec */
	char status[PROC_STATUS_MAX];	/* /proc/PID/status, read once */
	char mountinfo[128 * 1024];	/* read once, when first asked for; starts empty */
	char scratch[128 * 1024];	/* a copy to cut in pieces: too large for a stack that limits.rlimits.stack may bound */
};

static inline void target_init(struct target *t, const struct sys *k, struct launch *l, bool inside, int proc)
{
	t->sys = k;
	t->launch = l;
	t->inside = inside;
	t->proc = proc;
	t->status[0] = t->mountinfo[0] = '\0';
}

/* The number that names it (namespaces(7)), "ns/NAME" of a /proc/PID directory, and of our own; 0 or -errno. */
must_check int namespace_id(const struct sys *, int proc, const char *name, uint64_t *);
must_check int namespace_own_id(const struct sys *, const char *name, uint64_t *);

/* What doctor says of one control on this host. */
struct ability {
	bool usable;
	char detail[VALUE_MAX];	/* "ABI 4", "enforce profiles: 12" */
	char hint[VALUE_MAX];	/* what to do when not usable */
};

struct control {
	const char *protects;	/* a phrase: what it keeps the workload from */
	bool essential;		/* cannot be waived: without it the others would not hold */
	bool late;		/* holds only after exec, or only the parent can see it: not verified inside */
	bool again;		/* execve may change it: verified inside, and once more after it */
	void (*check)(const struct policy *, const struct findings *);
	int (*prepare)(const struct policy *, struct plan *, struct arena *, struct err *);
	/* Fills `value` with what the kernel says; -1 and *e when that is not what the plan asks. */
	int (*verify)(const struct plan *, struct target *, char value[VALUE_MAX], struct err *);
	void (*probe)(const struct sys *, struct ability *);	/* doctor; changes nothing */
};

#define X(id, name) extern const struct control control_##id;
#include "controls.def"
#undef X

/* registry.c: the loops over controls.def, so that nobody else writes one. */
const char *control_name(enum control_id id);
/* The bits of a name or of a group ("limits"); 0 when there is none. */
uint64_t control_bits(const char *name);
const struct control *control_get(enum control_id id);
void controls_check(const struct policy *, const struct findings *);
must_check int controls_prepare(const struct policy *, struct plan *, struct arena *, struct err *);

static inline bool waived(const struct plan *p, enum control_id id)
{
	return p->without >> id & 1;
}
