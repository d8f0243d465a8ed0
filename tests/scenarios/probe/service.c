/* service.c - what a service does with what a service manager gives it: sd_notify(3), sd_listen_fds(3). */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(to.sun_path)) {
		fprintf(stderr, "probe: no NOTIFY_SOCKET\n");
		exit(2);
	}
	strcpy(to.sun_path, path);
	return fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ? -errno : fd;
}

/* One message, with `n` copies of a descriptor. */
static int say(int fd, const char *text, size_t len, int with, size_t n)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 16)] = { 0 };
	struct iovec iov = { .iov_base = (void *)(unsigned long)text, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		struct cmsghdr *c = (struct cmsghdr *)control;

		*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		for (size_t i = 0; i < n; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &with, sizeof(int));
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	return sendmsg(fd, &msg, 0) < 0 ? errno : 0;
}

/* sd_notify_barrier(3): the other end of the pipe is closed when everything before has been read. */
static int wait_barrier(int to)
{
	struct pollfd p;
	int pipe[2], r;

	if (pipe2(pipe, O_CLOEXEC))
		return errno;
	r = say(to, "BARRIER=1", strlen("BARRIER=1"), pipe[1], 1);
	close(pipe[1]);
	p = (struct pollfd){ .fd = pipe[0] };
	return r ? r : poll(&p, 1, 10000) == 1 ? 0 : ETIMEDOUT;
}

/* Each TEXT is a message, "\n" in it a new line; then it waits until they have been read. */
static int notify_run(int argc, char **argv)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int fds = 0, barrier = 1, r = 0, to, i = 1;

	for (; i < argc && argv[i][0] == '-'; i++)
		if (!strcmp(argv[i], "-n"))
			barrier = 0;
		else if (!strcmp(argv[i], "-f") && i + 1 < argc)
			fds = (int)number(argv[++i]);
		else if (!strcmp(argv[i], "-t") && i + 1 < argc)
			path = argv[++i];
		else
			return 2;
	to = manager(path);
	if (to < 0)
		return result("connect", -to);
	for (; !r && i < argc; i++) {
		char *text = strdup(argv[i]);

		for (char *at; (at = strstr(text, "\\n"));) {
			*at = '\n';
			memmove(at + 1, at + 2, strlen(at + 2) + 1);
		}
		r = say(to, text, strlen(text), STDOUT_FILENO, (size_t)fds);
		free(text);
	}
	return result("notify", r ? r : barrier ? wait_barrier(to) : 0);
}

/* COUNT messages as fast as they are taken. */
static int notify_flood_run(int argc, char **argv)
{
	int to = manager(getenv("NOTIFY_SOCKET")), r = 0;

	if (argc != 2 || to < 0)
		return 2;
	for (long n = number(argv[1]); n && !r; n--)
		r = say(to, "STATUS=again", strlen("STATUS=again"), 0, 0);
	return result("notify", r);
}

static int notify_long_run(int argc, char **argv)
{
	int to = manager(getenv("NOTIFY_SOCKET"));
	size_t n = argc == 2 ? (size_t)number(argv[1]) : 0;
	char *text = malloc(n + 8);

	if (to < 0 || n < 7 || !text)
		return 2;
	memset(text, 'x', n);
	memcpy(text, "STATUS=", 7);
	return result("notify", say(to, text, n, 0, 0) ?: wait_barrier(to));
}

/* What was handed to us, one line each; and one connection to each listener is answered with its name. */
static int listen_fds_run(int argc, char **argv)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	int count = n ? atoi(n) : 0;

	(void)argv;
	printf("LISTEN_PID %s FDS %s NAMES %s\n", !pid ? "missing" : atoi(pid) == getpid() ? "mine" : "another's", n ?: "missing", names ?: "missing");
	for (int fd = 3; fd < 64; fd++) {
		int domain = 0, type = 0, listening = 0;
		socklen_t len = sizeof(int);

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
		getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len);
		printf("descriptor %d domain %d type %d listening %d\n", fd, domain, type, listening);
		if (argc > 1 && listening && fd < 3 + count) {
			int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

			dprintf(c, "answer of %d\n", fd);
			close(c);
		}
	}
	return 0;
}

const struct verb service_verbs[] = {
	{ "notify", "[-n] [-f COUNT] [-t PATH] TEXT...", notify_run },
	{ "notify-flood", "COUNT", notify_flood_run },
	{ "notify-long", "BYTES", notify_long_run },
	{ "listen-fds", "[answer]", listen_fds_run },
	{ 0 },
};
