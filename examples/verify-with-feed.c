/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body that verifies on its own and follows the revocation feed: the CA it trusts, the items of
 * the feed that it has fetched, and a document with its signature.
 *
 *   cc verify-with-feed.c $(pkg-config --cflags --libs jpki-verify) -o verify-with-feed
 *   ./verify-with-feed CA FEED DOCUMENT SIGNATURE [TIME]
 *
 * CA is the certificate of a CA, FEED a directory with *.feed or one such file, TIME is in seconds
 * since 1970 (default: now). Prints where the feed stands, the verdict and the reasons. Exits with
 * 0 if it is valid, 1 if it is invalid, 7 if it is indeterminate, 2 if nothing could be verified.
 */
#include <jpki/verify.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int complain(const struct jpki_error *error)
{
    fprintf(stderr, "verify-with-feed: %s\n", error->text);
    return 2;
}

/* A whole file; data is NULL if it cannot be read, or is too large. */
static struct jpki_bytes read_file(const char *path, size_t limit)
{
    struct jpki_bytes bytes = {NULL, 0};
    uint8_t *buffer = malloc(limit + 1);
    FILE *file = fopen(path, "rb");

    if (file != NULL && buffer != NULL) {
        bytes.size = fread(buffer, 1, limit + 1, file);
        bytes.data = bytes.size <= limit ? buffer : NULL;
    }
    if (file != NULL)
        fclose(file);
    if (bytes.data == NULL) {
        fprintf(stderr, "verify-with-feed: %s cannot be read\n", path);
        free(buffer);
    }
    return bytes;
}

static int tell(const jpki_report *report)
{
    enum jpki_reason reason;

    printf("%s\n", jpki_verdict_name(jpki_report_verdict(report)));
    for (size_t i = 0; (reason = jpki_report_reason(report, i)) != JPKI_REASON_NONE; i++)
        printf("%s: %s\n", jpki_reason_name(reason), jpki_reason_text(reason, "en"));
    switch (jpki_report_verdict(report)) {
    case JPKI_VALID:
        return 0;
    case JPKI_INVALID:
        return 1;
    case JPKI_INDETERMINATE:
        break;
    }
    return 7;
}

static int verify(const jpki_verifier *verifier, char *argv[], int64_t at)
{
    enum { DOCUMENT_MAX = 1 << 24 };
    struct jpki_bytes document = read_file(argv[3], DOCUMENT_MAX);
    struct jpki_bytes signature = read_file(argv[4], JPKI_SIGNATURE_FILE_MAX);
    jpki_report *report = NULL;
    struct jpki_error error;
    int code = 2;

    if (document.data != NULL && signature.data != NULL)
        code = jpki_verify_document(verifier, signature, document, at, &report, &error) < 0
                   ? complain(&error)
                   : tell(report);
    jpki_report_free(report);
    free((void *)document.data);
    free((void *)signature.data);
    return code;
}

int main(int argc, char *argv[])
{
    jpki_verifier *verifier = NULL;
    jpki_feed *feed = NULL;
    struct jpki_bytes ca = {NULL, 0};
    struct jpki_error error;
    int64_t at;
    int code = 2;

    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: verify-with-feed CA FEED DOCUMENT SIGNATURE [TIME]\n");
        return 2;
    }
    at = argc > 5 ? strtoll(argv[5], NULL, 10) : (int64_t)time(NULL);
    ca = read_file(argv[1], JPKI_CA_FILE_MAX);
    if (ca.data != NULL) {
        if (jpki_verifier_new(&verifier, &error) < 0 ||
            jpki_verifier_add_ca(verifier, ca, &error) < 0 ||
            jpki_feed_new(ca, &feed, &error) < 0 ||
            jpki_feed_load(feed, argv[2], at, NULL, &error) < 0 ||
            jpki_verifier_add_feed(verifier, feed, &error) < 0) {
            code = complain(&error);
        } else {
            printf("edition %lu, %llu revocations and releases\n",
                   (unsigned long)jpki_feed_edition(feed),
                   (unsigned long long)jpki_feed_number(feed));
            code = verify(verifier, argv, at);
        }
    }
    jpki_verifier_free(verifier);
    jpki_feed_free(feed);
    free((void *)ca.data);
    return code;
}
