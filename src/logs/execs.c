/* execs.c - see execs.h. The kernel gives its audit records to whoever joins this group (audit(7), CAP_AUDIT_READ), whether an audit daemon
 * runs or not. They name no container, so that those of its uid count. */
#include "execs.h"

#include "../base/cleanup.h"
#include "../seccomp/calls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RECORD_MAX = 9000, AT_ONCE = 64 };	/* MAX_AUDIT_MESSAGE_LENGTH, and the head */

bool exec_count(struct exec_count *c, uint64_t now)
{
	c->at[c->n++ % c->threshold] = now;
	/* Its successor in the ring is the oldest of the last so many. */
	if (c->n < c->threshold || now - c->at[c->n % c->threshold] >= EXECS_WITHIN * 1000)
		return false;
	c->n = 0;
	return true;
}

bool denial_is_exec(const struct denial *d)
{
	switch (d->kind) {
	/* Another ABI has other numbers, and its first call of any is its last. */
	case DENIED_CALL: return d->arch == CALL_ARCH && (d->call == SYS_execve || d->call == SYS_execveat);
	case DENIED_APPARMOR: return strcmp(d->operation, "exec") == 0;
	default: return false;	/* a record of Landlock's has no uid, so that it could be anybody's */
	}
}

static void take(struct exec_watch *w, const struct nlmsghdr *head, size_t len)
{
	char line[RECORD_MAX + 16], text[400];
	struct denial d;

	snprintf(line, sizeof(line), "type=%u %.*s", head->nlmsg_type, (int)(len - sizeof(*head)), (const char *)(head + 1));
	if (denial_parse(line, &d) < 0 || !d.has_uid || d.uid != w->uid || !denial_is_exec(&d) || !exec_count(&w->count, loop_now()))
		return;
	snprintf(text, sizeof(text), "%lu programs were refused within %d minutes, the last to %s (%s)", w->count.threshold, EXECS_WITHIN / 60, d.comm,
		 denial_kinds[d.kind]);
	w->tell(w->ctx, "denied_execs", text);
}

static void heard(void *ctx, short revents)
{
	_Alignas(struct nlmsghdr) char record[RECORD_MAX];
	struct exec_watch *w = ctx;
	ssize_t n = 1;

	(void)revents;
	/* -ENOBUFS: some were lost while others were read, which says enough. */
	for (int left = AT_ONCE; left && (n > 0 || n == -ENOBUFS); left--) {
		n = sys_recv(w->sys, w->watch.fd, record, sizeof(record), MSG_DONTWAIT);
		if (n > (ssize_t)sizeof(struct nlmsghdr))
			take(w, (const struct nlmsghdr *)record, (size_t)n);
	}
}

int execs_begin(struct exec_watch *w, const struct sys *k, struct err *e)
{
	const struct sockaddr_nl log = { .nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1) };
	int r;

	if (w->count.threshold == 0)
		return 0;
	/* The kernel sends them to the sockets of the initial network namespace alone, which this sysctl is of. */
	if (access("/proc/sys/net/core/netdev_budget", F_OK) < 0) {
		err_set(e, ERR_HOST, 0, "start it there (a unit: without PrivateNetwork=); or leave it out",
			"the kernel's audit records are heard in the initial network namespace only");
		return err_at(e, "/alerts/denied_execs");
	}
	w->sys = k;
	w->watch = (struct watch){ .fd = sys_socket(k, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), .events = POLLIN, .due = NEVER, .happened = heard, .ctx = w };
	r = w->watch.fd < 0 ? w->watch.fd : sys_bind(k, w->watch.fd, &log, sizeof(log));
	if (r < 0) {
		err_set(e, ERR_HOST, r, r == -EPERM ? "root and CAP_AUDIT_READ hear them; or leave it out" : "the kernel needs CONFIG_AUDIT; or leave it out",
			"cannot hear the kernel's audit records");
		return err_at(e, "/alerts/denied_execs");
	}
	return 0;
}

int execs_watch(struct exec_watch *w, struct loop *loop, struct err *e)
{
	return w->watch.fd < 0 ? 0 : loop_add(loop, &w->watch, e);
}

void execs_end(struct exec_watch *w)
{
	close_fd(&w->watch.fd);
}
