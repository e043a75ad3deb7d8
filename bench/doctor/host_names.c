#include "bench/doctor/host_names.h"

#include <ctype.h>
#include <string.h>

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static const char *word(const struct line *l, unsigned i)
{
	return i < l->n ? l->word[i] : "";
}

static bool is_time(const char *text)
{
	return strchr(text, ':') && isdigit((unsigned char)*text) &&
	       strspn(text, "0123456789:.,") == strlen(text);
}

/* "2026-11-30", "2026-11-30T10:11:12.123+00:00" */
static bool is_date(const char *text)
{
	for (const char *as = "0000-00-00"; *as; as++, text++)
		if (*as == '0' ? !isdigit((unsigned char)*text) : *text != *as)
			return false;
	return true;
}

static bool is_month(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *at = strlen(text) == 3 ? strstr(months, text) : NULL;

	return at && (at - months) % 3 == 0;
}

/* The first word behind the time of a log line; `program:` comes after a host. */
static size_t of_log(const struct line *l, const char **name)
{
	unsigned at = 0;
	size_t len;

	if (is_month(word(l, 0)) && is_time(word(l, 2)))
		at = 3;
	else if (is_date(word(l, 0)))
		at = word(l, 0)[10] == 'T' ? 1 : is_time(word(l, 1)) ? 2 : 0;
	len = strlen(word(l, at + 1));
	*name = word(l, at);
	return at && len && word(l, at + 1)[len - 1] == ':' ? strlen(*name) : 0;
}

static size_t of_uname(const struct line *l, const char **name)
{
	for (unsigned i = 0; i + 2 < l->n; i++)
		if (strcmp(l->word[i], "Linux") == 0 &&
		    !isdigit((unsigned char)*l->word[i + 1]) &&
		    strcmp(l->word[i + 1], "version") != 0 &&
		    isdigit((unsigned char)*l->word[i + 2])) {
			*name = l->word[i + 1];
			return strlen(*name);
		}
	return 0;
}

/* "web7:~#", "web7:/etc$", "web7#"; "bash-5.1$" and "sh-4.2#" are the shell's own. */
static size_t of_prompt(const struct line *l, const char **name)
{
	const char *first = word(l, 0);
	size_t len = strlen(first), n = strspn(first, NAME_BYTES);
	bool is_end = len && (first[len - 1] == '#' || first[len - 1] == '$');

	*name = first;
	if (!is_end || strncmp(first, "bash-", 5) == 0 || strncmp(first, "sh-", 3) == 0)
		return 0;
	return n == len - 1 || (first[n] == ':' && strchr("~/", first[n + 1])) ? n : 0;
}

size_t host_named(const struct line *l, const char **name)
{
	size_t n = of_log(l, name);

	if (!n)
		n = of_uname(l, name);
	if (!n)
		n = of_prompt(l, name);
	for (size_t i = 0; i < n; i++)
		if (isalpha((unsigned char)(*name)[i]))
			return n > 1 && n <= strspn(*name, NAME_BYTES) ? n : 0;
	return 0;
}
