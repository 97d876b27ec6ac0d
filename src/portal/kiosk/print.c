/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/print.h"

#include "portal/kiosk/print_rows.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 512, ITEMS_MAX = 32 };

typedef int print_fn(struct paper *paper, const struct certificate *certificate, struct err *err);

/* ---- 住民票（本人） ---- */

static const char *word_of_sex(const char *sex)
{
    static const char *const words[] = {"male", "female"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], sex) == 0)
            return rows_sex(i == 1);
    return "記載なし";
}

/* What the person has chosen beside. */
static void add_items(const struct certificate *certificate, struct rows *rows)
{
    const struct household *household = &certificate->facts->household;

    if ((certificate->items & KIOSK_ITEM_HEAD) != 0) {
        rows_add(rows, "世帯主", print_name(certificate, &household->people[0]));
        rows_add(rows, "続柄", print_relation(certificate->facts->self));
    }
    if ((certificate->items & KIOSK_ITEM_ORIGIN) != 0) {
        rows_add(rows, "本籍", household->origin);
        rows_add(rows, "筆頭者", print_name(certificate, &household->people[0]));
    }
}

/* Of items, only those that most who ask for such a certificate need. */
static int print_person(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const bool is_copy = certificate->kind == KIOSK_RESIDENT;
    const struct extract *extract = certificate->extract;
    struct rows rows = {.count = 0};

    rows_add(&rows, "氏名", extract->name);
    rows_add(&rows, "フリガナ", is_copy ? extract->kana : "");
    rows_add(&rows, "旧氏", is_copy ? extract->former_name : "");
    rows_add_day(&rows, "生年月日", extract->birth);
    rows_add(&rows, "性別", is_copy ? word_of_sex(extract->sex) : "");
    rows_add(&rows, "住所", extract->address);
    add_items(certificate, &rows);
    rows_add(&rows, "個人番号", is_copy ? "（記載を省略）" : "");
    return paper_table(paper, rows.list, rows.count, err);
}

/* ---- 印鑑登録 ---- */

static int print_seal(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const struct extract *extract = certificate->extract;
    const struct seal *seal = &certificate->facts->seal;
    struct rows rows = {.count = 0};
    char number[24];

    (void)snprintf(number, sizeof number, "第%lld号", (long long)seal->number);
    rows_add(&rows, "氏名", extract->name);
    rows_add_day(&rows, "生年月日", extract->birth);
    rows_add(&rows, "住所", extract->address);
    rows_add(&rows, "登録番号", number);
    rows_add_day(&rows, "登録年月日", seal->since);
    TRY(paper_table(paper, rows.list, rows.count, err));
    TRY(paper_seal(paper, seal->letters, err));
    return paper_line(
        paper, "この印影は架空のものです（試験用に描いたもので、実在の印鑑ではありません）。", err);
}

/* ---- 所得・課税 ---- */

static int print_sums(struct paper *paper, const struct certificate *certificate,
                      const struct json *items, struct err *err)
{
    struct paper_row rows[ITEMS_MAX];
    char values[ITEMS_MAX][LINE_SIZE];
    size_t count = 0;

    for (size_t i = 0; i < json_count(items) && count < ITEMS_MAX; i++) {
        const struct item *item;
        const char *code, *content;

        TRY(json_get_text(json_at(items, i), "code", &code, err));
        TRY(json_get_text(json_at(items, i), "content", &content, err));
        item = tables_item(certificate->facts->tables, KIOSK_TAX_INFO, code);
        if (item == NULL)
            continue;
        (void)snprintf(values[count], LINE_SIZE, "%s%s", content,
                       item->form == ITEM_YEN ? "円" : "");
        rows[count] = (struct paper_row){item->names.ja, values[count]};
        count++;
    }
    return paper_table(paper, rows, count, err);
}

static int print_tax(struct paper *paper, const struct certificate *certificate, struct err *err)
{
    const struct json *items;
    struct rows rows = {.count = 0};

    rows_add(&rows, "氏名", certificate->extract->name);
    rows_add(&rows, "住所", certificate->extract->address);
    TRY(paper_table(paper, rows.list, rows.count, err));
    TRY(json_get_array(kiosk_facts_tax(certificate->facts), "items", &items, err));
    return print_sums(paper, certificate, items, err);
}

/* ---- all of them ---- */

static const struct {
    const char *title, *statement;
    print_fn *print;
} layouts[] = {
    [KIOSK_RESIDENT] =
        {"住民票の写し",
         "この写しは、住民票に記載されている本人の事項のとおりであることを証明します。",
         print_person},
    [KIOSK_RESIDENT_ITEMS] = {"住民票記載事項証明書",
                              "次の事項が住民票に記載されていることを証明します。", print_person},
    [KIOSK_HOUSEHOLD] =
        {"住民票の写し（世帯全員）",
         "この写しは、世帯全員の住民票に記載されている事項のとおりであることを証明します。",
         print_household},
    [KIOSK_SEAL] = {"印鑑登録証明書", "この写しは、登録されている印影と相違ないことを証明します。",
                    print_seal},
    [KIOSK_TAX] = {"所得・課税証明書", "次のとおり所得及び課税の状況を証明します。", print_tax},
    [KIOSK_FAMILY] = {"戸籍全部事項証明書",
                      "これは、戸籍に記録されている事項の全部を証明した書面です。", print_family},
    [KIOSK_FAMILY_ADDRESSES] =
        {"戸籍の附票の写し",
         "この写しは、戸籍の附票に記載されている事項のとおりであることを証明します。",
         print_addresses},
};

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
    TRY(paper_line(paper, layouts[certificate->kind].statement, err));
    TRY(paper_line(paper, "", err));
    TRY(paper_line(paper, day, err));
    TRY(paper_line(paper, mayor, err));
    TRY(paper_line(paper, "", err));
    return paper_line(paper, check, err);
}

int certificate_print(struct paper_font *font, const struct certificate *certificate,
                      struct buf *ret, struct err *err)
{
    const struct paper_head head = {layouts[certificate->kind].title, certificate->number,
                                    certificate->issued_at};
    CLEANUP(paper_freep) struct paper *paper = NULL;

    TRY(paper_new(font, &head, &paper, err));
    TRY(layouts[certificate->kind].print(paper, certificate, err));
    TRY(print_end(paper, certificate, err));
    return paper_finish(paper, ret, err);
}
