/* words.c - see words.h. */
#include "words.h"
#include "profile.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

const char *const filter_actions[] = {
	"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL", "SCMP_ACT_LOG",
	"SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP", NULL,
};
static const uint32_t returns[] = {	/* in the same order */
	SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_LOG,
	SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_TRAP,
};
_Static_assert(sizeof(returns) / sizeof(*returns) == sizeof(filter_actions) / sizeof(*filter_actions) - 1, "one for each name");

const char *const filter_operators[] = {	/* as enum filter_op */
	[OP_EQ] = "SCMP_CMP_EQ", [OP_NE] = "SCMP_CMP_NE", [OP_LT] = "SCMP_CMP_LT", [OP_LE] = "SCMP_CMP_LE",
	[OP_GE] = "SCMP_CMP_GE", [OP_GT] = "SCMP_CMP_GT", [OP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ", NULL,
};

static int find(const char *const *words, const char *word)
{
	for (int i = 0; word && words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

bool filter_action(const char *name, uint32_t *ret)
{
	int i = find(filter_actions, name);

	if (i >= 0)
		*ret = returns[i];
	return i >= 0;
}

const char *filter_action_name(uint32_t action)
{
	size_t i = 0;

	while (filter_actions[i + 1] && returns[i] != (action & SECCOMP_RET_ACTION_FULL))
		i++;
	return filter_actions[i];
}

int filter_operator(const char *name)
{
	return find(filter_operators, name);
}
