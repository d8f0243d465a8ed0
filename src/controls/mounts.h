/* mounts.h - the container's tree: what is mounted where, built detached by the parent, moved
 * into place by the child, read back from mountinfo. */
#pragma once
#include "control.h"

must_check int mounts_prepare(const struct policy *, struct plan *, struct arena *, struct err *);
/* parent: opens and builds every tree and every target; the child opens no path of the policy */
must_check int mounts_open(struct launch *, struct err *);
/* parent: the workload's $NOTIFY_SOCKET, in the tree of its /dev */
must_check int mounts_notify(struct launch *, int dev, struct err *);
/* parent: fills /run/secrets, before the trees are opened */
must_check int secrets_open(struct launch *, struct err *);
/* A source that is a file: one that others may read is no secret. -1 and *e. */
must_check int secret_open(const struct sys *, int dir, const char *path, struct err *);
/* Puts what `from` holds to its end into the file `name` of that directory, in one step. */
struct secret_owner { uid_t uid; gid_t gid; mode_t mode; };
must_check int secret_put(const struct sys *, int dir, const char *name, const struct secret_owner *, int from, struct err *);
/* child */
must_check int mounts_apply(struct launch *, struct err *);	/* root, then every mount but the masks */
must_check int masks_apply(struct launch *, struct err *);	/* after the last write to /proc/sys */
must_check int pivot_apply(struct launch *, struct err *);	/* the old root goes away */

/* --- what the parts share --- */

/* Of a tree whose owner, or all of whose ids as `m` says, appear as others; 0 or -errno. */
must_check int mounts_idmap(struct launch *, int tree);
must_check int mounts_idmap_by(struct launch *, int tree, const struct mount_idmap *m, bool deep);

/* Why a file system could not be made: the option that it does not take, and the kernel's own words, or "". */
struct fs_refusal { bool no_type; const char *option; char words[96]; };
/* A detached mount, or -errno. An option without a name is passed over, one without a value is a flag. */
must_check int mounts_new_fs(struct launch *, const char *type, const struct pair *options, size_t n, uint64_t attrs,
			     struct fs_refusal *why);
must_check int mounts_configure(struct launch *, int fs, const struct pair *option);

/* The place of a path beneath a held root (O_PATH), with what was missing on the way; -errno. */
must_check int mounts_target(struct launch *, int root, const char *path, bool dir);
must_check int mounts_copy_up(struct launch *, int from, int to);

/* Gives a tree the propagation that is asked for, in that order. */
must_check int mounts_propagate(struct launch *, int tree, const unsigned *flags, bool copy);

/* --- listed mounts --- */

/* parent: the root, and what is taken or made outside */
must_check int mounts_listed_open(struct launch *, struct err *);
/* child: all but the masks, or the masks; and what is right only when nothing is made any more */
must_check int mounts_listed_apply(struct launch *, bool masks, struct err *);
must_check int mounts_listed_finish(struct launch *, struct err *);
must_check int mounts_node(struct launch *, size_t i, struct err *);
must_check int mounts_dev_links(struct launch *, struct err *);
/* Notes what mountinfo calls mount i, whose tree is this. 0 or -errno. */
must_check int mounts_note_id(struct launch *, size_t i, int tree);
must_check int mounts_verify_listed(const struct plan *, struct target *, char value[VALUE_MAX], struct err *, enum control_id);
