/* ids.h - become the fixed uid:gid and no way back. */
#pragma once
#include "control.h"

must_check int ids_apply(struct launch *, struct err *);
must_check int ids_no_return(struct launch *, struct err *);	/* the old ids must be out of reach */
