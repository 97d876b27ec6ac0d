/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki-signerd, once for each zone: a user, a directory and a passphrase of its own, so that
 * whoever gets into one zone has no key of another.
 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "sandbox/generations.h"
#include "sandbox/setup_parts.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct zone {
    const char *name;
    enum identity identity;
} zone_ca = {"ca", IDENTITY_SIGNER_CA}, zone_ocsp = {"ocsp", IDENTITY_SIGNER_OCSP},
  zone_token = {"token", IDENTITY_SIGNER_TOKEN}, zone_card = {"card", IDENTITY_SIGNER_CARD},
  zone_witness = {"witness", IDENTITY_SIGNER_WITNESS};

/* Ids of the keys of card data (card.md 3.2), outside of those of real and official test cards. */
#define CV_ID(digits_) "39303030" digits_ "080530303100000000"
#define TEXT_ROOT      CV_ID("303333")
#define TEXT_KEY       CV_ID("303334")
#define VISUAL_ROOT    CV_ID("303233")
#define VISUAL_KEY     CV_ID("303234")

#define LOG(name_) "bits = 255\norigin = " SETUP_LOG_PREFIX name_ "\n"

/* Who uses which key for what. The CAs are named and limited as design 1 says. */
static const struct key_row {
    const struct zone *zone;
    const char *name, *role;
    enum identity user;
    const char *more; /* further lines of its section */
} keys[] = {
    {&zone_ca, "sign-ca", "ca", IDENTITY_AUTHORITY,
     "subject = OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for digital signature,"
     "O=OpenJPKI TEST,C=JP\n"
     "policies = 1.2.392.200149.8.5.1.0.20 1.2.392.200149.8.5.1.1.40\n"},
    {&zone_ca, "auth-ca", "ca", IDENTITY_AUTHORITY,
     "subject = OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for user authentication,"
     "O=OpenJPKI TEST,C=JP\n"
     "policies = 1.2.392.200149.8.5.1.3.30 2.999.8.5.1.3.40\n"
     "purposes = 1.3.6.1.5.5.7.3.2\n"},
    {&zone_ca, "feed-sign", "feed", IDENTITY_AUTHORITY, NULL},
    {&zone_ca, "feed-auth", "feed", IDENTITY_AUTHORITY, NULL},
    {&zone_ca, "audit-authority", "checkpoint", IDENTITY_AUTHORITY, LOG("authority")},
    {&zone_ocsp, "ocsp-sign", "ocsp", IDENTITY_OCSP, NULL},
    {&zone_ocsp, "ocsp-auth", "ocsp", IDENTITY_OCSP, NULL},
    {&zone_token, "token", "token", IDENTITY_PLATFORM, NULL},
    {&zone_token, "agreement", "token", IDENTITY_PLATFORM, "bits = 256\n"},
    {&zone_token, "verifier", "verifier", IDENTITY_PLATFORM, NULL},
    {&zone_token, "party", "party", IDENTITY_PLATFORM, "origin = " SETUP_VERIFIER_ORIGIN "\n"},
    {&zone_token, "evidence", "token", IDENTITY_PLATFORM, NULL},
    {&zone_token, "report", "jws", IDENTITY_PLATFORM, "bits = 256\ntokens = report\n"},
    {&zone_token, "report-b", "jws", IDENTITY_PLATFORM, "bits = 256\ntokens = report\n"},
    {&zone_token, "operator", "verifier", IDENTITY_OWNER, NULL},
    {&zone_token, "authapp-seal", "token", IDENTITY_AUTHAPP, NULL},
    {&zone_token, "authapp-es", "jws", IDENTITY_AUTHAPP, "bits = 256\n"},
    {&zone_token, "authapp-rs", "jws", IDENTITY_AUTHAPP, NULL},
    {&zone_token, "authapp-es-b", "jws", IDENTITY_AUTHAPP, "bits = 256\n"},
    {&zone_token, "authapp-rs-b", "jws", IDENTITY_AUTHAPP, NULL},
    {&zone_token, "portal", "jws", IDENTITY_PORTAL, "bits = 256\ntokens = assertion\n"},
    {&zone_token, "audit-platform", "checkpoint", IDENTITY_PLATFORM, LOG("platform")},
    {&zone_token, "audit-authapp", "checkpoint", IDENTITY_AUTHAPP, LOG("authapp")},
    {&zone_card, "exchange", "token", IDENTITY_REGISTER, NULL},
    {&zone_card, "portal-seal", "token", IDENTITY_PORTAL, NULL},
    {&zone_card, "audit-portal", "checkpoint", IDENTITY_PORTAL, LOG("portal")},
    {&zone_card, "audit-register", "checkpoint", IDENTITY_REGISTER, LOG("register")},
    {&zone_witness, "witness", "cosignature", IDENTITY_WITNESS,
     "bits = 255\n"
     "origins = " SETUP_LOG_PREFIX "authority\n"
     "origins = " SETUP_LOG_PREFIX "register\n"
     "origins = " SETUP_LOG_PREFIX "platform\n"
     "origins = " SETUP_LOG_PREFIX "authapp\n"
     "origins = " SETUP_LOG_PREFIX "portal\n"},
    /* The roots are used when a sandbox is set up, and by no program that runs. */
    {&zone_card, "cv-text-root", "cv-root", IDENTITY_OWNER,
     "key_id = " TEXT_ROOT "\nsubjects = " TEXT_KEY "\n"},
    {&zone_card, "cv-visual-root", "cv-root", IDENTITY_OWNER,
     "key_id = " VISUAL_ROOT "\nsubjects = " VISUAL_KEY "\n"},
    {&zone_card, "card-text", "card-data", IDENTITY_REGISTER,
     "key_id = " TEXT_KEY "\napplet = text\n"},
    {&zone_card, "card-visual", "card-data", IDENTITY_REGISTER,
     "key_id = " VISUAL_KEY "\napplet = visual\n"},
};

static bool is_of_log(const struct key_row *key)
{
    return strcmp(key->role, "checkpoint") == 0;
}

/* CAs, what they appoint: a key of each for every generation. */
static unsigned generations_of(const struct roster *roster, const struct key_row *key)
{
    return (key->zone == &zone_ca || key->zone == &zone_ocsp) && !is_of_log(key)
               ? generations_of_sandbox(roster->layout->dir, roster->generations)
               : 1;
}

static int append_key(const struct roster *roster, const struct key_row *key, unsigned generation,
                      struct buf *text, struct err *err)
{
    char name[GENERATION_NAME_ROOM];

    generations_name(key->name, generation, name);
    TRY(buf_append_format(text, err, "\n[key %s]\nrole = %s\nallow_uid = %u\n", name, key->role,
                          (unsigned)identity_uid(key->user)));
    /* The authority certifies the responders' keys and does not use them. */
    if (key->zone == &zone_ocsp)
        TRY(buf_append_format(text, err, "public_uid = %u\n",
                              (unsigned)identity_uid(IDENTITY_AUTHORITY)));
    if (strcmp(key->role, "jws") == 0 && key->user == IDENTITY_PLATFORM)
        TRY(buf_append_format(text, err, "issuer = http://127.0.0.1:%u\n",
                              (unsigned)roster->ports->platform));
    else if (strcmp(key->role, "jws") == 0 && key->user == IDENTITY_PORTAL)
        TRY(buf_append_format(text, err, "issuer = " SETUP_PORTAL_CLIENT "\n",
                              (unsigned)roster->ports->portal));
    else if (strcmp(key->role, "jws") == 0)
        TRY(buf_append_format(text, err, "issuer = http://127.0.0.1:%u/api/realms/main\n",
                              (unsigned)roster->ports->authapp));
    return key->more == NULL ? 0 : buf_append_text(text, key->more, err);
}

static int write_conf(const struct roster *roster, const struct zone *zone, char **ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *name = NULL;

    TRY(path_format(&name, err, "signerd-%s.conf", zone->name));
    TRY(buf_append_format(&text, err,
                          "[signer]\n"
                          "socket = @/signer-%s/signer.sock\n"
                          "socket_mode = 0660\n"
                          "keys = @/signer-%s/keys\n"
                          "passphrase_file = @/signer-%s/passphrase\n",
                          zone->name, zone->name, zone->name));
    for (size_t i = 0; i < COUNT(keys); i++)
        for (unsigned n = 1; keys[i].zone == zone && n <= generations_of(roster, &keys[i]); n++)
            TRY(append_key(roster, &keys[i], n, &text, err));
    return setup_write_conf(roster, name, &text, ret, err);
}

/* The passphrase is made with the first key. */
static int make_key(const struct roster *roster, const struct key_row *key, unsigned generation,
                    const char *conf, struct err *err)
{
    CLEANUP(free_text) char *passphrase = NULL;
    CLEANUP(free_text) char *file = NULL;
    const char *dir = roster->layout->dir;
    char name[GENERATION_NAME_ROOM];

    generations_name(key->name, generation, name);
    TRY(path_format(&file, err, "%s/signer-%s/keys/%s.key", dir, key->zone->name, name));
    if (setup_exists(file))
        return 0;
    TRY(path_format(&passphrase, err, "%s/signer-%s/passphrase", dir, key->zone->name));
    struct tool keygen = {
        .program = "jpki-signerd",
        .words = {"keygen", "--config", conf, name,
                  setup_exists(passphrase) ? NULL : "--new-passphrase"},
        .identity = key->zone->identity,
    };
    return setup_run(roster, &keygen, err);
}

/* A verifier's certificate, by which the responders will know it. */
static int certify(const struct roster *roster, const struct key_row *key, const char *conf,
                   struct err *err)
{
    CLEANUP(free_text) char *below = NULL;
    struct tool certificate = {
        .program = "jpki-signerd",
        .words = {"certificate", "--config", conf, key->name},
        .identity = key->zone->identity,
    };

    TRY(path_format(&below, err, "certificates/%s.pem", key->name));
    return setup_keep(roster, &certificate, below, 0644, err);
}

/* The public half of a key of a log or the witness, for whoever verifies what it signed. */
static int publish(const struct roster *roster, const struct key_row *key, const char *conf,
                   struct err *err)
{
    bool is_witness = key->zone == &zone_witness;
    CLEANUP(free_text) char *below = NULL;
    CLEANUP(free_text) char *name = NULL;
    struct tool public = {
        .program = "jpki-signerd",
        .words = {"public", "--config", conf, "--name", NULL, key->name},
        .identity = key->zone->identity,
    };

    TRY(path_format(&below, err, "note-keys/%s", key->name));
    TRY(path_format(&name, err, "%s",
                    is_witness ? SETUP_WITNESS : strstr(key->more, SETUP_LOG_PREFIX)));
    name[strcspn(name, "\n")] = '\0';
    public.words[4] = name;
    return setup_keep(roster, &public, below, 0644, err);
}

/* What others encrypt to. */
static int publish_key(const struct roster *roster, const struct key_row *key, const char *conf,
                       struct err *err)
{
    CLEANUP(free_text) char *below = NULL;
    struct tool public = {
        .program = "jpki-signerd",
        .words = {"public", "--config", conf, key->name},
        .identity = key->zone->identity,
    };

    TRY(path_format(&below, err, "certificates/%s-key.pem", key->name));
    return setup_keep(roster, &public, below, 0644, err);
}

static int set_up(const struct roster *roster, const struct zone *zone, char **ret_conf,
                  struct err *err)
{
    CLEANUP(free_text) char *folder = NULL;
    CLEANUP(free_text) char *conf = NULL;

    TRY(path_format(&folder, err, "%s/signer-%s/keys", roster->layout->dir, zone->name));
    TRY(setup_make_owned(folder, zone->identity, err));
    TRY(write_conf(roster, zone, &conf, err));
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (keys[i].zone != zone)
            continue;
        for (unsigned n = 1; n <= generations_of(roster, &keys[i]); n++)
            TRY(make_key(roster, &keys[i], n, conf, err));
        if (strcmp(keys[i].role, "verifier") == 0 || strcmp(keys[i].role, "party") == 0)
            TRY(certify(roster, &keys[i], conf, err));
        if (zone == &zone_card && strcmp(keys[i].role, "token") == 0)
            TRY(publish_key(roster, &keys[i], conf, err));
        if (is_of_log(&keys[i]) || zone == &zone_witness)
            TRY(publish(roster, &keys[i], conf, err));
    }
    *ret_conf = conf;
    conf = NULL;
    return 0;
}

int setup_signer_ca(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    return set_up(roster, &zone_ca, &conf, err);
}

int setup_signer_ocsp(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    return set_up(roster, &zone_ocsp, &conf, err);
}

int setup_signer_token(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    return set_up(roster, &zone_token, &conf, err);
}

int setup_signer_witness(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    return set_up(roster, &zone_witness, &conf, err);
}

/* Who vouches for whom, and where whoever reads cards finds the root's key. */
static const struct {
    const char *root, *key, *anchor;
} chains[] = {
    {"cv-text-root", "card-text", "card-anchors/cv-" TEXT_ROOT ".pem"},
    {"cv-visual-root", "card-visual", "card-anchors/cv-" VISUAL_ROOT ".pem"},
};

static int certify_data_key(const struct roster *roster, const char *conf, size_t chain,
                            struct err *err)
{
    CLEANUP(free_text) char *below = NULL;
    struct tool certificate = {
        .program = "jpki-signerd",
        .words = {"cv-certificate", "--config", conf, "--root", chains[chain].root,
                  chains[chain].key},
        .identity = IDENTITY_SIGNER_CARD,
    };
    struct tool public = {
        .program = "jpki-signerd",
        .words = {"public", "--config", conf, chains[chain].root},
        .identity = IDENTITY_SIGNER_CARD,
    };

    TRY(path_format(&below, err, "certificates/%s.cvc", chains[chain].key));
    TRY(setup_keep(roster, &certificate, below, 0644, err));
    return setup_keep(roster, &public, chains[chain].anchor, 0644, err);
}

int setup_signer_card(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    TRY(set_up(roster, &zone_card, &conf, err));
    for (size_t i = 0; i < COUNT(chains); i++)
        TRY(certify_data_key(roster, conf, i, err));
    return 0;
}
