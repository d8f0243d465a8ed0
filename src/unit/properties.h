/* properties.h - properties of a unit from NAME=VALUE words: into an open array of the message. */
#pragma once

#include <systemd/sd-bus.h>

/* 0; -EINVAL for a name or value that is not understood; another -errno. */
int property_append(sd_bus_message *, const char *word);
