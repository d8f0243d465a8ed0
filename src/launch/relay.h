/* relay.h - the caller's terminal and the container's, joined for as long as the container is in the foreground. */
#pragma once
#include "../controls/control.h"
#include "loop.h"

#include <termios.h>

struct relay {
	struct way {
		struct watch in, out;
		char buf[4096];
		size_t from, to;
		bool over;
	} there, back;		/* what is typed; what is shown */
	int master;
	bool raw;		/* the caller has a terminal, and it is in raw mode */
	struct termios before;
};

/* Takes over the master of a launch whose plan has a terminal of ours; nothing to do for any other. relay_end() also after a failure. */
must_check int relay_start(struct relay *, struct launch *, struct loop *, struct err *);
void relay_end(struct relay *);
