/* resources_io.c - of linux.resources what goes device by device: disks, huge pages, RDMA; and `unified`, which goes file by file. */
#include "resources.h"

#include "../policy/units.h"

#include <inttypes.h>
#include <string.h>

/* --- disks --- */

/* 10..1000 to 1..10000: io.weight. BFQ keeps the old numbers in a file of its own, where it is built in (block/bfq-cgroup.c). */
static int plan_weight(struct filling *f, const char *pointer, const char *device, int64_t weight)
{
	char text[64];

	if (weight < 10 || weight > 1000)
		return resource_wrong(f, pointer, "10 to 1000", "no weight");
	snprintf(text, sizeof(text), "%s %" PRId64, device, weight);
	if (resource_add(f, pointer, LIMIT_LINE, "io.bfq.weight", text) < 0)
		return -1;
	snprintf(text, sizeof(text), "%s %" PRId64, device, 1 + (weight - 10) * 9999 / 990);
	return resource_or_else(f, "io.weight", text);
}

static int device_of(struct filling *f, const json_t *entry, const char *pointer, char device[32])
{
	int64_t major, minor;

	if (resource_number(f, entry, pointer, "major", &major) < 0 || resource_number(f, entry, pointer, "minor", &minor) < 0)
		return -1;
	if (major < 0 || minor < 0 || major > 4095 || minor > 0xfffff)	/* the kernel's dev_t */
		return resource_wrong(f, pointer, NULL, "no number of a device");
	snprintf(device, 32, "%" PRId64 ":%" PRId64, major, minor);
	return 0;
}

static int plan_weights(struct filling *f, const json_t *io)
{
	const json_t *entry;
	int64_t weight;
	size_t i;

	if (resource_number(f, io, "blockIO", "weight", &weight) < 0 || (weight && plan_weight(f, "blockIO/weight", "default", weight) < 0))
		return -1;
	json_array_foreach(spec_member(io, "weightDevice"), i, entry) {
		char device[32], pointer[48];

		snprintf(pointer, sizeof(pointer), "blockIO/weightDevice/%zu", i);
		if (json_integer_value(spec_member(entry, "leafWeight")))
			return resource_wrong(f, pointer, "weight is the cgroup's own", "cgroup v2 has no leafWeight");
		if (!spec_member(entry, "weight") && !spec_member(entry, "leafWeight"))
			return resource_wrong(f, pointer, "the specification requires one", "there is no weight");
		if (device_of(f, entry, pointer, device) < 0 || resource_number(f, entry, pointer, "weight", &weight) < 0 ||
		    (weight && plan_weight(f, pointer, device, weight) < 0))
			return -1;
	}
	return 0;
}

int plan_block_io(struct filling *f)
{
	static const struct { const char *field, *word; } rates[] = {
		{ "throttleReadBpsDevice", "rbps" }, { "throttleWriteBpsDevice", "wbps" },
		{ "throttleReadIOPSDevice", "riops" }, { "throttleWriteIOPSDevice", "wiops" },
	};
	const json_t *io = spec_get(f->spec, "/linux/resources/blockIO"), *entry;
	size_t i;

	if (plan_weights(f, io) < 0)
		return -1;
	for (size_t r = 0; r < COUNT(rates); r++)
		json_array_foreach(spec_member(io, rates[r].field), i, entry) {
			char device[32], pointer[64], text[96];
			int64_t rate;

			snprintf(pointer, sizeof(pointer), "blockIO/%s/%zu", rates[r].field, i);
			if (device_of(f, entry, pointer, device) < 0 || resource_number(f, entry, pointer, "rate", &rate) < 0)
				return -1;
			snprintf(text, sizeof(text), rate > 0 ? "%s %s=%" PRId64 : "%s %s=max", device, rates[r].word, rate);
			if (resource_add(f, pointer, LIMIT_LINE, "io.max", text) < 0)
				return -1;
		}
	return 0;
}

/* --- huge pages and RDMA --- */

/* "2MB": pages of this size may also be reserved, which counts apart (since 5.7). */
static int plan_huge_page(struct filling *f, const json_t *entry, size_t i)
{
	const char *size = spec_text(entry, "pageSize"), *unit = size ? size + strspn(size, "0123456789") : "";
	char file[64], text[24], pointer[64];
	int64_t limit;

	snprintf(pointer, sizeof(pointer), "hugepageLimits/%zu", i);
	if (unit == size || !size || strlen(size) > 16 || (strcmp(unit, "KB") != 0 && strcmp(unit, "MB") != 0 && strcmp(unit, "GB") != 0))
		return resource_wrong(f, pointer, "64KB, 2MB, 1GB ...", "no size of a page");
	if (resource_number(f, entry, pointer, "limit", &limit) < 0)
		return -1;
	snprintf(text, sizeof(text), limit < 0 ? "max" : "%" PRId64, limit);
	snprintf(file, sizeof(file), "hugetlb.%s.max", size);
	if (resource_add(f, pointer, LIMIT_TAKEN, file, text) < 0)
		return -1;
	snprintf(file, sizeof(file), "hugetlb.%s.rsvd.max", size);
	return resource_add(f, pointer, LIMIT_TAKEN, file, text);
}

int plan_huge_pages(struct filling *f)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(spec_get(f->spec, "/linux/resources/hugepageLimits"), i, entry)
		if (plan_huge_page(f, entry, i) < 0)
			return -1;
	return 0;
}

int plan_rdma(struct filling *f)
{
	json_t *devices = spec_get(f->spec, "/linux/resources/rdma"), *entry;
	const char *device;

	json_object_foreach(devices, device, entry) {
		int64_t handles = -1, objects = -1;
		char text[160], a[24], b[24];

		if (spec_number(entry, "hcaHandles", 0, UINT32_MAX, &handles, f->e) < 0 ||
		    spec_number(entry, "hcaObjects", 0, UINT32_MAX, &objects, f->e) < 0)
			return err_at(f->e, "/linux/resources/rdma/%.40s", device);
		if (handles < 0 && objects < 0)
			return resource_wrong(f, "rdma", "the specification requires one", "there is neither hcaHandles nor hcaObjects");
		if (!*device || strlen(device) > 64 || strpbrk(device, " \n\t/"))
			return resource_wrong(f, "rdma", NULL, "no name of a device");
		snprintf(a, sizeof(a), handles < 0 ? "max" : "%" PRId64, handles);
		snprintf(b, sizeof(b), objects < 0 ? "max" : "%" PRId64, objects);
		snprintf(text, sizeof(text), "%.64s hca_handle=%s hca_object=%s", device, a, b);
		if (resource_add(f, "rdma", LIMIT_LINE, "rdma.max", text) < 0)
			return -1;
	}
	return 0;
}

/* --- unified --- */

/* What is printed as it was written is read back as that. */
static enum limit_form form_of(const char *file, const char *value, char text[LIMIT_TEXT])
{
	static const char *const sizes[] = { "memory.max", "memory.high", "memory.low", "memory.min", "memory.swap.max", "memory.swap.high" };
	static const char *const numbers[] = { "pids.max", "cpu.weight", "cpu.idle", "memory.oom.group" };
	uint64_t n;

	snprintf(text, LIMIT_TEXT, "%s", value);
	if (strcmp(file, "cpuset.cpus") == 0 || strcmp(file, "cpuset.mems") == 0)
		return LIMIT_SET;
	for (size_t i = 0; i < COUNT(sizes); i++)
		if (strcmp(file, sizes[i]) == 0 && (unit_decimal(value, &n) || unit_size(value, &n))) {
			limit_bytes(n, text);
			return LIMIT_WHOLE;
		}
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (strcmp(file, numbers[i]) == 0 && unit_decimal(value, &n))
			return LIMIT_WHOLE;
	return LIMIT_TAKEN;
}

int plan_unified(struct filling *f)
{
	json_t *files = spec_get(f->spec, "/linux/resources/unified"), *v;
	const char *file;

	json_object_foreach(files, file, v) {
		const char *value = json_string_value(v);
		char text[LIMIT_TEXT], pointer[96];
		enum limit_form form;

		snprintf(pointer, sizeof(pointer), "unified/%.64s", file);
		/* A file of this cgroup, with its controller's name in front; never a way to another directory. */
		if (file[0] == '.' || strlen(file) > 63 || strchr(file, '/') || !strchr(file, '.') || strstr(file, ".."))
			return resource_wrong(f, pointer, "such as memory.high", "no name of a file in a cgroup");
		if (strcmp(file, "cgroup.procs") == 0 || strcmp(file, "cgroup.threads") == 0)
			return resource_wrong(f, pointer, NULL, "that moves processes, it limits nothing");
		if (!value || strlen(value) >= LIMIT_TEXT)
			return resource_wrong(f, pointer, NULL, "too long a value");
		form = form_of(file, value, text);
		if (resource_add(f, pointer, form, file, text) < 0)
			return -1;
	}
	return 0;
}

