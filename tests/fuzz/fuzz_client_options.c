/* A client's command line, one word a line. */
#include <stdio.h>

#include "client/options.h"
#include "tests/fuzz/fuzz.h"

#define WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *word, name[] = "client";
	char *argv[WORDS + 1] = { name };
	struct client_options o = { 0 };
	struct opt_result parsed;
	struct err err = { 0 };
	int argc = 1;

	if (!text)
		return 0;
	if (!freopen("/dev/null", "w", stdout)) /* --help */
		abort();
	while (argc < WORDS && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	if (opt_parse(&client_command, argc, argv, &o, &parsed, &err) < 0 && !err.text[0])
		abort();
	opt_done(&client_command, &o);
	free(text);
	return 0;
}
