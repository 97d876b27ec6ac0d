/* SPDX-License-Identifier: Apache-2.0 */
/* The issuing side: authority and register. */
#include "sandbox/setup.h"

#include "base/file.h"
#include "sandbox/generations.h"
#include "sandbox/setup_parts.h"

static const char *const kinds[] = {"sign", "auth"};

/* Certificates that the authority makes once and prints each time it is asked. */
static const struct {
    const char *command, *start; /* of the file's name */
} certificates[] = {
    {"init-ca", "anchors/"},
    {"issue-ocsp", "certificates/ocsp-"},
    {"issue-feed", "certificates/feed-"},
};

static int keep_certificate(const struct roster *roster, size_t which, const char *conf,
                            const char *kind, unsigned generation, struct err *err)
{
    CLEANUP(free_text) char *below = NULL;
    char number[2] = {(char)('0' + generation), '\0'};
    char name[GENERATION_NAME_ROOM];
    struct tool tool = {
        .program = "jpki-authorityd",
        .words = {certificates[which].command, "--config", conf, "--generation", number, kind},
        .identity = IDENTITY_AUTHORITY,
    };

    generations_name(kind, generation, name);
    TRY(path_format(&below, err, "%s%s.pem", certificates[which].start, name));
    return setup_keep(roster, &tool, below, 0644, err);
}

static int keep_generation(const struct roster *roster, const char *conf, unsigned generation,
                           struct err *err)
{
    for (size_t which = 0; which < sizeof certificates / sizeof certificates[0]; which++)
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            TRY(keep_certificate(roster, which, conf, kinds[i], generation, err));
    return 0;
}

int setup_authority(struct roster *roster, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;
    unsigned count;

    TRY(buf_append_format(
        &text, err,
        "[authority]\n"
        "socket = @/authority/authority.sock\n"
        "socket_mode = 0660\n"
        "peers = %u %u\n"
        "ocspd_peers = %u %u\n"
        "database = @/authority/authority.db\n"
        "signer = @/signer-ca/signer.sock\n"
        "ocsp_signer = @/signer-ocsp/signer.sock\n"
        "feed_sign_key = feed-sign\n"
        "feed_auth_key = feed-auth\n"
        "holder_listen = 127.0.0.1:%u\n"
        "holder_origin = http://127.0.0.1:%u\n"
        "verifier_socket = @/authority/verifier.sock\n"
        "verifier_origin = " SETUP_VERIFIER_ORIGIN "\n",
        (unsigned)identity_uid(IDENTITY_OWNER), (unsigned)identity_uid(IDENTITY_REGISTER),
        (unsigned)identity_uid(IDENTITY_OCSP), (unsigned)identity_uid(IDENTITY_PAGE),
        (unsigned)roster->ports->authority, (unsigned)roster->ports->authority));
    TRY(buf_append_text(&text, timetable_authority_lines(roster->timetable), err));
    TRY(setup_append_checkpoints("authority", &text, err));
    TRY(setup_write_conf(roster, "authorityd.conf", &text, &conf, err));
    count = generations_of_sandbox(roster->layout->dir, roster->generations);
    for (unsigned generation = 1; generation <= count; generation++)
        TRY(keep_generation(roster, conf, generation, err));
    return 0;
}

int setup_register(struct roster *roster, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;

    TRY(buf_append_format(&text, err,
                          "[register]\n"
                          "socket = @/register/counter.sock\n"
                          "socket_mode = 0660\n"
                          "peers = %u %u\n"
                          "database = @/register/register.db\n"
                          "authority = @/authority/authority.sock\n"
                          "clerk_anchors = @/anchors\n"
                          "card_signer = @/signer-card/signer.sock\n"
                          "text_certificate = @/certificates/card-text.cvc\n"
                          "visual_certificate = @/certificates/card-visual.cvc\n"
                          "exchange_signer = @/signer-card/signer.sock\n"
                          "exchange_peers = %u\n"
                          "counter_port = %u\n"
                          "counter_origin = http://127.0.0.1:%u\n",
                          (unsigned)identity_uid(IDENTITY_OWNER),
                          (unsigned)identity_uid(IDENTITY_PAGE),
                          (unsigned)identity_uid(IDENTITY_PORTAL), (unsigned)roster->ports->counter,
                          (unsigned)roster->ports->counter));
    TRY(setup_append_pages(roster, "counter", "counter_dir", &text, err));
    TRY(setup_append_checkpoints("register", &text, err));
    TRY(setup_write_conf(roster, "registerd.conf", &text, &conf, err));
    return setup_clerks(roster, conf, err);
}
