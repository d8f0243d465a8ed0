/* bus.c - see bus.h. The manager listens on a socket of its own, which needs no message bus: there may be none yet, or none at
 * all, and systemctl(1) goes the same way. */
#include "bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bus_open(bool user, sd_bus **ret)
{
	const char *run = user ? getenv("XDG_RUNTIME_DIR") : "/run";
	char address[512];
	sd_bus *bus = NULL;
	int r;

	if (!run || *run != '/' || strpbrk(run, ",;%=\\") ||
	    snprintf(address, sizeof(address), "unix:path=%s/systemd/private", run) >= (int)sizeof(address))
		return -ENOENT;
	r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0) {
		sd_bus_unref(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

static int job_removed(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	struct waiting *w = ctx;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(m, "uoss", &id, &job, &unit, &result) < 0 || strcmp(unit, w->unit) != 0)
		return 0;
	snprintf(w->done, sizeof(w->done), "%s", job);
	snprintf(w->result, sizeof(w->result), "%s", result);
	return 0;
}

int bus_expect(struct waiting *w, sd_bus *bus, const char *unit)
{
	int r;

	*w = (struct waiting){ .bus = bus, .unit = unit };
	/* No sender: nobody but the manager is at the other end. */
	r = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved", job_removed, w);
	return r < 0 ? r : sd_bus_call_method(bus, MANAGER, "Subscribe", NULL, NULL, NULL);
}

int bus_wait(struct waiting *w, const char *job)
{
	for (;;) {
		int r = sd_bus_process(w->bus, NULL);

		if (r < 0)
			return r;
		if (strcmp(w->done, job) == 0)
			return 0;
		if (r > 0)
			continue;
		r = sd_bus_wait(w->bus, UINT64_MAX);
		if (r < 0 && r != -EINTR)
			return r;
	}
}

char *bus_property(sd_bus *bus, const char *unit, const char *interface, const char *name)
{
	char *path = NULL, *value = NULL;

	if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0 &&
	    sd_bus_get_property_string(bus, "org.freedesktop.systemd1", path, interface, name, NULL, &value) < 0)
		value = NULL;
	free(path);
	return value;
}

int bus_exit_code(sd_bus *bus, const char *unit)
{
	char *path = NULL;
	int32_t code = 125;

	if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0 &&
	    sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Service", "ExecMainStatus", NULL, 'i', &code) < 0)
		code = 125;
	free(path);
	return code;
}
