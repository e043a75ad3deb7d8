#include "bench/doctor/command_line.h"

#include <string.h>
#include "bench/doctor/any_state.h"

#define WORD 128 /* longer words are cut: none of those that are known is as long */

/* ---- words, with pipes between commands */

enum token { END, PIPE, WORD_READ };

/* ' " ` and the typographic quotes that a web page makes of them: how many bytes; 0 = none. */
static size_t quote_at(const char *at)
{
	if (*at == '\'' || *at == '"' || *at == '`')
		return 1;
	return strncmp(at, "\xe2\x80\x98", 3) == 0 ||
			       strncmp(at, "\xe2\x80\x99", 3) == 0 ||
			       strncmp(at, "\xe2\x80\x9c", 3) == 0 ||
			       strncmp(at, "\xe2\x80\x9d", 3) == 0
		       ? 3
		       : 0;
}

/* A word without its quotes.  Inside of quotes blanks and pipes belong to it. */
static enum token next_token(const char **text, char word[WORD])
{
	const char *at = *text + strspn(*text, " \t");
	bool quoted = false;
	size_t n = 0;

	while (*at && (quoted || !strchr(" \t|;&><", *at))) {
		size_t quote = quote_at(at);

		if (quote)
			quoted = !quoted;
		else if (n < WORD - 1)
			word[n++] = *at;
		at += quote ? quote : 1;
	}
	word[n] = '\0';
	*text = at;
	if (n)
		return WORD_READ;
	*text += *at == '|';
	return *at == '|' ? PIPE : END;
}

static const char *base_name(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

/* ---- the tool's own words */

struct asked {
	struct command_line *c;
	char before[WORD]; /* the word before this one */
	unsigned states, files;
	bool tcp, not_tcp, value_alone;
};

/* "TIME_WAIT", "^ESTAB$": the state that the word alone names; 0 = none. */
static unsigned state_in(const char *word)
{
	char name[24];
	size_t n;

	word += strspn(word, "^ ");
	n = strcspn(word, "$ ");
	if (!n || n >= sizeof(name))
		return 0;
	memcpy(name, word, n);
	name[n] = '\0';
	return word[n + strspn(word + n, "$ ")] ? 0 : any_state(name, NULL);
}

static void read_letters(struct asked *a, const char *letters)
{
	struct command_line *c = a->c;
	bool sockets = c->tool == TOOL_SS || c->tool == TOOL_NETSTAT;

	c->all = c->all || strchr(letters, 'a');
	if (sockets) {
		c->listeners = c->listeners || strchr(letters, 'l');
		c->owners = c->owners || strchr(letters, 'p');
		c->part = c->part || strpbrk(letters, "46");
		a->tcp = a->tcp || strchr(letters, 't');
		a->not_tcp = a->not_tcp || strpbrk(letters, "uwxdS0");
		if (strchr(letters, 'H'))
			c->header = false;
	}
	c->is_limit = c->is_limit || (c->tool == TOOL_ULIMIT && strchr(letters, 'n'));
	c->is_count = c->is_count || (c->tool == TOOL_CONNTRACK && strchr(letters, 'C'));
	a->value_alone = a->value_alone || strchr(letters, 'n');
}

static void read_long(struct asked *a, const char *name)
{
	struct command_line *c = a->c;

	c->all = c->all || strcmp(name, "all") == 0;
	c->owners = c->owners || strncmp(name, "process", 7) == 0 ||
		    strncmp(name, "program", 7) == 0;
	c->part = c->part || strcmp(name, "ipv4") == 0 || strcmp(name, "ipv6") == 0;
	a->tcp = a->tcp || strcmp(name, "tcp") == 0;
	a->not_tcp = a->not_tcp || strcmp(name, "udp") == 0 || strcmp(name, "unix") == 0;
	if (strcmp(name, "no-header") == 0)
		c->header = false;
}

/* The word of an ss that is no option: "state X", or an expression of ends. */
static void read_filter(struct asked *a, const char *word)
{
	struct command_line *c = a->c;
	bool argument = a->before[0] == '-' && a->before[1] != '-' &&
			strchr("ANFDf", a->before[strlen(a->before) - 1]);

	if (argument || strcmp(word, "state") == 0)
		return;
	if (strcmp(a->before, "state") == 0) {
		c->all = true;
		if (strcmp(word, "all") == 0)
			return;
		c->state = a->states++ ? 0 : any_state(word, NULL);
		c->part = c->part || !c->state;
		return;
	}
	c->part = true;
}

static void read_own_word(struct asked *a, const char *word)
{
	struct command_line *c = a->c;
	char name[sizeof(c->sysctl)];

	if (word[0] == '-' && word[1] == '-')
		read_long(a, word + 2);
	else if (word[0] == '-')
		read_letters(a, word + 1);
	else if (c->tool == TOOL_SS)
		read_filter(a, word);
	else if (c->tool == TOOL_CAT && a->files++ == 0 &&
		 command_line_sysctl(word, name, sizeof(name)))
		memcpy(c->sysctl, name, sizeof(name));
	else if (c->tool == TOOL_SYSCTL && a->files++ == 0 && strlen(word) < sizeof(name))
		memcpy(c->sysctl, word, strlen(word) + 1);
	if (a->files > 1)
		*c->sysctl = '\0';
	memcpy(a->before, word, sizeof(a->before));
}

/* ---- what it is piped into */

/* grep '127.0.0.6:[0-9]+': the address that is counted. */
static void read_address(struct command_line *c, const char *word)
{
	struct endpoint e;
	char text[ENDPOINT_TEXT];
	size_t n;

	word += strspn(word, "^");
	n = strspn(word, "0123456789.");
	if (n < 7 || n >= sizeof(text) || (word[n] && !strchr(":\\[", word[n])))
		return;
	memcpy(text, word, n);
	text[n] = '\0';
	if (endpoint_read_host(text, &e))
		memcpy(c->address, text, n + 1);
}

struct piped {
	char name[WORD];
	bool inverted; /* grep -v */
};

/* "^tcp" leaves every row over. */
static bool leaves_all(const char *pattern)
{
	return strcmp(pattern + (*pattern == '^'), "tcp") == 0;
}

/* A grep for a state: the lines are those of that state.  Any other leaves a part over. */
static void read_pattern(struct command_line *c, const struct piped *p, const char *word)
{
	unsigned state = p->inverted ? 0 : state_in(word);

	read_address(c, word);
	if (leaves_all(word) && !p->inverted)
		return;
	if (state && !c->state)
		c->state = state;
	else
		c->filtered = true;
}

static void read_piped_word(struct command_line *c, struct piped *p, const char *word)
{
	bool grep = strstr(p->name, "grep") != NULL;

	if (grep && *word == '-') {
		p->inverted = p->inverted || strchr(word, 'v');
		c->counts = c->counts || (word[1] != '-' && strchr(word, 'c'));
	} else if (grep) {
		read_pattern(c, p, word);
	} else if (strcmp(p->name, "tail") == 0 && *word == '+') {
		c->header = false;
	} else if (strcmp(p->name, "tail") == 0 && strcmp(word, "-n") != 0) {
		c->filtered = true;
	}
}

/* The name of a program that lines are piped into. */
static void read_piped_name(struct command_line *c, struct piped *p, const char *word)
{
	static const char *const harmless[] = { "sort", "column", "less", "more", "cat",
						"tee",  "nl",     "tail", "cut",  "tr",
						"sed",  "xargs",  "sudo", NULL };
	const char *name = base_name(word);
	bool known = strstr(name, "grep") != NULL;

	*p = (struct piped){ 0 };
	memcpy(p->name, name, strlen(name) + 1);
	c->header = c->header && !strstr(name, "grep");
	if (strcmp(name, "wc") == 0 || strcmp(name, "uniq") == 0 || strstr(name, "awk") ||
	    strcmp(name, "perl") == 0) {
		c->counts = true;
		return;
	}
	for (unsigned i = 0; harmless[i]; i++)
		known = known || strcmp(name, harmless[i]) == 0;
	c->filtered = c->filtered || !known;
}

void command_line_read(struct command_line *c, enum doctor_tool tool, const char *text)
{
	struct asked a = { .c = c };
	struct piped p = { 0 };
	bool piped = false;
	char word[WORD] = "";
	enum token token;

	memset(c, 0, sizeof(*c));
	c->tool = tool;
	c->header = tool == TOOL_SS;
	next_token(&text, word); /* the tool itself */
	while ((token = next_token(&text, word)) != END) {
		if (token == PIPE) {
			piped = true;
			*p.name = '\0';
		} else if (!piped) {
			read_own_word(&a, word);
		} else if (!*p.name || strcmp(p.name, "sudo") == 0) {
			read_piped_name(c, &p, word);
		} else {
			read_piped_word(c, &p, word);
		}
	}
	c->other = tool == TOOL_SS && a.not_tcp && !a.tcp;
	c->increments = tool == TOOL_NSTAT && !c->all;
	if (tool == TOOL_SYSCTL && !a.value_alone)
		*c->sysctl = '\0';
}

bool command_line_sysctl(const char *path, char *name, size_t size)
{
	size_t len;

	if (strncmp(path, "/proc/sys/", 10) != 0)
		return false;
	len = strlen(path + 10);
	if (!len || len >= size)
		return false;
	memcpy(name, path + 10, len + 1);
	for (char *at = name; *at; at++)
		*at = *at == '/' ? '.' : *at;
	return true;
}
