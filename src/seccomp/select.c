/* select.c - to whom a rule of a profile applies; see select.h. */
#include "select.h"
#include "../base/cleanup.h"
#include "../policy/names.h"
#include "calls.h"
#include "profile.h"

#include <stdio.h>
#include <string.h>

/* Everything that libseccomp and runc have a name for; `go` is what includes.arches uses. */
static const struct arch { const char *token, *go; uint32_t audit; } archs[] = {
	{ "SCMP_ARCH_X86_64", "amd64", AUDIT_ARCH_X86_64 }, { "SCMP_ARCH_X86", "x86", 0 },
	{ "SCMP_ARCH_X32", "x32", 0 }, { "SCMP_ARCH_AARCH64", "arm64", AUDIT_ARCH_AARCH64 },
	{ "SCMP_ARCH_ARM", "arm", 0 }, { "SCMP_ARCH_RISCV64", "riscv64", AUDIT_ARCH_RISCV64 },
	{ "SCMP_ARCH_MIPS", "mips", 0 }, { "SCMP_ARCH_MIPS64", "mips64", 0 }, { "SCMP_ARCH_MIPS64N32", "mips64n32", 0 },
	{ "SCMP_ARCH_MIPSEL", "mipsel", 0 }, { "SCMP_ARCH_MIPSEL64", "mipsel64", 0 },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32", 0 }, { "SCMP_ARCH_MIPSEL64N32", "mips3l64n32", 0 }, /* libseccomp-golang */
	{ "SCMP_ARCH_PPC", "ppc", 0 }, { "SCMP_ARCH_PPC64", "ppc64", 0 },
	{ "SCMP_ARCH_PPC64LE", "ppc64le", 0 }, { "SCMP_ARCH_S390", "s390", 0 }, { "SCMP_ARCH_S390X", "s390x", 0 },
	{ "SCMP_ARCH_PARISC", "parisc", 0 }, { "SCMP_ARCH_PARISC64", "parisc64", 0 },
	{ "SCMP_ARCH_LOONGARCH64", "loong64", 0 }, { "SCMP_ARCH_M68K", "m68k", 0 },
	{ "SCMP_ARCH_SH", "sh", 0 }, { "SCMP_ARCH_SHEB", "sheb", 0 },
};

static const struct arch *find_arch(const char *name, bool go)
{
	for (size_t i = 0; i < COUNT(archs); i++)
		if (strcmp(name, go ? archs[i].go : archs[i].token) == 0)
			return &archs[i];
	return NULL;
}

/* A list of architectures: whether ours is in it. */
static int read_archs(struct reader *r, json_t *list, bool go, bool *native)
{
	const struct arch *a;
	const char *name;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		size_t mark = down(r, "/%zu", i);

		if (want_string(r, item, &name) < 0)
			return -1;
		a = find_arch(name, go);
		if (!a)
			return fail(r, go ? "amd64, arm64, riscv64 ..." : "SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64 ...",
				    "unknown architecture \"%s\"", name);
		*native |= a->audit == CALL_ARCH;
		back(r, mark);
	}
	return 0;
}

static int read_arch_map(struct reader *r, json_t *map, bool *native)
{
	static const struct member known[] = {
		{ "architecture", JSON_STRING, REQUIRED, NULL }, { "subArchitectures", JSON_ARRAY, NULL_OK, NULL },
	};
	const struct arch *a;
	bool foreign = false;
	json_t *item, *v[COUNT(known)];
	size_t i, mark, deeper;

	json_array_foreach(map, i, item) {
		mark = down(r, "/%zu", i);
		if (members(r, item, known, COUNT(known), v) < 0)
			return -1;
		a = find_arch(json_string_value(v[0]), false);
		if (!a) {
			down(r, "/architecture");
			return fail(r, "SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64 ...", "unknown architecture \"%s\"",
				    json_string_value(v[0]));
		}
		*native |= a->audit == CALL_ARCH;
		/* A sub-architecture is another ABI of the same machine; those are killed. */
		deeper = down(r, "/subArchitectures");
		if (read_archs(r, v[1], false, &foreign) < 0)
			return -1;
		back(r, deeper);
		back(r, mark);
	}
	return 0;
}

/* The other ABIs that a kernel of ours would run. In docker's archMap they stand by default, in a list by choice. */
static bool second_abi(const json_t *list)
{
	static const uint32_t ours = CALL_ARCH;
	static const struct { uint32_t arch; const char *token; } second[] = {
		{ AUDIT_ARCH_X86_64, "SCMP_ARCH_X86" }, { AUDIT_ARCH_X86_64, "SCMP_ARCH_X32" }, { AUDIT_ARCH_AARCH64, "SCMP_ARCH_ARM" },
	};

	for (size_t i = 0; i < json_array_size(list); i++)
		for (size_t k = 0; k < COUNT(second); k++)
			if (second[k].arch == ours && strcmp(json_string_value(json_array_get(list, i)), second[k].token) == 0)
				return true;
	return false;
}

int check_archs(struct reader *r, json_t *list, json_t *map, bool *foreign)
{
	size_t mark;
	bool native = false;

	if (json_array_size(list) && json_array_size(map))
		return fail(r, NULL, "\"architectures\" and \"archMap\" exclude each other");
	if (json_array_size(list)) {
		mark = down(r, "/architectures");
		if (read_archs(r, list, false, &native) < 0)
			return -1;
		*foreign = second_abi(list);
	} else if (json_array_size(map)) {
		mark = down(r, "/archMap");
		if (read_arch_map(r, map, &native) < 0)
			return -1;
	} else {
		return 0;
	}
	if (!native)
		return fail(r, "add this machine's architecture to the list",
			    "only foreign architectures are listed: this profile says nothing about ours");
	back(r, mark);
	return 0;
}

static int read_caps(struct reader *r, json_t *list, uint64_t *mask)
{
	const char *name;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		size_t mark = down(r, "/caps/%zu", i);
		int cap;

		if (want_string(r, item, &name) < 0)
			return -1;
		cap = strncmp(name, "CAP_", 4) == 0 ? capability_number(name) : -1;
		if (cap < 0)
			return fail(r, "as in capabilities(7): CAP_NET_RAW", "unknown capability \"%s\"", name);
		*mask |= UINT64_C(1) << cap;
		back(r, mark);
	}
	return 0;
}

static int read_kernel(struct reader *r, json_t *j, uint16_t *ret)
{
	unsigned major, minor;
	int end = 0;
	const char *s = json_string_value(j);

	if (!s)
		return 0;
	if (sscanf(s, "%3u.%3u%n", &major, &minor, &end) != 2 || s[end] || strspn(s, "0123456789.") != strlen(s) ||
	    major > 255 || minor > 255) {
		down(r, "/minKernel");
		return fail(r, NULL, "want a kernel version as \"4.8\"");
	}
	*ret = KERNEL(major, minor);
	return 0;
}

int read_selection(struct reader *r, const char *key, json_t *obj, struct selection *ret)
{
	static const struct member known[] = {
		{ "caps", JSON_ARRAY, NULL_OK, NULL }, { "arches", JSON_ARRAY, NULL_OK, NULL },
		{ "minKernel", JSON_STRING, NULL_OK, NULL },
	};
	json_t *v[COUNT(known)];
	size_t mark = down(r, "/%s", key), deeper;

	*ret = (struct selection){ 0 };
	if (!obj)
		return back(r, mark), 0;
	if (members(r, obj, known, COUNT(known), v) < 0 || read_caps(r, v[0], &ret->caps) < 0)
		return -1;
	ret->arches = json_array_size(v[1]) > 0;
	deeper = down(r, "/arches");
	if (read_archs(r, v[1], true, &ret->native) < 0)
		return -1;
	back(r, deeper);
	if (read_kernel(r, v[2], &ret->kernel) < 0)
		return -1;
	back(r, mark);
	return 0;
}
