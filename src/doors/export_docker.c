/* export_docker.c - a policy as a docker run line: one option a line, each word quoted for a shell. */
#include "export.h"

#include "../base/cleanup.h"
#include "../policy/names.h"
#include "oci.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

/* --- words --- */

static void quoted(FILE *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";

	if (*s && strspn(s, plain) == strlen(s)) {
		fputs(s, out);
		return;
	}
	fputc('\'', out);
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", out);
		else
			fputc(*s, out);
	fputc('\'', out);
}

static void option(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void option(FILE *out, const char *fmt, ...)
{
	_auto(free_mem) char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	fputs(" \\\n\t", out);
	quoted(out, s ? s : "");
}

/* --- parts --- */

static void identity(const struct policy *p, const struct export_facts *f, FILE *out)
{
	option(out, "--name=%s", f->name);
	if (*p->hostname)
		option(out, "--hostname=%s", p->hostname);
	option(out, "--user=%" PRIu64 ":%" PRIu64, p->user.uid, p->user.gid);
	for (size_t i = 0; i < p->user.groups.n; i++)
		option(out, "--group-add=%" PRIu64, p->user.groups.v[i]);
	if (strcmp(p->cwd, "/") != 0)
		option(out, "--workdir=%s", p->cwd);
	for (size_t i = 0; i < p->env.n; i++)
		option(out, "--env=%s=%s", p->env.v[i].name, p->env.v[i].value);
	for (size_t i = 0; i < p->env_pass.n; i++)
		option(out, "--env=%s", p->env_pass.v[i]);
	option(out, p->init ? "--init" : "--init=false");
}

static void powers(const struct policy *p, FILE *out)
{
	option(out, "--read-only");
	option(out, "--security-opt=no-new-privileges");
	option(out, "--security-opt=apparmor=%s", p->apparmor);
	if (*p->seccomp.profile == '/')
		option(out, "--security-opt=seccomp=%s", p->seccomp.profile);
	option(out, "--cap-drop=ALL");
	for (size_t i = 0; i < capability_names_len; i++)
		if (p->capabilities >> i & 1)
			option(out, "--cap-add=%s", capability_names[i]);
	if (!p->namespaces.ipc)
		option(out, "--ipc=host");
	if (!p->namespaces.uts)
		option(out, "--uts=host");
	option(out, "--cgroupns=%s", p->namespaces.cgroup ? "private" : "host");
}

static void io_rate(FILE *out, const char *name, const char *path, uint64_t rate)
{
	if (rate)
		option(out, "--device-%s=%s:%" PRIu64, name, path, rate);
}

/* The same proportion: what is left alone has 100 here and 1024 there. */
static uint64_t shares(uint64_t weight)
{
	return (weight * 1024 + 50) / 100;
}

static void limits(const struct policy *p, FILE *out)
{
	const struct limits_policy *l = &p->limits;

	option(out, "--memory=%" PRIu64, l->memory);
	option(out, "--memory-swap=%" PRIu64, l->memory + l->swap);
	option(out, "--cpus=%" PRIu64 ".%06" PRIu64, l->cpus / 1000000, l->cpus % 1000000);
	if (l->cpu_weight != 100)
		option(out, "--cpu-shares=%" PRIu64, shares(l->cpu_weight));
	if (*l->cpuset)
		option(out, "--cpuset-cpus=%s", l->cpuset);
	option(out, "--pids-limit=%" PRIu64, l->pids);
	for (size_t i = 0; i < l->n_io; i++) {
		io_rate(out, "read-bps", l->io[i].path, l->io[i].rbps);
		io_rate(out, "write-bps", l->io[i].path, l->io[i].wbps);
		io_rate(out, "read-iops", l->io[i].path, l->io[i].riops);
		io_rate(out, "write-iops", l->io[i].path, l->io[i].wiops);
	}
	for (size_t i = 0; i < oci_rlimits_len; i++) {
		uint64_t v = *(const uint64_t *)((const char *)&l->rlimits + oci_rlimits[i].offset);

		if (v == UINT64_MAX)
			option(out, "--ulimit=%s=-1", oci_rlimits[i].name);
		else if (strcmp(oci_rlimits[i].name, "as") != 0)
			option(out, "--ulimit=%s=%" PRIu64, oci_rlimits[i].name, v);
	}
}

/* A field of comma-separated values (RFC 4180): in quotes, and those within it doubled; malloc'd. */
static char *field(const char *name, const char *value)
{
	char *ret = NULL;
	size_t size;
	FILE *f = open_memstream(&ret, &size);

	if (!f)
		return NULL;
	fprintf(f, "\"%s=", name);
	for (; *value; value++)
		fprintf(f, "%s%c", *value == '"' ? "\"" : "", *value);
	fputc('"', f);
	fclose(f);
	return ret;
}

static void bind(const struct mount_policy *m, FILE *out)
{
	_auto(free_mem) char *source = field("source", m->source), *target = field("target", m->target);

	option(out, "--mount=type=bind,%s,%s%s", source ? source : "", target ? target : "", m->read_only ? ",readonly" : "");
}

static void mounts(const struct policy *p, FILE *out)
{
	option(out, p->shm ? "--shm-size=%" PRIu64 : "--ipc=none", p->shm);
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct mount_policy *m = &p->mounts[i];

		if (m->type == MOUNT_BIND)
			bind(m, out);
		else
			option(out, "--tmpfs=%s:rw,%s,%s,%s,size=%" PRIu64 ",nr_inodes=%" PRIu64 ",mode=%04o", m->target,
			       m->exec ? "exec" : "noexec", m->suid ? "suid" : "nosuid", m->dev ? "dev" : "nodev", m->size, m->inodes,
			       (unsigned)m->mode);
	}
	for (size_t i = 0; i < p->n_devices; i++)
		option(out, "--device=%s:%s:%s%s", p->devices[i].path, p->devices[i].path, p->devices[i].read ? "r" : "",
		       p->devices[i].write ? "w" : "");
}

static void network(const struct policy *p, FILE *out)
{
	static const char *const modes[] = { [NETWORK_NONE] = "none", [NETWORK_PATH] = "ns:", [NETWORK_HOST] = "host" };

	option(out, "--network=%s%s", modes[p->network.mode], p->network.mode == NETWORK_PATH ? p->network.path : "");
	for (size_t i = 0; p->network.mode != NETWORK_NONE && i < p->network.listen.n; i++)
		option(out, "--publish=%" PRIu64, p->network.listen.v[i]);
	for (size_t i = 0; i < p->hosts.n; i++)
		option(out, "--add-host=%s=%s", p->hosts.v[i].name, p->hosts.v[i].value);
	for (size_t i = 0; i < p->dns.n; i++)
		option(out, "--dns=%s", p->dns.v[i]);
	for (size_t i = 0; i < p->sysctl.n; i++)
		option(out, "--sysctl=%s=%s", p->sysctl.v[i].name, p->sysctl.v[i].value);
}

static void stop_signal(uint64_t number, FILE *out)
{
	const struct signal_name *s = signal_names;

	while (s->name && (uint64_t)s->number != number)
		s++;
	if (s->name)
		option(out, "--stop-signal=SIG%s", s->name);
	else
		option(out, "--stop-signal=SIGRTMIN+%d", (int)number - SIGRTMIN);
}

/* docker gives every check to a shell: one that a shell was given is the same there. */
static bool shell_check(const struct policy *p)
{
	const struct strings *exec = &p->healthcheck.exec;

	return exec->n == 3 && strcmp(exec->v[0], "/bin/sh") == 0 && strcmp(exec->v[1], "-c") == 0;
}

static void health(const struct policy *p, FILE *out)
{
	if (!shell_check(p))
		return;
	option(out, "--health-cmd=%s", p->healthcheck.exec.v[2]);
	option(out, "--health-interval=%" PRIu64 "ms", p->healthcheck.interval);
	option(out, "--health-timeout=%" PRIu64 "ms", p->healthcheck.timeout);
	option(out, "--health-retries=%" PRIu64, p->healthcheck.retries);
	option(out, "--health-start-period=%" PRIu64 "ms", p->healthcheck.start_period);
}

/* docker compresses only what has been rotated, and refuses to where nothing is. */
static void log_to(const struct policy *p, FILE *out)
{
	static const char *const drivers[] = { [LOG_JOURNALD] = "journald", [LOG_JSON_FILE] = "json-file", [LOG_TO_SYSLOG] = "syslog" };

	if (p->log.driver == LOG_INHERIT)
		return;
	option(out, "--log-driver=%s", drivers[p->log.driver]);
	if (p->log.full == LOG_FULL_DROP)
		option(out, "--log-opt=mode=non-blocking");
	if (p->log.driver != LOG_JSON_FILE)
		return;
	option(out, "--log-opt=max-size=%" PRIu64, p->log.max_size);
	option(out, "--log-opt=max-file=%" PRIu64, p->log.max_files);
	if (p->log.max_files > 1 || !p->log.compress)
		option(out, "--log-opt=compress=%s", p->log.compress ? "true" : "false");
}

static void life(const struct policy *p, FILE *out)
{
	health(p, out);
	log_to(p, out);
	stop_signal(p->stop.signal, out);
	option(out, "--stop-timeout=%" PRIu64, (p->stop.timeout + 999) / 1000);
	if (p->args.n)
		option(out, "--entrypoint=%s", p->args.v[0]);
	fputs(" \\\n\t", out);
	quoted(out, p->rootfs);
	for (size_t i = 1; i < p->args.n; i++) {
		fputc(' ', out);
		quoted(out, p->args.v[i]);
	}
	fputc('\n', out);
}

/* --- what is lost --- */

static bool userns(const struct policy *p) { return p->namespaces.user; }
static bool no_file(const struct policy *p) { return *p->seccomp.profile != '/'; }
static bool denies(const struct policy *p) { return p->seccomp.deny != DENY_ERRNO; }
static bool caps(const struct policy *p) { return p->capabilities; }
static bool exec_once(const struct policy *p) { return p->exec_once; }
static bool landlock(const struct policy *p) { return p->landlock; }
static bool ports(const struct policy *p) { return p->network.restrict_listen || p->network.restrict_connect; }
static bool netns(const struct policy *p) { return p->network.mode == NETWORK_PATH; }
static bool timens(const struct policy *p) { return p->namespaces.time; }
static bool memory_high(const struct policy *p) { return p->limits.memory_high; }
static bool passwd(const struct policy *p) { return p->passwd; }
static bool proc(const struct policy *p) { return p->proc == PROC_PID; }
static bool no_sys(const struct policy *p) { return !p->sys; }
static bool rlimit_as(const struct policy *p) { return p->limits.rlimits.as != UINT64_MAX; }
static bool part_seconds(const struct policy *p) { return p->stop.timeout % 1000; }
static bool no_shm(const struct policy *p) { return !p->shm; }

static bool flags(const struct policy *p)
{
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].type == MOUNT_BIND && (p->mounts[i].idmap || !p->mounts[i].exec || !p->mounts[i].suid || !p->mounts[i].dev))
			return true;
	return false;
}

static bool secrets(const struct policy *p) { return p->n_secrets; }
static bool sockets(const struct policy *p) { return p->n_sockets; }
static bool notify(const struct policy *p) { return p->notify != NOTIFY_LAUNCHED; }
static bool reload(const struct policy *p) { return p->reload_signal != SIGHUP; }
static bool alerts(const struct policy *p)
{
	const struct alerts_policy *a = &p->alerts;

	return a->cpu_throttled || a->memory_pressure || a->pids || a->restarts || a->denied_execs;
}
static bool other_check(const struct policy *p) { return (p->healthcheck.exec.n && !shell_check(p)) || p->healthcheck.tcp; }
static bool on_failure(const struct policy *p) { return p->healthcheck.on_failure != HEALTH_NOTHING; }
static bool log_path(const struct policy *p) { return p->log.driver == LOG_JSON_FILE && *p->log.path; }
static bool log_failure(const struct policy *p) { return p->log.driver != LOG_INHERIT && p->log.failure == LOG_FAILURE_STOP; }

static const struct loss lost_rows[] = {
	{ "/secrets", secrets, "nothing is mounted on /run/secrets", "docker has secrets for swarm services only: -v FILE:/run/secrets/NAME:ro" },
	{ "/sockets", sockets, "docker hands over no sockets", NULL },
	{ "/notify", notify, "docker tells no service manager, and takes no word from the workload", NULL },
	{ "/reload", reload, "docker passes SIGHUP on as it is", "docker kill -s" },
	{ "/exec", NULL, "docker exec brings in whatever its users say, as whom they say", NULL },
	{ "/healthcheck", other_check, "docker gives every health check to a shell: this one is left out", "[\"/bin/sh\", \"-c\", \"...\"]" },
	{ "/healthcheck/on_failure", on_failure, "docker does nothing about an unhealthy container", NULL },
	{ "/alerts", alerts, "docker tells nobody of pressure", "its metrics" },
	{ "/log/path", log_path, "docker keeps its log files where it wants", NULL },
	{ "/log/failure", log_failure, "without its log the workload goes on", NULL },
	{ "/rootfs", NULL, "docker runs images, no directories", "tar -C ROOTFS -c . | docker import - NAME, and NAME in its place" },
	{ "/namespaces/user", userns, "no user namespace: ids inside are the host's", "\"userns-remap\" of the daemon" },
	{ "/seccomp", no_file, "the filter is docker's default, which lets more through", "save the linux.seccomp of `casemate export oci` "
	  "to a file, and --security-opt seccomp=FILE" },
	{ "/seccomp/deny", denies, "what a denied call gets is up to the profile", NULL },
	{ "/capabilities", caps, "with no-new-privileges docker gives them to root only: this user has none", NULL },
	{ "/exec_once", exec_once, "the program may execute others", NULL },
	{ "/landlock", landlock, "no Landlock: mounts and AppArmor alone say where may be written and executed", NULL },
	{ "/network", ports, "no list of TCP ports", NULL },
	{ "/network/path", netns, "docker joins no namespace by its path: that is casemate's own word", "--network container:NAME" },
	{ "/namespaces/time", timens, "no time namespace, and no offsets", NULL },
	{ "/limits/memory_high", memory_high, "no memory.high", NULL },
	{ "/limits/oom_group", NULL, "out of memory kills one process, not the container", NULL },
	{ "/limits/rlimits/as", rlimit_as, "docker has no such ulimit", NULL },
	{ "/user/umask", NULL, "the umask is 0022", NULL },
	{ "/mounts", flags, "binds are neither noexec, nosuid nor nodev, and no owner is mapped", NULL },
	{ "/shm", no_shm, "--ipc=none: no System V IPC between its processes, either", NULL },
	{ "/proc", proc, "/proc shows more than processes; the usual paths are masked", NULL },
	{ "/sys", no_sys, "/sys is there, read-only", NULL },
	{ "/passwd", passwd, "/etc/passwd and /etc/group are the image's", "bind files of your own" },
	{ "/stop/timeout", part_seconds, "whole seconds: rounded up", NULL },
	{ "/rootfs", NULL, "nothing is read back: no `casemate verify`", NULL },
};

void export_docker_run(const struct policy *p, const struct export_facts *f, const struct findings *lost, FILE *out)
{
	fputs("docker run", out);
	identity(p, f, out);
	powers(p, out);
	limits(p, out);
	mounts(p, out);
	network(p, out);
	life(p, out);
	export_report(p, lost_rows, COUNT(lost_rows), lost);
}
