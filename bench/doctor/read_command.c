/* read_command - command lines: behind whatever prompt, they say what the lines below them are. */
#include <ctype.h>
#include <string.h>
#include "bench/doctor/reading.h"

static const struct {
	const char *name;
	enum doctor_tool tool;
} tools[] = {
	{ "ss", TOOL_SS },
	{ "netstat", TOOL_NETSTAT },
	{ "cat", TOOL_OTHER },
	{ "sysctl", TOOL_OTHER },
	{ "nstat", TOOL_OTHER },
	{ "conntrack", TOOL_OTHER },
	{ "lsof", TOOL_OTHER },
	{ "ulimit", TOOL_OTHER },
	{ "dmesg", TOOL_OTHER },
	{ "grep", TOOL_OTHER },
	{ "ps", TOOL_OTHER },
	{ "head", TOOL_OTHER },
	{ "journalctl", TOOL_OTHER },
};

/* "user@host:~$" and "shell>netstat" end in the command's name or are in front of it. */
static const char *without_prompt(const char *word)
{
	const char *at = word + strlen(word);

	while (at > word && !strchr("#$>%", at[-1]))
		at--;
	return at;
}

static const char *base_name(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

static enum doctor_tool tool_of(const char *word)
{
	const char *name = base_name(without_prompt(word));

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(tools[i].name, name) == 0)
			return tools[i].tool;
	return TOOL_NONE;
}

/* Does the word end as a prompt does? */
static bool is_prompt(const char *word)
{
	size_t len = strlen(word);

	return len && (strchr("#$>%~", word[len - 1]) ||
		       strncmp(word, "\xe2\x9e\x9c", 3) == 0 || word[len - 1] == ']');
}

/* The word of the tool; words before it are a prompt, sudo, a path. */
static bool find_tool(const struct line *l, unsigned *at, enum doctor_tool *tool)
{
	for (unsigned i = 0; i < l->n && i < 5; i++) {
		bool fits = i == 0 || is_prompt(l->word[i - 1]) ||
			    strcmp(l->word[i - 1], "sudo") == 0 ||
			    strcmp(l->word[i - 1], "=====") == 0;

		*tool = fits ? tool_of(l->word[i]) : TOOL_NONE;
		*at = i;
		if (*tool)
			return true;
	}
	return false;
}

/* In plain text these words are sentences: "netstat shows", "cat is". */
static bool looks_typed(const struct line *l, unsigned at)
{
	const char *next = at + 1 < l->n ? l->word[at + 1] : "-";

	return at > 0 || *next == '-' || *next == '/' || *next == '|' || *next == '>' ||
	       without_prompt(l->word[0]) != l->word[0] || l->n == 1 ||
	       strchr(l->text, '|');
}

static void read_options(struct command_line *c, const char *word)
{
	bool long_one = word[1] == '-';

	c->all = c->all || strcmp(word, "--all") == 0 ||
		 (!long_one && strchr(word, 'a') != NULL);
	c->is_limit =
		c->is_limit || (!long_one && strchr(word, 'n') && c->tool == TOOL_OTHER);
}

static unsigned state_by_any_name(const char *word)
{
	char name[24];
	size_t n = strspn(
		word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789");

	if (!n || n >= sizeof(name))
		return 0;
	memcpy(name, word, n);
	name[n] = '\0';
	return tcp_state_by_name(name);
}

/* grep '127.0.0.6:[0-9]+': the address that is counted. */
static void read_grep(struct command_line *c, const char *word)
{
	struct endpoint e;
	char text[ENDPOINT_TEXT];
	size_t n;

	word += strspn(word, "'\"^");
	n = strspn(word, "0123456789.");
	if (n < 7 || n >= sizeof(text) || (word[n] && !strchr(":\\'\"[", word[n])))
		return;
	memcpy(text, word, n);
	text[n] = '\0';
	if (endpoint_read_host(text, &e))
		memcpy(c->address, text, n + 1);
}

/* /proc/sys/net/ipv4/tcp_mem as net.ipv4.tcp_mem */
static void read_path(struct command_line *c, const char *word)
{
	size_t len;

	if (strncmp(word, "/proc/sys/", 10) != 0)
		return;
	len = strlen(word + 10);
	if (len >= sizeof(c->sysctl))
		return;
	memcpy(c->sysctl, word + 10, len + 1);
	for (char *at = c->sysctl; *at; at++)
		*at = *at == '/' ? '.' : *at;
}

static void read_words(struct command_line *c, const struct line *l, unsigned at)
{
	bool piped = false;

	for (unsigned i = at + 1; i < l->n; i++) {
		const char *w = l->word[i], *before = l->word[i - 1];
		unsigned state = state_by_any_name(w + strspn(w, "'\"|"));

		piped = piped || *w == '|';
		if (!piped && *w == '-')
			read_options(c, w);
		if (!piped && strcmp(before, "state") == 0 && c->tool == TOOL_SS) {
			c->state = state;
			c->all = true;
		}
		read_path(c, w);
		if (!piped)
			continue;
		c->filtered = c->filtered || strstr(w, "grep") ||
			      strcmp(w, "head") == 0 || strcmp(w, "tail") == 0;
		c->counts = c->counts || strcmp(w, "wc") == 0 || strcmp(w, "uniq") == 0 ||
			    strstr(w, "awk") != NULL;
		read_grep(c, w);
		if (state)
			c->state = state;
	}
	c->one_file = *c->sysctl != '\0';
}

/* The same list a second time: a later look, whose sockets are not added to the first. */
static void begin_list(struct reading *r, const struct line *l, unsigned at)
{
	const char *text = line_from(l, at);
	size_t len = strlen(text);

	len = len < sizeof(r->list_command) - 1 ? len : sizeof(r->list_command) - 1;
	if (r->sockets_listed && strncmp(r->list_command, text, len + 1) == 0) {
		noted_clear(&r->seen);
		r->newest = NULL;
		r->sockets_listed = 0;
	}
	memcpy(r->list_command, text, len);
	r->list_command[len] = '\0';
}

bool read_command(struct reading *r, const struct line *l, bool last)
{
	struct command_line c = { 0 };
	unsigned at;

	(void)last;
	if (!find_tool(l, &at, &c.tool) || !looks_typed(l, at))
		return false;
	read_words(&c, l, at);
	c.is_limit = c.is_limit && strstr(l->word[at], "ulimit");
	if (c.tool == TOOL_SS || c.tool == TOOL_NETSTAT) {
		if (!c.counts) {
			begin_list(r, l, at);
			r->whole_lists++;
			r->any_all = r->any_all || (c.all && !c.filtered && !c.state);
			r->filtered = r->filtered || c.filtered || c.state;
		}
		r->linux_seen = r->linux_seen || c.tool == TOOL_SS;
	} else {
		r->linux_seen = r->linux_seen || *c.sysctl;
	}
	r->command = c;
	r->block++;
	return true;
}

/* ---- a number alone: what a pipeline counted, or the value of one file */

bool read_number(struct reading *r, const struct line *l, bool last)
{
	const struct command_line *c = &r->command;
	uint64_t n;

	(void)last;
	if (l->n != 1 || !word_number(l->word[0], &n))
		return false;
	if (c->is_limit) {
		r->open_files = maybe_of(n);
		return true;
	}
	if (!c->counts || (c->tool != TOOL_SS && c->tool != TOOL_NETSTAT))
		return false;
	if (c->state) {
		r->counted[c->state] = maybe_of(n);
	} else if (*c->address) {
		r->from_address = maybe_of(n);
		memcpy(r->from_text, c->address, sizeof(r->from_text));
	}
	return true;
}
