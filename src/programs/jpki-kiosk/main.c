/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki-kiosk: a machine in a shop that prints certificates.
 *
 * The person's card signs for this machine's order, the person chooses and pays, and the document
 * is written. Money is in the box on the disk before the portal is told of it, and the document on
 * the disk before the portal is told that it is there; whatever ends in between is brought to its
 * end by the next start: with the one document, or with the money given back.
 */
#include "base/clock.h"
#include "base/file.h"
#include "holder/vending.h"
#include "programs/exit.h"
#include "programs/jpki-kiosk/box.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"
#include "programs/jpki/key_file.h"
#include "programs/jpki/outside.h"
#include "programs/variables.h"

#include <stdio.h>
#include <string.h>

struct options {
    struct card_options card;
    struct pin_options pin;
    const char *portal, *key_file, *box, *certificate, *items, *output;
    int64_t insert;
};

static const struct cli_option rows[] = {
    {'p', "portal", CLI_TEXT, offsetof(struct options, portal), "URL",
     N_("the portal that gives certificates")},
    {'k', "terminal-key-file", CLI_TEXT, offsetof(struct options, key_file), "FILE",
     N_("the key of this machine")},
    {'b', "coin-box", CLI_TEXT, offsetof(struct options, box), "FILE",
     N_("the coin box: what it has kept, and money for an order that is not over")},
    {'c', "certificate", CLI_TEXT, offsetof(struct options, certificate), "KIND",
     N_("what to print; without it what the person can have is listed")},
    {0, "items", CLI_TEXT, offsetof(struct options, items), "LIST",
     N_("what else is to stand on a copy of the resident record: head, origin")},
    {'i', "insert", CLI_INT, offsetof(struct options, insert), "YEN",
     N_("how much the person puts in")},
    {'o', "output", CLI_TEXT, offsetof(struct options, output), "FOLDER",
     N_("where paper falls: NUMBER.pdf; the current folder if not given")},
    PIN_OPTIONS(struct options),
    CARD_OPTIONS(struct options),
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

static const struct options defaults = {.pin = PIN_DEFAULTS, .output = "."};

/* Somebody stands at the machine. */
struct visit {
    const struct options *options;
    struct remote *remote;
    struct box box;
    struct challenge challenge;
    struct icc *icc;
    struct challenge_proof proof;
    struct vending_order order;
    bool is_returned; /* the money */
};

static void visit_done(struct visit *visit)
{
    remote_free(visit->remote);
    challenge_done(&visit->challenge);
    icc_free(visit->icc);
    challenge_proof_done(&visit->proof);
}

static int open_remote(const struct options *options, struct remote **ret, struct err *err)
{
    const char *portal = options->portal != NULL ? options->portal : environment("JPKI_PORTAL");
    const char *file = options->key_file != NULL ? options->key_file
                                                 : environment("JPKI_KIOSK_KEY_FILE");
    CLEANUP(remote_freep) struct remote *remote = NULL;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    struct origin origin;
    const char *path;

    if (portal == NULL || file == NULL || options->box == NULL)
        return FAIL(err, ERR_USAGE, "--portal, --terminal-key-file and --coin-box are needed");
    TRY(origin_parse(portal, &origin, &path, err));
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "--portal takes an address without a path");
    TRY(remote_new(&origin, &remote, err));
    remote_keys_at(remote, "/v1/eligibility/keys");
    TRY(key_file_read(file, TENANT_KEY_MAX, &key, err));
    TRY(err_prefix(err, remote_authorise(remote, &key, err), "%s", file));
    *ret = remote;
    remote = NULL;
    return 0;
}

/* ---- the card ---- */

static int show_card(struct visit *visit, struct err *err)
{
    const struct options *options = visit->options;
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct challenge_signing with = {.origin = remote_origin(visit->remote),
                                     .pin = &pin,
                                     .may_use_last_try = options->pin.last_try};
    unsigned left;

    TRY(open_card(&options->card, &visit->icc, err));
    TRY(vending_open(visit->remote, &visit->challenge, err));
    TRY(challenge_check_card(&visit->challenge, visit->icc, clock_now(&clock_system), err));
    TRY(pin_is_usable(visit->icc, ICC_PIN_AUTH, &options->pin, &left, err));
    TRY(pin_ask(ICC_PIN_AUTH, &options->pin, left, &pin, err));
    TRY(vending_open(visit->remote, &visit->challenge, err)); /* people take their time */
    with.now = clock_now(&clock_system);
    TRY(challenge_sign(&visit->challenge, visit->icc, &with, &visit->proof, err));
    return vending_show(visit->remote, &visit->challenge, &visit->proof, &visit->order, err);
}

/* ---- paper and money ---- */

/* One of this number that is there already is this one: the machine died behind it. */
static int write_paper(struct visit *visit, const struct buf *pdf, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    struct err why = {0};

    TRY(path_format(&path, err, "%s/%s.pdf", visit->options->output, visit->order.number));
    if (file_create(path, 0600, buf_bytes(pdf), &why) < 0 && why.kind != ERR_CONFLICT)
        return err_copy(err, &why);
    return 0;
}

static int make_paper(struct visit *visit, struct err *err)
{
    CLEANUP(buf_done) struct buf pdf = BUF_INIT;

    TRY(vending_issue(visit->remote, &visit->order, &pdf, err));
    return write_paper(visit, &pdf, err);
}

/* The portal first: money that went back pays for nothing. An order it has forgotten is over. */
static int give_back(struct visit *visit, struct err *err)
{
    struct err why = {0};
    const int rc = vending_cancel(visit->remote, &visit->order, &why);

    if (rc < 0 && rc != -ERR_ABSENT)
        return err_copy(err, &why);
    visit->is_returned = true;
    return box_settle(&visit->box, false, err);
}

/*
 * Print what was paid for, or give the money back and say why. Once there is paper the money stays,
 * and the next start tells the portal of it if this one cannot.
 */
static int print_or_give_back(struct visit *visit, struct err *err)
{
    struct err why = {0};

    if (make_paper(visit, &why) < 0) {
        TRY(give_back(visit, err));
        return err_copy(err, &why);
    }
    TRY(vending_finish(visit->remote, &visit->order, err));
    return box_settle(&visit->box, true, err);
}

static int pay(struct visit *visit, struct err *err)
{
    struct err why = {0};

    TRY(box_take(&visit->box, visit->order.id, visit->order.fee, err));
    if (vending_pay(visit->remote, visit->box.payment, &visit->order, &why) == 0)
        return 0;
    TRY(give_back(visit, err));
    return err_copy(err, &why);
}

static int buy(struct visit *visit, struct err *err)
{
    const struct options *options = visit->options;
    const struct vending_choice choice = {options->certificate, options->items};

    TRY(vending_choose(visit->remote, &choice, &visit->order, err));
    if (options->insert < visit->order.fee)
        return FAIL(err, ERR_DENIED, "the fee is %lld yen; what was put in is given back",
                    (long long)visit->order.fee);
    TRY(pay(visit, err));
    return print_or_give_back(visit, err);
}

/* ---- what a machine left that was switched off ---- */

static int go_on(struct visit *visit, struct err *err)
{
    struct err why = {0};
    const int rc = vending_get(visit->remote, visit->box.order, &visit->order, &why);

    if (rc == -ERR_ABSENT) { /* nobody was told of the money, and the order is forgotten */
        visit->is_returned = true;
        return box_settle(&visit->box, false, err);
    }
    if (rc < 0)
        return err_copy(err, &why);
    if (visit->order.state == VENDING_DONE)
        return box_settle(&visit->box, true, err);
    if (visit->order.state == VENDING_PAID || visit->order.state == VENDING_ISSUED)
        return print_or_give_back(visit, err);
    return give_back(visit, err);
}

/* ---- what is told ---- */

static int put_offers(const struct vending_order *order, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < order->offer_count; i++) {
        const struct vending_offer *offer = &order->offers[i];
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(json_put_text(item, "kind", offer->kind, err));
        TRY(json_put_text(item, "name", offer->name, err));
        TRY(json_put_text(item, "name_en", offer->name_en, err));
        TRY(json_put_int(item, "fee", offer->fee, err));
        TRY(json_put_bool(item, "is_open", offer->is_open, err));
        TRY(json_put_optional(item, "refused", offer->refused[0] == '\0' ? NULL : offer->refused,
                              err));
        TRY(json_add(list, json_steal(&item), err));
    }
    return json_put(body, "certificates", json_steal(&list), err);
}

static int tell_json(const struct visit *visit, struct err *err)
{
    const struct vending_order *order = &visit->order;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_optional(body, "number", order->state == VENDING_DONE ? order->number : NULL,
                          err));
    TRY(json_put_bool(body, "is_returned", visit->is_returned, err));
    TRY(json_put_int(body, "kept", visit->box.kept, err));
    TRY(put_offers(order, body, err));
    return output_json(body, err);
}

/* Behind the fee; "" for what can be had now. Words that are not known here say that it is refused.
 */
static const char *why_not(const struct vending_offer *offer)
{
    static const struct {
        const char *word, *told;
    } reasons[] = {
        {"unavailable", N_(": the municipality's registers cannot be asked now")},
        {"protected", N_(": at no machine, only at the counter of the municipality")},
        {"no-household", N_(": the municipality's registers have no household of yours")},
        {"no-seal", N_(": no seal of yours is registered")},
        {"no-tax", N_(": there is no local tax of yours to certify")},
        {"family-elsewhere", N_(": another municipality has your family register")}};

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i].word, offer->refused) == 0)
            return tr(reasons[i].told);
    if (offer->refused[0] != '\0')
        return tr(": not for you");
    return offer->is_open ? "" : tr(", not at this hour");
}

static int tell_offers(const struct vending_order *order, struct err *err)
{
    const bool is_japanese = strcmp(i18n_language(), "ja") == 0;

    for (size_t i = 0; i < order->offer_count; i++) {
        const struct vending_offer *offer = &order->offers[i];
        CLEANUP(buf_done) struct buf shown = BUF_INIT;
        const char *text;

        TRY(append_shown(&shown, bytes_text(offer->kind), err));
        TRY(buf_append_text(&shown, "  ", err));
        TRY(append_shown(&shown, bytes_text(is_japanese ? offer->name : offer->name_en), err));
        TRY(buf_text(&shown, &text, err));
        (void)printf(tr("%s  %lld yen%s\n"), text, (long long)offer->fee, why_not(offer));
    }
    if (order->offer_count == 0)
        (void)puts(tr("The municipality gives no certificates at machines."));
    else
        (void)puts(tr("Certificates are in Japanese, whatever language this machine speaks."));
    return 0;
}

static int tell(const struct visit *visit, struct err *err)
{
    if (visit->options->card.json)
        return tell_json(visit, err);
    if (visit->is_returned)
        (void)puts(tr("The money of an order that was not finished was given back."));
    else if (visit->order.state == VENDING_DONE)
        (void)printf(tr("Printed: %s/%s.pdf\n"), visit->options->output, visit->order.number);
    else
        return tell_offers(&visit->order, err);
    return 0;
}

static int serve(struct visit *visit, struct err *err)
{
    if (visit->box.is_pending)
        return go_on(visit, err);
    TRY(show_card(visit, err));
    return visit->options->certificate == NULL ? 0 : buy(visit, err);
}

static int run_visit(const struct options *options, struct err *err)
{
    CLEANUP(visit_done) struct visit visit = {.options = options};

    TRY(open_remote(options, &visit.remote, err));
    TRY(box_open(options->box, &visit.box, err));
    TRY(serve(&visit, err));
    return tell(&visit, err);
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    struct err err = {0};

    (void)argc;
    (void)argv;
    return finish_as("jpki-kiosk", run_visit(given, &err), given->card.json, &err);
}

static const struct cli_command command = {
    .path = "",
    .arguments = "",
    .description = N_("print a certificate of the municipality for the holder of a card"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 0,
    .max_arguments = 0,
    .run = run,
    .defaults = &defaults,
};
static const struct cli_command *const commands[] = {&command, NULL};

static const struct settings_variable variables[] = {
    {"JPKI_PORTAL", "", "address of the portal, where --portal is not given"},
    {"JPKI_KIOSK_KEY_FILE", "", "the machine's key, where --terminal-key-file is not given"},
    {"JPKI_READER", "",
     "the reader, where --reader is not given; direct:SOCKET is a software card"},
    {"PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm", "socket of the PC/SC service"},
    {"TERM", "", "told to pinentry"},
    {"NO_COLOR", "", "set to anything: no colours"},
    VARIABLES_LANGUAGE,
    VARIABLES_END};
static const struct program_settings settings = {NULL, NULL, variables};

static const struct cli_program program = {
    .name = "jpki-kiosk",
    .description = N_("Print certificates at a machine in a shop, with the person's card."),
    .commands = commands,
    .settings = &settings,
};

int main(int argc, char *argv[])
{
    err_translate_by(tr);
    return cli_main(&program, argc, argv);
}
