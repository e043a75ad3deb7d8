#include "common/cli/opt_type.h"

#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/utf8.h"

static int parse_percent(const char *text, double *out, struct err *err)
{
	char *end;
	double v = strtod(text, &end);

	/* No blanks, signs, hexadecimal, "inf" or "nan". */
	if (text[0] < '0' || text[0] > '9' ||
	    strspn(text, "0123456789.") != strlen(text) - 1 || strcmp(end, "%") != 0 ||
	    !(v > 0 && v <= 100))
		return err_usage(
			err, "'%.60s' is no percentage over 0 and up to 100, as in 1%%",
			text);
	*out = v;
	return 0;
}

static int add_text(const char *text, struct opt_texts *texts, struct err *err)
{
	const char **at = reallocarray(texts->at, texts->n + 1, sizeof(*at));

	if (!at)
		return err_sys(err, "'%.60s'", text);
	texts->at = at;
	texts->at[texts->n++] = text;
	return 0;
}

static int parse_choice(const char *text, const char *const *names, int *out,
			struct err *err)
{
	char list[200] = "";
	size_t len;
	int i;

	for (i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return 0;
		}
	for (i = 0; names[i]; i++) {
		len = strlen(list);
		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", names[i]);
	}
	return err_usage(err, "'%.60s' is not one of %s", text, list);
}

int opt_value_parse(enum opt_type type, const char *text, void *field, const void *arg,
		    struct err *err)
{
	switch (type) {
	case OPT_COUNT:
		return units_parse_count(text, field, err);
	case OPT_SIZE:
		return units_parse_size(text, field, err);
	case OPT_DURATION:
		return units_parse_duration(text, field, err);
	case OPT_RATE:
		return units_parse_rate(text, field, err);
	case OPT_PERCENT:
		return parse_percent(text, field, err);
	case OPT_TEXTS:
		return add_text(text, field, err);
	case OPT_CHOICE:
		return parse_choice(text, arg, field, err);
	case OPT_TEXT:
		*(const char **)field = text;
		return 0;
	case OPT_FLAG: /* without a text by the command line; a default may be "no" */
		*(bool *)field = !text || strcmp(text, "no") != 0;
		return 0;
	}
	return -EINVAL;
}

static json_t *number(uint64_t n)
{
	return n > INT64_MAX ? json_real((double)n) : json_integer((json_int_t)n);
}

static json_t *list(const struct opt_texts *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->n; i++)
		json_array_append_new(array, utf8_json(texts->at[i]));
	return array;
}

json_t *opt_value_dump(enum opt_type type, const void *field, const void *arg)
{
	switch (type) {
	case OPT_COUNT:
	case OPT_SIZE:
		return number(*(const uint64_t *)field);
	case OPT_DURATION:
		return json_real((double)*(const uint64_t *)field / NS_PER_S);
	case OPT_RATE:
		return utf8_json(((const struct rate *)field)->typed);
	case OPT_PERCENT:
		return json_real(*(const double *)field);
	case OPT_TEXT:
		return utf8_json(*(const char *const *)field);
	case OPT_TEXTS:
		return list(field);
	case OPT_FLAG:
		return json_boolean(*(const bool *)field);
	case OPT_CHOICE:
		return json_string(((const char *const *)arg)[*(const int *)field]);
	}
	return NULL;
}
