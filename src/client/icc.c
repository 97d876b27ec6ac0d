/* SPDX-License-Identifier: Apache-2.0 */
#include "client/icc.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

struct icc {
    struct reader *reader;
    struct icc_token token;
    unsigned depth;    /* of transactions */
    enum icc_app app;  /* that they are for */
    bool pin_was_sent; /* since the last time the PIN states were dropped */
    bool must_reset;   /* dropping them failed: the card is reset at the end */
};

struct app {
    uint8_t aid[10]; /* card.md 2 */
    size_t aid_len;
    const char *absent; /* NULL: without this one it is no My Number Card */
    const char *open;   /* what the card refused to do */
};

static const struct app apps[] = {
    [ICC_APP_JPKI] = {{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01},
                      10,
                      NULL,
                      N_("open its JPKI application")},
    [ICC_APP_TEXT] = {{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08},
                      10,
                      N_("this carries no text about its holder; a phone never does"),
                      N_("open its text application")},
    [ICC_APP_VISUAL] = {{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02},
                        10,
                        N_("this carries no card face; a phone never does"),
                        N_("open its card face application")},
    [ICC_APP_JUKI] = {{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01},
                      10,
                      N_("this has no application of the resident register; a phone never has"),
                      N_("open its resident register application")},
    [ICC_APP_COMMON] = {{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00},
                        10,
                        N_("this has no common application; a phone never has"),
                        N_("open its common application")},
    [ICC_APP_MANAGER] = {{0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00},
                         7,
                         N_("the card has no card manager"),
                         N_("open its card manager")},
};

enum { EF_TOKEN = 0x0006, TOKEN_LABEL_SIZE = 32, TOKEN_SIZE = 160 };

static const struct {
    const char *label, *name;
    enum icc_kind kind;
} kinds[] = {
    {"JPKIAPICCTOKEN2", "card", ICC_CARD},
    {"JPKIAPGPSETOKEN", "android", ICC_ANDROID},
    {"JPKIAPIOSTOKEN", "iphone", ICC_IPHONE},
};

static const char label_of_old_card[] = "JPKIAPICCTOKEN";

const char *icc_app_name(enum icc_app app)
{
    static const char *const names[] = {
        [ICC_APP_JPKI] = "jpki", [ICC_APP_TEXT] = "text",     [ICC_APP_VISUAL] = "visual",
        [ICC_APP_JUKI] = "juki", [ICC_APP_COMMON] = "common", [ICC_APP_MANAGER] = "manager",
    };

    return names[app];
}

const char *icc_kind_name(enum icc_kind kind)
{
    return kinds[kind].name;
}

int icc_fail_sw(struct err *err, uint16_t sw, const char *what)
{
    return FAIL_WITH(err, sw == SW_SECURITY_STATUS ? ERR_DENIED : ERR_REMOTE, sw,
                     "the card refused to %s: %s (%04X)", err_message(what),
                     err_message(sw_meaning(sw)), sw);
}

int icc_transmit(struct icc *icc, const struct apdu *apdu, struct buf *ret_data, uint16_t *ret_sw,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    uint16_t sw;

    if (icc->depth == 0)
        return FAIL(err, ERR_USAGE, "a command outside of a transaction");
    TRY(apdu_build(apdu, &command, err));
    TRY(reader_transmit(icc->reader, buf_bytes(&command), &response, err));
    TRY(apdu_split(buf_bytes(&response), &data, &sw, err));
    if (ret_data != NULL) {
        buf_done(ret_data);
        response.len = data.len; /* the data stands in front of the status word */
        buf_move(ret_data, &response);
    }
    *ret_sw = sw;
    return 0;
}

static int select_aid(struct icc *icc, const struct app *app, uint16_t *ret_sw, struct err *err)
{
    const struct apdu apdu = {
        .ins = 0xA4, .p1 = 0x04, .p2 = 0x0C, .data = bytes_of(app->aid, app->aid_len)};

    return icc_transmit(icc, &apdu, NULL, ret_sw, err);
}

static int fail_absent(const struct icc *icc, const struct app *app, uint16_t sw, struct err *err)
{
    if (app->absent != NULL)
        return FAIL_WITH(err, ERR_ABSENT, sw, "%s", err_message(app->absent));
    return FAIL_WITH(err, ERR_ABSENT, sw, "the card in reader '%s' is no My Number Card",
                     reader_name(icc->reader));
}

static int select_app(struct icc *icc, const struct app *app, struct err *err)
{
    uint16_t sw;

    TRY(select_aid(icc, app, &sw, err));
    /*
     * EXCEPTION 2026-11: one card was seen to answer 6F00 to its first command after power-up
     * (card.md 1). A SELECT may be repeated. Drop when no card is left that does so.
     */
    if (sw == SW_NO_DIAGNOSIS)
        TRY(select_aid(icc, app, &sw, err));
    if (sw == SW_FILE_NOT_FOUND)
        return fail_absent(icc, app, sw, err);
    return sw == SW_OK ? 0 : icc_fail_sw(err, sw, app->open);
}

int icc_select(struct icc *icc, uint16_t fid, struct err *err)
{
    const uint8_t id[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
    const struct apdu apdu = {.ins = 0xA4, .p1 = 0x02, .p2 = 0x0C, .data = BYTES_ARRAY(id)};
    uint16_t sw;

    TRY(icc_transmit(icc, &apdu, NULL, &sw, err));
    if (sw == SW_FILE_NOT_FOUND)
        return FAIL_WITH(err, ERR_ABSENT, sw, "the card has no file %04X", fid);
    return sw == SW_OK ? 0 : icc_fail_sw(err, sw, N_("select a file"));
}

bool icc_is_missing(const struct err *err)
{
    return err->kind == ERR_ABSENT &&
           (err->detail == SW_FILE_NOT_FOUND || err->detail == SW_WRONG_OFFSET);
}

void icc_pin_was_sent(struct icc *icc)
{
    icc->pin_was_sent = true;
}

/* SELECT of another application clears the PIN states, of the same one does not (card.md 4.5). */
static void drop_pin_state(struct icc *icc)
{
    uint16_t sw;

    if (!icc->pin_was_sent)
        return;
    if (select_aid(icc, &apps[ICC_APP_MANAGER], &sw, NULL) == 0 && sw == SW_OK)
        icc->pin_was_sent = false;
    else
        icc->must_reset = true;
}

int icc_begin_app(struct icc *icc, enum icc_app app, struct icc_txn *ret, struct err *err)
{
    bool was_reset;
    int rc;

    if (icc->depth > 0 && icc->app != app)
        return FAIL(err, ERR_USAGE, "a transaction for another application of the card is open");
    if (icc->depth == 0)
        TRY(reader_begin(icc->reader, &was_reset, err));
    icc->depth++;
    icc->app = app;
    /* The application is selected anew whether or not the card was reset: see the header. */
    rc = icc->depth == 1 ? select_app(icc, &apps[app], err) : 0;
    if (rc < 0) {
        icc_end(&(struct icc_txn){icc});
        return rc;
    }
    ret->icc = icc;
    return 0;
}

int icc_begin(struct icc *icc, struct icc_txn *ret, struct err *err)
{
    return icc_begin_app(icc, ICC_APP_JPKI, ret, err);
}

enum icc_app icc_current_app(const struct icc *icc)
{
    return icc->app;
}

void icc_end(struct icc_txn *txn)
{
    struct icc *icc = txn->icc;

    if (icc == NULL)
        return;
    txn->icc = NULL;
    if (icc->depth == 1) {
        drop_pin_state(icc);
        reader_end(icc->reader);
    }
    icc->depth--;
}

/* A field of fixed width without the blanks, zeros and FFs it is padded with (card.md 3.1). */
static void copy_field(struct bytes field, char *ret)
{
    size_t len = field.len;

    while (len > 0 &&
           (field.ptr[len - 1] == ' ' || field.ptr[len - 1] == 0 || field.ptr[len - 1] == 0xFF))
        len--;
    for (size_t i = 0; i < len; i++)
        ret[i] = field.ptr[i] >= 0x20 && field.ptr[i] < 0x7F ? (char)field.ptr[i] : '?';
    ret[len] = '\0';
}

static int kind_of_label(const struct icc *icc, const char *label, enum icc_kind *ret,
                         struct err *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(label, kinds[i].label) == 0) {
            *ret = kinds[i].kind;
            return 0;
        }
    }
    if (strcmp(label, label_of_old_card) == 0)
        return FAIL(err, ERR_ABSENT,
                    "the card in reader '%s' is an old Basic Resident Register card, which is not "
                    "supported",
                    reader_name(icc->reader));
    return FAIL(err, ERR_ABSENT, "the card in reader '%s' is no My Number Card: its label is '%s'",
                reader_name(icc->reader), label);
}

static int read_token(struct icc *icc, struct err *err)
{
    const struct apdu apdu = {.ins = 0xB0, .ne = TOKEN_SIZE};
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct icc_token token = {0};
    uint16_t sw;

    TRY(icc_begin(icc, &txn, err));
    TRY(icc_select(icc, EF_TOKEN, err));
    TRY(icc_transmit(icc, &apdu, &file, &sw, err));
    if (sw != SW_OK)
        return icc_fail_sw(err, sw, N_("tell what it is"));
    if (file.len < TOKEN_LABEL_SIZE)
        return FAIL(err, ERR_REMOTE, "the card's token information is cut off after %zu bytes",
                    file.len);
    copy_field(bytes_part(buf_bytes(&file), 0, 32), token.label);
    copy_field(bytes_part(buf_bytes(&file), 32, 32), token.manufacturer);
    copy_field(bytes_part(buf_bytes(&file), 64, 16), token.model);
    copy_field(bytes_part(buf_bytes(&file), 80, 16), token.serial);
    TRY(kind_of_label(icc, token.label, &token.kind, err));
    icc->token = token;
    return 0;
}

int icc_open(struct reader *reader, struct icc **ret, struct err *err)
{
    struct icc *icc = calloc(1, sizeof *icc);
    int rc;

    if (icc == NULL) {
        reader_disconnect(reader, READER_LEAVE);
        return FAIL_NOMEM(err);
    }
    icc->reader = reader;
    rc = read_token(icc, err);
    if (rc < 0) {
        icc_free(icc);
        return rc;
    }
    *ret = icc;
    return 0;
}

void icc_free(struct icc *icc)
{
    if (icc == NULL)
        return;
    reader_disconnect(icc->reader, icc->must_reset ? READER_RESET : READER_LEAVE);
    free(icc);
}

void icc_freep(struct icc **icc)
{
    icc_free(*icc);
    *icc = NULL;
}

const struct icc_token *icc_token(const struct icc *icc)
{
    return &icc->token;
}

const char *icc_reader_name(const struct icc *icc)
{
    return reader_name(icc->reader);
}
