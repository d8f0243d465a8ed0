/* Any bytes are a docker run line: it is taken apart or refused with a reason, what comes of it is a policy that parses, every
 * note says something, and none shows a secret.
 *
 * One word a line; what follows an empty line is the environment file that FILE stands for. */
#include "../../src/base/cleanup.h"
#include "../../src/doors/door.h"
#include "../../src/policy/policy.h"
#include "../../src/policy/secret.h"
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>

enum { WORDS = 64 };

struct input {
	char *text, *argv[WORDS], file[32];
	int argc, fd;
};

static void split(struct input *in, const uint8_t *data, size_t size)
{
	char *rest, *word, *end;

	*in = (struct input){ .text = malloc(size + 1), .fd = memfd_create("env", MFD_CLOEXEC) };
	MUST(in->text && in->fd >= 0);
	memcpy(in->text, data, size);
	in->text[size] = '\0';
	end = memmem(data, size, "\n\n", 2);
	if (end) {
		size_t at = (size_t)((uint8_t *)end - data);

		MUST(write(in->fd, data + at + 2, size - at - 2) == (ssize_t)(size - at - 2));
		in->text[at] = '\0';
	}
	snprintf(in->file, sizeof(in->file), "/proc/self/fd/%d", in->fd);
	rest = in->text;
	while (in->argc < WORDS && (word = strsep(&rest, "\n")))
		in->argv[in->argc++] = strcmp(word, "FILE") == 0 ? in->file : word;
}

static void check_notes(const struct door *d)
{
	size_t refused = 0;

	for (size_t i = 0; i < d->n_notes; i++) {
		const struct note *n = &d->notes[i];

		MUST(n->kind < NOTE_KINDS && *n->text && n->at.line >= 0 && n->at.column >= 0);
		MUST(*n->pointer == '\0' || *n->pointer == '/');
		MUST(!secret_value(n->text) && !secret_value(n->at.text));
		refused += n->kind == NOTE_REFUSED;
	}
	MUST(refused == d->refused);
}

static void check_policy_of(const char *text, size_t len)
{
	const struct policy_source src = { .text = text, .len = len };
	_auto(arena_free) struct arena a = { 0 };
	struct policy p = { 0 };
	struct err e = { 0 };

	MUST(strlen(text) == len && arena_init(&a, POLICY_ARENA_SIZE) == 0);
	MUST(policy_parse(&src, &a, &p, &e) == 0);
	MUST(p.user.uid > 0 && p.user.gid > 0);
}

static void finish(struct door *d)
{
	_auto(free_mem) char *text = NULL, *notes = NULL;
	struct err e = { 0 };
	size_t len, size;
	FILE *out = open_memstream(&notes, &size);

	if (door_finish(d, &text, &len, &e) == 0)
		check_policy_of(text, len);
	else
		MUST(!text && *e.msg && d->refused);
	check_notes(d);
	MUST(out);
	door_print_notes(d, out);
	fclose(out);
	MUST(size == strlen(notes) && !strpbrk(notes, "\x1b\r\x7f"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct input in;
	struct door d;

	split(&in, data, size);
	door_init(&d);
	if (door_docker_run(in.argc, in.argv, &d, &e) < 0)
		MUST(e.kind != ERR_NONE && *e.msg);
	else if (!d.manner.help)
		finish(&d);
	door_free(&d);
	close(in.fd);
	free(in.text);
	return 0;
}
