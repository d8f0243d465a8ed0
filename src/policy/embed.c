/* embed.c - runs while the project is built: FILE.json ... to C strings on stdout, so that the shipped floors are in the
 * program and `--floor restricted` means the same on every machine. */
#include <stdio.h>
#include <string.h>

static int embed(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	FILE *in = fopen(path, "re");
	int c;

	if (!in) {
		perror(path);
		return -1;
	}
	printf("\t{ \"%.*s\",\n\t  \"", (int)strcspn(name, "."), name);
	while ((c = getc(in)) != EOF)
		if (c == '\n')
			fputs("\\n\"\n\t  \"", stdout);
		else if (c == '\t')
			fputs("\\t", stdout);
		else
			printf(c == '"' || c == '\\' ? "\\%c" : "%c", c);
	puts("\" },");
	return fclose(in);
}

int main(int argc, char **argv)
{
	puts("/* Made by src/policy/embed.c. */\n#include \"src/policy/floor.h\"\n\nconst struct floor_shipped floors_shipped[] = {");
	for (int i = 1; i < argc; i++)
		if (embed(argv[i]) != 0)
			return 1;
	puts("\t{ NULL, NULL },\n};");
	return 0;
}
