/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libjpki: a My Number Card in a reader, for programs of people who have one: who is it, which
 * certificates are on it, how many tries do its PINs have, signatures by its two keys, what is
 * written on it, judged by who signed it, and what operators have in its free area.
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
    JPKI_READERS_MAX = 16,       /* readers that are looked at */
    JPKI_PIN_MAX = 16,           /* bytes of the longest PIN */
    JPKI_ANCHORS_MAX = 32,       /* roots of card data, with those that are built in */
    JPKI_ANCHOR_FILE_MAX = 2048, /* bytes of a file with one */
    JPKI_AREAS_MAX = 32          /* areas in a card's free area */
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
    JPKI_PIN_SIGN = 2, /* 署名用: 6 to 16 letters and digits, at least one of each, 5 tries */
    JPKI_PIN_TEXT = 3, /* 券面事項入力補助用: 4 digits, 3 tries */
    JPKI_PIN_JUKI = 4, /* 住民基本台帳用: 4 digits, 3 tries; the card keeps it twice */
    JPKI_PIN_A = 5,    /* 照合番号A: the individual number, 10 tries; kept twice */
    JPKI_PIN_B = 6,    /* 照合番号B: 14 digits, see jpki_code_b(), 10 tries; kept twice */
    JPKI_PIN_BIRTH = 7 /* 生年月日: 6 digits, see jpki_code_birth(), 10 tries */
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
 * How many tries are left, 0 if it is locked; asking costs none. The lower number of a PIN that is
 * kept twice. JPKI_ERROR_ABSENT if the card has no such PIN, JPKI_ERROR_REMOTE if it does not tell.
 */
JPKI_MUST_CHECK int jpki_card_tries(jpki_card *card, enum jpki_pin_kind which, unsigned *ret,
                                    struct jpki_error *error);

/*
 * Whether a PIN is right, which gives it all its tries back. JPKI_ERROR_DENIED if it is wrong,
 * locked, cannot be right, or would be the last try and must not be; the sentence tells. One that
 * is kept twice has to be right in both places; where it is wrong in the first, the second is not
 * asked.
 */
JPKI_MUST_CHECK int jpki_card_check_pin(jpki_card *card, enum jpki_pin_kind which,
                                        const struct jpki_pin *pin, struct jpki_error *error);

/*
 * Change one of the first four kinds; codes stay what they are. replacement is the text of the new
 * PIN. JPKI_ERROR_DENIED as above, or if the new one has not the form, is the old one, or is part
 * of the holder's birth date where the card tells that: then the old one counts. If the answer of
 * the card is lost, the sentence says that nobody knows which counts. So it does if one that is
 * kept twice was changed in the first place only: both places are asked for their tries before
 * anything is sent, but a card may be pulled out between them.
 */
JPKI_MUST_CHECK int jpki_card_change_pin(jpki_card *card, enum jpki_pin_kind which,
                                         const struct jpki_pin *old, struct jpki_bytes replacement,
                                         struct jpki_error *error);

/*
 * Codes out of what people know: the birth date as "1990-04-15", the year in which the card expires
 * as "2035", the security code that is printed under the photo as "1234". JPKI_ERROR_DENIED if that
 * can be no code.
 */
JPKI_MUST_CHECK int jpki_code_b(const char *birth, const char *expiry_year,
                                const char *security_code, jpki_data **ret,
                                struct jpki_error *error);
JPKI_MUST_CHECK int jpki_code_birth(const char *birth, jpki_data **ret, struct jpki_error *error);

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

/*
 * Which of the CAs of the JPKI, whose certificates are published, issued certificates for this use:
 * *ret is the generation of the CA certificate on the card, or 0 if it is none that is known here,
 * which a software card's never is. By the whole certificate; needs no PIN. JPKI_ERROR_ABSENT if
 * the card has none. That the holder's certificate is signed by it is for jpki-verify(3) to find
 * out.
 */
JPKI_MUST_CHECK int jpki_card_authority(jpki_card *card, enum jpki_use use, unsigned *ret,
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

/* --- What is written on the card ------------------------------------------------------------ */

/* Who vouches for the data on cards. One may be used by several threads at once, but not changed.
 */
typedef struct jpki_anchors jpki_anchors;

/* With the roots of the real cards in it. */
JPKI_MUST_CHECK int jpki_anchors_new(jpki_anchors **ret, struct jpki_error *error);
void jpki_anchors_free(jpki_anchors *anchors);
/*
 * Add each "cv-IDENTIFIER.pem" of a directory: 32 hexadecimal digits, a SubjectPublicKeyInfo in
 * PEM. JPKI_ERROR_ABSENT if there is no directory, JPKI_ERROR_INPUT for a bad file or one too many,
 * JPKI_ERROR_UNTRUSTED for another key under a known identifier; those before it are there then.
 */
JPKI_MUST_CHECK int jpki_anchors_load(jpki_anchors *anchors, const char *directory,
                                      struct jpki_error *error);

/* What can be read, and which PINs or codes open it. */
enum jpki_part {
    JPKI_PART_ATTRIBUTES = 1, /* name, address, birth date, sex; JPKI_PIN_TEXT or JPKI_PIN_B */
    JPKI_PART_FACE = 2,       /* what is printed on the front; JPKI_PIN_A or JPKI_PIN_B */
    JPKI_PART_AGE = 3         /* the birth date alone; JPKI_PIN_BIRTH */
};

struct jpki_opening {
    enum jpki_pin_kind which;
    struct jpki_pin pin;
};

typedef struct jpki_record jpki_record;

/*
 * Read a part and judge it. What is found is no failure: see jpki_record_verdict(). A PIN that does
 * not open the part is JPKI_ERROR_USAGE, and not sent; JPKI_ERROR_DENIED as jpki_card_check_pin,
 * JPKI_ERROR_ABSENT if the card has no such data (phones have none), JPKI_ERROR_REMOTE if it is
 * malformed.
 */
JPKI_MUST_CHECK int jpki_card_read(jpki_card *card, enum jpki_part part,
                                   const struct jpki_opening *opening, const jpki_anchors *anchors,
                                   jpki_record **ret, struct jpki_error *error);

/*
 * The fields for which the law lets an individual number be used (Act on the Use of Numbers to
 * Identify a Specific Individual, Article 9). Without one there is no way to it.
 */
enum jpki_purpose {
    JPKI_PURPOSE_SOCIAL_SECURITY = 1,
    JPKI_PURPOSE_TAX = 2,
    JPKI_PURPOSE_DISASTER = 3,
    JPKI_PURPOSE_ORDINANCE = 4
};

/*
 * The individual number, opened by JPKI_PIN_TEXT or JPKI_PIN_A; or as the image of what is printed,
 * opened by JPKI_PIN_A alone. JPKI_ERROR_USAGE for a purpose that is none of these; else as above.
 */
JPKI_MUST_CHECK int jpki_card_read_number(jpki_card *card, enum jpki_purpose purpose,
                                          const struct jpki_opening *opening,
                                          const jpki_anchors *anchors, jpki_record **ret,
                                          struct jpki_error *error);
JPKI_MUST_CHECK int jpki_card_read_number_image(jpki_card *card, enum jpki_purpose purpose,
                                                const struct jpki_opening *opening,
                                                const jpki_anchors *anchors, jpki_record **ret,
                                                struct jpki_error *error);

/*
 * What the card tells anybody: its number, municipality and expiry. Nobody signs that, so the
 * verdict is always JPKI_INDETERMINATE.
 */
JPKI_MUST_CHECK int jpki_card_read_common(jpki_card *card, jpki_record **ret,
                                          struct jpki_error *error);

/* What was found wrong with a record. */
enum jpki_fault {
    JPKI_FAULT_NONE = 0,
    JPKI_FAULT_ISSUER_UNKNOWN = 1,         /* by these anchors */
    JPKI_FAULT_SIGNATURE_NOT_READABLE = 2, /* the card does not show it after this code */
    JPKI_FAULT_CARD_NOT_PROVEN = 3,        /* it has no key, or does not use it */
    JPKI_FAULT_CERTIFICATE_FORGED = 4,
    JPKI_FAULT_SIGNATURE_BROKEN = 5,
    JPKI_FAULT_NUMBER_CHANGED = 6,
    JPKI_FAULT_ATTRIBUTES_CHANGED = 7,
    JPKI_FAULT_CARD_KEY_FORGED = 8,
    JPKI_FAULT_CARD_COPIED = 9, /* the data was written for another card */
    JPKI_FAULT_NOT_SIGNED = 10  /* by anybody */
};

/* JPKI_VALID: the issuer signed it, and this is the card that it was written for. */
enum jpki_verdict jpki_record_verdict(const jpki_record *record);
/* The nth fault, from 0; JPKI_FAULT_NONE behind the last. A valid record has none. */
enum jpki_fault jpki_record_fault(const jpki_record *record, size_t nth);
/*
 * The key identifier of the root that is named as having certified who signed, 16 bytes: of an
 * unknown one, this is what to look for. Empty for a record that nobody signs.
 */
struct jpki_bytes jpki_record_issuer_key_id(const jpki_record *record);

/* "issuer-unknown": the name of the constant, in small letters. NULL for what is no fault. */
const char *jpki_fault_name(enum jpki_fault fault);
/* A sentence for people, UTF-8: in Japanese for language "ja", else in English. NULL as above. */
const char *jpki_fault_text(enum jpki_fault fault, const char *language);
/* What the fault does to the verdict: JPKI_INVALID outweighs JPKI_INDETERMINATE. */
enum jpki_verdict jpki_fault_verdict(enum jpki_fault fault);

/* Texts are UTF-8; dates are eight digits, which need not be a date. */
enum jpki_field {
    JPKI_FIELD_NAME = 1,
    JPKI_FIELD_ADDRESS = 2,
    JPKI_FIELD_BIRTH = 3,
    JPKI_FIELD_SEX = 4,                  /* 1 male, 2 female, 9 neither */
    JPKI_FIELD_NUMBER = 5,               /* the individual number, 12 digits */
    JPKI_FIELD_EXPIRY = 6,               /* not signed */
    JPKI_FIELD_MANUFACTURE_NUMBER = 7,   /* 15 digits, not signed */
    JPKI_FIELD_MUNICIPALITY = 8,         /* its code, 5 digits, not signed */
    JPKI_FIELD_NAME_IMAGE = 9,           /* PNG */
    JPKI_FIELD_ADDRESS_IMAGE = 10,       /* PNG */
    JPKI_FIELD_PHOTO = 11,               /* JPEG 2000; infants have none */
    JPKI_FIELD_SECURITY_CODE_IMAGE = 12, /* PNG, not signed */
    JPKI_FIELD_NUMBER_IMAGE = 13         /* PNG */
};

/*
 * A field: NULL, or no bytes, where the record has it not. Of a record that is JPKI_INVALID nothing
 * is given out. Images are bytes only; a text is the same as its bytes.
 */
const char *jpki_record_text(const jpki_record *record, enum jpki_field field);
struct jpki_bytes jpki_record_bytes(const jpki_record *record, enum jpki_field field);
/* Not 0 if there is such a field, and a signature of the issuer over it that was looked at. */
int jpki_record_is_signed(const jpki_record *record, enum jpki_field field);
void jpki_record_free(jpki_record *record);

/* --- The free area -------------------------------------------------------------------------- */

/* What an operator has on the card (空き領域), as the directory on it says. */
typedef struct jpki_area jpki_area;

/* Called for each area, which lives until it returns. Not 0: no more areas are wanted. */
typedef int jpki_area_fn(void *context, const jpki_area *area);

/*
 * JPKI_ERROR_ABSENT if the card has no free area at all, JPKI_ERROR_REMOTE if its directory is
 * malformed. No area is no failure.
 */
JPKI_MUST_CHECK int jpki_card_areas(jpki_card *card, jpki_area_fn *each, void *context,
                                    struct jpki_error *error);

/* UTF-8 without control characters; dates are like "2026-04-01". */
enum jpki_area_field {
    JPKI_AREA_NAME = 1, /* "SEAL", or its AID in hexadecimal digits: for jpki_card_read_area() */
    JPKI_AREA_LABEL = 2,
    JPKI_AREA_OPERATOR = 3,
    JPKI_AREA_LAW = 4,   /* by which it is there */
    JPKI_AREA_SINCE = 5, /* that law is in force */
    JPKI_AREA_EXPIRY = 6 /* the last day */
};

/* NULL for a field that is none of these. */
const char *jpki_area_text(const jpki_area *area, enum jpki_area_field field);

/* The kind of that law (My Number Act, Article 18). */
enum jpki_area_basis {
    JPKI_BASIS_ORDINANCE = 1, /* of a municipality */
    JPKI_BASIS_RULE = 2,      /* of the ministers */
    JPKI_BASIS_PRIVATE = 3    /* a recognised private operator */
};

enum jpki_area_basis jpki_area_basis(const jpki_area *area);
/* How many bytes its contents may have. */
size_t jpki_area_capacity(const jpki_area *area);
/* Not 0 if only its operator's keys open it. */
int jpki_area_is_protected(const jpki_area *area);

/*
 * The contents of an area that is open to all. JPKI_ERROR_USAGE if this can be no name,
 * JPKI_ERROR_ABSENT if there is no such area, JPKI_ERROR_DENIED if it is not open.
 */
JPKI_MUST_CHECK int jpki_card_read_area(jpki_card *card, const char *name, jpki_data **ret,
                                        struct jpki_error *error);

/* "0.1.0": of the library that runs, not of this page. */
const char *jpki_version(void);

#ifdef __cplusplus
}
#endif

#endif
