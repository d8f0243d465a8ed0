/* rules_mounts.c - rules over mounts and devices: what of the host is handed in. */
#include "rule.h"

#include "../base/cleanup.h"
#include "../policy/path.h"
#include "../policy/tree.h"

#include <string.h>

static const struct mount_policy *mount(const struct subject *s)
{
	return &s->policy->mounts[s->i];
}

static bool is_bind(const struct mount_policy *m) { return m->type == MOUNT_BIND; }
/* A tmpfs has no read_only. */
static bool is_writable(const struct mount_policy *m) { return !is_bind(m) || !m->read_only; }

/* One of the paths, what is below it, or a directory that holds it; "/" has a rule of its own. */
static bool source_holds(const struct subject *s, const char *const *paths)
{
	const char *source = mount(s)->source;

	for (; is_bind(mount(s)) && *paths; paths++)
		if (path_below(source, *paths) || (source[1] && path_below(*paths, source)))
			return true;
	return false;
}

static bool source_is(const struct subject *s, const char *path)
{
	return is_bind(mount(s)) && strcmp(mount(s)->source, path) == 0;
}

/* --- sources --- */

static bool bind_root(const struct subject *s) { return source_is(s, "/"); }

static bool bind_kernel(const struct subject *s)
{
	static const char *const trees[] = { "/proc", "/sys", NULL };

	return source_holds(s, trees);
}

static bool bind_dev(const struct subject *s)
{
	return source_is(s, "/dev") || source_is(s, "/dev/shm") || source_is(s, "/dev/pts") || source_is(s, "/dev/mqueue");
}

static bool bind_manager(const struct subject *s)
{
	static const char *const paths[] = {
		"/run/docker.sock", "/run/docker", "/run/containerd", "/run/podman", "/run/crio", "/run/buildkit", "/run/k3s",
		"/run/systemd", "/run/dbus", "/run/libvirt", "/run/snapd.socket", "/run/casemate", "/run/user",
		"/var/run/docker.sock", "/var/run/docker", "/var/run/containerd", "/var/run/podman", "/var/run/crio",
		"/var/run/systemd", "/var/run/dbus", "/var/run/libvirt", "/var/run/casemate",
		"/var/lib/lxd/unix.socket", "/var/snap/lxd", "/var/lib/kubelet", NULL
	};

	return source_holds(s, paths);
}

static bool bind_system(const struct subject *s)
{
	static const char *const trees[] = {
		"/etc", "/boot", "/root", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/var/lib/docker",
		"/var/lib/containerd", "/var/lib/containers", "/var/lib/systemd", "/var/lib/dpkg", "/var/lib/rpm",
		"/var/spool/cron", NULL
	};

	return is_writable(mount(s)) && source_holds(s, trees);
}

static bool bind_credentials(const struct subject *s)
{
	static const char *const trees[] = {
		"/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/sudoers", "/etc/sudoers.d", "/etc/krb5.keytab", "/etc/kubernetes",
		"/etc/ssl/private", "/etc/letsencrypt", "/root", NULL
	};

	return source_holds(s, trees) || source_is(s, "/home") ||
		(is_bind(mount(s)) && strstr(mount(s)->source, "/.ssh"));
}

static bool bind_engine(const struct subject *s)
{
	static const char *const trees[] = { "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", NULL };

	return source_holds(s, trees) || source_is(s, "/var/log");
}

static bool bind_boot(const struct subject *s)
{
	static const char *const trees[] = { "/boot", "/lib/modules", "/usr/lib/modules", "/usr/src", NULL };

	return source_holds(s, trees);
}

/* --- attributes --- */

static bool write_and_exec(const struct subject *s) { return is_writable(mount(s)) && mount(s)->exec; }
static bool suid_mount(const struct subject *s) { return mount(s)->suid; }
static bool dev_mount(const struct subject *s) { return mount(s)->dev; }
static bool idmap_writable(const struct subject *s) { return mount(s)->idmap && is_writable(mount(s)); }

/* --- targets --- */

static const char *look_up(const struct pairs *env, const char *name)
{
	for (size_t i = 0; i < env->n; i++)
		if (strcmp(env->v[i].name, name) == 0)
			return env->v[i].value;
	return NULL;
}

/* Whether the mount is one of PATH's directories, or holds or is held by one. */
static bool over_path(const struct subject *s)
{
	const char *path = look_up(&s->policy->env, "PATH"), *target = mount(s)->target;
	size_t len;

	for (path = path ? path : default_path; *path; path += len + (path[len] == ':')) {
		size_t depth = strlen(target);

		len = strcspn(path, ":");
		if (len > 1 && strncmp(target, path, len) == 0 && (target[len] == '/' || !target[len]))
			return is_writable(mount(s));
		if (len > depth && strncmp(target, path, depth) == 0 && path[depth] == '/')
			return is_writable(mount(s));
	}
	return false;
}

static bool over_system(const struct subject *s)
{
	static const char *const trees[] = { "/etc", "/lib", "/lib64", "/usr/lib", "/usr/lib64", NULL };

	return is_writable(mount(s)) && path_below_any(mount(s)->target, trees);
}

static bool hides_ours(const struct subject *s)
{
	static const char *const files[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf" };

	for (size_t i = 0; i < COUNT(files); i++)
		if (strcmp(mount(s)->target, files[i]) == 0)
			return true;
	return s->policy->passwd && (strcmp(mount(s)->target, "/etc/passwd") == 0 || strcmp(mount(s)->target, "/etc/group") == 0);
}

/* --- devices --- */

static bool device_below(const struct subject *s, const char *const *trees)
{
	return path_below_any(s->policy->devices[s->i].path, trees);
}

static bool device_begins(const struct subject *s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (strncmp(s->policy->devices[s->i].path, *prefixes, strlen(*prefixes)) == 0)
			return true;
	return false;
}

static bool raw_memory(const struct subject *s)
{
	static const char *const paths[] = { "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kcore", "/dev/nvram", "/dev/cpu", NULL };

	return device_below(s, paths);
}

static bool there_anyway(const struct subject *s)
{
	static const char *const paths[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm",
		"/dev/mqueue", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", NULL
	};

	return device_below(s, paths);
}

static bool disk(const struct subject *s)
{
	static const char *const prefixes[] = {
		"/dev/sd", "/dev/vd", "/dev/xvd", "/dev/hd", "/dev/nvme", "/dev/mmcblk", "/dev/dm-", "/dev/mapper/", "/dev/md",
		"/dev/loop", "/dev/disk/", "/dev/nbd", "/dev/zram", "/dev/bcache", "/dev/sr", NULL
	};

	return device_begins(s, prefixes);
}

static bool of_the_host(const struct subject *s)
{
	static const char *const prefixes[] = {
		"/dev/kmsg", "/dev/console", "/dev/tty0", "/dev/tty1", "/dev/ttyS", "/dev/uinput", "/dev/uhid", "/dev/input/", "/dev/hidraw",
		"/dev/vfio", "/dev/bus/usb", "/dev/autofs", "/dev/btrfs-control", "/dev/snapshot", "/dev/watchdog", "/dev/sg", "/dev/bsg",
		"/dev/ipmi", "/dev/tpm", "/dev/vhci", NULL
	};

	return device_begins(s, prefixes);
}

/* --- the table --- */

const struct rule rules_mounts[] = {
	{ "mount.root", SEV_ERROR, "binds all of the host", "bind what is needed",
	  "Every file of the host is in it, and every socket that commands the host.", "CIS 5.6; PSS baseline: HostPath Volumes",
	  .over = OVER_MOUNTS, .assess = bind_root },
	{ "mount.kernel", SEV_ERROR, "binds the host's /proc or /sys past every mask",
	  "the container has its own: see the keys \"proc\" and \"sys\"",
	  "core_pattern, sysrq-trigger, modprobe, uevent_helper and release_agent name programs that the kernel runs as root.",
	  "CIS 5.6; PSS baseline: /proc Mount Type; CVE-2022-0492", .over = OVER_MOUNTS, .assess = bind_kernel },
	{ "mount.dev", SEV_ERROR, "binds the host's devices", "name single nodes under \"devices\"",
	  "Disks, memory and other services' terminals are among them.", "CIS 5.6, 5.18", .over = OVER_MOUNTS, .assess = bind_dev },
	{ "mount.manager", SEV_ERROR, "gives access to a service manager or container engine: that is root on the host",
	  "talk to it through a service of your own that knows few commands",
	  "Whoever may ask an engine for a container, or a service manager for a service, asks for one with all rights. "
	  "A directory above the socket holds it as well.", "CIS 5.32; PSS baseline: HostPath Volumes", .over = OVER_MOUNTS,
	  .assess = bind_manager },
	{ "mount.system", SEV_ERROR, "lets the workload write where the host's root executes or believes",
	  "bind it read-only, or bind a directory made for the purpose",
	  "Programs, units, cron tables, key lists and package scripts there are run or trusted by the host's root.", "CIS 5.6",
	  .over = OVER_MOUNTS, .assess = bind_system },
	{ "mount.credentials", SEV_WARNING, "holds the host's keys or password hashes", "bind the one file that is needed",
	  "Reading them is enough to become somebody else.", "CIS 5.6", .over = OVER_MOUNTS, .assess = bind_credentials },
	{ "mount.engine", SEV_WARNING, "holds other containers' files or the host's logs", "bind what belongs to this service",
	  "Layers, volumes and logs of other services hold their data and their secrets.", "CIS 5.6", .over = OVER_MOUNTS,
	  .assess = bind_engine },
	{ "mount.boot", SEV_WARNING, "holds the host's kernel or its modules", "leave it out",
	  "Its symbols tell an exploit where to aim; only a container that loads modules has a use for it.", "CIS 5.6",
	  .over = OVER_MOUNTS, .assess = bind_boot },

	{ "mount.write_exec", SEV_WARNING, "what the workload writes here it can execute", "drop \"exec\", or make it read_only",
	  "An intruder brings tools along; where nothing that can be written can be run, there is no place for them.", "W^X; CIS 5.13",
	  .over = OVER_MOUNTS, .assess = write_and_exec },
	{ "mount.suid", SEV_WARNING, "setuid bits count here", "drop \"suid\"",
	  "no_new_privs keeps them from raising rights inside, but the files may be reached from elsewhere.", "mount(8): nosuid",
	  .over = OVER_MOUNTS, .assess = suid_mount },
	{ "mount.dev_nodes", SEV_WARNING, "device nodes open here", "drop \"dev\", and name the nodes under \"devices\"",
	  "A node that somebody made here gives the device behind its number, whatever the path says.", "mount(8): nodev; CIS 5.18",
	  .over = OVER_MOUNTS, .assess = dev_mount },
	{ "mount.idmap", SEV_WARNING, "writes files that belong to root on the host", "read_only, or chown the files instead of idmap",
	  "Through the mapping the workload's files are root's outside: a host program that trusts root's files trusts them.",
	  "mount_setattr(2): ID-mapped mounts", .over = OVER_MOUNTS, .assess = idmap_writable },

	{ "mount.path_dir", SEV_WARNING, "is writable where programs are looked for", "a target outside of PATH",
	  "A file of the right name there is found before, or instead of, the real program.", "CIS 5.13; PATH: environ(7)",
	  .over = OVER_MOUNTS, .assess = over_path },
	{ "mount.over_system", SEV_WARNING, "is writable over the image's configuration or libraries", "a target outside, or read_only",
	  "nsswitch.conf, ld.so.preload and libraries decide what every program of the container does.", "CIS 5.13; ld.so(8)",
	  .over = OVER_MOUNTS, .assess = over_system },
	{ "mount.hides", SEV_NOTE, "hides a file that casemate makes", "leave it out: see \"hosts\", \"dns\", \"hostname\" and \"passwd\"",
	  "The container's names and addresses then come from the bound file, whatever the policy's keys say.",
	  "casemate-policy(5)", .over = OVER_MOUNTS, .assess = hides_ours },

	{ "device.standard", SEV_ERROR, "every container has this one of its own", "leave it out",
	  "The host's node in its place would be a way to the host's terminals or memory.", "CIS 5.18", .over = OVER_DEVICES,
	  .assess = there_anyway },
	{ "device.memory", SEV_ERROR, "is the machine's memory or ports", "leave it out: nothing holds against it",
	  "The kernel itself can be read and changed there.", "CIS 5.18; mem(4)", .over = OVER_DEVICES, .assess = raw_memory },
	{ "device.disk", SEV_WARNING, "is a disk: file permissions do not count on it", "bind a directory of it instead",
	  "Every file of its file systems can be read, and changed behind the kernel's back.", "CIS 5.18", .over = OVER_DEVICES,
	  .assess = disk },
	{ "device.host", SEV_WARNING, "belongs to the host as a whole", "a service on the host that asks for it on the workload's behalf",
	  "Consoles, keyboards, watchdogs, logs and buses are not divided between containers.", "CIS 5.18", .over = OVER_DEVICES,
	  .assess = of_the_host },
	{ 0 },
};
