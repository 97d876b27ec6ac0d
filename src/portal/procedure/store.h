/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Procedures as they are kept: texts, and who offers which. A municipality offers a text of all, or
 * one of its own; what is particular to it is in the offering. Any thread may call; what a call
 * acknowledged is durable and, where it takes by, in the audit log.
 */
#pragma once

#include "audit/audit.h"
#include "portal/procedure/content.h"
#include "portal/procedure/limits.h"

enum {
    MUNICIPALITY_CODE_SIZE = 6,
    PSID_SIZE = 13,
    PROCEDURE_DAY_SIZE = 11,
    PROCEDURE_CODE_SIZE = 65,
    /* UTF-8 of so many characters, and a NUL */
    PROCEDURE_NAME_SIZE = 4 * PROCEDURE_NAME_MAX + 1,
    PROCEDURE_SUMMARY_SIZE = 4 * PROCEDURE_SUMMARY_MAX + 1,
    PROCEDURE_ENGLISH_NAME_SIZE = 4 * PROCEDURE_ENGLISH_NAME_MAX + 1,
    PROCEDURE_ENGLISH_SUMMARY_SIZE = 4 * PROCEDURE_ENGLISH_SUMMARY_MAX + 1,
};

/* Whether it is five digits, or six of which the last one is right (JIS X 0402). */
bool municipality_code_is_valid(const char *code);

struct municipality {
    char code[MUNICIPALITY_CODE_SIZE];
    char prefecture[PROCEDURE_NAME_SIZE];
    char name[PROCEDURE_NAME_SIZE];
};
/*
 * ERR_INPUT for a code or name that cannot be one; ERR_CONFLICT if it is there, or there are
 * PROCEDURE_MUNICIPALITIES_MAX.
 */
MUST_CHECK int municipality_add(struct db *db, const struct municipality *municipality,
                                const struct audit_origin *by, struct err *err);
/* ERR_ABSENT if there is none of that code. */
MUST_CHECK int municipality_get(struct db *db, const char *code, struct municipality *ret,
                                struct err *err);
/* All of them by code: an array of {code, prefecture, name}. */
MUST_CHECK int municipality_list(struct db *db, struct json **ret, struct err *err);

/* A text to keep. */
struct procedure_text {
    const char *owner; /* a municipality, or "" for one of all */
    const char *code;  /* its name there: 1 to 64 small letters, digits, hyphens */
    int64_t place;     /* texts stand in this order where nothing else decides */
    const struct json *content;
    const struct json *form; /* to apply with (application/form.h); NULL: there is none */
};
enum { PROCEDURE_OWN_PLACE = 100000 }; /* of municipalities' own texts: behind those of all */
/* Whether it could be kept: ERR_INPUT as procedure_content_check and form_check. */
MUST_CHECK int procedure_check_text(const struct procedure_text *text, struct err *err);
/*
 * Keep a text, or another version of one that is there; the same again changes nothing. *ret is its
 * number. ERR_INPUT as procedure_content_check.
 */
MUST_CHECK int procedure_put_text(struct db *db, const struct procedure_text *text,
                                  const struct audit_origin *by, int64_t *ret, struct err *err);

/*
 * Texts that a municipality may offer, those of all first: an array of {text, code, name, name_en,
 * is_own, has_form, psid}; without psid it is not offered, without name_en it has no English name.
 */
MUST_CHECK int procedure_list_texts(struct db *db, const char *municipality, struct json **ret,
                                    struct err *err);

/* What a municipality says of a procedure that it offers. */
struct procedure_offering {
    const char *municipality;
    int64_t text;
    bool is_online; /* whether it may be applied for here, for which the text has a form */
    const char *from, *until;      /* days YYYY-MM-DD in which it may be applied for; "": open */
    int64_t open_from, open_until; /* UTC seconds in which it is shown; 0: open */
    const char *department;        /* who is in charge of it */
    const char *department_en;     /* the same in English, or NULL */
    const struct json *contact;    /* object of procedure_contact_members */
};
extern const struct http_member procedure_contact_members[];
/*
 * Offer a text, or change how it is offered; *ret_psid is its id. ERR_INPUT for what is not as said
 * above; ERR_ABSENT if the municipality is none here or the text is neither its own nor one of all;
 * ERR_CONFLICT if it offers PROCEDURE_OFFERINGS_MAX.
 */
MUST_CHECK int procedure_offer(struct db *db, const struct procedure_offering *offering,
                               const struct audit_origin *by, char ret_psid[PSID_SIZE],
                               struct err *err);
/*
 * Have a municipality offer all texts of all that it does not offer yet, online where there is a
 * form, by one department, in Japanese and English; *ret is how many were added. As
 * procedure_offer.
 */
MUST_CHECK int procedure_offer_standard(struct db *db, const char *municipality,
                                        const char *const department[2],
                                        const struct audit_origin *by, int64_t *ret,
                                        struct err *err);
/* Not offered any more. ERR_ABSENT if the municipality has none of that id. */
MUST_CHECK int procedure_withdraw(struct db *db, const char *municipality, const char *psid,
                                  const struct audit_origin *by, struct err *err);

/* Many at once, in a transaction of the caller's and without a record of each. */
MUST_CHECK int procedure_put_text_in(struct db_txn *txn, const struct procedure_text *text,
                                     int64_t at, int64_t *ret, struct err *err);
MUST_CHECK int procedure_offer_in(struct db_txn *txn, const struct procedure_offering *offering,
                                  int64_t at, char ret_psid[PSID_SIZE], struct err *err);
MUST_CHECK int municipality_add_in(struct db_txn *txn, const struct municipality *municipality,
                                   int64_t at, struct err *err);

/*
 * Keep all texts of a file of ours ({version, texts: [{code, content, form}]}) as texts of all, in
 * its order; *ret is how many there are. NULL: the file that comes with the program. ERR_INPUT
 * names the text.
 */
MUST_CHECK int procedure_load(struct db *db, const char *path, const struct audit_origin *by,
                              int64_t *ret, struct err *err);

/* One that is offered, without its text. */
struct procedure_item {
    char psid[PSID_SIZE];
    char municipality[MUNICIPALITY_CODE_SIZE];
    char name[PROCEDURE_NAME_SIZE], alias[PROCEDURE_NAME_SIZE]; /* alias: empty if it has none */
    char summary[PROCEDURE_SUMMARY_SIZE];
    char name_en[PROCEDURE_ENGLISH_NAME_SIZE]; /* these are empty where there is no English */
    char alias_en[PROCEDURE_ENGLISH_NAME_SIZE], summary_en[PROCEDURE_ENGLISH_SUMMARY_SIZE];
    char category[16];
    bool is_online;
    char from[PROCEDURE_DAY_SIZE], until[PROCEDURE_DAY_SIZE];
    int64_t open_from, open_until; /* 0: open */
    char department[PROCEDURE_NAME_SIZE];
    char department_en[PROCEDURE_ENGLISH_NAME_SIZE]; /* empty: it has none */
    int64_t version, updated_at;                     /* of text and offering together */
};
/* And with it. */
struct procedure_detail {
    struct procedure_item item;
    struct municipality municipality;
    struct json *content, *contact;
    struct json *form; /* NULL: there is none */
};

void procedure_detail_done(struct procedure_detail *detail);
/* ERR_ABSENT if there is none of that id that is shown at that time. */
MUST_CHECK int procedure_get(struct db *db, const char *psid, int64_t now,
                             struct procedure_detail *ret, struct err *err);
/* The same of several, in a transaction: the items of a page. */
MUST_CHECK int procedure_read_item(struct db_txn *txn, const char *psid, struct procedure_item *ret,
                                   struct err *err);

/* What was done to them, for the audit log. */
enum procedure_act {
    PROCEDURE_MUNICIPALITY_ADDED,
    PROCEDURE_TEXT_PUT,
    PROCEDURE_OFFERED,
    PROCEDURE_WITHDRAWN,
    PROCEDURE_ACTS_
};
extern const struct audit_act procedure_acts[];
