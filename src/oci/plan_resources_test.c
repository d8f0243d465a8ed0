/* linux.resources and linux.cgroupsPath to limits: each field, its special values, and every mistake with its place. */
#include "world_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static int plan_it(struct world *w, const char *path, const char *resources)
{
	const struct plan before = { 0 };

	if (parse_it(w, &before, "", arena_printf(&w->arena, "{\"cgroupsPath\": \"%s\", \"resources\": {%s}}", path, resources)) < 0)
		return -1;
	return oci_plan_resources(&w->spec, &w->plan, &w->arena, &w->e);
}

static void becomes(struct world *w, const char *resources, const char *want)
{
	char got[1024] = "";

	if (plan_it(w, "/e/t", resources) < 0)
		fail_msg("%s: %s: %s", resources, w->e.path, w->e.msg);
	for (size_t i = 0; i < w->plan.n_limits; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s=%s", i ? "; " : "", w->plan.limits[i].file, w->plan.limits[i].text);
	assert_string_equal(got, want);
}

static void refuses(struct world *w, const char *resources, const char *path)
{
	if (plan_it(w, "/e/t", resources) == 0)
		fail_msg("%s is taken", resources);
	assert_string_equal(w->e.path, path);
}

static void memory(void **state)
{
	struct world *w = *state;

	becomes(w, "", "");
	becomes(w, "\"memory\": {\"limit\": 67108864, \"reservation\": 4096}", "memory.max=67108864; memory.low=4096");
	becomes(w, "\"memory\": {\"limit\": 67108865, \"swap\": 67108865}", "memory.max=67108864; memory.swap.max=0");
	becomes(w, "\"memory\": {\"limit\": 1048576, \"swap\": 3145728}", "memory.max=1048576; memory.swap.max=2097152");
	becomes(w, "\"memory\": {\"limit\": 1048576, \"swap\": -1}", "memory.max=1048576; memory.swap.max=max");
	becomes(w, "\"memory\": {\"limit\": -1}", "memory.max=max; memory.swap.max=max");
	becomes(w, "\"memory\": {\"limit\": 0, \"swap\": 0, \"kernel\": 4096, \"kernelTCP\": 4096}", "");
	refuses(w, "\"memory\": {\"swap\": 4096}", "/linux/resources/memory/swap");
	refuses(w, "\"memory\": {\"limit\": 8192, \"swap\": 4096}", "/linux/resources/memory/swap");
}

static void cpu(void **state)
{
	static const struct { int shares, weight; } weights[] = { { 2, 1 }, { 1024, 100 }, { 262144, 10000 }, { 512, 59 }, { 2048, 174 } };
	struct world *w = *state;
	char resources[64], want[64];

	for (size_t i = 0; i < COUNT(weights); i++) {
		snprintf(resources, sizeof(resources), "\"cpu\": {\"shares\": %d}", weights[i].shares);
		snprintf(want, sizeof(want), "cpu.weight=%d", weights[i].weight);
		becomes(w, resources, want);
	}
	becomes(w, "\"cpu\": {\"quota\": 50000, \"period\": 200000}", "cpu.max=50000 200000");
	becomes(w, "\"cpu\": {\"quota\": 50000}", "cpu.max=50000 100000");
	becomes(w, "\"cpu\": {\"quota\": -1}", "cpu.max=max 100000");
	becomes(w, "\"cpu\": {\"period\": 50000, \"burst\": 1000}", "cpu.max=max 50000; cpu.max.burst=1000");
	becomes(w, "\"cpu\": {\"cpus\": \"0-1\", \"mems\": \"0\", \"shares\": 0}", "cpuset.cpus=0-1; cpuset.mems=0");
	becomes(w, "\"cpu\": {\"idle\": 1, \"shares\": 1024}", "cpu.idle=1");
	refuses(w, "\"cpu\": {\"idle\": 2}", "/linux/resources/cpu/idle");
	refuses(w, "\"cpu\": {\"shares\": -1}", "/linux/resources/cpu/shares");
}

static void what_v2_has_no_word_for(void **state)
{
	struct world *w = *state;

	refuses(w, "\"memory\": {\"swappiness\": 0}", "/linux/resources/memory/swappiness");
	refuses(w, "\"memory\": {\"disableOOMKiller\": true}", "/linux/resources/memory/disableOOMKiller");
	refuses(w, "\"cpu\": {\"realtimeRuntime\": 1}", "/linux/resources/cpu/realtimeRuntime");
	refuses(w, "\"cpu\": {\"realtimePeriod\": 1}", "/linux/resources/cpu/realtimePeriod");
	refuses(w, "\"blockIO\": {\"leafWeight\": 10}", "/linux/resources/blockIO/leafWeight");
	refuses(w, "\"blockIO\": {\"weightDevice\": [{\"major\": 8, \"minor\": 0, \"leafWeight\": 10}]}", "/linux/resources/blockIO/weightDevice/0");
	refuses(w, "\"network\": {\"classID\": 1}", "/linux/resources/network/classID");
	refuses(w, "\"network\": {\"priorities\": [{\"name\": \"eth0\", \"priority\": 1}]}", "/linux/resources/network/priorities");
	becomes(w, "\"memory\": {\"disableOOMKiller\": false}, \"cpu\": {\"realtimeRuntime\": 0, \"realtimePeriod\": 0}, "
		"\"blockIO\": {\"leafWeight\": 0}, \"network\": {\"classID\": 0, \"priorities\": []}", "");
	refuses(w, "}, \"intelRdt\": {\"closID\": \"x\"", "/linux/intelRdt");
}

static void others(void **state)
{
	struct world *w = *state;

	becomes(w, "\"pids\": {\"limit\": 10}", "pids.max=10");
	becomes(w, "\"pids\": {\"limit\": -1}", "pids.max=max");
	becomes(w, "\"pids\": {\"limit\": 0}", "");
	becomes(w, "\"blockIO\": {\"weight\": 500, \"weightDevice\": [{\"major\": 8, \"minor\": 0, \"weight\": 10}]}",
		"io.bfq.weight=default 500; io.bfq.weight=8:0 10");
	assert_string_equal(w->plan.limits[0].otherwise->file, "io.weight");
	assert_string_equal(w->plan.limits[0].otherwise->text, "default 4950");
	assert_string_equal(w->plan.limits[1].otherwise->text, "8:0 1");
	becomes(w, "\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 16, \"rate\": 4096}], "
		"\"throttleWriteIOPSDevice\": [{\"major\": 8, \"minor\": 16, \"rate\": 7}]}", "io.max=8:16 rbps=4096; io.max=8:16 wiops=7");
	refuses(w, "\"blockIO\": {\"weight\": 5}", "/linux/resources/blockIO/weight");
	becomes(w, "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4194304}]", "hugetlb.2MB.max=4194304; hugetlb.2MB.rsvd.max=4194304");
	refuses(w, "\"hugepageLimits\": [{\"pageSize\": \"../x\", \"limit\": 1}]", "/linux/resources/hugepageLimits/0");
	becomes(w, "\"rdma\": {\"mlx5_0\": {\"hcaHandles\": 3}}", "rdma.max=mlx5_0 hca_handle=3 hca_object=max");
	refuses(w, "\"rdma\": {\"mlx5_0\": {}}", "/linux/resources/rdma");
	refuses(w, "\"blockIO\": {\"weightDevice\": [{\"major\": 8, \"minor\": 0}]}", "/linux/resources/blockIO/weightDevice/0");
	becomes(w, "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 18446744073709551615}]",
		"hugetlb.2MB.max=9223372036854775807; hugetlb.2MB.rsvd.max=9223372036854775807");
	refuses(w, "\"rdma\": {\"a b\": {\"hcaHandles\": 3}}", "/linux/resources/rdma");
}

static void unified_overrides_and_stays_in_its_directory(void **state)
{
	static const char *const bad[] = { "../memory.max", "a/b.c", "memory", ".hidden", "memory..max", "cgroup.procs", "", "/memory.max" };
	struct world *w = *state;
	char resources[128];

	becomes(w, "\"memory\": {\"limit\": 67108864}, \"unified\": {\"memory.max\": \"4096\", \"memory.high\": \"1M\", \"cpu.max\": \"max\"}",
		"memory.max=4096; memory.high=1048576; cpu.max=max");
	assert_int_equal(w->plan.limits[0].form, LIMIT_WHOLE);
	assert_int_equal(w->plan.limits[2].form, LIMIT_TAKEN);
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(resources, sizeof(resources), "\"unified\": {\"%s\": \"1\"}", bad[i]);
		if (plan_it(w, "/e/t", resources) == 0)
			fail_msg("'%s' is taken", bad[i]);
		assert_true(strncmp(w->e.path, "/linux/resources/unified/", 25) == 0);
	}
}

static void paths(void **state)
{
	struct world *w = *state;

	assert_int_equal(plan_it(w, "/docker//./0815/", ""), 0);
	assert_string_equal(w->plan.cgroup.path, "/docker/0815");
	assert_true(w->plan.cgroup.wanted);
	assert_int_equal(plan_it(w, "/docker/../../x", ""), -1);
	assert_string_equal(w->e.path, "/linux/cgroupsPath");
	assert_int_equal(plan_it(w, "/", ""), -1);
	w->wish.rootless = true;
	assert_int_equal(plan_it(w, "/docker/0815", ""), 0);
	assert_false(w->plan.cgroup.wanted);
}

static void scopes(void **state)
{
	static const char *const bad[] = { "/docker/0815", "a:b", "a:b:c:d", "machine:libpod:x", "machine.slice:lib/pod:x", "machine.slice::",
					   "machine.slice:li@b:x" };
	struct world *w = *state;

	w->wish.systemd_cgroup = true;
	assert_int_equal(plan_it(w, "machine.slice:libpod:0815", ""), 0);
	assert_string_equal(w->plan.cgroup.slice, "machine.slice");
	assert_string_equal(w->plan.cgroup.scope, "libpod-0815.scope");
	assert_null(w->plan.cgroup.path);
	assert_int_equal(plan_it(w, "::x", ""), 0);
	assert_string_equal(w->plan.cgroup.slice, "");
	assert_string_equal(w->plan.cgroup.scope, "x.scope");
	assert_int_equal(plan_it(w, "", ""), 0);
	assert_string_equal(w->plan.cgroup.scope, "casemate-t.scope");
	for (size_t i = 0; i < COUNT(bad); i++)
		if (plan_it(w, bad[i], "") == 0)
			fail_msg("'%s' is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory), TEST(cpu), TEST(what_v2_has_no_word_for), TEST(others), TEST(unified_overrides_and_stays_in_its_directory), TEST(paths), TEST(scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
