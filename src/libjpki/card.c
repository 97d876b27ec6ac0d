/* SPDX-License-Identifier: Apache-2.0 */
/* Readers, and which card is meant. */
#include "libjpki/card.h"

#include "border/border.h"
#include "client/find.h"

#include <stdlib.h>

/* What jpki/jpki.h promises. */
_Static_assert((int)JPKI_READERS_MAX == (int)READERS_MAX, "");

static const enum jpki_card_kind kinds[] = {
    [ICC_CARD] = JPKI_CARD_PLASTIC,
    [ICC_ANDROID] = JPKI_CARD_ANDROID,
    [ICC_IPHONE] = JPKI_CARD_IPHONE,
};

int jpki_readers(jpki_reader_fn *each, void *context, struct jpki_error *error)
{
    struct reader_list list;
    struct err err = {0};
    int rc = reader_list(&list, &err);

    if (rc < 0)
        return tell(rc, &err, error);
    for (size_t i = 0; i < list.count; i++)
        if (each(context, list.entries[i].name, list.entries[i].has_card) != 0)
            break;
    return 0;
}

static int open_card(const char *reader, jpki_card **ret, struct err *err)
{
    const struct icc_find find = {.reader = reader};
    jpki_card *card = calloc(1, sizeof *card);
    int rc;

    if (card == NULL)
        return FAIL_NOMEM(err);
    rc = icc_find(&find, &card->icc, err);
    if (rc < 0) {
        free(card);
        return rc;
    }
    *ret = card;
    return 0;
}

int jpki_card_open(const char *reader, jpki_card **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(open_card(reader, ret, &err), &err, error);
}

void jpki_card_free(jpki_card *card)
{
    if (card == NULL)
        return;
    icc_free(card->icc);
    free(card);
}

const char *jpki_card_reader(const jpki_card *card)
{
    return icc_reader_name(card->icc);
}

enum jpki_card_kind jpki_card_kind(const jpki_card *card)
{
    return kinds[icc_token(card->icc)->kind];
}

const char *jpki_card_token(const jpki_card *card, enum jpki_token_field field)
{
    const struct icc_token *token = icc_token(card->icc);

    switch (field) {
    case JPKI_TOKEN_LABEL:
        return token->label;
    case JPKI_TOKEN_MANUFACTURER:
        return token->manufacturer;
    case JPKI_TOKEN_MODEL:
        return token->model;
    case JPKI_TOKEN_SERIAL:
        return token->serial;
    }
    return NULL;
}

const char *jpki_version(void)
{
    return OPENJPKI_VERSION;
}
