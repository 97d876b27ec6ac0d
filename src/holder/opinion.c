/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/opinion.h"

#include <string.h>

bool opinion_reason(struct bytes name, enum reason *ret)
{
    for (size_t i = 0; i < REASONS_; i++) {
        if (bytes_equal(name, bytes_text(reason_name((enum reason)i)))) {
            *ret = (enum reason)i;
            return true;
        }
    }
    return false;
}

static int copy_text(const char *text, struct buf *ret, struct err *err)
{
    size_t len = strlen(text);

    if (len == 0 || len > OPINION_TEXT_MAX)
        return FAIL(err, ERR_INPUT, "a text is empty or too long");
    return buf_copy(bytes_of(text, len), ret, err);
}

static int take_text(const struct json *object, const char *key, struct buf *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(object, key, &text, err));
    return copy_text(text, ret, err);
}

static int take_verdict(const struct json *answer, enum verdict *ret, struct err *err)
{
    static const enum verdict all[] = {VERDICT_VALID, VERDICT_INDETERMINATE, VERDICT_INVALID};
    const char *text;

    TRY(json_get_text(answer, "verdict", &text, err));
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(text, verdict_name(all[i])) == 0) {
            *ret = all[i];
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "there is no such verdict");
}

static int take_reasons(const struct json *answer, struct opinion *ret, struct err *err)
{
    const struct json *reasons;
    enum reason known;

    TRY(json_get_array(answer, "reasons", &reasons, err));
    if (json_count(reasons) > OPINION_REASONS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d reasons", OPINION_REASONS_MAX);
    for (size_t i = 0; i < json_count(reasons); i++) {
        const char *text = json_text(json_at(reasons, i));

        if (text == NULL)
            return FAIL(err, ERR_INPUT, "a reason is no text");
        TRY(copy_text(text, &ret->reasons[ret->reason_count++], err));
        if (ret->verdict == VERDICT_VALID &&
            (!opinion_reason(bytes_text(text), &known) || reason_verdict(known) != VERDICT_VALID))
            return FAIL(err, ERR_INPUT, "a valid signature with a reason against it");
    }
    if (ret->verdict != VERDICT_VALID && ret->reason_count == 0)
        return FAIL(err, ERR_INPUT, "a verdict without a reason");
    return 0;
}

static int take_holder(const struct json *answer, struct opinion *ret, struct err *err)
{
    const struct json *holder;

    if (!json_has(answer, "attributes"))
        return 0;
    TRY(json_get_object(answer, "attributes", &holder, err));
    TRY(take_text(holder, "name", &ret->name, err));
    TRY(take_text(holder, "address", &ret->address, err));
    TRY(take_text(holder, "birth_date", &ret->birth_date, err));
    TRY(take_text(holder, "sex", &ret->sex, err));
    ret->has_holder = true;
    return 0;
}

int opinion_parse(const struct json *answer, struct opinion *ret, struct err *err)
{
    CLEANUP(opinion_done) struct opinion opinion = OPINION_INIT;

    TRY(take_text(answer, "id", &opinion.id, err));
    TRY(take_verdict(answer, &opinion.verdict, err));
    TRY(take_reasons(answer, &opinion, err));
    TRY(take_holder(answer, &opinion, err));
    *ret = opinion;
    opinion = (struct opinion)OPINION_INIT;
    return 0;
}

void opinion_done(struct opinion *opinion)
{
    buf_done(&opinion->id);
    for (size_t i = 0; i < opinion->reason_count; i++)
        buf_done(&opinion->reasons[i]);
    buf_done(&opinion->name);
    buf_done(&opinion->address);
    buf_done(&opinion->birth_date);
    buf_done(&opinion->sex);
    *opinion = (struct opinion)OPINION_INIT;
}

static int put_digest(struct json *body, const struct digest *digest, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "alg", digest_name(digest->alg), err));
    TRY(json_put_base64(object, "value", digest_bytes(digest), err));
    return json_put(body, "digest", json_steal(&object), err);
}

int opinion_ask(struct remote *remote, const struct opinion_question *question, struct opinion *ret,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *answer = NULL;
    struct err why = {0};
    int rc;

    TRY(put_digest(body, &question->digest, err));
    TRY(json_put_base64(body, "signature", question->signature, err));
    TRY(remote_put_certificate(remote, body, question->cert, err));
    rc = remote_ask(remote, "/v1/verifications", body, &answer, &why);
    if (rc == -ERR_ABSENT || (rc == 0 && answer == NULL))
        return remote_fail_answer(err, remote);
    if (rc < 0)
        return err_copy(err, &why);
    rc = opinion_parse(answer, ret, &why);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_REMOTE, "%s gave a verdict that cannot be used: %s",
                    remote_origin(remote), why.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}
