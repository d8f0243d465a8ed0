/* denial.c - see denial.h. */
#include "denial.h"

#include <stdlib.h>
#include <string.h>

const char *const denial_kinds[DENIAL_KINDS] = { "seccomp", "apparmor", "landlock" };

enum { TYPE_AVC = 1400, TYPE_SECCOMP = 1326, TYPE_LANDLOCK = 1423 };

/* The text behind " NAME=", or NULL. What is within quotes is no name of a field. */
static const char *find(const char *line, const char *name)
{
	size_t len = strlen(name);
	bool quoted = false, start = true;

	for (; *line; line++) {
		if (start && !quoted && strncmp(line, name, len) == 0 && line[len] == '=')
			return line + len + 1;
		quoted ^= *line == '"';
		start = *line == ' ';
	}
	return NULL;
}

static bool number(const char *line, const char *name, int base, unsigned long *ret)
{
	const char *at = find(line, name);
	char *end;

	if (!at || *at == '-' || *at == '+' || *at == ' ')
		return false;
	*ret = strtoul(at, &end, base);
	return end != at && (*end == ' ' || *end == '\0' || *end == '\n');
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In quotes as it is, without them in hexadecimal: audit_log_untrustedstring(). */
static bool text(const char *line, const char *name, char *to, size_t size)
{
	const char *at = find(line, name);
	size_t len, n = 0;

	to[0] = '\0';
	if (!at)
		return false;
	if (*at == '"') {
		len = strcspn(++at, "\"\n");
		snprintf(to, size, "%.*s", (int)(len < size ? len : size - 1), at);
		return true;
	}
	len = strcspn(at, " \n");
	for (size_t i = 0; i + 1 < len && n + 1 < size && len % 2 == 0; i += 2) {
		int high = nibble(at[i]), low = nibble(at[i + 1]);

		if (high < 0 || low < 0 || (high == 0 && low == 0)) {
			n = 0;
			break;
		}
		to[n++] = (char)(high << 4 | low);
	}
	to[n] = '\0';
	if (n == 0)	/* a word that the kernel itself chose */
		snprintf(to, size, "%.*s", (int)(len < size ? len : size - 1), at);
	return true;
}

static int parse_call(const char *line, struct denial *d)
{
	unsigned long arch, call, code;

	if (!number(line, "arch", 16, &arch) || !number(line, "syscall", 10, &call) || !number(line, "code", 16, &code) || arch > UINT32_MAX ||
	    call > UINT32_MAX || code > UINT32_MAX)
		return -1;
	d->arch = (unsigned)arch;
	d->call = (unsigned)call;
	d->code = (unsigned)code;
	return 0;
}

static int parse_apparmor(const char *line, struct denial *d)
{
	char verdict[16];

	if (!text(line, "apparmor", verdict, sizeof(verdict)) || strcmp(verdict, "DENIED") != 0 ||
	    !text(line, "operation", d->operation, sizeof(d->operation)))
		return -1;
	(void)text(line, "profile", d->profile, sizeof(d->profile));
	if (!text(line, "denied_mask", d->mask, sizeof(d->mask)))
		(void)text(line, "denied", d->mask, sizeof(d->mask));
	if (!text(line, "capname", d->object, sizeof(d->object)) && !text(line, "name", d->object, sizeof(d->object)) &&
	    !text(line, "peer", d->object, sizeof(d->object)))
		(void)text(line, "family", d->object, sizeof(d->object));
	return 0;
}

static int parse_landlock(const char *line, struct denial *d)
{
	if (!text(line, "blockers", d->operation, sizeof(d->operation)))
		return -1;
	if (!text(line, "path", d->object, sizeof(d->object)) && !text(line, "dest", d->object, sizeof(d->object)))
		(void)text(line, "ocomm", d->object, sizeof(d->object));
	return 0;
}

int denial_parse(const char *line, struct denial *d)
{
	static const struct { unsigned long type; enum denial_kind kind; int (*parse)(const char *, struct denial *); } kinds[] = {
		{ TYPE_SECCOMP, DENIED_CALL, parse_call }, { TYPE_AVC, DENIED_APPARMOR, parse_apparmor },
		{ TYPE_LANDLOCK, DENIED_LANDLOCK, parse_landlock },
	};
	const char *head = strstr(line, "type="), *body;
	unsigned long type, seconds, ms, serial, n;

	*d = (struct denial){ 0 };
	if (!head || sscanf(head, "type=%4lu audit(%11lu.%3lu:%20lu)", &type, &seconds, &ms, &serial) != 4 || !(body = strstr(head, "): ")))
		return -1;
	d->ms = seconds * 1000 + ms;
	d->serial = serial;
	body += 3;
	if (number(body, "pid", 10, &n) && n < INT32_MAX)
		d->pid = (pid_t)n;
	d->has_uid = (number(body, "uid", 10, &n) || number(body, "fsuid", 10, &n)) && n <= UINT32_MAX;
	d->uid = d->has_uid ? (uid_t)n : 0;
	(void)text(body, "comm", d->comm, sizeof(d->comm));
	(void)text(body, "exe", d->exe, sizeof(d->exe));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type) {
			d->kind = kinds[i].kind;
			return kinds[i].parse(body, d);
		}
	return -1;
}
