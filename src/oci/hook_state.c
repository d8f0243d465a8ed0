/* hook_state.c - see hook_state.h. */
#include "hook_state.h"

#include "../base/cleanup.h"
#include "../launch/record.h"
#include "document.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static int not_a_state(struct err *e, const char *what)
{
	err_set(e, ERR_POLICY, 0, "the runtime writes it", "standard input is no container's state: %s", what);
	return HOOK_INPUT;
}

int hook_state_read(const struct hook *h, bool want_pid, struct hook_state *s, struct err *e)
{
	json_int_t pid;

	*s = (struct hook_state){ .root = oci_document_read(h->input, h->len, e) };
	if (!s->root)
		return HOOK_INPUT;
	s->id = json_string_value(json_object_get(s->root, "id"));
	s->bundle = json_string_value(json_object_get(s->root, "bundle"));
	pid = json_integer_value(json_object_get(s->root, "pid"));
	if (!s->id || !*s->id || strlen(s->id) > 1024)
		return not_a_state(e, "no id");
	if (!s->bundle || *s->bundle != '/' || strlen(s->bundle) > PATH_MAX - 16)
		return not_a_state(e, "no absolute bundle");
	if (want_pid && (pid < 1 || pid > INT_MAX))
		return not_a_state(e, "no pid");
	s->pid = (pid_t)pid;
	return 0;
}

static int read_all(struct hook_state *s, int fd, struct err *e)
{
	ssize_t n = 1;

	s->text = malloc(OCI_DOCUMENT_MAX + 1);
	while (s->text && n > 0 && s->len <= OCI_DOCUMENT_MAX) {
		n = read(fd, s->text + s->len, OCI_DOCUMENT_MAX + 1 - s->len);
		s->len += n > 0 ? (size_t)n : 0;
	}
	if (!s->text || n < 0) {
		err_set(e, ERR_HOST, s->text ? errno : ENOMEM, NULL, "cannot read the bundle's config.json");
		return HOOK_HOST;
	}
	record_sha256(s->text, s->len, s->sha256);
	s->config = oci_document_read(s->text, s->len, e);
	return s->config ? 0 : HOOK_INPUT;
}

int hook_state_config(struct hook_state *s, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/config.json", s->bundle);
	/* Not to be blocked by a FIFO, nor to become a terminal's master. */
	_auto(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(e, ERR_HOST, fd < 0 ? errno : 0, NULL, "cannot open the bundle's config.json");
		return HOOK_INPUT;
	}
	return read_all(s, fd, e);
}

void hook_state_free(struct hook_state *s)
{
	json_decref(s->root);
	json_decref(s->config);
	free(s->text);
	*s = (struct hook_state){ .root = NULL };
}

void hook_table_name(const struct hook_state *s, char name[HOOK_TABLE])
{
	char hex[65];

	record_sha256(s->id, strlen(s->id), hex);
	snprintf(name, HOOK_TABLE, "casemate-%.32s", hex);
}
