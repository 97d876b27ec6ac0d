/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifiers as parties (pki.md 6): a body applies, is certified by the minister, and gives notice
 * before it may ask anything. A platform gives notice for each provider it verifies for, and for
 * each of that provider's services; a public body needs no certificate of the minister. Where a
 * party stands follows from the dates of what happened to it.
 */
#pragma once

#include "authority/store.h"
#include "base/json.h"

enum party_role { PARTY_VERIFIER, PARTY_PLATFORM, PARTY_PUBLIC, PARTY_ROLES_ };
enum party_state {
    PARTY_APPLIED,
    PARTY_CERTIFIED,
    PARTY_ACTIVE, /* notice was given: its requests are answered */
    PARTY_SUSPENDED,
    PARTY_ENDED,
    PARTY_STATES_
};
/* What is done to one that is there. Notice has a function of its own. */
enum party_step { PARTY_CERTIFY, PARTY_SUSPEND, PARTY_RESUME, PARTY_END, PARTY_STEPS_ };

extern const char *const party_roles[];  /* "verifier", "platform", "public", NULL */
extern const char *const party_states[]; /* "applied", ... */
extern const char *const party_steps[];  /* "certify", ... */

struct party {
    char name[VERIFIER_NAME_MAX + 1];
    char title[PARTY_TITLE_MAX + 1]; /* of the organisation, as people know it; UTF-8 */
    enum party_role role;
    bool verifies[CA_KINDS_];
    int64_t applied_at, certified_at, notified_at, suspended_at, ended_at; /* 0: not */
};

enum party_state party_state_of(const struct party *party);

/* A service of a provider that a party verifies for; names as request ids. */
struct notice {
    const char *provider, *provider_title;
    const char *service, *service_title;
};

/*
 * Whether a body that has applied may become a party: a name as request ids are spelled, a title
 * of 1 to PARTY_TITLE_MAX bytes, one kind at least. ERR_INPUT.
 */
MUST_CHECK int party_check(const struct party *party, struct err *err);
MUST_CHECK int notice_check(const struct notice *notice, struct err *err);

/*
 * Keep an application. The same once more is fine (*ret_is_new false); ERR_CONFLICT if the name is
 * another's.
 */
MUST_CHECK int authority_apply(struct authority_store *store, const struct party *party,
                               const struct audit_origin *by, bool *ret_is_new, struct err *err);
/* ERR_ABSENT if there is none; ERR_CONFLICT where it stands that cannot be done. */
MUST_CHECK int authority_take_step(struct authority_store *store, const char *name,
                                   enum party_step step, const struct audit_origin *by,
                                   struct err *err);
/*
 * Notice that a party verifies for a service from now on, or for itself (notice NULL). The first
 * makes it active. The same once more is fine, and mends titles; one that was taken back is given
 * again.
 */
MUST_CHECK int authority_give_notice(struct authority_store *store, const char *name,
                                     const struct notice *notice, const struct audit_origin *by,
                                     struct err *err);
/* A party no longer verifies for a provider: its services and consents to them lead nowhere. */
MUST_CHECK int authority_end_provider(struct authority_store *store, const char *name,
                                      const char *provider, const struct audit_origin *by,
                                      struct err *err);
/*
 * A further certificate, checked before, for a change of keys without a gap. The same once more is
 * fine; ERR_CONFLICT if it is or was another's, or there are PARTY_CERTIFICATES_MAX.
 */
MUST_CHECK int authority_add_party_certificate(struct authority_store *store, const char *name,
                                               struct bytes certificate,
                                               const struct audit_origin *by, struct err *err);
MUST_CHECK int authority_retire_party_certificate(struct authority_store *store, const char *name,
                                                  struct bytes certificate,
                                                  const struct audit_origin *by, struct err *err);

/* All parties, or one with its certificates and providers, as the bodies of answers. */
MUST_CHECK int authority_list_parties(struct authority_store *store, struct json **ret,
                                      struct err *err);
MUST_CHECK int authority_show_party(struct authority_store *store, const char *name,
                                    struct json **ret, struct err *err);

/* Member "services" alone: for the party itself. */
MUST_CHECK int authority_list_services(struct authority_store *store, const char *name,
                                       struct json **ret, struct err *err);

/* The active party that has this certificate; ERR_ABSENT if none has. */
MUST_CHECK int authority_find_party(struct authority_store *store, struct bytes certificate,
                                    struct party *ret, struct err *err);

/* ERR_INPUT unless a party's requests may be signed with it: no CA's, to sign with, valid now. */
MUST_CHECK int verifier_certificate_check(struct bytes der, int64_t now, struct err *err);
