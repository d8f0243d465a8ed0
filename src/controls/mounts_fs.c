/* mounts_fs.c - a file system of its own, made detached and with its attributes on, by parent or child. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

/* The kernel takes a string of at most 255 bytes (fsconfig(2)). Of what is longer only overlay's lower layers can be given
 * one by one (Documentation/filesystems/overlayfs.rst, 6.7). */
enum { VALUE_BYTES_MAX = 255 };

static int append_layers(struct launch *l, int fs, const char *layers)
{
	int r = 0;

	while (r >= 0 && *layers) {
		size_t n = strcspn(layers, ":");
		char one[VALUE_BYTES_MAX + 1];

		if (n == 0 || n > VALUE_BYTES_MAX)	/* "::" is for layers of data only */
			return -ENAMETOOLONG;
		memcpy(one, layers, n);
		one[n] = '\0';
		r = sys_fsconfig(l->sys, fs, FSCONFIG_SET_STRING, "lowerdir+", one);
		layers += n + (layers[n] == ':');
	}
	return r == -EINVAL ? -ENAMETOOLONG : r;
}

int mounts_configure(struct launch *l, int fs, const struct pair *o)
{
	int r;

	if (o->value && strlen(o->value) > VALUE_BYTES_MAX)
		return strcmp(o->name, "lowerdir") == 0 ? append_layers(l, fs, o->value) : -ENAMETOOLONG;
	r = sys_fsconfig(l->sys, fs, o->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, o->name, o->value);
	/* Not every file system counts versions of inodes, and mount(2) passes over that. */
	return r == -EINVAL && !o->value && strstr(o->name, "iversion") ? 0 : r;
}

/* What the kernel has to say of its refusal: "e tmpfs: Bad value for 'size'" (fsopen(2)). */
static void read_words(struct launch *l, int fs, struct fs_refusal *why)
{
	ssize_t n = sys_read(l->sys, fs, why->words, sizeof(why->words) - 1);
	char *start = why->words;

	why->words[n > 0 ? n : 0] = '\0';
	why->words[strcspn(why->words, "\n")] = '\0';
	if (start[0] && start[1] == ' ')
		memmove(start, start + 2, strlen(start + 2) + 1);
}

/* A kernel that does not know "lowerdir+" takes it all the same, and says so of the whole only. */
static const char *too_long(const struct pair *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (o[i].name && o[i].value && strlen(o[i].value) > VALUE_BYTES_MAX)
			return o[i].name;
	return NULL;
}

/* --- SELinux: the label of all that is in a file system --- */

/* The kernel's own have labels that the host's policy gives them. */
static bool takes_context(const char *type)
{
	static const char *const fixed[] = { "proc", "sysfs", "cgroup2", "mqueue" };

	for (size_t i = 0; i < COUNT(fixed); i++)
		if (strcmp(fixed[i], type) == 0)
			return false;
	return true;
}

/* The option that is added to those given; without a name when there is none to add. */
static struct pair context_for(const struct plan *p, const char *type, const struct pair *o, size_t n)
{
	bool add = p->mount_label && takes_context(type);

	for (size_t i = 0; add && i < n; i++)
		add = !o[i].name || strcmp(o[i].name, "context") != 0;
	return add ? (struct pair){ "context", p->mount_label } : (struct pair){ NULL, NULL };
}

/* The queues' file system is there before it is mounted, together with its namespace; so its label comes later. */
static int label_queues(struct launch *l, int tree)
{
	const char *label = l->plan->mount_label;
	int at = sys_open(l->sys, tree, ".", O_RDONLY | O_DIRECTORY), r = at;

	if (r >= 0)
		r = (int)sys_call6(l->sys, SYS_fsetxattr, (unsigned long)at, (unsigned long)"security.selinux", (unsigned long)label,
				   strlen(label), 0, 0);
	if (at >= 0)
		(void)!sys_close(l->sys, at);
	/* The policy has one for all of them; or our parent made the namespace together with the user namespace and owns what is in it
	 * (to us: nobody), while all may write there. Then the host's label stays. */
	return r == -EOPNOTSUPP || (r == -EPERM && l->plan->clone_flags & CLONE_NEWUSER) ? 0 : r;
}

int mounts_new_fs(struct launch *l, const char *type, const struct pair *o, size_t n, uint64_t attrs, struct fs_refusal *why)
{
	const struct pair context = context_for(l->plan, type, o, n);
	int fs = sys_fsopen(l->sys, type), r = fs < 0 ? fs : 0, tree = -1;

	if (why)
		*why = (struct fs_refusal){ .no_type = fs == -ENODEV };
	for (size_t i = 0; r >= 0 && i <= n; i++) {
		const struct pair *one = i < n ? &o[i] : &context;

		if (!one->name)
			continue;
		r = mounts_configure(l, fs, one);
		if (r < 0 && why)
			why->option = one->name;
	}
	if (r >= 0)
		r = sys_fsconfig(l->sys, fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r == -EINVAL && why && !why->option && (why->option = too_long(o, n)))
		r = -ENAMETOOLONG;
	if (r < 0 && fs >= 0 && why)
		read_words(l, fs, why);
	if (r >= 0)
		tree = r = sys_fsmount(l->sys, fs, (unsigned)attrs);
	if (fs >= 0)
		(void)!sys_close(l->sys, fs);
	if (r >= 0 && l->plan->mount_label && l->plan->clone_flags & CLONE_NEWIPC && strcmp(type, "mqueue") == 0)
		r = label_queues(l, tree);
	if (r < 0 && tree >= 0)
		(void)!sys_close(l->sys, tree);
	return r < 0 ? r : tree;
}
