/* lists.h - the types of the policy language that are more than one number; for value.c. */
#pragma once

#include "read.h"

/* Each stores at base + offset of its row, and fails at the member that is wrong. */
must_check int put_string(struct reading *, const struct key *, json_t *, void *base);
must_check int put_strings(struct reading *, const struct key *, json_t *, void *base);
must_check int put_numbers(struct reading *, const struct key *, json_t *, void *base);
must_check int put_pairs(struct reading *, const struct key *, json_t *, void *base);
must_check int put_caps(struct reading *, const struct key *, json_t *, void *base);
must_check int put_profile(struct reading *, const struct key *, json_t *, void *base);
must_check int put_objects(struct reading *, const struct key *, json_t *, void *base);

/* A JSON integer within the row's range, into a uint64_t: value.c lends it to lists of numbers. */
bool take_uint(const struct key *, const json_t *, void *dst);
