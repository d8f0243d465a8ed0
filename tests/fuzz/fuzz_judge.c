/* Any bytes as a config.json that is held against a policy and a floor: an error with words, or findings; and what was tightened
 * has none, comes out of memory as text that is read again, and stays as it is when it is tightened once more. */
#include "../../src/base/cleanup.h"
#include "../../src/oci/document.h"
#include "../../src/oci/judge.h"
#include "fuzz.h"

#include <string.h>

static const char policy_text[] =
	"{\"version\":1,\"rootfs\":\"/r\",\"args\":[\"/x\"],\"user\":{\"uid\":10001,\"gid\":10002},\"namespaces\":{\"user\":false},"
	"\"network\":{\"mode\":\"path\",\"path\":\"/run/netns/y\"},\"mounts\":[{\"source\":\"/srv\",\"target\":\"/data\"}],"
	"\"limits\":{\"cpuset\":\"0-3\"},\"devices\":[{\"path\":\"/dev/fuse\"}],\"proc\":\"pid\"}";
static const char floor_text[] =
	"{\"version\":1,\"limits\":{\"pids\":50,\"swap\":0},\"capabilities\":[\"KILL\"],\"seccomp\":{\"profile\":[\"default\"],\"deny\":\"kill\"},\"mounts\":[],\"sysctl\":[]}";

struct bounds { struct arena a, b, c; struct policy policy; struct floor floor; struct oci_bound bound[2]; };

static void make(struct bounds *b)
{
	const struct policy_source policy = { policy_text, strlen(policy_text), NULL, 0 }, floor = { floor_text, strlen(floor_text), NULL, 0 };
	struct err e = { 0 };

	MUST(arena_init(&b->a, POLICY_ARENA_SIZE) == 0 && arena_init(&b->b, POLICY_ARENA_SIZE) == 0 && arena_init(&b->c, 8 << 20) == 0);
	MUST(policy_parse(&policy, &b->a, &b->policy, &e) == 0 && floor_parse(&floor, &b->b, &b->floor, &e) == 0);
	MUST(oci_bound_of_policy(&b->policy, "policy", &b->c, &b->bound[0], &e) == 0);
	MUST(oci_bound_of_floor(&b->floor, "floor", &b->c, &b->bound[1], &e) == 0);
}

static void see(void *ctx, const struct finding *f)
{
	unsigned *notes = ctx;

	MUST(*f->msg && f->hint && (*f->pointer == '/' || !*f->pointer));
	*notes += f->severity == SEV_NOTE;
}

/* By both bounds; how many errors. */
static int hold(json_t *config, const struct bounds *b, enum oci_verb verb, unsigned *notes)
{
	static const struct oci_facts facts = { .kernel = KERNEL(6, 1) };
	const struct findings f = { see, notes };
	int ret = 0;

	*notes = 0;
	for (size_t i = 0; i < COUNT(b->bound); i++) {
		struct err e = { 0 };
		int r = oci_judge(config, &b->bound[i], &facts, verb, &f, &e);

		MUST(r >= 0);
		ret += r;
	}
	return ret;
}

static void judge(json_t *config, const struct bounds *b)
{
	json_auto_t *before = json_deep_copy(config), *again = NULL;
	_auto(free_mem) char *text = NULL;
	struct err e = { 0 };
	unsigned notes;

	(void)hold(config, b, OCI_JUDGE, &notes);

	MUST(json_equal(before, config));
	if (hold(config, b, OCI_TIGHTEN, &notes))
		return;
	MUST(hold(config, b, OCI_JUDGE, &notes) == 0);
	text = oci_document_write(config);
	MUST(text);
	again = oci_document_read(text, strlen(text), &e);
	MUST(again && json_equal(again, config));
	MUST(hold(again, b, OCI_TIGHTEN, &notes) == 0 && json_equal(again, config));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bounds *b = calloc(1, sizeof(*b));
	struct err e = { 0 };
	json_auto_t *config = oci_document_read((const char *)data, size, &e);

	MUST(b && (config || (e.kind == ERR_POLICY && *e.msg)));
	if (config) {
		make(b);
		judge(config, b);
		arena_free(&b->a);
		arena_free(&b->b);
		arena_free(&b->c);
	}
	free(b);
	return 0;
}
