/* devices_program.c - a list of device rules as a BPF_PROG_TYPE_CGROUP_DEVICE program.
 *
 * From the last rule to the first: what a rule allows is crossed off the request, and what one denies of the rest ends it. So
 * the last rule that speaks of an access decides. Eight instructions for a rule are less than a library. */
#include "devices.h"

#define ALL (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD)

#define INSN(op, d, s, o, i) ((struct bpf_insn){ .code = (op), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define LOAD(d, field) INSN(BPF_LDX | BPF_MEM | BPF_W, d, 1, offsetof(struct bpf_cgroup_dev_ctx, field), 0)
#define ALU(op, d, i) INSN(BPF_ALU64 | BPF_K | (op), d, 0, 0, i)
#define MOVE(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define UNLESS_EQUAL(d, i, skip) INSN(BPF_JMP | BPF_JNE | BPF_K, d, 0, (short)(skip), i)
#define IF_EQUAL(d, i, skip) INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, (short)(skip), i)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
enum { RET = 0, ACCESS = 2, TYPE = 3, MAJOR = 4, MINOR = 5 };	/* registers */

static bool is_for_all(const struct device_rule *r)
{
	return r->type == 0 && r->major < 0 && r->minor < 0 && (r->access & ALL) == ALL;
}

bool devices_all_allowed(const struct device_rule *rules, size_t n)
{
	while (n-- > 0)
		if (!rules[n].allow || is_for_all(&rules[n]))
			return rules[n].allow;
	return false;
}

static size_t judge(const struct device_rule *r, struct bpf_insn *prog)
{
	size_t n = 0;

	if (r->allow) {
		prog[n++] = ALU(BPF_AND, ACCESS, (int)~r->access);
		prog[n++] = UNLESS_EQUAL(ACCESS, 0, 2);
	} else {
		prog[n++] = MOVE(RET, ACCESS);
		prog[n++] = ALU(BPF_AND, RET, (int)r->access);
		prog[n++] = IF_EQUAL(RET, 0, 2);
	}
	prog[n++] = ALU(BPF_MOV, RET, r->allow);
	prog[n++] = EXIT;
	return n;
}

size_t devices_assemble(const struct device_rule *rules, size_t n_rules, struct bpf_insn prog[DEVICE_INSNS_MAX])
{
	size_t n = 0;

	prog[n++] = LOAD(ACCESS, access_type);	/* (access << 16) | type */
	prog[n++] = MOVE(TYPE, ACCESS);
	prog[n++] = ALU(BPF_AND, TYPE, 0xffff);
	prog[n++] = ALU(BPF_RSH, ACCESS, 16);
	prog[n++] = LOAD(MAJOR, major);
	prog[n++] = LOAD(MINOR, minor);
	for (size_t i = n_rules; i-- > 0;) {
		const struct device_rule *r = &rules[i];
		struct bpf_insn verdict[5];
		size_t len = judge(r, verdict), left = len;

		left += (r->type != 0) + (r->major >= 0) + (r->minor >= 0);
		if (r->type)
			prog[n++] = UNLESS_EQUAL(TYPE, (int)r->type, --left);
		if (r->major >= 0)
			prog[n++] = UNLESS_EQUAL(MAJOR, r->major, --left);
		if (r->minor >= 0)
			prog[n++] = UNLESS_EQUAL(MINOR, r->minor, --left);
		for (size_t k = 0; k < len; k++)
			prog[n++] = verdict[k];
		if (is_for_all(r))
			break;		/* nothing gets past it */
	}
	prog[n++] = ALU(BPF_MOV, RET, 0);
	prog[n++] = EXIT;
	return n;
}
