/* unit.c - casemate-unit: what casemate asks of systemd, in a program of its own, so that no launcher is linked with libsystemd.
 *
 *   casemate-unit [--user] scope UNIT PROPERTY...            a scope with this very process in it: prints its cgroup, and
 *                                                            stays until it is killed, or standard input ends, so that others
 *                                                            can be born there
 *   casemate-unit [--user] service UNIT PROPERTY... -- ARGV  a service, until it has started
 *   casemate-unit [--user] set UNIT PROPERTY...              other properties, until the next boot
 *   casemate-unit [--user] stop UNIT                         until it has stopped
 *
 * A failure is one line on standard output, in place of what is printed else, and exit status 1. It is for casemate to
 * call, with an empty environment but for $XDG_RUNTIME_DIR; nothing of it is an interface. */
#include "bus.h"
#include "properties.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
	bool user;
	const char *unit;
	char **properties;	/* NULL-terminated */
	char **argv;		/* of a service */
};

static int fail(const char *what, int r, const sd_bus_error *error)
{
	printf("%s: %s\n", what, error && error->message ? error->message : strerror(-r));
	return 1;
}

/* What became of the job: "failed", "timeout", "canceled" ... */
static int was_not(const struct waiting *w, const char *done)
{
	if (strcmp(w->result, "done") == 0)
		return 0;
	printf("%s was not %s: %s\n", w->unit, done, w->result);
	return 1;
}

static int append_properties(sd_bus_message *m, char **words)
{
	int r = 0;

	for (; r >= 0 && *words; words++)
		r = property_append(m, *words);
	return r;
}

/* ExecStart=, whose words mean what they say: without "no-env-expand" $VARIABLE and $$ are the manager's (systemd.service(5)). */
static int append_command(sd_bus_message *m, char **argv)
{
	int r = sd_bus_message_open_container(m, 'r', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", "ExecStartEx");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "a(sasas)");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "(sasas)");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'r', "sasas");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", argv[0]);
	if (r >= 0)
		r = sd_bus_message_append_strv(m, argv);
	if (r >= 0)
		r = sd_bus_message_append(m, "as", 1, "no-env-expand");
	for (int i = 0; r >= 0 && i < 4; i++)
		r = sd_bus_message_close_container(m);
	return r;
}

static int start_message(sd_bus *bus, const struct request *rq, sd_bus_message **ret)
{
	sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(bus, &m, MANAGER, "StartTransientUnit");

	*ret = m;
	if (r >= 0)
		r = sd_bus_message_append(m, "ss", rq->unit, "fail");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "(sv)");
	if (r >= 0)
		r = append_properties(m, rq->properties);
	if (r >= 0)
		r = rq->argv ? append_command(m, rq->argv) : sd_bus_message_append(m, "(sv)", "PIDs", "au", 1, (uint32_t)getpid());
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_append(m, "a(sa(sv))", 0);
}

static int ask(sd_bus *bus, const struct request *rq, sd_bus_message **reply, sd_bus_error *error)
{
	sd_bus_message *m = NULL;
	int r = start_message(bus, rq, &m);

	if (r >= 0)
		r = sd_bus_call(bus, m, 0, error, reply);
	sd_bus_message_unref(m);
	return r;
}

static void forget(sd_bus *bus, const char *unit)
{
	(void)sd_bus_call_method(bus, MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);
}

/* One of that name that failed before is in the way, and may go; one that runs stays, and is the error. */
static int start(sd_bus *bus, const struct request *rq, struct waiting *w)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *job = NULL;
	int r = ask(bus, rq, &reply, &error), failed = 0;

	if (r < 0 && sd_bus_error_has_name(&error, "org.freedesktop.systemd1.UnitExists")) {
		sd_bus_error_free(&error);
		forget(bus, rq->unit);
		r = ask(bus, rq, &reply, &error);
	}
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &job);
	if (r < 0)
		failed = fail("systemd refuses the unit", r, &error);
	else if ((r = bus_wait(w, job)) < 0)
		failed = fail("waiting for systemd", r, NULL);
	sd_bus_message_unref(reply);
	sd_bus_error_free(&error);
	return failed;
}

/* Our own cgroup is the scope's now. */
static int print_cgroup(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096];
	int r = 1;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "0::/", 4) == 0) {
			fputs(line + 3, stdout);
			r = fflush(stdout) != 0;
		}
	if (f)
		fclose(f);
	return r ? fail("/proc/self/cgroup", -EIO, NULL) : 0;
}

static int scope(sd_bus *bus, const struct request *rq)
{
	struct waiting w;
	char end[16];
	int r = bus_expect(&w, bus, rq->unit);

	if (r < 0)
		return fail("systemd", r, NULL);
	if (start(bus, rq, &w))
		return 1;
	if (was_not(&w, "made"))
		return 1;
	sd_bus_flush_close_unref(bus);
	if (print_cgroup())
		return 1;
	while (read(STDIN_FILENO, end, sizeof(end)) > 0)
		;
	return 0;
}

/* What the service itself said of its end is the reason. */
static int service(sd_bus *bus, const struct request *rq)
{
	struct waiting w;
	char *status = NULL;
	int r = bus_expect(&w, bus, rq->unit);

	if (r < 0)
		return fail("systemd", r, NULL);
	if (start(bus, rq, &w))
		return 1;
	if (strcmp(w.result, "done") == 0)
		return 0;
	status = bus_property(bus, rq->unit, "org.freedesktop.systemd1.Service", "StatusText");
	printf("%d %s\n", bus_exit_code(bus, rq->unit), status && *status ? status : w.result);
	free(status);
	forget(bus, rq->unit);
	return 1;
}

static int set(sd_bus *bus, const struct request *rq)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *m = NULL;
	int r = sd_bus_message_new_method_call(bus, &m, MANAGER, "SetUnitProperties"), failed;

	if (r >= 0)
		r = sd_bus_message_append(m, "sb", rq->unit, true);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "(sv)");
	if (r >= 0)
		r = append_properties(m, rq->properties);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	if (r >= 0)
		r = sd_bus_call(bus, m, 0, &error, NULL);
	/* It answers first and writes to the cgroup then, but before it hears anything else. */
	if (r >= 0)
		r = sd_bus_call_method(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.DBus.Peer", "Ping", &error, NULL, NULL);
	failed = r < 0 ? fail("systemd refuses the properties", r, &error) : 0;
	sd_bus_message_unref(m);
	sd_bus_error_free(&error);
	return failed;
}

/* One that is gone has stopped. */
static int stop(sd_bus *bus, const struct request *rq)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	struct waiting w;
	const char *job = NULL;
	int r = bus_expect(&w, bus, rq->unit), failed = 0;

	if (r >= 0)
		r = sd_bus_call_method(bus, MANAGER, "StopUnit", &error, &reply, "ss", rq->unit, "replace");
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &job);
	if (r >= 0)
		r = bus_wait(&w, job);
	if (r < 0 && !sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit"))
		failed = fail("systemd does not stop the unit", r, &error);
	else if (r >= 0)
		failed = was_not(&w, "stopped");
	sd_bus_message_unref(reply);
	sd_bus_error_free(&error);
	return failed;
}

static const struct { const char *name; int (*run)(sd_bus *, const struct request *); } verbs[] = {
	{ "scope", scope }, { "service", service }, { "set", set }, { "stop", stop },
};

int main(int argc, char **argv)
{
	struct request rq = { .user = argc > 1 && strcmp(argv[1], "--user") == 0 };
	char **word = argv + 1 + rq.user;
	sd_bus *bus = NULL;
	int r;

	if (argc - rq.user < 3)
		return fputs("casemate-unit: for casemate to call\n", stderr), 2;
	rq.unit = word[1];
	rq.properties = word + 2;
	for (char **w = rq.properties; *w && !rq.argv; w++)
		if (strcmp(*w, "--") == 0) {
			*w = NULL;
			rq.argv = w + 1;
			break;
		}
	r = bus_open(rq.user, &bus);
	if (r < 0)
		return fail("cannot reach systemd", r, NULL);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, word[0]) == 0)
			return verbs[i].run(bus, &rq) || fflush(stdout) != 0;
	return fputs("casemate-unit: for casemate to call\n", stderr), 2;
}
