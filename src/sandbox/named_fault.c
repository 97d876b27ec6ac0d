/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/named_fault.h"

#include "base/i18n.h"

#include <string.h>

#define PHONE     "jpki-sandbox-page"
#define SOFTCARD  "jpki-softcard"
#define REGISTER  "jpki-registerd"
#define AUTHORITY "jpki-authorityd"
#define OCSP      "jpki-ocspd"
#define PLATFORM  "jpki-platformd"
#define AUTHAPP   "jpki-authappd"

const struct named_fault_row named_faults[NAMED_FAULTS_] = {
    [NAMED_PIN_WRONG] = {"pin_wrong", SOFTCARD, NAMED_BY_HOLDER,
                         N_("the holder types a wrong PIN, has one try less, and gives up")},
    [NAMED_PIN_LAST_TRY] = {"pin_last_try", SOFTCARD, NAMED_BY_ACT,
                            N_("wrong PINs are typed until one try is left")},
    [NAMED_PIN_LOCKED] = {"pin_locked", SOFTCARD, NAMED_BY_ACT,
                          N_("wrong PINs are typed until the PIN is locked")},
    [NAMED_SIGN_PIN_LOCKED] = {"sign_pin_locked", SOFTCARD, NAMED_BY_ACT,
                               N_("wrong passwords are typed until the signature password is "
                                  "locked")},
    [NAMED_CARD_REMOVED] = {"card_removed", SOFTCARD, NAMED_BY_HOLDER,
                            N_("the card is pulled out while it is being used")},
    [NAMED_CARD_SLOW] = {"card_slow", SOFTCARD, NAMED_BY_HOLDER,
                         N_("the card takes 150 ms longer for each command")},
    [NAMED_HOLDER_DECLINES] = {"holder_declines", PHONE, NAMED_BY_HOLDER,
                               N_("the holder does not want to log in")},
    [NAMED_HOLDER_SILENT] = {"holder_silent", PHONE, NAMED_BY_HOLDER,
                             N_("the holder never answers: the login ends with its 60 seconds")},
    [NAMED_CARD_SUSPENDED] = {"card_suspended", REGISTER, NAMED_BY_ACT,
                              N_("the card is reported lost: its certificates are on hold")},
    [NAMED_AUTH_REVOKED] = {"auth_revoked", REGISTER, NAMED_BY_ACT,
                            N_("the holder has both certificates revoked at the counter")},
    [NAMED_SIGN_REVOKED_BY_MOVE] = {"sign_revoked_by_move", REGISTER, NAMED_BY_ACT,
                                    N_("the holder moves, and has not yet fetched a new sign "
                                       "certificate")},
    [NAMED_OCSP_DOWN] = {"ocsp_down", OCSP, NAMED_BY_REQUEST,
                         N_("the OCSP responder says 503 to each question")},
    [NAMED_OCSP_SLOW] = {"ocsp_slow", OCSP, NAMED_BY_REQUEST,
                         N_("the OCSP responder answers 3 seconds late")},
    [NAMED_CRL_DOWN] = {"crl_down", AUTHORITY, NAMED_BY_REQUEST,
                        N_("lists of revocations cannot be downloaded: 503")},
    [NAMED_CRL_STALE] = {"crl_stale", AUTHORITY, NAMED_BY_REQUEST,
                         N_("no new lists of revocations are made: those there are become stale")},
    [NAMED_AUTHORITY_DOWN] = {"authority_down", AUTHORITY, NAMED_BY_REQUEST,
                              N_("the authority says 503 to verifiers and holders")},
    [NAMED_CONSENT_WITHDRAWN] = {"consent_withdrawn", PLATFORM, NAMED_BY_REQUEST,
                                 N_("the consent to the latest attributes was withdrawn")},
    [NAMED_CONSENT_EXPIRED] = {"consent_expired", PLATFORM, NAMED_BY_REQUEST,
                               N_("the consent to the latest attributes is past its end")},
    [NAMED_PLATFORM_DOWN] = {"platform_down", PLATFORM, NAMED_BY_REQUEST,
                             N_("the platform says 503 to its tenants")},
    [NAMED_RATE_LIMITED] = {"rate_limited", PLATFORM, NAMED_BY_REQUEST,
                            N_("the tenant asks too often: 429, again in a second")},
    [NAMED_QUOTA_EXHAUSTED] = {"quota_exhausted", PLATFORM, NAMED_BY_REQUEST,
                               N_("the tenant's quota of this month is used up: 429")},
    [NAMED_WEBHOOK_LOST] = {"webhook_lost", PLATFORM, NAMED_BY_REQUEST,
                            N_("a notice counts as delivered and never reaches the provider")},
    [NAMED_PROVIDER_SILENT] = {"provider_silent", PLATFORM, NAMED_BY_REQUEST,
                               N_("the provider does not answer notices: they are tried again")},
    [NAMED_LOGIN_UNAVAILABLE] = {"login_unavailable", AUTHAPP, NAMED_BY_REQUEST,
                                 N_("logins cannot be opened: 503")},
    [NAMED_TOKEN_DOWN] = {"token_down", AUTHAPP, NAMED_BY_REQUEST,
                          N_("the token endpoint says 503")},
    [NAMED_JWKS_DOWN] = {"jwks_down", AUTHAPP, NAMED_BY_REQUEST,
                         N_("the keys of tokens cannot be fetched: 503")},
    [NAMED_USERINFO_DOWN] = {"userinfo_down", AUTHAPP, NAMED_BY_REQUEST,
                             N_("the userinfo endpoint says 503")},
    [NAMED_WRONG_NONCE] = {"wrong_nonce", AUTHAPP, NAMED_BY_REQUEST,
                           N_("the ID token has another nonce than was sent")},
    [NAMED_WRONG_AUDIENCE] = {"wrong_audience", AUTHAPP, NAMED_BY_REQUEST,
                              N_("the ID token is for another client")},
    [NAMED_WRONG_SUBJECT] = {"wrong_subject", AUTHAPP, NAMED_BY_REQUEST,
                             N_("the ID token is about somebody else than userinfo")},
    [NAMED_BAD_SIGNATURE] = {"bad_signature", AUTHAPP, NAMED_BY_REQUEST,
                             N_("the ID token's signature does not hold")},
    [NAMED_UNSIGNED_TOKEN] = {"unsigned_token", AUTHAPP, NAMED_BY_REQUEST,
                              N_("the ID token says alg none and is not signed")},
    [NAMED_UNKNOWN_KID] = {"unknown_kid", AUTHAPP, NAMED_BY_REQUEST,
                           N_("the ID token names a key that is not published")},
    [NAMED_EXPIRED_TOKEN] = {"expired_token", AUTHAPP, NAMED_BY_REQUEST,
                             N_("the ID token expired an hour ago")},
    [NAMED_CLOCK_SKEW] = {"clock_skew", AUTHAPP, NAMED_BY_REQUEST,
                          N_("the ID token was made by a clock that is ten minutes fast")},
    [NAMED_SLOW] = {"slow", AUTHAPP ", " PLATFORM, NAMED_BY_REQUEST,
                    N_("each answer comes 2 seconds late")},
};

int named_fault_find(const char *name, enum named_fault *ret, struct err *err)
{
    for (size_t i = 0; i < NAMED_FAULTS_; i++) {
        if (strcmp(named_faults[i].name, name) == 0) {
            *ret = (enum named_fault)i;
            return 0;
        }
    }
    return FAIL(err, ERR_ABSENT, "there is no fault %.40s; 'jpki-sandbox fault list' has them all",
                name);
}

const char *named_fault_way(enum named_fault_way way)
{
    static const char *const names[NAMED_WAYS_] = {"request", "holder", "act"};

    return names[way];
}
