/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FeedHead ::= SEQUENCE {
 *   version INTEGER (1), kind INTEGER (1 snapshot, 2 delta), signature AlgorithmIdentifier,
 *   edition INTEGER, caKeyId OCTET STRING, signerKeyId OCTET STRING,
 *   thisUpdate GeneralizedTime, nextUpdate GeneralizedTime,
 *   from FeedPoint OPTIONAL (deltas only), to FeedPoint,
 *   bodySize INTEGER, bodyDigest OCTET STRING }
 * FeedPoint ::= SEQUENCE { number INTEGER, digest OCTET STRING }
 * FeedItem ::= SEQUENCE { head FeedHead, signature BIT STRING, certificate Certificate,
 *   body OCTET STRING }
 */
#include "revocation/feed_item.h"

#include "x509/algorithm.h"

enum { VERSION = 1, KIND_SNAPSHOT = 1, KIND_DELTA = 2, NUMBER_OCTETS = 8 };

static int put_octets(struct buf *out, struct bytes octets, size_t size, struct err *err)
{
    if (octets.len != size)
        return FAIL(err, ERR_USAGE, "a digest or key identifier of another size");
    return der_put(out, DER_OCTET_STRING, octets, err);
}

static int put_point(struct buf *out, const struct feed_point *point, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_uint(out, point->number, err));
    TRY(put_octets(out, point->digest, FEED_DIGEST_SIZE, err));
    return der_finish(out, mark, err);
}

static int put_head(struct buf *out, const struct feed_head *head, struct err *err)
{
    TRY(der_put_uint(out, VERSION, err));
    TRY(der_put_uint(out, head->is_delta ? KIND_DELTA : KIND_SNAPSHOT, err));
    TRY(algorithm_put_signature_by(out, head->algorithm, err));
    TRY(der_put_uint(out, head->edition, err));
    TRY(put_octets(out, head->ca_key_id, FEED_KEY_ID_SIZE, err));
    TRY(put_octets(out, head->signer_key_id, FEED_KEY_ID_SIZE, err));
    TRY(der_put_generalized(out, head->this_update, err));
    TRY(der_put_generalized(out, head->next_update, err));
    if (head->is_delta)
        TRY(put_point(out, &head->from, err));
    TRY(put_point(out, &head->to, err));
    TRY(der_put_uint(out, head->body_size, err));
    return put_octets(out, head->body_digest, FEED_DIGEST_SIZE, err);
}

int feed_head_build(const struct feed_head *head, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct feed_head read;
    size_t mark;

    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(put_head(&out, head, err));
    TRY(der_finish(&out, mark, err));
    if (feed_head_parse(buf_bytes(&out), &read, err) < 0)
        return FAIL(err, ERR_USAGE, "a head of the feed that cannot be read");
    buf_move(ret, &out);
    return 0;
}

static int take_octets(struct bytes *rest, const char *what, size_t size, struct bytes *ret,
                       struct err *err)
{
    struct der octets;

    TRY(der_take(rest, DER_OCTET_STRING, what, &octets, err));
    if (octets.value.len != size)
        return FAIL(err, ERR_INPUT, "%s of the feed has not %zu bytes", what, size);
    *ret = octets.value;
    return 0;
}

/* An INTEGER from 0 in its shortest form. */
static int take_number(struct bytes *rest, const char *what, uint64_t *ret, struct err *err)
{
    struct bytes ahead = *rest;
    struct bytes octets;
    struct der zero;
    uint64_t number = 0;

    TRY(der_take(&ahead, DER_INTEGER, what, &zero, err));
    if (zero.value.len == 1 && zero.value.ptr[0] == 0) {
        *rest = ahead;
        *ret = 0;
        return 0;
    }
    TRY(der_take_positive(rest, DER_INTEGER, what, &octets, err));
    if (octets.len > NUMBER_OCTETS)
        return FAIL(err, ERR_INPUT, "%s of the feed is too large", what);
    for (size_t i = 0; i < octets.len; i++)
        number = number << 8 | octets.ptr[i];
    *ret = number;
    return 0;
}

static int take_point(struct bytes *rest, struct feed_point *ret, struct err *err)
{
    struct der point;

    TRY(der_take(rest, DER_SEQUENCE, "a state of the feed", &point, err));
    TRY(take_number(&point.value, "number", &ret->number, err));
    TRY(take_octets(&point.value, "digest of the state", FEED_DIGEST_SIZE, &ret->digest, err));
    return der_end(point.value, "a state of the feed", err);
}

static int take_front(struct bytes *rest, struct feed_head *head, struct err *err)
{
    struct algorithm_id algorithm;
    uint64_t edition;
    unsigned version;
    unsigned kind;

    TRY(der_take_small(rest, "version of the feed", &version, err));
    if (version != VERSION)
        return FAIL(err, ERR_INPUT, "a feed of version %u, which is not read here", version);
    TRY(der_take_small(rest, "kind of the feed", &kind, err));
    if (kind != KIND_SNAPSHOT && kind != KIND_DELTA)
        return FAIL(err, ERR_INPUT, "the feed is neither snapshot nor delta");
    head->is_delta = kind == KIND_DELTA;
    TRY(algorithm_take_any_signature(rest, "signature of the feed", &algorithm, err));
    if (algorithm.id == OID_RSA_ENCRYPTION || algorithm.alg != key_kind_digest(algorithm.kind))
        return FAIL(err, ERR_INPUT, "a feed is signed with SHA-256 and RSA, or SHA-384 and P-384");
    head->algorithm = algorithm.kind;
    TRY(take_number(rest, "edition", &edition, err));
    if (edition == 0 || edition > UINT32_MAX)
        return FAIL(err, ERR_INPUT, "the edition of the feed is not 1 to 2^32-1");
    head->edition = (uint32_t)edition;
    return 0;
}

static int check_head(const struct feed_head *head, struct err *err)
{
    if (head->next_update <= head->this_update)
        return FAIL(err, ERR_INPUT, "nextUpdate of the feed is not after its thisUpdate");
    if (head->is_delta && head->from.number > head->to.number)
        return FAIL(err, ERR_INPUT, "a delta of the feed that goes back");
    if (head->body_size > FEED_ITEM_MAX)
        return FAIL(err, ERR_INPUT, "a body of the feed of more than %d bytes", FEED_ITEM_MAX);
    return 0;
}

int feed_head_parse(struct bytes der, struct feed_head *ret, struct err *err)
{
    struct feed_head head = {.is_delta = false};
    struct der outer;

    if (der.len > FEED_HEAD_MAX)
        return FAIL(err, ERR_INPUT, "a head of the feed of more than %d bytes", FEED_HEAD_MAX);
    TRY(der_only(der, DER_SEQUENCE, "head of the feed", &outer, err));
    struct bytes rest = outer.value;
    TRY(take_front(&rest, &head, err));
    TRY(take_octets(&rest, "key identifier of the CA", FEED_KEY_ID_SIZE, &head.ca_key_id, err));
    TRY(take_octets(&rest, "key identifier", FEED_KEY_ID_SIZE, &head.signer_key_id, err));
    TRY(der_take_generalized(&rest, "thisUpdate", &head.this_update, err));
    TRY(der_take_generalized(&rest, "nextUpdate", &head.next_update, err));
    if (head.is_delta)
        TRY(take_point(&rest, &head.from, err));
    TRY(take_point(&rest, &head.to, err));
    TRY(take_number(&rest, "size of the body", &head.body_size, err));
    TRY(take_octets(&rest, "digest of the body", FEED_DIGEST_SIZE, &head.body_digest, err));
    TRY(der_end(rest, "head of the feed", err));
    TRY(check_head(&head, err));
    *ret = head;
    return 0;
}

int feed_item_assemble(struct bytes head_der, struct bytes signature, struct bytes certificate,
                       struct bytes body, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(buf_append(&out, head_der, err));
    TRY(der_put_bits(&out, signature, err));
    TRY(buf_append(&out, certificate, err));
    TRY(der_put(&out, DER_OCTET_STRING, body, err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}

int feed_item_next(struct bytes *rest, struct feed_item *ret, struct err *err)
{
    struct bytes left = *rest;
    struct feed_item item;
    struct der whole;
    struct der part;

    if (left.len == 0)
        return FAIL(err, ERR_ABSENT, "no further item of the feed");
    TRY(der_take(&left, DER_SEQUENCE, "item of the feed", &whole, err));
    if (whole.whole.len > FEED_ITEM_MAX)
        return FAIL(err, ERR_INPUT, "an item of the feed of more than %d bytes", FEED_ITEM_MAX);
    TRY(der_take(&whole.value, DER_SEQUENCE, "head of the feed", &part, err));
    item.head_der = part.whole;
    TRY(feed_head_parse(part.whole, &item.head, err));
    TRY(der_take_bits(&whole.value, "signature of the feed", &item.signature, err));
    TRY(der_take(&whole.value, DER_SEQUENCE, "certificate of the feed", &part, err));
    item.certificate = part.whole;
    TRY(der_take(&whole.value, DER_OCTET_STRING, "body of the feed", &part, err));
    item.body = part.value;
    TRY(der_end(whole.value, "item of the feed", err));
    item.whole = whole.whole;
    *rest = left;
    *ret = item;
    return 0;
}

/* What is not believed, in the words of the feed; trouble of this machine as it is. */
static int unless_believed(int rc, const char *otherwise, struct err *err)
{
    return rc == -ERR_UNTRUSTED ? FAIL(err, ERR_UNTRUSTED, "%s", otherwise) : rc;
}

/* The certificate is one the CA made for signing feeds, and for nothing else. */
static int check_signer(const struct feed_item *item, const struct x509_cert *signer,
                        const struct x509_cert *ca, struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(signer);

    TRY(unless_believed(x509_cert_is_issued_by(signer, ca, err),
                        "the signer of the feed is not of its CA", err));
    if (tbs->is_ca || !tbs_has_purpose(tbs, OID_FEED_SIGNING) || tbs->purpose_count != 1 ||
        tbs->key_usage != KEY_USAGE_DIGITAL_SIGNATURE || tbs->unknown_critical.len > 0)
        return FAIL(err, ERR_UNTRUSTED, "the CA has not appointed this key to sign feeds");
    if (!bytes_equal(tbs->subject_key_id, item->head.signer_key_id))
        return FAIL(err, ERR_UNTRUSTED, "the feed is signed by another key than it names");
    if (item->head.this_update < tbs->not_before || item->head.this_update > tbs->not_after)
        return FAIL(err, ERR_UNTRUSTED, "the signer of the feed was not valid at its time");
    return 0;
}

static int check_body(const struct feed_item *item, struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, item->body, &digest, err));
    if (item->body.len != item->head.body_size ||
        !bytes_equal(digest_bytes(&digest), item->head.body_digest))
        return FAIL(err, ERR_UNTRUSTED, "the body of the feed is not the one that was signed");
    return 0;
}

int feed_item_verify(const struct feed_item *item, const struct x509_cert *ca, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *signer = NULL;
    struct digest digest;

    if (!bytes_equal(item->head.ca_key_id, x509_cert_tbs(ca)->subject_key_id))
        return FAIL(err, ERR_UNTRUSTED, "the feed is about certificates of another CA");
    TRY(x509_cert_parse(item->certificate, &signer, err));
    TRY(check_signer(item, signer, ca, err));
    TRY(digest_compute(key_kind_digest(item->head.algorithm), item->head_der, &digest, err));
    TRY(unless_believed(pubkey_verify_kind(x509_cert_pubkey(signer), item->head.algorithm, &digest,
                                           item->signature, err),
                        "the signature of the feed is broken", err));
    return check_body(item, err);
}
