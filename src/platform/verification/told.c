/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/told.h"

#include "platform/verification/record.h"

#include <stdio.h>

/* EYYYYMMDD as YYYY-MM-DD; parts that are not known stay zeros. */
static int put_birth_date(struct json *attributes, struct bytes birth, struct err *err)
{
    char text[sizeof "YYYY-MM-DD"];

    if (birth.len != HOLDER_BIRTH_SIZE - 1)
        return FAIL(err, ERR_SYSTEM, "a birth date of %zu digits passed", birth.len);
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2s", (const char *)birth.ptr + 1,
                   (const char *)birth.ptr + 5, (const char *)birth.ptr + 7);
    return json_put_text(attributes, "birth_date", text, err);
}

static const char *sex_of(struct bytes code)
{
    if (bytes_equal(code, BYTES_LITERAL("1")))
        return "male";
    return bytes_equal(code, BYTES_LITERAL("2")) ? "female" : "unknown";
}

int told_put_attributes(struct json *body, const struct holder *holder, struct err *err)
{
    CLEANUP(json_freep) struct json *attributes = json_object_new();

    TRY(json_put_bytes(attributes, "name", holder->name, err));
    TRY(json_put_bytes(attributes, "address", holder->address, err));
    TRY(put_birth_date(attributes, holder->birth, err));
    TRY(json_put_text(attributes, "sex", sex_of(holder->sex), err));
    return json_put(body, "attributes", json_steal(&attributes), err);
}

int told_put_reasons(struct json *body, const struct report *report, struct err *err)
{
    CLEANUP(json_freep) struct json *reasons = json_array_new();

    for (size_t i = 0; i < report->reason_count; i++)
        TRY(json_add_text(reasons, reason_name(report->reasons[i]), err));
    return json_put(body, "reasons", json_steal(&reasons), err);
}

int told_put_verification(struct json *body, const struct verification *kept,
                          const struct report *report, struct err *err)
{
    TRY(json_put_text(body, "id", kept->id, err));
    TRY(json_put_text(body, "verdict", kept->verdict, err));
    TRY(told_put_reasons(body, report, err));
    TRY(json_put_text(body, "purpose", kept->purpose, err));
    TRY(json_put_text(body, "kind", kept->kind, err));
    return json_put_int(body, "verified_at", kept->at, err);
}

int told_put_part(struct json *object, const struct verification_part *part, struct err *err)
{
    const struct report report = record_report(part->reasons);

    TRY(json_put_text(object, "verdict", part->verdict, err));
    TRY(told_put_reasons(object, &report, err));
    return json_put_text(object, "covers", part->covers, err);
}

int told_put_parts(struct json *body, const struct verification_part *parts, size_t count,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *object = json_object_new();

        TRY(told_put_part(object, &parts[i], err));
        TRY(json_add(array, json_steal(&object), err));
    }
    return json_put(body, "signatures", json_steal(&array), err);
}

const char *const told_kinds[] = {"signature", "cms", "pdf", NULL};
const struct http_member told_part_members[] = {TOLD_PART_MEMBERS, {NULL}};
const char *const told_verdicts[] = {"valid", "invalid", "indeterminate", NULL};
static const char *const sexes[] = {"male", "female", "unknown", NULL};
const struct http_member told_attribute_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as the certificate spells it"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "as the certificate spells it"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "parts that are not known are zeros",
     .form = &http_form_date},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "as the certificate has it", .values = sexes},
    {NULL},
};
const struct http_member told_verification_members[] = {TOLD_VERIFICATION_MEMBERS, {NULL}};
