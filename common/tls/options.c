/* options (tls) - what can be said of them without OpenSSL. */
#include "common/tls/tls.h"

int tls_options_check(const struct tls_options *o, struct err *err)
{
	if (o->min > o->max)
		return err_usage(err, "--tls-min is above --tls-max");
	return o->key && !o->cert ? err_usage(err, "--key needs --cert") : 0;
}
