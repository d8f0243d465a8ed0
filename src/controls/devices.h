/* devices.h - which device nodes the container may open. */
#pragma once

#include "control.h"
#include <linux/bpf.h>

/* Parent, after the limits: attaches the allowlist to the leaf where /dev alone is not enough. */
must_check int devices_apply(struct launch *, struct err *);

/* What one rule says of the accesses it names; of each access the last rule that speaks of it decides, and by default it
 * is denied (config-linux.md, "Allowed Device list"). */
struct device_rule {
	bool allow;
	unsigned type;		/* BPF_DEVCG_DEV_*; 0: both */
	int major, minor;	/* -1: any */
	unsigned access;	/* BPF_DEVCG_ACC_* */
};
enum { DEVICE_RULES_MAX = 496, DEVICE_INSNS_MAX = 8 * DEVICE_RULES_MAX + 16 };

/* Whether nothing is denied after all. */
bool devices_all_allowed(const struct device_rule *, size_t n);

/* The program for a list of rules; the number of instructions. */
size_t devices_assemble(const struct device_rule *, size_t n, struct bpf_insn prog[DEVICE_INSNS_MAX]);
