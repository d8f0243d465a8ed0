/* devices.h - which device nodes the container may open. */
#pragma once

#include "control.h"
#include <linux/bpf.h>

/* Parent, after the limits: attaches the allowlist to the leaf where /dev alone is not enough. */
must_check int devices_apply(struct launch *, struct err *);

/* --- for the test, which runs the program --- */

struct device_rule {
	unsigned type;		/* BPF_DEVCG_DEV_* */
	unsigned major;
	int minor;		/* -1: any */
	unsigned access;	/* BPF_DEVCG_ACC_* */
};
enum { DEVICE_RULES_MAX = LIST_MAX + 16, DEVICE_INSNS_MAX = 8 * DEVICE_RULES_MAX + 16 };

/* The program for a list of rules; the number of instructions. */
size_t devices_assemble(const struct device_rule *, size_t n, struct bpf_insn prog[DEVICE_INSNS_MAX]);
