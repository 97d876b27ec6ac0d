/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The questions are tables. An answer's data never gets into the text but by a row that says so,
 * and those rows are about the kind of card alone.
 */
#include "client/survey.h"

#include "base/hex.h"
#include "client/icc.h"
#include "client/pin.h"
#include "iso7816/tlv.h"

#include <stdio.h>

enum { FID_FIRST = 0x0001, FID_LAST = 0x001F, READ_SIZE_MAX = 0x7FFF, COMMAND_MAX = 300 };

enum shown { SHOW_LENGTH, SHOW_TAGS, SHOW_BYTES };

struct question {
    const char *command; /* hexadecimal; NULL ends a list */
    enum shown shown;
    const char *remark; /* NULL: none */
};

struct survey {
    struct icc *icc;
    struct buf *text;
};

/* What was answered last. */
struct answer {
    struct buf data;
    size_t wanted; /* at most that many bytes */
    uint16_t sw;
};

static void answer_done(struct answer *answer)
{
    buf_done(&answer->data);
}

/* card.md 2, and two that no card has */
static const struct application {
    const char *name, *aid;
} applications[] = {
    {"JPKI", "D392F000260100000001"},   {"text", "D3921000310001010408"},
    {"visual", "D3921000310001010402"}, {"resident register", "D3921000310001010401"},
    {"common", "D3921000310001010100"},
};

enum { APPLICATIONS = sizeof applications / sizeof applications[0] };

/* In no application or in the JPKI application: how SELECT is answered (card.md 2, notes). */
static const struct question selects[] = {
    {"00A4040C 07 A0000001510000", SHOW_LENGTH, "the card manager, so that nothing is open"},
    {"00A4040C 0A D392F000260100000001", SHOW_LENGTH, "the application, as everybody selects it"},
    {"00A40400 0A D392F000260100000001 00", SHOW_TAGS, "with its control information"},
    {"00A40400 0A D392F000260100000001", SHOW_LENGTH, "the same without Le"},
    {"00A4040C 09 D392F0002601000000", SHOW_LENGTH, "by the beginning of its name"},
    {"00A4040C 05 D392F00026", SHOW_LENGTH, "by less of it"},
    {"00A40402 0A D392F000260100000001", SHOW_LENGTH, "the next of that name"},
    {"00A4040C 0A D392F000260100000099", SHOW_LENGTH, "one that is not there"},
    {"00A40000", SHOW_LENGTH, "the master file"},
    {"00A4000C 02 3F00", SHOW_LENGTH, "the master file by its identifier"},
    {"00A4020C 02 0006", SHOW_LENGTH, "a file of the application, still?"},
    {"00A40200 02 0006 00", SHOW_TAGS, "a file with its control information"},
    {"00A4020C 02 7FFF", SHOW_LENGTH, "a file that is not there"},
    {NULL, SHOW_LENGTH, NULL},
};

/* In the JPKI application, about its token information of 160 bytes (card.md 3.1, 4.3). */
static const struct question reads[] = {
    {"00A4040C 0A D392F000260100000001", SHOW_LENGTH, "the application"},
    {"00B00000 00", SHOW_LENGTH, "before a file is selected"},
    {"00A4020C 02 0006", SHOW_LENGTH, "the token information"},
    {"00B00000 20", SHOW_BYTES, "its label"},
    {"00B00040 10", SHOW_BYTES, "the model"},
    {"00B00060 30", SHOW_BYTES, "flags, sessions, lengths of PINs, versions: no serial number"},
    {"00B00000 00", SHOW_LENGTH, "as much as there is"},
    {"00B00000", SHOW_LENGTH, "without Le"},
    {"00B00000 000000", SHOW_LENGTH, "with an extended Le"},
    {"00B0009F 02", SHOW_LENGTH, "one byte more than there is"},
    {"00B000A0 01", SHOW_LENGTH, "at the end"},
    {"00B000A1 01", SHOW_LENGTH, "past the end"},
    {"00B07FFF 01", SHOW_LENGTH, "far past the end"},
    {"00B08600 20", SHOW_LENGTH, "by its short identifier"},
    {"00B08A00 04", SHOW_LENGTH, "the authentication certificate by its short identifier"},
    {"00B09E00 01", SHOW_LENGTH, "a short identifier that is not there"},
    {"00A4020C 02 0008", SHOW_LENGTH, "which certificates there are"},
    {"00B00000 03", SHOW_BYTES, "their presence: 3 bytes"},
    {"00A4020C 02 0018", SHOW_LENGTH, "the authentication PIN"},
    {"00B00000 01", SHOW_LENGTH, "reading a PIN"},
    {"00200080", SHOW_LENGTH, "its tries"},
    {"00200098", SHOW_LENGTH, "its tries by its short identifier"},
    {"0020009B", SHOW_LENGTH, "those of the signature password"},
    {"00200000", SHOW_LENGTH, "tries of no PIN in particular"},
    {"00A4020C 02 0017", SHOW_LENGTH, "the authentication key"},
    {"00200080", SHOW_LENGTH, "tries of a key"},
    {"802A0080 02 0000 00", SHOW_LENGTH, "a signature without its PIN"},
    {"00840000 08", SHOW_LENGTH, "a random number"},
    {"00840000 00", SHOW_LENGTH, "256 random bytes"},
    {"80FC0000", SHOW_LENGTH, "a command of phones"},
    {"00FF0000", SHOW_LENGTH, "a command that is none"},
    {"F0B00000 01", SHOW_LENGTH, "a class that is none"},
    {"08B00000 01", SHOW_LENGTH, "secure messaging without a session"},
    {NULL, SHOW_LENGTH, NULL},
};

/* In the common application and the resident register's (card.md 3.5, 3.6). */
static const struct question records[] = {
    {"00B2010C 00", SHOW_LENGTH, "record 1 by short identifier 1"},
    {"00B2020C 00", SHOW_LENGTH, "record 2 of it"},
    {"00B20114 00", SHOW_LENGTH, "record 1 by short identifier 2"},
    {NULL, SHOW_LENGTH, NULL},
};

/* After SELECT of the card manager (card.md 3.7). */
static const struct question objects[] = {
    {"00A4040C 07 A0000001510000", SHOW_LENGTH, "the card manager"},
    {"00A40400 07 A0000001510000 00", SHOW_TAGS, "with its control information"},
    {"00CA0042 00", SHOW_LENGTH, "issuer"},
    {"00CA0045 00", SHOW_LENGTH, "number of the card"},
    {"00CA0066 00", SHOW_TAGS, "recognition data"},
    {"00CA00E0 00", SHOW_LENGTH, "key information"},
    {"00CA00F0 00", SHOW_LENGTH, "municipality"},
    {"00CA00F1 00", SHOW_LENGTH, NULL},
    {"00CA00F2 00", SHOW_LENGTH, "expiry"},
    {"00CA00F3 00", SHOW_LENGTH, NULL},
    {"00CA00F7 00", SHOW_LENGTH, NULL},
    {"00CA00F8 00", SHOW_LENGTH, NULL},
    {"00CA7F21 00", SHOW_LENGTH, "certificates"},
    {"00CA7F21 000000", SHOW_LENGTH, "the same with an extended Le"},
    {"00CA5F51 00", SHOW_BYTES, "answer to reset of the contacts"},
    {"00CA9F7F 00", SHOW_LENGTH, "production data"},
    {"00CB3FFF 04 5C0200F0 00", SHOW_LENGTH, "the other GET DATA"},
    {NULL, SHOW_LENGTH, NULL},
};

/* The SHA-256 DigestInfo (RFC 8017, 9.2) of 32 bytes of 55, so that nothing is signed by it. */
#define DIGEST_INFO                                                                                \
    "3031300D060960864801650304020105000420"                                                       \
    "5555555555555555555555555555555555555555555555555555555555555555"
#define DIGEST "5555555555555555555555555555555555555555555555555555555555555555"

/* After the authentication PIN (card.md 4.2, 4.5). */
static const struct question opened[] = {
    {"00200080", SHOW_LENGTH, "tries after the right PIN"},
    {"00A4020C 02 0017", SHOW_LENGTH, "the authentication key"},
    {"802A0080 33" DIGEST_INFO "00", SHOW_LENGTH, "a signature"},
    {"802A0080 33" DIGEST_INFO, SHOW_LENGTH, "without Le"},
    {"802A0097 33" DIGEST_INFO "00", SHOW_LENGTH, "by the key's short identifier"},
    {"802A0180 20" DIGEST "00", SHOW_LENGTH, "scheme 1"},
    {"802A0280 20" DIGEST "00", SHOW_LENGTH, "scheme 2"},
    {"802A0380 20" DIGEST "00", SHOW_LENGTH, "scheme 3"},
    {"802A0480 20" DIGEST "00", SHOW_LENGTH, "scheme 4"},
    {"802A0580 20" DIGEST "00", SHOW_LENGTH, "scheme 5"},
    {"802A0680 20" DIGEST "00", SHOW_LENGTH, "scheme 6"},
    {"00A4020C 02 001B", SHOW_LENGTH, "the signature password is selected"},
    {"00A4020C 02 0017", SHOW_LENGTH, "the key again"},
    {"802A0080 33" DIGEST_INFO "00", SHOW_LENGTH, "does it still sign?"},
    {"00A4040C 0A D392F000260100000001", SHOW_LENGTH, "the same application again"},
    {"00A4020C 02 0017", SHOW_LENGTH, NULL},
    {"802A0080 33" DIGEST_INFO "00", SHOW_LENGTH, "does it still sign?"},
    {"00A4040C 0A D3921000310001010408", SHOW_LENGTH, "another application"},
    {"00A4040C 0A D392F000260100000001", SHOW_LENGTH, "and back"},
    {"00A4020C 02 0017", SHOW_LENGTH, NULL},
    {"802A0080 33" DIGEST_INFO "00", SHOW_LENGTH, "does it still sign?"},
    {NULL, SHOW_LENGTH, NULL},
};

static int decode(const char *command, uint8_t ret[COMMAND_MAX], struct bytes *ret_bytes,
                  struct err *err)
{
    size_t len = 0;

    for (size_t i = 0; command[i] != '\0'; i += command[i] == ' ' ? 1 : 2) {
        if (command[i] == ' ')
            continue;
        if (len == COMMAND_MAX)
            return FAIL(err, ERR_USAGE, "a question of more than %d bytes", COMMAND_MAX);
        ret[len++] = (uint8_t)(hex_digit(command[i]) << 4 | hex_digit(command[i + 1]));
    }
    *ret_bytes = bytes_of(ret, len);
    return 0;
}

/* "6F(22) { 84(10) A5(8) }": tags and lengths, of constructed values within too, never a value. */
static int append_tags(struct bytes data, unsigned depth, struct buf *ret, struct err *err)
{
    struct tlv tlv;

    while (data.len > 0 && tlv_next(&data, &tlv, NULL) == 0) {
        bool is_constructed = (tlv.tag <= 0xFF ? tlv.tag : tlv.tag >> 8) & 0x20;

        TRY(buf_append_format(ret, err, " %X(%zu)", (unsigned)tlv.tag, tlv.value.len));
        if (!is_constructed || depth == 0)
            continue;
        TRY(buf_append_text(ret, " {", err));
        TRY(append_tags(tlv.value, depth - 1, ret, err));
        TRY(buf_append_text(ret, " }", err));
    }
    return data.len == 0 ? 0 : buf_append_format(ret, err, " and %zu bytes", data.len);
}

static int append_answer(const struct answer *answer, enum shown shown, struct buf *ret,
                         struct err *err)
{
    struct bytes data = buf_bytes(&answer->data);

    TRY(buf_append_format(ret, err, "< %04X", answer->sw));
    if (data.len == 0)
        return 0;
    /* More than was asked for is something else than was asked for. */
    if (shown == SHOW_LENGTH || data.len > answer->wanted)
        return buf_append_format(ret, err, ", %zu bytes", data.len);
    TRY(buf_append_text(ret, shown == SHOW_BYTES ? " " : ",", err));
    return shown == SHOW_BYTES ? hex_append(ret, data, err) : append_tags(data, 2, ret, err);
}

/* Ask without telling it in the text. */
static int ask_quietly(struct survey *survey, const char *command, struct answer *ret,
                       struct err *err)
{
    uint8_t storage[COMMAND_MAX];
    struct bytes bytes;
    struct apdu apdu;

    TRY(decode(command, storage, &bytes, err));
    TRY(apdu_parse(bytes, &apdu, err));
    /* Whatever a card makes of a question, what it may have opened is closed at the end. */
    icc_pin_was_sent(survey->icc);
    ret->wanted = apdu.ne;
    return icc_transmit(survey->icc, &apdu, &ret->data, &ret->sw, err);
}

static int ask(struct survey *survey, const struct question *question, struct answer *ret,
               struct err *err)
{
    TRY(ask_quietly(survey, question->command, ret, err));
    TRY(buf_append_format(survey->text, err, "> %s%s%s\n", question->command,
                          question->remark == NULL ? "" : "    # ",
                          question->remark == NULL ? "" : question->remark));
    TRY(append_answer(ret, question->shown, survey->text, err));
    return buf_append_text(survey->text, "\n", err);
}

static int ask_all(struct survey *survey, const struct question questions[], struct err *err)
{
    for (; questions->command != NULL; questions++) {
        CLEANUP(answer_done) struct answer answer = {.data = BUF_INIT};

        TRY(ask(survey, questions, &answer, err));
    }
    return 0;
}

static int heading(struct survey *survey, const char *text, struct err *err)
{
    return buf_append_format(survey->text, err, "\n# %s\n", text);
}

/* Whether a byte of the selected file can be read at an offset; *ret_sw is the answer. */
static int can_read_at(struct survey *survey, size_t offset, uint16_t *ret_sw, struct err *err)
{
    CLEANUP(answer_done) struct answer answer = {.data = BUF_INIT};
    char command[16];

    (void)snprintf(command, sizeof command, "00B0%04zX01", offset);
    TRY(ask_quietly(survey, command, &answer, err));
    *ret_sw = answer.sw;
    return 0;
}

/* The size of the selected file, one byte at a time, by halving. */
static int measure(struct survey *survey, size_t *ret, struct err *err)
{
    size_t readable = 0;
    size_t past = READ_SIZE_MAX + 1;
    uint16_t sw;

    while (past - readable > 1) {
        size_t middle = readable + (past - readable) / 2;

        TRY(can_read_at(survey, middle, &sw, err));
        if (sw == SW_OK)
            readable = middle;
        else
            past = middle;
    }
    *ret = past;
    return 0;
}

/* What one file identifier is: nothing, or how it answers reading and the question for tries. */
static int look_at(struct survey *survey, unsigned fid, struct err *err)
{
    CLEANUP(answer_done) struct answer answer = {.data = BUF_INIT};
    uint16_t read_sw;
    char command[32];
    size_t size = 0;

    (void)snprintf(command, sizeof command, "00A4020C02%04X", fid);
    TRY(ask_quietly(survey, command, &answer, err));
    if (answer.sw == SW_FILE_NOT_FOUND)
        return 0;
    TRY(buf_append_format(survey->text, err, "%04X: select %04X", fid, answer.sw));
    if (answer.sw != SW_OK)
        return buf_append_text(survey->text, "\n", err);
    TRY(can_read_at(survey, 0, &read_sw, err));
    TRY(ask_quietly(survey, "00200080", &answer, err));
    TRY(buf_append_format(survey->text, err, ", read %04X, tries %04X", read_sw, answer.sw));
    if (read_sw == SW_OK) {
        TRY(measure(survey, &size, err));
        TRY(buf_append_format(survey->text, err, ", %zu bytes", size));
    }
    return buf_append_text(survey->text, "\n", err);
}

/* Every file of an application that has an identifier such as those that are known. */
static int sweep(struct survey *survey, const struct application *application, struct err *err)
{
    CLEANUP(answer_done) struct answer answer = {.data = BUF_INIT};
    char command[64];

    (void)snprintf(command, sizeof command, "00A4040C 0A %s", application->aid);
    TRY(buf_append_format(survey->text, err, "\n# files of the %s application\n",
                          application->name));
    TRY(ask(survey, &(struct question){command, SHOW_LENGTH, NULL}, &answer, err));
    if (answer.sw != SW_OK)
        return 0;
    for (unsigned fid = FID_FIRST; fid <= FID_LAST; fid++)
        TRY(look_at(survey, fid, err));
    return ask_all(survey, records, err);
}

int survey_card(struct icc *icc, struct buf *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct survey survey = {icc, ret};

    TRY(icc_begin(icc, &txn, err));
    TRY(heading(&survey, "SELECT", err));
    TRY(ask_all(&survey, selects, err));
    TRY(heading(&survey, "the JPKI application", err));
    TRY(ask_all(&survey, reads, err));
    for (size_t i = 0; i < APPLICATIONS; i++)
        TRY(sweep(&survey, &applications[i], err));
    TRY(heading(&survey, "the card", err));
    return ask_all(&survey, objects, err);
}

int survey_card_with_pin(struct icc *icc, const struct secret *pin, bool may_use_last_try,
                         struct buf *ret, struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    struct survey survey = {icc, ret};

    TRY(icc_begin(icc, &txn, err));
    TRY(icc_pin_verify(icc, ICC_PIN_AUTH, pin, may_use_last_try, err));
    TRY(heading(&survey, "after the authentication PIN", err));
    return ask_all(&survey, opened, err);
}
