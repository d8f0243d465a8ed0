/* mount_options.c - see mount_options.h. The table is config.md's, "Linux mount options", and what mount(8) knows beside it and
 * the kernel does not. */
#include "mount_options.h"

#include "../policy/suggest.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

enum effect {
	SET, CANCEL,		/* of the mount; what cancels takes an earlier word back, never what the source has */
	DEEP_SET, DEEP_CLEAR,	/* of the whole tree, whatever it has */
	ATIME, DEEP_ATIME,	/* one field with three values */
	SPREAD,			/* propagation */
	FLAG,			/* the file system's */
	NOTHING,		/* the kernel's default, or only mount(8)'s business */
	BIND, RBIND, REMOUNT, IDMAP, RIDMAP, COPY_UP,
};

static const struct { const char *word; enum effect effect; uint64_t bits; } words[] = {
	{ "bind", BIND, 0 }, { "rbind", RBIND, 0 }, { "remount", REMOUNT, 0 },
	{ "idmap", IDMAP, 0 }, { "ridmap", RIDMAP, 0 }, { "tmpcopyup", COPY_UP, 0 },

	{ "ro", SET, MOUNT_ATTR_RDONLY }, { "rw", CANCEL, MOUNT_ATTR_RDONLY },
	{ "nosuid", SET, MOUNT_ATTR_NOSUID }, { "suid", CANCEL, MOUNT_ATTR_NOSUID },
	{ "nodev", SET, MOUNT_ATTR_NODEV }, { "dev", CANCEL, MOUNT_ATTR_NODEV },
	{ "noexec", SET, MOUNT_ATTR_NOEXEC }, { "exec", CANCEL, MOUNT_ATTR_NOEXEC },
	{ "nodiratime", SET, MOUNT_ATTR_NODIRATIME }, { "diratime", CANCEL, MOUNT_ATTR_NODIRATIME },
	{ "nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW }, { "symfollow", CANCEL, MOUNT_ATTR_NOSYMFOLLOW },
	{ "relatime", ATIME, MOUNT_ATTR_RELATIME }, { "norelatime", ATIME, MOUNT_ATTR_RELATIME },
	{ "noatime", ATIME, MOUNT_ATTR_NOATIME }, { "atime", ATIME, MOUNT_ATTR_RELATIME },
	{ "strictatime", ATIME, MOUNT_ATTR_STRICTATIME }, { "nostrictatime", ATIME, MOUNT_ATTR_RELATIME },

	{ "rro", DEEP_SET, MOUNT_ATTR_RDONLY }, { "rrw", DEEP_CLEAR, MOUNT_ATTR_RDONLY },
	{ "rnosuid", DEEP_SET, MOUNT_ATTR_NOSUID }, { "rsuid", DEEP_CLEAR, MOUNT_ATTR_NOSUID },
	{ "rnodev", DEEP_SET, MOUNT_ATTR_NODEV }, { "rdev", DEEP_CLEAR, MOUNT_ATTR_NODEV },
	{ "rnoexec", DEEP_SET, MOUNT_ATTR_NOEXEC }, { "rexec", DEEP_CLEAR, MOUNT_ATTR_NOEXEC },
	{ "rnodiratime", DEEP_SET, MOUNT_ATTR_NODIRATIME }, { "rdiratime", DEEP_CLEAR, MOUNT_ATTR_NODIRATIME },
	{ "rnosymfollow", DEEP_SET, MOUNT_ATTR_NOSYMFOLLOW }, { "rsymfollow", DEEP_CLEAR, MOUNT_ATTR_NOSYMFOLLOW },
	{ "rrelatime", DEEP_ATIME, MOUNT_ATTR_RELATIME }, { "rnorelatime", DEEP_ATIME, MOUNT_ATTR_RELATIME },
	{ "rnoatime", DEEP_ATIME, MOUNT_ATTR_NOATIME }, { "ratime", DEEP_ATIME, MOUNT_ATTR_RELATIME },
	{ "rstrictatime", DEEP_ATIME, MOUNT_ATTR_STRICTATIME }, { "rnostrictatime", DEEP_ATIME, MOUNT_ATTR_RELATIME },

	{ "private", SPREAD, MS_PRIVATE }, { "rprivate", SPREAD, MS_PRIVATE | MS_REC },
	{ "shared", SPREAD, MS_SHARED }, { "rshared", SPREAD, MS_SHARED | MS_REC },
	{ "slave", SPREAD, MS_SLAVE }, { "rslave", SPREAD, MS_SLAVE | MS_REC },
	{ "unbindable", SPREAD, MS_UNBINDABLE }, { "runbindable", SPREAD, MS_UNBINDABLE | MS_REC },

	{ "sync", FLAG, 0 }, { "async", FLAG, 0 }, { "dirsync", FLAG, 0 }, { "lazytime", FLAG, 0 }, { "nolazytime", FLAG, 0 },
	{ "mand", FLAG, 0 }, { "nomand", FLAG, 0 }, { "iversion", FLAG, 0 }, { "noiversion", FLAG, 0 },

	{ "defaults", NOTHING, 0 }, { "silent", NOTHING, 0 }, { "loud", NOTHING, 0 }, { "auto", NOTHING, 0 }, { "noauto", NOTHING, 0 },
	{ "nofail", NOTHING, 0 }, { "_netdev", NOTHING, 0 }, { "user", NOTHING, 0 }, { "nouser", NOTHING, 0 }, { "users", NOTHING, 0 },
	{ "nousers", NOTHING, 0 }, { "owner", NOTHING, 0 }, { "noowner", NOTHING, 0 }, { "group", NOTHING, 0 }, { "nogroup", NOTHING, 0 },
};

static enum option_fate take(struct mount_options *o, enum effect effect, uint64_t bits)
{
	const uint64_t atime = MOUNT_ATTR__ATIME;

	switch (effect) {
	case SET:
		o->set |= bits;
		o->undone &= ~bits;
		break;
	case CANCEL:
		o->set &= ~bits;
		o->undone |= bits;
		break;
	case DEEP_SET:
		o->deep_set |= bits;
		o->deep_clear &= ~bits;
		break;
	case DEEP_CLEAR:
		o->deep_clear |= bits;
		o->deep_set &= ~bits;
		break;
	case ATIME:
		o->clear |= atime;
		o->set = (o->set & ~atime) | bits;
		break;
	case DEEP_ATIME:
		o->deep_clear |= atime;
		o->deep_set = (o->deep_set & ~atime) | bits;
		break;
	case SPREAD:
		if (o->n_propagation == PROPAGATIONS_MAX)
			return OPTION_TOO_MANY;
		o->propagation[o->n_propagation++] = (unsigned)bits;
		break;
	case FLAG: return OPTION_FLAG;
	case NOTHING: break;
	case RBIND: o->recursive = true; /* fall through */
	case BIND: o->bind = true; break;
	case REMOUNT: o->remount = true; break;
	case RIDMAP: o->deep_idmap = true; /* fall through */
	case IDMAP: o->idmap = true; break;
	case COPY_UP: o->copy_up = true; break;
	}
	return OPTION_TAKEN;
}

enum option_fate mount_option_take(struct mount_options *o, const char *word)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return take(o, words[i].effect, words[i].bits);
	/* mount(8): for other programs */
	return strncmp(word, "x-", 2) == 0 || strncmp(word, "X-", 2) == 0 ? OPTION_TAKEN : OPTION_UNKNOWN;
}

const char *mount_option_guess(const char *word, char *buf, size_t size)
{
	struct guess g;

	guess_start(&g, word);
	for (size_t i = 0; i < COUNT(words); i++)
		guess_offer(&g, words[i].word, strlen(words[i].word));
	if (!*g.best)
		return NULL;
	snprintf(buf, size, "did you mean \"%s\"?", g.best);
	return buf;
}


const char *mount_option_word(size_t i)
{
	return i < COUNT(words) ? words[i].word : NULL;
}
