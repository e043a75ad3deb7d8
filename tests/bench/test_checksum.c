#include <arpa/inet.h>
#include <check.h>
#include <string.h>
#include "bench/hold/checksum.h"
#include "tests/check_main.h"

/* A SYN from 198.18.0.11:40000 to 198.18.0.12:9000; the sum was made elsewhere. */
TEST(the_checksum_is_that_of_rfc_9293)
{
	unsigned char syn[] = { 0x9c, 0x40, 0x23, 0x28, 0x00, 0x00, 0x00,
				0x01, 0x00, 0x00, 0x00, 0x00, 0x50, 0x02,
				0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00 };
	struct in_addr a, b;
	uint16_t check;

	inet_pton(AF_INET, "198.18.0.11", &a);
	inet_pton(AF_INET, "198.18.0.12", &b);
	check = checksum_tcp(&a, &b, syn, sizeof(syn));
	ck_assert_uint_eq(ntohs(check), 0x694c);
	/* What is in the field does not matter, and an odd length is padded. */
	memset(syn + 16, 0xaa, 2);
	ck_assert_uint_eq(check, checksum_tcp(&a, &b, syn, sizeof(syn)));
	syn[18] = 0x12;
	syn[19] = 0;
	ck_assert_uint_eq(ntohs(checksum_tcp(&a, &b, syn, 19)),
			  ntohs(checksum_tcp(&a, &b, syn, 20)) + 1);
}

CHECK_MAIN("checksum")
