/* standards.h - the checklists that an auditor brings along, item by item, and what answers each here. */
#pragma once

#include <stdio.h>

struct standard_item {
	const char *id;		/* "CIS 5.4", "PSS restricted: Capabilities" */
	const char *wants;	/* in our words */
	const char *how;	/* by construction: what makes it so; else NULL */
	const char *rules;	/* ids, separated by blanks, of the rules that judge the rest; or NULL */
};

extern const struct standard_item standard_items[];	/* ends with a NULL id */

void standards_print(FILE *);
