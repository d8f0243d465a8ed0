/* mounts_fs.c - a file system of its own, made detached and with its attributes on, by parent or child. */
#include "mounts.h"

#include <errno.h>
#include <string.h>

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

int mounts_new_fs(struct launch *l, const char *type, const struct pair *o, size_t n, uint64_t attrs, struct fs_refusal *why)
{
	int fs = sys_fsopen(l->sys, type), r = fs < 0 ? fs : 0;

	if (why)
		*why = (struct fs_refusal){ .no_type = fs == -ENODEV };
	for (size_t i = 0; r >= 0 && i < n; i++) {
		if (!o[i].name)
			continue;
		r = mounts_configure(l, fs, &o[i]);
		if (r < 0 && why)
			why->option = o[i].name;
	}
	if (r >= 0)
		r = sys_fsconfig(l->sys, fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r == -EINVAL && why && !why->option && (why->option = too_long(o, n)))
		r = -ENAMETOOLONG;
	if (r < 0 && fs >= 0 && why)
		read_words(l, fs, why);
	if (r >= 0)
		r = sys_fsmount(l->sys, fs, (unsigned)attrs);
	if (fs >= 0)
		(void)!sys_close(l->sys, fs);
	return r;
}
