/* tree.h - what every container has, whatever its policy says: for the launcher, which makes it so, and for the
 * doors, which tell others how it is made. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* PATH, where the policy gives none. */
extern const char default_path[];

/* The minimal /dev (admin-guide/devices.txt). */
struct tree_device { const char *path; unsigned major, minor; };
extern const struct tree_device tree_devices[];
extern const size_t tree_devices_len;

/* What is hidden, and what of /proc is made read-only. `sys`: below /sys. `common`: docker, containerd, the kubelet and podman of all
 * versions that are still in use hide it by default. */
struct tree_mask { const char *path; bool dir, sys, common; };
extern const struct tree_mask tree_masked[];
extern const size_t tree_masked_len;
extern const char *const tree_read_only[];
extern const size_t tree_read_only_len;
