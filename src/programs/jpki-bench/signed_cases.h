/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed documents of people never seen before, and a nation's revocations in memory: what a
 * verifier judges all day. Certificates are many, keys are few, because only the certificate and
 * the key in it have to be new to the verifier.
 */
#pragma once

#include "programs/jpki-bench/verify_peer.h"
#include "revocation/crl_write.h"
#include "verify/anchors.h"
#include "verify/index_status.h"

struct privkey;

enum {
    SIGNED_CASES = 1000, /* certificates */
    SIGNED_KEYS = 4,     /* of holders */
    SIGNED_DOCUMENT = 4096,
    SIGNED_CASES_NOW = 1790000000, /* when all of it is valid */
};

struct signed_cases {
    struct privkey *keys[SIGNED_KEYS + 1]; /* the last one is the CA's */
    struct x509_cert *ca;
    struct buf certs[SIGNED_CASES];
    struct buf signatures[SIGNED_KEYS];
    struct signed_case cases[SIGNED_CASES];
    uint8_t document[SIGNED_DOCUMENT];
    size_t revoked;
    struct revocation_set *set;
    struct anchors *anchors;
    struct revocation_index index;
    struct index_list list;
    struct status_source status; /* none of the cases is revoked */
};

MUST_CHECK int signed_cases_new(size_t revoked, struct signed_cases **ret, struct err *err);
void signed_cases_freep(struct signed_cases **cases);
const struct privkey *signed_cases_ca_key(const struct signed_cases *cases);
/* In this thread; ERR_REMOTE unless it is valid. */
MUST_CHECK int signed_cases_verify(const struct signed_cases *cases,
                                   const struct signed_case *signed_case, struct err *err);

/* Revocations of about every fourth number, the same in each run. */
struct revocations_made {
    size_t count, given;
    uint32_t serial, state;
};
struct revocation_source revocations_made(struct revocations_made *made);
