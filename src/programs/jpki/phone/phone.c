/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/phone/phone.h"

#include "base/clock.h"
#include "programs/jpki/cert/read.h"
#include "programs/jpki/trust.h"

#include <stdio.h>
#include <string.h>

static int fail_real(struct err *err)
{
    return FAIL(err, ERR_USAGE,
                "certificates of real phones come from the My Number Portal app; --authority or "
                "JPKI_AUTHORITY names another authority");
}

int phone_open_authority(const struct phone_options *options, struct remote **ret, struct err *err)
{
    const char *url = options->authority;
    const char *path;
    struct origin origin;

    if (url == NULL)
        url = environment("JPKI_AUTHORITY");
    if (url == NULL)
        return fail_real(err);
    TRY(origin_parse(url, &origin, &path, err));
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "this is not the address of an authority");
    return remote_new(&origin, ret, err);
}

/* No authority here could do anything for a real card: its password is not asked for. */
static int check_card(struct icc *icc, struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    struct root_facts root;

    TRY(anchors_new(&anchors, err));
    TRY(cert_read_ca(icc, true, &ca, err));
    TRY(trust_root(anchors, ca, &root, err));
    return root.root == ROOT_PUBLISHED ? fail_real(err) : 0;
}

static int agree(const struct phone_options *options, const struct remote *remote, const char *what,
                 struct err *err)
{
    bool is_meant = options->yes;

    (void)fprintf(stderr, "%s\n", what);
    (void)fprintf(stderr, tr("The authority is %s, as reached from here.\n"),
                  remote_origin(remote));
    if (!is_meant)
        TRY(confirm(tr("Is this meant?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "nothing was sent: you did not agree");
    return 0;
}

int phone_have_signed(const struct phone_options *options, const struct remote *remote,
                      const char *what, struct phone_wish *wish, struct phone_order *ret,
                      struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(icc_freep) struct icc *icc = NULL;
    unsigned left;

    TRY(open_card(&options->card, &icc, err));
    TRY(check_card(icc, err));
    TRY(pin_is_usable(icc, ICC_PIN_SIGN, &options->pin, &left, err));
    TRY(agree(options, remote, what, err));
    TRY(pin_ask(ICC_PIN_SIGN, &options->pin, left, &pin, err));
    wish->origin = remote_origin(remote);
    wish->pin = &pin;
    wish->may_use_last_try = options->pin.last_try;
    wish->now = clock_now(&clock_system);
    return phone_sign(wish, icc, ret, err);
}
