#include "common/cli/colour.h"

#include <stdlib.h>
#include <unistd.h>

bool colour_wanted(FILE *to)
{
	const char *no_color = getenv("NO_COLOR");
	/* Neither has a descriptor of its own (streams.h), nor has what is only memory. */
	int fd = to == stdout ? STDOUT_FILENO : to == stderr ? STDERR_FILENO : fileno(to);

	return fd >= 0 && isatty(fd) && !(no_color && *no_color);
}

const char *colour(bool wanted, const char *is)
{
	return wanted ? is : "";
}

void colour_word(FILE *to, const char *is, const char *word)
{
	bool wanted = is && colour_wanted(to);

	fprintf(to, "%s%s%s", colour(wanted, is), word, colour(wanted, COLOUR_PLAIN));
}
