#include "bench/text/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/wrap.h"

#define COLUMNS 78

void *text_checked(void *p)
{
	if (!p) {
		fputs("twstorm lab: out of memory\n", stderr);
		exit(EXIT_CANNOT_RUN);
	}
	return p;
}

char *text_dup(const char *s)
{
	return text_checked(strdup(s));
}

static char *text_vprintf(const char *fmt, va_list ap)
	__attribute__((format(printf, 1, 0)));

static char *text_vprintf(const char *fmt, va_list ap)
{
	char *out = NULL;
	int n = vasprintf(&out, fmt, ap);

	return text_checked(n == -1 ? NULL : out);
}

char *text_printf(const char *fmt, ...)
{
	char *out;
	va_list ap;

	va_start(ap, fmt);
	out = text_vprintf(fmt, ap);
	va_end(ap);
	return out;
}

bool text_is_name(const char *s)
{
	if (!isalnum((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '_')
			return false;
	return true;
}

void words_add(struct words *w, char *owned)
{
	w->at = text_checked(realloc(w->at, (w->n + 2) * sizeof(*w->at)));
	w->at[w->n++] = owned;
	w->at[w->n] = NULL;
}

void words_copy(struct words *w, const struct words *from, size_t skipped)
{
	for (size_t i = skipped; i < from->n; i++)
		words_add(w, text_dup(from->at[i]));
}

void words_done(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->at[i]);
	free(w->at);
	*w = (struct words){ 0 };
}

char *words_join(const struct words *w, const char *between)
{
	char *all = text_dup(w->n ? w->at[0] : "");

	for (size_t i = 1; i < w->n; i++) {
		char *longer = text_printf("%s%s%s", all, between, w->at[i]);

		free(all);
		all = longer;
	}
	return all;
}

/* Copies one word to `to` and returns what follows it, or NULL for an open quote. */
static const char *take_word(const char *from, char *to)
{
	char quote = 0;

	for (; *from && (quote || !isspace((unsigned char)*from)); from++) {
		if (quote ? *from == quote : *from == '\'' || *from == '"')
			quote = quote ? 0 : *from;
		else
			*to++ = *from;
	}
	*to = '\0';
	return quote ? NULL : from;
}

int words_split(struct words *w, const char *line, struct err *err)
{
	char *word = text_checked(malloc(strlen(line) + 1));

	while (line) {
		line += strspn(line, " \t\r\n\v\f");
		if (!*line)
			break;
		line = take_word(line, word);
		if (line)
			words_add(w, text_dup(word));
	}
	free(word);
	return line ? 0 : err_usage(err, "a quote is not closed");
}

char *text_quote(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:,=+@%[]";
	char *out, *p;

	if (*word && word[strspn(word, plain)] == '\0')
		return text_dup(word);
	out = p = text_checked(malloc(strlen(word) * 4 + 3));
	*p++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = *word;
	}
	stpcpy(p, "'");
	return out;
}

void text_command(FILE *out, const char *prompt, char *const *argv)
{
	size_t column = strlen(prompt);
	const size_t indent = 6; /* of the lines after the first */

	fputs(prompt, out);
	for (size_t i = 0; argv[i]; i++) {
		char *word = text_quote(argv[i]);
		size_t len = strlen(word);
		/* An option stays with its value where that fits. */
		size_t pair = argv[i][0] == '-' && argv[i + 1] && argv[i + 1][0] != '-'
				      ? strlen(argv[i + 1]) + 3
				      : 0;

		if (i && column > indent && column + 1 + len + pair > COLUMNS - 2) {
			fprintf(out, " \\\n%*s", (int)indent, "");
			column = indent;
		} else if (i) {
			fputc(' ', out);
			column++;
		}
		fputs(word, out);
		column += len;
		free(word);
	}
	fputc('\n', out);
}

void text_wrap(FILE *out, unsigned indent, const char *sentence)
{
	if (sentence[strspn(sentence, " \t\r\n")]) {
		fprintf(out, "%*s", (int)indent, "");
		wrap_within(out, COLUMNS, (int)indent, (int)indent, sentence);
	}
}

void text_say(FILE *out, unsigned indent, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = text_vprintf(fmt, ap);
	va_end(ap);
	text_wrap(out, indent, text);
	free(text);
}
