/* caps.c - capabilities and securebits: keep an allowlist, drop everything else.
 *
 * Three moments, because the kernel wants three: securebits and the bounding set need
 * CAP_SETPCAP and so come before the uid change, the other four sets after it. The allowlist is
 * inheritable and ambient too: that is what survives execve for a non-root uid
 * (capabilities(7), "Transformation of capabilities during execve").
 *
 * Names come from libcap-ng. The calls do not: capng_apply() makes many of them and reports one
 * failure, and it knows the header's last capability, not the running kernel's. */
#include "caps.h"
#include "../base/procfs.h"

#include <cap-ng.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>

static const char last_cap_file[] = "/proc/sys/kernel/cap_last_cap";

/* The kernel's own answer; CAP_LAST_CAP is only what the headers knew on the day we were compiled. */
int caps_read_last(const struct sys *k, unsigned *ret)
{
	char text[16];
	ssize_t n = sys_read_file(k, AT_FDCWD, last_cap_file, text, sizeof(text));
	unsigned long v = n > 0 ? strtoul(text, NULL, 10) : 0;

	if (n < 0)
		return (int)n;
	if (v < CAP_AUDIT_READ || v > 63)
		return -EIO;
	*ret = (unsigned)v;
	return 0;
}

static uint64_t all_caps(unsigned last)
{
	return UINT64_MAX >> (63 - last);
}

static int prepare(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	int r = caps_read_last(&sys_kernel, &plan->last_cap);

	(void)a;
	if (r < 0)
		return err_set(e, ERR_HOST, r, "mount /proc", "cannot read %s", last_cap_file);
	if (p->capabilities & ~all_caps(plan->last_cap)) {
		err_set(e, ERR_HOST, 0, "leave it out of the policy, or boot a newer kernel",
			"this kernel's last capability is %u", plan->last_cap);
		return err_at(e, "/capabilities");
	}
	for (size_t i = 0; i < CAP_SETS; i++)
		plan->caps[i] = waived(plan, CONTROL_capabilities) ? all_caps(plan->last_cap) : p->capabilities;
	return 0;
}

/* Without no_new_privs, filters and Landlock want CAP_SYS_ADMIN (seccomp(2), landlock_restrict_self(2)), and their rows come last.
 * It stays in the two sets that execve computes anew from the other three (capabilities(7)): the program never has it. */
static uint64_t until_exec(const struct plan *p)
{
	return waived(p, CONTROL_no_new_privs) && !(waived(p, CONTROL_seccomp) && waived(p, CONTROL_landlock)) ?
	       UINT64_C(1) << CAP_SYS_ADMIN : 0;
}

bool caps_name(unsigned cap, char name[CAPS_NAME])
{
	const char *known = capng_capability_to_name(cap);

	if (known)
		snprintf(name, CAPS_NAME, "CAP_%s", known);
	else
		snprintf(name, CAPS_NAME, "capability %u", cap);
	for (char *c = name; known && *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return known;
}

int caps_bound_apply(struct launch *l, struct err *e)
{
	for (unsigned c = 0; c <= l->plan->last_cap; c++) {
		int r = l->plan->caps[CAPS_BOUNDING] >> c & 1 ? 0 : sys_prctl(l->sys, PR_CAPBSET_DROP, c, 0, 0);

		if (r < 0) {
			char name[CAPS_NAME];

			(void)caps_name(c, name);
			err_set(e, ERR_LAUNCH, r, "the launcher needs CAP_SETPCAP", "cannot drop %s from the bounding set", name);
			return err_at(e, "/capabilities");
		}
	}
	return 0;
}

int caps_final_apply(struct launch *l, struct err *e)
{
	const uint64_t *caps = l->plan->caps, extra = until_exec(l->plan);
	int r = sys_capset(l->sys, caps[CAPS_EFFECTIVE] | extra, caps[CAPS_PERMITTED] | extra, caps[CAPS_INHERITABLE]);

	for (unsigned c = 0; r >= 0 && c <= l->plan->last_cap; c++)
		if (caps[CAPS_AMBIENT] >> c & 1)
			r = sys_prctl(l->sys, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0);
	if (r < 0) {
		err_set(e, ERR_LAUNCH, r, "is every capability of the policy in the launcher's own set?",
			"cannot set the capability sets");
		return err_at(e, "/capabilities");
	}
	return 0;
}

/* PID 1 never executes anything, which would take the rest away from it. */
int caps_init_apply(struct launch *l, struct err *e)
{
	const uint64_t *caps = l->plan->caps;
	int r = until_exec(l->plan) ? sys_prctl(l->sys, PR_SET_NO_NEW_PRIVS, 1, 0, 0) : 0;

	if (r >= 0 && until_exec(l->plan))
		r = sys_capset(l->sys, caps[CAPS_EFFECTIVE], caps[CAPS_PERMITTED], caps[CAPS_INHERITABLE]);
	return r < 0 ? err_set(e, ERR_LAUNCH, r, NULL, "cannot set the capability sets of PID 1") : 0;
}

/* What a set may hold once the program runs. Where root or a file's capabilities still mean something, execve fills
 * two of them from the bounding set. */
static uint64_t at_most(const struct plan *p, enum cap_set set)
{
	bool raised = waived(p, CONTROL_no_new_privs) || 
		      (p->uid == 0 && (waived(p, CONTROL_securebits) || !(p->securebits & SECBIT_NOROOT)));

	if (set == CAPS_PERMITTED || set == CAPS_EFFECTIVE)
		return p->caps[CAPS_AMBIENT] | (raised ? p->caps[CAPS_BOUNDING] | p->caps[CAPS_INHERITABLE] : 0);
	return p->caps[set];
}

/* Before exec exactly the plan's; a running workload may have dropped some of its own. */
static bool fits(const struct plan *p, enum cap_set set, bool inside, uint64_t v)
{
	uint64_t extra = set == CAPS_PERMITTED || set == CAPS_EFFECTIVE ? until_exec(p) : 0;

	return inside ? v == (p->caps[set] | extra) : !(v & ~at_most(p, set));
}

/* At the launch, what exec cannot change was seen before it; and by now the workload may be in a user namespace of its own, where
 * it has all capabilities over nothing. */
static bool is_settled(const struct plan *p, const struct target *t)
{
	return t->launch && !t->inside && p->uid != 0 && !waived(p, CONTROL_no_new_privs) && !until_exec(p);
}

static int verify(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	static const char *const sets[CAP_SETS] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	bool alike = true;
	uint64_t v = 0;

	if (is_settled(p, t))
		return 0;
	for (unsigned i = 0; i < CAP_SETS; i++) {
		int r = proc_hex(t->status, sets[i], &v);

		if (r < 0 || !fits(p, (enum cap_set)i, t->inside, v)) {
			err_set(e, ERR_LAUNCH, r, NULL, "%s is %#" PRIx64 ", not %#" PRIx64, sets[i], v,
				t->inside ? p->caps[i] : at_most(p, (enum cap_set)i));
			return err_at(e, "/capabilities");
		}
		alike &= p->caps[i] == p->caps[0];
	}
	if (alike)
		snprintf(value, VALUE_MAX, "all five sets %#" PRIx64, p->caps[0]);
	else
		snprintf(value, VALUE_MAX, "inheritable %#" PRIx64 ", permitted %#" PRIx64 ", effective %#" PRIx64 ", bounding %#"
			 PRIx64 ", ambient %#" PRIx64, p->caps[0], p->caps[1], p->caps[2], p->caps[3], p->caps[4]);
	return 0;
}

static void probe(const struct sys *k, struct ability *a)
{
	unsigned last = 0;

	a->usable = caps_read_last(k, &last) == 0;
	if (a->usable)
		snprintf(a->detail, sizeof(a->detail), "the kernel knows 0 to %u, ambient too", last);
	else
		snprintf(a->hint, sizeof(a->hint), "mount /proc");
}

static void check(const struct policy *p, const struct findings *f)
{
	for (unsigned c = 0; c < 64; c++)
		if (p->capabilities >> c & 1 && !capng_capability_to_name(c))
			report(f, "caps.unknown", SEV_ERROR, "/capabilities", "a capability without a name", "use a name of capabilities(7)");
}

const struct control control_capabilities = {
	.protects = "every privileged operation the policy does not name",
	.again = true, .check = check, .prepare = prepare, .verify = verify, .probe = probe,
};

/* --- securebits --- */

/* uid 0 means nothing, ids may change without touching capabilities, and neither can be undone.
 * Without capabilities nothing will ever need an ambient one either. */
static int prepare_securebits(const struct policy *p, struct plan *plan, struct arena *a, struct err *e)
{
	(void)p;
	(void)a;
	(void)e;
	plan->securebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED;
	if (!plan->caps[CAPS_AMBIENT])
		plan->securebits |= SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	return 0;
}

int securebits_apply(struct launch *l, struct err *e)
{
	int r;

	/* Waived, the uid change must still not take the capabilities that caps.final hands out. */
	if (waived(l->plan, CONTROL_securebits))
		r = sys_prctl(l->sys, PR_SET_KEEPCAPS, 1, 0, 0);
	else
		r = sys_prctl(l->sys, PR_SET_SECUREBITS, l->plan->securebits, 0, 0);
	if (r < 0)
		return err_set(e, ERR_LAUNCH, r, "the launcher needs CAP_SETPCAP", "cannot lock the securebits");
	return 0;
}

/* The kernel shows securebits to the process itself only. */
static int verify_securebits(const struct plan *p, struct target *t, char value[VALUE_MAX], struct err *e)
{
	int bits;

	if (!t->inside) {
		snprintf(value, VALUE_MAX, "read back inside before exec");
		return 0;
	}
	bits = sys_prctl(t->sys, PR_GET_SECUREBITS, 0, 0, 0);
	if (bits != (int)p->securebits)
		return err_set(e, ERR_LAUNCH, bits < 0 ? bits : 0, NULL, "securebits are %#x, not %#x", (unsigned)bits,
			       p->securebits);
	snprintf(value, VALUE_MAX, "%#x", (unsigned)bits);
	return 0;
}

static void probe_securebits(const struct sys *k, struct ability *a)
{
	a->usable = sys_prctl(k, PR_GET_SECUREBITS, 0, 0, 0) >= 0;
	snprintf(a->detail, sizeof(a->detail), "noroot, no setuid fixup, locked");
}

const struct control control_securebits = {
	.protects = "regaining capabilities by becoming uid 0",
	.prepare = prepare_securebits, .verify = verify_securebits, .probe = probe_securebits,
};
