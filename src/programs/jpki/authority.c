/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/authority.h"

#include "programs/jpki/cert/read.h"
#include "programs/jpki/trust.h"

#include <string.h>

int authority_open(const char *url, authority_refuse_fn *refuse, struct remote **ret,
                   struct err *err)
{
    const char *address = url == NULL ? environment("JPKI_AUTHORITY") : url;
    const char *path;
    struct origin origin;

    if (address == NULL)
        return refuse(err);
    TRY(origin_parse(address, &origin, &path, err));
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "this is not the address of an authority");
    return remote_new(&origin, ret, err);
}

int authority_check_card(struct icc *icc, bool is_sign, authority_refuse_fn *refuse,
                         struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    struct root_facts root;

    TRY(anchors_new(&anchors, err));
    TRY(cert_read_ca(icc, is_sign, &ca, err));
    TRY(trust_root(anchors, ca, &root, err));
    return root.root == ROOT_PUBLISHED ? refuse(err) : 0;
}
