/* clean.c - see clean.h. */
#include "clean.h"
#include "../base/sys.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <unistd.h>

/* 0-2 must be open, or the first file we open would become the workload's standard output. */
static bool have_stdio(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

/* What our caller ignores (nohup, a shell's background) must neither reach the workload nor eat SIGCHLD. That goes for
 * 32 and 33 too: whoever is started by glibc's posix_spawn(3) ignores them. */
static void reset_signals(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		(void)!sys_default_signal(&sys_kernel, sig);	/* EINVAL for SIGKILL and SIGSTOP */
}

bool start_clean(void)
{
	static const char refusal[] = "casemate: refuses to run setuid, setgid or with file capabilities\n";

	/* There is no safe way to be setuid, so there is none (CVE-2016-8659, CVE-2022-31214). */
	if (getauxval(AT_SECURE)) {
		(void)!write(STDERR_FILENO, refusal, sizeof(refusal) - 1);
		return false;
	}
	if (!have_stdio())
		return false;
	reset_signals();
	return true;
}
