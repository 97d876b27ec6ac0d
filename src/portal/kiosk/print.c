/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/print.h"

#include <stdio.h>

enum { ROWS_MAX = 8, LINE_SIZE = 512 };

static const char *const titles[] = {
    [KIOSK_RESIDENT] = "住民票の写し", [KIOSK_RESIDENT_ITEMS] = "住民票記載事項証明書"};
static const char *const statements[] = {
    [KIOSK_RESIDENT] =
        "この写しは、住民票に記載されている本人の事項のとおりであることを証明します。",
    [KIOSK_RESIDENT_ITEMS] = "次の事項が住民票に記載されていることを証明します。"};

static const char *word_of_sex(const char *sex)
{
    static const char *const words[][2] = {{"male", "男"}, {"female", "女"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], sex) == 0)
            return words[i][1];
    return "記載なし";
}

static void add(struct paper_row *rows, size_t *count, const char *label, const char *value)
{
    if (value[0] != '\0')
        rows[(*count)++] = (struct paper_row){label, value};
}

/* Of items, only those that most who ask for such a certificate need. */
static int print_person(struct paper *paper, enum kiosk_kind kind, const struct extract *extract,
                        struct err *err)
{
    const bool is_copy = kind == KIOSK_RESIDENT;
    struct paper_row rows[ROWS_MAX];
    char birth[LINE_SIZE];
    size_t count = 0;

    (void)snprintf(birth, sizeof birth, "%d年%d月%d日", extract->birth.year, extract->birth.month,
                   extract->birth.day);
    add(rows, &count, "氏名", extract->name);
    add(rows, &count, "フリガナ", is_copy ? extract->kana : "");
    add(rows, &count, "旧氏", is_copy ? extract->former_name : "");
    add(rows, &count, "生年月日", birth);
    add(rows, &count, "性別", is_copy ? word_of_sex(extract->sex) : "");
    add(rows, &count, "住所", extract->address);
    add(rows, &count, "個人番号", is_copy ? "（記載を省略）" : "");
    return paper_table(paper, rows, count, err);
}

/* Who holds the paper can ask whether it was issued. */
static int print_end(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const struct caltime at = caltime_at(certificate->issued_at, JST_OFFSET_SECONDS);
    char day[LINE_SIZE], mayor[LINE_SIZE], check[LINE_SIZE];

    (void)snprintf(day, sizeof day, "%d年%d月%d日", at.date.year, at.date.month, at.date.day);
    (void)snprintf(mayor, sizeof mayor, "%s長（試験用）", certificate->issuer);
    (void)snprintf(check, sizeof check,
                   "手数料%lld円。この番号の証明書が発行されたことは次で確かめられます。\n"
                   "%s/v1/certificates-issued/%s",
                   (long long)certificate->fee, certificate->origin, certificate->number);
    TRY(paper_line(paper, statements[certificate->kind], err));
    TRY(paper_line(paper, "", err));
    TRY(paper_line(paper, day, err));
    TRY(paper_line(paper, mayor, err));
    TRY(paper_line(paper, "", err));
    return paper_line(paper, check, err);
}

int certificate_print(struct paper_font *font, const struct certificate *certificate,
                      struct buf *ret, struct err *err)
{
    const struct paper_head head = {titles[certificate->kind], certificate->number,
                                    certificate->issued_at};
    CLEANUP(paper_freep) struct paper *paper = NULL;

    TRY(paper_new(font, &head, &paper, err));
    TRY(print_person(paper, certificate->kind, certificate->extract, err));
    TRY(print_end(paper, certificate, err));
    return paper_finish(paper, ret, err);
}
