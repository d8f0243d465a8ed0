/* tree.c - see tree.h. The lists of masked and read-only paths are the ones that container engines agree on. */
#include "tree.h"

#include "../base/cleanup.h"

const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const struct tree_device tree_devices[] = {
	{ "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 }, { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};
const size_t tree_devices_len = COUNT(tree_devices);

const struct tree_mask tree_masked[] = {
	{ "/proc/acpi", true, false, true }, { "/proc/asound", true, false, false }, { "/proc/scsi", true, false, true },
	{ "/proc/interrupts", false, false, false }, { "/proc/kcore", false, false, true }, { "/proc/keys", false, false, true },
	{ "/proc/key-users", false, false, false }, { "/proc/kallsyms", false, false, false }, { "/proc/kmsg", false, false, false },
	{ "/proc/latency_stats", false, false, true }, { "/proc/timer_list", false, false, true },
	{ "/proc/sched_debug", false, false, true }, { "/sys/firmware", true, true, true },
	{ "/sys/devices/virtual/powercap", true, true, false },
};
const size_t tree_masked_len = COUNT(tree_masked);

const char *const tree_read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };
const size_t tree_read_only_len = COUNT(tree_read_only);
