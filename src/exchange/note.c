/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/note.h"

#include "base/utf8.h"
#include "exchange/person.h"

#include <stdio.h>
#include <string.h>

const char *const note_channels[] = {"portal", "api", "site", "clinic", "kiosk", "counter", NULL};

#define RECEIVER_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

static bool is_word(const char *text)
{
    return text == NULL || (strlen(text) <= NOTE_WORDS_MAX && strchr(text, '|') == NULL &&
                            utf8_is_shown(bytes_text(text)));
}

static bool are_words(struct names names)
{
    return is_word(names.ja) && is_word(names.en);
}

static bool is_code(const char *text)
{
    return text == NULL || (strlen(text) <= CODE_LEN && is_word(text));
}

static bool is_receiver(const char *text)
{
    size_t len = strlen(text);

    return len >= 1 && len <= LOG_RECEIVER_LEN && strspn(text, RECEIVER_LETTERS) == len;
}

static int check(const struct note *note, struct err *err)
{
    if (note->what < LOG_PULLED || note->what >= LOG_WHATS_)
        return FAIL(err, ERR_USAGE, "what is given or refused is logged where it happens");
    if (note->channel < NOTE_PORTAL || note->channel >= NOTE_CHANNELS_)
        return FAIL(err, ERR_USAGE, "a note over no channel");
    if (!is_receiver(note->receiver) || !is_code(note->giver) || !is_code(note->duty) ||
        !is_code(note->procedure) || !is_code(note->info))
        return FAIL(err, ERR_USAGE, "a note with what is no code");
    if (!are_words(note->receiver_name) || !are_words(note->why) || !are_words(note->items))
        return FAIL(err, ERR_USAGE,
                    "a text of a note is shown, with at most %d bytes, none of them '|'",
                    NOTE_WORDS_MAX);
    if (!is_word(note->detail) || (note->detail != NULL && strlen(note->detail) > LOG_DETAIL_LEN))
        return FAIL(err, ERR_USAGE, "the system of a receiver has at most %d bytes",
                    LOG_DETAIL_LEN);
    return 0;
}

/* A text, or the other language's where there is but one. */
static const char *either(const char *first, const char *second)
{
    if (first != NULL && first[0] != '\0')
        return first;
    return second == NULL ? "" : second;
}

static const char *ja(struct names names)
{
    return either(names.ja, names.en);
}

static const char *en(struct names names)
{
    return either(names.en, names.ja);
}

static void fill(const struct note *note, struct log_record *r)
{
    (void)snprintf(r->receiver, sizeof r->receiver, "%s", note->receiver);
    (void)snprintf(r->giver, sizeof r->giver, "%s", either(note->giver, NULL));
    (void)snprintf(r->duty, sizeof r->duty, "%s", either(note->duty, NULL));
    (void)snprintf(r->procedure, sizeof r->procedure, "%s", either(note->procedure, NULL));
    (void)snprintf(r->info, sizeof r->info, "%s", either(note->info, NULL));
    (void)snprintf(r->detail, sizeof r->detail, "%s", either(note->detail, NULL));
    (void)snprintf(r->told, sizeof r->told, "%s|%s|%s|%s|%s|%s|%s", note_channels[note->channel],
                   ja(note->receiver_name), en(note->receiver_name), ja(note->why), en(note->why),
                   ja(note->items), en(note->items));
}

int exchange_note(struct db_txn *txn, const struct person_code *portal, const struct note *note,
                  const struct audit_origin *by, struct err *err)
{
    struct log_record record = {.at = by->at, .what = note->what};

    TRY(check(note, err));
    TRY(person_meet(txn, portal, by, &record.person, err));
    fill(note, &record);
    return log_append(txn, by, &record, err);
}

void note_words_of(const struct log_record *record, struct note_words *ret)
{
    const char **const words[] = {&ret->channel, &ret->receiver.ja, &ret->receiver.en, &ret->why.ja,
                                  &ret->why.en,  &ret->items.ja,    &ret->items.en};
    char *rest = ret->text;

    memcpy(ret->text, record->told, strlen(record->told) + 1);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char *end = strchrnul(rest, '|');

        *words[i] = rest;
        rest = *end == '\0' ? end : end + 1;
        *end = '\0';
    }
}
