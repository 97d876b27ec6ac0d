/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/trust.h"

#include "base/file.h"
#include "base/i18n.h"
#include "programs/jpki/common.h"
#include "programs/jpkictl/config.h"

#include <stdlib.h>
#include <unistd.h>

int trust_load(const char *given, struct anchors *anchors, struct err *err)
{
    const char *config = environment("XDG_CONFIG_HOME");
    const char *home = environment("HOME");
    CLEANUP(free_text) char *path = NULL;
    int rc;

    if (given == NULL)
        given = environment("JPKI_ANCHORS");
    if (given != NULL) {
        rc = anchors_load(anchors, given, err);
        return rc == -ERR_ABSENT
                   ? FAIL(err, ERR_INPUT, "there is no %s to take anchors from", given)
                   : rc;
    }
    if (config != NULL)
        TRY(path_format(&path, err, "%s/openjpki/anchors.d", config));
    else if (home != NULL)
        TRY(path_format(&path, err, "%s/.config/openjpki/anchors.d", home));
    if (path == NULL || access(path, F_OK) < 0)
        return 0;
    return anchors_load(anchors, path, err);
}

static bool has(const struct anchors *anchors, const struct x509_cert *ca)
{
    const struct x509_cert *anchor;

    for (size_t n = 0;
         (anchor = anchors_find(anchors, x509_cert_tbs(ca)->subject_key_id, n)) != NULL; n++)
        if (bytes_equal(x509_cert_der(anchor), x509_cert_der(ca)))
            return true;
    return false;
}

int trust_root(struct anchors *anchors, const struct x509_cert *ca, struct root_facts *ret,
               struct err *err)
{
    struct root_facts facts = {ROOT_UNKNOWN, 0};
    struct known_ca known;
    struct err why = {0};

    if (ca != NULL && has(anchors, ca))
        facts.root = ROOT_CONFIGURED;
    if (ca != NULL && known_ca_find(x509_cert_der(ca), &known, &why) == 0) {
        TRY(anchors_add(anchors, ca, err));
        facts = (struct root_facts){ROOT_PUBLISHED, known.generation};
    } else if (ca != NULL && why.kind != ERR_ABSENT)
        return err_copy(err, &why);
    *ret = facts;
    return 0;
}

const char *root_name(enum root root)
{
    static const char *const names[] = {
        [ROOT_UNKNOWN] = "unknown",
        [ROOT_CONFIGURED] = "configured",
        [ROOT_PUBLISHED] = "published",
    };

    return names[root];
}

const char *root_text(enum root root)
{
    static const char *const texts[] = {
        [ROOT_UNKNOWN] = N_("not known here; --anchors or JPKI_ANCHORS names those to trust"),
        [ROOT_CONFIGURED] = N_("one that you configured"),
        [ROOT_PUBLISHED] = N_("the JPKI of Japan, as published"),
    };

    return texts[root];
}

struct trust_asker {
    struct ctl_config *config; /* NULL: none, and nobody signs */
    struct verifier *verifier;
};

void trust_asker_closep(struct trust_asker **asker)
{
    if (*asker == NULL)
        return;
    verifier_close((*asker)->verifier);
    ctl_config_free((*asker)->config);
    free(*asker);
    *asker = NULL;
}

static struct verifier_way way_of(const struct ctl_config *config, const char *url)
{
    struct verifier_way way = {.base = url};

    if (config == NULL)
        return way;
    if (config->signer != NULL && config->key != NULL && config->certificate != NULL) {
        way.signer = config->signer;
        way.key = config->key;
        way.certificate = config->certificate;
    }
    if (url == NULL) {
        way.socket = config->ocsp_socket;
        way.base = config->ocsp_base;
    }
    return way;
}

int trust_asker_open(const struct ocsp_options *options, struct trust_asker **ret, struct err *err)
{
    CLEANUP(trust_asker_closep) struct trust_asker *asker = calloc(1, sizeof *asker);
    const char *url = options->url != NULL ? options->url : environment("JPKI_OCSP");
    struct verifier_way way;

    if (asker == NULL)
        return FAIL_NOMEM(err);
    if (options->config != NULL || environment("JPKICTL_CONFIG") != NULL)
        TRY(ctl_config_find(options->config, &asker->config, err));
    way = way_of(asker->config, url);
    if (way.socket != NULL || way.base != NULL) {
        TRY(verifier_open(&way, &asker->verifier, err));
        *ret = asker;
        asker = NULL;
    } else
        *ret = NULL;
    return 0;
}

struct status_source trust_asker_source(const struct trust_asker *asker)
{
    return verifier_source(asker->verifier);
}
