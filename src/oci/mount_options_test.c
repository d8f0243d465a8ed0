/* The table of mount options against config.md's own, word by word, and how words overrule each other. */
#include "mount_options.h"

#include <linux/mount.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

/* config.md 1.2, "Linux mount options": all of it. */
static const char table[] =
	"async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec noiversion "
	"nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime remount rexec "
	"rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave "
	"rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable idmap ridmap";

static enum option_fate take_all(struct mount_options *o, const char *words)
{
	char copy[1024], *at = copy, *word;
	enum option_fate fate = OPTION_TAKEN;

	*o = (struct mount_options){ 0 };
	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&at, " ")))
		fate = mount_option_take(o, word);
	return fate;
}

static void every_word_of_the_table_is_known(void **state)
{
	char copy[sizeof(table)], *at = copy, *word;
	unsigned n = 0;

	(void)state;
	memcpy(copy, table, sizeof(table));
	for (; (word = strsep(&at, " ")); n++) {
		struct mount_options o;

		if (take_all(&o, word) == OPTION_UNKNOWN)
			fail_msg("'%s' is not known", word);
	}
	assert_int_equal(n, 61);
}

static void each_word_does_what_it_says(void **state)
{
	static const struct { const char *words; uint64_t set, clear, deep_set, deep_clear; } cases[] = {
		{ "ro", MOUNT_ATTR_RDONLY, 0, 0, 0 }, { "nosuid nodev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, 0, 0 },
		{ "noexec", MOUNT_ATTR_NOEXEC, 0, 0, 0 }, { "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0, 0, 0 },
		{ "ro rw", 0, 0, 0, 0 }, { "rw ro", MOUNT_ATTR_RDONLY, 0, 0, 0 }, { "nosuid noexec nodev suid exec dev", 0, 0, 0, 0 },
		{ "noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0 }, { "noatime atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME, 0, 0 },
		{ "noatime strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0 },
		{ "strictatime nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME, 0, 0 },
		{ "noatime nodiratime", MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME, MOUNT_ATTR__ATIME, 0, 0 },
		{ "rro", 0, 0, MOUNT_ATTR_RDONLY, 0 }, { "rro rrw", 0, 0, 0, MOUNT_ATTR_RDONLY }, { "rrw rro", 0, 0, MOUNT_ATTR_RDONLY, 0 },
		{ "rnosuid rsuid rnoexec", 0, 0, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID },
		{ "rnoatime", 0, 0, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME }, { "rnoatime rrelatime", 0, 0, MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME },
		{ "ro rrw", MOUNT_ATTR_RDONLY, 0, 0, MOUNT_ATTR_RDONLY }, { "defaults loud silent x-systemd.automount", 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mount_options o;

		assert_int_equal(take_all(&o, cases[i].words), OPTION_TAKEN);
		if (o.set != cases[i].set || o.clear != cases[i].clear || o.deep_set != cases[i].deep_set || o.deep_clear != cases[i].deep_clear)
			fail_msg("%s: %#llx %#llx %#llx %#llx", cases[i].words, (unsigned long long)o.set, (unsigned long long)o.clear,
				 (unsigned long long)o.deep_set, (unsigned long long)o.deep_clear);
		assert_false(o.bind || o.remount || o.idmap || o.copy_up || o.n_propagation);
	}
}

static void the_others_are_told_apart(void **state)
{
	struct mount_options o;

	(void)state;
	assert_int_equal(take_all(&o, "bind"), OPTION_TAKEN);
	assert_true(o.bind && !o.recursive);
	assert_int_equal(take_all(&o, "rbind idmap"), OPTION_TAKEN);
	assert_true(o.bind && o.recursive && o.idmap && !o.deep_idmap);
	assert_int_equal(take_all(&o, "ridmap tmpcopyup remount"), OPTION_TAKEN);
	assert_true(o.idmap && o.deep_idmap && o.copy_up && o.remount);
	assert_int_equal(take_all(&o, "rslave shared"), OPTION_TAKEN);
	assert_int_equal(o.n_propagation, 2);
	assert_int_equal(o.propagation[0], MS_SLAVE | MS_REC);
	assert_int_equal(o.propagation[1], MS_SHARED);
	assert_int_equal(take_all(&o, "shared slave private unbindable rshared"), OPTION_TOO_MANY);
	for (const char *const *w = (const char *const[]){ "sync", "dirsync", "lazytime", "noiversion", "nomand", NULL }; *w; w++)
		assert_int_equal(take_all(&o, *w), OPTION_FLAG);
	for (const char *const *w = (const char *const[]){ "size=1m", "RO", "ro ", "", "noexce", NULL }; *w; w++)
		assert_int_equal(mount_option_take(&o, *w), OPTION_UNKNOWN);
}

static void a_slip_of_the_pen_is_guessed(void **state)
{
	char buf[80];

	(void)state;
	assert_string_equal(mount_option_guess("noexce", buf, sizeof(buf)), "did you mean \"noexec\"?");
	assert_null(mount_option_guess("something-else", buf, sizeof(buf)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_of_the_table_is_known),
		cmocka_unit_test(each_word_does_what_it_says),
		cmocka_unit_test(the_others_are_told_apart),
		cmocka_unit_test(a_slip_of_the_pen_is_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
