/* cgroupfs.h - a host with a cgroup v2 tree, made of one struct, behind the gate.
 *
 * It keeps the kernel's rules as far as a launch meets them: files come with controllers, a cgroup with
 * enabled controllers holds no processes, one in use cannot be removed, sizes are rounded to pages, a
 * list of CPUs that cannot be had becomes the parent's. The n-th call can be told to fail, or (if it
 * changes something) to lie: report success and change nothing. */
#pragma once

#include "../../src/base/sys.h"
#include <linux/bpf.h>

enum cgroupfs_mischief { CGROUPFS_HONEST, CGROUPFS_FAIL, CGROUPFS_LIE };
enum { CGROUPFS_FIRST_FD = 5000, CGROUPFS_FDS = 64, CGROUPFS_NODES = 512, CGROUPFS_PROCS = 64, CGROUPFS_PROGS = 8 };

struct cgroupfs_node {
	char path[192], text[512];
	bool dir, read_only;
	unsigned uid, mode;
	unsigned major, minor;	/* of a device: rdev; else of its file system */
	bool marked;		/* trusted.delegate */
	bool v1;		/* a directory of cgroup v1's tmpfs */
};

struct cgroupfs {
	struct cgroupfs_node node[CGROUPFS_NODES];
	size_t n_nodes;
	struct { int pid; char path[192]; bool undying, leaderless; /* its first thread has ended */ } proc[CGROUPFS_PROCS];
	size_t n_procs;
	struct { bool open; char path[192]; size_t at; int prog; /* or pid */ } fd[CGROUPFS_FDS];
	struct { struct bpf_insn insn[512]; size_t n; char cgroup[192]; } prog[CGROUPFS_PROGS];
	size_t n_progs;
	int signalled[CGROUPFS_PROCS];	/* pids, in the order of the signals */
	size_t n_signalled;
	unsigned self;		/* pid of the launcher */
	bool unfreezable;	/* a process waits in the kernel */
	unsigned long long unreclaimable;	/* bytes that memory.high cannot press out */

	enum cgroupfs_mischief how;
	unsigned nth, calls;
	int (*before)(struct cgroupfs *, long nr, const char *path);	/* another process' turn; may answer -errno */
};

/* /sys/fs/cgroup with these controllers, and nobody in it but the launcher (pid 100) in OWN, which is made. */
void cgroupfs_reset(struct cgroupfs *, const char *controllers, const char *own);
struct sys cgroupfs_gate(struct cgroupfs *);

struct cgroupfs_node *cgroupfs_find(struct cgroupfs *, const char *path);
/* Adds a plain file or, without text, a directory outside the cgroup tree. */
struct cgroupfs_node *cgroupfs_add(struct cgroupfs *, const char *path, const char *text);
/* A cgroup, by its path below the mount. */
struct cgroupfs_node *cgroupfs_mkdir(struct cgroupfs *, const char *path);
/* "+memory" ..., as if root had written it. */
void cgroupfs_enable(struct cgroupfs *, const char *path, const char *text);
void cgroupfs_join(struct cgroupfs *, int pid, const char *path);
const char *cgroupfs_text(struct cgroupfs *, const char *path, const char *file);	/* "" where there is none */
unsigned cgroupfs_open_fds(const struct cgroupfs *);
