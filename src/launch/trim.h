/* trim.h - a small process while it waits. */
#pragma once

/* Gives back the memory that only the launch needed. */
void trim_memory(void);
