/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/lists.h"

#include "base/chore.h"
#include "base/fault.h"
#include "base/series.h"
#include "fetch/fetch.h"
#include "revocation/crl.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 60000, NAME_MAX_LEN = 128 };

struct list {
    struct list *next;
    char name[NAME_MAX_LEN + 1];
    uint64_t number;
    struct buf der;
    char etag[LIST_ETAG_SIZE];
};

struct lists {
    struct lists_options options;
    pthread_rwlock_t lock; /* of first and what hangs on it */
    struct list *first;
    struct chore chore;
};

int lists_new(const struct lists_options *options, struct lists **ret, struct err *err)
{
    struct lists *lists = calloc(1, sizeof *lists);

    if (lists == NULL)
        return FAIL_NOMEM(err);
    lists->options = *options;
    (void)pthread_rwlock_init(&lists->lock, NULL);
    *ret = lists;
    return 0;
}

static void list_free(struct list *list)
{
    buf_done(&list->der);
    free(list);
}

void lists_free(struct lists *lists)
{
    if (lists == NULL)
        return;
    lists_stop(lists);
    while (lists->first != NULL) {
        struct list *list = lists->first;

        lists->first = list->next;
        list_free(list);
    }
    (void)pthread_rwlock_destroy(&lists->lock);
    free(lists);
}

void lists_freep(struct lists **lists)
{
    lists_free(*lists);
    *lists = NULL;
}

static struct list *find(const struct lists *lists, const char *name)
{
    struct list *list = lists->first;

    while (list != NULL && strcmp(list->name, name) != 0)
        list = list->next;
    return list;
}

int lists_hold(struct lists *lists, const char *name, struct bytes *ret,
               char ret_etag[LIST_ETAG_SIZE], struct err *err)
{
    const struct list *list;

    (void)pthread_rwlock_rdlock(&lists->lock);
    list = find(lists, name);
    if (list == NULL) {
        lists_release(lists);
        return FAIL(err, ERR_ABSENT, "there is no such list");
    }
    *ret = buf_bytes(&list->der);
    memcpy(ret_etag, list->etag, LIST_ETAG_SIZE);
    return 0;
}

void lists_release(struct lists *lists)
{
    (void)pthread_rwlock_unlock(&lists->lock);
}

/* ---- what is new ---- */

/* What the authority says of a list. */
struct offer {
    const char *name;
    enum ocsp_ca ca;
    uint64_t number;
};

static int read_offer(const struct json *json, struct offer *ret, struct err *err)
{
    const char *kind;
    int64_t number;

    TRY(json_get_text(json, "name", &ret->name, err));
    TRY(json_get_text(json, "kind", &kind, err));
    TRY(ocsp_ca_from_name(kind, &ret->ca, err));
    TRY(json_get_int(json, "number", &number, err));
    if (number < 1 || strlen(ret->name) > NAME_MAX_LEN)
        return FAIL(err, ERR_INPUT, "a list without a number, or with a long name");
    ret->number = (uint64_t)number;
    return 0;
}

/*
 * It is the one that was offered, or the next one, which took its place meanwhile; by the
 * generation of the CA that it names, and of now.
 */
static int check_by(const struct lists *lists, const struct x509_cert *ca,
                    const struct offer *offer, const struct crl *crl, uint64_t *ret_number,
                    struct err *err)
{
    TRY(crl_verify(crl, x509_cert_pubkey(ca), err));
    TRY(crl_number(crl, ret_number, err));
    if (*ret_number < offer->number || !bytes_equal(crl->issuer, x509_cert_tbs(ca)->subject))
        return FAIL(err, ERR_UNTRUSTED, "another list than the one that was offered");
    if (crl->this_update > clock_now(lists->options.clock))
        return FAIL(err, ERR_UNTRUSTED, "a list from the future");
    return 0;
}

static int check(const struct lists *lists, const struct offer *offer, struct bytes der,
                 uint64_t *ret_number, struct err *err)
{
    CLEANUP(ocsp_delegates_releasep)
    struct ocsp_delegates *delegates = ocsp_index_delegates(lists->options.index);
    const struct ocsp_delegate *delegate;
    struct crl crl;

    TRY(crl_parse(der, FETCH_BODY_MAX, &crl, err));
    delegate = ocsp_delegates_by_key(delegates, offer->ca, crl.authority_key_id);
    if (delegate == NULL)
        return FAIL(err, ERR_UNTRUSTED, "a list of a CA that is not known");
    return check_by(lists, delegate->ca, offer, &crl, ret_number, err);
}

static int fill_etag(struct list *list, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&list->der), &digest, err));
    list->etag[0] = '"';
    for (size_t i = 0; i < 20; i++)
        (void)snprintf(list->etag + 1 + 2 * i, 3, "%02x", digest.value[i]);
    list->etag[41] = '"';
    return 0;
}

/* In the place of the one before. */
static void replace(struct lists *lists, struct list *list)
{
    struct list **at = &lists->first;
    struct list *before;

    (void)pthread_rwlock_wrlock(&lists->lock);
    while (*at != NULL && strcmp((*at)->name, list->name) != 0)
        at = &(*at)->next;
    before = *at;
    list->next = before == NULL ? NULL : before->next;
    *at = list;
    (void)pthread_rwlock_unlock(&lists->lock);
    if (before != NULL)
        list_free(before);
}

static int fetch_list(const struct lists *lists, const char *name, struct buf *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct fetch_request request = {.socket = lists->options.socket,
                                    .accept = "application/pkix-crl",
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = FETCH_BODY_MAX};

    TRY(buf_append_text(&url, "/v1/crls/", err));
    TRY(fetch_escape(&url, name, err));
    TRY(buf_text(&url, &request.url, err));
    TRY(fetch(&request, &response, err));
    buf_move(ret, &response.body);
    return 0;
}

static int refuse(const struct offer *offer, const char *why, struct err *err)
{
    fault_note(FAULT_LIST_REFUSED);
    return FAIL(err, ERR_UNTRUSTED, "%s is not taken: %s", offer->name, why);
}

static int take(struct lists *lists, const struct offer *offer, struct err *err)
{
    const struct list *before = find(lists, offer->name); /* only this thread changes it */
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct err why = {0};
    struct list *list;
    uint64_t number;
    int rc;

    if (before != NULL && before->number == offer->number)
        return 0;
    if (before != NULL && before->number > offer->number)
        return refuse(offer, "the authority offers an older list than before", err);
    TRY(fetch_list(lists, offer->name, &der, err));
    if (check(lists, offer, buf_bytes(&der), &number, &why) < 0)
        return refuse(offer, why.text, err);
    list = calloc(1, sizeof *list);
    if (list == NULL)
        return FAIL_NOMEM(err);
    (void)snprintf(list->name, sizeof list->name, "%s", offer->name);
    list->number = number;
    buf_move(&list->der, &der);
    rc = fill_etag(list, err);
    if (rc < 0)
        list_free(list);
    else
        replace(lists, list);
    return rc;
}

int lists_poll(struct lists *lists, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.socket = lists->options.socket,
                                          .url = "/v1/crls",
                                          .timeout_ms = TIMEOUT_MS,
                                          .limit = FEED_ANSWER_MAX};
    const struct json *array;
    struct err first = {0};

    TRY(fetch(&request, &response, err));
    if (response.json == NULL || json_get_array(response.json, "crls", &array, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority does not say which lists there are");
    for (size_t i = 0; i < json_count(array); i++) {
        struct offer offer;
        struct err why = {0};
        int rc = read_offer(json_at(array, i), &offer, &why);

        if (rc == 0)
            rc = take(lists, &offer, &why);
        if (rc < 0 && first.kind == ERR_NONE)
            first = why;
    }
    return first.kind == ERR_NONE ? 0 : err_copy(err, &first);
}

/* ---- the thread ---- */

static void *run(void *argument)
{
    struct lists *lists = argument;
    struct series series = {.last = {0}};

    do {
        struct err why = {0};
        const bool works = lists_poll(lists, &why) == 0;

        if (series_note(&series, works ? NULL : &why) && lists->options.report != NULL)
            lists->options.report(&why);
    } while (chore_rest(&lists->chore, lists->options.interval_ms));
    return NULL;
}

int lists_start(struct lists *lists, struct err *err)
{
    return chore_start(&lists->chore, run, lists, err);
}

void lists_stop(struct lists *lists)
{
    if (lists != NULL)
        chore_stop(&lists->chore);
}
