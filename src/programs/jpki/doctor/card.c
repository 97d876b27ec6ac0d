/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/doctor/checks.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "client/cert.h"
#include "client/pin.h"
#include "holder/own_cert.h"
#include "programs/jpki/cert/read.h"
#include "programs/jpki/pin/rows.h"
#include "programs/jpki/trust.h"
#include "x509/validity.h"

/* 2026-01-01: this program is younger. */
static const int64_t clock_floor = INT64_C(1767225600);

static void check_pin(struct findings *findings, enum icc_pin which,
                      const struct pin_counter *counter)
{
    unsigned max = icc_pin_tries_max(which);
    struct err locked;

    if (counter->presence == PIN_UNTOLD)
        findings_add(findings, "pin", SEVERITY_ADVICE, NULL,
                     tr("The card does not tell how many tries the %s has left."),
                     tr(icc_pin_title(which)));
    if (counter->presence != PIN_TOLD)
        return;
    if (counter->left == 0 && icc_pin_fail_locked(&locked, which) < 0)
        findings_add(findings, "pin", SEVERITY_WRONG, NULL, "%s", locked.text);
    else if (counter->left == 1)
        findings_add(findings, "pin", SEVERITY_ADVICE,
                     N_("A wrong one locks it. Be sure before you use --last-try; a right one "
                        "gives all tries back."),
                     tr("The %s has one try left."), tr(icc_pin_title(which)));
    else
        findings_add(findings, "pin", counter->left < max ? SEVERITY_ADVICE : SEVERITY_FINE,
                     counter->left < max ? N_("A right one gives all tries back.") : NULL,
                     tr("The %s has %u of %u tries left."), tr(icc_pin_title(which)), counter->left,
                     max);
}

int doctor_check_pins(struct findings *findings, struct icc *icc, struct err *err)
{
    struct pin_rows rows;

    TRY(pin_rows_read(icc, &rows, err));
    for (unsigned which = 0; which < ICC_PINS_; which++)
        check_pin(findings, (enum icc_pin)which, pin_rows_worst(&rows, (enum icc_pin)which));
    return 0;
}

static void format_day(int64_t at, char ret[CALTIME_TEXT_SIZE])
{
    caldate_format_iso(caltime_at(at, JST_OFFSET_SECONDS).date, ret);
}

static void check_validity(struct findings *findings, const struct tbs *tbs, int64_t now)
{
    char until[CALTIME_TEXT_SIZE];

    format_day(tbs->not_after, until);
    if (now < tbs->not_before)
        findings_add(findings, "clock", SEVERITY_WRONG,
                     N_("Set the clock: timedatectl set-ntp true"),
                     tr("The certificate was issued in the future, says this computer's clock."));
    else if (now > tbs->not_after)
        findings_add(findings, "certificate", SEVERITY_WRONG,
                     N_("The counter of your municipality renews it (bring the card)."),
                     tr("The authentication certificate expired on %s."), until);
    else if (now >= validity_renewal_opens(tbs->not_after))
        findings_add(findings, "certificate", SEVERITY_ADVICE,
                     N_("The counter of your municipality renews it, from three months before "
                        "that day."),
                     tr("The authentication certificate expires on %s."), until);
    else
        findings_add(findings, "certificate", SEVERITY_FINE, NULL,
                     tr("The authentication certificate is valid until %s."), until);
}

static void check_root(struct findings *findings, const struct root_facts *root,
                       const struct x509_cert *ca, int64_t now)
{
    char until[CALTIME_TEXT_SIZE];

    format_day(x509_cert_tbs(ca)->not_after, until);
    if (root->root == ROOT_UNKNOWN)
        findings_add(findings, "authority", SEVERITY_ADVICE,
                     N_("If it is a test card, --anchors or JPKI_ANCHORS names its authority; a "
                        "newer authority of the JPKI needs a newer version of this program."),
                     tr("The authority that issued the certificates is not known here."));
    else if (now > x509_cert_tbs(ca)->not_after)
        findings_add(findings, "authority", SEVERITY_WRONG,
                     N_("The counter of your municipality issues new certificates."),
                     tr("The authority's own certificate expired on %s."), until);
    else
        findings_add(findings, "authority", SEVERITY_FINE, NULL, tr("The authority is %s."),
                     tr(root_text(root->root)));
}

static int check_auth_certificate(struct findings *findings, struct icc *icc,
                                  const struct x509_cert *ca, int64_t now, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct err why = {0};
    int rc = own_cert_read(icc, ICC_CERT_AUTH, &cert, &why);

    if (rc == 0) {
        check_validity(findings, x509_cert_tbs(cert), now);
        if (ca != NULL && x509_cert_is_issued_by(cert, ca, NULL) < 0)
            findings_add(findings, "certificate", SEVERITY_WRONG,
                         N_("Do not use this card; show it at the counter of your municipality."),
                         tr("The authority on the card did not sign its certificate."));
        return 0;
    }
    if (why.kind == ERR_DENIED)
        findings_add(findings, "certificate", SEVERITY_FINE, NULL,
                     tr("The authentication certificate can be read with its PIN only."));
    else if (icc_is_missing(&why))
        findings_add(findings, "certificate", SEVERITY_WRONG,
                     N_("The counter of your municipality issues one (bring the card)."),
                     tr("The card has no authentication certificate."));
    else if (why.kind == ERR_REMOTE)
        findings_add(findings, "certificate", SEVERITY_WRONG,
                     N_("Take the card out, wipe the contacts, and put it in again."), "%s",
                     why.text);
    else
        return err_copy(err, &why);
    return 0;
}

static int check_presence(struct findings *findings, struct icc *icc, struct err *err)
{
    struct icc_presence presence;

    TRY(icc_read_presence(icc, &presence, err));
    if (presence.is_told && !presence.sign)
        findings_add(findings, "certificate", SEVERITY_ADVICE,
                     N_("Who is 15 or older gets one at the counter of the municipality."),
                     tr("The card has no signature certificate."));
    return 0;
}

int doctor_check_certificates(struct findings *findings, struct icc *icc, struct anchors *anchors,
                              int64_t now, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    struct root_facts root;

    TRY(check_presence(findings, icc, err));
    TRY(cert_read_ca(icc, false, &ca, err));
    TRY(trust_root(anchors, ca, &root, err));
    TRY(check_auth_certificate(findings, icc, ca, now, err));
    if (ca != NULL)
        check_root(findings, &root, ca, now);
    return 0;
}

void doctor_check_clock(struct findings *findings, int64_t now)
{
    char time[CALTIME_TEXT_SIZE];

    caltime_format(now, JST_OFFSET_SECONDS, time);
    if (now < clock_floor)
        findings_add(findings, "clock", SEVERITY_WRONG,
                     N_("Set the clock: timedatectl set-ntp true"),
                     tr("This computer's clock is wrong: it says %s."), time);
    else
        findings_add(findings, "clock", SEVERITY_FINE, NULL, tr("This computer's clock says %s."),
                     time);
}
