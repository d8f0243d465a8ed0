/* apparmor_profile.c - policy to AppArmor profile (apparmor.d(5)); pure.
 *
 * The shipped profile must fit every workload; this one has the edges of one policy. Write and execute are
 * given by the mounts that have them and stop where another mount begins. AppArmor's "deny" could not say
 * that, since it beats every "allow" below it; so what is left out of a directory is left out of the pattern:
 * "everything but dev and proc" is /{[^dp/]*,d,d[^e/]*,de,de[^v/]*,dev?*,...}. */
#include "apparmor_profile.h"
#include "../base/cleanup.h"
#include "../policy/names.h"

#include <linux/capability.h>
#include <string.h>

const char apparmor_common_rules[] =
	"  # Nobody writes here, whatever the mounts say; not even a file that somebody mounted over it.\n"
	"  audit deny /proc/{sys,irq,bus,fs,sysrq-trigger,kcore,acpi,scsi}{,/**} wlkmx,\n"
	"  deny /proc/** wlmx,\n"
	"  audit deny /sys/** wlkmx,\n"
	"\n"
	"  # Nobody reads what tells about the host or its memory.\n"
	"  audit deny /proc/{kcore,kmem,mem,kmsg,kallsyms,kpage{count,flags,cgroup},keys,key-users} r,\n"
	"  audit deny /proc/{timer_list,sched_debug,latency_stats,vmallocinfo,slabinfo,iomem,ioports} r,\n"
	"  audit deny /proc/{acpi,scsi,asound,bus,irq,fs}/** r,\n"
	"  audit deny /sys/{firmware,power,module,hypervisor}/** r,\n"
	"  audit deny /sys/kernel/{security,debug,tracing,config,vmcoreinfo,kexec*,notes,slab}{,/**} r,\n"
	"  audit deny /sys/fs/{bpf,fuse,pstore,selinux}/** r,\n"
	"  audit deny /sys/devices/virtual/powercap/** r,\n"
	"  audit deny /dev/{mem,kmem,port,kmsg} rwlkmx,\n"
	"\n"
	"  # No program comes from a device file system, nor from memory alone: \"/\" is also the name of\n"
	"  # what memfd_create(2) made. A JIT may map such memory, but fexecve(3) of it fails.\n"
	"  audit deny /dev/** x,\n"
	"  / rwm,\n"
	"  audit deny / x,\n"
	"\n"
	"  # Network. Everything else (raw and packet sockets, AF_ALG, AF_VSOCK, Bluetooth) has no rule.\n"
	"  network inet stream,\n"
	"  network inet dgram,\n"
	"  network inet6 stream,\n"
	"  network inet6 dgram,\n"
	"  network unix stream,\n"
	"  network unix dgram,\n"
	"  network unix seqpacket,\n"
	"  # Asking for addresses and routes (getifaddrs and getaddrinfo of the C library).\n"
	"  network netlink raw,\n"
	"  network netlink dgram,\n";

/* --- patterns --- */

/* A byte that means itself, in a path or in a character class. */
static void put_byte(FILE *out, char c)
{
	if (strchr("*?[]{}^,\\\"", c))
		putc('\\', out);
	putc(c, out);
}

static void put_path(FILE *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_byte(out, s[i]);
}

struct name { const char *s; size_t n; };
struct names { struct name v[LIST_MAX + 8]; size_t n; };

/* The name, when it begins like `s` (n bytes) and goes on. */
static const char *goes_on(const struct name *a, const char *s, size_t n)
{
	return a->n > n && memcmp(a->s, s, n) == 0 ? a->s : NULL;
}

/* The parser cannot read "-" itself in a character class, only in the middle of a range: so the two bytes
 * beside it are taken out with it, and given back one by one. */
#define DASH "\\,-."

/* The alternatives for names that begin like `s` (n bytes) and are none of `not`: the beginning itself, if it
 * is not one of them; the beginning and a byte with which none goes on; then the same for each that does. */
static void put_others(FILE *out, const struct names *not, const char *s, size_t n)
{
	const char *with[256] = { NULL };	/* by next byte: one name that has it */
	bool taken = n == 0, any = false;

	for (size_t i = 0; i < not->n; i++) {
		const char *name = goes_on(&not->v[i], s, n);

		taken |= not->v[i].n == n && memcmp(not->v[i].s, s, n) == 0;
		if (name)
			with[(unsigned char)name[n]] = name;
		any |= name != NULL;
	}
	if (!taken) {
		put_path(out, s, n);
		putc(',', out);
	}
	put_path(out, s, n);
	fputs(any ? "[^/" : "?", out);
	for (int c = 1; c < 256; c++)
		if (with[c] && c != '-')
			put_byte(out, (char)c);
	fputs(!any ? "*" : with['-'] ? DASH "]*" : "]*", out);
	for (int c = 1; c < 256; c++) {
		bool beside = with['-'] && !with[c] && (c == ',' || c == '.');

		if (!with[c] && !beside)
			continue;
		putc(',', out);
		if (beside) {
			put_path(out, s, n);
			put_byte(out, (char)c);
			putc('*', out);
		} else {
			put_others(out, not, with[c], n + 1);
		}
	}
}

/* --- places: where what is given changes --- */

struct place { const char *target; bool write, exec; };
struct places { struct place v[LIST_MAX + 8]; size_t n; };

static bool below(const struct place *p, const char *base, size_t n)
{
	return strncmp(p->target, base, n) == 0 && p->target[n] == '/' && p->target[n + 1];
}

static void put_rule(FILE *out, const char *base, size_t n, const char *rest, const char *perms)
{
	fputs("  \"", out);
	put_path(out, base, n);
	fprintf(out, "%s\" %s,\n", rest, perms);
}

/* Everything in the directory `base` (n bytes) that is not in a place below it. */
static void put_beneath(FILE *out, const struct places *p, const char *base, size_t n, const char *perms)
{
	struct names names = { .n = 0 };

	for (size_t i = 0; i < p->n; i++) {
		struct name c;
		bool known = false;

		if (!below(&p->v[i], base, n))
			continue;
		c.s = p->v[i].target + n + 1;
		c.n = strcspn(c.s, "/");
		for (size_t k = 0; k < names.n; k++)
			known |= names.v[k].n == c.n && memcmp(names.v[k].s, c.s, c.n) == 0;
		if (!known)
			names.v[names.n++] = c;
	}
	if (!names.n) {
		put_rule(out, base, n, "/**", perms);
		return;
	}
	fputs("  \"", out);
	put_path(out, base, n);
	fputs("/{", out);
	put_others(out, &names, "", 0);
	fprintf(out, "}{,/,/**}\" %s,\n", perms);
	for (size_t k = 0; k < names.n; k++) {
		const char *path = names.v[k].s - n - 1;	/* its first n bytes are `base` */
		size_t len = n + 1 + names.v[k].n;
		bool is_place = false;

		for (size_t i = 0; i < p->n; i++)
			is_place |= strlen(p->v[i].target) == len && memcmp(p->v[i].target, path, len) == 0;
		if (is_place)
			continue;
		put_rule(out, path, len, "{,/}", perms);
		put_beneath(out, p, path, len, perms);
	}
}

static void put_place(FILE *out, const struct places *p, const struct place *at, const char *perms)
{
	size_t n = strcmp(at->target, "/") == 0 ? 0 : strlen(at->target);

	if (n)
		put_rule(out, at->target, n, "{,/}", perms);
	put_beneath(out, p, at->target, n, perms);
}

static void find_places(const struct policy *p, struct places *l)
{
	bool tmp = true;

	l->v[l->n++] = (struct place){ "/", false, true };
	l->v[l->n++] = (struct place){ "/dev", false, false };
	l->v[l->n++] = (struct place){ "/proc", false, false };
	l->v[l->n++] = (struct place){ "/sys", false, false };
	if (p->shm)
		l->v[l->n++] = (struct place){ "/dev/shm", true, false };
	for (size_t i = 0; i < p->n_mounts && i < LIST_MAX; i++) {
		const struct mount_policy *m = &p->mounts[i];

		l->v[l->n++] = (struct place){ m->target, !m->read_only, m->exec };
		tmp &= strcmp(m->target, "/tmp") != 0;
	}
	if (tmp)
		l->v[l->n++] = (struct place){ "/tmp", true, false };
}

/* --- the sections --- */

static void put_files(const struct policy *p, FILE *out)
{
	struct places l = { .n = 0 };

	find_places(p, &l);
	fputs("  # What must not be read is not there, but for the exceptions below.\n  /** rk,\n\n", out);
	fprintf(out, "  # Programs and libraries%s.\n", p->exec_once ? "; none starts after the launch" : "");
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].exec)
			put_place(out, &l, &l.v[i], p->exec_once ? "m" : "mix");
	fputs("\n  # Writing.\n", out);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].write)
			put_place(out, &l, &l.v[i], "wl");
	fputs("  /dev/{null,zero,full,random,urandom,tty,ptmx,pts/*} w,\n", out);
	if (p->namespaces.ipc)	/* mq_open(3) names a queue like a file of the root */
		fputs("  /{?*,dev/mqueue/*} w,\n", out);
	for (size_t i = 0; i < p->n_devices; i++) {
		if (p->devices[i].write)
			put_rule(out, p->devices[i].path, strlen(p->devices[i].path), "", "w");
		if (!p->devices[i].read) {
			fputs("  deny", out);
			put_rule(out, p->devices[i].path, strlen(p->devices[i].path), "", "r");
		}
	}
	putc('\n', out);
}

static void put_capabilities(const struct policy *p, FILE *out)
{
	for (size_t c = 0; c < capability_names_len; c++) {
		if (!(p->capabilities >> c & 1))
			continue;
		fputs("  capability ", out);
		for (const char *s = capability_names[c]; *s; s++)
			putc(*s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a' : *s, out);
		fputs(",\n", out);
	}
	if (p->capabilities >> CAP_NET_RAW & 1)
		fputs("  network inet raw,\n  network inet6 raw,\n  network packet,\n", out);
}

static void put_processes(const struct policy *p, const char *name, FILE *out)
{
	const char *trace = p->capabilities >> CAP_SYS_PTRACE & 1 ? "trace, tracedby, " : "";

	fprintf(out,
		"  # Whoever is outside may signal in and look in; nobody inside may reach out. Under a\n"
		"  # confined launcher the workload's label is a stack, \"%s//&caller\".\n"
		"  signal (receive),\n"
		"  signal (send) peer=%s{,//&**},\n"
		"  ptrace (readby),\n"
		"  ptrace (%sread) peer=%s{,//&**},\n", name, name, trace, name);
}

void apparmor_profile(const struct policy *p, const char *name, FILE *out)
{
	fprintf(out,
		"# AppArmor profile made for one policy by casemate apparmor.\n"
		"# Load it with apparmor_parser -r FILE, and name it in the policy: \"apparmor\": \"%s\".\n\n"
		"abi <abi/3.0>,\n\n"
		"include <tunables/global>\n\n"
		"profile %s flags=(attach_disconnected,mediate_deleted) {\n", name, name);
	put_files(p, out);
	fputs(apparmor_common_rules, out);
	putc('\n', out);
	put_capabilities(p, out);
	put_processes(p, name, out);
	fprintf(out, "\n  include if exists <local/%s>\n}\n", name);
}
