/* read_command - command lines: behind whatever prompt, they say what the lines below them are, and on
 * which host. */
#include <string.h>
#include "bench/doctor/reading.h"

static const struct {
	const char *name;
	enum doctor_tool tool;
} tools[] = {
	{ "ss", TOOL_SS },
	{ "netstat", TOOL_NETSTAT },
	{ "cat", TOOL_CAT },
	{ "sysctl", TOOL_SYSCTL },
	{ "nstat", TOOL_NSTAT },
	{ "conntrack", TOOL_CONNTRACK },
	{ "ulimit", TOOL_ULIMIT },
	{ "lsof", TOOL_OTHER },
	{ "dmesg", TOOL_OTHER },
	{ "grep", TOOL_OTHER },
	{ "ps", TOOL_OTHER },
	{ "head", TOOL_OTHER },
	{ "journalctl", TOOL_OTHER },
};

/* Programs that run a tool, and whether they run it somewhere else. */
static const struct {
	const char *name;
	bool elsewhere;
} runners[] = { { "sudo", false },     { "watch", false },  { "time", false },
		{ "timeout", false },  { "kubectl", true }, { "oc", true },
		{ "docker", true },    { "podman", true },  { "nerdctl", true },
		{ "crictl", true },    { "lxc", true },     { "ssh", true },
		{ "nsenter", true },   { "ip", true },      { "adb", true },
		{ "machinectl", true } };

/* "user@host:~$" and "shell>netstat" end in the command's name or are in front of it. */
static const char *without_prompt(const char *word)
{
	const char *at = word + strlen(word);

	while (at > word && !strchr("#$>%", at[-1]))
		at--;
	return at + strspn(at, "'\"");
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

/* Does the word end as a prompt does?  Those of many shells are one sign that is no ASCII. */
static bool is_prompt(const char *word)
{
	size_t len = strlen(word);

	return len &&
	       (strchr("#$>%~", word[len - 1]) || word[len - 1] == ']' ||
		strcmp(word, "+") == 0 || ((unsigned char)*word >= 0xc0 && len <= 4));
}

static bool is_runner(const char *word, bool *elsewhere)
{
	const char *name = base_name(without_prompt(word));

	for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++)
		if (strcmp(runners[i].name, name) == 0) {
			*elsewhere = *elsewhere || runners[i].elsewhere;
			return true;
		}
	return false;
}

/* The word of the tool: behind a prompt, or anywhere behind a program that runs it. */
static bool find_tool(const struct line *l, unsigned *at, enum doctor_tool *tool,
		      bool *elsewhere)
{
	bool run = false;

	*elsewhere = false;
	for (unsigned i = 0; i < l->n && (run || i < 5); i++) {
		bool fits = run || i == 0 || is_prompt(l->word[i - 1]) ||
			    strcmp(l->word[i - 1], "=====") == 0;

		*tool = fits ? tool_of(l->word[i]) : TOOL_NONE;
		*at = i;
		if (*tool)
			return true;
		run = run || (fits && is_runner(l->word[i], elsewhere));
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

/* ---- whose command line it is */

/* Of "kubectl exec -it web-1 -- ss" web-1, of "[root@db1 ~]# ss" db1; 0 = not told. */
static size_t host_of(const struct line *l, unsigned at, bool elsewhere,
		      const char **name)
{
	unsigned before = at;

	if (elsewhere) {
		while (before > 0 && (l->word[before - 1][0] == '-' ||
				      strcmp(l->word[before - 1], "sh") == 0 ||
				      strcmp(l->word[before - 1], "bash") == 0))
			before--;
		*name = before > 0 ? l->word[before - 1] : "";
		return strlen(*name);
	}
	for (unsigned i = 0; i <= at; i++) {
		const char *sign = strchr(l->word[i], '@');

		if (!sign || sign == l->word[i] ||
		    (i == at && without_prompt(sign) == sign))
			continue;
		*name = sign + 1;
		return strspn(*name,
			      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789-_.");
	}
	return 0;
}

static void name_host(struct reading *r, const struct line *l, unsigned at,
		      bool elsewhere)
{
	const char *text;
	size_t len = host_of(l, at, elsewhere, &text);
	char name[NAME_TEXT];
	unsigned i;

	if (!len)
		return;
	len = len < sizeof(name) - 1 ? len : sizeof(name) - 1;
	memcpy(name, text, len);
	name[len] = '\0';
	for (i = 0; i < r->n_hosts && strcmp(r->host[i], name) != 0;)
		i++;
	if (i == READING_HOSTS)
		return;
	if (i == r->n_hosts)
		memcpy(r->host[r->n_hosts++], name, sizeof(name));
	if (i == r->host_now)
		return;
	/* What another host counted is no earlier look at this one. */
	memset(r->counter_first, 0, sizeof(r->counter_first));
	*r->list_command = '\0';
	r->host_now = i;
}

/* ---- a list begins */

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
	struct command_line *c = &r->command;
	enum doctor_tool tool;
	bool elsewhere;
	unsigned at;

	(void)last;
	if (!find_tool(l, &at, &tool, &elsewhere) || !looks_typed(l, at))
		return false;
	command_line_read(c, tool,
			  line_from(l, at) + (without_prompt(l->word[at]) - l->word[at]));
	r->block++;
	if (tool != TOOL_OTHER)
		name_host(r, l, at, elsewhere);
	r->linux_seen = r->linux_seen || tool == TOOL_SS || tool == TOOL_NSTAT ||
			tool == TOOL_CONNTRACK || (tool == TOOL_CAT && *c->sysctl);
	if ((tool != TOOL_SS && tool != TOOL_NETSTAT) || c->counts || c->other)
		return true;
	begin_list(r, l, at);
	r->whole_lists++;
	r->any_all = r->any_all ||
		     (c->all && !c->listeners && !c->filtered && !c->part && !c->state);
	r->filtered = r->filtered || c->filtered || c->part || c->state;
	return true;
}

/* ---- a number alone: what a pipeline counted */

/* Without -a ss lists no state of these; netstat leaves LISTEN out. */
static bool lists_state(const struct command_line *c)
{
	if (c->all)
		return true;
	if (c->state == STATE_LISTEN)
		return c->listeners;
	return c->tool == TOOL_NETSTAT ||
	       (c->state != STATE_TIME_WAIT && c->state != STATE_SYN_RECV &&
		c->state != STATE_CLOSE);
}

bool read_number(struct reading *r, const struct line *l, bool last)
{
	const struct command_line *c = &r->command;
	uint64_t n;

	(void)last;
	if (l->n != 1 || !word_number(l->word[0], &n))
		return false;
	if (c->is_limit || c->is_count) {
		if (c->is_limit)
			r->open_files = maybe_of(n);
		else
			r->sysctl[DS_conntrack_count] = maybe_of(n);
		return true;
	}
	if (!c->counts || c->other || (c->tool != TOOL_SS && c->tool != TOOL_NETSTAT))
		return false;
	if (c->state) {
		if (!lists_state(c))
			return true;
		n -= c->header && n > 0;
		r->counted[c->state] = maybe_of(n);
		r->counted_part = r->counted_part || c->filtered || c->part;
	} else if (*c->address) {
		r->from_address = maybe_of(n);
		memcpy(r->from_text, c->address, sizeof(r->from_text));
		if (endpoint_read_host(c->address, &r->most_have.end))
			r->most_have.n = maybe_of(n);
	}
	return true;
}
