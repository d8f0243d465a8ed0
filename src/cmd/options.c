/* options.c - see options.h. */
#include "options.h"
#include "cmd.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

void source_free(struct source *s)
{
	for (size_t i = 0; i < s->n_set; i++)
		free(s->storage[i]);
	free(s->text);
	*s = (struct source){ 0 };
}

int source_set(struct source *s, const char *arg, struct err *e)
{
	const char *eq = strchr(arg, '=');
	char *copy;

	if (!eq || eq == arg)
		return err_set(e, ERR_USAGE, 0, "for example --set limits.memory=1G", "--set wants KEY=VALUE, not '%s'", arg);
	if (s->n_set == SETTINGS_MAX)
		return err_set(e, ERR_USAGE, 0, NULL, "more than %d --set", SETTINGS_MAX);
	copy = strdup(arg);
	if (!copy)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot hold --set");
	copy[eq - arg] = '\0';
	s->storage[s->n_set] = copy;
	s->set[s->n_set++] = (struct setting){ copy, copy + (eq - arg) + 1 };
	return 0;
}

int load_text(const char *file, char **text, size_t *len, struct err *e)
{
	bool from_stdin = strcmp(file, "-") == 0;
	_auto(close_fd) int fd = from_stdin ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_auto(free_mem) char *buf = malloc(POLICY_BYTES_MAX + 1);
	struct stat st;
	ssize_t n = 1;
	size_t used = 0;

	if (fd < 0 || !buf || fstat(fd, &st) < 0)
		return err_set(e, ERR_POLICY, errno, NULL, "cannot read '%s'", file);
	if (!from_stdin && !S_ISREG(st.st_mode))
		return err_set(e, ERR_POLICY, 0, "give a regular file, or - for standard input", "'%s' is not a file", file);
	while (used <= POLICY_BYTES_MAX && n != 0) {
		n = read(fd, buf + used, POLICY_BYTES_MAX + 1 - used);
		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_POLICY, errno, NULL, "cannot read '%s'", file);
		used += n > 0 ? (size_t)n : 0;
	}
	if (used > POLICY_BYTES_MAX)
		return err_set(e, ERR_POLICY, 0, NULL, "'%s' is larger than %d bytes", file, POLICY_BYTES_MAX);
	*text = buf;
	*len = used;
	buf = NULL;
	return 0;
}

int source_load(struct source *s, const char *file, struct policy_source *ret, struct err *e)
{
	s->file = file;
	if (!s->text && load_text(file, &s->text, &s->len, e) < 0)
		return -1;
	*ret = (struct policy_source){ .text = s->text, .len = s->len, .set = s->set, .n_set = s->n_set };
	return 0;
}

int parse_controls(const char *list, uint64_t *mask, struct err *e)
{
	char name[64];

	for (size_t n; *list; list += n + (list[n] == ',')) {
		uint64_t bits;

		n = strcspn(list, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, list);
		bits = control_bits(name);
		if (!bits)
			return err_set(e, ERR_USAGE, 0, "`casemate doctor` lists the names", "there is no control '%s'", name);
		*mask |= bits;
	}
	return 0;
}

const char *launch_name(const struct policy *p, const char *file, char *buf, size_t size)
{
	const char *stem = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	size_t n = 0;

	if (p->name[0])
		return p->name;
	for (; *stem && *stem != '.' && n < 40; stem++)
		if (isalnum((unsigned char)*stem) || ((*stem == '-' || *stem == '_') && n))
			buf[n++] = *stem;
	snprintf(buf + n, size - n, "%s%d", n ? "-" : "casemate-", getpid());
	return buf;
}
