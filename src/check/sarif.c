/* sarif.c - findings as SARIF 2.1.0 (OASIS), which code hosts show beside the line.
 *
 * Every rule is listed, found or not, so that ruleIndex is stable. A command line has no file: its findings have a
 * logical location, the option. Fingerprints hold the rule, the pointer and the input's name, and no line: a finding
 * stays itself when lines above it come and go. */
#include "json.h"

#include "../base/cleanup.h"

#include <sha256.h>
#include <string.h>

static json_t *message(const char *text)
{
	return json_pack("{s:o}", "text", json_text(text));
}

/* "mount.root" is "MountRoot": names of rules are for display, identifiers by convention. */
static json_t *display_name(const char *id)
{
	char name[64];
	size_t n = 0;
	bool start = true;

	for (; *id && n < sizeof(name) - 1; id++) {
		if (*id == '.' || *id == '_') {
			start = true;
			continue;
		}
		name[n++] = start && *id >= 'a' && *id <= 'z' ? (char)(*id - 'a' + 'A') : *id;
		start = false;
	}
	return json_stringn(name, n);
}

static json_t *one_rule(const struct rule *rule)
{
	json_t *help = json_sprintf("%s\nDo: %s.%s%s", rule->why, rule->remedy, rule->reference ? "\nSee: " : "",
				    rule->reference ? rule->reference : "");

	return json_pack("{s:s, s:o, s:o, s:o, s:{s:o}, s:{s:s}}", "id", rule->id, "name", display_name(rule->id),
			 "shortDescription", message(rule->title), "fullDescription", message(rule->why), "help", "text", help,
			 "defaultConfiguration", "level", severity_names[rule->severity]);
}

static json_t *rules(void)
{
	json_t *list = json_array();
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++)
		json_array_append_new(list, one_rule(rule));
	return list;
}

/* RFC 3986: a relative reference whose first segment must not look like a scheme. */
static json_t *uri(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	_auto(free_mem) char *text = NULL;
	size_t size;
	FILE *out;

	if (strcmp(path, "-") == 0)
		return json_string("stdin");
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fputs(*path == '/' ? "file://" : "", out);
	for (; *path; path++)
		fprintf(out, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
	fclose(out);
	return json_string(text);
}

static json_t *location(const struct verdict *v, const struct result *r)
{
	json_t *o = json_object();

	if (v->input != INPUT_DOCKER_RUN) {
		json_t *physical = json_pack("{s:{s:o}}", "artifactLocation", "uri", uri(v->name));

		json_object_set_new(physical, "region", json_pack("{s:i, s:i}", "startLine", r->line ? r->line : 1,
								  "startColumn", r->line ? r->column : 1));
		json_object_set_new(o, "physicalLocation", physical);
	}
	json_object_set_new(o, "logicalLocations", v->input == INPUT_DOCKER_RUN ?
		json_pack("[{s:o, s:o, s:s}]", "name", json_text(*r->excerpt ? r->excerpt : v->name),
			  "fullyQualifiedName", json_text(*r->pointer ? r->pointer : "/"), "kind", "parameter") :
		json_pack("[{s:o, s:s}]", "fullyQualifiedName", json_text(*r->pointer ? r->pointer : "/"), "kind", "member"));
	return o;
}

static json_t *fingerprint(const struct verdict *v, const struct result *r)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hex[2 * sizeof(digest) + 1];
	SHA256_CTX ctx;

	SHA256Init(&ctx);
	for (size_t i = 0; i < 4; i++) {
		const char *part = (const char *[]){ r->rule->id, v->name, v->service, r->pointer }[i];

		SHA256Update(&ctx, (const uint8_t *)part, strlen(part) + 1);
	}
	SHA256Final(digest, &ctx);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return json_pack("{s:s}", "casemate/v1", hex);
}

static json_t *one_result(const struct verdict *v, const struct result *r)
{
	json_t *text = json_sprintf("%s%s%s", r->msg, *r->remedy ? ". Do: " : "", r->remedy);

	if (!text)
		text = json_text(r->msg);
	return json_pack("{s:s, s:I, s:s, s:{s:o}, s:[o], s:o}", "ruleId", r->rule->id,
			 "ruleIndex", (json_int_t)rule_index(r->rule->id), "level", severity_names[r->severity], "message", "text", text,
			 "locations", location(v, r), "partialFingerprints", fingerprint(v, r));
}

static json_t *results(const struct verdicts *all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i].n_results; k++)
			json_array_append_new(list, one_result(&all->v[i], &all->v[i].results[k]));
	return list;
}

/* What could not be judged is not fine: the run says that it failed, and over what. */
static json_t *invocation(const struct verdicts *all)
{
	json_t *failures = json_array();
	bool whole = true;

	for (size_t i = 0; i < all->n; i++) {
		if (!*all->v[i].unusable)
			continue;
		whole = false;
		json_array_append_new(failures, json_pack("{s:s, s:o}", "level", "error", "message", message(all->v[i].unusable)));
	}
	return json_pack("[{s:b, s:o}]", "executionSuccessful", whole, "toolExecutionNotifications", failures);
}

int report_sarif(const struct verdicts *all, FILE *out)
{
	json_auto_t *o = json_pack(
		"{s:s, s:s, s:[{s:{s:{s:s, s:s, s:s, s:o}}, s:s, s:o, s:o}]}",
		"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		"version", "2.1.0", "runs", "tool", "driver", "name", "casemate", "version", CASEMATE_VERSION,
		"semanticVersion", CASEMATE_VERSION, "rules", rules(), "columnKind", "unicodeCodePoints", "results", results(all),
		"invocations", invocation(all));

	if (!o || json_dumpf(o, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) < 0)
		return -1;
	fputc('\n', out);
	return 0;
}
