/* SPDX-License-Identifier: Apache-2.0 */
/* A person, and keys and certificates to make a card's personal files with, of this run. */
#pragma once

#include "carddata/cvc.h"
#include "carddata/files.h"
#include "carddata/font.h"
#include "crypto/privkey.h"

struct test_cardholder {
    struct privkey *roots[CARDDATA_APPLETS_];   /* vouch for issuers */
    struct privkey *issuers[CARDDATA_APPLETS_]; /* sign the data */
    struct privkey *keys[CARDDATA_APPLETS_];    /* are in the card */
    struct buf spkis[CARDDATA_APPLETS_];        /* of keys */
    struct buf cvcs[CARDDATA_APPLETS_];
    struct font *font;
    struct buf photo;
    struct cardholder holder;
    struct carddata_issue issue; /* ready for carddata_build */
};

/* Everything in here fails the running test instead of returning. */
void test_cardholder_make(struct test_cardholder *made);
void test_cardholder_done(struct test_cardholder *made);
/* The signing function in issue: context is the struct test_cardholder. */
int test_cardholder_sign(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                         struct bytes tbs, struct buf *ret_signature, struct err *err);
