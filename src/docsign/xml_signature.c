/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/xml_signature.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "crypto/pubkey.h"

#include <string.h>

#define HEAD   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define DSIG   "http://www.w3.org/2000/09/xmldsig#"
#define C14N   "http://www.w3.org/2001/10/xml-exc-c14n#"
#define METHOD "Algorithm=\""
#define BEGIN  "<Signature xmlns=\"" DSIG "\">"
#define VALUE  "<SignatureValue>"
#define VALUE_ "</SignatureValue>"
#define CERT   "<KeyInfo><X509Data><X509Certificate>"
#define CERT_  "</X509Certificate></X509Data></KeyInfo>"
#define END    "</Signature>"

/* RFC 9231, 2.3.2 and 2.3.6; XML Encryption 1.1, 5.8. */
static const struct {
    const char *signature, *digest;
} methods[KEY_KINDS_] = {
    [KEY_RSA] = {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                 "http://www.w3.org/2001/04/xmlenc#sha256"},
    [KEY_P384] = {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
                  "http://www.w3.org/2001/04/xmldsig-more#sha384"},
};

static int append_escaped(struct buf *buf, const char *text, bool is_value, struct err *err)
{
    static const struct {
        char c;
        const char *reference;
        bool is_text, is_value;
    } references[] = {
        {'&', "&amp;", true, true},   {'<', "&lt;", true, true},    {'>', "&gt;", true, false},
        {'"', "&quot;", false, true}, {'\t', "&#x9;", false, true}, {'\n', "&#xA;", false, true},
    };
    enum { REFERENCES = sizeof references / sizeof references[0] };

    for (; *text != '\0'; text++) {
        size_t i = 0;

        while (i < REFERENCES && (references[i].c != *text ||
                                  !(is_value ? references[i].is_value : references[i].is_text)))
            i++;
        if (i < REFERENCES)
            TRY(buf_append_text(buf, references[i].reference, err));
        else
            TRY(buf_append_byte(buf, (uint8_t)*text, err));
    }
    return 0;
}

/* XML 1.0, 2.2, without the carriage return, which a parser would take away. */
static int check_characters(const char *text, struct err *err)
{
    struct bytes rest = bytes_text(text);
    uint32_t c;

    while (rest.len > 0) {
        TRY(utf8_next(&rest, &c, err));
        if ((c < ' ' && c != '\t' && c != '\n') || c == 0xfffe || c == 0xffff)
            return FAIL(err, ERR_INPUT, "a character that cannot stand in XML");
    }
    return 0;
}

int xml_append_text(struct buf *buf, const char *text, struct err *err)
{
    TRY(check_characters(text, err));
    return append_escaped(buf, text, false, err);
}

int xml_append_value(struct buf *buf, const char *text, struct err *err)
{
    TRY(check_characters(text, err));
    return append_escaped(buf, text, true, err);
}

/* Where a part stands first, or NULL. */
static const uint8_t *find(struct bytes whole, const char *part)
{
    return whole.ptr == NULL ? NULL : memmem(whole.ptr, whole.len, part, strlen(part));
}

static bool has(struct bytes whole, const char *part)
{
    return find(whole, part) != NULL;
}

/* The end tag of the element, which is where the signature goes. */
static int split(struct bytes element, struct bytes *ret_start, struct bytes *ret_end,
                 struct err *err)
{
    const uint8_t *end = element.len == 0 ? NULL : memrchr(element.ptr, '<', element.len);
    size_t name;

    if (element.len > XML_MAX)
        return FAIL(err, ERR_INPUT, "a document is at most %d bytes", XML_MAX);
    if (end == NULL || element.ptr[0] != '<' || element.ptr[element.len - 1] != '>')
        return FAIL(err, ERR_INPUT, "this is no element");
    *ret_start = bytes_of(element.ptr, (size_t)(end - element.ptr));
    *ret_end = bytes_of(end, element.len - ret_start->len);
    name = ret_end->len < 4 ? 0 : ret_end->len - strlen("</>"); /* "</a>" at least */
    if (name == 0 || end[1] != '/' || ret_start->len < name + 2 ||
        !bytes_equal(bytes_of(element.ptr + 1, name), bytes_of(end + 2, name)) ||
        strchr(" >", element.ptr[1 + name]) == NULL)
        return FAIL(err, ERR_INPUT, "this is no element");
    if (has(element, "<Signature") || memchr(element.ptr, '\r', element.len) != NULL)
        return FAIL(err, ERR_INPUT, "an element that is to be signed has no signature in it");
    return 0;
}

int xml_signature_prepare(struct bytes element, enum key_kind kind, struct buf *ret,
                          struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bytes start, end;
    struct digest digest;

    if (kind >= KEY_KINDS_)
        return FAIL(err, ERR_USAGE, "documents are not signed by such keys");
    TRY(split(element, &start, &end, err));
    TRY(digest_compute(key_kind_digest(kind), element, &digest, err));
    TRY(buf_append_format(
        &out, err,
        "<SignedInfo xmlns=\"" DSIG "\"><CanonicalizationMethod " METHOD C14N
        "\"></CanonicalizationMethod><SignatureMethod " METHOD "%s\"></SignatureMethod>"
        "<Reference URI=\"\"><Transforms><Transform " METHOD DSIG "enveloped-signature\">"
        "</Transform><Transform " METHOD C14N "\"></Transform></Transforms><DigestMethod " METHOD
        "%s\"></DigestMethod><DigestValue>",
        methods[kind].signature, methods[kind].digest));
    TRY(base64_append(&out, BASE64_PADDED, digest_bytes(&digest), err));
    TRY(buf_append_text(&out, "</DigestValue></Reference></SignedInfo>", err));
    buf_move(ret, &out);
    return 0;
}

/* Of ECDSA, r and s stand beside each other (XML Signature 1.1, 6.4.3). */
static int put_signature(struct buf *out, enum key_kind kind, struct bytes signature,
                         struct err *err)
{
    CLEANUP(buf_done) struct buf raw = BUF_INIT;

    if (kind == KEY_P384) {
        TRY(ecdsa_der_to_raw(kind, signature, &raw, err));
        signature = buf_bytes(&raw);
    }
    return base64_append(out, BASE64_PADDED, signature, err);
}

static int put_file(struct buf *out, struct bytes element, struct bytes signed_info,
                    const struct xml_signed *parts, struct err *err)
{
    struct bytes start, end;

    TRY(split(element, &start, &end, err));
    TRY(buf_append_text(out, HEAD, err));
    TRY(buf_append(out, start, err));
    TRY(buf_append_text(out, BEGIN, err));
    TRY(buf_append(out, signed_info, err));
    TRY(buf_append_text(out, VALUE, err));
    TRY(put_signature(out, parts->kind, buf_bytes(&parts->signature), err));
    TRY(buf_append_text(out, VALUE_ CERT, err));
    TRY(base64_append(out, BASE64_PADDED, buf_bytes(&parts->certificate), err));
    TRY(buf_append_text(out, CERT_ END, err));
    TRY(buf_append(out, end, err));
    return buf_append_text(out, "\n", err);
}

int xml_signature_complete(struct bytes element, struct bytes signature,
                           const struct x509_cert *signer, struct buf *ret, struct err *err)
{
    CLEANUP(xml_signed_done)
    struct xml_signed parts = {.kind = pubkey_kind(x509_cert_pubkey(signer))};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct digest digest;
    int rc;

    TRY(xml_signature_prepare(element, parts.kind, &parts.signed_info, err));
    TRY(digest_compute(key_kind_digest(parts.kind), buf_bytes(&parts.signed_info), &digest, err));
    rc = pubkey_verify_kind(x509_cert_pubkey(signer), parts.kind, &digest, signature, err);
    TRY(err_prefix(err, rc, "the card's answer"));
    TRY(buf_copy(signature, &parts.signature, err));
    TRY(buf_copy(x509_cert_der(signer), &parts.certificate, err));
    TRY(put_file(&out, element, buf_bytes(&parts.signed_info), &parts, err));
    buf_move(ret, &out);
    return 0;
}

void xml_signed_done(struct xml_signed *xml)
{
    buf_done(&xml->element);
    buf_done(&xml->signed_info);
    buf_done(&xml->signature);
    buf_done(&xml->certificate);
}

static int fail_file(struct err *err)
{
    return FAIL(err, ERR_INPUT, "this is no document with a signature as they are made here");
}

/* The base64 between two marks, of which the first is behind *rest. */
static int take_base64(struct bytes *rest, const char *before, const char *after, struct buf *ret,
                       struct err *err)
{
    const uint8_t *start = find(*rest, before);
    const uint8_t *end = NULL;

    if (start != NULL) {
        start += strlen(before);
        end = find(bytes_of(start, rest->len - (size_t)(start - rest->ptr)), after);
    }
    if (end == NULL)
        return fail_file(err);
    TRY(base64_decode(BASE64_PADDED, bytes_of(start, (size_t)(end - start)), ret, err));
    *rest = bytes_of(end, rest->len - (size_t)(end - rest->ptr));
    return 0;
}

/* What stands around the signature; where that begins. */
static int take_element(struct bytes file, struct bytes *ret_inside, struct buf *ret,
                        struct err *err)
{
    const struct bytes head = BYTES_LITERAL(HEAD);
    const struct bytes body = bytes_part(file, head.len, file.len);
    const uint8_t *begin = find(body, BEGIN);
    const uint8_t *end = begin == NULL ? NULL : memrchr(body.ptr, '<', body.len);

    if (!bytes_start_with(file, head) || begin == NULL || end == NULL || end < begin ||
        body.ptr[body.len - 1] != '\n')
        return fail_file(err);
    *ret_inside = bytes_of(begin, (size_t)(end - begin));
    TRY(buf_append(ret, bytes_of(body.ptr, (size_t)(begin - body.ptr)), err));
    return buf_append(ret, bytes_of(end, body.len - 1 - (size_t)(end - body.ptr)), err);
}

/* Whether the file is what is written of these parts. */
static int check_again(struct bytes file, const struct xml_signed *xml, struct err *err)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    TRY(put_file(&again, buf_bytes(&xml->element), buf_bytes(&xml->signed_info), xml, err));
    return bytes_equal(buf_bytes(&again), file) ? 0 : fail_file(err);
}

static int read_parts(struct bytes file, struct xml_signed *xml, struct err *err)
{
    CLEANUP(buf_done) struct buf raw = BUF_INIT;
    struct bytes inside = {NULL, 0};

    TRY(take_element(file, &inside, &xml->element, err));
    xml->kind = has(inside, methods[KEY_P384].signature) ? KEY_P384 : KEY_RSA;
    TRY(xml_signature_prepare(buf_bytes(&xml->element), xml->kind, &xml->signed_info, err));
    TRY(take_base64(&inside, VALUE, VALUE_, &raw, err));
    if (xml->kind == KEY_P384)
        TRY(ecdsa_raw_to_der(buf_bytes(&raw), &xml->signature, err));
    else
        buf_move(&xml->signature, &raw);
    TRY(take_base64(&inside, CERT, CERT_, &xml->certificate, err));
    return check_again(file, xml, err);
}

int xml_signature_parse(struct bytes file, struct xml_signed *ret, struct err *err)
{
    CLEANUP(xml_signed_done) struct xml_signed xml = {.kind = KEY_RSA};
    int rc;

    if (file.len > XML_SIGNED_MAX)
        return FAIL(err, ERR_INPUT, "a signed document is at most %d bytes", XML_SIGNED_MAX);
    rc = read_parts(file, &xml, err);
    if (rc < 0)
        return rc == -ERR_NOMEM ? rc : fail_file(err);
    *ret = xml;
    xml = (struct xml_signed){.kind = KEY_RSA};
    return 0;
}
