/* export_oci_lost.c - what a config.json has no words for, or what runtimes do otherwise: each line of it for the operator. */
#include "export.h"
#include "oci.h"

#include "../base/cleanup.h"

static bool userns(const struct policy *p) { return p->namespaces.user; }
static bool timens(const struct policy *p) { return p->namespaces.time; }
static bool landlock(const struct policy *p) { return p->landlock; }
static bool exec_once(const struct policy *p) { return p->exec_once; }
static bool ports(const struct policy *p) { return p->network.restrict_listen || p->network.restrict_connect; }
static bool init(const struct policy *p) { return p->init; }
static bool env_pass(const struct policy *p) { return p->env_pass.n; }
static bool passwd(const struct policy *p) { return p->passwd; }
static bool names(const struct policy *p) { return p->hosts.n || p->dns.n; }
static bool offsets(const struct policy *p) { return p->namespaces.user && (p->time.monotonic || p->time.boottime); }
static bool host_sys(const struct policy *p) { return p->sys && oci_foreign_sys(p); }

static bool idmap(const struct policy *p)
{
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].idmap)
			return true;
	return false;
}

static const struct loss lost_rows[] = {
	{ "/landlock", landlock, "no Landlock: mounts and AppArmor alone say where may be written and executed", NULL },
	{ "/network", ports, "no list of TCP ports: that was Landlock's", NULL },
	{ "/exec_once", exec_once, "the program may execute others", NULL },
	{ "/namespaces/user", userns, "uid and gid 0 exist inside, as the host's id 2147483646, which nobody has: runc cannot start "
	  "without them", "crun can: take the first row out of both mappings" },
	{ "/namespaces/user", userns, "nested user namespaces are denied by the filter only: user.max_user_namespaces stays", NULL },
	{ "/namespaces/time", timens, "runc has time namespaces since 1.2 only", "for an older one: --set namespaces.time=false" },
	{ "/time", offsets, "crun refuses clock offsets together with a user namespace", "leave them out" },
	{ "/capabilities", NULL, "securebits are not locked; without capabilities and with no_new_privs nothing depends on them", NULL },
	{ "/seccomp", NULL, "denied calls are not logged, and calls newer than the profile get the profile's error, not ENOSYS, but "
	  "with runc", NULL },
	{ "/init", init, "no PID 1 of casemate's: the program itself must reap and handle signals", NULL },
	{ "/stop", NULL, "signal and patience are the engine's", NULL },
	{ "/env_pass", env_pass, "not taken over from the caller", "give the values in process.env" },
	{ "/passwd", passwd, "/etc/passwd and /etc/group are the image's", "bind files of your own" },
	{ "/hosts", NULL, "/etc/hosts, /etc/hostname and /etc/resolv.conf are the image's", "engines bind files of their own" },
	{ "/hosts", names, "these hosts and name servers are not known inside", "bind an /etc/hosts and /etc/resolv.conf" },
	{ "/mounts", idmap, "idmap: the owner of the source stays who he is", "chown it, or give the mount uidMappings" },
	{ "/sys", host_sys, "/sys is the host's, bound read-only: a runtime cannot mount one of a network that is not its own", NULL },
	{ "/env", NULL, "runtimes add HOME", "give it a value of yours in env" },
	{ "/rootfs", NULL, "the root cannot be nosuid and nodev: no_new_privs and the list of devices stand in for that", NULL },
	{ "/rootfs", NULL, "runtimes follow names where casemate holds descriptors, and read nothing back: no `casemate verify`", NULL },
};

void export_report(const struct policy *p, const struct loss *rows, size_t n, const struct findings *lost)
{
	for (size_t i = 0; i < n; i++)
		if (!rows[i].when || rows[i].when(p))
			report(lost, "export.lost", SEV_WARNING, rows[i].pointer, rows[i].msg, rows[i].hint);
}

void export_oci_losses(const struct policy *p, const struct findings *lost)
{
	export_report(p, lost_rows, COUNT(lost_rows), lost);
}
