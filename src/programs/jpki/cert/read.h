/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the certificate that a command's options mean, with the password where it needs one. */
#pragma once

#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct cert_options {
    bool sign, ca;
};

/* Rows for a command whose option struct has members "cert", "card" and "pin". */
#define CERT_OPTIONS(type)                                                                         \
    {'s',                                                                                          \
     "sign",                                                                                       \
     CLI_FLAG,                                                                                     \
     offsetof(type, cert.sign),                                                                    \
     NULL,                                                                                         \
     N_("the signature certificate instead of the one for authentication; asks for its "           \
        "password")},                                                                              \
    {                                                                                              \
        0, "ca", CLI_FLAG, offsetof(type, cert.ca), NULL,                                          \
            N_("the certificate of the authority that issued it; needs no password")               \
    }

/* The first of the rows alone, for commands that are about the holder's certificates. */
#define CERT_SIGN_OPTION(type)                                                                     \
    {                                                                                              \
        's', "sign", CLI_FLAG, offsetof(type, cert.sign), NULL,                                    \
            N_("the signature certificate instead of the one for authentication; asks for its "    \
               "password")                                                                         \
    }

enum icc_cert cert_meant(const struct cert_options *options);
MUST_CHECK int cert_read(const struct cert_options *options, const struct card_options *card,
                         const struct pin_options *pin, struct x509_cert **ret, struct err *err);

/* A holder's certificate and that of its authority, as the card has them. */
struct cert_pair {
    struct x509_cert *cert, *ca; /* ca NULL: the card has none */
};
void cert_pair_done(struct cert_pair *pair);
/* Both of what options mean, of which ca is left out of account. */
MUST_CHECK int cert_read_pair(const struct cert_options *options, const struct card_options *card,
                              const struct pin_options *pin, struct cert_pair *ret,
                              struct err *err);
/* The authority's alone, from an open card; *ret NULL if it has none. */
MUST_CHECK int cert_read_ca(struct icc *icc, bool is_sign, struct x509_cert **ret, struct err *err);
