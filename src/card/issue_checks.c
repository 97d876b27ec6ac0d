/* SPDX-License-Identifier: Apache-2.0 */
#include "card/issue_checks.h"

#include "card/record.h"
#include "card/state.h"
#include "x509/cert.h"

int card_check_alive(const struct card *card, struct err *err)
{
    if (card->image.is_dead)
        return FAIL(err, ERR_CONFLICT, "the card was destroyed when it was tampered with");
    return 0;
}

int card_check_certificate(const char *name, const struct privkey *key, struct bytes cert_der,
                           struct bytes ca_der, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    if (key == NULL)
        return FAIL(err, ERR_CONFLICT, "the card has no %s key yet", name);
    TRY(privkey_spki(key, &spki, err));
    TRY(err_prefix(err, x509_cert_parse(cert_der, &cert, err), "%s certificate", name));
    TRY(err_prefix(err, x509_cert_parse(ca_der, &ca, err), "%s CA certificate", name));
    if (!bytes_equal(pubkey_spki(x509_cert_pubkey(cert)), buf_bytes(&spki)))
        return FAIL(err, ERR_UNTRUSTED, "the %s certificate is over another key than the card's",
                    name);
    return err_prefix(err, x509_cert_is_issued_by(cert, ca, err), "%s certificate", name);
}

/* Simple TLVs one behind the other, as READ RECORD gives them out (card.md 3.5). */
static int check_records(const struct node *node, struct bytes contents, struct err *err)
{
    struct bytes record;

    while (contents.len > 0) {
        if (!record_next(&contents, &record))
            return FAIL(err, ERR_INPUT, "file %04X does not consist of records", node->fid);
    }
    return 0;
}

int card_check_file(enum card_data which, struct bytes contents, struct err *err)
{
    const struct node *node = card_node(NODE_DATA, which);

    if (contents.len > node->size)
        return FAIL(err, ERR_INPUT, "%zu bytes do not fit file %04X, which has %zu", contents.len,
                    node->fid, node->size);
    return node->kind == NODE_RECORDS ? check_records(node, contents, err) : 0;
}
