#include "client/plan_tls.h"

#include <stdio.h>
#include <string.h>

#include "client/plan.h"

/* The name that the server's certificate is to have: of several targets nobody knows which. */
static int name_server(const struct client_options *o, struct client_plan *p,
		       struct err *err)
{
	int len = (int)strcspn(o->target, ":");

	if (o->tls.sni || !addr_list_has_name(o->target))
		return 0;
	if (strchr(o->target, ',') && !o->tls.insecure && !o->tls.pin)
		return err_usage(err,
				 "--tls with several targets by name needs --sni "
				 "NAME, for the certificates are to be for one name");
	if (!strchr(o->target, ','))
		snprintf(p->tls_name, sizeof(p->tls_name), "%.*s", len, o->target);
	return 0;
}

int plan_tls(const struct client_options *o, struct client_plan *p, struct err *err)
{
	int r = name_server(o, p, err);

	return r ? r
		 : tls_client_make(&o->tls, *p->tls_name ? p->tls_name : NULL,
				   &p->targets, &p->tls, err);
}
