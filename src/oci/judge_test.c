/* Each row of the judge: what it finds, where, by which key, and what it makes of it; and what holds of all configs together:
 * a tightened one has no findings, tightening again changes nothing, nothing became looser, nothing unknown was lost. */
#include "judge.h"

#include "../base/cleanup.h"
#include "../seccomp/json.h"
#include "../seccomp/meet.h"
#include "document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What an engine writes for a container that asks for nothing, near enough. */
static const char base[] =
	"{'ociVersion':'1.0.2','process':{'terminal':false,'user':{'uid':1000,'gid':1000,'umask':63},'args':['sh'],'env':['A=b'],'cwd':'/',"
	"'capabilities':{'bounding':[],'effective':[],'inheritable':[],'permitted':[],'ambient':[]},"
	"'rlimits':[{'type':'RLIMIT_NOFILE','hard':1024,'soft':1024},{'type':'RLIMIT_NPROC','hard':1024,'soft':1024},{'type':'RLIMIT_CORE','hard':0,'soft':0},"
	"{'type':'RLIMIT_MEMLOCK','hard':65536,'soft':65536},{'type':'RLIMIT_STACK','hard':8388608,'soft':8388608},{'type':'RLIMIT_MSGQUEUE','hard':819200,'soft':819200},"
	"{'type':'RLIMIT_SIGPENDING','hard':1024,'soft':1024},{'type':'RLIMIT_RTPRIO','hard':0,'soft':0}],"
	"'noNewPrivileges':true,'apparmorProfile':'casemate-default'},'root':{'path':'/r','readonly':true},"
	"'mounts':[{'destination':'/proc','type':'proc','source':'proc','options':['nosuid','noexec','nodev']},"
	"{'destination':'/dev','type':'tmpfs','source':'tmpfs','options':['nosuid','noexec','mode=755']},"
	"{'destination':'/dev/shm','type':'bind','source':'/var/lib/containers/storage/overlay-containers/x/userdata/shm','options':['bind','nosuid','nodev','noexec']},"
	"{'destination':'/sys','type':'sysfs','source':'sysfs','options':['nosuid','noexec','nodev','ro']},"
	"{'destination':'/etc/hosts','type':'bind','source':'/run/containers/storage/overlay-containers/x/userdata/hosts','options':['bind','ro','nosuid','nodev','noexec']}],"
	"'linux':{'namespaces':[{'type':'pid'},{'type':'mount'},{'type':'ipc'},{'type':'uts'},{'type':'cgroup'},{'type':'network','path':'/run/netns/x'}],"
	"'resources':{'devices':[{'allow':false,'access':'rwm'},{'allow':true,'type':'c','major':1,'minor':3,'access':'rwm'}],"
	"'memory':{'limit':67108864,'swap':67108864},'cpu':{'quota':50000,'period':100000},'pids':{'limit':100},'unified':{'memory.oom.group':'1'}},"
	"'maskedPaths':['/proc/acpi','/proc/asound','/proc/scsi','/proc/interrupts','/proc/kcore','/proc/keys','/proc/key-users','/proc/kallsyms','/proc/kmsg',"
	"'/proc/latency_stats','/proc/timer_list','/proc/sched_debug','/sys/firmware','/sys/devices/virtual/powercap'],"
	"'readonlyPaths':['/proc/bus','/proc/fs','/proc/irq','/proc/sys','/proc/sysrq-trigger'],"
	"'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_AARCH64','SCMP_ARCH_RISCV64'],"
	"'syscalls':[{'names':['read','write','execve','exit_group'],'action':'SCMP_ACT_ALLOW'}]}}}";

#define POLICY "{'version':1,'rootfs':'/r','args':['/x'],'user':{'uid':10001,'gid':10002},'network':{'mode':'path','path':'/run/netns/y'}," \
	"'namespaces':{'user':false,'time':false},'init':false,'landlock':false"

/* --- help --- */

static json_t *parse(const char *text)
{
	_auto(free_mem) char *copy = strdup(text);
	struct err e = { 0 };
	json_t *ret;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	ret = oci_document_read(copy, strlen(copy), &e);
	if (!ret)
		fail_msg("%s: %s", copy, e.msg);
	return ret;
}

/* The base has a filter for every machine, and a second ABI would be a finding. */
static json_t *parse_base(void)
{
	json_t *c = parse(base), *seccomp = json_object_get(json_object_get(c, "linux"), "seccomp");
	struct err e = { 0 };
	const struct filter_wish wish = { .kernel = KERNEL(6, 1) };
	json_auto_t *ours = filter_json(&filter_default, &wish, &e);

	json_object_set(seccomp, "architectures", json_object_get(ours, "architectures"));
	return c;
}

struct bounding { struct arena a, text, b; struct policy policy; struct floor floor; struct oci_bound bound; };

static void bind_to(struct bounding *b, const char *text, bool floor)
{
	_auto(free_mem) char *copy = strdup(text);
	struct policy_source src = { .text = copy, .len = strlen(copy) };
	struct err e = { 0 };
	int r;

	memset(b, 0, sizeof(*b));
	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	assert_int_equal(arena_init(&b->a, POLICY_ARENA_SIZE) | arena_init(&b->b, 64 << 20), 0);
	r = floor ? floor_parse(&src, &b->a, &b->floor, &e) : policy_parse(&src, &b->a, &b->policy, &e);
	if (r == 0)
		r = floor ? oci_bound_of_floor(&b->floor, "the floor", &b->b, &b->bound, &e) :
			    oci_bound_of_policy(&b->policy, "the policy", &b->b, &b->bound, &e);
	if (r < 0)
		fail_msg("%s: %s: %s", copy, e.path, e.msg);
}

static void unbind(struct bounding *b)
{
	arena_free(&b->a);
	arena_free(&b->b);
}

static bool device(const char *path, bool *block, unsigned *major, unsigned *minor)
{
	*block = strcmp(path, "/dev/sda") == 0;
	*major = *block ? 8 : 10;
	*minor = *block ? 0 : 229;
	return *block || strcmp(path, "/dev/fuse") == 0;
}

static bool host_namespace(const char *type, const char *path)
{
	(void)type;
	return strncmp(path, "/proc/1/", 8) == 0;
}

static bool real(const char *path, char ret[PATH_MAX])
{
	const bool link = strcmp(path, "/srv/link") == 0;

	snprintf(ret, PATH_MAX, "%s", link ? "/etc" : path);
	return true;
}

static const struct oci_facts facts = { .kernel = KERNEL(6, 1), .device = device, .real = real, .host_namespace = host_namespace };

struct seen { unsigned errors, notes, lost; char text[8192]; };

static void see(void *ctx, const struct finding *f)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	assert_true(*f->msg && (*f->pointer == '/' || !*f->pointer) && f->hint);
	s->errors += f->severity == SEV_ERROR;
	s->notes += f->severity == SEV_NOTE;
	s->lost += f->severity == SEV_WARNING;
	snprintf(s->text + n, sizeof(s->text) - n, "%s: %s [%s]\n", f->pointer, f->msg, f->hint);
}

static struct seen judge_with(json_t *c, const struct oci_bound *b, enum oci_verb verb, const struct oci_facts *known)
{
	struct seen s = { 0 };
	const struct findings f = { see, &s };
	struct err e = { 0 };
	int n = oci_judge(c, b, known, verb, &f, &e);

	if (n < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(n, s.errors);
	return s;
}

static struct seen judge_by(json_t *c, const struct oci_bound *b, enum oci_verb verb)
{
	return judge_with(c, b, verb, &facts);
}

static json_t *parse_value(const char *text)
{
	_auto(free_mem) char *copy = NULL;
	json_auto_t *holder = NULL;

	assert_true(asprintf(&copy, "{'v':%s}", text) > 0);
	holder = parse(copy);
	return json_incref(json_object_get(holder, "v"));
}

/* The value at a pointer; with `put`, sets it (NULL deletes). */
static json_t *at(json_t *c, const char *pointer, const char *put_text, bool set)
{
	char name[64];

	while (*pointer == '/') {
		size_t n = strcspn(++pointer, "/");
		bool last = !pointer[n];
		json_t *next;

		snprintf(name, sizeof(name), "%.*s", (int)n, pointer);
		pointer += n;
		if (last && set) {
			json_auto_t *value = parse_value(put_text ? put_text : "0");

			if (json_is_array(c) && *name == '-')
				json_array_append(c, value);
			else if (json_is_array(c))
				json_array_set(c, (size_t)atoi(name), value);
			else if (put_text)
				json_object_set(c, name, value);
			else
				json_object_del(c, name);
			return NULL;
		}
		next = json_is_array(c) ? json_array_get(c, *name == '-' ? json_array_size(c) - 1 : (size_t)atoi(name)) : json_object_get(c, name);
		c = next;
	}
	return c;
}

/* --- one row each --- */

#define BIND(source, target, options) "{'destination':'" target "','type':'bind','source':'" source "','options':['bind'" options "]}"
#define FLOOR "{'version':1"
#define HARD "'nosuid','nodev','noexec'"
#define REFUSED "refused"

/* The bound; what the config has; where it is found, by which key; where it is made good, and what is there then. */
static const struct one { const char *bound, *put, *value, *found, *key, *where, *what; } cases[] = {
	{ POLICY "}", "/process/capabilities/bounding", "['CAP_NET_RAW','CAP_BOGUS']", "/process/capabilities/bounding", "capabilities", "/process/capabilities/bounding", "[]" },
	{ POLICY ",'capabilities':['KILL']}", "/process/capabilities/effective", "['CAP_KILL','CAP_CHOWN','cap_kill']", "/process/capabilities/effective", "capabilities",
	  "/process/capabilities/effective", "['CAP_KILL']" },
	{ POLICY "}", "/process/capabilities", NULL, "/process/capabilities", "capabilities", "/process/capabilities/ambient", "[]" },
	{ POLICY "}", "/process/noNewPrivileges", NULL, "/process/noNewPrivileges", "every container", "/process/noNewPrivileges", "true" },
	{ FLOOR "}", "/process/noNewPrivileges", "false", "/process/noNewPrivileges", "every container", "/process/noNewPrivileges", "true" },
	{ POLICY "}", "/process/apparmorProfile", "'unconfined'", "/process/apparmorProfile", "apparmor", "/process/apparmorProfile", "'casemate-default'" },
	{ FLOOR ",'apparmor':['a','b']}", "/process/apparmorProfile", "'c'", "/process/apparmorProfile", "apparmor", "/process/apparmorProfile", "'a'" },
	{ POLICY "}", "/process/user/uid", "0", "/process/user/uid", "user.uid", "/process/user/uid", "10001" },
	{ POLICY "}", "/process/user/gid", "0", "/process/user/gid", "user.gid", "/process/user/gid", "10002" },
	{ POLICY "}", "/process/user", NULL, "/process/user", "user.uid", NULL, NULL },
	{ POLICY "}", "/process/user/additionalGids", "[5,0,6]", "/process/user/additionalGids/1", "user.gid", "/process/user/additionalGids", "[5,6]" },
	{ POLICY "}", "/process/user/umask", "18", "/process/user/umask", "user.umask", "/process/user/umask", "63" },
	{ FLOOR "}", "/process/user/uid", "0", "/process/user/uid", "user.uid", REFUSED, NULL },
	{ FLOOR ",'user':{'uid':{'min':2000}}}", "/process/cwd", "'/'", "/process/user/uid", "user.uid", REFUSED, NULL },
	{ POLICY "}", "/process/rlimits", "[]", "/process/rlimits", "limits.rlimits.nofile", NULL, NULL },
	{ POLICY "}", "/process/rlimits/0/hard", "18446744073709551615", "/process/rlimits/0/hard", "limits.rlimits.nofile", "/process/rlimits/0/hard", "1024" },
	{ FLOOR ",'limits':{'rlimits':{'core':5}}}", "/process/rlimits/2/soft", "-1", "/process/rlimits/2/soft", "limits.rlimits.core", "/process/rlimits/2/soft", "5" },
	{ FLOOR "}", "/process/ioPriority", "{'class':'IOPRIO_CLASS_RT','priority':0}", "/process/ioPriority", "every container", "/process/ioPriority", NULL },
	{ FLOOR "}", "/process/oomScoreAdj", "-500", "/process/oomScoreAdj", "every container", "/process/oomScoreAdj", "0" },
	{ POLICY "}", "/process/scheduler", "{'policy':'SCHED_FIFO','priority':1}", "/process/scheduler", "limits.rlimits.rtprio", "/process/scheduler", NULL },
	{ FLOOR "}", "/linux/personality", "{'domain':'LINUX','flags':['ADDR_NO_RANDOMIZE']}", "/linux/personality/flags", "every container", "/linux/personality", "{'domain':'LINUX'}" },
	{ FLOOR "}", "/annotations", "{'run.oci.seccomp_bpf_data':'x','a':'b'}", "/annotations/run.oci.seccomp_bpf_data", "every container", "/annotations", "{'a':'b'}" },
	{ FLOOR "}", "/annotations", "{'org.systemd.property.KillSignal':'15','org.systemd.property.DevicePolicy':'1'}", "/annotations/org.systemd.property.DevicePolicy",
	  "every container", "/annotations", "{'org.systemd.property.KillSignal':'15'}" },
	{ POLICY ",'exec_once':true}", "/process/cwd", "'/'", "/process", "exec_once", REFUSED, NULL },
	{ FLOOR ",'landlock':true}", "/process/cwd", "'/'", "/process", "landlock", REFUSED, NULL },
	{ FLOOR ",'init':true}", "/process/cwd", "'/'", "/process", "init", REFUSED, NULL },
	{ FLOOR ",'network':{'connect':[80]}}", "/process/cwd", "'/'", "/hooks/createRuntime", "network.connect", REFUSED, NULL },
	{ FLOOR ",'network':{'connect':[80]}}", "/hooks", "{'createRuntime':[{'path':'/x/casemate-hook','args':['casemate-hook','--version']}]}", "/hooks/createRuntime",
	  "network.connect", REFUSED, NULL },

	{ FLOOR ",'rootfs':['/srv']}", "/process/cwd", "'/'", "/root/path", "rootfs", REFUSED, NULL },
	{ FLOOR ",'rootfs':['/srv']}", "/root/path", "'/srv/..'", "/root/path", "rootfs", REFUSED, NULL },
	{ FLOOR "}", "/root/readonly", "false", "/root/readonly", "every container", "/mounts/-/destination", "'/tmp'" },
	{ POLICY "}", "/root/readonly", NULL, "/root/readonly", "every container", "/mounts/-/options",
	  "['size=67108864','nr_inodes=16384','mode=1777','nosuid','nodev','noexec']" },
	{ POLICY "}", "/mounts/-", BIND("/etc", "/host", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ POLICY "}", "/mounts/-", BIND("/", "/etc/hostname", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ POLICY "}", "/mounts/-", BIND("/run/containers/../../etc/shadow", "/etc/group", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ POLICY "}", "/mounts/-", "{'destination':'/x/../proc','type':'tmpfs','source':'tmpfs','options':[]}", "/mounts/5/destination", "mounts", REFUSED, NULL },
	{ POLICY "}", "/mounts/-", "{'destination':'/p','type':'proc','source':'proc','options':[]}", "/mounts/5", "mounts", REFUSED, NULL },
	{ POLICY "}", "/mounts/-", "{'destination':'/p','type':'ext4','source':'/dev/sda','options':[]}", "/mounts/5", "mounts", REFUSED, NULL },
	{ POLICY ",'mounts':[{'source':'/srv','target':'/data'}]}", "/mounts/-", BIND("/srv/x", "/data", ",'rw','nosuid','nodev','noexec'"), "/mounts/5/options", "mounts",
	  "/mounts/5/options", "['bind','nosuid','nodev','noexec','ro']" },
	{ POLICY ",'mounts':[{'source':'/srv','target':'/data','read_only':false,'exec':true}]}", "/mounts/-",
	  "{'destination':'//data/','type':'none','source':'/srv','options':['rbind','dev']}", "/mounts/5/options", "mounts",
	  "/mounts/5/options", "['rbind','nosuid','rnosuid','nodev','rnodev']" },
	{ POLICY "}", "/mounts/-", "{'destination':'/v','type':'tmpfs','source':'tmpfs','options':['exec','noexec','suid','nodev']}", "/mounts/5/options", "mounts",
	  "/mounts/5/options", "['exec','noexec','nodev','nosuid']" },
	{ POLICY ",'mounts':[{'type':'tmpfs','target':'/v','size':'1M'}]}", "/mounts/-", "{'destination':'/v','type':'tmpfs','options':['size=2m','nosuid','nodev','noexec']}",
	  "/mounts/5/options", "mounts", "/mounts/5/options", "['nosuid','nodev','noexec','size=1048576']" },
	{ POLICY ",'shm':'1M'}", "/mounts/2", "{'destination':'/dev/shm','type':'tmpfs','options':['nosuid','nodev','noexec','size=50%']}", "/mounts/2/options", "shm",
	  "/mounts/2/options", "['nosuid','nodev','noexec','size=1048576']" },
	{ POLICY ",'proc':'pid'}", "/process/cwd", "'/'", "/mounts/0/options", "proc", "/mounts/0/options", "['nosuid','noexec','nodev','subset=pid']" },
	{ POLICY ",'sys':false}", "/process/cwd", "'/'", "/mounts/3", "sys", "/mounts/3/destination", "'/etc/hosts'" },
	{ POLICY "}", "/mounts/3/options", "['nosuid','noexec','nodev']", "/mounts/3/options", "mounts", "/mounts/3/options", "['nosuid','noexec','nodev','ro']" },
	{ FLOOR ",'shm':'1M'}", "/mounts/2", "{'destination':'/dev/shm','type':'tmpfs','options':['size=2m']}", "/mounts/2/options", "shm",
	  "/mounts/2/options", "['size=1048576']" },
	{ FLOOR ",'shm':0}", "/process/cwd", "'/'", "/mounts/2/options", "shm", "/mounts/2/options", "['bind','nosuid','nodev','noexec','ro']" },
	{ FLOOR ",'proc':'pid'}", "/process/cwd", "'/'", "/mounts/0/options", "proc", "/mounts/0/options", "['nosuid','noexec','nodev','subset=pid']" },
	{ FLOOR ",'proc':'pid'}", "/mounts/0", BIND("/proc", "/proc", ""), "/mounts/0", "proc", REFUSED, NULL },
	{ FLOOR ",'shm':'1M'}", "/mounts/2", "{'destination':'/dev/shm','type':'tmpfs','options':['size=1m','mode=1777,size=1g']}", "/mounts/2/options/1", "mounts",
	  REFUSED, NULL },
	/* Beside the engines' files. */
	{ FLOOR ",'mounts':[]}", "/mounts/-", BIND("/run/containerd", "/run/secrets", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[]}", "/mounts/-", BIND("/run/containerd/containerd.sock", "/run/secrets", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[]}", "/mounts/-", BIND("/var/lib/docker/containers", "/run/secrets", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[]}", "/mounts/-", BIND("/var/lib/kubelet/pods/u/volumes/kubernetes.io~secret/x", "/dev/termination-log", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[]}", "/mounts/-", BIND("/var/lib/containers/storage/volumes/x/_data/hosts", "/etc/hosts", ""), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[{'source':'/srv'}]}", "/mounts/-", BIND("/srv/link", "/v", ",'ro'," HARD), "/mounts/5", "mounts", REFUSED, NULL },
	/* Words that mean another mount than this one, or take back what others gave. */
	{ FLOOR ",'mounts':[]}", "/mounts/-", "{'destination':'/sys','type':'tmpfs','source':'x','options':['remount','rw'," HARD "]}", "/mounts/5/options/0", "mounts",
	  REFUSED, NULL },
	{ FLOOR ",'mounts':[{'source':'/srv'}]}", "/mounts/-", BIND("/srv", "/sys", ",'remount','rw'"), "/mounts/5/options/1", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[]}", "/mounts/3/options", "[" HARD ",'ro','rrw']", "/mounts/3/options", "mounts", "/mounts/3/options", "[" HARD ",'ro','rro']" },
	{ FLOOR ",'mounts':[]}", "/mounts/-", "{'destination':'/v','type':'tmpfs','options':[" HARD ",'rexec','rsuid','rdev']}", "/mounts/5/options", "mounts",
	  "/mounts/5/options", "[" HARD ",'rnosuid','rnodev','rnoexec']" },
	{ FLOOR ",'mounts':[{'source':'/srv','read_only':false}]}", "/mounts/-", BIND("/srv", "/v", "," HARD ",'rsuid'"), "/mounts/5/options", "mounts",
	  "/mounts/5/options", "['bind'," HARD ",'rnosuid']" },
	{ FLOOR ",'mounts':[{'source':'/srv'}]}", "/mounts/-", "{'destination':'/v','type':'rbind','source':'/srv','options':['bind','ro'," HARD "]}", "/mounts/5/options", "mounts",
	  "/mounts/5/options", "['bind','ro'," HARD ",'rro','rnosuid','rnodev','rnoexec']" },
	{ FLOOR ",'mounts':[{'source':'/srv'}]}", "/mounts/-", BIND("/srv", "/v", ",'ro'," HARD ",'idmap=uids=0-1000-1;gids=0-1000-1'"), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[{'source':'/srv'}]}", "/mounts/-", BIND("/srv", "/v", ",'ro'," HARD ",'ridmap'"), "/mounts/5", "mounts", REFUSED, NULL },
	{ FLOOR ",'mounts':[{'source':'/srv'}]}", "/mounts/-",
	  "{'destination':'/v','type':'bind','source':'/srv','options':['ro'," HARD "],'gidMappings':[{'containerID':0,'hostID':0,'size':1}]}", "/mounts/5", "mounts", REFUSED, NULL },
	{ POLICY "}", "/linux/rootfsPropagation", "'rshared'", "/linux/rootfsPropagation", "every container", "/linux/rootfsPropagation", "'rprivate'" },
	{ POLICY "}", "/mounts/4/options", "['bind','ro','nosuid','nodev','noexec','rshared','slave']", "/mounts/4/options/6", "every container", "/mounts/4/options",
	  "['bind','ro','nosuid','nodev','noexec','rprivate']" },
	{ FLOOR "}", "/linux/maskedPaths", NULL, "/linux/maskedPaths", "proc", "/linux/maskedPaths/0", "'/proc/acpi'" },
	{ FLOOR "}", "/linux/readonlyPaths", "['/x']", "/linux/readonlyPaths", "proc", "/linux/readonlyPaths/0", "'/x'" },

	{ POLICY "}", "/linux/namespaces", "[{'type':'mount'},{'type':'ipc'},{'type':'uts'},{'type':'cgroup'},{'type':'network','path':'/run/netns/x'}]",
	  "/linux/namespaces", "every container", "/linux/namespaces/-", "{'type':'pid'}" },
	{ FLOOR ",'namespaces':{'ipc':true}}", "/linux/namespaces/2", "{'type':'ipc','path':'/proc/1/ns/ipc'}", "/linux/namespaces/2", "namespaces.ipc", REFUSED, NULL },
	{ FLOOR "}", "/linux/namespaces/1", "{'type':'mount','path':'/proc/9/ns/mnt'}", "/linux/namespaces/1", "every container", REFUSED, NULL },
	{ FLOOR ",'namespaces':{'time':true}}", "/process/cwd", "'/'", "/linux/namespaces", "namespaces.time", "/linux/namespaces/-", "{'type':'time'}" },
	{ FLOOR ",'namespaces':{'user':true}}", "/process/cwd", "'/'", "/linux/namespaces", "namespaces.user", REFUSED, NULL },
	{ FLOOR "}", "/linux/namespaces/-", "{'type':'pid'}", "/linux/namespaces/6", "every container", REFUSED, NULL },
	{ FLOOR ",'network':'none'}", "/process/cwd", "'/'", "/linux/namespaces/5", "network.mode", REFUSED, NULL },
	{ FLOOR ",'network':'none'}", "/linux/namespaces", "[{'type':'pid'},{'type':'mount'}]", "/linux/namespaces", "network.mode", "/linux/namespaces/-", "{'type':'network'}" },
	{ POLICY "}", "/linux/namespaces/5", "{'type':'network','path':'/proc/1/ns/net'}", "/linux/namespaces/5", "network.mode", REFUSED, NULL },
	{ FLOOR ",'network':{'mode':'path','path':['/run/netns/y']}}", "/process/cwd", "'/'", "/linux/namespaces/5", "network.path", REFUSED, NULL },
	{ POLICY "}", "/linux/devices", "[{'path':'/dev/fuse','type':'c','major':10,'minor':229}]", "/linux/devices/0", "devices", "/linux/devices", "[]" },
	{ POLICY ",'devices':[{'path':'/dev/fuse'}]}", "/linux/devices", "[{'path':'/dev/fuse','type':'b','major':8,'minor':0}]", "/linux/devices/0", "devices", "/linux/devices", "[]" },
	{ POLICY "}", "/linux/resources/devices", "[{'allow':true,'access':'rwm'}]", "/linux/resources/devices/0", "devices", "/linux/resources/devices", "[{'allow':false,'access':'rwm'}]" },
	{ POLICY "}", "/linux/resources/devices", NULL, "/linux/resources/devices", "devices", "/linux/resources/devices", "[{'allow':false,'access':'rwm'}]" },
	{ POLICY ",'devices':[{'path':'/dev/fuse'}]}", "/linux/resources/devices/-", "{'allow':true,'type':'c','major':10,'minor':229,'access':'rw'}", "/linux/resources/devices/2",
	  "devices", "/linux/resources/devices/2", NULL },
	{ POLICY "}", "/linux/resources/devices/-", "{'allow':true,'type':'a','access':'m'}", "/linux/resources/devices/2", "devices", "/linux/resources/devices/2", NULL },
	{ POLICY "}", "/linux/sysctl", "{'net.ipv4.ip_forward':'1'}", "/linux/sysctl/net.ipv4.ip_forward", "sysctl", "/linux/sysctl", "{}" },
	{ FLOOR ",'sysctl':['kernel.sem']}", "/linux/sysctl", "{'kernel.sem':'1','kernel.shmmax':'1'}", "/linux/sysctl/kernel.shmmax", "sysctl", "/linux/sysctl", "{'kernel.sem':'1'}" },

	{ POLICY "}", "/linux/resources/memory", NULL, "/linux/resources/memory/limit", "limits.memory", "/linux/resources/memory", "{'limit':536870912,'swap':536870912}" },
	{ FLOOR ",'limits':{'memory':'1M'}}", "/process/cwd", "'/'", "/linux/resources/memory/limit", "limits.memory", "/linux/resources/memory/limit", "1048576" },
	{ POLICY "}", "/linux/resources/memory/swap", "-1", "/linux/resources/memory/swap", "limits.swap", "/linux/resources/memory/swap", "67108864" },
	{ FLOOR ",'limits':{'swap':0}}", "/linux/resources/memory", "{}", "/linux/resources/unified/memory.swap.max", "limits.swap", "/linux/resources/unified/memory.swap.max", "'0'" },
	{ FLOOR ",'limits':{'swap':'1M'}}", "/linux/resources/memory", "{'limit':-1,'swap':-1}", "/linux/resources/unified/memory.swap.max", "limits.swap",
	  "/linux/resources/unified/memory.swap.max", "'1048576'" },
	{ FLOOR ",'limits':{'swap':'1M'}}", "/linux/resources/memory", "{'limit':9223372036854775806,'swap':-1}", "/linux/resources/unified/memory.swap.max", "limits.swap",
	  "/linux/resources/unified/memory.swap.max", "'1048576'" },
	{ POLICY "}", "/linux/resources/unified/memory.max", "'max'", "/linux/resources/unified/memory.max", "limits.memory", "/linux/resources/unified/memory.max", "'536870912'" },
	{ POLICY ",'limits':{'memory_high':'2M'}}", "/process/cwd", "'/'", "/linux/resources/unified/memory.high", "limits.memory_high", "/linux/resources/unified/memory.high", "'2097152'" },
	{ POLICY "}", "/linux/resources/unified", NULL, "/linux/resources/unified/memory.oom.group", "limits.oom_group", "/linux/resources/unified", "{'memory.oom.group':'1'}" },
	{ POLICY "}", "/linux/resources/memory/disableOOMKiller", "true", "/linux/resources/memory/disableOOMKiller", "every container", "/linux/resources/memory/disableOOMKiller", "false" },
	{ POLICY "}", "/linux/resources/cpu", "{'quota':200000}", "/linux/resources/cpu/quota", "limits.cpus", "/linux/resources/cpu", "{'quota':100000,'period':100000}" },
	{ POLICY "}", "/linux/resources/unified/cpu.max", "'-1 100000'", "/linux/resources/unified/cpu.max", "limits.cpus", "/linux/resources/unified/cpu.max", "'100000 100000'" },
	{ POLICY "}", "/linux/resources/cpu/shares", "2048", "/linux/resources/cpu/shares", "limits.cpu_weight", "/linux/resources/unified/cpu.weight", "'100'" },
	{ FLOOR ",'limits':{'cpu_weight':16}}", "/linux/resources/cpu/shares", "100", "/linux/resources/cpu/shares", "limits.cpu_weight", "/linux/resources/unified/cpu.weight", "'16'" },
	{ POLICY "}", "/linux/resources/cpu/shares", "9223372036854775807", "/linux/resources/cpu/shares", "limits.cpu_weight", "/linux/resources/unified/cpu.weight", "'100'" },
	{ POLICY ",'limits':{'cpuset':'0-2,9'}}", "/linux/resources/cpu/cpus", "'1-5,9'", "/linux/resources/cpu/cpus", "limits.cpuset", "/linux/resources/cpu/cpus", "'1,2,9'" },
	{ POLICY ",'limits':{'cpuset':'0-2'}}", "/linux/resources/cpu/cpus", "'7'", "/linux/resources/cpu/cpus", "limits.cpuset", REFUSED, NULL },
	{ POLICY "}", "/linux/resources/pids/limit", "0", "/linux/resources/pids/limit", "limits.pids", "/linux/resources/pids/limit", "256" },
	{ POLICY ",'limits':{'io':[{'path':'/dev/sda','rbps':'1M'}]}}", "/process/cwd", "'/'", "/linux/resources/blockIO/throttleReadBpsDevice", "limits.io",
	  "/linux/resources/blockIO/throttleReadBpsDevice", "[{'major':8,'minor':0,'rate':1048576}]" },
	{ POLICY ",'limits':{'io':[{'path':'/dev/sda','rbps':'1M'}]}}", "/linux/resources/unified/io.max", "'8:0 rbps=max'", "/linux/resources/unified/io.max", "limits.io", REFUSED, NULL },
	{ FLOOR ",'limits':{'cpus':0.5}}", "/linux/resources/unified/cpu.max", "'0000000000000499999999999 100000'", "/linux/resources/unified/cpu.max", "limits.cpus",
	  "/linux/resources/unified/cpu.max", "'50000 100000'" },
	{ FLOOR ",'limits':{'cpus':0.5}}", "/linux/resources/unified/cpu.max", "'50000'", "/linux/resources/unified/cpu.max", "limits.cpus",
	  "/linux/resources/unified/cpu.max", "'50000 100000'" },
	{ FLOOR ",'limits':{'cpu_weight':100}}", "/linux/resources/unified/cpu.weight.nice", "'-20'", "/linux/resources/unified/cpu.weight.nice", "every container",
	  "/linux/resources/unified", "{'memory.oom.group':'1'}" },
	{ FLOOR "}", "/linux/resources/unified/cgroup.procs", "'1'", "/linux/resources/unified/cgroup.procs", "every container", "/linux/resources/unified", "{'memory.oom.group':'1'}" },
	{ FLOOR "}", "/linux/resources/unified", "{'cpuset.cpus.partition':'root'}", "/linux/resources/unified/cpuset.cpus.partition", "every container",
	  "/linux/resources/unified", "{}" },

	{ FLOOR "}", "/linux/seccomp", NULL, "/linux/seccomp", "seccomp.profile", "/linux/seccomp/defaultAction", "'SCMP_ACT_ERRNO'" },
	{ POLICY "}", "/linux/seccomp/syscalls/0/names", "['read','mount','execve']", "/linux/seccomp", "seccomp.profile", "/linux/seccomp/syscalls/0", "{'action':'SCMP_ACT_ALLOW','names':['read','execve']}" },
	{ POLICY "}", "/linux/seccomp/syscalls/0/names", "['read','not_yet']", "/linux/seccomp/syscalls/0/names/1", "seccomp.profile", "/linux/seccomp/syscalls/0/names", "['read']" },
	{ POLICY "}", "/linux/seccomp/defaultAction", "'SCMP_ACT_ALLOW'", "/linux/seccomp", "seccomp.profile", NULL, NULL },
	{ POLICY "}", "/linux/seccomp/defaultAction", "'SCMP_ACT_NOTIFY'", "/linux/seccomp/defaultAction", "seccomp.profile", REFUSED, NULL },
	{ POLICY "}", "/linux/seccomp/flags", "['SECCOMP_FILTER_FLAG_SPEC_ALLOW','SECCOMP_FILTER_FLAG_LOG']", "/linux/seccomp/flags/0", "seccomp.profile", "/linux/seccomp/flags",
	  "['SECCOMP_FILTER_FLAG_LOG']" },
	{ FLOOR ",'seccomp':{'deny':'kill'}}", "/process/cwd", "'/'", "/linux/seccomp/defaultAction", "seccomp.deny", "/linux/seccomp/defaultAction", "'SCMP_ACT_KILL_PROCESS'" },
	{ POLICY ",'seccomp':{'deny':'kill'}}", "/process/cwd", "'/'", "/linux/seccomp/defaultAction", "seccomp.deny", "/linux/seccomp/defaultAction", "'SCMP_ACT_KILL_PROCESS'" },

	/* What one runtime would take for something, and another not; and what has another type. */
	{ FLOOR "}", "/process/NoNewPrivileges", "true", "/process/NoNewPrivileges", "every container", REFUSED, NULL },
	{ FLOOR "}", "/proce\xc5\xbf\xc5\xbf", "{}", "/proce\xc5\xbf\xc5\xbf", "every container", REFUSED, NULL },
	{ FLOOR "}", "/root/readonly", "'yes'", "/root/readonly", "every container", REFUSED, NULL },
	{ FLOOR "}", "/hostname", "1.5", "/hostname", "every container", REFUSED, NULL },
	{ FLOOR "}", "/process", NULL, "/process", "every container", REFUSED, NULL },
	{ FLOOR "}", "/linux/netDevices", "{'eth0':{}}", "/linux/netDevices", "every container", REFUSED, NULL },
};

static void check_tightened(const struct one *c, json_t *config, const struct oci_bound *bound)
{
	json_auto_t *tight = json_deep_copy(config), *again = NULL, *want = NULL;
	struct seen s = judge_by(tight, bound, OCI_TIGHTEN);
	_auto(free_mem) char *text = NULL;
	json_t *is;

	if (c->where && strcmp(c->where, REFUSED) == 0) {
		if (!s.errors)
			fail_msg("%s %s: tightened, and not refused", c->put, c->value);
		return;
	}
	if (s.errors || !s.notes)
		fail_msg("%s %s: %u errors left:\n%s", c->put, c->value ? c->value : "", s.errors, s.text);
	s = judge_by(tight, bound, OCI_JUDGE);
	if (s.errors)
		fail_msg("%s %s: found when tightened:\n%s", c->put, c->value ? c->value : "", s.text);
	again = json_deep_copy(tight);
	s = judge_by(again, bound, OCI_TIGHTEN);
	if (s.notes || !json_equal(again, tight))
		fail_msg("%s %s: tightened twice:\n%s", c->put, c->value ? c->value : "", s.text);
	if (!c->where)
		return;
	is = at(tight, c->where, NULL, false);
	text = json_dumps(is, JSON_ENCODE_ANY | JSON_COMPACT);
	if (!c->what) {
		if (is)
			fail_msg("%s %s: %s is still there: %s", c->put, c->value, c->where, text);
		return;
	}
	want = parse_value(c->what);
	if (!is || !json_equal(is, want))
		fail_msg("%s %s: %s is %s, not %s", c->put, c->value ? c->value : "", c->where, text ? text : "missing", c->what);
}

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct one *c = &cases[i];
		json_auto_t *config = parse_base(), *before = NULL;
		char place[160], key[96];
		struct bounding b;
		struct seen s;

		bind_to(&b, c->bound, strncmp(c->bound, POLICY, strlen(POLICY)) != 0);
		at(config, c->put, c->value, true);
		before = json_deep_copy(config);
		s = judge_by(config, &b.bound, OCI_JUDGE);
		if (!json_equal(before, config))
			fail_msg("%s: judging changed it", c->put);
		snprintf(place, sizeof(place), "%s: ", c->found);
		snprintf(key, sizeof(key), strchr(c->key, ' ') ? "%s of the " : "key %s of the ", c->key);
		if (s.errors == 0 || !strstr(s.text, place) || !strstr(s.text, key))
			fail_msg("%s %s: want %s by %s, found\n%s", c->put, c->value ? c->value : "", c->found, c->key, s.text);
		check_tightened(c, config, &b.bound);
		unbind(&b);
	}
}

/* The base keeps to both; what is not judged here is. */
static void base_is_clean(void **state)
{
	static const char *const bounds[] = { POLICY "}", FLOOR "}", FLOOR ",'mounts':[],'devices':[],'sysctl':[],'network':'path','seccomp':{'profile':['default']}}" };
	static const char *const harmless[][2] = {
		{ "/process/env/-", "'LD_PRELOAD=/x'" }, { "/annotations", "{'x':'y'}" }, { "/x-unknown", "{'deep':[1,2.5,18446744073709551616]}" },
		{ "/hooks", "{'poststop':[{'path':'/x'}]}" }, { "/linux/intelRdt", "{'closID':'x'}" }, { "/process/selinuxLabel", "'x'" },
		{ "/linux/resources/devices/-", "{'allow':true,'type':'c','access':'m'}" }, { "/linux/seccomp/flags", "['SECCOMP_FILTER_FLAG_LOG']" },
		{ "/linux/resources/unified", "{'hugetlb.2MB.max':'0','memory.oom.group':'1','cpu.max':'50000 100000','io.weight':'5'}" },
		{ "/linux/resources", "{'devices':[{'allow':false,'access':'rwm'}],'memory':{'limit':67108864},'cpu':{'quota':50000},'pids':{'limit':100},"
		  "'unified':{'memory.oom.group':'1','memory.swap.max':'0'}}" },
		{ "/linux/namespaces/2/path", "'/proc/77/ns/ipc'" }, { "/process/rlimits/-", "{'type':'RLIMIT_NICE','hard':18446744073709551615,'soft':1}" },
		{ "/mounts/-", BIND("/var/lib/docker/containers/x/resolv.conf", "/etc/resolv.conf", ",'ro'," HARD) },
		{ "/mounts/-", BIND("/var/lib/docker/containers/x/mounts/secrets", "/run/secrets", ",'ro'," HARD) },
		{ "/mounts/-", BIND("/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/x/hostname", "/etc/hostname", ",'ro'," HARD) },
		{ "/mounts/-", BIND("/run/containers/storage/overlay-containers/x/userdata/run/secrets", "/run/secrets", ",'ro'," HARD) },
		{ "/mounts/-", BIND("/var/lib/kubelet/pods/u/etc-hosts", "/etc/hosts", ",'ro'," HARD) },
		{ "/mounts/-", BIND("/var/lib/kubelet/pods/u/containers/c/0f", "/dev/termination-log", "," HARD) },
		{ "/mounts/-", BIND("/usr/libexec/podman/catatonit", "/run/podman-init", ",'ro','nosuid','nodev'") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bounds); i++)
		for (size_t k = 0; k < COUNT(harmless); k++) {
			json_auto_t *config = parse_base(), *before = NULL;
			struct bounding b;
			struct seen s;

			bind_to(&b, bounds[i], i > 0);
			at(config, harmless[k][0], harmless[k][1], true);
			before = json_deep_copy(config);
			s = judge_by(config, &b.bound, OCI_JUDGE);
			if (s.errors)
				fail_msg("%s, %s:\n%s", bounds[i], harmless[k][0], s.text);
			s = judge_by(config, &b.bound, OCI_TIGHTEN);
			if (s.notes || s.errors || !json_equal(before, config))
				fail_msg("%s, %s was changed:\n%s", bounds[i], harmless[k][0], s.text);
			unbind(&b);
		}
}

/* --- all together --- */

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

/* Whatever cases and harmless things there are, several at a time. */
static void random_config(json_t *config)
{
	for (unsigned n = 1 + pick(6); n > 0; n--) {
		const struct one *c = &cases[pick(COUNT(cases) - 6)];	/* the last six are about the shape */

		if (at(config, c->put, NULL, false) || strchr(c->put, '-') || !strchr(c->put + 1, '/'))
			at(config, c->put, c->value, true);
	}
	if (pick(2))
		at(config, "/x-kept", "{'a':[1,{'b':2.50}],'c':18446744073709551616}", true);
}

static size_t size_at(json_t *config, const char *pointer)
{
	return json_array_size(at(config, pointer, NULL, false));
}

static bool subset(const json_t *a, const json_t *b)
{
	const json_t *v;
	size_t i, k;

	json_array_foreach(a, i, v) {
		bool found = false;

		for (k = 0; k < json_array_size(b); k++)
			found |= json_equal(v, json_array_get(b, k));
		if (!found)
			return false;
	}
	return true;
}

static uint64_t limit_at(json_t *c, const char *pointer)
{
	json_int_t v = json_integer_value(at(c, pointer, NULL, false));

	return v <= 0 ? UINT64_MAX : (uint64_t)v;
}

/* Nothing of what was tight may be looser. */
static void no_looser(json_t *was, json_t *is)
{
	static const char *const fewer[] = { "/process/capabilities/bounding", "/process/capabilities/effective", "/process/capabilities/ambient", "/linux/devices",
					     "/process/user/additionalGids" };
	static const char *const more[] = { "/linux/maskedPaths", "/linux/readonlyPaths", "/linux/namespaces" };
	static const char *const limits[] = { "/linux/resources/memory/limit", "/linux/resources/pids/limit", "/linux/resources/cpu/quota" };

	for (size_t i = 0; i < COUNT(fewer); i++)
		assert_true(!size_at(is, fewer[i]) || subset(at(is, fewer[i], NULL, false), at(was, fewer[i], NULL, false)));
	for (size_t i = 0; i < COUNT(more); i++)
		assert_true(subset(at(was, more[i], NULL, false), at(is, more[i], NULL, false)));
	for (size_t i = 0; i < COUNT(limits); i++)
		assert_true(limit_at(is, limits[i]) <= limit_at(was, limits[i]));
	assert_true(json_is_true(at(is, "/process/noNewPrivileges", NULL, false)) && json_is_true(at(is, "/root/readonly", NULL, false)));
	assert_true(json_equal(at(was, "/x-kept", NULL, false), at(is, "/x-kept", NULL, false)) || !at(was, "/x-kept", NULL, false));
}

static void filter_no_looser(json_t *was, json_t *is)
{
	_auto(free_mem) char *a = json_dumps(at(was, "/linux/seccomp", NULL, false), 0), *b = json_dumps(at(is, "/linux/seccomp", NULL, false), 0);
	const struct filter_wish plain = { .kernel = KERNEL(6, 1) };
	_auto(arena_free) struct arena arena = { 0 };
	struct filter_profile x, y;
	struct err e = { 0 };
	unsigned nr;

	assert_int_equal(arena_init(&arena, 64 << 20), 0);
	if (!a || filter_parse(a, strlen(a), &arena, &x, &e) < 0)
		return;	/* there was none, or a name that nobody knows */
	assert_int_equal(filter_parse(b, strlen(b), &arena, &y, &e), 0);
	assert_int_equal(filter_within(&(struct filter_side){ &y, &plain }, &(struct filter_side){ &x, &plain }, &nr, &e), 1);
}

static void together(void **state)
{
	struct bounding b[8];
	static const char *const bounds[] = { POLICY "}", FLOOR "}", POLICY ",'capabilities':['KILL'],'limits':{'memory':'100M','cpuset':'0-3'},'proc':'pid'}",
		FLOOR ",'mounts':[{'source':'/srv'}],'devices':[],'limits':{'pids':50,'memory':'32M','swap':0},'seccomp':{'profile':['default'],'deny':'kill'}}" };
	unsigned tightened = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(bounds); i++)
		bind_to(&b[i], bounds[i], i % 2);
	for (seed = 1; seed < 400; seed += 1) {
		const uint64_t now = seed;
		json_auto_t *config = parse_base(), *tight = NULL, *again = NULL;
		const struct oci_bound *x = &b[pick(4)].bound, *y = &b[pick(4)].bound;
		struct seen s, t;

		random_config(config);
		seed = now;
		tight = json_deep_copy(config);
		s = judge_by(tight, x, OCI_TIGHTEN);
		t = judge_by(tight, y, OCI_TIGHTEN);
		if (s.errors + t.errors) {
			s = judge_by(config, x, OCI_JUDGE);
			t = judge_by(config, y, OCI_JUDGE);
			assert_true(s.errors + t.errors);
			continue;
		}
		tightened++;
		s = judge_by(tight, x, OCI_JUDGE);
		t = judge_by(tight, y, OCI_JUDGE);
		if (s.errors + t.errors)
			fail_msg("seed %u: found when tightened:\n%s%s", (unsigned)now, s.text, t.text);
		again = json_deep_copy(tight);
		s = judge_by(again, x, OCI_TIGHTEN);
		t = judge_by(again, y, OCI_TIGHTEN);
		if (!json_equal(again, tight))
			fail_msg("seed %u: tightened again:\n%s%s", (unsigned)now, s.text, t.text);
		no_looser(config, tight);
		filter_no_looser(config, tight);
	}
	assert_true(tightened > 100);
	for (size_t i = 0; i < COUNT(bounds); i++)
		unbind(&b[i]);
}

/* Process 7 is in a user namespace whose root is the host's, process 8 in one whose root is nobody's. */
static size_t maps_of_process(const char *path, bool group, struct oci_id_map *map, size_t max)
{
	(void)group;
	assert_true(max > 0);
	map[0] = (struct oci_id_map){ 0, strcmp(path, "/proc/8/ns/user") == 0 ? 100000 : 0, 65536 };
	return strcmp(path, "/proc/7/ns/user") == 0 || strcmp(path, "/proc/8/ns/user") == 0;
}

/* Ids through a user namespace: what the host sees counts. Of one that is joined what it has, not what config.json says. */
static void mapped(void **state)
{
#define MAP(inside, outside, size) "[{'containerID':" #inside ",'hostID':" #outside ",'size':" #size "}]"
	static const struct { const char *bound, *maps, *userns; unsigned id; struct oci_id_map own; bool fine; } all[] = {
		{ FLOOR "}", MAP(0, 100000, 65536), "{'type':'user'}", 0, { 0 }, true },
		{ FLOOR "}", MAP(0, 0, 65536), "{'type':'user'}", 0, { 0 }, false },
		{ FLOOR "}", MAP(5, 100000, 65536), "{'type':'user'}", 0, { 0 }, false },
		{ FLOOR "}", MAP(0, 0, 65536), "{'type':'user'}", 0, { 0, 1000, 1 }, true },
		{ FLOOR "}", MAP(0, 1, 65536), "{'type':'user'}", 0, { 0, 1000, 1 }, false },
		{ FLOOR "}", MAP(0, -9223372036854775808, 65536), "{'type':'user'}", 0, { 0 }, false },
		{ FLOOR "}", NULL, "{'type':'user'}", 0, { 0 }, false },
		{ FLOOR "}", NULL, NULL, 0, { 0, 1000, 1 }, true },
		{ FLOOR "}", NULL, NULL, 0, { 0, 0, 5 }, false },
		{ FLOOR "}", MAP(0, 100000, 65536), "{'type':'user','path':'/proc/7/ns/user'}", 0, { 0 }, false },
		{ FLOOR "}", MAP(0, 0, 1), "{'type':'user','path':'/proc/8/ns/user'}", 0, { 0 }, true },
		{ FLOOR "}", MAP(0, 100000, 65536), "{'type':'user','path':'/run/user'}", 0, { 0 }, false },
		{ FLOOR ",'namespaces':{'user':true}}", MAP(0, 0, 4294967295), "{'type':'user'}", 1000, { 0 }, false },
		{ FLOOR ",'namespaces':{'user':true}}", MAP(1, 1, 65536), "{'type':'user'}", 1000, { 0 }, true },
		{ FLOOR ",'namespaces':{'user':true}}", MAP(0, 1, 65536), "{'type':'user'}", 1000, { 1, 0, 100000 }, false },
		{ FLOOR ",'namespaces':{'user':true}}", MAP(0, 0, 65536), "{'type':'user'}", 1000, { 0, 100000, 65536 }, true },
		{ FLOOR ",'namespaces':{'user':true}}", MAP(1, 1, 65536), "{'type':'user','path':'/proc/7/ns/user'}", 1000, { 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		json_auto_t *config = parse_base();
		struct bounding b;
		struct oci_facts f = facts;
		struct seen s;

		bind_to(&b, all[i].bound, true);
		f.maps = maps_of_process;
		f.n_uid = f.n_gid = all[i].own.count != 0;
		f.uid[0] = f.gid[0] = all[i].own;
		json_object_set_new(json_object_get(config, "process"), "user", json_pack("{s:i, s:i}", "uid", all[i].id, "gid", all[i].id));
		if (all[i].userns)
			at(config, "/linux/namespaces/-", all[i].userns, true);
		if (all[i].maps) {
			at(config, "/linux/uidMappings", all[i].maps, true);
			at(config, "/linux/gidMappings", all[i].maps, true);
		}
		s = judge_with(config, &b.bound, OCI_JUDGE, &f);
		if ((s.errors == 0) != all[i].fine)
			fail_msg("%zu: %s", i, s.text);
		unbind(&b);
	}
}

/* What engines hide by default is enough to be accepted, but not less; what is tightened has all of ours. */
static void masked(void **state)
{
	static const struct { const char *engine, *paths; bool fine; } all[] = {
		{ "docker 20, containerd 1.6, kubelet", "['/proc/asound','/proc/acpi','/proc/kcore','/proc/keys','/proc/latency_stats','/proc/timer_list','/proc/timer_stats',"
		  "'/proc/sched_debug','/proc/scsi','/sys/firmware']", true },
		{ "docker 27", "['/proc/asound','/proc/acpi','/proc/interrupts','/proc/kcore','/proc/keys','/proc/latency_stats','/proc/timer_list','/proc/timer_stats',"
		  "'/proc/sched_debug','/proc/scsi','/sys/firmware','/sys/devices/virtual/powercap']", true },
		{ "podman 4", "['/proc/acpi','/proc/kcore','/proc/keys','/proc/latency_stats','/proc/timer_list','/proc/timer_stats','/proc/sched_debug','/proc/scsi',"
		  "'/sys/firmware','/sys/fs/selinux','/sys/dev/block']", true },
		{ "less", "['/proc/acpi','/proc/kcore','/proc/latency_stats','/proc/timer_list','/proc/sched_debug','/proc/scsi','/sys/firmware']", false },
	};
	struct bounding b;

	(void)state;
	bind_to(&b, FLOOR "}", true);
	for (size_t i = 0; i < COUNT(all); i++) {
		json_auto_t *config = parse_base();
		_auto(free_mem) char *text = NULL;
		struct seen s;

		at(config, "/linux/maskedPaths", all[i].paths, true);
		s = judge_by(config, &b.bound, OCI_JUDGE);
		if ((s.errors == 0) != all[i].fine)
			fail_msg("%s: %s", all[i].engine, s.text);
		s = judge_by(config, &b.bound, OCI_TIGHTEN);
		assert_true(s.errors == 0 && s.notes > 0);
		text = json_dumps(at(config, "/linux/maskedPaths", NULL, false), 0);
		assert_non_null(strstr(text, "/proc/kallsyms"));
	}
	unbind(&b);
}

/* A root beside config.json is where that is. */
static void root_of_bundle(void **state)
{
	static const struct { const char *bundle, *path; bool fine; } all[] = {
		{ "/srv/c", "'rootfs'", true }, { "/srv/c", "'../../etc'", false }, { "/srv/c", "'..'", false }, { "/run/c", "'rootfs'", false }, { NULL, "'rootfs'", false },
	};
	struct bounding b;

	(void)state;
	bind_to(&b, FLOOR ",'rootfs':['/srv']}", true);
	for (size_t i = 0; i < COUNT(all); i++) {
		json_auto_t *config = parse_base();
		struct oci_facts f = facts;
		struct seen s;

		f.bundle = all[i].bundle;
		at(config, "/root/path", all[i].path, true);
		s = judge_with(config, &b.bound, OCI_JUDGE, &f);
		if ((s.errors == 0) != all[i].fine)
			fail_msg("%s %s: %s", all[i].bundle, all[i].path, s.text);
	}
	unbind(&b);
}

/* A score that config.json does not name is the runtime's own. */
static void inherited(void **state)
{
	static const struct { const char *score; int64_t own; bool fine; } all[] = {
		{ NULL, -998, false }, { NULL, 0, true }, { NULL, 200, true }, { "0", -998, true }, { "-1", 0, false },
	};
	struct bounding b;

	(void)state;
	bind_to(&b, FLOOR "}", true);
	for (size_t i = 0; i < COUNT(all); i++) {
		json_auto_t *config = parse_base();
		struct oci_facts f = facts;
		struct seen s;

		f.oom_score_adj = all[i].own;
		at(config, "/process/oomScoreAdj", all[i].score, true);
		s = judge_with(config, &b.bound, OCI_JUDGE, &f);
		if ((s.errors == 0) != all[i].fine)
			fail_msg("%zu: %s", i, s.text);
		assert_int_equal(judge_with(config, &b.bound, OCI_TIGHTEN, &f).errors, 0);
		assert_int_equal(judge_with(config, &b.bound, OCI_JUDGE, &f).errors, 0);
	}
	unbind(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_is_clean), cmocka_unit_test(rows), cmocka_unit_test(together), cmocka_unit_test(mapped),
		cmocka_unit_test(masked), cmocka_unit_test(root_of_bundle), cmocka_unit_test(inherited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
