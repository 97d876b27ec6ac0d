/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder revokes a certificate by a signature of the key that is in it. Whoever has the key can
 * do so, nobody else, and of each certificate alone.
 */
#pragma once

#include "authority/authority.h"

/* As it came; checked by authority_revoke_by_holder. */
struct holder_request {
    const char *origin;  /* where the holder reached this authority */
    struct bytes issuer; /* key identifier of the CA */
    int64_t serial;
    const char *reason; /* one of bound_reasons (crypto/bound.h) */
    int64_t at;         /* UTC seconds, by the holder's clock */
    struct bytes nonce;
    struct bytes signature;
    const struct audit_origin *by;
};

/*
 * What every request of a holder is checked for, whatever it is about: ERR_UNTRUSTED for another
 * origin than authority->holder_origin, another CA, and a time that is more than HOLDER_SECONDS
 * away. undone says what was not done: "nothing was revoked".
 */
struct holder_frame {
    const char *origin;
    struct bytes issuer;
    int64_t at;
    const char *undone;
};
MUST_CHECK int holder_check_frame(const struct authority *authority,
                                  const struct holder_frame *frame, enum ca_kind *ret,
                                  struct err *err);
/* As in a certificate: no leading zero. 0 stands for every number that none can have. */
enum { SERIAL_OCTETS = 4 };
struct bytes holder_serial(int64_t serial, uint8_t octets[SERIAL_OCTETS]);

/* A signature over a message by the key of a certificate. */
struct holder_proof {
    enum ca_kind kind;
    uint32_t serial;
    const struct digest *digest;
    struct bytes signature;
    const char *undone;
};
/* ERR_UNTRUSTED, which reads the same whether there is such a certificate or not. */
MUST_CHECK int holder_check_proof(const struct authority *authority,
                                  const struct holder_proof *proof, struct err *err);

/*
 * Revoke it for ever, or give the revocation there is, whoever made it. ERR_UNTRUSTED for another
 * origin than authority->holder_origin, another CA, a time that is more than HOLDER_SECONDS away,
 * and a signature that is not by this key, which reads the same whether there is such a
 * certificate or not; ERR_INPUT for what cannot be signed at all.
 */
MUST_CHECK int authority_revoke_by_holder(const struct authority *authority,
                                          const struct holder_request *request, struct revoked *ret,
                                          struct err *err);
