/* closings N [tls] - the table of close strategies, or of those that need TLS, as tests need it: a line each of name, where N
 * sockets of the client and of the server end ("STATE N", "-" none, "any" their luck), entries
 * to TIME_WAIT, RSTs at least, bytes of N responses of one byte that are never read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/talk/closing.h"

static void print_end(const struct closing *c, const struct closing_side *side,
		      unsigned n)
{
	const char *way = closing_way(c, side), *last = strrchr(way, ' ') + 1;

	if (strstr(way, "CLOSING"))
		printf("\tany");
	else if (strstr(way, "TIME_WAIT"))
		printf("\tTIME_WAIT %u", n);
	else if (strcmp(last, "RST") == 0 || strcmp(last, "CLOSED") == 0)
		printf("\t-");
	else
		printf("\t%s %u", last, n);
}

static void print_row(const struct closing *c, unsigned n)
{
	unsigned least = c->client_entries.least + c->server_entries.least;
	unsigned most = c->client_entries.most + c->server_entries.most;
	bool rst = strstr(closing_way(c, &c->client), "RST");

	printf("%s", c->name);
	print_end(c, &c->client, n);
	print_end(c, &c->server, n);
	if (least == most)
		printf("\t%u", least * n);
	else
		printf("\tany");
	printf("\t%u\t%u\n", rst ? n : 0, c->client.leaves_unread ? n : 0);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	bool tls = argc > 2;

	for (unsigned i = 1; i < n_closings; i++)
		if (closings[i].needs_farewell == tls)
			print_row(&closings[i], n);
	return 0;
}
