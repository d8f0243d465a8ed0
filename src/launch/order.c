/* order.c - what happens, in which order. Read it top to bottom: this IS the launch, for every
 * command and every door. Each line's place has a reason; the comments say which. */
#include "order.h"
#include "../controls/apparmor.h"
#include "../controls/caps.h"
#include "../controls/cgroup.h"
#include "../controls/devices.h"
#include "../controls/ids.h"
#include "../controls/landlock.h"
#include "../controls/limits.h"
#include "../controls/mounts.h"
#include "../controls/namespaces.h"
#include "../controls/process.h"
#include "../controls/rlimits.h"
#include "../controls/seccomp.h"
#include "../controls/selinux.h"
#include "../controls/terminal.h"
#include "child.h"
#include "guard.h"
#include "home.h"
#include "hooks.h"
#include "init.h"
#include "join.h"
#include "listen.h"
#include "listener.h"
#include "parent.h"
#include "unit.h"

#include <string.h>

/* clang-format off */
const struct step parent_order[] = {
/*	  name			apply			control		checked by */
	{ "stdio",		stdio_check,		ALWAYS,		"changes nothing", .asks = true },
	{ "sockets",		listen_check,		ALWAYS,		"changes nothing", .asks = true, .makes = true },
	{ "namespaces.note",	namespaces_note,	ALWAYS,		"changes nothing", .asks = true },
	{ "join",		join_open,		ALWAYS,		"the child's verify" },		/* in place of all rows that make something: those are skipped */
	{ "scope",		unit_scope,		ALWAYS,		"cgroup", .makes = true },	/* as whoever we are: systemd knows its users by their host ids */
	{ "userns",		userns_enter,		ALWAYS,		"mounts: EPERM without it", .makes = true },	/* rootless: what follows needs CAP_SYS_ADMIN */
	{ "cgroup",		cgroup_open,		ALWAYS,		"limits", .makes = true },
	{ "limits",		limits_apply,		ALWAYS,		"limits.verify", .makes = true },		/* there before the first instruction of the child */
	{ "limits.verify",	limits_verify,		ALWAYS,		"changes nothing", .asks = true, .makes = true },
	{ "cgroup.give",	cgroup_give,		ALWAYS,		"itself", .makes = true },
	{ "devices",		devices_apply,		CONTROL_devices,"outside", .makes = true },
	{ "namespaces.enter",	namespaces_enter,	ALWAYS,		"the child's verify", .makes = true },		/* before the mounts: /sys shows the network of whoever makes it; only the owner of a namespace may enter it: before the user namespace */
	{ "secrets",		secrets_open,		ALWAYS,		"the child's verify", .makes = true },		/* nothing of the container's lives yet that could look on */
	{ "mounts.open",	mounts_open,		ALWAYS,		"the child's verify", .makes = true },		/* every path of the policy is resolved here */
	{ "landlock.open",	landlock_open,		CONTROL_landlock, "the child's try" },		/* from the trees just opened */
	{ "apparmor.host",	apparmor_check_host,	CONTROL_apparmor, "changes nothing", .asks = true },
	{ "selinux.host",	selinux_check_host,	ALWAYS,		"changes nothing", .asks = true },
	{ "timens",		timens_set,		CONTROL_ns_time,"the child's verify", .makes = true },
	{ "rlimits.raise",	rlimits_raise,		CONTROL_rlimits,"the child's rlimits" },	/* nobody in a user namespace may */
	{ "console",		terminal_open,		ALWAYS,		"the child's terminal" },
	{ "affinity",		affinity_apply,		ALWAYS,		"nothing: what counts is where the process ends up" },
	{ "clone",		parent_clone,		ALWAYS,		"the child's verify" },
	{ "scope.leave",	unit_scope_leave,	ALWAYS,		"nothing: ours, not the container's", .makes = true },
	{ "namespaces.leave",	namespaces_leave,	ALWAYS,		"nothing: ours, not the container's", .makes = true },
	{ "guard",		guard_start,		CONTROL_apparmor, "nothing: ours, not the container's" },	/* from the host's namespaces, before anything runs that it is to end */
	{ "idmaps",		idmaps_write,		ALWAYS,		"the child's ids", .makes = true },
	{ "cgroup.join",	join_cgroup,		ALWAYS,		"limits, outside" },
	{ "scheduling.give",	scheduling_give,	ALWAYS,		"the child's verify" },		/* from outside: it takes rights over the host */
	{ "undumpable",		undumpable_apply,	ALWAYS,		"itself" },			/* before anybody lives in the container */
	{ "go",			parent_go,		ALWAYS,		"ready" },
	{ "hooks",		hooks_of_runtime,	ALWAYS,		"itself", .asks = true, .makes = true },
	{ "ready",		parent_await,		ALWAYS,		"itself", .asks = true },
	{ "outside",		parent_verify,		ALWAYS,		"itself", .asks = true },	/* what only holds after exec */
};

const struct step child_order[] = {
/*	  name			apply			control			checked by	uses			loses */
	{ "ends",		child_close_ends,	ALWAYS,			"go: a dead parent is noticed", P_CALLS,	0 },
	{ "pdeathsig",		pdeathsig_apply,	ALWAYS,			"itself",	P_CALLS,		0 },	/* before anything can block */
	{ "go",			child_await_go,		ALWAYS,			"itself",	P_CALLS,		0, .asks = true },	/* id maps, cgroup, network are done */
	{ "undumpable",		undumpable_apply,	ALWAYS,			"itself",	P_CALLS,		0 },
	{ "ids.root",		userns_root,		ALWAYS,			"ids",		P_SETID,		0 },
	{ "selinux.keys",	selinux_key_apply,	CONTROL_session,	"itself",	P_HOST_TREE,		0 },	/* of the keyring that comes next */
	{ "session",		session_apply,		CONTROL_session,	"verify",	P_CALLS,		0 },
	{ "scheduling",		scheduling_apply,	CONTROL_session,	"verify",	P_HOST_TREE,		0 },	/* the caller's priorities and personality end here */
	{ "uts",		uts_apply,		CONTROL_ns_uts,		"itself",	P_ADMIN,		0, .makes = true },
	{ "loopback",		loopback_apply,		CONTROL_ns_net,		"itself",	P_ADMIN,		0, .makes = true },
	{ "sysctl",		sysctl_apply,		ALWAYS,			"itself",	P_ADMIN | P_HOST_TREE,		0, .makes = true },	/* through the host's /proc/sys, which is still here */
	{ "userns.seal",	userns_seal,		ALWAYS,			"userns.try",	P_ADMIN | P_HOST_TREE,		0, .makes = true },
	{ "mounts",		mounts_apply,		ALWAYS,			"verify",	P_ADMIN | P_HOST_TREE | P_FDS, 0, .makes = true },
	{ "hooks",		hooks_in_container,	ALWAYS,			"itself",	P_ADMIN | P_HOST_TREE,	0, .makes = true, .asks = true },	/* all is mounted, the host still in reach */
	{ "masks",		masks_apply,		CONTROL_masks,		"verify",	P_ADMIN | P_HOST_TREE,	0, .makes = true },
	{ "pivot",		pivot_apply,		ALWAYS,			"verify",	P_ADMIN | P_HOST_TREE,	P_HOST_TREE, .makes = true },
	{ "stdio.own",		stdio_own,		ALWAYS,			"nothing: a courtesy", P_ROOT,	0 },
	{ "terminal",		terminal_apply,		ALWAYS,			"itself",	P_ADMIN | P_ROOT,	0 },	/* in the container's tree, and its owner is still ours to set */
	{ "cwd.enter",		cwd_enter,		ALWAYS,			"cwd",		P_ROOT,			0 },	/* if only root can */
	{ "securebits",		securebits_apply,	ALWAYS,			"verify",	P_SETPCAP,		0 },	/* before the ids: keeps what caps.final hands out */
	{ "apparmor",		apparmor_apply,		CONTROL_apparmor,	"verify, outside", P_PROC,		0 },	/* takes effect at exec; before no_new_privs */
	{ "selinux",		selinux_apply,		ALWAYS,			"itself",	P_PROC,			0 },	/* takes effect at exec, too */
	{ "caps.bound",		caps_bound_apply,	ALWAYS,			"verify",	P_SETPCAP,		P_SETPCAP },
	{ "ids",		ids_apply,		ALWAYS,			"verify",	P_SETID | P_ROOT,	P_ROOT },
	{ "terminal.join",	terminal_join,		ALWAYS,			"itself",	P_CALLS,		0 },	/* as the user, who then owns it */
	{ "caps.final",		caps_final_apply,	ALWAYS,			"verify",	P_CALLS,		P_SETID | P_ADMIN },
	{ "ids.no_return",	ids_no_return,		ALWAYS,			"itself",	P_CALLS,		0, .asks = true },	/* it must fail */
	{ "cwd",		cwd_apply,		ALWAYS,			"itself",	P_CALLS,		0 },	/* as the user, after every mount */
	{ "undumpable.again",	undumpable_apply,	ALWAYS,			"itself",	P_CALLS,		0 },	/* and set this to fs.suid_dumpable */
	{ "pdeathsig.again",	pdeathsig_apply,	ALWAYS,			"itself",	P_CALLS,		0 },	/* the new ids cleared it */
	{ "home",		home_apply,		ALWAYS,			"nothing: a courtesy", P_CALLS,	0 },	/* with the rights of the program, from its own tree */
	{ "no_new_privs",	nnp_apply,		CONTROL_no_new_privs,	"verify",	P_CALLS,		P_EXEC_GAIN },
	{ "landlock",		landlock_apply,		CONTROL_landlock,	"landlock.try",	P_FDS,			0 },	/* needs no_new_privs */
	{ "landlock.try",	landlock_verify_inside,	CONTROL_landlock,	"itself",	P_PROC,		0, .asks = true },	/* it must fail */
	{ "userns.try",		userns_try,		ALWAYS,			"itself",	P_CALLS,		0, .asks = true },	/* it must fail */
	{ "init",		init_fork,		ALWAYS,			"outside",	P_FDS,			0 },	/* PID 1 stays behind, confined alike */
	{ "fds",		fds_apply,		CONTROL_fds,		"verify",	P_FDS,			P_FDS },
	{ "rlimits",		rlimits_apply,		CONTROL_rlimits,	"verify",	P_CALLS,		0 },	/* after the descriptors that a low nofile would not allow */
	{ "signals",		child_signals,		ALWAYS,			"verify",	P_CALLS,		0 },
	{ "verify",		child_verify,		ALWAYS,			"itself",	P_PROC,			0, .asks = true },	/* the last moment at which /proc and prctl are certain */
	{ "program",		child_program,		ALWAYS,			"itself",	P_CALLS,		0, .asks = true },
	{ "ready",		child_ready,		ALWAYS,			"the parent",	P_CALLS,		0, .asks = true },
	{ "hold",		child_hold,		ALWAYS,			"itself",	P_CALLS,		0, .asks = true },	/* all that can fail has not: `create` is over */
	{ "listener",		listener_await,		CONTROL_seccomp,	"itself",	P_CALLS,		0, .asks = true },	/* whoever takes it from outside is there */
	{ "seccomp",		seccomp_apply,		CONTROL_seccomp,	"outside",	P_CALLS,		P_CALLS | P_PROC },	/* nothing of ours runs after it but execve */
};
/* clang-format on */
const size_t parent_order_len = COUNT(parent_order), child_order_len = COUNT(child_order);

int order_run(const struct step *rows, size_t n, struct launch *l, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].makes && l->plan->joins)
			continue;
		if (rows[i].control != ALWAYS && waived(l->plan, (enum control_id)rows[i].control))
			continue;
		if (rows[i].apply(l, e) < 0)
			return err_step(e, rows[i].name);
	}
	return 0;
}

int verify_controls(struct launch *l, struct target *t, bool late, struct err *e)
{
	ssize_t n = sys_read_file(t->sys, t->proc, "status", t->status, sizeof(t->status));

	if (n < 0)
		return err_set(e, ERR_LAUNCH, (int)n, NULL, "cannot read the status of the workload");
	t->mountinfo[0] = '\0';
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const struct control *c = control_get((enum control_id)i);

		if (!c->verify || (c->late != late && !c->again))
			continue;
		if (waived(l->plan, (enum control_id)i))
			snprintf(l->value[i], VALUE_MAX, "waived");
		else if (c->verify(l->plan, t, l->value[i], e) < 0)
			return err_step(e, control_name((enum control_id)i));
	}
	return 0;
}
