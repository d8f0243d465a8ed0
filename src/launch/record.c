/* record.c - see record.h. */
#include "record.h"

#include <fcntl.h>
#include <sha256.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

void record_sha256(const char *text, size_t len, char hex[65])
{
	SHA256_CTX ctx;
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)text, len);
	SHA256Final(digest, &ctx);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

json_t *record_text(const char *text)
{
	json_t *as_it_is = json_string(text);
	char *copy = as_it_is ? NULL : strdup(text);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	if (copy)
		as_it_is = json_string(copy);
	free(copy);
	return as_it_is;
}

static void put_time(json_t *o)
{
	struct timespec t;
	struct tm tm;
	char date[32], text[48];

	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03ldZ", date, t.tv_nsec / 1000000);
	json_object_set_new(o, "time", json_string(text));
}

/* Whoever logged in, however often the user was changed since (pam_loginuid(8)); null: nobody did. */
static json_t *loginuid(void)
{
	char text[16];
	ssize_t n = sys_read_file(&sys_kernel, AT_FDCWD, "/proc/self/loginuid", text, sizeof(text));
	unsigned long uid = n > 0 ? strtoul(text, NULL, 10) : UINT32_MAX;

	return uid == UINT32_MAX ? json_null() : json_integer((json_int_t)uid);
}

json_t *record_caller(void)
{
	return json_pack("{s:i, s:i, s:o, s:i}", "uid", (int)getuid(), "gid", (int)getgid(), "loginuid", loginuid(), "pid", (int)getpid());
}

json_t *record_event(const char *kind, const char *name, json_t *caller)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string(kind));
	put_time(o);
	json_object_set_new(o, "name", record_text(name));
	json_object_set_new(o, "caller", caller ? json_incref(caller) : record_caller());
	return o;
}

static json_t *texts(const char *const *v)
{
	json_t *list = json_array();

	for (; v && *v; v++)
		json_array_append_new(list, record_text(*v));
	return list;
}

json_t *record_refused(const char *name, const char *policy_file, const char *sha256, const struct err *why)
{
	json_t *o = record_event("refused", name, NULL);
	const char *symbol = why->sys ? strerrorname_np(why->sys) : NULL;

	json_object_set_new(o, "message", record_text(why->msg));
	json_object_set_new(o, "step", record_text(why->step));
	json_object_set_new(o, "path", record_text(why->path));
	json_object_set_new(o, "errno", symbol ? json_string(symbol) : json_null());
	json_object_set_new(o, "policy", json_pack("{s:o, s:s}", "file", policy_file ? record_text(policy_file) : json_null(),
						   "sha256", sha256));
	return o;
}

json_t *record_launched(const struct launch *l, const struct facts *f)
{
	json_t *o = record_event("launched", f->name, f->caller), *waived_list = json_array(), *controls = json_object(), *settings = json_array();

	json_object_set_new(o, "id", json_string(f->id));
	json_object_set_new(o, "pid", json_integer(l->workload));
	json_object_set_new(o, "init_pid", l->plan->init ? json_integer(l->pid) : json_null());
	json_object_set_new(o, "supervisor_pid", json_integer(getpid()));
	json_object_set_new(o, "cgroup", l->cgroup >= 0 ? record_text(l->cgroup_path) : json_null());
	for (size_t i = 0; i < f->source->n_set; i++)
		json_array_append_new(settings, json_pack("[o, o]", record_text(f->source->set[i].key), record_text(f->source->set[i].value)));
	json_object_set_new(o, "policy", json_pack("{s:o, s:s, s:o}", "file", record_text(f->policy_file), "sha256", f->sha256, "settings", settings));
	json_object_set_new(o, "floor", l->plan->floor ? json_pack("{s:s, s:s}", "file", l->plan->floor, "sha256", l->plan->floor_sha256) :
								 json_null());
	json_object_set_new(o, "rootfs", record_text(l->plan->rootfs));
	json_object_set_new(o, "args", texts(l->plan->argv));
	json_object_set(o, "weakenings", f->weakenings);
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const char *name = control_name((enum control_id)i);

		if (waived(l->plan, (enum control_id)i))
			json_array_append_new(waived_list, json_string(name));
		json_object_set_new(controls, name, record_text(l->value[i]));
	}
	json_object_set_new(o, "waived", waived_list);
	json_object_set_new(o, "controls", controls);
	return o;
}

static const char *const oom_names[] = { [OOM_NONE] = "none", [OOM_OWN] = "container", [OOM_ABOVE] = "above" };

json_t *record_exited(const struct facts *f, const struct outcome *out)
{
	json_t *o = record_event("exited", f->name, f->caller);
	const char *signal = WIFSIGNALED(out->status) ? sigabbrev_np(WTERMSIG(out->status)) : NULL;

	json_object_set_new(o, "id", json_string(f->id));
	json_object_set_new(o, "code", json_integer(outcome_exit_code(out)));
	json_object_set_new(o, "signal", signal ? json_sprintf("SIG%s", signal) : json_null());
	json_object_set_new(o, "forced", json_boolean(out->forced));
	json_object_set_new(o, "failed", json_boolean(out->failed));
	json_object_set_new(o, "oom", json_string(oom_names[out->usage.oom]));
	json_object_set_new(o, "oom_kills", json_integer((json_int_t)out->usage.oom_kills));
	json_object_set_new(o, "duration_ms", json_integer((json_int_t)out->duration_ms));
	json_object_set_new(o, "memory_peak", out->usage.memory_peak ? json_integer((json_int_t)out->usage.memory_peak) : json_null());
	json_object_set_new(o, "cpu_usec", json_integer((json_int_t)out->cpu_usec));
	json_object_set_new(o, "throttled_usec", json_integer((json_int_t)out->usage.throttled_usec));
	json_object_set_new(o, "pids_refused", json_integer((json_int_t)out->usage.pids_max_events));
	return o;
}
