#include "common/base/wrap.h"

#include <string.h>

void wrap_words(FILE *to, int column, int indent, const char *text)
{
	const char *word = text ? text : "";

	while (*word) {
		int len = (int)strcspn(word, " ");

		if (column > indent && column + 1 + len > WRAP_COLUMNS)
			column = fprintf(to, "\n%*s", indent, "") - 1;
		else if (column > indent && word > text)
			column += fprintf(to, " ");
		column += fprintf(to, "%.*s", len, word);
		word += len;
		word += strspn(word, " ");
	}
	fputc('\n', to);
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
