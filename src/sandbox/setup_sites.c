/* SPDX-License-Identifier: Apache-2.0 */
/* Outside sites to which people go on from the portal: two samples, started beside it. */
#include "base/file.h"
#include "sandbox/setup.h"
#include "sandbox/setup_parts.h"

/* A site, with its port and its key. */
static const char row[] =
    "{\"id\":\"%s\",\"name\":\"%s\",\"name_en\":\"%s\",\"lead\":\"%s\",\"lead_en\":\"%s\","
    "\"address\":\"http://127.0.0.1:%u/enter\",\"redirect_uri\":\"http://127.0.0.1:%u/callback\","
    "\"logout_uri\":\"http://127.0.0.1:%u/ended\",\"jwks\":{\"keys\":[%s]},\"sends_notices\":%s}";

struct sample {
    const char *id, *key;
    enum identity identity;
    const char *name, *name_en, *lead, *lead_en;
    bool sends_notices;
};
static const struct sample samples[] = {
    {"tax", "sites/tax.jwk", IDENTITY_TAX_SITE, "見本税務サイト", "Sample tax site",
     "確定申告の準備をする、架空の税務署のサイトです。",
     "A fictional tax office, to prepare a tax return.", false},
    {"pension", "sites/pension.jwk", IDENTITY_PENSION_SITE, "見本年金サイト", "Sample pension site",
     "年金の記録を確かめる、架空の年金事務所のサイトです。",
     "A fictional pension office, to look at one's record.", true},
};

static int append_site(const struct roster *roster, const struct sample *sample, unsigned port,
                       struct buf *text, struct err *err)
{
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    const char *jwk;

    TRY(setup_have_key(roster, sample->key, &key, err));
    /* It is the site's from now on. */
    TRY(setup_copy_key(roster, sample->key, sample->key, sample->identity, err));
    TRY(buf_text(&key, &jwk, err));
    return buf_append_format(text, err, row, sample->id, sample->name, sample->name_en,
                             sample->lead, sample->lead_en, port, port, port, jwk,
                             sample->sends_notices ? "true" : "false");
}

int setup_append_sites(const struct roster *roster, struct buf *conf, struct err *err)
{
    const unsigned ports[] = {roster->ports->tax, roster->ports->pension};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *path = NULL;

    TRY(buf_append_text(&text, "{\"sites\":[", err));
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        if (i > 0)
            TRY(buf_append_text(&text, ",", err));
        TRY(append_site(roster, &samples[i], ports[i], &text, err));
    }
    TRY(buf_append_text(&text, "]}\n", err));
    TRY(setup_write_conf(roster, "sites.json", &text, &path, err));
    return buf_append_text(conf,
                           "sites = @/conf/sites.json\n"
                           "sites_signer = @/signer-card/signer.sock\n",
                           err);
}
