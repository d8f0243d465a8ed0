/* file.h - the files of a log: NAME.log, which is written, NAME.log.1 before it, NAME.log.2.gz before that ...
 *
 * Rotation renames; whoever follows NAME.log still has the old file open and finds it as NAME.log.1, which is why compression
 * begins at the second. A rotation that fails leaves everything as it is, and goes on writing where it did: no line is lost
 * for it. What is written has left the process (write(2)) and survives everything but the machine; on the disk (fdatasync(2))
 * it is before a file is rotated, and when the log ends. */
#pragma once

#include "../base/sys.h"
#include "log.h"

#include <pthread.h>

enum { FILE_NAME_MAX = LOG_NAME_MAX + 24 };

struct log_file {
	const struct sys *sys;
	int dir, fd;
	uint64_t size, max_size;
	unsigned max_files;
	char name[LOG_NAME_MAX + 8];	/* "web.log" */
	pthread_mutex_t names;		/* who renames: rotation and compression */
};

/* 0 or -errno; dir is the caller's. */
must_check int log_file_open(struct log_file *, const struct sys *, int dir, const struct log_config *);
/* What has been written of it is added to *done also when it fails: -errno. */
must_check int log_file_write(struct log_file *, const char *data, size_t len, size_t *done);
/* Takes back what was written of a line that can never be whole. */
void log_file_cut(struct log_file *, size_t len);
must_check int log_file_rotate(struct log_file *);
void log_file_close(struct log_file *);

/* "web.log.3", "web.log.3.gz"; 0 is the one being written. */
void log_file_name(const char *base, unsigned n, bool compressed, char to[FILE_NAME_MAX]);
/* What there is of this number; -errno. The plain one comes first: the other may not be whole yet. */
enum { FILE_MISSING, FILE_COMPRESSED, FILE_PLAIN };
must_check int log_file_there(const struct log_file *, unsigned n, struct statx *plain);
/* The n from 1 whose file this is, or 0. */
unsigned log_file_find(const struct log_file *, const struct statx *);

/* compress.c: all that should be compressed and is not yet. 0 or -errno. */
must_check int log_file_compress(struct log_file *);
