/* home.c - see home.h.
 *
 * The specification leaves env alone, but runc and crun set a HOME that is absent or empty, and docker, containerd and the
 * CRI rely on it. Only the child can: engines mount an /etc/passwd of their own over the image's. The one file that is
 * parsed between clone and execve, so: after the pivot, as the user and with the rights that the program will have, which learns
 * nothing that it could not read itself; no magic link (/proc/self/fd: the launcher's); and no more of it than its size,
 * which is 0 for what /proc makes up. */
#include "home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum { PASSWD_MAX = 1 << 20 };	/* of a longer one the beginning counts */

int home_init(struct launch *l, struct arena *a)
{
	size_t n = 0;

	if (!l->plan->home)
		return 0;
	while (l->plan->envp[n])
		n++;
	l->envp = arena_alloc(a, (n + 1) * sizeof(*l->envp));
	l->passwd = arena_alloc(a, PASSWD_MAX);
	if (!l->envp || !l->passwd)
		return -ENOMEM;
	memcpy(l->envp, l->plan->envp, n * sizeof(*l->envp));
	return 0;
}

enum { UID = 2, HOME = 5, FIELDS };
struct field { const char *at; size_t len; };

static bool is_id(const struct field *f, uid_t id)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->len; i++) {
		if (f->at[i] < '0' || f->at[i] > '9' || i == 10)
			return false;
		n = n * 10 + (uint64_t)(f->at[i] - '0');
	}
	return f->len > 0 && n == id;
}

static bool is_entry_of(const char *line, size_t len, uid_t uid, struct field *home)
{
	struct field f[FIELDS];

	for (size_t i = 0; i < FIELDS; i++) {
		const char *colon = memchr(line, ':', len);

		if (!colon && i + 1 < FIELDS)
			return false;
		f[i] = (struct field){ line, colon ? (size_t)(colon - line) : len };
		line += f[i].len + (colon != NULL);
		len -= f[i].len + (colon != NULL);
	}
	*home = f[HOME];
	/* "+" and "-" are NIS's, and never were users. */
	return f[0].len && !memchr("#+-", *f[0].at, 3) && is_id(&f[UID], uid) && home->len && home->len < PATH_MAX &&
	       *home->at == '/' && !memchr(home->at, '\0', home->len);
}

const char *home_find(const char *passwd, size_t len, uid_t uid, size_t *ret_len)
{
	while (len > 0) {
		const char *end = memchr(passwd, '\n', len);
		size_t line = end ? (size_t)(end - passwd) : len;
		struct field home;

		if (is_entry_of(passwd, line, uid, &home)) {
			*ret_len = home.len;
			return home.at;
		}
		passwd += line + (end != NULL);
		len -= line + (end != NULL);
	}
	return NULL;
}

/* As much of the file as is whole lines; 0: nothing to be used. */
static size_t read_passwd(struct launch *l, int fd)
{
	struct statx st;
	size_t len = 0, size;
	ssize_t n = 1;

	if (sys_statx(l->sys, fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, &st) < 0 || !S_ISREG(st.stx_mode))
		return 0;
	size = st.stx_size < PASSWD_MAX ? (size_t)st.stx_size : PASSWD_MAX;
	while (len < size && (n = sys_read(l->sys, fd, l->passwd + len, size - len)) > 0)
		len += (size_t)n;
	while (len > 0 && (n < 0 || size < st.stx_size) && l->passwd[len - 1] != '\n')
		len--;
	return len;
}

int home_apply(struct launch *l, struct err *e)
{
	const char *home;
	size_t len;
	int fd;

	(void)e;
	if (!l->plan->home)
		return 0;
	fd = sys_open_beneath(l->sys, AT_FDCWD, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, false);
	if (fd < 0)
		return 0;
	home = home_find(l->passwd, read_passwd(l, fd), l->plan->uid, &len);
	(void)!sys_close(l->sys, fd);
	if (home) {	/* five fields stand before it: there is room for the name */
		char *entry = l->passwd + (home - l->passwd) - strlen("HOME=");

		memcpy(entry, "HOME=", strlen("HOME="));
		entry[strlen("HOME=") + len] = '\0';
		l->envp[l->plan->home - l->plan->envp] = entry;
	}
	return 0;
}
