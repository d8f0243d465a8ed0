/* create.h - one container from its bundle to the moment at which it waits for its start. */
#pragma once

#include "../launch/parent.h"
#include "container.h"
#include "runtime.h"

struct creation {
	struct oci_container container;
	struct oci_spec spec;
	const struct plan *plan;
	struct launch launch;
	struct arena keep, scratch;	/* the text, the plan; what is needed only until it waits */
	char bundle[4096], root[4096];
};

/* The wish is completed from the command line (`id` is its last word). creation_end() also after a failure. */
must_check int creation_make(struct creation *, struct runtime *, const char *id, struct err *);
void creation_end(struct creation *);

/* Those that --preserve-fds counts must be open. */
must_check int oci_check_fds(const struct oci_wish *, struct err *);
/* NULL: nobody asked. */
must_check int oci_write_pid_file(const char *path, pid_t, struct err *);

/* Until it ends, with the terminal of ours that it may have; its exit code. Ends the launch in any case. */
must_check int oci_foreground(struct launch *, struct err *);

/* The hooks of a stage after `create`, where there are any. */
must_check int oci_container_hooks(struct oci_container *, const struct runtime *, enum hook_stage, struct err *);
/* It is gone for good: its last hooks, whose failure is a warning. */
void oci_container_poststop(struct oci_container *, const struct runtime *);
/* What has ended must go, whatever else cannot be done: such a failure is a warning. */
void oci_warn_of(const struct runtime *, const struct err *);
/* The last of it: the hooks, the audit event (with the exit code, -1: not known), both of whose failures are warnings, and the state.
 * The lock is held. */
must_check int oci_container_end(struct oci_container *, const struct runtime *, int code, struct err *);
/* Starts what waits: its program runs, or *e says why it does not. The lock is held. */
must_check int oci_container_start(struct oci_container *, const struct runtime *, struct err *);
