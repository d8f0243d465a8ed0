/* process_sched.c - what the scheduler, the disk and the OOM killer make of a process, and its personality: all of it survives
 * execve, and limits do not bind it.
 *
 * A launch of a policy ends whatever the caller had: cpu.max leaves real-time processes alone, memory.max cannot kill what the OOM
 * killer may not, and ADDR_NO_RANDOMIZE takes the workload's ASLR away. Other descriptions may ask for values. Those are given by
 * the parent, from outside and before GO, since the kernel wants capabilities of the host for the better ones
 * (sched(7), ioprio_set(2), proc_pid_oom_score_adj(5)), which nobody in a user namespace has. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>

/* --- parent --- */

int affinity_apply(struct launch *l, struct err *e)
{
	const uint64_t *cpus = l->plan->sched.cpus_before;
	int r = cpus ? sys_setaffinity(l->sys, 0, CPUS_MAX / 8, cpus) : 0;

	return r < 0 ? err_set(e, ERR_HOST, r, "are these CPUs there?", "cannot run on the initial CPUs") : 0;
}

static int give_score(struct launch *l, struct err *e)
{
	char path[64], text[16];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", l->pid);
	snprintf(text, sizeof(text), "%d", l->plan->sched.score);
	r = sys_write_file(l->sys, AT_FDCWD, path, text);
	return r < 0 ? err_set(e, ERR_HOST, r, "to lower it takes CAP_SYS_RESOURCE", "cannot set oom_score_adj to %s", text) : 0;
}

int scheduling_give(struct launch *l, struct err *e)
{
	const struct plan_sched *s = &l->plan->sched;
	int r = 0;

	if (s->has_score && give_score(l, e) < 0)
		return -1;
	if (s->has_io && (r = sys_ioprio_set(l->sys, l->pid, s->io)) < 0)
		return err_set(e, ERR_HOST, r, "real time takes CAP_SYS_ADMIN or CAP_SYS_NICE", "cannot set the I/O priority %#x", s->io);
	if (s->cpus && (r = sys_setaffinity(l->sys, l->pid, CPUS_MAX / 8, s->cpus)) < 0)
		return err_set(e, ERR_HOST, r, "are they in the container's cpuset?", "cannot move the process to its CPUs");
	if (s->has_policy && (r = sys_sched_set(l->sys, l->pid, &s->policy)) < 0)
		return err_set(e, ERR_HOST, r, "real time and a negative nice value take CAP_SYS_NICE",
			       "cannot set scheduling policy %u", s->policy.policy);
	return 0;
}

/* --- child --- */

static const char *score_file(const struct launch *l)
{
	return l->proc < 0 ? "/proc/self/oom_score_adj" : "self/oom_score_adj";
}

static int reset(struct launch *l)
{
	const struct plan_sched *s = &l->plan->sched;
	char score[16] = "";
	int r = s->has_policy ? 0 : sys_sched_reset(l->sys);

	if (r >= 0 && !s->has_persona)
		r = sys_personality(l->sys, PER_LINUX);
	/* Who joins a container is in its tree already, and has brought a /proc that can be trusted (CVE-2019-16884). */
	if (r >= 0 && !s->has_score)
		r = (int)sys_read_file(l->sys, l->proc < 0 ? AT_FDCWD : l->proc, score_file(l), score, sizeof(score));
	if (r >= 0 && score[0] == '-')
		r = sys_write_file(l->sys, l->proc < 0 ? AT_FDCWD : l->proc, score_file(l), "0");
	return r;
}

int scheduling_apply(struct launch *l, struct err *e)
{
	const struct plan_sched *s = &l->plan->sched;
	int r = s->reset ? reset(l) : 0;

	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot reset the inherited scheduling");
	if (s->has_persona)
		r = sys_personality(l->sys, s->persona);
	return r < 0 ? err_set(e, ERR_HOST, r, NULL, "cannot set personality %#lx", s->persona) : 0;
}

/* --- reading back --- */

struct seen { long nice, priority, policy, score; int persona; };

/* nice, rt_priority and policy are fields 19, 40 and 41 of stat, counted from the pid (proc_pid_stat(5)). */
static int look(struct target *t, const char *after_name, struct seen *ret)
{
	long field[42] = { 0 };
	char score[16];
	int n = 3;

	for (const char *at = after_name + strlen(") S"); n < 41 && *at; at += strcspn(at, " "))
		field[++n] = strtol(at += strspn(at, " "), NULL, 10);
	if (n != 41 || sys_read_file(t->sys, t->proc, "oom_score_adj", score, sizeof(score)) <= 0)
		return -EIO;
	*ret = (struct seen){ field[19], field[40], field[41], strtol(score, NULL, 10), sys_personality(t->sys, QUERY_PERSONALITY) };
	return 0;
}

static bool policy_is(struct target *t, const struct seen *now, const struct sys_sched *want)
{
	struct sys_sched got = { .size = sizeof(got) };

	if (now->policy != (long)want->policy || now->priority != (long)want->priority)
		return false;
	if (want->policy == SCHED_OTHER || want->policy == SCHED_BATCH)
		return now->nice == want->nice;
	if (want->policy != SCHED_DEADLINE)
		return true;
	return sys_sched_get(t->sys, 0, &got) >= 0 && got.runtime == want->runtime && got.deadline == want->deadline &&
	       got.period == (want->period ? want->period : want->deadline);
}

static bool cpus_are(struct target *t, const uint64_t *want)
{
	uint64_t got[CPUS_MAX / 64] = { 0 };
	bool any = false;

	if (sys_getaffinity(t->sys, 0, sizeof(got), got) < 0)
		return false;
	for (size_t i = 0; i < COUNT(got); i++) {	/* those that are there, and no others */
		if (got[i] & ~want[i])
			return false;
		any |= got[i] != 0;
	}
	return any;
}

int scheduling_verify(const struct plan *p, struct target *t, const char *stat, struct err *e)
{
	const struct plan_sched *s = &p->sched;
	struct seen now;
	int r = look(t, stat, &now);

	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, NULL, "cannot read the scheduling back");
	if ((s->reset && !s->has_policy && (now.nice < 0 || now.priority != 0 || now.policy != SCHED_OTHER)) ||
	    (s->reset && !s->has_persona && now.persona != PER_LINUX) || (s->reset && !s->has_score && now.score < 0))
		return err_set(e, ERR_LAUNCH, 0, NULL, "the caller's priority or personality is still there");
	if (s->has_policy && !policy_is(t, &now, &s->policy))
		return err_set(e, ERR_LAUNCH, 0, NULL, "the scheduling policy is %ld, priority %ld, nice %ld", now.policy, now.priority,
			       now.nice);
	if (s->has_persona && now.persona != (int)s->persona)
		return err_set(e, ERR_LAUNCH, 0, NULL, "the personality is %#x, not %#lx", (unsigned)now.persona, s->persona);
	if (s->has_score && now.score != s->score)
		return err_set(e, ERR_LAUNCH, 0, NULL, "oom_score_adj is %ld, not %d", now.score, s->score);
	r = s->has_io ? sys_ioprio_get(t->sys, 0) : 0;
	if (s->has_io && r != s->io)
		return err_set(e, ERR_LAUNCH, r < 0 ? r : 0, NULL, "the I/O priority is %#x, not %#x", (unsigned)r, (unsigned)s->io);
	if (s->cpus && !cpus_are(t, s->cpus))
		return err_set(e, ERR_LAUNCH, 0, NULL, "the process may run on other CPUs than asked for");
	return 0;
}
