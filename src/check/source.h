/* source.h - which rule a door's note belongs to: what a docker run line, a compose file or a config.json asks for, or leaves
 * open, is a finding about that source, although the policy that is made of it is tighter. */
#pragma once

#include "rule.h"

enum said { SAID_TIGHTENED, SAID_NO_EFFECT, SAID_MISSING, SAID_REFUSED, SAID_KINDS };

/* `pointer` is the policy key or "", `excerpt` what stands in the source, `text` what the door says of it. */
const struct rule *source_rule(enum said, const char *pointer, const char *excerpt, const char *text);
/* What an image's name says of what will run. NULL: nothing; a directory is none. */
const struct rule *source_image_rule(const char *image);
