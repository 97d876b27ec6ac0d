/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in shops that print certificates: kiosk add, list, offers, renew, revoke. */
#include "base/i18n.h"
#include "portal/kiosk/table.h"
#include "portal/kiosk/terminal.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"

#include <stdio.h>

static int add(const struct operate *options, struct db *db, char *const argv[],
               const struct audit_origin *by, struct err *err)
{
    char key[KIOSK_KEY_SIZE];

    (void)options;
    TRY(kiosk_terminal_add(db, argv[0], argv[1], by, key, err));
    (void)puts(key);
    return 0;
}

static int renew(const struct operate *options, struct db *db, char *const argv[],
                 const struct audit_origin *by, struct err *err)
{
    char key[KIOSK_KEY_SIZE];

    (void)options;
    TRY(kiosk_terminal_renew(db, argv[0], by, key, err));
    (void)puts(key);
    return 0;
}

static int revoke(const struct operate *options, struct db *db, char *const argv[],
                  const struct audit_origin *by, struct err *err)
{
    (void)options;
    return kiosk_terminal_revoke(db, argv[0], by, err);
}

static int print(const struct json *terminal, struct err *err)
{
    const char *id, *name;

    TRY(json_get_text(terminal, "id", &id, err));
    TRY(json_get_text(terminal, "name", &name, err));
    (void)printf("%s  %s\n", id, name);
    return 0;
}

static const struct operate_list terminals = {
    .key = "terminals", .read = kiosk_terminal_list, .print = print};

/* ---- what they give ---- */

enum { HOUR_MINUTES = 60, HOURS_SIZE = 32 };

static int put_offer(const struct kiosk_offer *offer, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    char hours[HOURS_SIZE];

    (void)snprintf(hours, sizeof hours, "%02d:%02d-%02d:%02d", offer->opens / HOUR_MINUTES,
                   offer->opens % HOUR_MINUTES, offer->closes / HOUR_MINUTES,
                   offer->closes % HOUR_MINUTES);
    TRY(json_put_text(item, "municipality", offer->municipality, err));
    TRY(json_put_text(item, "kind", kiosk_kinds[offer->kind], err));
    TRY(json_put_text(item, "name", kiosk_names_ja[offer->kind], err));
    TRY(json_put_text(item, "name_en", kiosk_names_en[offer->kind], err));
    TRY(json_put_int(item, "fee", offer->fee, err));
    TRY(json_put_text(item, "hours", hours, err));
    return json_add(list, json_steal(&item), err);
}

static int print_offer(const struct json *offer, struct err *err)
{
    const char *municipality, *kind, *name, *hours;
    int64_t fee;

    TRY(json_get_text(offer, "municipality", &municipality, err));
    TRY(json_get_text(offer, "kind", &kind, err));
    TRY(json_get_text(offer, "name", &name, err));
    TRY(json_get_text(offer, "hours", &hours, err));
    TRY(json_get_int(offer, "fee", &fee, err));
    (void)printf("%s  %s  %lld  %s  %s\n", municipality, kind, (long long)fee, hours, name);
    return 0;
}

static const struct operate_list offers = {.key = "certificates", .print = print_offer};

static int list_offers(const struct operate *options, struct db *db, char *const argv[],
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(kiosk_table_freep) struct kiosk_table *table = NULL;
    CLEANUP(json_freep) struct json *list = json_array_new();

    (void)db;
    (void)argv;
    (void)by;
    TRY(err_prefix(err, kiosk_table_load(options->portald->kiosk_table, &table, err),
                   "kiosk_table"));
    for (size_t i = 0; i < kiosk_table_count(table); i++)
        TRY(put_offer(kiosk_table_at(table, i), list, err));
    return operate_tell(options, &offers, json_steal(&list), err);
}

const struct cli_command kiosk_add_command = OPERATE_ROW(
    "kiosk add", "ID NAME", N_("let a machine print certificates; prints its key, once"),
    operate_options, 2, 2, .act = add);

const struct cli_command kiosk_list_command = OPERATE_ROW(
    "kiosk list", "", N_("list the machines that print certificates"), operate_list_options, 0, 0,
    .list = &terminals);

const struct cli_command kiosk_renew_command = OPERATE_ROW(
    "kiosk renew", "ID", N_("give a machine another key and print it, once"), operate_options, 1, 1,
    .act = renew);

const struct cli_command kiosk_revoke_command = OPERATE_ROW(
    "kiosk revoke", "ID", N_("have a machine's key be nobody's from now on"), operate_options, 1, 1,
    .act = revoke);

const struct cli_command kiosk_offers_command = OPERATE_ROW(
    "kiosk offers", "", N_("list which certificates machines print, by municipality"),
    operate_list_options, 0, 0, .act = list_offers, .is_without_store = true);
