/* procfs.c - see procfs.h. */
#include "procfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *proc_field(const char *status, const char *field)
{
	size_t n = strlen(field);

	for (const char *line = status; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0)
		if (strncmp(line, field, n) == 0 && line[n] == ':')
			return line + n + 1 + strspn(line + n + 1, " \t");
	return NULL;
}

int proc_hex(const char *status, const char *field, uint64_t *ret)
{
	const char *at = proc_field(status, field);
	char *end;

	if (!at)
		return -EIO;
	*ret = strtoull(at, &end, 16);
	return end == at ? -EIO : 0;
}

int proc_numbers(const char *status, const char *field, uint64_t *ret, int max)
{
	const char *at = proc_field(status, field);
	char *end;
	int n = 0;

	if (!at)
		return -EIO;
	while (n < max && *at && *at != '\n') {
		ret[n] = strtoull(at, &end, 10);
		if (end == at)
			return -EIO;
		n++;
		at = end + strspn(end, " \t");
	}
	return n;
}

/* Fields 3, 20 and 22 of proc_pid_stat(5), counted from behind the name, which may hold anything. */
bool proc_stat_alive(const char *stat, unsigned long long *since)
{
	const char *at = strrchr(stat, ')');
	char state = 0;
	long threads = 0;

	if (!at || sscanf(at, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu", &state, &threads, since) != 3)
		return false;
	return (state != 'Z' && state != 'X') || threads > 1;
}

/* The next word of a line; NULL at its end. */
static char *word(char **at)
{
	char *start = *at;

	if (!start || *start == '\0')
		return NULL;
	*at = start + strcspn(start, " ");
	if (**at)
		*(*at)++ = '\0';
	return start;
}

/* mountinfo writes blank, tab, newline and backslash as \ooo. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	*to = '\0';
}

int mount_line_next(char **text, struct mount_line *ret)
{
	char *at = *text, *end = strchr(at, '\n'), *id, *parent, *tag;

	if (*at == '\0')
		return 0;
	if (!end)
		return -EIO;
	*end = '\0';
	*text = end + 1;
	*ret = (struct mount_line){ 0 };
	id = word(&at);
	parent = word(&at);
	word(&at);		/* major:minor */
	ret->root = word(&at);
	ret->target = word(&at);
	ret->options = word(&at);
	while ((tag = word(&at)) && strcmp(tag, "-") != 0) {
		ret->shared = 1;
		ret->peer |= strncmp(tag, "shared:", 7) == 0;
		ret->slave |= strncmp(tag, "master:", 7) == 0;
		ret->unbindable |= strcmp(tag, "unbindable") == 0;
	}
	ret->type = word(&at);
	ret->source = word(&at);
	ret->super = word(&at);
	if (!ret->super)
		return -EIO;
	ret->id = strtoul(id, NULL, 10);
	ret->parent = strtoul(parent, NULL, 10);
	unescape(ret->root);
	unescape(ret->target);
	return 1;
}

int has_option(const char *list, const char *option)
{
	size_t n = strlen(option);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strncmp(list, option, n) == 0 && (list[n] == ',' || list[n] == '\0'))
			return 1;
	return 0;
}
