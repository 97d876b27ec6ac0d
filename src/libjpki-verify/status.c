/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation as a verifier of the public library looks it up. A feed is in memory and as new as
 * anything, so it is asked first, and what it does not cover elsewhere. A responder's word is newer
 * than a list's, so it is asked first; that it is silent, late or lying sends us to the lists,
 * because whoever can keep its answer away can do no more than that. "unknown" is no silence: the
 * CA never issued such a certificate (RFC 6960, 2.2), whatever no list says about it.
 */
#include "libjpki-verify/verifier.h"
#include "verify/ocsp_status.h"

struct jpki_answer {
    struct buf buf;
    int rc; /* of the first piece that could not be taken */
};

static int put(struct jpki_answer *answer, struct jpki_bytes piece, struct err *err)
{
    struct bytes more;

    TRY(take_bytes(piece, &more, err));
    if (more.len > VERIFIER_ANSWER_MAX - answer->buf.len)
        return FAIL(err, ERR_INPUT, "an answer of more than %d bytes", VERIFIER_ANSWER_MAX);
    return buf_append(&answer->buf, more, err);
}

int jpki_answer_put(jpki_answer *answer, struct jpki_bytes piece)
{
    struct err err = {0};

    if (answer->rc == 0)
        answer->rc = put(answer, piece, &err);
    return tell(answer->rc, &err, NULL);
}

/* What a function of the caller's put, if it says that it did. */
static int take_answer(struct jpki_answer *answer, int said, struct buf *ret, struct err *err)
{
    if (said == 0 && answer->rc == 0) {
        buf_move(ret, &answer->buf);
        return 0;
    }
    buf_done(&answer->buf);
    return answer->rc == -ERR_NOMEM ? FAIL_NOMEM(err) : FAIL(err, ERR_REMOTE, "no answer");
}

static int send_question(const void *context, const struct x509_cert *cert, struct bytes request,
                         struct buf *ret, struct err *err)
{
    const struct jpki_verifier *verifier = context;
    struct jpki_answer answer = {.buf = BUF_INIT};
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    const char *url;
    int said;

    TRY(buf_copy(x509_cert_tbs(cert)->ocsp_url, &copy, err));
    if (copy.len == 0)
        return FAIL(err, ERR_INPUT, "the certificate names no OCSP responder");
    TRY(buf_text(&copy, &url, err));
    said = verifier->ask(verifier->ask_context, url, give_bytes(request), &answer);
    return take_answer(&answer, said, ret, err);
}

static int sign_question(const void *context, struct bytes tbs, struct buf *ret, struct err *err)
{
    const struct jpki_verifier *verifier = context;
    struct jpki_answer answer = {.buf = BUF_INIT};
    int said = verifier->sign(verifier->sign_context, give_bytes(tbs), &answer);

    return take_answer(&answer, said, ret, err);
}

static int ask(const struct jpki_verifier *verifier, const struct status_question *question,
               struct report *report, struct status *ret, struct err *err)
{
    const struct ocsp_asker asker = {.context = verifier,
                                     .sign = verifier->sign == NULL ? NULL : sign_question,
                                     .requestor = verifier->requestor,
                                     .send = send_question};
    struct status_source source = ocsp_status_source(&asker);

    return source.look(source.context, question, report, ret, err);
}

static int search(const struct jpki_verifier *verifier, const struct status_question *question,
                  struct report *report, struct status *ret, struct err *err)
{
    struct status_source source = crl_lists_source(verifier->lists);

    return source.look(source.context, question, report, ret, err);
}

/* What no feed has answered. */
static int look_elsewhere(const struct jpki_verifier *verifier,
                          const struct status_question *question, struct report *report,
                          struct status *ret, struct err *err)
{
    struct report asked = {.verdict = VERDICT_VALID};
    struct status status = {.reason = -1};

    if (verifier->ask != NULL)
        TRY(ask(verifier, question, &asked, &status, err));
    if (status.answer == STATUS_NOT_KNOWN && crl_lists_are_any(verifier->lists) &&
        !report_has(&asked, REASON_STATUS_UNKNOWN)) {
        TRY(search(verifier, question, report, &status, err));
        if (status.answer == STATUS_NOT_KNOWN)
            report_merge(report, &asked);
    } else {
        report_merge(report, &asked);
    }
    *ret = status;
    return 0;
}

static bool has_others(const struct jpki_verifier *verifier)
{
    return verifier->ask != NULL || crl_lists_are_any(verifier->lists);
}

static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    const struct jpki_verifier *verifier = context;
    const struct feed_list list = {verifier->feeds, verifier->feed_count};
    const struct status_source source = feed_status_source(&list);
    struct report told = {.verdict = VERDICT_VALID};
    struct status status = {.reason = -1};

    if (verifier->feed_count > 0)
        TRY(source.look(source.context, question, &told, &status, err));
    if (status.answer == STATUS_NOT_KNOWN && has_others(verifier)) {
        TRY(look_elsewhere(verifier, question, report, &status, err));
        if (status.answer != STATUS_NOT_KNOWN) {
            *ret = status;
            return 0;
        }
    }
    report_merge(report, &told);
    *ret = status;
    return 0;
}

bool verifier_has_status(const struct jpki_verifier *verifier)
{
    return verifier->feed_count > 0 || has_others(verifier);
}

struct status_source verifier_status(const struct jpki_verifier *verifier)
{
    return (struct status_source){look, verifier};
}
