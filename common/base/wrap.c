#include "common/base/wrap.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r\n"

void wrap_within(FILE *to, int columns, int column, int indent, const char *text)
{
	const char *word = text ? text + strspn(text, BLANKS) : "";

	for (bool first = true; *word; first = false) {
		int len = (int)strcspn(word, BLANKS);

		if (column > indent && column + 1 + len > columns)
			column = fprintf(to, "\n%*s", indent, "") - 1;
		else if (column > indent && !first)
			column += fprintf(to, " ");
		column += fprintf(to, "%.*s", len, word);
		word += len;
		word += strspn(word, BLANKS);
	}
	fputc('\n', to);
}

void wrap_words(FILE *to, int column, int indent, const char *text)
{
	wrap_within(to, WRAP_COLUMNS, column, indent, text);
}

void wrap_begin(struct wrap *w, FILE *to, int indent)
{
	*w = (struct wrap){ to, indent, indent };
}

void wrap_text(struct wrap *w, const char *text)
{
	int len;

	text = text ? text : "";
	len = (int)strlen(text);
	if (w->column > w->indent && w->column + 2 + len > WRAP_COLUMNS)
		w->column = fprintf(w->to, "\n%*s", w->indent, "") - 1;
	else if (w->column > w->indent)
		w->column += fprintf(w->to, "  ");
	w->column += fprintf(w->to, "%s", text);
}
