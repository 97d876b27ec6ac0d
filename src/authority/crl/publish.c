/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing lists of revocations: one per municipality (sign) or prefecture (auth) that occurs in
 * certificates, one of CA certificates and one of everything, for each generation of each CA, by
 * the key of that generation (pki.md 2); after the end of a generation its last lists stay. All
 * that are due are made and pass the gate before the first replaces the one before it; then all do,
 * in one transaction. While lists are written, signed and read again, nobody waits for the
 * database.
 *
 * One walk over the database sorts the entries into all lists of a CA at once, on the disk
 * (spool.h). A list is written into a file without a name and handed to signerd at the same time,
 * which keeps nothing of it, and is read again from that file. Nothing in memory grows with it.
 */
#include "authority/crl/harvest.h"

#include "authority/crl/gate.h"
#include "authority/crl/name.h"
#include "base/fault.h"
#include "base/file.h"
#include "revocation/crl_file.h"
#include "revocation/crl_write.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SECONDS_PER_HOUR = 3600,
    LIST_BYTES_MAX = RPC_LIST_MAX + RPC_SIGNATURE_MAX, /* what is signed, and around it */
    HEADER_ROOM = 16, /* bytes before what is signed, of which the list's header takes the last */
};

static void publication_done(struct publication *p)
{
    for (size_t i = 0; i < p->count; i++) {
        buf_done(&p->lists[i].point);
        spool_list_freep(&p->lists[i].entries);
    }
    free(p->lists);
    spool_done(&p->spool);
}

static const struct ca *ca_of(const struct publication *p, const struct planned *list)
{
    return authority_ca(p->authority, list->record.kind, list->record.generation);
}

static enum crl_scope scope_of(const struct publication *p, const struct planned *list)
{
    const struct tbs *ca = x509_cert_tbs(ca_of(p, list)->certificate);

    if (list->point.len == 0)
        return CRL_SCOPE_ALL;
    return bytes_equal(buf_bytes(&list->point), ca->distribution_point) ? CRL_SCOPE_CAS
                                                                        : CRL_SCOPE_USERS;
}

/* The lists that no certificate of a holder names. */
static int have_list(const struct authority *authority, const struct ca *ca, struct bytes point,
                     const char *suffix, struct err *err)
{
    struct crl_point list = {.point = BUF_INIT};
    int rc = buf_copy(point, &list.point, err);

    (void)snprintf(list.name, sizeof list.name, "%s-%s", ca_kind_name(ca->kind), suffix);
    if (rc == 0)
        rc = authority_add_crl(authority->store, ca->kind, ca->generation, &list, err);
    buf_done(&list.point);
    return rc;
}

/* For each CA how many generations are over, and lists for the others. */
static int have_lists(const struct authority *authority, int64_t at, unsigned over[CA_KINDS_],
                      struct err *err)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        const struct ca_line *line = &authority->cas[kind];

        over[kind] = 0;
        for (unsigned i = 0; i < line->count; i++) {
            const struct ca *ca = &line->generations[i];
            const struct tbs *tbs = x509_cert_tbs(ca->certificate);

            if (at > tbs->not_after) {
                over[kind] = ca->generation;
                continue;
            }
            TRY(have_list(authority, ca, tbs->distribution_point, "arl", err));
            TRY(have_list(authority, ca, bytes_of(NULL, 0), "full", err));
        }
    }
    return 0;
}

/* The TBSCertList. */
static int write_tbs(const struct publication *p, struct planned *list, const struct crl_sink *sink,
                     size_t *ret_size, struct err *err)
{
    const struct tbs *ca = x509_cert_tbs(ca_of(p, list)->certificate);
    const struct revocation_source source = spool_list_source(list->entries);
    const struct crl_head head = {
        .issuer = ca->subject,
        .authority_key_id = ca->subject_key_id,
        .number = (uint64_t)list->record.number,
        .this_update = list->record.this_update,
        .next_update = list->record.next_update,
        .distribution_point = buf_bytes(&list->point),
        .scope = scope_of(p, list),
    };

    return crl_write_tbs(&head, &source, sink, ret_size, err);
}

/* Where what is written of a list goes. */
struct both {
    int file;
    struct signer *signer;
};

static int put_to_both(void *context, struct bytes piece, struct err *err)
{
    const struct both *both = context;

    TRY(file_write_all(both->file, piece, err));
    return signer_list_add(both->signer, piece, err);
}

static int write_at(int file, size_t at, struct bytes data, struct err *err)
{
    if (lseek(file, (off_t)at, SEEK_SET) < 0)
        return FAIL_ERRNO(err, "a list cannot be written");
    return file_write_all(file, data, err);
}

/*
 * The whole list in the file, signed, from *ret_at on: how long its header is, which comes first,
 * depends on what follows it.
 */
static int sign_list(const struct publication *p, struct planned *list, int file, size_t *ret_at,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf front = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    struct both both = {file, p->signer};
    const struct crl_sink sink = {&both, put_to_both};
    size_t size;

    TRY(write_at(file, HEADER_ROOM, bytes_of(NULL, 0), err));
    TRY(signer_list_begin(p->signer, ca_of(p, list)->key, err));
    TRY(write_tbs(p, list, &sink, &size, err));
    TRY(signer_list_end(p->signer, &signature, err));
    TRY(crl_wrap(size, buf_bytes(&signature), &front, &back, err));
    TRY(file_write_all(file, buf_bytes(&back), err));
    *ret_at = HEADER_ROOM - front.len;
    return write_at(file, *ret_at, buf_bytes(&front), err);
}

static int heed(void *context, struct err *err)
{
    return crl_work_step(context, 0, err);
}

struct leaving {
    struct authority_store *store;
    const struct planned *list;
};

/* An entry leaves when a list has had it after its certificate was over, or its hold was lifted. */
static int may_leave(const void *context, uint32_t serial, bool *ret, struct err *err)
{
    const struct leaving *leaving = context;
    const struct planned *list = leaving->list;

    TRY(authority_was_over(leaving->store, list->record.kind, serial, list->update_before, ret,
                           err));
    return *ret ? 0 : authority_was_released(leaving->store, list->record.kind, serial, ret, err);
}

static int compare_with_the_one_before(const struct publication *p, const struct planned *list,
                                       const struct crl *crl, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(crl_file_done) struct crl_file before = CRL_FILE_INIT;
    const struct leaving leaving = {p->authority->store, list};
    const struct crl_watch watch = {heed, p->work};
    const struct gate_leave leave = {may_leave, &leaving, &watch};

    if (list->number_before == 0)
        return 0;
    TRY(authority_store_scratch(p->authority->store, &fd, err));
    TRY(authority_copy_crl(p->authority->store, list->record.name, fd, p->work, NULL, err));
    TRY(crl_file_map(fd, LIST_BYTES_MAX, &before, err));
    return gate_compare(&before.crl, crl, &leave, err);
}

static int pass_gate(const struct publication *p, const struct planned *list, const struct crl *crl,
                     struct err *err)
{
    const struct revocation_source entries = spool_list_source(list->entries);
    const struct crl_watch watch = {heed, p->work};
    const struct gate_terms terms = {
        .ca = ca_of(p, list)->certificate,
        .point = buf_bytes(&list->point),
        .scope = scope_of(p, list),
        .number = (uint64_t)list->record.number,
        .number_before = (uint64_t)list->number_before,
        .this_update = list->record.this_update,
        .next_update = list->record.next_update,
        .now = clock_now(p->authority->clock),
        .entries = &entries,
        .watch = &watch,
    };

    int rc = gate_check(crl, &terms, err);

    if (rc == 0)
        rc = compare_with_the_one_before(p, list, crl, err);
    if (rc == -ERR_CONFLICT)
        fault_note(FAULT_LIST_REFUSED);
    return rc;
}

/* Make a list, pass it through the gate, and keep it beside the one that counts. */
static int make_list(const struct publication *p, struct planned *list, struct err *err)
{
    CLEANUP(fd_done) int fd = -1;
    CLEANUP(crl_file_done) struct crl_file file = CRL_FILE_INIT;
    struct authority_store *store = p->authority->store;
    uint64_t number;
    size_t at;

    TRY(authority_take_crl_number(store, list->record.kind, &number, err));
    list->record.number = (int64_t)number;
    list->record.this_update = p->at;
    list->record.next_update = p->at + (int64_t)CRL_HOURS * SECONDS_PER_HOUR;
    list->record.entries = (int64_t)spool_list_count(list->entries);
    list->record.seen = p->seen;
    TRY(authority_store_scratch(store, &fd, err));
    TRY(sign_list(p, list, fd, &at, err));
    TRY(crl_file_map_at(fd, at, LIST_BYTES_MAX, &file, err));
    TRY(pass_gate(p, list, &file.crl, err));
    spool_list_freep(&list->entries);
    return authority_stage_crl(store, list->record.name, file.crl.der, &list->record.file, err);
}

/*
 * Of an entry in a list: its length is added up, it is written, and it is compared with what was
 * written. Before the walk, what a list had before is the best guess at what it will have.
 */
enum { READINGS = 3 };

static void guess_work(const struct publication *p)
{
    uint64_t entries = 0;

    for (size_t i = 0; i < p->count; i++)
        if (p->lists[i].is_due)
            entries += p->lists[i].entries != NULL ? spool_list_count(p->lists[i].entries)
                                                   : (uint64_t)p->lists[i].record.entries;
    if (entries == 0) /* they are the first: each revocation is in two of them */
        entries = 2 * p->seen;
    crl_work_set_total(p->work, p->seen + READINGS * entries);
}

/* Those of a generation that are due. */
static int make_lists(struct publication *p, const struct ca *ca, struct err *err)
{
    TRY(file_empty(p->spool.fd, err));
    p->spool.end = 0;
    TRY(harvest(p, ca, err));
    guess_work(p);
    for (size_t i = 0; i < p->count; i++) {
        struct planned *list = &p->lists[i];

        if (list->entries == NULL)
            continue;
        TRY(crl_work_step(p->work, 0, err));
        TRY(err_prefix(err, make_list(p, list, err), "list %s", list->record.name));
    }
    return 0;
}

static int count_lists(const struct authority *authority, size_t *ret, struct err *err)
{
    struct crl_record record = {.id = 0};
    size_t count = 0;
    int rc;

    while ((rc = authority_next_crl(authority->store, record.id, &record, NULL, err)) == 0)
        count++;
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = count;
    return 0;
}

/* All lists, with a mark at those that are due: ids, in the same order. */
static int plan(struct publication *p, const struct crl_ids *due, struct err *err)
{
    int64_t above = 0;
    size_t next = 0;
    size_t count = 0;

    TRY(count_lists(p->authority, &count, err));
    p->lists = calloc(count + 1, sizeof p->lists[0]);
    if (p->lists == NULL)
        return FAIL_NOMEM(err);
    for (p->count = 0; p->count < count; p->count++) {
        struct planned *list = &p->lists[p->count];

        TRY(authority_next_crl(p->authority->store, above, &list->record, &list->point, err));
        above = list->record.id;
        list->number_before = list->record.number;
        /* Not by a clock that was ahead: an entry would leave before its time. */
        list->update_before = list->record.this_update < p->at ? list->record.this_update : p->at;
        list->room = CRL_ENTRIES_MAX;
        list->is_due = next < due->count && due->ids[next] == above;
        next += list->is_due;
    }
    return 0;
}

/* All that were made change places with those before them. */
static int replace_lists(const struct publication *p, const struct audit_origin *by, unsigned *ret,
                         struct err *err)
{
    struct crl_record *records = calloc(p->count + 1, sizeof *records);
    size_t count = 0;
    int rc;

    if (records == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < p->count; i++)
        if (p->lists[i].is_due)
            records[count++] = p->lists[i].record;
    rc = authority_publish_crls(p->authority->store, records, count, by, err);
    free(records);
    if (rc == 0)
        *ret = (unsigned)count;
    return rc;
}

static int publish_due(struct publication *p, const struct publishing *run,
                       const struct crl_ids *due, unsigned *ret, struct err *err)
{
    int fd;

    TRY(authority_drop_crl_files(p->authority->store, err));
    TRY(plan(p, due, err));
    TRY(authority_store_scratch(p->authority->store, &fd, err));
    p->spool = spool_in(fd);
    guess_work(p);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        for (unsigned i = 0; i < p->authority->cas[kind].count; i++)
            TRY(make_lists(p, &p->authority->cas[kind].generations[i], err));
    TRY(crl_work_step(p->work, 0, err));
    return replace_lists(p, &run->by, ret, err);
}

static void ids_done(struct crl_ids *ids)
{
    free(ids->ids);
}

static int publish_lists(const struct authority *authority, struct signer *signer,
                         const struct publishing *run, unsigned *ret, struct err *err)
{
    CLEANUP(publication_done)
    struct publication p = {.authority = authority,
                            .signer = signer,
                            .work = authority_crl_work(authority->store),
                            .spool = {.fd = -1}};
    CLEANUP(ids_done) struct crl_ids ids = {NULL, 0};
    struct crl_due due = run->due;

    *ret = 0;
    /* What is revoked up to here has its list when the certificates were looked at. */
    TRY(authority_last_event(authority->store, &p.seen, err));
    p.at = clock_now(authority->clock);
    TRY(have_lists(authority, p.at, due.over, err));
    TRY(authority_assign_points(authority->store, crl_find_point, err));
    TRY(authority_list_due(authority->store, &due, &ids, err));
    return ids.count == 0 ? 0 : publish_due(&p, run, &ids, ret, err);
}

/* For operators to see. A failure that cannot be noted says more than that. */
static int note(const struct authority *authority, int rc, unsigned published,
                const struct err *why, struct err *err)
{
    int noted;

    if (rc == 0 && published == 0)
        return 0;
    noted = authority_note_publication(authority->store, clock_now(authority->clock),
                                       rc == 0 ? NULL : why->text, err);
    return rc < 0 ? err_copy(err, why) : noted;
}

int authority_publish_due(const struct authority *authority, struct signer *signer,
                          const struct publishing *run, unsigned *ret, struct err *err)
{
    /* Numbers rise over all lists of a CA, so one publication is at work at a time. */
    static pthread_mutex_t at_work = PTHREAD_MUTEX_INITIALIZER;
    struct crl_work *work = authority_crl_work(authority->store);
    struct err why = {0};
    unsigned published = 0;
    int rc;

    (void)pthread_mutex_lock(&at_work);
    crl_work_begin(work, run->stop);
    rc = publish_lists(authority, signer, run, &published, &why);
    rc = rc < 0 && crl_work_is_stopped(work) ? 0 : note(authority, rc, published, &why, err);
    crl_work_end(work);
    (void)pthread_mutex_unlock(&at_work);
    if (rc == 0)
        *ret = published;
    return rc;
}

int authority_publish(const struct authority *authority, struct signer *signer,
                      const struct audit_origin *by, unsigned *ret, struct err *err)
{
    const struct publishing all = {.due = {.planned = INT64_MAX, .now = INT64_MAX}, .by = *by};

    return authority_publish_due(authority, signer, &all, ret, err);
}
