/* clean.h - what every program of ours does first: nothing of its caller's may reach a workload by way of it. */
#pragma once
#include <stdbool.h>

/* false: it must not go on, and has said why. */
bool start_clean(void);
