/* SPDX-License-Identifier: Apache-2.0 */
#include "register/refusal.h"

static const struct row {
    enum err_kind kind;
    const char *word, *sentence;
} rows[REFUSALS_] = {
    [REFUSED_NO_SESSION] = {ERR_DENIED, "session-unknown", "no clerk is logged in here with this"},
    [REFUSED_CHALLENGE] = {ERR_CONFLICT, "challenge-over",
                           "the challenge is over or was answered; ask for another one"},
    [REFUSED_UNKNOWN] = {ERR_DENIED, "clerk-unknown", "the card is no clerk's of this register"},
    [REFUSED_BLOCKED] = {ERR_DENIED, "clerk-blocked", "the clerk is blocked"},
    [REFUSED_SIGNATURE] = {ERR_UNTRUSTED, "signature-broken",
                           "the signature is not over this, or not by the card's key"},
    [REFUSED_CERTIFICATE] = {ERR_UNTRUSTED, "certificate-not-valid",
                             "the card's certificate does not count here or now"},
    [REFUSED_REVOKED] = {ERR_UNTRUSTED, "certificate-revoked",
                         "the card's certificate is revoked or suspended"},
    [REFUSED_STATUS] = {ERR_REMOTE, "certificate-status",
                        "whether the card's certificate is in force cannot be found out now"},
    [REFUSED_SIGNER] = {ERR_UNTRUSTED, "filing-signer",
                        "the request was signed with another card than that of the session"},
    [REFUSED_ORIGIN] = {ERR_UNTRUSTED, "filing-origin",
                        "the request was signed for another register"},
    [REFUSED_SESSION] = {ERR_UNTRUSTED, "filing-session",
                         "the request was signed in another session"},
    [REFUSED_COUNTER] = {ERR_UNTRUSTED, "filing-counter",
                         "the request was signed at another counter"},
    [REFUSED_STALE] = {ERR_UNTRUSTED, "filing-stale",
                       "the request was signed more than five minutes from now"},
    [REFUSED_REPLAYED] = {ERR_CONFLICT, "filing-replayed",
                          "the request was received before and dealt with; read what became of it"},
    [REFUSED_ID_REUSED] = {ERR_CONFLICT, "filing-id-reused",
                           "this request_id was used for another request"},
    [REFUSED_PATH] = {ERR_ABSENT, "filing-path", "nothing at this path can be asked for"},
    [REFUSED_ROLE] = {ERR_DENIED, "clerk-role", "the clerk has no role that may do this"},
    [REFUSED_PLACE] = {ERR_DENIED, "clerk-municipality",
                       "this belongs to another municipality than that of the counter"},
    [REFUSED_SELF] = {ERR_DENIED, "clerk-self", "nobody decides about himself"},
    [REFUSED_SAME_CLERK] = {ERR_DENIED, "confirm-same-clerk",
                            "who asked for it cannot confirm it as well"},
    [REFUSED_SAME_CARD] = {ERR_DENIED, "confirm-same-card",
                           "the card that asked for it cannot confirm it as well"},
    [REFUSED_DIGEST] = {ERR_UNTRUSTED, "confirm-other-request",
                        "the digest is not that of the request that waits"},
    [REFUSED_EXPIRED] = {ERR_CONFLICT, "filing-expired", "the request waited too long"},
    [REFUSED_OVER] = {ERR_CONFLICT, "filing-over", "the request no longer waits"},
    [REFUSED_STRANGER] = {ERR_DENIED, "withdraw-stranger", "only who asked for it can withdraw it"},
    [REFUSED_CARD_TAKEN] = {ERR_CONFLICT, "clerk-card-taken", "the card is another clerk's"},
    [REFUSED_BOOTSTRAPPED] = {ERR_CONFLICT, "bootstrap-done",
                              "the register has had its first clerk; administrators add others"},
    [REFUSED_KNOWN] = {ERR_CONFLICT, "resident-known",
                       "somebody of this name and day of birth is registered; record it of them, "
                       "or say that it is somebody else"},
};

const char *refusal_word(enum refusal refusal)
{
    return rows[refusal].word;
}

int refuse(struct err *err, enum refusal refusal)
{
    const struct row *row = &rows[refusal];

    return FAIL(err, row->kind, "%s: %s", row->word, row->sentence);
}
