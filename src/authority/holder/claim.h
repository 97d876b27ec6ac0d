/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all that holders sign for this authority has in common: whom it was meant for, when it was
 * signed, and by the key of which certificate. Inside this room only.
 */
#pragma once

#include "authority/authority.h"

enum {
    HOLDER_SERIAL_OCTETS = 4,
    HOLDER_ID_OCTETS = 28, /* of a message's digest, in the name of its request */
};

/* As it came. */
struct holder_claim {
    const char *origin;  /* where the holder reached this authority */
    struct bytes issuer; /* key identifier of the CA */
    int64_t serial;      /* of the certificate whose key signed */
    int64_t at;          /* UTC seconds, by the holder's clock */
    struct bytes signature;
    const char *nothing; /* what has not happened if it is refused: "nothing was revoked" */
};

/*
 * Whether it is for us and of now: ERR_UNTRUSTED for another origin or CA, and for a time that is
 * more than HOLDER_SECONDS away. *ret_serial is 0 for a number that no certificate can have.
 */
MUST_CHECK int holder_claim_check(const struct authority *authority,
                                  const struct holder_claim *claim, enum ca_kind *ret_kind,
                                  uint32_t *ret_serial, struct err *err);

struct holder_signer {
    enum ca_kind kind;
    uint32_t serial;
    const struct digest *digest; /* of the message, made here from what the claim says */
};

/*
 * *ret is the certificate whose key made the signature. ERR_UNTRUSTED, in the same words and time,
 * if there is no such certificate or the signature is not by its key.
 */
MUST_CHECK int holder_claim_verify(const struct authority *authority,
                                   const struct holder_claim *claim,
                                   const struct holder_signer *signer, struct x509_cert **ret,
                                   struct err *err);

/* As in a certificate: no leading zero. 0 stands for every number that none can have. */
struct bytes holder_serial_octets(uint32_t serial, uint8_t octets[HOLDER_SERIAL_OCTETS]);

/* The same message has the same id, so it counts once however often it is sent. Appended. */
MUST_CHECK int holder_name_request(const char *start, const struct digest *digest, const char *end,
                                   struct buf *ret, struct err *err);
