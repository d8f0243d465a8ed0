/* mount_options.h - the options of a mount in config.json, word by word. Pure. */
#pragma once

#include "../controls/control.h"

struct mount_options {
	bool bind, recursive, remount, idmap, deep_idmap, copy_up;
	uint64_t set, clear;		/* of the mount; `clear` holds no more than the field of access times */
	uint64_t undone;		/* what was said not to be set: a remount takes it off */
	uint64_t deep_set, deep_clear;	/* of the mount and all below it */
	unsigned propagation[PROPAGATIONS_MAX];
	size_t n_propagation;
};

enum option_fate {
	OPTION_TAKEN,
	OPTION_FLAG,		/* of the file system, as a flag without a value */
	OPTION_UNKNOWN,		/* of the file system, if it knows it */
	OPTION_TOO_MANY,	/* more changes of propagation than make sense */
};

/* Takes one word. A later one overrules an earlier one, as with mount(8). */
enum option_fate mount_option_take(struct mount_options *, const char *word);
/* The nearest of the words that are known, or NULL. */
const char *mount_option_guess(const char *word, char *buf, size_t size);
/* The i-th word of the table; NULL behind the last. */
const char *mount_option_word(size_t i);
