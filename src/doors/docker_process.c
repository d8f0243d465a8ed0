/* docker_process.c - docker run: what is executed, as whom, with which environment, and how it lives. */
#include "docker.h"

#include "../base/cleanup.h"
#include "../policy/names.h"
#include "../policy/secret.h"
#include "../policy/units.h"

#include <errno.h>
#include <string.h>

enum { ENV_FILE_MAX = 256 * 1024, UNPRIVILEGED = 10001 };

/* --- environment --- */

/* A later word on a variable replaces an earlier one. */
static void forget(struct docker_import *im, const char *name)
{
	json_t *v;
	char at[24];
	size_t i;

	door_unset_member(im->door, "/env", name);
	json_array_foreach(door_get(im->door, "/env_pass"), i, v)
		if (strcmp(json_string_value(v), name) == 0) {
			snprintf(at, sizeof(at), "%zu", i);
			return door_unset_member(im->door, "/env_pass", at);
		}
}

static void set_env(struct docker_import *im, const char *text)
{
	const char *eq = strchr(text, '=');
	_auto(free_mem) char *name = eq ? strndup(text, (size_t)(eq - text)) : strdup(text);

	if (!name)
		return (void)(im->door->no_memory = true);
	if (!*name)
		return refuse(im, NULL, "a variable without a name");
	forget(im, name);
	if (eq)
		door_set_member(im->door, "/env", name, json_string(eq + 1));
	else
		door_set(im->door, "/env_pass/-", json_string(name));
}

void take_env(struct docker_import *im, const struct given *g)
{
	set_env(im, g->value);
}

void image_env(struct docker_import *im)
{
	json_t *list = json_object_get(im->image.config, "Env"), *v;
	size_t i;

	json_array_foreach(list, i, v) {
		const char *text = json_string_value(v);
		int n = text ? (int)strcspn(text, "=") : 0;

		if (!text || !text[n])
			continue;
		door_here(im->door, 0, 0, "Env %.*s of %s", n, text, im->image.described);
		set_env(im, text);
	}
}

/* A line of an environment file, as docker reads it: no quotes, no escapes, blanks before the name are skipped. */
static void take_env_line(struct docker_import *im, const struct given *g, int number, char *line)
{
	size_t name;

	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return;
	name = strcspn(line, "=");
	door_here(im->door, 1, g->column, "%s:%d: %.*s%s", g->value, number, (int)name, line, line[name] ? "=..." : "");
	if (strcspn(line, " \t") < name)
		refuse(im, NULL, "a blank in a variable's name");
	else
		set_env(im, line);
}

static void take_env_file(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *text = NULL;
	size_t len;
	int number = 0, r = door_read_file(g->value, ENV_FILE_MAX, &text, &len);
	char *line, *rest;

	if (r < 0)
		return refuse(im, r == -EINVAL ? "give a regular file" : NULL, "cannot read it: %s",
			      r == -EINVAL ? "no file" : strerror(-r));
	if (strlen(text) != len)
		return refuse(im, NULL, "not text: it holds a NUL");
	rest = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
	while ((line = strsep(&rest, "\n"))) {
		size_t end = strlen(line);

		if (end && line[end - 1] == '\r')
			line[end - 1] = '\0';
		take_env_line(im, g, ++number, line);
	}
}

/* docker reads all files first: -e wins wherever it stands. */
void env_files(struct docker_import *im)
{
	for (size_t i = 0; i < im->line.n; i++)
		if (docker_is(&im->line.given[i], "env-file")) {
			here(im, &im->line.given[i]);
			take_env_file(im, &im->line.given[i]);
		}
}

/* --- who --- */

bool user_given(const struct docker_import *im, const char **text)
{
	const struct given *g = docker_last(&im->line, "user");

	*text = g ? g->value : json_string_value(json_object_get(im->image.config, "User"));
	return *text && **text;
}

/* docker asks the image's /etc/passwd for names: that is the image's word, and not to be believed. */
static bool take_id(struct docker_import *im, const char *pointer, const char *text)
{
	static const char zero[] = "name another, and give the files to it; or leave --user out to get 10001";
	uint64_t id;

	if (strcmp(text, "root") == 0 || strcmp(text, "0") == 0)
		refuse(im, zero, "%s 0 does not exist in a container", strcmp(pointer, "/user/uid") == 0 ? "uid" : "gid");
	else if (!unit_decimal(text, &id) || id > INT64_MAX)
		refuse(im, "write the number: `id -u NAME` where the image runs, or its /etc/passwd",
		       "no name is looked up in an image");
	else
		return door_set(im->door, pointer, json_integer((json_int_t)id)), true;
	return false;
}

/* The image's own word is a default: where it is root or a name it is not taken over, like any other of docker's. */
static bool image_user(struct docker_import *im)
{
	const char *text;
	uint64_t uid;
	char first[24];

	if (docker_last(&im->line, "user") || !user_given(im, &text))
		return true;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, ":"), text);
	if (unit_decimal(first, &uid) && uid > 0 && strcmp(text + strcspn(text, ":"), ":0") != 0)
		return true;
	door_here(im->door, 0, 0, "User of %s", im->image.described);
	tighten(im, "/user/uid", "--user UID:GID, the owner of its files", "root or a name, which is not looked up; here it is uid and "
		"gid %d", UNPRIVILEGED);
	return false;
}

static void default_user(struct docker_import *im)
{
	if (!door_get(im->door, "/user/uid"))
		door_set(im->door, "/user/uid", json_integer(UNPRIVILEGED));
	if (!door_get(im->door, "/user/gid"))
		door_set(im->door, "/user/gid", json_integer(UNPRIVILEGED));
}

void conclude_user(struct docker_import *im)
{
	const struct given *g = docker_last(&im->line, "user");
	_auto(free_mem) char *uid = NULL;
	const char *text;
	char *gid;

	if (g)
		here(im, g);
	else
		door_here(im->door, 0, 0, "User of %s", im->image.described);
	if (!image_user(im))
		return default_user(im);
	if (user_given(im, &text)) {
		uid = strdup(text);
		if (!uid)
			return (void)(im->door->no_memory = true);
		gid = docker_split(uid, ':');
		if (take_id(im, "/user/uid", uid) && !gid) {
			tighten(im, "/user/gid", "or write --user UID:GID", "docker takes the group from the image, or root's; "
				"here the gid is the uid's number");
			door_set(im->door, "/user/gid", json_incref(door_get(im->door, "/user/uid")));
		}
		if (gid)
			(void)take_id(im, "/user/gid", gid);
	} else {
		door_nowhere(im->door);
		tighten(im, "/user/uid", "--user UID:GID, the owner of its files", "no --user: docker runs it as the image says, "
			"mostly root; here it is uid and gid %d", UNPRIVILEGED);
	}
	default_user(im);
}

void take_group_add(struct docker_import *im, const struct given *g)
{
	uint64_t gid;

	if (unit_decimal(g->value, &gid) && gid <= INT64_MAX)
		door_set(im->door, "/user/groups/-", json_integer((json_int_t)gid));
	else
		refuse(im, "write its number: `getent group NAME`", "no name is looked up in an image");
}

/* --- what --- */

static void append_config(struct docker_import *im, const char *member)
{
	json_t *list = json_object_get(im->image.config, member), *v;
	size_t i;

	door_here(im->door, 0, 0, "%s of %s", member, im->image.described);
	json_array_foreach(list, i, v)
		door_set(im->door, "/args/-", json_incref(v));
}

/* Whether args[0] is the program, or one of the arguments of an entrypoint that only the image knows. */
static void conclude_program(struct docker_import *im, const struct given *entry)
{
	static const char hint[] = "put the image's configuration there, or give the program with --entrypoint";
	const struct docker_line *l = &im->line;

	door_here(im->door, l->image_spot.line, l->image_spot.column, "%s", l->image);
	if (json_array_size(door_get(im->door, "/args")) == 0)
		door_note(im->door, NOTE_MISSING, "/args", hint, "what it runs is not known: there is no %s", im->image.described);
	else if (!entry && !im->image.config && *l->image != '/' && *l->image != '.')
		door_note(im->door, NOTE_MISSING, "/args/0", hint, "whether it has an entrypoint is not known: there is no %s; "
			  "\"%s\" is taken for the program", im->image.described, secret_value(l->args[0]) ? "..." : l->args[0]);
}

void conclude_args(struct docker_import *im)
{
	const struct docker_line *l = &im->line;
	const struct given *entry = docker_last(l, "entrypoint");
	struct spot at = { l->image_spot.line, l->image_spot.column + (int)strlen(l->image) + 1 };

	door_nowhere(im->door);
	door_set(im->door, "/args", json_array());
	if (entry && *entry->value) {
		here(im, entry);
		door_set(im->door, "/args/-", json_string(entry->value));
	} else if (!entry) {
		append_config(im, "Entrypoint");
	}
	if (l->n_args == 0 && !entry)
		append_config(im, "Cmd");
	for (int i = 0; i < l->n_args; i++) {
		at = l->arg_spots ? l->arg_spots[i] : at;
		door_here(im->door, at.line, at.column, "%s", secret_value(l->args[i]) ? "..." : l->args[i]);
		door_set(im->door, "/args/-", json_string(l->args[i]));
		at.column += (int)strlen(l->args[i]) + 1;
	}
	conclude_program(im, entry);
}

void take_workdir(struct docker_import *im, const struct given *g)
{
	_auto(free_mem) char *path = *g->value == '/' ? door_path(g->value) : NULL;

	if (path)
		door_set(im->door, "/cwd", json_string(path));
	else
		refuse(im, NULL, "want an absolute path");
}

void take_name(struct docker_import *im, const struct given *g)
{
	if (*g->value)
		door_set(im->door, "/name", json_string(*g->value == '/' ? g->value + 1 : g->value));
}

void take_hostname(struct docker_import *im, const struct given *g)
{
	if (*g->value)
		door_set(im->door, "/hostname", json_string(g->value));
}

/* --- how it lives --- */

void take_init(struct docker_import *im, const struct given *g)
{
	door_set(im->door, "/init", json_boolean(g->on));
}

void take_stop_signal(struct docker_import *im, const struct given *g)
{
	int64_t number;

	for (const struct signal_name *s = signal_names; s->name && docker_int(g->value, &number); s++)
		if (s->number == number)
			return door_set(im->door, "/stop/signal", json_sprintf("SIG%s", s->name));
	door_set(im->door, "/stop/signal", json_string(g->value));
}

void take_stop_timeout(struct docker_import *im, const struct given *g)
{
	int64_t seconds;

	if (!docker_int(g->value, &seconds))
		refuse(im, NULL, "want seconds");
	else if (seconds < 0)
		tighten(im, "/stop/timeout", "--stop-timeout SECONDS", "docker would wait for ever; here it is 10 seconds");
	else
		door_set(im->door, "/stop/timeout", json_sprintf("%" JSON_INTEGER_FORMAT "s", (json_int_t)seconds));
}

void take_detach(struct docker_import *im, const struct given *g)
{
	im->door->manner.detach = g->on;
}

void take_rm(struct docker_import *im, const struct given *g)
{
	im->door->manner.remove = g->on;
}

void take_interactive(struct docker_import *im, const struct given *g)
{
	im->door->manner.interactive = g->on;
}

void take_quiet(struct docker_import *im, const struct given *g)
{
	im->door->manner.quiet = g->on;
}

void take_attach(struct docker_import *im, const struct given *g)
{
	if (strcasecmp(g->value, "stdin") == 0)
		im->door->manner.interactive = true;
	else if (strcasecmp(g->value, "stdout") != 0 && strcasecmp(g->value, "stderr") != 0)
		refuse(im, NULL, "want stdin, stdout or stderr");
}

void take_tty(struct docker_import *im, const struct given *g)
{
	if (g->on)
		no_effect(im, "no terminal is made: the workload has the launcher's own, where there is one");
}

void take_cidfile(struct docker_import *im, const struct given *g)
{
	free(im->door->manner.cidfile);
	im->door->manner.cidfile = strdup(g->value);
	im->door->no_memory = im->door->no_memory || !im->door->manner.cidfile;
}

void take_restart(struct docker_import *im, const struct given *g)
{
	if (strcmp(g->value, "no") != 0)
		no_effect(im, "casemate starts once; a systemd unit with Restart= starts again");
}

void take_pull(struct docker_import *im, const struct given *g)
{
	if (strcmp(g->value, "missing") != 0 && strcmp(g->value, "never") != 0)
		refuse(im, "bring the root directory up to date yourself", "casemate pulls no images");
}

void take_content_trust(struct docker_import *im, const struct given *g)
{
	if (!g->on)
		refuse(im, "check the image where it is unpacked", "casemate pulls no images and verifies no signatures");
}

void take_runtime(struct docker_import *im, const struct given *g)
{
	if (strcmp(g->value, "runc") != 0 && strcmp(g->value, "io.containerd.runc.v2") != 0)
		refuse(im, "leave it out, or keep docker for this one", "casemate is the runtime, and calls no other");
}

void take_isolation(struct docker_import *im, const struct given *g)
{
	if (*g->value && strcmp(g->value, "default") != 0)
		refuse(im, NULL, "is for containers of Windows: docker refuses it on Linux as well");
}
