/* background.c - see background.h.
 *
 * The policy has been judged before, in the caller's terminal; what can still fail is the launch itself, and the unit's status
 * says why. A policy that is no file's, and the variables of env_pass, lie in a directory that only root (or the user) may
 * read, since what systemd knows of a unit everybody may; it is the unit's RuntimeDirectory, and so goes with it. */
#include "background.h"

#include "../base/cleanup.h"
#include "../launch/state.h"
#include "../launch/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { STOP_MARGIN = 10 * 1000 };	/* ms: casemate kills first, systemd what it left */
#define KEPT "casemate-units"

/* The words of the request, and the memory behind those that are made. */
struct words {
	const char *v[UNIT_WORDS_MAX];
	size_t n;
	struct arena arena;
	bool failed;
};

static void add(struct words *w, const char *word)
{
	if (!word || w->n == COUNT(w->v) - 1)
		w->failed = true;
	else
		w->v[w->n++] = word;
}

#define addf(w, ...) add(w, arena_printf(&(w)->arena, __VA_ARGS__))

/* --- what is kept with the unit --- */

struct kept {
	char base[PATH_MAX], name[128];	/* the directory is BASE/NAME */
	int dir;
};

static int write_file(int dir, const char *name, const char *text, size_t len, struct err *e)
{
	_auto(close_fd) int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	ssize_t n = fd < 0 ? -1 : write(fd, text, len);

	if (n != (ssize_t)len)
		return err_set(e, ERR_HOST, n < 0 ? errno : ENOSPC, "is there room in the run directory?", "cannot keep %s for the unit", name);
	return 0;
}

static int open_kept(struct kept *k, const char *name, struct err *e)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	_auto(close_fd) int base = -1;
	bool made;

	snprintf(k->base, sizeof(k->base), "%s/" KEPT, unit_of_user() ? run : "/run");
	snprintf(k->name, sizeof(k->name), "%.64s.%d", name, getpid());
	base = state_open_base(k->base, true, e);
	if (base < 0)
		return -1;
	made = mkdirat(base, k->name, 0700) == 0;
	if (made)
		k->dir = openat(base, k->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (k->dir >= 0)
		return 0;
	err_set(e, ERR_HOST, errno, NULL, "cannot make %s/%s", k->base, k->name);
	if (made)
		(void)unlinkat(base, k->name, AT_REMOVEDIR);
	return -1;
}

/* What a unit that was started has as its RuntimeDirectory it removes itself. */
static void drop_kept(struct kept *k, bool started)
{
	if (k->dir >= 0 && !started) {
		char path[PATH_MAX + 160];

		(void)unlinkat(k->dir, "policy.json", 0);
		(void)unlinkat(k->dir, "environ", 0);
		snprintf(path, sizeof(path), "%s/%s", k->base, k->name);
		(void)rmdir(path);
	}
	close_fd(&k->dir);
}

/* NAME="VALUE" as systemd.exec(5) reads it; inside the quotes four characters mean something. */
static int write_environ(const struct kept *k, const struct strings *names, struct err *e)
{
	_auto(free_mem) char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && i < names->n; i++) {
		const char *value = getenv(names->v[i]);

		fprintf(f, "%s=\"", names->v[i]);
		for (; value && *value; value++)
			fprintf(f, "%s%c", strchr("\"\\$`", *value) ? "\\" : "", *value);
		fputs("\"\n", f);
	}
	if (!f || fclose(f) != 0)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	return write_file(k->dir, "environ", text, len, e);
}

/* --- the request --- */

static void add_properties(struct words *w, const struct run_options *o, const struct background *b, const struct kept *k)
{
	static const char *const fixed[] = { "Type=notify", "NotifyAccess=main", "Delegate=yes", "KillMode=mixed", "OOMPolicy=continue",
					     "WorkingDirectory=/", "SuccessExitStatus=129 130 141 143" };

	for (size_t i = 0; i < COUNT(fixed); i++)
		add(w, fixed[i]);
	addf(w, "Description=casemate container %s", b->name);
	addf(w, "SyslogIdentifier=%s", b->name);
	addf(w, "TimeoutStopUSec=%llu", ((unsigned long long)b->policy->stop.timeout + STOP_MARGIN) * 1000);
	if (o->discard_output) {
		add(w, "StandardOutput=null");
		add(w, "StandardError=null");
	}
	if (k->dir < 0)
		return;
	addf(w, "RuntimeDirectory=" KEPT "/%s", k->name);
	add(w, "RuntimeDirectoryMode=0700");
	add(w, "RuntimeDirectoryPreserve=restart");
	if (b->policy->env_pass.n)
		addf(w, "EnvironmentFiles=%s/%s/environ", k->base, k->name);
}

static int add_command(struct words *w, const struct run_options *o, const struct background *b, const struct kept *k, struct err *e)
{
	char self[PATH_MAX], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0 || (b->file && !realpath(b->file, path)))
		return err_set(e, ERR_HOST, errno, NULL, "cannot find %s", n < 0 ? "our own program" : b->file);
	self[n] = '\0';
	add(w, "--");
	addf(w, "%s", self);
	add(w, "run");
	for (size_t i = 0; i < b->source->n_set; i++) {
		add(w, "--set");
		addf(w, "%s=%s", b->source->set[i].key, b->source->set[i].value);
	}
	add(w, "--name");
	add(w, b->name);
	for (unsigned i = 0; i < CONTROL_COUNT; i++)
		if (o->request.without & CONTROL_BIT(i)) {
			add(w, "--without");
			add(w, control_name((enum control_id)i));
		}
	if (o->keep)
		add(w, "--keep");
	if (o->journal && !o->discard_output)
		add(w, "--journal");
	if (b->file)
		addf(w, "%s", path);
	else
		addf(w, "%s/%s/policy.json", k->base, k->name);
	if (o->request.n_args)
		add(w, "--");
	for (size_t i = 0; i < o->request.n_args; i++)
		add(w, o->request.args[i]);
	return w->failed ? err_set(e, ERR_USAGE, E2BIG, NULL, "too many words for a unit") : 0;
}

/* "127 exec: ...: No such file or directory": the service's exit code, and what it said last. */
static int explain(struct err *e)
{
	char text[sizeof(e->msg)], *said, *at;
	long code = strtol(e->msg, &said, 10);

	if (e->kind != ERR_HOST || said == e->msg || *said != ' ')
		return -1;
	snprintf(text, sizeof(text), "%s", said + 1);
	if (code == 127 && (at = strstr(text, ": No such file or directory")))
		*at = '\0';	/* which printing says again */
	snprintf(e->hint, sizeof(e->hint), "journalctl says more");
	snprintf(e->msg, sizeof(e->msg), "%s", text);
	/* The code is the caller's as well; the text has the reason already. */
	e->kind = code == 126 || code == 127 ? ERR_EXEC : ERR_LAUNCH;
	e->sys = code == 127 ? ENOENT : 0;
	return -1;
}

static int start(struct words *w, const struct background *b, bool *started, struct err *e)
{
	struct unit_helper h = UNIT_HELPER_NONE;
	char line[512];

	if (unit_ask(&h, &sys_kernel, w->v, false, line, sizeof(line), e) < 0)
		return explain(e);
	*started = true;
	if (printf("%s\n", b->name) < 0 || fflush(stdout) != 0)
		return err_set(e, ERR_HOST, errno, "the container runs", "cannot print its name");
	return 1;
}

/* systemd would say that there is such a unit; here it is said as in the foreground. */
static int is_free(const char *name, struct err *e)
{
	struct state s = STATE_NONE;
	struct err ignored = { 0 };
	bool runs = state_open(&s, name, &ignored) == 0;

	state_close(&s);
	return runs ? err_set(e, ERR_HOST, 0, "choose another --name, or stop that one", "a container named '%s' is running", name) : 0;
}

int background_run(const struct run_options *o, const struct background *b, struct err *e)
{
	_auto(free_mem) struct words *w = calloc(1, sizeof(*w));
	struct kept k = { .dir = -1 };
	bool started = false;
	int r = w && arena_init(&w->arena, 1 << 20) == 0 ? is_free(b->name, e) : err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");

	if (r == 0 && (!b->file || b->policy->env_pass.n))
		r = open_kept(&k, b->name, e);
	if (r == 0 && !b->file)
		r = write_file(k.dir, "policy.json", b->source->text, b->source->len, e);
	if (r == 0 && b->policy->env_pass.n)
		r = write_environ(&k, &b->policy->env_pass, e);
	if (r == 0) {
		add(w, "service");
		addf(w, "casemate-%s.service", b->name);
		add_properties(w, o, b, &k);
		r = add_command(w, o, b, &k, e);
	}
	if (r == 0)
		r = start(w, b, &started, e);
	drop_kept(&k, started);
	if (w)
		arena_free(&w->arena);
	return r;
}
