/* limits.c - takes as much as it is told to of one resource. Ends with 0 when it got it. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int memory_run(int argc, char **argv)
{
	size_t size = argc > 1 ? (size_t)number(argv[1]) << 20 : 0;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return result("mmap", errno);
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
	result("memory", 0);
	if (argc > 2)
		pause();
	return 0;
}

static int lock_run(int argc, char **argv)
{
	size_t size = argc == 2 ? (size_t)number(argv[1]) << 10 : 0;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result("mlock", p == MAP_FAILED || mlock(p, size) ? errno : 0);
}

static int __attribute__((noinline)) deeper(volatile char *above, long left)
{
	volatile char here[4096];

	here[0] = above[0];
	return left > 0 ? deeper(here, left - 4) + here[0] : here[0];
}

static int stack_run(int argc, char **argv)
{
	char bottom = 0;

	return argc == 2 ? result("stack", deeper(&bottom, number(argv[1]))) : 2;
}

static int files_run(int argc, char **argv)
{
	long want = argc == 2 ? number(argv[1]) : 0;

	for (long i = 0; i < want; i++)
		if (open("/", O_PATH | O_CLOEXEC) < 0)
			return result("open", errno);
	return result("files", 0);
}

/* Children that live until there are N of them. */
static int processes_run(int argc, char **argv)
{
	long want = argc == 2 ? number(argv[1]) : 0, have;
	int error = 0;

	for (have = 0; have < want; have++) {
		pid_t pid = fork();

		if (!pid)
			for (;;)
				pause();
		if (pid < 0) {
			error = errno;
			break;
		}
	}
	printf("children: %ld\n", have);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (have--)
		wait(NULL);
	return result("fork", error);
}

/* A fork bomb that does not give up: a shell that cannot fork ends, and a bomb of shells may die out. */
static int bomb_run(int argc, char **argv)
{
	(void)argv;
	while (argc == 1)
		fork();
	return 2;
}

static int cpu_run(int argc, char **argv)
{
	double want = argc == 2 ? (double)number(argv[1]) : 0;

	while ((double)clock() / CLOCKS_PER_SEC < want)
		;
	return result("cpu", 0);
}

/* Is MS of work done within twice the time? */
static int fast_run(int argc, char **argv)
{
	struct timespec from, to;
	long ms = argc == 2 ? number(argv[1]) : 0, took;

	clock_gettime(CLOCK_MONOTONIC, &from);
	while (clock() < ms * CLOCKS_PER_SEC / 1000)
		;
	clock_gettime(CLOCK_MONOTONIC, &to);
	took = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
	printf("%ld ms of work took %ld ms\n", ms, took);
	return took > 2 * ms;
}

static int cpus_run(int argc, char **argv)
{
	cpu_set_t set;

	if (argc != 2 || sched_getaffinity(0, sizeof(set), &set))
		return 2;
	printf("cpus: %d\n", CPU_COUNT(&set));
	return CPU_COUNT(&set) < number(argv[1]);
}

static int mqueue_run(int argc, char **argv)
{
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = 8192 };

	(void)argc, (void)argv;
	return result("mq_open", mq_open("/probe", O_CREAT | O_RDWR | O_CLOEXEC, 0600, &attr) < 0 ? errno : 0);
}

static int signals_run(int argc, char **argv)
{
	long want = argc == 2 ? number(argv[1]) : 0;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (long i = 0; i < want; i++)
		if (sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }))
			return result("sigqueue", errno);
	return result("signals", 0);
}

static int realtime_run(int argc, char **argv)
{
	struct sched_param p = { .sched_priority = argc == 2 ? (int)number(argv[1]) : 0 };

	return result("sched_setscheduler", sched_setscheduler(0, SCHED_FIFO, &p) ? errno : 0);
}

/* The soft and hard limit: LIMIT is its number. */
static int rlimit_run(int argc, char **argv)
{
	struct rlimit r;

	if (argc != 2 || getrlimit((unsigned)number(argv[1]), &r))
		return 2;
	printf("%llu %llu\n", (unsigned long long)r.rlim_cur, (unsigned long long)r.rlim_max);
	return 0;
}

const struct verb limit_verbs[] = {
	{ "memory", "MIB [keep]", memory_run },
	{ "lock", "KIB", lock_run },
	{ "stack", "KIB", stack_run },
	{ "files", "COUNT", files_run },
	{ "processes", "COUNT", processes_run },
	{ "bomb", "", bomb_run },
	{ "cpu", "SECONDS", cpu_run },
	{ "fast", "MS", fast_run },
	{ "cpus", "COUNT", cpus_run },
	{ "mqueue", "", mqueue_run },
	{ "signals", "COUNT", signals_run },
	{ "realtime", "PRIORITY", realtime_run },
	{ "rlimit", "NUMBER", rlimit_run },
	{ 0 },
};
