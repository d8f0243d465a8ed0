/* yaml.c - see yaml.h. */
#include "yaml.h"

#include "../base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

enum { ANCHORS_MAX = 256 };

struct anchor { const char *name; const struct node *node; };

struct reader {
	yaml_parser_t *parser;
	struct arena *arena;
	struct err *e;
	struct anchor anchors[ANCHORS_MAX];
	size_t n_anchors, total;	/* nodes, aliases expanded */
};

/* A mapping or sequence under construction. */
struct list { struct node *node; struct node_entry *last; };

static int fail_at(struct reader *r, yaml_mark_t at, const char *hint, const char *msg)
{
	r->e->line = (int)at.line + 1;
	r->e->column = (int)at.column + 1;
	return err_set(r->e, ERR_POLICY, 0, hint, "%s", msg);
}

static int next(struct reader *r, yaml_event_t *event)
{
	yaml_parser_t *p = r->parser;

	if (yaml_parser_parse(p, event))
		return 0;
	memset(event, 0, sizeof(*event));
	return fail_at(r, p->error == YAML_READER_ERROR ? p->mark : p->problem_mark, NULL, p->problem ? p->problem : "not YAML");
}

static int no_memory(struct reader *r)
{
	return err_set(r->e, ERR_POLICY, ENOMEM, NULL, "the document is too large");
}

static struct node *new_node(struct reader *r, const yaml_event_t *event, enum node_kind kind)
{
	struct node *n = arena_alloc(r->arena, sizeof(*n));

	if (!n || ++r->total > YAML_NODES_MAX) {
		(void)no_memory(r);
		return NULL;
	}
	*n = (struct node){ .kind = kind, .line = (int)event->start_mark.line + 1, .column = (int)event->start_mark.column + 1, .weight = 1 };
	return n;
}

/* Only YAML's own types may be named, and they change nothing: text stays text. */
static int check_tag(struct reader *r, const yaml_event_t *event, const char *tag)
{
	static const char prefix[] = "tag:yaml.org,2002:";
	static const char *const known[] = { "str", "int", "bool", "float", "null", "map", "seq" };

	if (!tag || strcmp(tag, "!") == 0)
		return 0;
	for (size_t i = 0; i < COUNT(known); i++)
		if (strncmp(tag, prefix, strlen(prefix)) == 0 && strcmp(tag + strlen(prefix), known[i]) == 0)
			return 0;
	return fail_at(r, event->start_mark, "write the value itself", "a tag that means something to one reader only");
}

static int keep_anchor(struct reader *r, const yaml_event_t *event, const char *name, const struct node *node)
{
	char *copy;

	if (!name)
		return 0;
	copy = arena_strndup(r->arena, name, strlen(name));
	if (!copy || r->n_anchors == ANCHORS_MAX)
		return fail_at(r, event->start_mark, NULL, "more anchors than are handled");
	r->anchors[r->n_anchors++] = (struct anchor){ copy, node };
	return 0;
}

static const struct node *alias(struct reader *r, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (size_t i = r->n_anchors; i-- > 0;)
		if (strcmp(r->anchors[i].name, name) == 0) {
			r->total += r->anchors[i].node->weight;
			if (r->total <= YAML_NODES_MAX)
				return r->anchors[i].node;
			(void)fail_at(r, event->start_mark, "write it out", "the aliases of this file expand to more than is handled");
			return NULL;
		}
	(void)fail_at(r, event->start_mark, NULL, "there is no such anchor above");
	return NULL;
}

static const struct node *scalar(struct reader *r, const yaml_event_t *event)
{
	size_t len = event->data.scalar.length;
	struct node *n = new_node(r, event, NODE_SCALAR);

	if (!n)
		return NULL;
	if (memchr(event->data.scalar.value, 0, len)) {
		(void)fail_at(r, event->start_mark, NULL, "NUL in a text");
		return NULL;
	}
	n->text = arena_strndup(r->arena, (const char *)event->data.scalar.value, len);
	n->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return n->text ? n : ((void)no_memory(r), NULL);
}

static int append(struct reader *r, struct list *l, const struct node *key, const struct node *value)
{
	struct node_entry *e = arena_alloc(r->arena, sizeof(*e));

	if (!e)
		return no_memory(r);
	*e = (struct node_entry){ key, value, NULL };
	if (l->last)
		l->last->next = e;
	else
		l->node->entries = e;
	l->last = e;
	l->node->n++;
	l->node->weight += value->weight + (key ? 1 : 0);
	return 0;
}

const struct node *node_get(const struct node *mapping, const char *key)
{
	if (mapping && mapping->kind == NODE_MAPPING)
		for (const struct node_entry *e = mapping->entries; e; e = e->next)
			if (strcmp(e->key->text, key) == 0)
				return e->value;
	return NULL;
}

/* What "<<" brings in: keys that the mapping has not. */
static int merge(struct reader *r, struct list *l, const struct node *from, yaml_mark_t at)
{
	if (from->kind == NODE_SEQUENCE) {
		for (const struct node_entry *e = from->entries; e; e = e->next)
			if (e->value->kind != NODE_MAPPING || merge(r, l, e->value, at) < 0)
				return r->e->kind ? -1 : fail_at(r, at, NULL, "\"<<\" wants a mapping, or a list of them");
		return 0;
	}
	if (from->kind != NODE_MAPPING)
		return fail_at(r, at, NULL, "\"<<\" wants a mapping, or a list of them");
	for (const struct node_entry *e = from->entries; e; e = e->next)
		if (!node_get(l->node, e->key->text) && append(r, l, e->key, e->value) < 0)
			return -1;
	return 0;
}

static const struct node *node(struct reader *r, yaml_event_t *event, unsigned depth);

/* The next value of a collection; *ret is NULL at its end. */
static int member(struct reader *r, unsigned depth, yaml_event_type_t end, const struct node **ret, yaml_mark_t *at)
{
	_auto(yaml_event_delete) yaml_event_t event = { 0 };

	*ret = NULL;
	if (next(r, &event) < 0)
		return -1;
	*at = event.start_mark;
	if (event.type == end)
		return 0;
	*ret = node(r, &event, depth);
	return *ret ? 0 : -1;
}

static int fill_sequence(struct reader *r, struct list *l, unsigned depth)
{
	const struct node *value;
	yaml_mark_t at;
	int r2;

	while ((r2 = member(r, depth, YAML_SEQUENCE_END_EVENT, &value, &at)) == 0 && value)
		if (append(r, l, NULL, value) < 0)
			return -1;
	return r2;
}

static int fill_mapping(struct reader *r, struct list *l, unsigned depth)
{
	const struct node *key, *value, *merged[8];
	yaml_mark_t at, where;
	size_t n = 0;

	for (;;) {
		if (member(r, depth, YAML_MAPPING_END_EVENT, &key, &at) < 0)
			return -1;
		if (!key)
			break;
		if (key->kind != NODE_SCALAR)
			return fail_at(r, at, NULL, "a key is a word");
		if (member(r, depth, YAML_NO_EVENT, &value, &where) < 0)
			return -1;
		if (strcmp(key->text, "<<") == 0 && key->plain) {
			if (n == COUNT(merged))
				return fail_at(r, at, "give \"<<\" a list", "more merges than are handled");
			merged[n++] = value;
		} else if (node_get(l->node, key->text)) {
			return fail_at(r, at, "keep one", "the key is there twice: readers differ on which counts");
		} else if (append(r, l, key, value) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (merge(r, l, merged[i], at) < 0)
			return -1;
	return 0;
}

static const struct node *collection(struct reader *r, const yaml_event_t *event, enum node_kind kind, unsigned depth)
{
	struct list l = { .node = new_node(r, event, kind) };

	if (!l.node)
		return NULL;
	if (depth == YAML_DEPTH_MAX) {
		(void)fail_at(r, event->start_mark, NULL, "nested deeper than is handled");
		return NULL;
	}
	return (kind == NODE_SEQUENCE ? fill_sequence : fill_mapping)(r, &l, depth + 1) < 0 ? NULL : l.node;
}

static const struct node *node(struct reader *r, yaml_event_t *event, unsigned depth)
{
	const char *anchor = NULL, *tag = NULL;
	const struct node *n;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return alias(r, event);
	case YAML_SCALAR_EVENT:
		anchor = (const char *)event->data.scalar.anchor;
		tag = (const char *)event->data.scalar.tag;
		n = scalar(r, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = (const char *)event->data.sequence_start.anchor;
		tag = (const char *)event->data.sequence_start.tag;
		n = collection(r, event, NODE_SEQUENCE, depth);
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = (const char *)event->data.mapping_start.anchor;
		tag = (const char *)event->data.mapping_start.tag;
		n = collection(r, event, NODE_MAPPING, depth);
		break;
	default:
		(void)fail_at(r, event->start_mark, NULL, "nothing where a value should be");
		return NULL;
	}
	if (!n || check_tag(r, event, tag) < 0 || keep_anchor(r, event, anchor, n) < 0)
		return NULL;
	return n;
}

/* STREAM-START DOCUMENT-START node DOCUMENT-END STREAM-END */
static int document(struct reader *r, const struct node **ret)
{
	static const yaml_event_type_t order[] = { YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT, YAML_NO_EVENT,
						   YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT };

	for (size_t i = 0; i < COUNT(order); i++) {
		_auto(yaml_event_delete) yaml_event_t event = { 0 };

		if (next(r, &event) < 0)
			return -1;
		if (order[i] == YAML_NO_EVENT)
			*ret = node(r, &event, 0);
		else if (event.type != order[i])
			return fail_at(r, event.start_mark, "one document in a file",
				       event.type == YAML_STREAM_END_EVENT ? "an empty document" : "a second document");
		if (!*ret && order[i] == YAML_NO_EVENT)
			return -1;
	}
	return 0;
}

int yaml_read(const char *text, size_t len, struct arena *arena, const struct node **ret, struct err *e)
{
	yaml_parser_t parser;
	struct reader r = { .parser = &parser, .arena = arena, .e = e };
	int result;

	*ret = NULL;
	if (!yaml_parser_initialize(&parser))
		return err_set(e, ERR_HOST, ENOMEM, NULL, "cannot read YAML");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	result = document(&r, ret);
	yaml_parser_delete(&parser);
	return result;
}

bool node_is_null(const struct node *n)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (!n)
		return true;
	for (size_t i = 0; n->kind == NODE_SCALAR && n->plain && i < COUNT(words); i++)
		if (strcmp(n->text, words[i]) == 0)
			return true;
	return false;
}
