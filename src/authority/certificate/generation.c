/* SPDX-License-Identifier: Apache-2.0 */
/* Which generation of a CA is meant. */
#include "authority/authority.h"

const struct ca *authority_ca(const struct authority *authority, enum ca_kind kind,
                              unsigned generation)
{
    const struct ca_line *line = &authority->cas[kind];

    return generation >= 1 && generation <= line->count ? &line->generations[generation - 1] : NULL;
}

const struct ca *authority_issuing_ca(const struct authority *authority, enum ca_kind kind,
                                      int64_t at)
{
    const struct ca_line *line = &authority->cas[kind];
    unsigned i = line->count - 1;

    while (i > 0 && line->generations[i].issues_from > at)
        i--;
    return &line->generations[i];
}

const struct ca *authority_ca_by_key(const struct authority *authority, struct bytes key_id)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        const struct ca_line *line = &authority->cas[kind];

        for (unsigned i = 0; i < line->count; i++)
            if (bytes_equal(key_id,
                            x509_cert_tbs(line->generations[i].certificate)->subject_key_id))
                return &line->generations[i];
    }
    return NULL;
}
