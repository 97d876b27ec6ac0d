/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body that verifies on its own, without a platform: the CAs it trusts, the revocation lists it
 * was given, and a document with its signature.
 *
 *   cc verify-document.c $(pkg-config --cflags --libs jpki-verify) -o verify-document
 *   ./verify-document CAS CRLS DOCUMENT SIGNATURE [TIME]
 *
 * CAS and CRLS are directories, TIME is in seconds since 1970 (default: now). Prints the verdict,
 * the reasons in Japanese and English, and who signed. Exits with 0 if it is valid, 1 if it is
 * invalid, 7 if it is indeterminate, 2 if nothing could be verified.
 */
#include <jpki/verify.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int complain(const struct jpki_error *error)
{
    fprintf(stderr, "verify-document: %s\n", error->text);
    return 2;
}

/* The signature file, as much of it as the library takes and a byte more. */
static struct jpki_bytes read_signature(const char *path, uint8_t *buffer)
{
    struct jpki_bytes bytes = {buffer, 0};
    FILE *file = fopen(path, "rb");

    if (file != NULL) {
        bytes.size = fread(buffer, 1, (size_t)JPKI_SIGNATURE_FILE_MAX + 1, file);
        fclose(file);
    }
    return bytes;
}

static int tell(const jpki_report *report)
{
    static const struct {
        enum jpki_attribute attribute;
        const char *label;
    } rows[] = {
        {JPKI_NAME, "氏名"}, {JPKI_ADDRESS, "住所"}, {JPKI_BIRTH, "生年月日"}, {JPKI_SEX, "性別"}};
    enum jpki_reason reason;
    size_t i;

    printf("%s\n", jpki_verdict_name(jpki_report_verdict(report)));
    for (i = 0; (reason = jpki_report_reason(report, i)) != JPKI_REASON_NONE; i++)
        printf("%s: %s (%s)\n", jpki_reason_name(reason), jpki_reason_text(reason, "ja"),
               jpki_reason_text(reason, "en"));
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *value = jpki_report_attribute(report, rows[i].attribute);

        if (value != NULL)
            printf("%s: %s\n", rows[i].label, value);
    }
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
    uint8_t *buffer = malloc((size_t)JPKI_SIGNATURE_FILE_MAX + 1);
    int document = open(argv[3], O_RDONLY);
    jpki_report *report = NULL;
    struct jpki_error error;
    int code = 2;

    if (buffer == NULL || document < 0)
        perror(argv[3]);
    else if (jpki_verify_document_fd(verifier, read_signature(argv[4], buffer), document, at,
                                     &report, &error) < 0)
        code = complain(&error);
    else
        code = tell(report);
    jpki_report_free(report);
    if (document >= 0)
        close(document);
    free(buffer);
    return code;
}

int main(int argc, char *argv[])
{
    jpki_verifier *verifier = NULL;
    struct jpki_error error;
    int code;

    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: verify-document CAS CRLS DOCUMENT SIGNATURE [TIME]\n");
        return 2;
    }
    if (jpki_verifier_new(&verifier, &error) < 0 ||
        jpki_verifier_load_cas(verifier, argv[1], &error) < 0 ||
        jpki_verifier_set_crl_path(verifier, argv[2], &error) < 0)
        code = complain(&error);
    else
        code = verify(verifier, argv, argc > 5 ? strtoll(argv[5], NULL, 10) : (int64_t)time(NULL));
    jpki_verifier_free(verifier);
    return code;
}
