/* SPDX-License-Identifier: Apache-2.0 */
#include "libjpki/record.h"

#include "base/secret.h"
#include "border/border.h"
#include "libjpki/faults.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS = JPKI_FIELD_NUMBER_IMAGE + 1 };

static const struct {
    bool is_text, is_signed; /* by the issuer (card.md 3.2, 3.3) */
} kinds[FIELDS] = {
    [JPKI_FIELD_NAME] = {true, true},
    [JPKI_FIELD_ADDRESS] = {true, true},
    [JPKI_FIELD_BIRTH] = {true, true},
    [JPKI_FIELD_SEX] = {true, true},
    [JPKI_FIELD_NUMBER] = {true, true},
    [JPKI_FIELD_EXPIRY] = {true, false},
    [JPKI_FIELD_MANUFACTURE_NUMBER] = {true, false},
    [JPKI_FIELD_MUNICIPALITY] = {true, false},
    [JPKI_FIELD_NAME_IMAGE] = {false, true},
    [JPKI_FIELD_ADDRESS_IMAGE] = {false, true},
    [JPKI_FIELD_PHOTO] = {false, true},
    [JPKI_FIELD_SECURITY_CODE_IMAGE] = {false, false},
    [JPKI_FIELD_NUMBER_IMAGE] = {false, true},
};

struct jpki_record {
    struct authenticity found;
    struct buf fields[FIELDS];
    struct secret number; /* 12 digits and a NUL: it alone is kept in locked memory */
};

static int put_number(jpki_record *record, struct bytes digits, struct err *err)
{
    TRY(secret_new(digits.len + 1, &record->number, err));
    memcpy(record->number.ptr, digits.ptr, digits.len);
    return 0;
}

static int put(jpki_record *record, enum jpki_field field, struct bytes value, struct err *err)
{
    const char *text;

    if (value.len == 0)
        return 0;
    if (field == JPKI_FIELD_NUMBER)
        return put_number(record, value, err);
    TRY(buf_append(&record->fields[field], value, err));
    return kinds[field].is_text ? buf_text(&record->fields[field], &text, err) : 0;
}

static void record_freep(jpki_record **record)
{
    jpki_record_free(*record);
}

int record_new(const struct authenticity *found, const struct record_field *fields,
               jpki_record **ret, struct err *err)
{
    CLEANUP(record_freep) jpki_record *record = calloc(1, sizeof *record);

    if (record == NULL)
        return FAIL_NOMEM(err);
    record->found = *found;
    if (!authenticity_is_forged(found))
        for (size_t i = 0; fields[i].field != 0; i++)
            TRY(put(record, fields[i].field, fields[i].value, err));
    *ret = record;
    record = NULL;
    return 0;
}

void jpki_record_free(jpki_record *record)
{
    if (record == NULL)
        return;
    for (size_t i = 0; i < FIELDS; i++)
        buf_done(&record->fields[i]);
    secret_done(&record->number);
    free(record);
}

enum jpki_verdict jpki_record_verdict(const jpki_record *record)
{
    if (authenticity_is_forged(&record->found))
        return JPKI_INVALID;
    return authenticity_is_proven(&record->found) ? JPKI_VALID : JPKI_INDETERMINATE;
}

enum jpki_fault jpki_record_fault(const jpki_record *record, size_t nth)
{
    for (int i = 0; i < DATA_FAULTS_; i++)
        if (record->found.has[i] && nth-- == 0)
            return fault_outside((enum data_fault)i);
    return JPKI_FAULT_NONE;
}

struct jpki_bytes jpki_record_issuer_key_id(const jpki_record *record)
{
    if (record->found.has[DATA_NOT_SIGNED])
        return (struct jpki_bytes){NULL, 0};
    return give_bytes(BYTES_ARRAY(record->found.issuer));
}

static struct bytes value_of(const jpki_record *record, enum jpki_field field)
{
    if (field == JPKI_FIELD_NUMBER && record->number.len > 0)
        return bytes_part(secret_bytes(&record->number), 0, record->number.len - 1);
    return (unsigned)field < FIELDS ? buf_bytes(&record->fields[field]) : bytes_of(NULL, 0);
}

struct jpki_bytes jpki_record_bytes(const jpki_record *record, enum jpki_field field)
{
    return give_bytes(value_of(record, field));
}

const char *jpki_record_text(const jpki_record *record, enum jpki_field field)
{
    struct bytes value = value_of(record, field);

    return value.len > 0 && kinds[field].is_text ? (const char *)value.ptr : NULL;
}

int jpki_record_is_signed(const jpki_record *record, enum jpki_field field)
{
    return value_of(record, field).len > 0 && kinds[field].is_signed &&
           !record->found.has[DATA_SIGNATURE_NOT_READABLE];
}
