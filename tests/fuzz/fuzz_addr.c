/* Lists of addresses.  Names are not looked up: the link wraps getaddrinfo(). */
#include <netdb.h>

#include "common/kernel/addr_list.h"
#include "tests/fuzz/fuzz.h"

int __real_getaddrinfo(const char *host, const char *service,
		       const struct addrinfo *hints, struct addrinfo **out);
int __wrap_getaddrinfo(const char *host, const char *service,
		       const struct addrinfo *hints, struct addrinfo **out);

int __wrap_getaddrinfo(const char *host, const char *service,
		       const struct addrinfo *hints, struct addrinfo **out)
{
	struct addrinfo numeric = *hints;

	numeric.ai_flags |= AI_NUMERICHOST;
	return __real_getaddrinfo(host, service, &numeric, out);
}

static void print_all(struct addr_list *list)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < list->n && i < 8; i++) {
		addr_print(&list->at[i], text, sizeof(text));
		addr_print_host(&list->at[i], text, sizeof(text));
		addr_is_ours_to_load(&list->at[i]);
	}
	addr_list_done(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct addr_list list;
	struct err err;

	if (!text)
		return 0;
	if (addr_parse_list(text, size % 2, &list, &err) == 0)
		print_all(&list);
	if (addr_parse_sources(text, &list, &err) == 0)
		print_all(&list);
	free(text);
	return 0;
}
