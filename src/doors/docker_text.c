/* docker_text.c - how docker writes numbers, sizes, switches, lists and paths; see docker.h. */
#include "docker.h"

#include "../base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

bool docker_bool(const char *s, bool *ret)
{
	static const char *const yes[] = { "true", "1", "t", "T", "TRUE", "True" };
	static const char *const no[] = { "false", "0", "f", "F", "FALSE", "False" };

	for (size_t i = 0; i < COUNT(yes); i++)
		if (strcmp(s, yes[i]) == 0 || strcmp(s, no[i]) == 0) {
			*ret = strcmp(s, yes[i]) == 0;
			return true;
		}
	return false;
}

bool docker_int(const char *s, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)s[*s == '-' || *s == '+']))
		return false;
	errno = 0;
	*ret = strtoll(s, &end, 10);
	return errno == 0 && *end == '\0';
}

/* Digits with at most one point among them. */
static const char *decimal(const char *s, long double *ret)
{
	size_t whole = strspn(s, "0123456789"), part = s[whole] == '.' ? strspn(s + whole + 1, "0123456789") : 0;
	char *end;

	if (whole + part == 0 || whole + part > 30)
		return NULL;
	*ret = strtold(s, &end);
	return s + whole + (s[whole] == '.') + part == end ? end : NULL;
}

static bool size(const char *s, unsigned k, uint64_t *ret)
{
	static const char units[] = "bkmgtp";
	long double n;
	const char *suffix = decimal(s, &n), *unit;

	if (!suffix)
		return false;
	suffix += *suffix == ' ';
	unit = *suffix ? strchr(units, tolower((unsigned char)*suffix)) : units;
	if (!unit)
		return false;
	for (const char *u = units; u < unit; u++)
		n *= k;
	/* "k", "kb" or "kib", but only "b". */
	if (*suffix && suffix[1] && (unit == units || (strcasecmp(suffix + 1, "b") != 0 && strcasecmp(suffix + 1, "ib") != 0)))
		return false;
	if (!(n < 0x1p62L))
		return false;
	*ret = (uint64_t)n;
	return true;
}

bool docker_bytes(const char *s, uint64_t *ret)
{
	return size(s, 1024, ret);
}

bool docker_decimal_bytes(const char *s, uint64_t *ret)
{
	return size(s, 1000, ret);
}

bool docker_duration(const char *s, uint64_t *ret)
{
	static const struct { const char *unit; long double ns; } units[] = {	/* longer names first */
		{ "ms", 1e6L }, { "us", 1e3L }, { "µs", 1e3L }, { "ns", 1 }, { "h", 3600e9L }, { "m", 60e9L }, { "s", 1e9L } };
	long double sum = 0;
	bool zero = strcmp(s, "0") == 0;

	for (const char *at = s; *at && !zero;) {
		size_t number = strspn(at, "0123456789."), i = 0;
		_auto(free_mem) char *text = strndup(at, number);
		long double n;

		if (!text || !decimal(text, &n) || strchr(text, '.') != strrchr(text, '.'))
			return false;
		at += number;
		while (i < COUNT(units) && strncmp(at, units[i].unit, strlen(units[i].unit)) != 0)
			i++;
		if (i == COUNT(units))
			return false;
		at += strlen(units[i].unit);
		sum += n * units[i].ns;
	}
	if (!*s || !(sum < 0x1p62L))
		return false;
	*ret = (uint64_t)sum;
	return true;
}

bool docker_millionths(const char *s, uint64_t *ret)
{
	long double n;
	const char *end = decimal(s, &n);

	if (!end || *end || !(n < 1e6L))
		return false;
	*ret = (uint64_t)(n * 1e6L + 1e-6L);
	return true;
}

int docker_field(const char **at, char **ret)
{
	const char *s = *at;
	bool quoted;
	size_t n = 0;
	char *field;

	if (!s)
		return 0;
	field = malloc(strlen(s) + 1);
	if (!field)
		return -1;
	quoted = *s == '"';
	for (s += quoted; *s && (quoted || *s != ','); s++) {
		if (*s == '"') {
			if (!quoted)
				break;
			if (s[1] != '"') {
				quoted = false;
				s++;
				break;
			}
			s++;
		}
		field[n++] = *s;
	}
	field[n] = '\0';
	if (quoted || (*s && *s != ',')) {
		free(field);
		return -1;
	}
	*ret = field;
	*at = *s ? s + 1 : NULL;
	return 1;
}

char *docker_split(char *field, char separator)
{
	char *at = strchr(field, separator);

	if (at)
		*at++ = '\0';
	return at;
}

char *door_path(const char *path)
{
	_auto(free_mem) char *cwd = *path == '.' ? getcwd(NULL, 0) : strdup("");
	char *ret = NULL, *end;

	if ((*path != '/' && *path != '.') || !cwd || asprintf(&ret, "%s/%s", cwd, path) < 0)
		return NULL;
	end = ret;
	for (const char *s = ret; *s;) {	/* what was read is never shorter than what is written */
		size_t len;

		s += strspn(s, "/");
		len = strcspn(s, "/");
		if (len == 2 && s[0] == '.' && s[1] == '.') {
			while (end > ret && *--end != '/')
				;
		} else if (len && !(len == 1 && *s == '.')) {
			*end++ = '/';
			memmove(end, s, len);
			end += len;
		}
		s += len;
	}
	if (end == ret)
		*end++ = '/';
	*end = '\0';
	return ret;
}

int door_read_file(const char *path, size_t max, char **text, size_t *len)
{
	/* Not blocking: a FIFO without a writer must not stop us. */
	_auto(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_auto(free_mem) char *buf = NULL;
	struct stat st;
	size_t used = 0;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	buf = malloc(max + 2);
	while (buf && used <= max && n != 0) {
		n = read(fd, buf + used, max + 1 - used);
		if (n < 0 && errno != EINTR)
			return -errno;
		used += n > 0 ? (size_t)n : 0;
	}
	if (!buf || used > max)
		return buf ? -EFBIG : -ENOMEM;
	buf[used] = '\0';
	*text = buf;
	*len = used;
	buf = NULL;
	return 0;
}
