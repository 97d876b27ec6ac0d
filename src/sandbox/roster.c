/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows say what a program is called with: a leading "@" stands for the sandbox's directory, "%"
 * for the folder of our own programs, "+" for the folder of the card to be plugged in, "#page" for
 * the port of the start page and "#tax", "#pension" for those of the sample sites, "~" for the
 * portal's origin, "=page" for the user of the start page. A row's prepare makes what the program
 * needs to start and is harmless when everything is there already.
 */
#include "sandbox/roster.h"

#include "base/file.h"
#include "sandbox/builds.h"
#include "sandbox/limits.h"
#include "sandbox/setup.h"

#include <stdlib.h>
#include <string.h>

enum { ARGV_MAX = 14 };

enum place {
    PLACE_MACHINE, /* as everything else; needs no network anyway */
    PLACE_NETWORK, /* in the sandbox's network, if there is one */
    PLACE_PCSCD,   /* the same, and with the sandbox's directory over /run/pcscd; only if */
};

struct row {
    const char *name;
    const char *argv[ARGV_MAX];
    enum identity identity;
    enum place place;
    enum probe probe;
    const char *socket;
    int (*prepare)(struct roster *roster, struct err *err);
    int (*finish)(struct roster *roster, struct err *err); /* once it runs */
};

struct roster_line {
    struct roster_line *next;
    char *words[ARGV_MAX];
    char *log, *trace, *socket;
};

/* One for each zone; jpki-signerd is started by the same name everywhere. */
#define SIGNERD_ROW(zone_, identity_, prepare_)                                                    \
    {                                                                                              \
        "jpki-signerd-" zone_,                                                                     \
            {"%/jpki-signerd", "serve", "--config", "@/conf/signerd-" zone_ ".conf"}, identity_,   \
            PLACE_MACHINE, PROBE_SOCKET, "@/signer-" zone_ "/signer.sock", prepare_                \
    }

/* The card of a clerk, which is in no reader. */
#define CLERK_ROW(clerk_, identity_, prepare_)                                                     \
    {                                                                                              \
        "jpki-softcard-" clerk_,                                                                   \
            {"%/jpki-softcard",                                                                    \
             "serve",                                                                              \
             "@/clerks/" clerk_ "/card",                                                           \
             "--direct",                                                                           \
             "@/clerks/" clerk_ "/direct",                                                         \
             "--control",                                                                          \
             "@/clerks/" clerk_ "/control",                                                        \
             "--peer",                                                                             \
             "=page"},                                                                             \
            identity_, PLACE_MACHINE, PROBE_SOCKET, "@/clerks/" clerk_ "/control", prepare_        \
    }

/* A sample of a site; it has nothing but its key. */
#define SITE_ROW(site_, name_, identity_)                                                          \
    {                                                                                              \
        "jpki-sample-site-" site_,                                                                 \
            {"%/jpki-sample-site", site_, name_, "#" site_, "@/sites/" site_ ".jwk", "~"},         \
            identity_, PLACE_MACHINE, PROBE_NONE, NULL, NULL                                       \
    }

static const struct row rows[] = {
    SIGNERD_ROW("ca", IDENTITY_SIGNER_CA, setup_signer_ca),
    SIGNERD_ROW("ocsp", IDENTITY_SIGNER_OCSP, setup_signer_ocsp),
    SIGNERD_ROW("token", IDENTITY_SIGNER_TOKEN, setup_signer_token),
    SIGNERD_ROW("card", IDENTITY_SIGNER_CARD, setup_signer_card),
    {"jpki-authorityd",
     {"%/jpki-authorityd", "--config", "@/conf/authorityd.conf"},
     IDENTITY_AUTHORITY,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/authority/authority.sock",
     setup_authority},
    CLERK_ROW("first", IDENTITY_FIRST_CLERK, setup_first_clerk),
    CLERK_ROW("second", IDENTITY_SECOND_CLERK, setup_second_clerk),
    {"jpki-registerd",
     {"%/jpki-registerd", "--config", "@/conf/registerd.conf"},
     IDENTITY_REGISTER,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/register/counter.sock",
     setup_register,
     setup_enrol},
    {"jpki-ocspd",
     {"%/jpki-ocspd", "--config", "@/conf/ocspd.conf"},
     IDENTITY_OCSP,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/ocsp/ocsp.sock",
     setup_ocsp},
    {"jpki-platformd",
     {"%/jpki-platformd", "--config", "@/conf/platformd.conf"},
     IDENTITY_PLATFORM,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/platform/platform.sock",
     setup_platform},
    {"jpki-authappd",
     {"%/jpki-authappd", "--config", "@/conf/authappd.conf"},
     IDENTITY_AUTHAPP,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/authapp/authapp.sock",
     setup_authapp},
    {"jpki-portald",
     {"%/jpki-portald", "--config", "@/conf/portald.conf"},
     IDENTITY_PORTAL,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/portal/portal.sock",
     setup_portal},
    SITE_ROW("tax", "見本税務サイト", IDENTITY_TAX_SITE),
    SITE_ROW("pension", "見本年金サイト", IDENTITY_PENSION_SITE),
    SIGNERD_ROW("witness", IDENTITY_SIGNER_WITNESS, setup_signer_witness),
    {"jpki-witnessd",
     {"%/jpki-witnessd", "--config", "@/conf/witnessd.conf"},
     IDENTITY_WITNESS,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/witness/witness.sock",
     setup_witness},
    {"pcscd",
     {"/usr/sbin/pcscd", "--foreground", "--config", "/run/pcscd/reader.conf.d"},
     IDENTITY_READER,
     PLACE_PCSCD,
     PROBE_SOCKET,
     "@/pcscd/pcscd.comm",
     setup_reader},
    {"jpki-sandbox-page",
     {"%/jpki-sandbox-page", "--dir", "@", "--port", "#page", "--socket", "@/page/page.sock"},
     IDENTITY_OWNER,
     PLACE_MACHINE,
     PROBE_HTTP,
     "@/page/page.sock",
     NULL},
};

_Static_assert(sizeof rows / sizeof rows[0] < SANDBOX_PROGRAMS_MAX, "a card comes to them");

/* The card is plugged into pcscd's reader, or reached through its socket alone. */
#define SOFTCARD_WORDS                                                                             \
    "%/jpki-softcard", "serve", "+/card", "--direct", "@/card/direct.sock", "--control",           \
        "@/card/control.sock", "--peer", "=page"

static const char softcard_name[] = "jpki-softcard";

static const struct row softcard_in_reader = {
    softcard_name, {SOFTCARD_WORDS, "--vpcd", "127.0.0.1:35963"},
    IDENTITY_CARD, PLACE_NETWORK,
    PROBE_SOCKET,  "@/card/control.sock",
    setup_card,
};
static const struct row softcard_alone = {
    softcard_name, {SOFTCARD_WORDS},      IDENTITY_CARD, PLACE_MACHINE,
    PROBE_SOCKET,  "@/card/control.sock", setup_card,
};

static void line_free(struct roster_line *line)
{
    if (line == NULL)
        return;
    for (size_t i = 0; i < ARGV_MAX; i++)
        free(line->words[i]);
    free(line->log);
    free(line->trace);
    free(line->socket);
    free(line);
}

static void line_freep(struct roster_line **line)
{
    line_free(*line);
}

static unsigned port_of(const struct ports *ports, const char *name)
{
    return strcmp(name, "tax") == 0       ? ports->tax
           : strcmp(name, "pension") == 0 ? ports->pension
                                          : ports->page;
}

static int expand(const struct roster *roster, const char *word, char **ret, struct err *err)
{
    const char *dir = roster->layout->dir;

    switch (word[0]) {
    case '@':
        return path_format(ret, err, "%s%s", dir, word + 1);
    case '%':
        return build_path(roster->bin_dir, word + sizeof "%/" - 1, ret, err);
    case '#':
        return path_format(ret, err, "%u", port_of(roster->ports, word + 1));
    case '~':
        return path_format(ret, err, "http://127.0.0.1:%u", (unsigned)roster->ports->portal);
    case '=':
        return path_format(ret, err, "%u", (unsigned)identity_uid(IDENTITY_PAGE));
    case '+':
        return path_format(ret, err, "%s/card/%s%s", dir, roster->persona, word + 1);
    default:
        return path_format(ret, err, "%s", word);
    }
}

static int line_new(const struct roster *roster, const struct row *row, struct roster_line **ret,
                    struct err *err)
{
    CLEANUP(line_freep) struct roster_line *line = calloc(1, sizeof *line);

    if (line == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; row->argv[i] != NULL; i++)
        TRY(expand(roster, row->argv[i], &line->words[i], err));
    if (row->socket != NULL)
        TRY(expand(roster, row->socket, &line->socket, err));
    TRY(path_format(&line->log, err, "%s/log/%s.log", roster->layout->dir, row->name));
    TRY(path_format(&line->trace, err, "%s/trace/%s.jsonl", roster->layout->dir, row->name));
    *ret = line;
    line = NULL;
    return 0;
}

static int start_row(struct roster *roster, const struct row *row, struct err *err)
{
    struct roster_line *line = NULL;

    if (row->prepare != NULL)
        TRY(row->prepare(roster, err));
    TRY(line_new(roster, row, &line, err));
    line->next = roster->lines;
    roster->lines = line;
    struct program program = {
        .name = row->name,
        .process = {.argv = (const char *const *)line->words,
                    .directory = roster->layout->dir,
                    .log_path = line->log,
                    .trace_path = line->trace,
                    .identity = row->identity,
                    .ns = row->place == PLACE_MACHINE ? NULL : roster->ns,
                    .cover_pcscd = row->place == PLACE_PCSCD ? roster->pcscd_dir : NULL},
        .probe = row->probe,
        .socket = line->socket,
    };
    TRY(supervisor_start(roster->supervisor, &program, err));
    return row->finish == NULL ? 0 : row->finish(roster, err);
}

int roster_start(struct roster *roster, roster_step_fn *step, void *context, struct err *err)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].place == PLACE_PCSCD && roster->ns == NULL)
            continue;
        if (step != NULL)
            step(context, rows[i].name);
        TRY(start_row(roster, &rows[i], err));
    }
    return 0;
}

int roster_plug(struct roster *roster, const char *persona, struct err *err)
{
    roster_unplug(roster);
    roster->persona = persona;
    return start_row(roster, roster->ns != NULL ? &softcard_in_reader : &softcard_alone, err);
}

int roster_rotate(struct roster *roster, struct err *err)
{
    static const char *const users[] = {"jpki-platformd", "jpki-authappd"};

    roster->turns++;
    TRY(setup_rewrite_platform(roster, err));
    TRY(setup_rewrite_authapp(roster, err));
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
        TRY(supervisor_reload(roster->supervisor, users[i], err));
    return 0;
}

void roster_unplug(struct roster *roster)
{
    supervisor_stop(roster->supervisor, softcard_name);
}

void roster_done(struct roster *roster)
{
    while (roster->lines != NULL) {
        struct roster_line *line = roster->lines;

        roster->lines = line->next;
        line_free(line);
    }
}
