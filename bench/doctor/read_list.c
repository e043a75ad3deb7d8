/* read_list - the lines of socket lists: ss of every age, netstat of net-tools, busybox, Android,
 * BSD and Windows, lsof, PowerShell.  The columns are told from the line itself: two ends that
 * stand beside each other, the queues before them, the state on either side. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/any_state.h"
#include "bench/doctor/reading.h"

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
	else if (strcmp(w, "ts") == 0)
		s->flags |= NOTED_TIMESTAMPS;
	else if (strncmp(w, "rto:", 4) == 0 && s->state == STATE_ESTABLISHED &&
		 !(s->flags & NOTED_TIMESTAMPS))
		s->flags |= NOTED_NO_TIMESTAMPS;
	else if (strncmp(w, "lastack:", 8) == 0 && word_number(w + 8, &n) &&
		 n < INT32_MAX)
		s->age_ms = (int32_t)n;
}

/* ---- a line */

struct pair {
	unsigned at; /* the word of the local end */
	struct endpoint local, remote;
};

/* What must stand before the two ends for the line to be a row of a list. */
static bool has_front(const struct line *l, unsigned at)
{
	bool windows = strcmp(l->word[0], "TCP") == 0;
	uint64_t n;

	if (at > 0 && (windows || (at == 1 && is_tcp(l->word[0]))))
		return true;
	return at >= 2 && word_number(l->word[at - 1], &n) &&
	       word_number(l->word[at - 2], &n);
}

enum row { NO_ROW, UNREAD_ROW, ROW };

/* The two ends; UNREAD_ROW where there should be two. */
static enum row find_pair(struct reading *r, const struct line *l, struct pair *out)
{
	unsigned most = l->n < 8 ? l->n : 8;
	bool front = false;

	for (unsigned i = 1; i < most; i++) {
		if (!has_front(l, i))
			continue;
		front = front || is_tcp(l->word[0]) || any_state(l->word[0], NULL) ||
			any_state(l->word[1], NULL);
		if (i + 1 == most || !endpoint_read(l->word[i], &r->names, &out->local))
			continue;
		out->at = i;
		if (endpoint_read(l->word[i + 1], &r->names, &out->remote))
			return ROW;
	}
	return front ? UNREAD_ROW : NO_ROW;
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
	r->newest = noted_add(&r->seen, s);
}

/* The state's word: before the queues (ss) or behind the ends (netstat).  A language that is not known has a
 * word of its own there: without a peer it is LISTEN. */
static unsigned find_state(const struct reading *r, const struct line *l,
			   const struct pair *p, bool last, bool *windows)
{
	unsigned state = 0, at = p->at;

	for (unsigned i = 0; i < at && !state; i++)
		state = any_state(l->word[i], windows);
	for (unsigned i = at + 2; i < l->n && i < at + 5 && !state; i++)
		state = any_state(l->word[i], windows);
	state = state ? state : r->command.state;
	if (state || l->n <= at + 2)
		return state;
	if (!last)
		state = any_state_cut(l->word[at + 2]);
	return state || p->remote.port || p->remote.kind != HOST_ANY ? state
								     : STATE_LISTEN;
}

static bool is_other_proto(const char *word)
{
	static const char *const others[] = { "udp",  "UDP",  "raw",  "unix",  "u_",
					      "icmp", "sctp", "dccp", "mptcp", "p_",
					      "v_",   "nl",   NULL };

	for (unsigned i = 0; others[i]; i++)
		if (strncmp(word, others[i], strlen(others[i])) == 0)
			return true;
	return false;
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
static bool read_more(struct reading *r, const struct line *l)
{
	if (!r->newest || !r->last_was_list || !l->indented || !strchr(l->text, ':'))
		return false;
	for (unsigned i = 0; i < l->n; i++)
		read_detail(r, l, i, r->newest);
	return true;
}

/* "tcp   0": not enough of a row to tell it from other text, but at the end of a list. */
static bool is_begun(const struct reading *r, const struct line *l)
{
	return r->last_was_list && (is_tcp(l->word[0]) || any_state(l->word[0], NULL));
}

static void add_row(struct reading *r, const struct line *l, const struct pair *p,
		    struct noted_socket *s)
{
	bool netstat = is_tcp(l->word[0]) && !any_state(l->word[1], NULL);

	r->bsd = r->bsd || p->local.dotted || p->remote.dotted;
	if (p->at >= 2 && strcmp(l->word[0], "TCP") != 0) {
		s->recv_q = queue(l->word[p->at - 2]);
		s->send_q = queue(l->word[p->at - 1]);
	}
	if (!netstat && !r->windows) {
		r->linux_seen = true;
		s->flags |= s->state == STATE_LISTEN ? NOTED_SS : 0;
		s->flags |= r->command.owners ? NOTED_OWNER_SHOWN : 0;
	}
	r->linux_seen = r->linux_seen || strcmp(l->word[0], "tcp6") == 0;
	for (unsigned i = p->at + 2; i < l->n; i++)
		read_detail(r, l, i, s);
	keep(r, p, s);
}

/* Keeps the socket of a whole row; else nothing is changed. */
static enum row read_row(struct reading *r, const struct line *l, bool last)
{
	struct noted_socket s = { .left_ms = -1, .age_ms = -1 };
	bool windows = strcmp(l->word[0], "TCP") == 0;
	struct pair p;
	enum row row = find_pair(r, l, &p);

	if (row != ROW || (r->command.other && !is_tcp(l->word[0])))
		return row;
	s.state = (uint8_t)find_state(r, l, &p, last, &windows);
	if (!s.state || (s.state == STATE_CLOSE && last))
		return UNREAD_ROW;
	r->windows = r->windows || windows;
	add_row(r, l, &p, &s);
	return ROW;
}

bool reading_row(struct reading *r, const struct line *l)
{
	return read_row(r, l, false) == ROW;
}

bool read_list(struct reading *r, const struct line *l, bool last)
{
	enum row row;

	if (is_other_proto(l->word[0]))
		return r->last_was_list;
	if (read_header(r, l))
		return true;
	row = read_row(r, l, last);
	if (row == ROW)
		return true;
	/* The end of what was pasted is cut off; a row that was broken goes on in the next line. */
	r->cut = r->cut || (last && (row == UNREAD_ROW || is_begun(r, l)));
	if (row == UNREAD_ROW && !last)
		reading_hold(r, l);
	return row == UNREAD_ROW || read_more(r, l);
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
	s.state = (uint8_t)any_state(l->word[4], &windows);
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
	s.state = (uint8_t)any_state(name, NULL);
	if (!s.state || !endpoint_read(local, &r->names, &p.local) ||
	    !endpoint_read(arrow + 2, &r->names, &p.remote))
		return false;
	set_owner(r, &s, l->word[0], strlen(l->word[0]));
	r->filtered = true;
	keep(r, &p, &s);
	return true;
}
