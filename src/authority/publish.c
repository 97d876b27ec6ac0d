/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing lists of revocations: one per municipality (sign) or prefecture (auth) that occurs in
 * certificates, and one of CA certificates per CA (pki.md 2). A list replaces the one before only
 * after the gate: read again from its bytes, signed by the CA, as many entries as the database
 * has, and none lost that was in the old one.
 */
#include "authority/authority.h"

#include "base/file.h"
#include "revocation/crl.h"
#include "revocation/crl_write.h"
#include "x509/name.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS_PER_HOUR = 3600, LIST_BYTES_MAX = RPC_LIST_MAX };

#define POINT_SUFFIX " CRLDP"

/* A place as it may stand in a path: blanks and apostrophes become underscores. */
static int append_place(struct buf *out, struct bytes place, struct err *err)
{
    for (size_t i = 0; i < place.len; i++) {
        uint8_t c = place.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';

        TRY(buf_append_byte(out, is_letter ? c : '_', err));
    }
    return 0;
}

/* "sign-Hyogo-ken-Kobe-shi", "auth-Hyogo-ken": from a distribution point (profile.c). */
static int append_name(struct buf *out, enum ca_kind kind, struct bytes point, struct err *err)
{
    struct bytes place;

    TRY(buf_append_format(out, err, "%s-", ca_kind_name(kind)));
    if (kind == CA_SIGN) {
        TRY(name_find(point, OID_ORGANIZATIONAL_UNIT, 2, &place, err));
        TRY(append_place(out, place, err));
        TRY(buf_append_byte(out, '-', err));
    }
    TRY(name_find(point, OID_COMMON_NAME, 0, &place, err));
    if (place.len > strlen(POINT_SUFFIX))
        place.len -= strlen(POINT_SUFFIX);
    return append_place(out, place, err);
}

static int name_point(enum ca_kind kind, struct bytes der, struct crl_point *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    const char *text;

    TRY(append_name(&name, kind, der, err));
    TRY(buf_text(&name, &text, err));
    if (strlen(text) > CRL_NAME_MAX)
        return FAIL(err, ERR_CONFLICT, "the name of a list is longer than %d characters",
                    CRL_NAME_MAX);
    TRY(buf_copy(der, &ret->point, err));
    (void)snprintf(ret->name, sizeof ret->name, "%s", text);
    return 0;
}

static int find_point(enum ca_kind kind, struct bytes certificate, struct crl_point *ret,
                      struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct bytes point;

    TRY(x509_cert_parse(certificate, &cert, err));
    point = x509_cert_tbs(cert)->distribution_point;
    if (point.len == 0)
        return FAIL(err, ERR_ABSENT, "no distribution point");
    return name_point(kind, point, ret, err);
}

/* The list of a CA's own kind: no CA certificate is revoked by an act of this program. */
static int have_arl(const struct authority *authority, enum ca_kind kind, struct err *err)
{
    struct crl_point point = {.point = BUF_INIT};
    int rc = buf_copy(x509_cert_tbs(authority->cas[kind].certificate)->distribution_point,
                      &point.point, err);

    (void)snprintf(point.name, sizeof point.name, "%s-arl", ca_kind_name(kind));
    if (rc == 0)
        rc = authority_add_crl(authority->store, kind, &point, err);
    buf_done(&point.point);
    return rc;
}

/* A revocation_source over a list. */
struct walk {
    const struct revocation_list *list;
    size_t next;
};

static int walk_rewind(void *context, struct err *err)
{
    struct walk *walk = context;

    (void)err;
    walk->next = 0;
    return 0;
}

static int walk_next(void *context, struct revocation *ret, struct err *err)
{
    struct walk *walk = context;

    if (walk->next == walk->list->count)
        return FAIL(err, ERR_ABSENT, "no more revocations");
    *ret = walk->list->entries[walk->next++];
    return 0;
}

/* One list on its way. */
struct publication {
    const struct authority *authority;
    struct signer *signer;
    const struct audit_origin *by;
    struct crl_record record;
    struct buf point;
    struct revocation_list list;
    struct buf der;
};

static void publication_done(struct publication *p)
{
    buf_done(&p->point);
    free(p->list.entries);
    buf_done(&p->der);
}

static const struct ca *ca_of(const struct publication *p)
{
    return &p->authority->cas[p->record.kind];
}

static bool is_arl(const struct publication *p)
{
    return bytes_equal(buf_bytes(&p->point),
                       x509_cert_tbs(ca_of(p)->certificate)->distribution_point);
}

/* The TBSCertList in a file in memory, where signerd reads it. */
static int write_tbs(struct publication *p, int fd, struct err *err)
{
    const struct tbs *ca = x509_cert_tbs(ca_of(p)->certificate);
    struct walk walk = {&p->list, 0};
    const struct revocation_source source = {&walk, walk_rewind, walk_next};
    const struct crl_sink sink = crl_sink_fd(&fd);
    const struct crl_head head = {
        .issuer = ca->subject,
        .authority_key_id = ca->subject_key_id,
        .number = (uint64_t)p->record.number,
        .this_update = p->record.this_update,
        .next_update = p->record.next_update,
        .distribution_point = buf_bytes(&p->point),
        .scope = is_arl(p) ? CRL_SCOPE_CAS : CRL_SCOPE_USERS,
    };

    return crl_write_tbs(&head, &source, &sink, NULL, err);
}

static int sign_list(struct publication *p, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    const struct crl_sink sink = crl_sink_buf(&p->der);

    TRY(signer_memfd(&fd, err));
    TRY(write_tbs(p, fd, err));
    TRY(signer_sign_fd(p->signer, ca_of(p)->key, SIGNER_CRL, fd, &signature, err));
    if (lseek(fd, 0, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "a list cannot be read again");
    TRY(file_read_fd(fd, LIST_BYTES_MAX, &tbs, err));
    return crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &sink, err);
}

/* Every entry, in order, is one of the list's, and the other way round. */
static int check_entries(const struct publication *p, const struct crl *crl, struct err *err)
{
    struct bytes rest = crl->entries;
    struct revocation entry;

    for (size_t i = 0; i < p->list.count; i++) {
        const struct revocation *expected = &p->list.entries[i];

        TRY(crl_next(&rest, &entry, err));
        if (entry.serial != expected->serial || entry.at != expected->at ||
            entry.reason != expected->reason)
            return FAIL(err, ERR_SYSTEM, "the list has other entries than the database");
    }
    if (rest.len > 0)
        return FAIL(err, ERR_SYSTEM, "the list has more entries than the database");
    return 0;
}

/* An entry leaves a list when its certificate is over, and never else (pki.md 2). */
static int check_may_leave(const struct publication *p, uint32_t serial, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    int rc = authority_get_record(p->authority->store, p->record.kind, serial, &record, err);

    if (rc == -ERR_ABSENT || (rc == 0 && record.not_after >= p->record.this_update))
        return FAIL(err, ERR_CONFLICT,
                    "the new list %s has lost an entry of the one before: it is not published",
                    p->record.name);
    return rc;
}

static int check_nothing_lost(const struct publication *p, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl old;
    struct revocation entry;
    size_t next = 0;
    int rc = authority_get_crl(p->authority->store, p->record.name, &der, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(crl_parse(buf_bytes(&der), LIST_BYTES_MAX, &old, err));
    while ((rc = crl_next(&old.entries, &entry, err)) == 0) {
        while (next < p->list.count && p->list.entries[next].serial < entry.serial)
            next++;
        if (next == p->list.count || p->list.entries[next].serial != entry.serial)
            TRY(check_may_leave(p, entry.serial, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* What must hold before a list replaces the one before. */
static int gate(const struct publication *p, struct err *err)
{
    struct crl crl;
    uint64_t number;

    TRY(crl_parse(buf_bytes(&p->der), LIST_BYTES_MAX, &crl, err));
    TRY(crl_number(&crl, &number, err));
    if (number != (uint64_t)p->record.number ||
        !bytes_equal(crl.distribution_point, buf_bytes(&p->point)))
        return FAIL(err, ERR_SYSTEM, "the list is not the one that was written");
    if (crl_verify(&crl, x509_cert_pubkey(ca_of(p)->certificate), err) < 0)
        return FAIL(err, ERR_SYSTEM, "signerd's signature is not by the key of the CA");
    return check_entries(p, &crl, err);
}

static int publish_one(struct publication *p, struct err *err)
{
    const struct authority *authority = p->authority;
    int64_t now = clock_now(authority->clock);
    uint64_t number;

    TRY(authority_list_point(authority->store, p->record.id, now, &p->list, err));
    /* Taken behind the entries: none of them is later. */
    p->record.this_update = clock_now(authority->clock);
    p->record.next_update = p->record.this_update + (int64_t)CRL_HOURS * SECONDS_PER_HOUR;
    p->record.entries = (int64_t)p->list.count;
    p->record.seen = p->list.seen;
    TRY(check_nothing_lost(p, err));
    TRY(authority_take_crl_number(authority->store, p->record.kind, &number, err));
    p->record.number = (int64_t)number;
    TRY(sign_list(p, err));
    TRY(gate(p, err));
    return authority_replace_crl(authority->store, &p->record, buf_bytes(&p->der), p->by, err);
}

static int publish_id(const struct authority *authority, struct signer *signer, int64_t id,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(publication_done)
    struct publication p = {.authority = authority, .signer = signer, .by = by};

    TRY(authority_next_crl(authority->store, id - 1, &p.record, &p.point, err));
    return publish_one(&p, err);
}

static void ids_done(struct crl_ids *ids)
{
    free(ids->ids);
}

static int publish_lists(const struct authority *authority, struct signer *signer,
                         const struct publishing *run, unsigned *ret, struct err *err)
{
    CLEANUP(ids_done) struct crl_ids ids = {NULL, 0};
    struct err first = {0};
    unsigned published = 0;
    unsigned failed = 0;

    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        TRY(have_arl(authority, (enum ca_kind)kind, err));
    TRY(authority_assign_points(authority->store, find_point, err));
    TRY(authority_list_due(authority->store, &run->due, &ids, err));
    for (size_t i = 0; i < ids.count && (run->stop == NULL || !*run->stop); i++) {
        struct err why = {0};
        int rc = publish_id(authority, signer, ids.ids[i], &run->by, &why);

        if (rc == -ERR_REMOTE)
            return err_copy(err, &why);
        published += rc == 0;
        if (rc < 0 && failed++ == 0)
            first = why;
    }
    if (failed > 0)
        return err_copy(err, &first);
    *ret = published;
    return 0;
}

int authority_publish_due(const struct authority *authority, struct signer *signer,
                          const struct publishing *run, unsigned *ret, struct err *err)
{
    /* Numbers rise over all lists of a CA, so one publication is at work at a time. */
    static pthread_mutex_t at_work = PTHREAD_MUTEX_INITIALIZER;
    int rc;

    (void)pthread_mutex_lock(&at_work);
    rc = publish_lists(authority, signer, run, ret, err);
    (void)pthread_mutex_unlock(&at_work);
    return rc;
}

int authority_publish(const struct authority *authority, struct signer *signer,
                      const struct audit_origin *by, unsigned *ret, struct err *err)
{
    const struct publishing all = {.due = {.planned = INT64_MAX, .now = INT64_MAX}, .by = *by};

    return authority_publish_due(authority, signer, &all, ret, err);
}
