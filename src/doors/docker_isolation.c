/* docker_isolation.c - docker run: capabilities, filters, namespaces, the network. */
#include "docker.h"

#include "../base/cleanup.h"
#include "../policy/names.h"
#include "../policy/suggest.h"
#include "../policy/units.h"

#include <string.h>

/* --- capabilities --- */

static bool is_all(const char *name)
{
	return strcasecmp(name, "ALL") == 0 || strcasecmp(name, "CAP_ALL") == 0;
}

/* docker takes any mixture of cases; -1 after a note. */
static int capability(struct docker_import *im, const char *name)
{
	char hint[GUESS_MAX + 32];
	struct guess g;

	if (strncasecmp(name, "CAP_", 4) == 0)
		name += 4;
	guess_start(&g, name);
	for (size_t i = 0; i < capability_names_len; i++) {
		if (strcasecmp(name, capability_names[i]) == 0)
			return (int)i;
		guess_offer(&g, capability_names[i], strlen(capability_names[i]));
	}
	snprintf(hint, sizeof(hint), "did you mean %s?", g.best);
	refuse(im, g.best[0] ? hint : "capabilities(7) has their names", "unknown capability");
	return -1;
}

void take_cap_drop(struct docker_import *im, const struct given *g)
{
	if (!is_all(g->value))
		(void)capability(im, g->value);	/* none is there that has not been added by name */
	if (!door_get(im->door, "/capabilities"))
		door_set(im->door, "/capabilities", json_array());
}

bool wants_no_new_privs(const struct docker_line *l)
{
	bool on = false;

	for (size_t i = 0; i < l->n; i++) {
		const char *value = l->given[i].value, *eq = strpbrk(value, "=:");
		size_t len = eq ? (size_t)(eq - value) : strlen(value);

		if (docker_is(&l->given[i], "security-opt") && strncmp(value, "no-new-privileges", len) == 0 &&
		    len == strlen("no-new-privileges"))
			on = !eq || !docker_bool(eq + 1, &on) || on;
	}
	return on;
}

/* With docker an unprivileged user has a capability only through a setuid program or one with file capabilities,
 * and where no_new_privs is on, not at all: then --cap-add is of no effect there, and must not be one here. */
static bool useless_with_docker(const struct docker_import *im)
{
	const char *user;

	if (!wants_no_new_privs(&im->line) || !user_given(im, &user))
		return false;
	return *user >= '0' && *user <= '9' ? strtoul(user, NULL, 10) != 0 : strncmp(user, "root", strcspn(user, ":")) != 0;
}

static void add_capability(struct docker_import *im, const struct given *g, uint64_t *mask)
{
	int n;

	here(im, g);
	if (is_all(g->value))
		return refuse(im, "name those that the service needs", "there is no \"all\"");
	n = capability(im, g->value);
	if (n < 0 || *mask >> n & 1)
		return;
	if (useless_with_docker(im))
		return no_effect(im, "nor has it with docker: with no-new-privileges an unprivileged user never gets it");
	*mask |= UINT64_C(1) << n;
	door_set(im->door, "/capabilities/-", json_string(capability_names[n]));
}

void conclude_capabilities(struct docker_import *im)
{
	uint64_t mask = 0;
	bool all_dropped = false;

	for (size_t i = 0; i < im->line.n; i++) {
		const struct given *g = &im->line.given[i];

		if (docker_is(g, "cap-add"))
			add_capability(im, g, &mask);
		all_dropped = all_dropped || (docker_is(g, "cap-drop") && is_all(g->value));
	}
	door_nowhere(im->door);
	if (!all_dropped)
		tighten(im, "/capabilities", "--cap-add for what the service cannot do without",
			"no --cap-drop=ALL: docker leaves 14 capabilities; here there are none but those added by name");
	if (!wants_no_new_privs(&im->line))
		tighten(im, NULL, NULL, "no --security-opt=no-new-privileges: here it always holds, so setuid programs gain nothing");
}

/* --- --security-opt --- */

static void take_seccomp(struct docker_import *im, const char *value)
{
	_auto(free_mem) char *path = NULL, *relative = NULL;

	if (strcmp(value, "unconfined") == 0)
		return tighten(im, "/seccomp", "a profile of your own: --security-opt seccomp=FILE",
			       "docker filters no system calls; here the default filter stays");
	if (strcmp(value, "builtin") == 0)
		return;
	if (*value != '/' && *value != '.' && asprintf(&relative, "./%s", value) < 0)
		return (void)(im->door->no_memory = true);
	path = door_path(relative ? relative : value);
	door_set(im->door, "/seccomp/profile", path ? json_string(path) : NULL);
}

static void take_apparmor(struct docker_import *im, const char *value)
{
	if (strcmp(value, "unconfined") == 0)
		tighten(im, "/apparmor", "a profile of your own: casemate apparmor(1)", "docker confines it by no profile; here casemate-default stays");
	else if (strcmp(value, "docker-default") == 0)
		no_effect(im, "that is docker's own profile; here it is casemate-default");
	else
		door_set(im->door, "/apparmor", json_string(value));
}

static void take_label(struct docker_import *im, const char *value)
{
	if (strcmp(value, "disable") == 0)
		no_effect(im, "casemate sets no SELinux labels");
	else
		refuse(im, "keep the host's policy for it, or leave it out", "casemate sets no SELinux labels");
}

static void take_systempaths(struct docker_import *im, const char *value)
{
	if (strcmp(value, "unconfined") == 0)
		tighten(im, "/proc", NULL, "docker shows all of /proc and /sys; here the usual paths stay masked or read-only");
	else
		refuse(im, NULL, "want systempaths=unconfined");
}

static void take_nnp(struct docker_import *im, const char *value)
{
	bool on = true;

	if (*value && !docker_bool(value, &on))
		refuse(im, NULL, "want true or false");
	else if (!on)
		tighten(im, NULL, NULL, "it always holds, so setuid programs gain nothing");
}

static void take_writable_cgroups(struct docker_import *im, const char *value)
{
	bool on = true;

	if (*value && !docker_bool(value, &on))
		refuse(im, NULL, "want true or false");
	else if (on)
		tighten(im, "/sys", NULL, "/sys/fs/cgroup stays read-only");
}

void take_security_opt(struct docker_import *im, const struct given *g)
{
	static const struct { const char *name; bool alone; void (*take)(struct docker_import *, const char *); } rows[] = {
		{ "seccomp", false, take_seccomp }, { "apparmor", false, take_apparmor }, { "label", false, take_label },
		{ "systempaths", false, take_systempaths }, { "no-new-privileges", true, take_nnp },
		{ "writable-cgroups", true, take_writable_cgroups },
	};
	size_t len = strcspn(g->value, "=:");	/* a colon is docker's older way */

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strlen(rows[i].name) == len && strncmp(rows[i].name, g->value, len) == 0) {
			if (!rows[i].alone && !g->value[len])
				return refuse(im, NULL, "want %s=VALUE", rows[i].name);
			return rows[i].take(im, g->value + len + (g->value[len] != '\0'));
		}
	refuse(im, "seccomp=, apparmor=, label=, systempaths=, no-new-privileges", "there is no such security option");
}

/* --- namespaces --- */

/* What docker calls them, and what sharing the host's means. NULL: refused. */
void take_namespace(struct docker_import *im, const struct given *g)
{
	static const struct { const char *option, *pointer, *why, *hint; } rows[] = {
		{ "cgroupns", "/namespaces/cgroup", "", "" }, { "ipc", "/namespaces/ipc", "", "" }, { "uts", "/namespaces/uts", "", "" },
		{ "pid", NULL, "it would see every process of the host, and could signal those of its uid",
		  "what it is after can be read on the host and handed in" },
	};
	const char *v = g->value;
	bool ipc = docker_is(g, "ipc");

	/* The last word counts, and an earlier one may have said something else. */
	for (size_t i = 0; i < COUNT(rows); i++)
		if (docker_is(g, rows[i].option) && rows[i].pointer)
			door_unset(im->door, rows[i].pointer);
	if (*v == '\0' || strcmp(v, "private") == 0 || (ipc && (strcmp(v, "shareable") == 0 || strcmp(v, "none") == 0)))
		return;		/* none: conclude_ipc() */
	if (strcmp(v, "host") != 0)
		return refuse(im, NULL, "casemate shares no namespaces between containers, but the network's");
	for (size_t i = 0; i < COUNT(rows); i++)
		if (docker_is(g, rows[i].option)) {
			if (rows[i].pointer)
				door_set(im->door, rows[i].pointer, json_false());
			else
				refuse(im, rows[i].hint, "%s", rows[i].why);
		}
}

/* "none" is private, and without /dev/shm whatever size that was to have. */
void conclude_ipc(struct docker_import *im)
{
	const struct given *g = docker_last(&im->line, "ipc");

	if (g && strcmp(g->value, "none") == 0) {
		here(im, g);
		door_set(im->door, "/shm", json_integer(0));
	}
}

void take_userns(struct docker_import *im, const struct given *g)
{
	if (strcmp(g->value, "host") == 0)
		tighten(im, "/namespaces/user", "`casemate run --set namespaces.user=false` if it must be",
			"a user namespace of its own stays: in it only the workload's ids exist");
	else if (*g->value)
		refuse(im, "leave it out: there always is one", "docker has no user namespace of this name");
}

void take_sysctl(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *name = strdup(g->value);
	char *value = name ? docker_split(name, '=') : NULL;

	if (!value)
		return refuse(im, NULL, "want NAME=VALUE");
	for (char *c = name; *c; c++)	/* sysctl(8) takes both */
		*c = *c == '/' ? '.' : *c;
	door_set_member(im->door, "/sysctl", name, json_string(value));
}

/* --- the network --- */

/* docker's long form: name=NET,alias=A,... */
static char *network_name(struct docker_import *im, const char *text)
{
	_auto(free_mem) char *name = NULL;
	const char *at = text;
	char *ret;

	if (!strchr(text, '='))
		return strdup(text);
	while (at) {
		_auto(free_mem) char *field = NULL;
		char *value;

		if (docker_field(&at, &field) <= 0)
			break;
		value = docker_split(field, '=');
		if (value && strcmp(field, "name") == 0) {
			free(name);
			name = strdup(value);
		} else {
			refuse(im, "set it up in a network namespace and give that: --network ns:/run/netns/NAME",
			       "casemate makes no networks: \"%.40s\"", field);
		}
	}
	ret = name;
	name = NULL;
	return ret;
}

void take_network(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *name = network_name(im, g->value);

	door_unset(im->door, "/network/path");
	if (!name || strcmp(name, "none") == 0)
		return door_set(im->door, "/network/mode", json_string("none"));
	if (strcmp(name, "host") == 0)
		return door_set(im->door, "/network/mode", json_string("host"));
	if (strncmp(name, "ns:", 3) == 0) {
		door_set(im->door, "/network/mode", json_string("path"));
		return door_set(im->door, "/network/path", json_string(name + 3));
	}
	if (strcmp(name, "bridge") == 0 || strcmp(name, "default") == 0 || !*name)
		return tighten(im, "/network/mode", "--network ns:/run/netns/NAME gives it one that you made",
			       "casemate makes no networks: docker's bridge reaches everything, here there is a loopback only");
	refuse(im, strncmp(name, "container:", 10) == 0 ?
	       "put both into one namespace: ip netns add NAME, --network ns:/run/netns/NAME" :
	       "ip netns add NAME, connect it, and --network ns:/run/netns/NAME", "casemate makes no networks");
}

static bool take_port(const char *text, uint64_t *ret)
{
	return unit_decimal(text, ret) && *ret > 0 && *ret <= 65535;
}

static void listen_on(struct docker_import *im, uint64_t port)
{
	json_t *list = door_get(im->door, "/network/listen"), *v;
	size_t i;

	json_array_foreach(list, i, v)
		if ((uint64_t)json_integer_value(v) == port)
			return;
	door_set(im->door, "/network/listen/-", json_integer((json_int_t)port));
}

/* [[IP:]HOST:]CONTAINER[/PROTOCOL], each a port or a range; what counts inside is the last. */
static void publish(struct docker_import *im, const struct given *g, bool network)
{
	_auto(free_mem) char *text = strdup(g->value);
	char *protocol = text ? docker_split(text, '/') : NULL, *last = text ? strrchr(text, ':') : NULL, *end;
	uint64_t from, to;

	if (!text)
		return (void)(im->door->no_memory = true);
	last = last ? last + 1 : text;
	end = docker_split(last, '-');
	if (!take_port(last, &from) || !take_port(end ? end : last, &to) || to < from)
		return refuse(im, NULL, "want [[IP:]HOST:]CONTAINER[/PROTOCOL]");
	if (!network)
		return refuse(im, "--network host, or --network ns:/run/netns/NAME, and it may listen on that port",
			      "casemate makes no networks, so there is none to publish from");
	if (protocol && strcmp(protocol, "tcp") != 0)
		return no_effect(im, "in a network that is there already nothing is published; it may listen on this port");
	if (to - from > 255)
		return refuse(im, NULL, "more than 256 ports");
	for (uint64_t port = from; port <= to; port++)
		listen_on(im, port);
}

void conclude_network(struct docker_import *im)
{
	const char *mode = json_string_value(door_get(im->door, "/network/mode"));
	bool network = mode && strcmp(mode, "none") != 0;

	for (size_t i = 0; i < im->line.n; i++)
		if (docker_is(&im->line.given[i], "publish")) {
			here(im, &im->line.given[i]);
			publish(im, &im->line.given[i], network);
		}
	door_nowhere(im->door);
	if (door_get(im->door, "/network/listen"))
		tighten(im, "/network/listen", NULL, "it may listen on the published TCP ports and on no others");
	if (!docker_last(&im->line, "network") && !docker_last(&im->line, "net"))
		tighten(im, "/network/mode", "--network ns:/run/netns/NAME gives it one that you made",
			"no --network: docker's bridge reaches everything; here there is a loopback only");
}

void take_add_host(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *name = strdup(g->value);
	char *address = name ? strpbrk(name, "=:") : NULL, *end;
	char pointer[300];

	if (!address)
		return refuse(im, NULL, "want HOST:ADDRESS");
	*address++ = '\0';
	if (strcmp(address, "host-gateway") == 0)
		return refuse(im, "write the address that the host has in its network", "that is an address of docker's bridge");
	end = *address == '[' ? strchr(address, ']') : NULL;
	if (end && !end[1]) {
		*end = '\0';
		address++;
	}
	snprintf(pointer, sizeof(pointer), "/hosts/%s", name);
	if (!strpbrk(name, "/~") && door_get(im->door, pointer))
		return refuse(im, "keep one", "a name has one address");
	door_set_member(im->door, "/hosts", name, json_string(address));
}

void take_dns(struct docker_import *im, const struct given *g)
{
	json_t *list = door_get(im->door, "/dns"), *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (strcmp(json_string_value(v), g->value) == 0)
			return;
	if (json_array_size(list) == 3)
		return refuse(im, NULL, "resolv.conf(5) has room for three name servers");
	door_set(im->door, "/dns/-", json_string(g->value));
}
