/* bus.h - the service manager's own socket, and waiting for what it was asked to do. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#define MANAGER "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

struct waiting {
	sd_bus *bus;
	char done[256], result[64];	/* of the last job that ended for this unit */
	const char *unit;
};

/* Connects to the system's manager, or to the user's. 0 or -errno. */
int bus_open(bool user, sd_bus **ret);
/* Before the job is asked for, so that its end cannot be missed. */
int bus_expect(struct waiting *, sd_bus *, const char *unit);
/* Until it has ended, for which the unit has timeouts; `result` says how: "done", "failed", "timeout" ... */
int bus_wait(struct waiting *, const char *job);
/* Of a service that has ended; 125 where that is not known. */
int bus_exit_code(sd_bus *, const char *unit);
/* A string property of the unit; malloc'd. NULL: there is none. */
char *bus_property(sd_bus *, const char *unit, const char *interface, const char *name);
