/* kernel.h - a kernel made of one struct, behind the gate of a launch.
 *
 * It keeps just enough state for the read-backs to mean something: what a row did shows up in the
 * /proc text that verify reads. The n-th call that changes state can be told to fail, or to lie:
 * report success and change nothing. When the parent waits for the child's report, the child order is
 * run on the spot, so one launch_start() is the whole launch, in one process and without any right. */
#pragma once

#include "../../src/controls/control.h"

enum mischief { HONEST, FAIL, LIE };
enum { FAKE_FDS = 2048, FAKE_FIRST = 600, FAKE_MOUNTS = 128, FAKE_FILES = 32, FAKE_CHILD = 4242, FAKE_WORKLOAD = 4243 };

struct fake_fd {
	bool open;
	enum { FD_PLACE, FD_FS, FD_TREE, FD_SOCKET, FD_OTHER } kind;
	char path[160];		/* where it points; for a tree: below its root */
	char type[16];
	uint64_t attrs;
	bool private;
	int tree;		/* the tree a place lies in, or -1: the host */
};

struct fake {
	enum mischief how;
	int error;		/* what FAIL answers */
	unsigned nth, calls;	/* which state-changing call misbehaves; how many were made */
	char culprit[32];	/* its name */
	bool after_exec;	/* it came when the workload ran already */

	struct fake_fd fd[FAKE_FDS];
	int next_fd;
	struct { char target[160]; int tree; } mount[FAKE_MOUNTS];
	size_t n_mounts;
	bool node;		/* /dev/null was made in the container */
	struct { char path[96], text[128]; } file[FAKE_FILES];
	size_t n_files;

	uint32_t uid, gid;
	bool old_groups, mapped;
	unsigned umask;
	uint64_t cap[5];	/* inheritable, permitted, effective, bounding, ambient */
	int securebits, pdeathsig, dumpable;
	uint64_t rlimit[16];
	bool scheduling, personality;	/* reset; still the caller's */
	bool nnp, filtered, init_filtered, restricted, own_session, own_keyring, signals_open, loopback, pivoted, detached, bound;
	uint64_t namespaces;	/* CLONE_NEW* of the child */
	char hostname[80];

	bool child;		/* whose calls these are */
	bool ran;		/* the child's turn is over */
	bool killed, reaped;
	int execed;		/* times execve was reached */
	struct { char bytes[8192]; size_t len; } sent[8];	/* by the child, on the report socket */
	size_t n_sent, n_heard;
	struct launch *launch;
};

/* A kernel in its first second, with a descriptor that somebody left open. */
void fake_reset(struct fake *, enum mischief how, unsigned nth, int error);
/* The gate that leads to it. */
struct sys fake_gate(struct fake *);
/* Everything the workload would run with, as text: two launches that end alike are alike. */
size_t fake_snapshot(const struct fake *, char *to, size_t size);
