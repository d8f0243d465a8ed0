/* words.h - the words that a profile's JSON has for actions and comparisons, the same whoever wrote it and whoever reads it.
 *
 * Which of them are to be had is their reader's to say. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* To be walked until NULL. */
extern const char *const filter_actions[], *const filter_operators[];

/* SECCOMP_RET_*, without data; false: there is no such action. */
bool filter_action(const char *name, uint32_t *ret);
/* The other way round. */
const char *filter_action_name(uint32_t action);
/* enum filter_op, or -1. */
int filter_operator(const char *name);
