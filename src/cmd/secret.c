/* secret.c - `casemate secret update`: another content for a secret of a running container, in one step, and a signal that says so. */
#include "../controls/mounts.h"
#include "../launch/audit.h"
#include "../launch/container.h"
#include "../launch/record.h"
#include "../launch/secrets.h"
#include "../policy/names.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>

static const struct secret_policy *find(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->n_secrets; i++)
		if (strcmp(p->secrets[i].name, name) == 0)
			return &p->secrets[i];
	return NULL;
}

static int write_secret(const struct container *c, const struct policy *p, const struct secret_policy *s, const char *file, struct err *e)
{
	/* A user's container maps the workload's uid to the user's own: the file is right as it is made. */
	const struct secret_owner owner = {
		geteuid() == 0 ? (uid_t)p->user.uid : (uid_t)-1, geteuid() == 0 ? (gid_t)p->user.gid : (gid_t)-1, (mode_t)s->mode };
	bool input = strcmp(file, "-") == 0;
	_auto(close_fd) int from = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : secret_open(&sys_kernel, AT_FDCWD, file, e);
	_auto(close_fd) int dir = -1;

	if (from < 0)
		return input ? err_set(e, ERR_USAGE, errno, NULL, "standard input is closed") : -1;
	dir = secrets_ask(&c->state, e);
	return dir < 0 ? -1 : secret_put(&sys_kernel, dir, s->name, &owner, from, e);
}

static int tell_workload(const struct container *c, int sig, struct err *e)
{
	return sig ? container_signal(c, c->pid, sig, e) : 0;
}

static int update(const char *name, const char *secret, const char *file, int sig, struct err *e)
{
	_auto(container_close) struct container c = CONTAINER_NONE;
	_auto(arena_free) struct arena a = { 0 };
	const struct secret_policy *s;
	struct policy p;
	json_t *event;

	if (container_open(&c, name, e) < 0 || container_policy(&c, &a, &p, e) < 0)
		return -1;
	s = find(&p, secret);
	if (!s)
		return err_set(e, ERR_USAGE, 0, "secrets are named in the policy; a new one takes a new launch", "'%s' has no secret '%s'", name, secret);
	event = record_event("secret", name, NULL);
	json_object_set_new(event, "secret", json_string(secret));
	if (audit_event(event, e) < 0 || write_secret(&c, &p, s, file, e) < 0)
		return -1;
	return tell_workload(&c, sig < 0 ? (int)p.reload_signal : sig, e);
}

static int run(const struct command *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "signal", required_argument, NULL, 's' }, { "no-signal", no_argument, NULL, 'n' }, { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct err e = { 0 };
	int opt, sig = -1;

	while ((opt = getopt_long(argc, argv, "hs:", longs, NULL)) != -1)
		switch (opt) {
		case 'h': return show_help(c);
		case 'n': sig = 0; break;
		case 's':
			sig = signal_number(optarg);
			if (sig <= 0)
				return usage_error(c, "--signal wants a signal such as HUP, not '%s'", optarg);
			break;
		default: return usage_error(c, "unknown option");
		}
	if (argc - optind < 3 || argc - optind > 4 || strcmp(argv[optind], "update") != 0)
		return usage_error(c, "which container, and which secret?");
	if (update(argv[optind + 1], argv[optind + 2], argc - optind == 4 ? argv[optind + 3] : "-", sig, &e) == 0)
		return EXIT_FINE;
	err_print(&e, NULL);
	return err_exit_code(&e);
}

const struct command cmd_secret = {
	.name = "secret",
	.usage = "update [--signal SIGNAL | --no-signal] NAME SECRET [FILE]",
	.summary = "replace a secret of a running container",
	.help = "  -s, --signal SIGNAL   what tells the workload (default: reload.signal of the policy)\n"
		"  --no-signal           nothing does\n\n"
		"The new content comes from FILE, which others may not read, or from standard input, a file or a pipe. Who reads the\n"
		"secret has the old one or the new one, whole. It must be named in the policy, and is an audit event.\n\n"
		"  vault read -field=password app/db | casemate secret update web db-password\n",
	.run = run,
};
