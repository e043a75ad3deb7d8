#include "common/result/figure.h"

#include <stdarg.h>
#include <string.h>

#include "common/base/wrap.h"
#include "common/result/result.h"

uint64_t figure_count(const json_t *doc, const char *path)
{
	return (uint64_t)json_integer_value(result_at(doc, path));
}

double figure_real(const json_t *doc, const char *path)
{
	return json_number_value(result_at(doc, path));
}

bool figure_known(const json_t *doc, const char *path)
{
	const json_t *v = result_at(doc, path);

	return v && !json_is_null(v);
}

bool figure_is(const json_t *doc, const char *path, const char *text)
{
	const char *is = json_string_value(result_at(doc, path));

	return is && strcmp(is, text) == 0;
}

void figure_say(FILE *to, const char *label, const char *fmt, ...)
{
	int column = label ? fprintf(to, FIGURE_LABEL, label) : 0;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wrap_words(to, column, column, text);
}
