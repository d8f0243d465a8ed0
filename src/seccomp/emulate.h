/* emulate.h - what a filter does, and what it should do, for those who must know without loading it. */
#pragma once

#include "compile.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

/* What the kernel's own checker demands (bpf_check_classic, seccomp_check_filter): known instructions, loads
 * within seccomp_data, every jump forward and inside, a return at the end. NULL, or what is wrong. */
const char *filter_invalid(const struct sock_fprog *);

/* The SECCOMP_RET_* that a valid filter gives; *steps (may be NULL) is how many instructions that took. */
uint32_t filter_emulate(const struct sock_fprog *, const struct seccomp_data *, unsigned *steps);

/* What the rules say, word by word: the first that applies and holds, or the default action. To be compared with what
 * the compiled filter does. Numbers that are new or unknown are the caller's business. */
uint32_t filter_meaning(const struct filter_profile *, const struct filter_wish *, const struct seccomp_data *);
