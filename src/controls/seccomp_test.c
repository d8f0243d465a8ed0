/* The seccomp control: what check says of a profile, what prepare puts into the plan, and that the kernel keeps it. */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

enum { ARENA = 32 * 1024 * 1024 };

#define PROFILE(names) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"}]}"
#define WANTED "\"execve\",\"exit_group\",\"rt_sigreturn\""

static struct policy with(const char *profile, const char *json)
{
	return (struct policy){ .seccomp = { .profile = profile, .inline_json = json }, .init = true };
}

/* --- check --- */

struct found { unsigned n; enum severity severity; char path[96], msg[192]; };

static void emit(void *ctx, const struct finding *finding)
{
	struct found *f = ctx;

	f->n++;
	f->severity = finding->severity;
	snprintf(f->path, sizeof(f->path), "%s", finding->pointer);
	snprintf(f->msg, sizeof(f->msg), "%s", finding->msg);
}

static struct found check(const struct policy *p)
{
	struct found f = { 0 };

	control_seccomp.check(p, &(struct findings){ emit, &f });
	return f;
}

static void checks(void **state)
{
	static const struct { const char *profile, *json; enum severity severity; const char *path, *msg; } rows[] = {
		{ "default", NULL, 0, NULL, NULL },
		{ "", PROFILE(WANTED), 0, NULL, NULL },
		{ "", PROFILE("\"read\",\"exit_group\",\"rt_sigreturn\""), SEV_ERROR, "/seccomp/profile", "denies execve" },
		{ "", PROFILE("\"execve\",\"rt_sigreturn\""), SEV_WARNING, "/seccomp/profile", "exit_group" },
		{ "", PROFILE("\"execve\",\"exit_group\""), SEV_WARNING, "/seccomp/profile", "rt_sigreturn" },
		{ "", PROFILE(WANTED ",\"raed\""), SEV_ERROR, "/seccomp/profile/syscalls/0/names/3", "unknown system call" },
		{ "", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", SEV_WARNING, "/seccomp/profile", "every call that it does not name" },
		{ "/nonexistent/profile.json", NULL, SEV_WARNING, "/seccomp/profile", "/nonexistent/profile.json: cannot open" },
		{ "/dev/zero", NULL, SEV_ERROR, "/seccomp/profile", "/dev/zero: a seccomp profile is a regular file" },
		{ "/", NULL, SEV_ERROR, "/seccomp/profile", "regular file" },
		{ "/etc/passwd", NULL, SEV_ERROR, "/seccomp/profile", "/etc/passwd: not JSON: line 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy p = with(rows[i].profile, rows[i].json);
		struct found f = check(&p);

		assert_int_equal(f.n, rows[i].path != NULL);
		if (!rows[i].path)
			continue;
		assert_string_equal(f.path, rows[i].path);
		assert_int_equal(f.severity, rows[i].severity);
		if (!strstr(f.msg, rows[i].msg))
			fail_msg("row %zu: %s", i, f.msg);
	}
}

static void once_needs_no_execve(void **state)
{
	struct policy p = with("", PROFILE("\"exit_group\",\"rt_sigreturn\""));

	(void)state;
	p.exec_once = true;
	assert_int_equal(check(&p).n, 0);
	p.capabilities = UINT64_C(1) << CAP_SYS_PTRACE;
	assert_string_equal(check(&p).path, "/exec_once");
	assert_int_equal(check(&p).severity, SEV_ERROR);
}

static void profile_from_a_file(void **state)
{
	static const char text[] = PROFILE("\"execve\",\"exit_group\",\"rt_sigreturn\"");
	char path[] = "/tmp/casemate-profile-XXXXXX";
	int fd = mkstemp(path);
	struct policy p = with(path, NULL);

	(void)state;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(check(&p).n, 0);
	assert_int_equal(ftruncate(fd, 1024 * 1024 + 1), 0);
	assert_non_null(strstr(check(&p).msg, "at most 1048576 bytes"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);	/* nobody writes: it must not wait */
	assert_non_null(strstr(check(&p).msg, "regular file"));
	unlink(path);
	close(fd);
}

/* --- prepare and apply --- */

static const char *const sh_argv[] = { "sh", "-c", "true; exec /bin/true", NULL };
static const char *const sh_envp[] = { "A=1", NULL };

static void prepare(const struct policy *p, struct arena *a, struct plan *plan)
{
	struct err e = { .kind = ERR_NONE };

	assert_int_equal(arena_init(a, ARENA), 0);
	*plan = (struct plan){ .argv = sh_argv, .envp = sh_envp, .init = p->init };
	if (control_seccomp.prepare(p, plan, a, &e) < 0)
		fail_msg("%s: %s", e.path, e.msg);
	assert_int_equal(plan->filter_flags, SECCOMP_FILTER_FLAG_LOG);
	assert_true(plan->filter.len > 0 && plan->init_filter.len > 0 && plan->supervisor_filter.len > 0);
}

static void waiver(void **state)
{
	_auto(arena_free) struct arena a = { 0 };
	struct policy p = with("default", NULL);
	struct plan plan = { .without = CONTROL_BIT(CONTROL_seccomp), .argv = sh_argv, .envp = sh_envp };
	struct launch l = { .plan = &plan };	/* no gate: nothing may be called */
	struct err e = { .kind = ERR_NONE };

	(void)state;
	p.exec_once = true;
	assert_int_equal(arena_init(&a, ARENA), 0);
	assert_int_equal(control_seccomp.prepare(&p, &plan, &a, &e), 0);
	assert_int_equal(plan.filter.len, 0);
	assert_ptr_equal(plan.argv, sh_argv);
	assert_int_equal(seccomp_apply(&l, &e), 0);
	assert_int_equal(seccomp_supervisor_apply(&l, &e), 0);
}

/* Exit code of a child under the filter; 200: it could not be loaded, 128 + n: signal. */
static int child(const struct plan *plan, int (*apply)(struct launch *, struct err *), int (*act)(const struct plan *))
{
	struct launch l = { .plan = plan, .sys = &sys_kernel };
	struct err e = { .kind = ERR_NONE };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sys_prctl(&sys_kernel, PR_SET_NO_NEW_PRIVS, 1, 0, 0) < 0 || apply(&l, &e) < 0)
			sys_exit(&sys_kernel, 200);
		sys_exit(&sys_kernel, act(plan));	/* raw: a sanitizer's exit does things that PID 1 never does */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int exec_planned(const struct plan *plan)
{
	return 100 - sys_execve(&sys_kernel, "/bin/sh", plan->argv, plan->envp);
}

static int exec_guessed(const struct plan *plan)
{
	const char *const *const guesses[][2] = {
		{ sh_argv, plan->envp }, { plan->argv, sh_envp }, { plan->argv + 1, plan->envp }, { plan->envp, plan->argv },
	};

	for (size_t i = 0; i < COUNT(guesses); i++)
		if (sys_execve(&sys_kernel, "/bin/sh", guesses[i][0], guesses[i][1]) != -EPERM)
			return 1;
	/* an absolute path, for which no descriptor matters */
	return syscall(SYS_execveat, -1, "/bin/sh", plan->argv, plan->envp, AT_EMPTY_PATH) != -1 || errno != EPERM;
}

static void exec_once(void **state)
{
	_auto(arena_free) struct arena a = { 0 }, b = { 0 };
	struct policy p = with("default", NULL);
	struct plan plan, other;

	(void)state;
	prepare(&p, &a, &plan);
	assert_ptr_equal(plan.argv, sh_argv);
	assert_int_equal(child(&plan, seccomp_apply, exec_planned), 0);
	arena_free(&a);
	p.exec_once = true;
	prepare(&p, &a, &plan);
	prepare(&p, &b, &other);
	assert_true(plan.argv != sh_argv && plan.argv != other.argv && plan.envp != other.envp);
	for (size_t i = 0; i < COUNT(sh_argv); i++)
		assert_ptr_equal(plan.argv[i], sh_argv[i]);
	for (size_t i = 0; i < COUNT(sh_envp); i++)
		assert_ptr_equal(plan.envp[i], sh_envp[i]);
	assert_int_equal(child(&plan, seccomp_apply, exec_guessed), 0);
	assert_int_equal(child(&plan, seccomp_apply, exec_planned), 126);	/* sh ran; what it wanted to run did not */
}

/* Signals, waiting and the socket to the other side work; files, processes and sockets do not. */
static int waits_only(const struct plan *plan)
{
	(void)plan;
	if (syscall(SYS_sendto, -1, NULL, 0, 0, NULL, 0) != -1 || errno != EBADF)
		return 1;
	if (syscall(SYS_waitid, P_ALL, 0, NULL, WEXITED, NULL) != -1 || errno != ECHILD)
		return 2;
	if (socket(AF_INET, SOCK_STREAM, 0) != -1 || errno != EPERM)
		return 3;
	if (sys_execve(&sys_kernel, "/bin/true", sh_argv, sh_envp) != -EPERM)
		return 4;
	if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) != -1 || errno != EPERM)
		return 5;
	return syscall(SYS_prctl, PR_GET_DUMPABLE) != -1 || errno != EPERM ? 6 : 0;
}

static int init_too(struct launch *l, struct err *e)
{
	return seccomp_init_apply(l, e) < 0 || syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY) != -1 || errno != EPERM ? -1 : 0;
}

static int supervisor(struct launch *l, struct err *e)
{
	return seccomp_supervisor_apply(l, e);
}

static void our_own(void **state)
{
	_auto(arena_free) struct arena a = { 0 };
	struct policy p = with("default", NULL);
	struct plan plan;

	(void)state;
	prepare(&p, &a, &plan);
	assert_int_equal(child(&plan, init_too, waits_only), 0);
	assert_int_equal(child(&plan, supervisor, waits_only), 0);
}

static long refuse_all(void *ctx, long nr, const unsigned long arg[6])
{
	(void)nr;
	(void)arg;
	return -*(const int *)ctx;
}

static void apply_fails(void **state)
{
	int sys = EINVAL;
	const struct sys gate = { refuse_all, &sys };
	const struct plan plan = { 0 };
	struct launch l = { .plan = &plan, .sys = &gate };
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(seccomp_apply(&l, &e), -1);
	assert_int_equal(e.kind, ERR_LAUNCH);
	assert_int_equal(e.sys, EINVAL);
	assert_true(*e.hint);
	assert_int_equal(seccomp_init_apply(&l, &e), -1);
	assert_int_equal(seccomp_supervisor_apply(&l, &e), -1);
}

/* --- verify, probe --- */

static void verifies(void **state)
{
	static const struct { const char *status, *value; } rows[] = {
		{ "Seccomp:\t2\nSeccomp_filters:\t1\n", "filter mode, 1 filter" },
		{ "Seccomp:\t2\nSeccomp_filters:\t3\n", "filter mode, 3 filters" },
		{ "Seccomp:\t0\nSeccomp_filters:\t0\n", NULL }, { "Seccomp:\t1\nSeccomp_filters:\t1\n", NULL },
		{ "Seccomp:\t2\nSeccomp_filters:\t0\n", NULL }, { "Seccomp:\t2\n", NULL }, { "", NULL },
	};
	static struct target t;
	const struct plan plan = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { .kind = ERR_NONE };
		char value[VALUE_MAX];
		int r;

		snprintf(t.status, sizeof(t.status), "%s", rows[i].status);
		r = control_seccomp.verify(&plan, &t, value, &e);
		assert_int_equal(r, rows[i].value ? 0 : -1);
		if (rows[i].value)
			assert_string_equal(value, rows[i].value);
		else
			assert_int_equal(e.kind, ERR_LAUNCH);
	}
}

static void probes(void **state)
{
	int sys = EINVAL;
	const struct sys gate = { refuse_all, &sys };
	struct ability a = { 0 };

	(void)state;
	control_seccomp.probe(&sys_kernel, &a);
	assert_true(a.usable);
	assert_non_null(strstr(a.detail, "kill_process"));
	control_seccomp.probe(&gate, &a);
	assert_false(a.usable);
	assert_true(*a.hint);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks), cmocka_unit_test(once_needs_no_execve), cmocka_unit_test(profile_from_a_file),
		cmocka_unit_test(waiver), cmocka_unit_test(exec_once), cmocka_unit_test(our_own), cmocka_unit_test(apply_fails),
		cmocka_unit_test(verifies), cmocka_unit_test(probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
