/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libjpki: a My Number Card in a reader, for programs of people who have one: who is it, which
 * certificates are on it, how many tries do its PINs have, and signatures by its two keys.
 *
 * The rules that keep a card from being locked by accident are inside: the tries left are asked
 * for before a PIN is sent, the last one is used only if you say so, a PIN that cannot be right
 * is not sent, none is sent twice, and what a PIN has opened is closed again before the function
 * returns. Each call is one transaction: other programs may use the card in between.
 *
 * Failures: a function that can fail returns 0, or -(enum jpki_error_kind) with a sentence in
 * *error, which may be NULL. What it would have returned through ret is then untouched. Pointers
 * are not NULL unless it is said.
 *
 * Ownership: what you pass in stays yours, and is not kept. What comes back through ret is yours,
 * to be released by the free function of its type, which accepts NULL and wipes what it releases.
 * Texts that a function returns live as long as what they are of.
 *
 * Threads: different cards may be used by different threads at the same time, one card by one at a
 * time. The thread's queue of OpenSSL errors is emptied.
 *
 * Nothing is logged, printed or written to a file. The library needs libcrypto and libpcsclite.
 *
 * Promise: within the soname libjpki.so.0 no function goes away or changes its parameters, no
 * structure grows, no number changes its meaning. Functions and numbers may be added.
 *
 * This is a library of OpenJPKI, which is unofficial. Manual: jpki(3).
 */
#ifndef JPKI_JPKI_H
#define JPKI_JPKI_H

#include <jpki/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    JPKI_READERS_MAX = 16, /* readers that are looked at */
    JPKI_PIN_MAX = 16      /* bytes of the longest PIN */
};

/* --- Bytes that the library made ------------------------------------------------------------ */

typedef struct jpki_data jpki_data;

struct jpki_bytes jpki_data_bytes(const jpki_data *data);
void jpki_data_free(jpki_data *data);

/* --- Readers and cards ---------------------------------------------------------------------- */

/*
 * Called for each reader; the name lives until it returns. What is in a reader need not be a My
 * Number Card. Not 0: no more readers are wanted.
 */
typedef int jpki_reader_fn(void *context, const char *name, int has_card);

/* JPKI_ERROR_ABSENT if there is no PC/SC service. No reader is no failure. */
JPKI_MUST_CHECK int jpki_readers(jpki_reader_fn *each, void *context, struct jpki_error *error);

typedef struct jpki_card jpki_card;

/*
 * The card in the reader whose name contains reader, upper or lower case; NULL: in any. Cards of
 * other kinds are passed over: a My Number Card is known by its application and what that says, not
 * by its answer to reset. "direct:PATH" is the socket of a software card, "replay:FILE" a recorded
 * session. JPKI_ERROR_ABSENT if there is none, JPKI_ERROR_USAGE, with their readers, if several.
 */
JPKI_MUST_CHECK int jpki_card_open(const char *reader, jpki_card **ret, struct jpki_error *error);
void jpki_card_free(jpki_card *card);

const char *jpki_card_reader(const jpki_card *card);

enum jpki_card_kind { JPKI_CARD_PLASTIC = 1, JPKI_CARD_ANDROID = 2, JPKI_CARD_IPHONE = 3 };

enum jpki_card_kind jpki_card_kind(const jpki_card *card);

/* What the card says about itself, printable ASCII; "" where it says nothing. */
enum jpki_token_field {
    JPKI_TOKEN_LABEL = 1, /* "JPKIAPICCTOKEN2" for a card of plastic */
    JPKI_TOKEN_MANUFACTURER = 2,
    JPKI_TOKEN_MODEL = 3,
    JPKI_TOKEN_SERIAL = 4 /* not known to be unique */
};

/* NULL for a field that is none of these. */
const char *jpki_card_token(const jpki_card *card, enum jpki_token_field field);

/* --- PINs ----------------------------------------------------------------------------------- */

enum jpki_pin_kind {
    JPKI_PIN_AUTH = 1, /* 利用者証明用: 4 digits, 3 tries */
    JPKI_PIN_SIGN = 2  /* 署名用: 6 to 16 letters and digits, at least one of each, 5 tries */
};

/* How a PIN may be used. */
enum {
    JPKI_LAST_TRY = 1 /* also if only one try is left, after which it would be locked */
};

/* Bytes of a PIN as it was typed; letters of the sign password count in either case. */
struct jpki_pin {
    struct jpki_bytes text;
    unsigned flags; /* JPKI_LAST_TRY, or 0 */
};

/*
 * How many tries are left, 0 if it is locked; asking costs none. JPKI_ERROR_ABSENT if the card has
 * no such PIN, JPKI_ERROR_REMOTE if it does not tell.
 */
JPKI_MUST_CHECK int jpki_card_tries(jpki_card *card, enum jpki_pin_kind which, unsigned *ret,
                                    struct jpki_error *error);

/*
 * Whether a PIN is right, which gives it all its tries back. JPKI_ERROR_DENIED if it is wrong,
 * locked, cannot be right, or would be the last try and must not be; the sentence tells.
 */
JPKI_MUST_CHECK int jpki_card_check_pin(jpki_card *card, enum jpki_pin_kind which,
                                        const struct jpki_pin *pin, struct jpki_error *error);

/* --- Certificates --------------------------------------------------------------------------- */

enum jpki_certificate {
    JPKI_CERTIFICATE_SIGN = 1, /* says who the holder is; needs the sign password */
    JPKI_CERTIFICATE_AUTH = 2, /* needs the auth PIN on phones */
    JPKI_CERTIFICATE_SIGN_CA = 3,
    JPKI_CERTIFICATE_AUTH_CA = 4
};

/*
 * In DER, as the card has it: nothing says yet that it is genuine (jpki-verify(3)). pin may be
 * NULL where none is needed. JPKI_ERROR_ABSENT if it is not on this card, as the sign certificate
 * of who is under 15; JPKI_ERROR_DENIED as jpki_card_check_pin.
 */
JPKI_MUST_CHECK int jpki_card_certificate(jpki_card *card, enum jpki_certificate which,
                                          const struct jpki_pin *pin, jpki_data **ret,
                                          struct jpki_error *error);

/* --- Signing -------------------------------------------------------------------------------- */

struct jpki_digest {
    enum jpki_hash hash;
    struct jpki_bytes value; /* as long as the hash makes it */
};

/*
 * Have the digest of a message signed: RSASSA-PKCS1-v1_5 (RFC 8017, 8.2). A digest of another
 * length than its hash makes is JPKI_ERROR_USAGE; JPKI_ERROR_DENIED as jpki_card_check_pin. The
 * signature was checked with the key of the card's certificate, so a card that signs something
 * else is JPKI_ERROR_REMOTE.
 */
JPKI_MUST_CHECK int jpki_card_sign(jpki_card *card, enum jpki_use use,
                                   const struct jpki_digest *digest, const struct jpki_pin *pin,
                                   jpki_data **ret, struct jpki_error *error);

/* "0.1.0": of the library that runs, not of this page. */
const char *jpki_version(void);

#ifdef __cplusplus
}
#endif

#endif
