/* fault - what OpenSSL says, as a result of the transport and as words. */
#include "common/tls/inside.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

/* What the other end says in an alert is SSL_AD_REASON_OFFSET and the alert's number. */
static const struct {
	int reason, result;
} faults[] = {
	{ SSL_R_CERTIFICATE_VERIFY_FAILED, TRANSPORT_CERTIFICATE },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, TRANSPORT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, TRANSPORT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, TRANSPORT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, TRANSPORT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, TRANSPORT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, TRANSPORT_CERTIFICATE },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA, TRANSPORT_CERTIFICATE },
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, TRANSPORT_CERTIFICATE },
	{ SSL_R_WRONG_VERSION_NUMBER, TRANSPORT_NOT_SPOKEN },
	{ SSL_R_PACKET_LENGTH_TOO_LONG, TRANSPORT_NOT_SPOKEN },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, TRANSPORT_VERSION },
	{ SSL_R_UNSUPPORTED_PROTOCOL, TRANSPORT_VERSION },
	{ SSL_R_NO_PROTOCOLS_AVAILABLE, TRANSPORT_VERSION },
	{ SSL_R_WRONG_SSL_VERSION, TRANSPORT_VERSION },
};

static const char *words_of(unsigned long e)
{
	const char *words = ERR_reason_error_string(e);

	return words ? words : "OpenSSL says no reason";
}

const char *tls_words(void)
{
	unsigned long e = ERR_get_error();

	ERR_clear_error();
	if (ERR_SYSTEM_ERROR(e))
		return strerror(ERR_GET_REASON(e));
	return words_of(e);
}

int tls_fault(const SSL *ssl, const char **words)
{
	unsigned long e = ERR_get_error();
	int reason = ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0;

	ERR_clear_error();
	*words = words_of(e);
	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
		*words = X509_verify_cert_error_string(SSL_get_verify_result(ssl));
	for (size_t i = 0; reason && i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].reason == reason)
			return faults[i].result;
	return TRANSPORT_FAILED;
}
