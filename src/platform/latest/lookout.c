/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/latest/lookout.h"

#include "base/chore.h"
#include "platform/kyc/kyc.h"

#include "base/trace.h"
#include "platform/consent/consent.h"
#include "platform/door.h"
#include "platform/latest/latest.h"
#include "platform/revocation/asking.h"

#include <stdlib.h>

enum { WAKE_MS = 500 }; /* to see that the clock was moved */

struct lookout {
    struct lookout_options options;
    struct chore chore;
    int64_t due; /* the next look */
    int before;  /* how the last one went */
};

/* ---- one look ---- */

/* Whether the certificate has ended. What cannot be found out has not: the next look asks again. */
static int has_ended(const struct platform *platform, const struct status_source *source,
                     const struct watched *watched, bool *ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const struct x509_reference reference = {buf_bytes(&watched->number.serial),
                                             buf_bytes(&watched->number.point),
                                             buf_bytes(&watched->number.ocsp_url)};
    struct report report = {.verdict = VERDICT_VALID};
    struct status status = {.answer = STATUS_NOT_KNOWN};
    struct status_question question = {.at = clock_now(platform->clock)};

    *ret = false;
    question.issuer = anchors_find(platform->sign_cas, buf_bytes(&watched->number.issuer), 0);
    if (question.issuer == NULL)
        return 0;
    TRY(x509_cert_refer(&reference, &cert, err));
    question.cert = cert;
    TRY(source->look(source->context, &question, &report, &status, err));
    *ret = report_has(&report, REASON_REVOKED) || report_has(&report, REASON_HELD);
    return 0;
}

static int look_at_all(const struct platform *platform, struct signer *signer, struct err *err)
{
    CLEANUP(watched_done) struct watched watched = {.client_id = ""};
    struct asking room;
    const struct status_source *source = asking_source(platform, signer, PURPOSE_DOCUMENT, &room);
    int64_t now = clock_now(platform->clock);
    int rc = 0;

    while (source != NULL &&
           (rc = platform_next_watched(platform->store, now, &watched, err)) == 0) {
        bool is_over;

        room.client_id = watched.client_id;
        TRY(has_ended(platform, source, &watched, &is_over, err));
        if (!is_over)
            continue;
        TRY(platform_see_end(platform->store, &watched, now, err));
        trace_step("F5", "③", "the platform saw that a certificate has ended", NULL);
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int poll_authority(const struct platform *platform, struct signer *signer, struct err *err)
{
    if (!door_is_there(platform))
        return 0;
    TRY(latest_settle(platform, signer, err));
    return consent_poll_all(platform, signer, err);
}

int lookout_round(const struct platform *platform, struct signer *signer, int64_t notice_seconds,
                  struct err *err)
{
    int64_t now = clock_now(platform->clock);
    int rc = poll_authority(platform, signer, err);
    int looked = look_at_all(platform, signer, rc < 0 ? NULL : err);

    rc = rc < 0 ? rc : looked;
    looked = platform_tell_of_newer(platform->store, now, notice_seconds, rc < 0 ? NULL : err);
    rc = rc < 0 ? rc : looked;
    looked = platform_remind_of_consents(platform->store, now, rc < 0 ? NULL : err);
    rc = rc < 0 ? rc : looked;
    looked = kyc_forget(platform, rc < 0 ? NULL : err);
    return rc < 0 ? rc : looked;
}

/* ---- the thread ---- */

static int round_of(const struct lookout *lookout, const struct platform *platform,
                    struct signer **signer, struct err *err)
{
    if (*signer == NULL)
        TRY(signer_open(platform->signer, signer, err));
    return lookout_round(platform, *signer, lookout->options.notice_seconds, err);
}

/* A look, if it is time for one. */
static void look(struct lookout *lookout, struct signer **signer)
{
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(lookout->options.platforms);
    const struct platform *platform = turn_value(turn);
    struct err why = {0};
    int rc;

    if (clock_now(platform->clock) < lookout->due)
        return;
    lookout->due = clock_now(platform->clock) + lookout->options.look_seconds;
    rc = round_of(lookout, platform, signer, &why);
    if (rc != lookout->before && lookout->options.report != NULL)
        lookout->options.report(rc < 0 ? &why : NULL);
    lookout->before = rc;
}

static void *run(void *argument)
{
    struct lookout *lookout = argument;
    CLEANUP(signer_closep) struct signer *signer = NULL;

    do
        look(lookout, &signer);
    while (chore_rest(&lookout->chore, WAKE_MS));
    return NULL;
}

int lookout_start(const struct lookout_options *options, struct lookout **ret, struct err *err)
{
    struct lookout *lookout = calloc(1, sizeof *lookout);
    int rc;

    if (lookout == NULL)
        return FAIL_NOMEM(err);
    lookout->options = *options;
    lookout->due = INT64_MIN;
    rc = chore_start(&lookout->chore, run, lookout, err);
    if (rc < 0) {
        free(lookout);
        return rc;
    }
    *ret = lookout;
    return 0;
}

void lookout_stopp(struct lookout **lookout)
{
    if (*lookout == NULL)
        return;
    chore_stop(&(*lookout)->chore);
    free(*lookout);
    *lookout = NULL;
}
