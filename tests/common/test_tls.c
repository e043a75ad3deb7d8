/* TLS as a row of the transport table: both ends over a connection of this host, and what OpenSSL does of
 * itself that would change how a connection ends. */
#include "common/tls/tls.h"

#include <linux/sockios.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "common/kernel/addr_list.h"
#include "tests/check_main.h"

struct end {
	struct tls *tls;
	struct tls_thread *of;
	struct wire wire;
	int fd;
};

static struct end client, server;
static struct addr here;
static const struct addr_list at_here = { &here, 1 };

static void make_ends(struct tls_options *o)
{
	struct err err;

	here.in = (struct sockaddr_in){ .sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	here.len = sizeof(here.in);
	o->insecure = !o->pin;
	if (tls_server_make(o, &at_here, &server.tls, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_msg(tls_client_make(o, NULL, &at_here, &client.tls, &err) == 0, "%s",
		      err.text);
	client.of = tls_thread_new(client.tls);
	server.of = tls_thread_new(server.tls);
}

static void done(void)
{
	for (int i = 0; i < 2; i++) {
		struct end *e = i ? &client : &server;

		tls_thread_free(e->of);
		tls_free(e->tls);
	}
}

/* A connection between the ends, without blocking. */
static void connect_ends(void)
{
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(here.in);

	addr_set_port(&here, 0);
	ck_assert(bind(l, &here.sa, here.len) == 0 && listen(l, 1) == 0);
	ck_assert(getsockname(l, &here.sa, &len) == 0);
	client.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(connect(client.fd, &here.sa, here.len) == 0);
	server.fd = accept4(l, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ck_assert_int_ge(server.fd, 0);
	ioctl(client.fd, FIONBIO, &(int){ 1 });
	close(l);
	client.wire = (struct wire){ .by = &transport_tls, .of = client.of };
	server.wire = (struct wire){ .by = &transport_tls, .of = server.of };
}

/* Until a call is no WANTS; the other end has its say meanwhile. */
static ssize_t receive(struct end *e, void *to, size_t n)
{
	ssize_t r;

	while (transport_wants(r = wire_receive(&e->wire, e->fd, to, n)))
		poll(&(struct pollfd){ e->fd, POLLIN, 0 }, 1, 1000);
	return r;
}

static void say(struct end *e, const char *text)
{
	ssize_t r = wire_send(&e->wire, e->fd, text, strlen(text), 0, NULL, 0);

	ck_assert_int_eq(r, (ssize_t)strlen(text));
}

static void hear(struct end *e, const char *text)
{
	char got[64] = "";

	ck_assert_int_eq(receive(e, got, sizeof(got)), (ssize_t)strlen(text));
	ck_assert_str_eq(got, text);
}

/* 0, or what went wrong first, of either end. */
static int shake_hands(void)
{
	int c = TRANSPORT_WANTS_READ, s = TRANSPORT_WANTS_READ;

	for (int i = 0; i < 1000 && (transport_wants(c) || transport_wants(s)); i++) {
		if (transport_wants(c))
			c = transport_tls.start(&client.wire, client.fd, false);
		if (transport_wants(s))
			s = transport_tls.start(&server.wire, server.fd, true);
		if (c && !transport_wants(c))
			return c;
		if (s && !transport_wants(s))
			return s;
	}
	return c ? c : s;
}

static void open_ends(void)
{
	connect_ends();
	ck_assert_int_eq(shake_hands(), 0);
}

static void close_ends(void)
{
	wire_stop(&client.wire);
	wire_stop(&server.wire);
	close(client.fd);
	close(server.fd);
}

static int unread(const struct end *e)
{
	int n = 0;

	ioctl(e->fd, FIONREAD, &n);
	return n;
}

/* Something to read has come, or the other end's FIN. */
static void wait_for(const struct end *e)
{
	ck_assert_int_eq(poll(&(struct pollfd){ e->fd, POLLIN, 0 }, 1, 10000), 1);
}

static uint64_t count(const struct end *e, size_t at)
{
	return tally_get((tally_t *)((char *)tls_thread_counts(e->of) + at));
}
#define COUNT(e, what) count(e, offsetof(struct tls_counts, what))

static const int versions[] = { TLS_1_2, TLS_1_3 };
#define BOTH_VERSIONS 2

static void open_with(int version)
{
	make_ends(&(struct tls_options){ .min = version, .max = version, .tickets = 2 });
	open_ends();
}

TEST_TIMES(nothing_waits_for_an_ack, BOTH_VERSIONS)
{
	open_with(versions[_i]);
	for (int i = 0; i < 2; i++) {
		int on = 0;
		socklen_t len = sizeof(on);

		getsockopt(i ? client.fd : server.fd, IPPROTO_TCP, TCP_NODELAY, &on,
			   &len);
		ck_assert_int_eq(on, 1);
	}
	say(&client, "ask");
	hear(&server, "ask");
	say(&server, "answer");
	hear(&client, "answer");
	close_ends();
	done();
}

/* OpenSSL 3 takes a FIN alone for an attack, and would answer it with an alert, which a closed socket
 * answers with a RST. */
TEST_TIMES(a_bare_fin_is_an_end_and_is_not_answered, BOTH_VERSIONS)
{
	char c;

	open_with(versions[_i]);
	shutdown(client.fd, SHUT_WR);
	ck_assert_int_eq(receive(&server, &c, 1), 0);
	ck_assert(server.wire.cut);
	ck_assert_int_eq(receive(&server, &c, 1), 0);
	ck_assert_uint_eq(COUNT(&server, missing), 1);
	ck_assert_uint_eq(COUNT(&server, received), 0);
	shutdown(server.fd, SHUT_WR);
	wait_for(&client);
	ck_assert_int_eq(unread(&client), 0);
	close_ends();
	done();
}

/* The end is TCP's: who closes at a close_notify may close first. */
TEST_TIMES(a_farewell_is_not_the_end, BOTH_VERSIONS)
{
	char c;

	open_with(versions[_i]);
	ck_assert_int_eq(transport_tls.farewell(&client.wire, client.fd, 0), 0);
	wait_for(&server);
	ck_assert_int_eq(wire_receive(&server.wire, server.fd, &c, 1),
			 TRANSPORT_WANTS_READ);
	ck_assert_uint_eq(COUNT(&server, received), 1);
	shutdown(client.fd, SHUT_WR);
	ck_assert_int_eq(receive(&server, &c, 1), 0);
	ck_assert(!server.wire.cut);
	ck_assert_uint_eq(COUNT(&server, missing), 0);
	close_ends();
	open_ends();
	server.wire.ends_at_farewell = true;
	ck_assert_int_eq(transport_tls.farewell(&client.wire, client.fd, 0), 0);
	ck_assert_int_eq(receive(&server, &c, 1), 0);
	close_ends();
	done();
}

/* Bytes that the kernel has and has not sent. */
static int unsent(const struct end *e)
{
	int n = 0;

	ioctl(e->fd, SIOCOUTQNSD, &n);
	return n;
}

/* Without MSG_MORE the other end may see the one before the other comes.  The kernel waits for the FIN for 200 ms:
 * that a busy machine takes longer to look happens once at most. */
TEST_TIMES(the_farewell_waits_for_the_fin, BOTH_VERSIONS)
{
	int held = 0;

	make_ends(&(struct tls_options){ .min = versions[_i], .max = versions[_i] });
	for (int i = 0; i < 20 && held == 0; i++) {
		open_ends();
		ck_assert_int_eq(
			transport_tls.farewell(&client.wire, client.fd, MSG_MORE), 0);
		held = unsent(&client);
		shutdown(client.fd, SHUT_WR);
		ck_assert_int_eq(unsent(&client), 0);
		close_ends();
	}
	ck_assert_int_gt(held, 0);
	open_ends();
	ck_assert_int_eq(transport_tls.farewell(&client.wire, client.fd, 0), 0);
	ck_assert_int_eq(unsent(&client), 0);
	close_ends();
	done();
}

/* One recv() may have taken many records: poll() is silent about them.  And a part of a record inside
 * is nothing to wait for. */
TEST_TIMES(what_openssl_has_read_is_pending, BOTH_VERSIONS)
{
	char c;

	open_with(versions[_i]);
	say(&client, "one");
	say(&client, "two");
	wait_for(&server);
	hear(&server, "one");
	ck_assert_int_eq(unread(&server), 0);
	ck_assert(wire_pending(&server.wire));
	hear(&server, "two");
	ck_assert_int_eq(wire_receive(&server.wire, server.fd, &c, 1),
			 TRANSPORT_WANTS_READ);
	ck_assert(!wire_pending(&server.wire));
	close_ends();
	done();
}

TEST_TIMES(a_part_of_a_record_is_not_pending, BOTH_VERSIONS)
{
	struct end relay = { 0 };
	char record[256], c;
	int to_relay;
	ssize_t n;

	open_with(versions[_i]);
	to_relay = dup(client.fd);
	relay.fd = dup(server.fd);
	say(&client, "one");
	wait_for(&relay);
	n = recv(relay.fd, record, sizeof(record), 0);
	ck_assert_int_gt(n, 10);
	ck_assert_int_eq(send(to_relay, record, 10, MSG_NOSIGNAL), 10);
	wait_for(&server);
	ck_assert_int_eq(wire_receive(&server.wire, server.fd, &c, 1),
			 TRANSPORT_WANTS_READ);
	ck_assert_int_eq(unread(&server), 0);
	ck_assert(!wire_pending(&server.wire));
	ck_assert_int_eq(send(to_relay, record + 10, (size_t)n - 10, MSG_NOSIGNAL),
			 n - 10);
	hear(&server, "one");
	close(to_relay);
	close(relay.fd);
	close_ends();
	done();
}

/* A ticket that a client leaves unread would turn its close() into a RST. */
TEST(tickets_come_with_the_first_response)
{
	make_ends(&(struct tls_options){ .max = TLS_1_3, .tickets = 2, .resume = true });
	open_ends();
	ck_assert_uint_eq(COUNT(&server, tickets), 0);
	ck_assert_int_eq(unread(&client), 0);
	say(&client, "ask");
	hear(&server, "ask");
	say(&server, "answer");
	ck_assert_uint_eq(COUNT(&server, tickets), 2);
	hear(&client, "answer");
	ck_assert_uint_eq(COUNT(&client, tickets), 2);
	close_ends();
	done();
}

/* OpenSSL's client offers a used ticket again, and a server may refuse it; two tickets are two connections. */
TEST(a_ticket_is_used_once)
{
	make_ends(&(struct tls_options){ .max = TLS_1_3, .tickets = 2, .resume = true });
	open_ends();
	say(&server, "answer");
	hear(&client, "answer");
	close_ends();
	for (int i = 0; i < 3; i++) {
		open_ends();
		close_ends();
	}
	ck_assert_uint_eq(COUNT(&client, resumed), 2);
	ck_assert_uint_eq(COUNT(&client, full), 2);
	ck_assert_uint_eq(COUNT(&server, resumed), 2);
	done();
}

/* Also after ends that OpenSSL takes for failures. */
TEST(a_session_of_1_2_serves_again_and_again)
{
	make_ends(&(struct tls_options){ .max = TLS_1_2, .tickets = 1, .resume = true });
	for (int i = 0; i < 5; i++) {
		open_ends();
		close_ends();
	}
	ck_assert_uint_eq(COUNT(&client, full), 1);
	ck_assert_uint_eq(COUNT(&client, resumed), 4);
	done();
}

TEST_TIMES(without_tickets_nothing_is_resumed, BOTH_VERSIONS)
{
	make_ends(&(struct tls_options){ .max = versions[_i], .resume = true });
	for (int i = 0; i < 3; i++) {
		open_ends();
		say(&server, "answer");
		hear(&client, "answer");
		close_ends();
	}
	ck_assert_uint_eq(COUNT(&client, full), 3);
	ck_assert_uint_eq(COUNT(&client, tickets), 0);
	done();
}

/* What client-unread is about: the response is known to be there, the socket still has it, and close() sends
 * RST.  A ticket before it is not taken for a response. */
TEST_TIMES(a_look_leaves_the_socket_as_it_is, BOTH_VERSIONS)
{
	char got[16];
	int before;

	open_with(versions[_i]);
	ck_assert_int_eq(wire_peek(&client.wire, client.fd, got, sizeof(got)),
			 TRANSPORT_WANTS_READ);
	say(&server, "answer");
	wait_for(&client);
	before = unread(&client);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(wire_peek(&client.wire, client.fd, got, sizeof(got)), 6);
		ck_assert_int_eq(memcmp(got, "answer", 6), 0);
		ck_assert_int_eq(unread(&client), before);
	}
	hear(&client, "answer");
	say(&server, "more");
	hear(&client, "more");
	ck_assert_int_eq(unread(&client), 0);
	say(&server, "unread");
	wait_for(&client);
	ck_assert_int_eq(wire_peek(&client.wire, client.fd, got, sizeof(got)), 6);
	close(client.fd);
	wait_for(&server);
	ck_assert_int_eq(recv(server.fd, got, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	client.fd = dup(server.fd);
	close_ends();
	done();
}

TEST_TIMES(a_look_tells_the_end, BOTH_VERSIONS)
{
	char c;

	open_with(versions[_i]);
	ck_assert_int_eq(transport_tls.farewell(&server.wire, server.fd, 0), 0);
	wait_for(&client);
	ck_assert_int_eq(wire_peek(&client.wire, client.fd, &c, 1), TRANSPORT_WANTS_READ);
	shutdown(server.fd, SHUT_WR);
	wait_for(&client);
	ck_assert_int_eq(wire_peek(&client.wire, client.fd, &c, 1), 0);
	ck_assert_int_eq(receive(&client, &c, 1), 0);
	close_ends();
	done();
}

/* A signal would end the program. */
TEST_TIMES(a_closed_peer_is_an_error, BOTH_VERSIONS)
{
	const char text[] = "to nobody";
	ssize_t r = 0;

	open_with(versions[_i]);
	close(client.fd);
	for (int i = 0; i < 1000 && r >= 0; i++)
		r = wire_send(&server.wire, server.fd, text, sizeof(text), 0, NULL, 0);
	ck_assert_msg(r == -EPIPE || r == -ECONNRESET, "%zd", r);
	client.fd = dup(server.fd);
	close_ends();
	done();
}

TEST_TIMES(half_closed_the_rest_is_read, BOTH_VERSIONS)
{
	static char big[16000];
	char got[sizeof(big)];
	ssize_t n, all = 0;

	open_with(versions[_i]);
	ck_assert_int_eq(transport_tls.farewell(&client.wire, client.fd, MSG_MORE), 0);
	shutdown(client.fd, SHUT_WR);
	ck_assert_int_eq(receive(&server, got, 1), 0);
	ck_assert_int_eq(wire_send(&server.wire, server.fd, big, sizeof(big), 0, NULL, 0),
			 sizeof(big));
	ck_assert_int_eq(transport_tls.farewell(&server.wire, server.fd, MSG_MORE), 0);
	shutdown(server.fd, SHUT_WR);
	while ((n = receive(&client, got, sizeof(got))) > 0)
		all += n;
	ck_assert_int_eq(all, sizeof(big));
	ck_assert(!client.wire.cut);
	close_ends();
	done();
}

/* The bytes come out as they came in, and then it is TCP. */
TEST(what_is_not_tls_is_handed_over)
{
	char got[16] = "";

	open_with(TLS_1_3);
	close_ends();
	connect_ends();
	ck_assert_int_eq(send(client.fd, "GET /", 5, MSG_NOSIGNAL), 5);
	wait_for(&server);
	ck_assert_int_eq(transport_tls.start(&server.wire, server.fd, true), 0);
	ck_assert(wire_pending(&server.wire));
	ck_assert_int_eq(wire_receive(&server.wire, server.fd, got, 2), 2);
	ck_assert_int_eq(wire_receive(&server.wire, server.fd, got + 2, 10), 3);
	ck_assert_str_eq(got, "GET /");
	ck_assert_ptr_eq(server.wire.by, &transport_tcp);
	ck_assert_uint_eq(COUNT(&server, failed), 0);
	close_ends();
	done();
}

TEST(what_answers_in_the_clear_is_no_tls)
{
	open_with(TLS_1_3);
	close_ends();
	connect_ends();
	ck_assert_int_eq(send(server.fd, "HTTP/1.1 400 Bad\r\n", 18, MSG_NOSIGNAL), 18);
	wait_for(&client);
	ck_assert_int_eq(transport_tls.start(&client.wire, client.fd, false),
			 TRANSPORT_NOT_SPOKEN);
	close_ends();
	done();
}

TEST(a_pin_is_one_certificate)
{
	char other[65] = "";

	make_ends(&(struct tls_options){ .max = TLS_1_3, .tickets = 1 });
	memset(other, 'a', 64);
	done();
	make_ends(&(struct tls_options){ .max = TLS_1_3, .pin = other });
	connect_ends();
	ck_assert_int_eq(shake_hands(), TRANSPORT_CERTIFICATE);
	ck_assert_uint_eq(COUNT(&client, failed), 1);
	close_ends();
	done();
}

/* In TLS 1.3 the client's handshake is over before the server has looked for its certificate.  OpenSSL takes the
 * alert for a shutdown, and a clean end it is not. */
TEST(a_fatal_alert_is_no_farewell)
{
	char file[] = "/tmp/twstorm-test-tls.XXXXXX", c;
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(tls_authority_make(file, NULL, 0, NULL), 0);
	make_ends(
		&(struct tls_options){ .min = TLS_1_3, .max = TLS_1_3, .cacert = file });
	unlink(file);
	connect_ends();
	ck_assert_int_eq(shake_hands(), TRANSPORT_CERTIFICATE);
	ck_assert_uint_eq(COUNT(&client, full), 1);
	ck_assert_int_eq(receive(&client, &c, 1), TRANSPORT_CERTIFICATE);
	ck_assert_uint_eq(COUNT(&client, received), 0);
	ck_assert_uint_eq(COUNT(&client, missing), 0);
	close_ends();
	done();
}

TEST(versions_may_have_nothing_in_common)
{
	struct tls_options old = { .min = TLS_1_2, .max = TLS_1_2 },
			   new = { .min = TLS_1_3, .max = TLS_1_3, .insecure = true };

	make_ends(&old);
	tls_thread_free(client.of);
	tls_free(client.tls);
	ck_assert_int_eq(tls_client_make(&new, NULL, &at_here, &client.tls, NULL), 0);
	client.of = tls_thread_new(client.tls);
	connect_ends();
	ck_assert_int_eq(shake_hands(), TRANSPORT_VERSION);
	close_ends();
	done();
}

/* What an idle connection keeps, both ends together; a megabyte would say that records' buffers stay. */
TEST_TIMES(an_idle_connection_keeps_no_buffers, BOTH_VERSIONS)
{
	enum { PAIRS = 50 };
	static struct end c[PAIRS], s[PAIRS];
	size_t before, after;

	open_with(versions[_i]);
	close_ends();
	before = mallinfo2().uordblks;
	for (int i = 0; i < PAIRS; i++) {
		open_ends();
		say(&client, "ask");
		hear(&server, "ask");
		say(&server, "answer");
		hear(&client, "answer");
		c[i] = client;
		s[i] = server;
	}
	after = mallinfo2().uordblks;
	ck_assert_uint_lt((after - before) / PAIRS, 2 * 45 * 1024);
	for (int i = 0; i < PAIRS; i++) {
		client.wire = c[i].wire;
		client.fd = c[i].fd;
		server.wire = s[i].wire;
		server.fd = s[i].fd;
		close_ends();
	}
	done();
}

int main(void)
{
	if (strcmp(transport_tls.name, "tls") == 0)
		return check_main("tls", check_tests);
	puts("built without OpenSSL");
	return 77; /* skipped */
}
