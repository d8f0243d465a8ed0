/* Any bytes are a docker run line: it is taken apart, or refused with a reason.
 *
 * One word a line; what follows an empty line is the environment file that FILE stands for. */
#include "fuzz_door.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct input in;
	struct door d;

	split(&in, data, size);
	door_init(&d);
	if (door_docker_run(in.argc, in.argv, &d, &e) == 0 && !d.manner.help) {
		judge_door(&d);
	} else {
		MUST(d.manner.help || (e.kind != ERR_NONE && *e.msg));
		door_free(&d);
	}
	close(in.fd);
	free(in.text);
	return 0;
}
