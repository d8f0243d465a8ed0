/* subject.c - the one word behind a verb's options: which container the command line is about. */
#include "container.h"
#include "runtime.h"

int the_id(int argc, char **argv, const char **ret, struct err *e)
{
	if (argc != 1)
		return err_set(e, ERR_USAGE, 0, "one container at a time", argc ? "what is '%.64s'?" : "which container?", argc ? argv[1] : "");
	*ret = argv[0];
	return 0;
}

int the_container(const struct runtime *rt, int argc, char **argv, bool lock, struct oci_container *c, struct err *e)
{
	char root[4096];
	const char *id;

	if (the_id(argc, argv, &id, e) < 0 || oci_container_root(rt->root, root, e) < 0)
		return -1;
	return oci_container_open(c, root, id, lock, e);
}
