/* floor.h - the floor of this host, which binds every launch whatever door it came through. */
#pragma once

#include "../controls/control.h"
#include "../policy/floor.h"

#define FLOOR_FILE "/etc/casemate/floor.json"

/* A floor and where it came from. */
struct bound {
	struct floor floor;
	const char *file;	/* or the name of a shipped one */
	char sha256[65];
};

/* The host's own, in an arena that is made when there is one. 1: there is one; 0: there is none; -1: there is one that cannot be trusted or understood, and nothing may start. */
must_check int floor_of_host(struct arena *, struct bound *, struct err *);
/* One of the shipped, by name, or the text of a file. */
must_check int floor_from_text(const char *file, const char *text, size_t len, struct arena *, struct bound *, struct err *);

/* floor_judge() with the names of the waived controls. */
void floor_hold(const struct bound *, const struct policy *, uint64_t without, const struct findings *);

/* Refuses `casemate exec` where the host's floor of today does. */
must_check int floor_allows_exec(struct err *);

/* Refuses a launch below the host's floor. What bound it is in *file and sha256; *file NULL: nothing. */
must_check int floor_bind(const struct policy *, uint64_t without, const char **file, char sha256[65], struct err *);
