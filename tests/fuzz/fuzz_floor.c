/* Any bytes: they are no floor, and the error names a place; or they are one, and what is held against it is refused with a
 * key, a pointer and both values, the same each time, and not more with a policy that asks for less. */
#include "../../src/base/cleanup.h"
#include "../../src/policy/floor.h"
#include "fuzz.h"

#include <string.h>

static const char least[] = "{\"version\":1,\"rootfs\":\"/srv/x\",\"args\":[\"/x\"],\"user\":{\"uid\":10001,\"gid\":10001},\"shm\":0,"
	"\"exec_once\":true,\"proc\":\"pid\",\"seccomp\":{\"deny\":\"kill\"},\"limits\":{\"memory\":\"1M\",\"cpus\":0.01,\"pids\":1},"
	"\"stop\":{\"timeout\":\"0s\"}}";
static const char loose[] = "{\"version\":1,\"rootfs\":\"/\",\"args\":[\"/x\"],\"user\":{\"uid\":1,\"gid\":4294967294,\"groups\":[1,2]},"
	"\"capabilities\":[\"SYS_ADMIN\",\"KILL\"],\"network\":\"host\",\"namespaces\":{\"user\":false,\"ipc\":false,\"uts\":false},"
	"\"mounts\":[{\"source\":\"/\",\"target\":\"/h\",\"read_only\":false,\"exec\":true,\"suid\":true,\"dev\":true}],\"env_pass\":[\"X\"],"
	"\"devices\":[{\"path\":\"/dev/mem\",\"write\":true}],\"sysctl\":{\"net.x\":\"1\"},\"landlock\":false,\"init\":false,"
	"\"seccomp\":{\"profile\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"},\"deny\":\"log\"},\"shm\":\"1T\",\"limits\":{\"memory\":\"1T\",\"swap\":\"1T\","
	"\"cpus\":1000,\"pids\":1000000,\"oom_group\":false,\"rlimits\":{\"core\":\"unlimited\",\"rtprio\":99}},\"stop\":{\"timeout\":\"24h\"}}";

static void count(void *ctx, const struct finding *f)
{
	MUST(strcmp(f->rule, "floor.below") == 0 && f->severity == SEV_ERROR && *f->msg && f->hint && *f->hint);
	MUST(*f->pointer == '/' || *f->pointer == '\0');
	++*(unsigned *)ctx;
}

static unsigned hold(const struct floor *floor, const char *text, size_t n_without)
{
	static const char *const names[] = { "seccomp", "limits.memory" };
	const struct strings without = { names, n_without };
	const struct policy_source src = { .text = text, .len = strlen(text) };
	_auto(arena_free) struct arena a = { 0 };
	struct policy p = { 0 };
	struct err e = { 0 };
	unsigned n = 0;
	const struct findings f = { count, &n };

	MUST(arena_init(&a, POLICY_ARENA_SIZE) == 0 && policy_parse(&src, &a, &p, &e) == 0);
	floor_judge(floor, &p, &without, &f);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct policy_source src = { .text = (const char *)data, .len = size };
	_auto(arena_free) struct arena a = { 0 };
	struct floor floor, before;
	struct err e = { 0 };

	memset(&floor, 0xa5, sizeof(floor));
	memcpy(&before, &floor, sizeof(floor));
	MUST(arena_init(&a, POLICY_ARENA_SIZE) == 0);
	if (floor_parse(&src, &a, &floor, &e) < 0) {
		MUST(e.kind == ERR_POLICY && *e.msg && memcmp(&floor, &before, sizeof(floor)) == 0);
		MUST((e.line > 0 && e.column > 0) || size > POLICY_BYTES_MAX);
		return 0;
	}
	MUST(floor.version == 1 && floor.user.uid.min <= floor.user.uid.max);
	MUST(hold(&floor, loose, 0) == hold(&floor, loose, 0));
	MUST(hold(&floor, least, 0) <= hold(&floor, loose, 0) + 2);	/* which may be no less than its smallest gid */
	MUST(hold(&floor, least, 2) >= hold(&floor, least, 0));
	return 0;
}
