/* emulate.h - runs a filter as the kernel would, for those who must know what it does without loading it. */
#pragma once

#include "../base/err.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

/* What the kernel's own checker demands (bpf_check_classic, seccomp_check_filter): known instructions, loads
 * within seccomp_data, every jump forward and inside, a return at the end. NULL, or what is wrong. */
const char *filter_invalid(const struct sock_fprog *);

/* The SECCOMP_RET_* that a valid filter gives; *steps (may be NULL) is how many instructions that took. */
uint32_t filter_emulate(const struct sock_fprog *, const struct seccomp_data *, unsigned *steps);
