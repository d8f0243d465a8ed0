/* export_oci_lost.c - what a config.json has no words for: in annotations for whoever reads it back, and with what
 * runtimes do otherwise, each line of it for the operator. */
#include "export.h"
#include "oci.h"

#include "../base/cleanup.h"
#include "../policy/read.h"

#include <string.h>

/* --- annotations --- */

static void annotate(json_t *notes, const char *key, json_t *value)
{
	_auto(free_mem) char *name = NULL, *as_text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	if (asprintf(&name, OCI_ANNOTATION "%s", key) < 0)
		name = NULL;
	json_object_set_new(notes, name ? name : "", json_string(as_text));
}

/* A profile of the operator's is told by its name and by what was made of it, so that a change in linux.seccomp is not lost. */
static void annotate_seccomp(json_t *notes, const struct export_facts *f)
{
	json_t *profile = key_get(key_find("seccomp.profile"), f->effective);
	json_auto_t *value = NULL;
	char digest[OCI_DIGEST];

	if (!f->seccomp || !oci_digest(f->seccomp, digest))
		return;
	value = json_pack("{s:O, s:O, s:s}", "profile", profile, "deny", key_get(key_find("seccomp.deny"), f->effective),
			  "sha256", digest);
	annotate(notes, "seccomp", value);
}

static void annotate_unlimited(json_t *notes, const struct policy *p)
{
	json_auto_t *unlimited = json_string("unlimited");
	char key[64];

	for (size_t i = 0; i < oci_rlimits_len; i++) {
		uint64_t v = *(const uint64_t *)((const char *)&p->limits.rlimits + oci_rlimits[i].offset);

		snprintf(key, sizeof(key), OCI_RLIMITS "%s", oci_rlimits[i].name);
		if (v == UINT64_MAX && strcmp(key_find(key)->def, "\"unlimited\"") != 0)
			annotate(notes, key, unlimited);
	}
}

json_t *export_oci_annotations(const struct policy *p, const struct export_facts *f)
{
	json_t *ret = json_object();
	json_auto_t *idmap = json_array();

	for (const char *const *name = oci_unsaid; *name; name++) {
		const struct key *k = key_find(*name);
		json_t *v = key_get(k, f->effective);
		json_auto_t *def = json_loads(k->def, JSON_DECODE_ANY, NULL);

		if (v && !json_equal(v, def))
			annotate(ret, *name, v);
	}
	annotate_unlimited(ret, p);
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].idmap)
			json_array_append_new(idmap, json_string(p->mounts[i].target));
	if (json_array_size(idmap))
		annotate(ret, "idmap", idmap);
	annotate_seccomp(ret, f);
	return ret;
}

/* --- what is lost --- */

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

static bool secrets(const struct policy *p) { return p->n_secrets; }
static bool service(const struct policy *p) { return p->n_sockets || p->notify != NOTIFY_LAUNCHED; }
static bool health(const struct policy *p) { return p->healthcheck.exec.n || p->healthcheck.tcp; }
static bool alerts(const struct policy *p)
{
	const struct alerts_policy *a = &p->alerts;

	return a->cpu_throttled || a->memory_pressure || a->pids || a->restarts || a->denied_execs;
}
static bool logged(const struct policy *p) { return p->log.driver != LOG_INHERIT; }

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
	{ "/secrets", secrets, "nothing is mounted on /run/secrets", "the secrets of the engine" },
	{ "/sockets", service, "no sockets and no word to the service manager: those are the engine's", NULL },
	{ "/exec", NULL, "the engine's exec brings in whatever its users say", NULL },
	{ "/healthcheck", health, "nobody asks whether it is healthy", "the health check of the engine" },
	{ "/alerts", alerts, "nobody tells of pressure", "the engine's events and metrics" },
	{ "/log", logged, "output is the engine's to keep", "the log driver of the engine" },
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
