/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/read/data.h"

#include "base/caltime.h"
#include "base/hex.h"
#include "programs/jpki/verdict_view.h"

#include <stdio.h>
#include <string.h>

const char *card_roots_place(const char *anchors)
{
    return anchors != NULL ? anchors : environment("JPKI_CARD_ANCHORS");
}

int card_roots_load(const char *anchors, struct data_roots **ret, struct err *err)
{
    const char *directory = card_roots_place(anchors);
    CLEANUP(data_roots_freep) struct data_roots *roots = NULL;
    struct err why = {0};

    TRY(data_roots_new(&roots, err));
    if (directory != NULL && data_roots_load(roots, directory, &why) < 0) {
        if (why.kind == ERR_ABSENT) /* no reader or card is missing */
            why.kind = ERR_INPUT;
        return err_copy(err, &why);
    }
    *ret = roots;
    roots = NULL;
    return 0;
}

int card_access_open(const struct card_request *request, struct card_access *ret, struct err *err)
{
    CLEANUP(card_access_done) struct card_access access = CARD_ACCESS_INIT;
    unsigned left;

    access.which = request->which;
    access.last_try = request->pin->last_try;
    TRY(card_roots_load(request->anchors, &access.roots, err));
    TRY(open_card(request->card, &access.icc, err));
    TRY(pin_is_usable_in(access.icc, request->which, request->app, request->pin, &left, err));
    TRY(pin_ask(request->which, request->pin, left, &access.code, err));
    *ret = access;
    access = (struct card_access)CARD_ACCESS_INIT;
    return 0;
}

int card_access_begin(const struct card_access *access, enum icc_app app, struct icc_txn *ret,
                      struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    TRY(icc_begin_app(access->icc, app, &txn, err));
    TRY(icc_pin_verify(access->icc, access->which, &access->code, access->last_try, err));
    *ret = txn;
    txn.icc = NULL;
    return 0;
}

void card_access_done(struct card_access *access)
{
    secret_done(&access->code);
    icc_freep(&access->icc);
    data_roots_freep(&access->roots);
}

static enum verdict verdict_of(const struct authenticity *authenticity)
{
    if (authenticity_is_forged(authenticity))
        return VERDICT_INVALID;
    return authenticity_is_proven(authenticity) ? VERDICT_VALID : VERDICT_INDETERMINATE;
}

enum exit_code authenticity_exit_code(const struct authenticity *authenticity)
{
    return verdict_exit_code(verdict_of(authenticity), false);
}

const char *authenticity_verdict(const struct authenticity *authenticity)
{
    return verdict_name(verdict_of(authenticity));
}

static int issuer_text(const struct authenticity *authenticity, struct buf *ret, const char **text,
                       struct err *err)
{
    TRY(hex_append(ret, BYTES_ARRAY(authenticity->issuer), err));
    return buf_text(ret, text, err);
}

void print_authenticity(const struct authenticity *authenticity)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    print_verdict(verdict_of(authenticity));
    for (int i = 0; i < DATA_FAULTS_; i++)
        if (authenticity->has[i])
            printf("- %s\n", tr(data_fault_text((enum data_fault)i)));
    if (authenticity->has[DATA_ISSUER_UNKNOWN] &&
        issuer_text(authenticity, &issuer, &text, NULL) == 0)
        print_field(tr("Key identifier of the issuer"), text);
}

int put_authenticity(struct json *object, const struct authenticity *authenticity, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    for (int i = 0; i < DATA_FAULTS_; i++)
        if (authenticity->has[i])
            TRY(add_reason(array, data_fault_name((enum data_fault)i),
                           tr(data_fault_text((enum data_fault)i)), err));
    TRY(json_put_text(object, "verdict", authenticity_verdict(authenticity), err));
    TRY(json_put(object, "reasons", json_steal(&array), err));
    TRY(issuer_text(authenticity, &issuer, &text, err));
    return json_put_text(object, "issuer_key_id", text, err);
}

int print_outside(const char *label, struct bytes value, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *text;

    TRY(append_shown(&shown, value, err));
    TRY(buf_text(&shown, &text, err));
    print_field(label, text);
    return 0;
}

int put_outside(struct json *object, const char *key, struct bytes value, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;

    TRY(append_shown(&shown, value, err));
    return json_put_bytes(object, key, buf_bytes(&shown), err);
}

static int date_text(struct bytes digits, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    char iso[CALTIME_TEXT_SIZE];
    struct caldate date;
    const char *text;

    TRY(buf_append(&copy, digits, err));
    TRY(buf_text(&copy, &text, err));
    if (caldate_parse_basic(text, &date, NULL) < 0)
        return append_shown(ret, digits, err);
    caldate_format_iso(date, iso);
    return buf_append_text(ret, iso, err);
}

int print_card_date(const char *label, struct bytes digits, struct err *err)
{
    CLEANUP(buf_done) struct buf date = BUF_INIT;

    TRY(date_text(digits, &date, err));
    return print_outside(label, buf_bytes(&date), err);
}

int put_card_date(struct json *object, const char *key, struct bytes digits, struct err *err)
{
    CLEANUP(buf_done) struct buf date = BUF_INIT;

    TRY(date_text(digits, &date, err));
    return json_put_bytes(object, key, buf_bytes(&date), err);
}

const char *card_sex(struct bytes digit)
{
    if (bytes_equal(digit, BYTES_LITERAL("1")))
        return N_("male");
    if (bytes_equal(digit, BYTES_LITERAL("2")))
        return N_("female");
    return bytes_equal(digit, BYTES_LITERAL("9")) ? N_("other") : N_("unknown");
}
