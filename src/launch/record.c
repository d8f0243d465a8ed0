/* record.c - see record.h. */
#include "record.h"

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

static json_t *event(const char *kind, const struct facts *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string(kind));
	put_time(o);
	json_object_set_new(o, "name", record_text(f->name));
	return o;
}

static char *finish(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	return text;
}

char *record_launched(const struct launch *l, const struct facts *f)
{
	json_t *o = event("launched", f), *waived_list = json_array(), *controls = json_object(), *settings = json_array();

	json_object_set_new(o, "pid", json_integer(l->workload));
	json_object_set_new(o, "init_pid", l->plan->init ? json_integer(l->pid) : json_null());
	json_object_set_new(o, "supervisor_pid", json_integer(getpid()));
	json_object_set_new(o, "cgroup", l->cgroup >= 0 ? record_text(l->cgroup_path) : json_null());
	for (size_t i = 0; i < f->source->n_set; i++)
		json_array_append_new(settings, json_pack("[o, o]", record_text(f->source->set[i].key), record_text(f->source->set[i].value)));
	json_object_set_new(o, "policy", json_pack("{s:o, s:s, s:o}", "file", record_text(f->policy_file), "sha256", f->sha256, "settings", settings));
	json_object_set_new(o, "floor", l->plan->floor ? json_pack("{s:s, s:s}", "file", l->plan->floor, "sha256", l->plan->floor_sha256) :
								 json_null());
	json_object_set(o, "weakenings", f->weakenings);
	for (unsigned i = 0; i < CONTROL_COUNT; i++) {
		const char *name = control_name((enum control_id)i);

		if (waived(l->plan, (enum control_id)i))
			json_array_append_new(waived_list, json_string(name));
		json_object_set_new(controls, name, record_text(l->value[i]));
	}
	json_object_set_new(o, "waived", waived_list);
	json_object_set_new(o, "controls", controls);
	return finish(o);
}

static const char *const oom_names[] = { [OOM_NONE] = "none", [OOM_OWN] = "container", [OOM_ABOVE] = "above" };

char *record_exited(const struct facts *f, const struct outcome *out)
{
	json_t *o = event("exited", f);
	const char *signal = WIFSIGNALED(out->status) ? sigabbrev_np(WTERMSIG(out->status)) : NULL;

	json_object_set_new(o, "code", json_integer(outcome_exit_code(out)));
	json_object_set_new(o, "signal", signal ? json_sprintf("SIG%s", signal) : json_null());
	json_object_set_new(o, "forced", json_boolean(out->forced));
	json_object_set_new(o, "oom", json_string(oom_names[out->usage.oom]));
	json_object_set_new(o, "oom_kills", json_integer((json_int_t)out->usage.oom_kills));
	json_object_set_new(o, "duration_ms", json_integer((json_int_t)out->duration_ms));
	json_object_set_new(o, "memory_peak", out->usage.memory_peak ? json_integer((json_int_t)out->usage.memory_peak) : json_null());
	json_object_set_new(o, "cpu_usec", json_integer((json_int_t)out->cpu_usec));
	json_object_set_new(o, "throttled_usec", json_integer((json_int_t)out->usage.throttled_usec));
	json_object_set_new(o, "pids_refused", json_integer((json_int_t)out->usage.pids_max_events));
	return finish(o);
}
