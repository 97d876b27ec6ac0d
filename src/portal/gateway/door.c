/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/gateway/door.h"

#include "portal/operator/routes.h"
#include "portal/outage/routes.h"
#include "x509/shown.h"

/* Whatever is wrong with it, there is none. */
static int nobody(struct err *err)
{
    return FAIL(err, ERR_DENIED, "this is for whoever shows a certificate that is valid now");
}

int door_certificate(const struct http_call *call, struct digest *ret, struct err *err)
{
    const struct portal *portal = call->context;
    const char *escaped = http_header(&call->request, "X-SSL-Client-Cert");
    CLEANUP(shown_bare_done) struct shown_bare shown = SHOWN_BARE_INIT;
    const int64_t now = clock_now(portal->clock);

    if (escaped == NULL || *escaped == '\0' ||
        !http_peer_is_in(call, portal->proxies.uids, portal->proxies.count) ||
        shown_take_bare(escaped, &shown, NULL) < 0 || now < shown.not_before ||
        now > shown.not_after)
        return nobody(err);
    return digest_compute(DIGEST_SHA256, buf_bytes(&shown.der), ret, err);
}

static int check_shown(const struct http_call *call, struct err *err)
{
    struct digest shown;

    return door_certificate(call, &shown, err);
}

const struct http_access door_shown = {
    "shown", check_shown, "With a TLS client certificate that is valid now, behind the proxy."};

const struct http_about portal_door_about = {
    "portal-operators", "OpenJPKI portal, for operators",
    "An interface for services that people let ask, and for clinics. Unofficial, for tests. Times "
    "are UTC seconds."};

const struct route *const portal_door_routes[] = {
    portal_published_routes,     portal_operator_client_routes,
    portal_token_routes,         portal_process_routes,
    portal_pulled_notice_routes, portal_sent_notice_routes,
    portal_e_application_routes, portal_status_routes,
    portal_eligibility_routes,   NULL};
