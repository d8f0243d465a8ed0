/* job.c - one launch from a policy to an exit code, see run.h: what is judged before it, told and written down of it, and looked
 * after while it runs. The same whatever command started it. */
#include "../base/journal.h"
#include "../check/check.h"
#include "../launch/audit.h"
#include "../launch/parent.h"
#include "../launch/record.h"
#include "../launch/restarts.h"
#include "../launch/secrets.h"
#include "../launch/service.h"
#include "../launch/state.h"
#include "../launch/unit.h"
#include "../logs/execs.h"
#include "../logs/start.h"
#include "background.h"
#include "cmd.h"
#include "detach.h"
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

enum { ARENA_SIZE = 16 << 20, NAME_MAX_LEN = 64 };

/* Findings of check(): errors stop the launch, warnings go into the record. */
struct judgement {
	const struct door *door;	/* or NULL */
	json_t *weakenings;
	unsigned errors;
};

static void judge(void *ctx, const struct finding *f)
{
	struct judgement *j = ctx;

	if (f->severity == SEV_WARNING)
		json_array_append_new(j->weakenings, json_pack("{s:s, s:o, s:o}", "rule", f->rule, "path", record_text(f->pointer),
							       "message", record_text(f->msg)));
	if (f->severity != SEV_ERROR)
		return;
	j->errors++;
	if (j->door && door_origin(j->door, f->pointer))
		door_print_place(door_origin(j->door, f->pointer), stderr);
	fprintf(stderr, "casemate: check: %s: %s [%s]\n", f->pointer, f->msg, f->rule);
	if (f->hint)
		fprintf(stderr, "casemate: hint: %s\n", f->hint);
}

/* A reader that does not read must not keep us from our signals: after a second the line is lost, not the container. */
static bool has_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 1000) == 1 && p.revents & POLLOUT;
}

static void tell(int fd, const char *line)
{
	size_t len = line ? strlen(line) : 0;

	/* One write for the line and its end, so that lines of several launches never mix. */
	if (fd >= 0 && line && has_room(fd)) {
		_auto(free_mem) char *text = malloc(len + 1);

		if (!text)
			return;
		memcpy(text, line, len);
		text[len] = '\n';
		(void)!write(fd, text, len + 1);
	}
}

/* Everything of one launch. */
struct job {
	struct run_options *options;
	struct policy_source source;
	struct policy policy;
	const struct plan *plan;
	struct facts facts;
	struct state state;
	struct launch launch;
	struct notify manager;
	struct loop loop;		/* what the supervisor watches */
	struct service service;
	struct exec_watch execs;
	struct audit audit;
	struct log_run log;
	struct secrets_desk secrets;
	struct arena keep, scratch;	/* policy and plan; what is needed only until the launch is done */
	int report;			/* to the process that waits for us; -1: none does */
	char name[NAME_MAX_LEN];
};

static int write_state(struct job *j, const char *record, struct err *e)
{
	if (!record)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot write the record");
	if (state_write(&j->state, "policy.json", j->source.text, j->source.len, e) < 0)
		return -1;
	return state_write(&j->state, "record.json", record, strlen(record), e);
}

/* Something of the container's life; what cannot be written is told, and no reason to end it. Takes what is told of it over. */
static void happened(struct job *j, const char *kind, json_t *members)
{
	json_auto_t *event = record_event(kind, j->facts.name, j->facts.caller), *told = members;
	struct err e = { 0 };

	json_object_set_new(event, "id", json_string(j->facts.id));
	json_object_update(event, told);
	if (audit_write(&j->audit, event, &e) < 0)
		err_print(&e, NULL);
}

static void log_alert(void *ctx, const char *message)
{
	struct job *j = ctx;

	happened(j, "alert", json_pack("{s:o, s:o}", "message", record_text(message), "log", log_record(&j->log)));
}

/* "from" is null where the kernel or we ourselves sent it: sigaction(2), si_code. */
static void signalled(void *ctx, int sig, const siginfo_t *from)
{
	bool process = from->si_code == SI_USER || from->si_code == SI_QUEUE || from->si_code == SI_TKILL;
	const char *name = sigabbrev_np(sig);

	happened(ctx, "signal", json_pack("{s:o, s:o}", "signal", name ? json_sprintf("SIG%s", name) : json_integer(sig), "from",
					   process && from->si_pid ? json_pack("{s:i, s:i}", "pid", (int)from->si_pid, "uid", (int)from->si_uid) : json_null()));
}

static int count_restarts(struct job *j, struct err *e)
{
	const uint64_t most = j->policy.alerts.restarts;
	bool reached = false;
	char message[80];

	if (most == 0)
		return 0;
	if (restarts_note(j->state.base, j->facts.name, loop_now() / 1000, most, &reached, e) < 0)
		return err_at(e, "/alerts/restarts");
	snprintf(message, sizeof(message), "launched again %lu times within %d minutes", most, RESTARTS_WITHIN / 60);
	if (reached)
		service_alert(&j->service, "restarts", message);
	return 0;
}

static void exec_alert(void *ctx, const char *what, const char *message)
{
	struct job *j = ctx;

	service_alert(&j->service, what, message);
}

static int count_execs(struct job *j, struct err *e)
{
	/* As the host sees it: an ordinary user's container has the user's own. */
	j->execs = (struct exec_watch){ .uid = geteuid() == 0 ? j->plan->uid : geteuid(), .count.threshold = j->policy.alerts.denied_execs,
		.watch.fd = -1, .tell = exec_alert, .ctx = j };
	return execs_begin(&j->execs, &sys_kernel, e);
}

/* The launch is under way: write it down, and give up what is no longer needed. */
static int settle(struct job *j, struct err *e)
{
	json_auto_t *record = record_launched(&j->launch, &j->facts);
	_auto(free_mem) char *launched = NULL;

	json_object_set_new(record, "log", log_record(&j->log));
	launched = json_dumps(record, JSON_COMPACT);
	j->loop.passed_on = signalled;
	j->loop.passed_on_ctx = j;
	if (log_watch(&j->log, &j->loop, e) < 0 || write_state(j, launched, e) < 0 || audit_write(&j->audit, record, e) < 0 ||
	    secrets_begin(&j->secrets, &j->launch, &j->state, &j->loop, e) < 0 ||
	    service_begin(&j->service, &j->launch, j->state.dir, &j->loop, e) < 0 || count_restarts(j, e) < 0 || execs_watch(&j->execs, &j->loop, e) < 0 ||
	    supervisor_confine(&j->launch, (int[]){ j->state.base, j->audit.dir }, 2, e) < 0)
		return err_step(e, "supervisor");
	tell(j->options->status_fd, launched);
	detach_report(&j->report, j->facts.name, e);
	service_launched(&j->service);
	arena_free(&j->scratch);
	source_free(&j->options->source);
	return 0;
}

static int look_after(struct job *j, struct err *e)
{
	_auto(free_mem) char *exited = NULL;
	json_auto_t *record = NULL;
	struct outcome out;

	if (settle(j, e) < 0) {
		launch_end(&j->launch);
		return -1;
	}
	supervise(&j->launch, &j->manager, &j->loop, &out);
	service_end(&j->service);	/* nobody asks after what is being removed */
	launch_end(&j->launch);
	log_finish(&j->log);
	record = record_exited(&j->facts, &out);
	json_object_set_new(record, "log", log_record(&j->log));
	exited = json_dumps(record, JSON_COMPACT);
	tell(j->options->status_fd, exited);
	if (state_end(&j->state, exited, e) < 0)	/* nobody learns the exit code from it then; ours tells it still */
		err_print(e, NULL);
	notify_send(&j->manager, "EXIT_STATUS=%d\nSTATUS=container %s ended with %d%s%s", outcome_exit_code(&out), j->facts.name,
		    outcome_exit_code(&out), out.forced ? ", by force" : "", out.usage.oom != OOM_NONE ? ", out of memory" : "");
	if (audit_write(&j->audit, record, e) < 0)
		err_print(e, NULL);
	*e = (struct err){ 0 };
	return outcome_exit_code(&out);
}

/* What nobody would read goes to the journal, where there is one, as the container's and not as its launcher's. */
static const struct log_policy *log_wanted(const struct job *j)
{
	static const struct log_policy to_journal = { .driver = LOG_JOURNALD };
	const struct log_policy *log = &j->policy.log;

	if (j->options->discard_output)
		return NULL;
	if (log->driver != LOG_INHERIT)
		return log;
	return j->options->journal && access(JOURNAL_SOCKET, F_OK) == 0 ? &to_journal : NULL;
}

static int start_log(struct job *j, struct err *e)
{
	j->log.policy = log_wanted(j);
	if (!j->log.policy)
		return 0;
	snprintf(j->log.source.name, sizeof(j->log.source.name), "%s", j->facts.name);
	snprintf(j->log.source.id, sizeof(j->log.source.id), "%s", j->facts.id);
	snprintf(j->log.source.sha256, sizeof(j->log.source.sha256), "%s", j->facts.sha256);
	j->log.named = *j->policy.name != '\0';
	j->log.alert = log_alert;
	j->log.ctx = j;
	return log_start(&j->log, &sys_kernel, j->plan->uid, j->plan->gid, e);
}

/* From a good plan to an exit code. */
static int launch(struct job *j, struct err *e)
{
	int r;

	j->service = (struct service){ .manager = &j->manager, .audit = &j->audit, .caller = j->facts.caller };
	state_sweep(cgroup_sweep);
	if (launch_init(&j->launch, j->plan, &sys_kernel, &j->scratch, e) < 0 || state_create(&j->state, j->facts.name, e) < 0)
		return err_step(e, "state");
	r = count_execs(j, e);
	if (r == 0)
		r = start_log(j, e);
	if (r == 0)
		r = log_streams_give(&j->log, e);
	if (r == 0)
		r = launch_start(&j->launch, e);
	log_streams_back(&j->log);
	if (r == 0)
		r = look_after(j, e);
	log_finish(&j->log);
	loop_close(&j->loop);
	service_end(&j->service);
	execs_end(&j->execs);
	secrets_end(&j->secrets);
	if (r >= 0 && j->options->keep)
		state_close(&j->state);
	else
		state_remove(&j->state);
	return r;
}

static int prepare(struct job *j, const char *file, struct err *e)
{
	struct judgement verdict = { .door = j->options->door, .weakenings = j->facts.weakenings };
	const struct findings findings = { judge, &verdict };
	struct request *rq = &j->options->request;

	if (arena_init(&j->keep, ARENA_SIZE) < 0 || arena_init(&j->scratch, ARENA_SIZE) < 0 || !verdict.weakenings)
		return err_set(e, ERR_HOST, ENOMEM, NULL, "out of memory");
	if (source_load(&j->options->source, file, &j->source, e) < 0 || policy_parse(&j->source, &j->keep, &j->policy, e) < 0)
		return err_step(e, "policy");
	record_sha256(j->source.text, j->source.len, j->facts.sha256);
	j->facts.policy_file = file;
	j->facts.source = &j->source;
	j->facts.name = rq->name = launch_name(&j->policy, file, j->name, sizeof(j->name));
	check_policy(&j->policy, NULL, &findings);
	controls_check(&j->policy, &findings);
	if (verdict.errors)
		return err_set(e, ERR_POLICY, 0, "`casemate check` shows all findings", "%u findings are errors", verdict.errors);
	return plan_make(&j->policy, rq, &j->keep, &j->plan, e);
}

static int streams(const struct run_options *o, struct err *e)
{
	if (o->detach && chdir("/") < 0)
		return err_set(e, ERR_HOST, errno, NULL, "cannot leave the working directory");
	return o->detach || o->no_input ? put_streams_away(o->detach, e) : 0;
}

/* Why it did not happen is the error that counts, whatever becomes of the event. */
static void refused(const struct job *j, const char *file, const struct err *why)
{
	struct err second = { 0 };
	json_auto_t *event = record_refused(j->facts.name ? j->facts.name : "", file, j->facts.sha256, why);

	if (strcmp(why->step, "audit") != 0 && audit_write(&j->audit, event, &second) < 0)
		err_print(&second, NULL);
}

/* All of it, in the process that stays to supervise. */
static int run_here(struct job *j, const char *file, struct err *e)
{
	int r = notify_open(&j->manager, &sys_kernel, getenv("NOTIFY_SOCKET"), e);

	if (r == 0)
		r = audit_open(&j->audit, &sys_kernel, e);
	if (r == 0)
		r = prepare(j, file, e);
	if (r == 0)
		r = streams(j->options, e);
	if (r == 0)
		r = launch(j, e);
	if (e->kind != ERR_NONE) {
		notify_failure(&j->manager, e);
		refused(j, file, e);
	}
	return r;
}

/* Who it is that wants it: of what the service writes down, systemd is the caller. */
static int write_asked(const struct job *j, const char *file, struct err *e)
{
	json_auto_t *event = record_event("asked", j->facts.name, j->facts.caller);

	json_object_set_new(event, "policy", json_pack("{s:o, s:s}", "file", record_text(file), "sha256", j->facts.sha256));
	return audit_write(&j->audit, event, e);
}

/* As a service of systemd: judged here, in the caller's terminal, and again there. A caller that wants to read --status-fd wants
 * the launch to be its own. */
static int run_in_unit(struct job *j, const char *file, struct err *e)
{
	bool from_file = !j->options->source.text && strcmp(file, "-") != 0;
	struct background b = { .source = &j->source, .policy = &j->policy };
	int r = audit_open(&j->audit, &sys_kernel, e);

	if (r == 0)
		r = prepare(j, file, e);
	if (r == 0)
		r = write_asked(j, file, e);
	b.name = j->facts.name;
	b.file = from_file ? file : NULL;
	if (r < 0) {
		refused(j, file, e);
		return r;
	}
	r = background_run(j->options, &b, e);
	if (r < 0 && e->kind != ERR_LAUNCH && e->kind != ERR_EXEC)	/* these are the service's, which has written it */
		refused(j, file, e);
	return r;
}

int run_policy(struct run_options *o, const char *file, struct err *e)
{
	struct job j = { .options = o, .state = STATE_NONE, .manager = { .fd = -1 }, .loop = LOOP_INIT, .audit = AUDIT_NONE, .secrets.watch.fd = -1, .execs = EXEC_WATCH_INIT, .report = -1, .log = LOG_RUN_INIT,
			  .facts = { .weakenings = json_array(), .caller = record_caller() } };
	char id[LOG_ID_LEN + 1] = "";
	int r = log_id(id, e);

	j.facts.id = id;
	if (r == 0 && o->detach && o->status_fd < 0 && unit_possible())
		r = run_in_unit(&j, file, e);
	else if (r == 0 && o->detach)
		r = detach(&j.report, e);
	if (r == 0) {
		r = run_here(&j, file, e);
		if (o->detach) {	/* nobody is left to whom the workload's code would mean anything */
			detach_report(&j.report, j.facts.name, e);
			(void)sys_exit(&sys_kernel, r < 0 ? err_exit_code(e) : r);
		}
	}
	json_decref(j.facts.weakenings);
	json_decref(j.facts.caller);
	audit_close(&j.audit);
	source_free(&o->source);
	arena_free(&j.keep);
	arena_free(&j.scratch);
	return r == 1 && o->detach ? 0 : r;
}
