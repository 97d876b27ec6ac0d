/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/notice/topics.h"

#include "base/caltime.h"
#include "base/utf8.h"
#include "portal/application/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const notice_languages[] = {
    [NOTICE_JA] = "ja", [NOTICE_EN] = "en", [NOTICE_PLAIN] = "plain", [NOTICE_LANGUAGES_] = NULL};

static const struct {
    const char *ja, *en, *plain;
} states[APPLICATION_STATES_] = {
    [APPLICATION_DRAFT] = {"下書き", "a draft", "下書き"},
    [APPLICATION_SUBMITTED] = {"提出済み", "submitted", "出しました"},
    [APPLICATION_RECEIVED] = {"受付済み", "received", "役所が受けとりました"},
    [APPLICATION_RETURNED] = {"差戻し（訂正が必要）", "returned for correction",
                              "なおしてください"},
    [APPLICATION_COMPLETED] = {"完了", "completed", "終わりました"},
    [APPLICATION_REJECTED] = {"不承認", "rejected", "みとめられませんでした"},
    [APPLICATION_WITHDRAWN] = {"取下げ", "withdrawn", "やめました"},
};

const struct notice_topic *notice_topic_find(const char *code)
{
    const struct notice_topic *topic = notice_topics;

    while (topic->code != NULL && strcmp(topic->code, code) != 0)
        topic++;
    return topic->code == NULL ? NULL : topic;
}

/* ---- parameters ---- */

/* -1: none. */
static int find_state(const char *name)
{
    for (int i = 0; i < APPLICATION_STATES_; i++)
        if (strcmp(application_states[i], name) == 0)
            return i;
    return -1;
}

/* Names come from others as well: none leads people to other pages. */
bool notice_is_name(const char *text)
{
    return !utf8_is_blank(bytes_text(text)) && utf8_count(bytes_text(text)) <= NOTICE_NAME_MAX &&
           utf8_is_shown(bytes_text(text)) && strstr(text, "://") == NULL &&
           strstr(text, "www.") == NULL;
}

/* Digits of any width, of which a telephone number or one of a person has more. */
static size_t count_digits(const char *text)
{
    static const char wide[] = "\xEF\xBC"; /* U+FF10 to U+FF19: EF BC 90 to EF BC 99 */
    size_t count = 0;

    for (const char *at = text; *at != '\0'; at++) {
        const uint8_t last = strncmp(at, wide, 2) == 0 ? (uint8_t)at[2] : 0;

        if ((*at >= '0' && *at <= '9') || (last >= 0x90 && last <= 0x99))
            count++;
    }
    return count;
}

/* The portal's own are of its texts; those that others give are told to people under its name. */
static int check_name(const char *name, const char *text, enum notice_author author,
                      struct err *err)
{
    if (!notice_is_name(text))
        return FAIL(err, ERR_INPUT,
                    "%s: 1 to %d characters that can be seen, without an address of a page", name,
                    NOTICE_NAME_MAX);
    if (author == NOTICE_BY_PORTAL)
        return 0;
    if (strpbrk(text, "<>@[]`\\") != NULL)
        return FAIL(err, ERR_INPUT, "%s: no markup and no address", name);
    if (count_digits(text) > NOTICE_DIGITS_MAX)
        return FAIL(err, ERR_INPUT, "%s: at most %d digits", name, NOTICE_DIGITS_MAX);
    return 0;
}

static int check_parameter(const struct notice_parameter *parameter, const struct json *parameters,
                           enum notice_author author, struct err *err)
{
    const char *text = NULL;
    struct caldate date;
    int64_t number;

    if (parameter->kind == NOTICE_NUMBER) {
        TRY(json_get_int(parameters, parameter->name, &number, err));
        return number >= 0 ? 0 : FAIL(err, ERR_INPUT, "%s: a number from 0", parameter->name);
    }
    TRY(json_get_text(parameters, parameter->name, &text, err));
    if (parameter->kind == NOTICE_DATE)
        return err_prefix(err, caldate_parse_iso(text, &date, err), "%s", parameter->name);
    if (parameter->kind == NOTICE_STATE && find_state(text) < 0)
        return FAIL(err, ERR_INPUT, "%s: there is no such state", parameter->name);
    return parameter->kind == NOTICE_NAME ? check_name(parameter->name, text, author, err) : 0;
}

int notice_topic_check(const struct notice_topic *topic, const struct json *parameters,
                       struct err *err)
{
    const char *names[NOTICE_PARAMETERS_SIZE] = {NULL};
    size_t count = 0;

    for (; topic->parameters[count].name != NULL; count++)
        names[count] = topic->parameters[count].name;
    if (parameters == NULL)
        return count == 0 ? 0 : FAIL(err, ERR_INPUT, "%s: it has parameters", topic->code);
    TRY(json_only(parameters, names, err));
    for (size_t i = 0; i < count; i++)
        TRY(check_parameter(&topic->parameters[i], parameters, topic->author, err));
    return 0;
}

/* ---- words ---- */

static int write_date(const char *text, enum notice_language language, struct buf *ret,
                      struct err *err)
{
    struct caldate date;

    if (language == NOTICE_EN)
        return buf_append_text(ret, text, err);
    TRY(caldate_parse_iso(text, &date, err));
    return buf_append_format(ret, err, "%d年%d月%d日", date.year, date.month, date.day);
}

static int write_state(const char *name, enum notice_language language, struct buf *ret,
                       struct err *err)
{
    const int state = find_state(name);

    if (state < 0)
        return FAIL(err, ERR_INPUT, "there is no such state");
    return buf_append_text(ret,
                           language == NOTICE_EN   ? states[state].en
                           : language == NOTICE_JA ? states[state].ja
                                                   : states[state].plain,
                           err);
}

static int write_parameter(const struct notice_parameter *parameter, enum notice_language language,
                           const struct json *parameters, struct buf *ret, struct err *err)
{
    const char *text = NULL;
    int64_t number;

    if (parameter->kind == NOTICE_NUMBER) {
        TRY(json_get_int(parameters, parameter->name, &number, err));
        return buf_append_format(ret, err, "%" PRId64, number);
    }
    TRY(json_get_text(parameters, parameter->name, &text, err));
    if (parameter->kind == NOTICE_DATE)
        return write_date(text, language, ret, err);
    if (parameter->kind == NOTICE_STATE)
        return write_state(text, language, ret, err);
    return buf_append_text(ret, text, err);
}

/* The parameter that stands in a template from here on; NULL: none does. */
static const struct notice_parameter *parameter_at(const struct notice_topic *topic, const char *at,
                                                   size_t *ret_len)
{
    const char *end = *at == '{' ? strchr(at, '}') : NULL;

    if (end == NULL)
        return NULL;
    *ret_len = (size_t)(end - at) + 1;
    for (const struct notice_parameter *p = topic->parameters; p->name != NULL; p++)
        if (strlen(p->name) + 2 == *ret_len && strncmp(p->name, at + 1, *ret_len - 2) == 0)
            return p;
    return NULL;
}

int notice_topic_write(const char *template, enum notice_language language,
                       const struct notice_topic *topic, const struct json *parameters,
                       struct buf *ret, struct err *err)
{
    while (*template != '\0') {
        const size_t plain = strcspn(template, "{");
        const struct notice_parameter *parameter;
        size_t len = 0;

        TRY(buf_append(ret, bytes_of(template, plain), err));
        template += plain;
        if (*template == '\0')
            break;
        parameter = parameter_at(topic, template, &len);
        if (parameter == NULL)
            return FAIL(err, ERR_SYSTEM, "%s: words with a parameter that it lacks", topic->code);
        TRY(write_parameter(parameter, language, parameters, ret, err));
        template += len;
    }
    return 0;
}
