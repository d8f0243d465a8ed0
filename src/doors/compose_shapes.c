/* compose_shapes.c - the keys of a service whose values have a shape of their own; see compose.h. */
#include "compose.h"

#include "../base/cleanup.h"

#include <string.h>

void compose_each(struct compose *c, const struct node *n, void (*take)(struct compose *, const struct node *))
{
	size_t i = 0;

	if (n->kind != NODE_SEQUENCE) {
		compose_note(c, NOTE_REFUSED, NULL, "want a list");
		return;
	}
	for (const struct node_entry *e = n->entries; e; e = e->next) {
		size_t mark = compose_down(c, e->value, "%zu", i++);

		take(c, e->value);
		compose_up(c, mark);
	}
}

/* Calls for each member of a mapping, with its place; what is not among the names is refused. */
struct part { const char *name; void (*take)(struct compose *, const struct node *); };
static void parts(struct compose *c, const struct node *n, const struct part *p, size_t n_parts)
{
	const char *names[32] = { NULL };

	if (n->kind != NODE_MAPPING) {
		compose_note(c, NOTE_REFUSED, NULL, "want a mapping");
		return;
	}
	for (size_t i = 0; i < n_parts && i + 1 < COUNT(names); i++)
		names[i] = p[i].name;
	compose_known(c, n, names);
	for (size_t i = 0; i < n_parts; i++) {
		const struct node *v = node_get(n, p[i].name);
		size_t mark = compose_down(c, v, "%s", p[i].name);

		if (p[i].take && !node_is_null(v))
			p[i].take(c, v);
		compose_up(c, mark);
	}
}

/* --- command --- */

void own_command(struct compose *c, const struct node *n)
{
	c->command = n;
}

void own_entrypoint(struct compose *c, const struct node *n)
{
	c->entrypoint = n;
}

void own_init(struct compose *c, const struct node *n)
{
	bool on;

	if (compose_bool(c, n, &on))
		compose_option(c, "init", on ? "true" : "false");
}

/* --- environment --- */

/* Values must not depend on what a reader takes true, 1.0 or 010 for: they are what is written. */
void own_environment(struct compose *c, const struct node *n)
{
	const struct node_entry *e = n->entries;
	size_t i = 0;

	if (n->kind == NODE_SCALAR) {
		compose_note(c, NOTE_REFUSED, NULL, "want a mapping, or a list of NAME=VALUE");
		return;
	}
	for (; e; e = e->next) {
		size_t mark = e->key ? compose_down(c, e->value, "%s", e->key->text) : compose_down(c, e->value, "%zu", i++);
		const char *text = node_is_null(e->value) ? NULL : compose_text(c, e->value);

		if (!e->key && text)
			compose_option(c, "env", text);
		else if (e->key && (text || node_is_null(e->value)))
			compose_option(c, "env", text ? compose_printf(c, "%s=%s", e->key->text, text) : e->key->text);
		compose_up(c, mark);
	}
}

static void env_file(struct compose *c, const struct node *n)
{
	static const char *const names[] = { "path", "required", "format", NULL };
	const char *path;
	bool required = true;

	if (n->kind == NODE_MAPPING)
		compose_known(c, n, names);
	path = n->kind == NODE_MAPPING ? compose_member(c, n, "path") : compose_text(c, n);
	if (n->kind == NODE_MAPPING && !node_is_null(node_get(n, "required")) && !compose_bool(c, node_get(n, "required"), &required))
		return;
	if (!path)
		return;
	path = compose_path(c, path);
	if (!required && access(path, R_OK) < 0)
		compose_note(c, NOTE_NO_EFFECT, NULL, "it is not there, and need not be");
	else
		compose_option(c, "env-file", path);
}

void own_env_file(struct compose *c, const struct node *n)
{
	if (n->kind == NODE_SEQUENCE)
		compose_each(c, n, env_file);
	else
		env_file(c, n);
}

/* --- ports --- */

static void port(struct compose *c, const struct node *n)
{
	static const char *const names[] = { "name", "target", "published", "host_ip", "protocol", "app_protocol", "mode", NULL };
	const char *target, *published, *protocol, *ip;

	if (n->kind == NODE_SCALAR) {
		target = compose_text(c, n);
		if (target)
			compose_option(c, "publish", target);
		return;
	}
	compose_known(c, n, names);
	target = compose_member(c, n, "target");
	published = compose_member(c, n, "published");
	protocol = compose_member(c, n, "protocol");
	ip = compose_member(c, n, "host_ip");
	if (!target)
		compose_note(c, NOTE_REFUSED, "target: PORT", "which port of the container?");
	else
		compose_option(c, "publish", compose_printf(c, "%s%s%s%s%s/%s", ip ? ip : "", ip ? ":" : "", published ? published : "",
							    published || ip ? ":" : "", target, protocol ? protocol : "tcp"));
}

void own_ports(struct compose *c, const struct node *n)
{
	compose_each(c, n, port);
}

/* --- limits --- */

void own_ulimits(struct compose *c, const struct node *n)
{
	static const char *const names[] = { "soft", "hard", NULL };

	for (const struct node_entry *e = n->kind == NODE_MAPPING ? n->entries : NULL; e; e = e->next) {
		size_t mark = compose_down(c, e->value, "%s", e->key->text);
		bool pair = e->value->kind == NODE_MAPPING;
		const char *soft = pair ? compose_member(c, e->value, "soft") : compose_text(c, e->value);
		const char *hard = pair ? compose_member(c, e->value, "hard") : soft;

		if (pair)
			compose_known(c, e->value, names);
		if (soft && hard)
			compose_option(c, "ulimit", compose_printf(c, "%s=%s:%s", e->key->text, soft, hard));
		else if (pair)
			compose_note(c, NOTE_REFUSED, NULL, "want soft and hard");
		compose_up(c, mark);
	}
	if (n->kind != NODE_MAPPING)
		compose_note(c, NOTE_REFUSED, "ulimits: {nofile: 1024}", "want a mapping");
}

static void say_option(struct compose *c, const char *option, const struct node *n)
{
	const char *text = compose_text(c, n);

	if (text)
		compose_option(c, option, text);
}

static void limit_cpus(struct compose *c, const struct node *n) { say_option(c, "cpus", n); }
static void limit_memory(struct compose *c, const struct node *n) { say_option(c, "memory", n); }
static void limit_pids(struct compose *c, const struct node *n) { say_option(c, "pids-limit", n); }

static void limits(struct compose *c, const struct node *n)
{
	static const struct part p[] = { { "cpus", limit_cpus }, { "memory", limit_memory }, { "pids", limit_pids } };

	parts(c, n, p, COUNT(p));
}

static void reserved_devices(struct compose *c, const struct node *n)
{
	(void)n;
	compose_note(c, NOTE_REFUSED, "their libraries in the rootfs, and devices", "no hook puts a vendor's drivers into the container");
}

static void reservations(struct compose *c, const struct node *n)
{
	static const struct part p[] = { { "cpus", NULL }, { "memory", NULL }, { "pids", NULL }, { "generic_resources", NULL },
					 { "devices", reserved_devices } };

	compose_note(c, NOTE_NO_EFFECT, NULL, "a reservation holds nothing back from others: it limits nothing");
	parts(c, n, p, COUNT(p));
}

static void resources(struct compose *c, const struct node *n)
{
	static const struct part p[] = { { "limits", limits }, { "reservations", reservations } };

	parts(c, n, p, COUNT(p));
}

static void cluster(struct compose *c, const struct node *n)
{
	(void)n;
	compose_note(c, NOTE_NO_EFFECT, "units start, restart and count: casemate@.service", "is for a cluster, or for who keeps it running");
}

void own_deploy(struct compose *c, const struct node *n)
{
	static const struct part p[] = {
		{ "resources", resources }, { "replicas", cluster }, { "mode", cluster }, { "placement", cluster }, { "restart_policy", cluster },
		{ "rollback_config", cluster }, { "update_config", cluster }, { "endpoint_mode", cluster }, { "labels", NULL },
	};

	parts(c, n, p, COUNT(p));
}

static void throttle(struct compose *c, const struct node *n)
{
	static const char *const names[] = { "path", "rate", NULL };
	const char *path, *rate, *key = strstr(c->at, "/device_");
	char option[32];
	size_t len;

	compose_known(c, n, names);
	path = compose_member(c, n, "path");
	rate = compose_member(c, n, "rate");
	if (!path || !rate || !key) {
		compose_note(c, NOTE_REFUSED, NULL, "want a path and a rate");
		return;
	}
	len = strcspn(key + 1, "/");
	snprintf(option, sizeof(option), "%.*s", (int)len, key + 1);
	for (char *at = option; (at = strchr(at, '_'));)
		*at = '-';
	compose_option(c, option, compose_printf(c, "%s:%s", path, rate));
}

static void throttles(struct compose *c, const struct node *n)
{
	compose_each(c, n, throttle);
}

static void weight(struct compose *c, const struct node *n)
{
	(void)n;
	compose_option(c, "blkio-weight", "");
}

void own_blkio(struct compose *c, const struct node *n)
{
	static const struct part p[] = {
		{ "weight", weight }, { "weight_device", weight }, { "device_read_bps", throttles }, { "device_write_bps", throttles },
		{ "device_read_iops", throttles }, { "device_write_iops", throttles },
	};

	parts(c, n, p, COUNT(p));
}

/* --- network --- */

/* "service:NAME" is the network of another container of this file. */
void own_network_mode(struct compose *c, const struct node *n)
{
	const char *text = compose_text(c, n);

	if (text)
		compose_option(c, "network", strncmp(text, "service:", 8) == 0 ? compose_printf(c, "container:%s", text + 8) : text);
}

void own_networks(struct compose *c, const struct node *n)
{
	(void)n;
	compose_note(c, NOTE_TIGHTENED, "network_mode: ns:/run/netns/NAME, for each service, puts them into one that you made",
		     "casemate makes no networks: its services do not reach each other, nor anything else");
	compose_option(c, "network", "none");
}

void own_extra_hosts(struct compose *c, const struct node *n)
{
	const struct node_entry *e = n->entries;
	size_t i = 0;

	for (; n->kind != NODE_SCALAR && e; e = e->next) {
		size_t mark = e->key ? compose_down(c, e->value, "%s", e->key->text) : compose_down(c, e->value, "%zu", i++);
		const char *text = compose_text(c, e->value);

		if (text)
			compose_option(c, "add-host", e->key ? compose_printf(c, "%s=%s", e->key->text, text) : text);
		compose_up(c, mark);
	}
	if (n->kind == NODE_SCALAR)
		compose_note(c, NOTE_REFUSED, NULL, "want a list of HOST:ADDRESS");
}

/* --- life --- */

void own_depends(struct compose *c, const struct node *n)
{
	(void)n;
	compose_note(c, NOTE_NO_EFFECT, "After= and Requires= between units", "casemate starts one container and orders none");
}

/* A line is for a shell, a list says so itself; "CMD" has words of its own, which no option could hold. */
static void test(struct compose *c, const struct node *n)
{
	struct docker_import im = { .door = c->door };
	json_auto_t *words = json_array();
	const char *text = NULL;

	if (n->kind == NODE_SCALAR) {
		text = compose_text(c, n);
		if (text)
			compose_option(c, "health-cmd", text);
		return;
	}
	for (const struct node_entry *e = n->kind == NODE_SEQUENCE ? n->entries : NULL; e; e = e->next) {
		text = compose_text(c, e->value);
		if (!text)
			return;
		json_array_append_new(words, json_string(text));
	}
	text = json_string_value(json_array_get(words, 0));
	if (text && strcmp(text, "NONE") == 0)
		compose_option(c, "no-healthcheck", NULL);
	else if (text && strcmp(text, "CMD-SHELL") == 0 && json_array_size(words) == 2)
		compose_option(c, "health-cmd", json_string_value(json_array_get(words, 1)));
	else if (!text || !health_test(&im, words))
		compose_note(c, NOTE_REFUSED, "[CMD, /bin/check, --fast]", "want a line, or NONE, CMD and words, or CMD-SHELL and a line");
}

static void interval(struct compose *c, const struct node *n) { say_option(c, "health-interval", n); }
static void timeout(struct compose *c, const struct node *n) { say_option(c, "health-timeout", n); }
static void retries(struct compose *c, const struct node *n) { say_option(c, "health-retries", n); }
static void start_period(struct compose *c, const struct node *n) { say_option(c, "health-start-period", n); }
static void start_interval(struct compose *c, const struct node *n) { say_option(c, "health-start-interval", n); }

static void disable(struct compose *c, const struct node *n)
{
	bool on;

	if (compose_bool(c, n, &on) && on)
		compose_option(c, "no-healthcheck", NULL);
}

void own_healthcheck(struct compose *c, const struct node *n)
{
	static const struct part p[] = {
		{ "test", test }, { "interval", interval }, { "timeout", timeout }, { "retries", retries }, { "start_period", start_period },
		{ "start_interval", start_interval }, { "disable", disable },
	};

	parts(c, n, p, COUNT(p));
}

/* Whole seconds, rounded up: nobody is killed early. */
void own_grace(struct compose *c, const struct node *n)
{
	const char *text = compose_text(c, n);
	uint64_t ns;

	if (text && !docker_duration(text, &ns))
		compose_note(c, NOTE_REFUSED, "as in 90s or 1m30s", "no duration");
	else if (text)
		compose_option(c, "stop-timeout", compose_printf(c, "%llu", (unsigned long long)(ns + 999999999) / 1000000000));
}

static void driver(struct compose *c, const struct node *n) { say_option(c, "log-driver", n); }
static void driver_options(struct compose *c, const struct node *n) { compose_pairs(c, "log-opt", n); }

void own_logging(struct compose *c, const struct node *n)
{
	static const struct part p[] = { { "driver", driver }, { "options", driver_options } };

	parts(c, n, p, COUNT(p));
}

void own_build(struct compose *c, const struct node *n)
{
	(void)n;
	compose_note(c, NOTE_NO_EFFECT, "build it, and unpack it where the image's name is looked for", "casemate builds no images");
}
