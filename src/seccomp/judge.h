/* judge.h - what the rules of one call amount to. */
#pragma once

#include "compile.h"

enum { CALL_RULES_MAX = 256 };

/* The rules of one call that apply, without those that change nothing. */
struct judgement {
	const struct filter_rule *rules[CALL_RULES_MAX];
	size_t n;		/* 0: the default action */
};

/* `first` is the first rule of the call; sets *next behind the last. Refuses what cannot have been meant. */
must_check int judge_call(const struct filter_profile *, const struct filter_wish *, size_t first, size_t *next,
			  struct judgement *, struct err *);

bool rule_applies(const struct filter_rule *, const struct filter_wish *);
