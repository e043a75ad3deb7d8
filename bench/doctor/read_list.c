/* read_list - the lines of socket lists: ss of every age, netstat of net-tools, busybox, Android,
 * BSD and Windows, lsof, PowerShell.  The columns are told from the line itself: two ends that
 * stand beside each other, the queues before them, the state on either side. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/reading.h"

/* States as other systems and languages write them; compared without case, '_' and '-'. */
static const struct {
	const char *name;
	uint8_t state;
	bool windows;
} other_names[] = {
	{ "FINWAIT1", STATE_FIN_WAIT1, false },
	{ "FINWAIT2", STATE_FIN_WAIT2, false },
	{ "SYNRCVD", STATE_SYN_RECV, false },
	{ "SYNRECEIVED", STATE_SYN_RECV, true },
	{ "LISTENING", STATE_LISTEN, true },
	{ "CLOSED", STATE_CLOSE, false },
	{ "VERBUNDEN", STATE_ESTABLISHED, false },
	{ "ESTABELECIDA", STATE_ESTABLISHED, false },
	{ "ESTABLECIDO", STATE_ESTABLISHED, false },
	{ "ESCUCHAR", STATE_LISTEN, false },
	{ "HERGESTELLT", STATE_ESTABLISHED, true },
	{ "WARTEND", STATE_TIME_WAIT, true },
	{ "SCHLIESSENWARTEN", STATE_CLOSE_WAIT, true },
};

/* Without '_' and '-', in capitals; "" where it does not fit. */
static void plain_name(const char *word, char *buf, size_t size)
{
	size_t n = 0;

	for (; *word && n < size - 1; word++)
		if (*word != '_' && *word != '-')
			buf[n++] = (char)toupper((unsigned char)*word);
	buf[*word ? 0 : n] = '\0';
}

static unsigned state_of(const char *word, bool *windows)
{
	char name[24], known[24];
	unsigned state = 0;

	if (strlen(word) < 4 || strlen(word) >= sizeof(name) ||
	    !isalpha((unsigned char)*word))
		return 0;
	state = tcp_state_by_name(word);
	plain_name(word, name, sizeof(name));
	for (unsigned i = 1; !state && i < TCP_STATE_MAX; i++) {
		plain_name(tcp_state_name(i), known, sizeof(known));
		state = strcmp(known, name) == 0 ? i : 0;
	}
	for (size_t i = 0; !state && i < sizeof(other_names) / sizeof(other_names[0]);
	     i++)
		if (strcmp(other_names[i].name, name) == 0) {
			state = other_names[i].state;
			*windows = *windows || other_names[i].windows;
		}
	return state;
}

/* The state whose name begins so, cut off by a column or the end; 0 = none, or several. */
static unsigned cut_state(const char *word)
{
	size_t len = strlen(word);
	unsigned found = 0;

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (len >= 3 && strncmp(word, tcp_state_netstat_name(i), len) == 0) {
			if (found)
				return 0;
			found = i;
		}
	return found;
}

static bool is_tcp(const char *word)
{
	return strncmp(word, "tcp", 3) == 0 && strspn(word + 3, "46") == strlen(word + 3);
}

/* ---- what may stand behind the ends */

/* "38sec", "1min5sec", "9.660ms" (9.66 s: ss before 2024), "197ms", "9.501sec", "" = over. */
static int32_t ss_time_ms(const char *text)
{
	double total = 0;
	char *end;

	while (isdigit((unsigned char)*text)) {
		double n = strtod(text, &end);
		bool has_dot = memchr(text, '.', (size_t)(end - text)) != NULL;

		if (strncmp(end, "ms", 2) == 0)
			total += has_dot ? n * 1000 : n;
		else if (strncmp(end, "sec", 3) == 0)
			total += n * 1000;
		else if (strncmp(end, "min", 3) == 0)
			total += n * 60000;
		else
			return -1;
		text = end;
		while (isalpha((unsigned char)*text))
			text++;
	}
	return total < 1e9 ? (int32_t)total : -1;
}

static void read_timer(const char *word, const char *next, struct noted_socket *s)
{
	double seconds;
	char *end;

	if (strncmp(word, "timer:(timewait,", 16) == 0)
		s->left_ms = ss_time_ms(word + 16);
	if (strcmp(word, "timewait") == 0 && *next == '(') {
		seconds = strtod(next + 1, &end);
		if (end > next + 1 && *end == '/' && seconds >= 0 && seconds < 1e6)
			s->left_ms = (int32_t)(seconds * 1000);
	}
}

static void set_owner(struct reading *r, struct noted_socket *s, const char *name,
		      size_t len)
{
	uint32_t number = names_add(&r->names, name, len);

	s->flags |= NOTED_OWNER_SHOWN | NOTED_OWNED;
	s->owner = number <= UINT16_MAX ? (uint16_t)number : 0;
}

/* netstat: "2647/dotnet" or "-"; ss: users:(("java",pid=7,fd=5)), ino:0, lastrcv:5. */
static void read_detail(struct reading *r, const struct line *l, unsigned i,
			struct noted_socket *s)
{
	const char *w = l->word[i], *next = i + 1 < l->n ? l->word[i + 1] : "";
	size_t digits = strspn(w, "0123456789");
	uint64_t n;

	read_timer(w, next, s);
	if (digits && w[digits] == '/' && isalpha((unsigned char)w[digits + 1]))
		set_owner(r, s, w + digits + 1, strcspn(w + digits + 1, ":"));
	else if (strcmp(w, "-") == 0)
		s->flags |= NOTED_OWNER_SHOWN;
	else if (strncmp(w, "users:((\"", 9) == 0)
		set_owner(r, s, w + 9, strcspn(w + 9, "\""));
	else if (strncmp(w, "ino:", 4) == 0 && word_number(w + 4, &n))
		s->flags |= NOTED_INODE_SHOWN | (n ? 0 : NOTED_NO_INODE);
	else if (strncmp(w, "lastack:", 8) == 0 && word_number(w + 8, &n) &&
		 n < INT32_MAX)
		s->age_ms = (int32_t)n;
}

/* ---- a line */

struct pair {
	unsigned at; /* the word of the local end */
	struct endpoint local, remote;
};

static bool find_pair(struct reading *r, const struct line *l, struct pair *out)
{
	unsigned most = l->n < 8 ? l->n : 8;

	for (unsigned i = 0; i + 1 < most; i++)
		if (endpoint_read(l->word[i], NULL, &out->local) ||
		    (strpbrk(l->word[i], ":.") && i > 0 &&
		     endpoint_read(l->word[i], &r->names, &out->local))) {
			out->at = i;
			if (endpoint_read(l->word[i + 1], &r->names, &out->remote))
				return true;
		}
	return false;
}

static void keep(struct reading *r, const struct pair *p, struct noted_socket *s)
{
	memcpy(s->local, p->local.host, sizeof(s->local));
	memcpy(s->remote, p->remote.host, sizeof(s->remote));
	s->local_kind = p->local.kind;
	s->remote_kind = p->remote.kind;
	s->local_port = p->local.port;
	s->remote_port = p->remote.port;
	s->block = r->block;
	r->sockets_listed++;
	r->list_lines++;
	r->newest = noted_add(&r->seen, s);
}

/* The state's word: before the queues (ss) or behind the ends (netstat). */
static unsigned find_state(struct reading *r, const struct line *l, unsigned at,
			   bool *windows)
{
	unsigned state = 0;

	for (unsigned i = 0; i < at && !state; i++)
		state = state_of(l->word[i], windows);
	for (unsigned i = at + 2; i < l->n && i < at + 5 && !state; i++)
		state = state_of(l->word[i], windows);
	return state ? state : r->command.state;
}

/* What must stand before the two ends for the line to be a row of a list. */
static bool has_front(const struct line *l, unsigned at, bool *is_netstat, bool *windows)
{
	uint64_t n;
	bool tcp = is_tcp(l->word[0]);

	*windows = strcmp(l->word[0], "TCP") == 0;
	*is_netstat = tcp || *windows;
	if (*windows || (tcp && at == 1))
		return true;
	return at >= 2 && word_number(l->word[at - 1], &n) &&
	       word_number(l->word[at - 2], &n);
}

/* "tcp 0 0 10.0.0.1:80 203.0.11": the end of what was pasted. */
static bool is_cut_row(const struct reading *r, const struct line *l, bool last)
{
	return last && r->last_was_list && l->n >= 1 &&
	       (is_tcp(l->word[0]) || state_of(l->word[0], &(bool){ false }));
}

static bool is_other_proto(const char *word)
{
	return strncmp(word, "udp", 3) == 0 || strcmp(word, "UDP") == 0 ||
	       strncmp(word, "raw", 3) == 0 || strncmp(word, "unix", 4) == 0 ||
	       strncmp(word, "u_", 2) == 0;
}

static uint32_t queue(const char *word)
{
	uint64_t n;

	return word_number(word, &n) && n < UINT32_MAX ? (uint32_t)n : 0;
}

static bool read_header(struct reading *r, const struct line *l)
{
	const char *text = l->text;

	if (!(strstr(text, "Recv-Q") && strstr(text, "Local")) &&
	    !strstr(text, "Active Internet") && !strstr(text, "Active Connections"))
		return false;
	r->bsd = r->bsd || strstr(text, "(state)");
	r->windows = r->windows || strstr(text, "Active Connections");
	if (strstr(text, "including servers") && !strstr(text, "(servers"))
		r->bsd = true;
	r->whole_lists++;
	/* ss leaves the column out where one state was asked for. */
	r->filtered =
		r->filtered || (strstr(text, "Recv-Q") && !strcasestr(text, "State"));
	if (strstr(text, "servers and established"))
		r->any_all = true;
	r->block++;
	return true;
}

/* What ss -i prints below a socket. */
static bool is_more(const struct reading *r, const struct line *l)
{
	return r->newest && r->last_was_list && l->text[0] == '\t' &&
	       strchr(l->text, ':') && !is_tcp(l->word[0]);
}

bool read_list(struct reading *r, const struct line *l, bool last)
{
	struct noted_socket s = { .left_ms = -1, .age_ms = -1 };
	bool netstat, windows;
	struct pair p;

	if (is_other_proto(l->word[0]))
		return r->last_was_list;
	if (read_header(r, l))
		return true;
	if (is_more(r, l)) {
		for (unsigned i = 0; i < l->n; i++)
			read_detail(r, l, i, r->newest);
		return true;
	}
	if (!find_pair(r, l, &p)) {
		r->cut = r->cut || is_cut_row(r, l, last);
		return false;
	}
	if (!has_front(l, p.at, &netstat, &windows))
		return false;
	s.state = (uint8_t)find_state(r, l, p.at, &windows);
	if (!s.state && !last && l->n > p.at + 2)
		s.state = (uint8_t)cut_state(l->word[p.at + 2]);
	if (!s.state || (s.state == STATE_CLOSE && last)) {
		r->cut = true;
		return true;
	}
	r->bsd = r->bsd || p.local.dotted || p.remote.dotted;
	r->windows = r->windows || windows;
	r->linux_seen = r->linux_seen || !netstat || strcmp(l->word[0], "tcp6") == 0;
	if (p.at >= 2 && !windows) {
		s.recv_q = queue(l->word[p.at - 2]);
		s.send_q = queue(l->word[p.at - 1]);
	}
	if (s.state == STATE_LISTEN && (!netstat || state_of(l->word[1], &windows)))
		s.flags |= NOTED_SS;
	for (unsigned i = p.at + 2; i < l->n; i++)
		read_detail(r, l, i, &s);
	keep(r, &p, &s);
	return true;
}

/* ---- PowerShell: LocalAddress LocalPort RemoteAddress RemotePort State */

bool read_powershell(struct reading *r, const struct line *l, bool last)
{
	struct noted_socket s = { .left_ms = -1, .age_ms = -1 };
	struct pair p = { 0 };
	uint64_t local, remote;
	bool windows = true;

	(void)last;
	if (l->n < 5 || !word_number(l->word[1], &local) ||
	    !word_number(l->word[3], &remote) || local > 65535 || remote > 65535 ||
	    !endpoint_read_host(l->word[0], &p.local) ||
	    !endpoint_read_host(l->word[2], &p.remote))
		return false;
	s.state = (uint8_t)state_of(l->word[4], &windows);
	if (!s.state)
		return false;
	p.local.port = (uint16_t)local;
	p.remote.port = (uint16_t)remote;
	r->windows = true;
	keep(r, &p, &s);
	return true;
}

/* ---- lsof: COMMAND PID USER ... TCP a:p->b:q (CLOSE_WAIT) */

bool read_lsof(struct reading *r, const struct line *l, bool last)
{
	struct noted_socket s = { .left_ms = -1, .age_ms = -1 };
	char local[ENDPOINT_TEXT], name[24];
	const char *arrow, *state;
	struct pair p = { 0 };
	uint64_t pid;
	size_t len;

	(void)last;
	if (l->n < 5 || !word_number(l->word[1], &pid))
		return false;
	state = l->word[l->n - 1];
	arrow = strstr(l->word[l->n - 2], "->");
	len = strlen(state);
	if (!arrow || *state != '(' || len < 3 || len >= sizeof(name) ||
	    arrow - l->word[l->n - 2] >= (long)sizeof(local))
		return false;
	memcpy(name, state + 1, len - 2);
	name[len - 2] = '\0';
	memcpy(local, l->word[l->n - 2], (size_t)(arrow - l->word[l->n - 2]));
	local[arrow - l->word[l->n - 2]] = '\0';
	s.state = (uint8_t)state_of(name, &(bool){ false });
	if (!s.state || !endpoint_read(local, &r->names, &p.local) ||
	    !endpoint_read(arrow + 2, &r->names, &p.remote))
		return false;
	set_owner(r, &s, l->word[0], strlen(l->word[0]));
	r->filtered = true;
	keep(r, &p, &s);
	return true;
}
