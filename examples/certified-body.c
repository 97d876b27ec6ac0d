/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body that verifies on its own all day, without a platform: one verifier that is kept, several
 * threads, a directory of revocation lists that somebody fills.
 *
 *   cc -pthread certified-body.c $(pkg-config --cflags --libs jpki-verify) -o certified-body
 *   ./certified-body CAS CRLS [THREADS]
 *
 * CAS and CRLS are directories. Reads lines "DOCUMENT SIGNATURE", two paths without spaces, from
 * standard input and answers each with a line "DOCUMENT VERDICT REASON...", in the order in which
 * they are done. A line that cannot be judged is answered with "DOCUMENT error" and a sentence.
 * What is judged is now: a signature made before a revocation is invalid after it, because nothing
 * here proves when it was made.
 *
 * Lists may come, go and be replaced by rename(2) meanwhile. What a verification learns beyond the
 * verdict - who signed, when and why something was revoked - stays with the body that is certified
 * for it, and is not printed here.
 */
#include <jpki/verify.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 512, LINE_SIZE = 2 * PATH_SIZE, THREADS_MAX = 64, REMEMBERED = 10000 };

static jpki_verifier *verifier;
static pthread_mutex_t input = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

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

static void answer_report(const char *document, const jpki_report *report)
{
    enum jpki_reason reason;
    size_t i;

    pthread_mutex_lock(&output);
    printf("%s %s", document, jpki_verdict_name(jpki_report_verdict(report)));
    for (i = 0; (reason = jpki_report_reason(report, i)) != JPKI_REASON_NONE; i++)
        printf(" %s", jpki_reason_name(reason));
    printf("\n");
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

static void answer_error(const char *document, const char *text)
{
    pthread_mutex_lock(&output);
    printf("%s error %s\n", document, text);
    fflush(stdout);
    pthread_mutex_unlock(&output);
}

static void judge(const char *document, const char *signature, uint8_t *buffer)
{
    struct jpki_bytes cms = read_signature(signature, buffer);
    jpki_report *report = NULL;
    struct jpki_error error;
    int fd = open(document, O_RDONLY);

    if (fd < 0)
        answer_error(document, "the document cannot be opened");
    else if (jpki_verify_document_fd(verifier, cms, fd, (int64_t)time(NULL), &report, &error) < 0)
        answer_error(document, error.text);
    else
        answer_report(document, report);
    jpki_report_free(report);
    if (fd >= 0)
        close(fd);
}

/* The next line, for one thread alone; 0 at the end. */
static int next_line(char line[LINE_SIZE])
{
    int is_there;

    pthread_mutex_lock(&input);
    is_there = fgets(line, LINE_SIZE, stdin) != NULL;
    pthread_mutex_unlock(&input);
    return is_there;
}

static void *work(void *buffer)
{
    char line[LINE_SIZE];
    char document[PATH_SIZE];
    char signature[PATH_SIZE];

    while (next_line(line)) {
        if (sscanf(line, "%511s %511s", document, signature) == 2)
            judge(document, signature, buffer);
        else if (sscanf(line, "%511s", document) == 1)
            answer_error(document, "a line is a document and a signature");
    }
    free(buffer);
    return NULL;
}

static int serve(long count)
{
    pthread_t threads[THREADS_MAX];
    long started = 0;
    long i;

    for (; started < count; started++) {
        uint8_t *buffer = malloc((size_t)JPKI_SIGNATURE_FILE_MAX + 1);

        if (buffer == NULL || pthread_create(&threads[started], NULL, work, buffer) != 0) {
            free(buffer);
            break;
        }
    }
    for (i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started == count ? 0 : 2;
}

int main(int argc, char *argv[])
{
    long threads = argc > 3 ? strtol(argv[3], NULL, 10) : 4;
    struct jpki_error error;
    int code = 2;

    if (argc < 3 || argc > 4 || threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: certified-body CAS CRLS [THREADS]\n");
        return 2;
    }
    if (jpki_verifier_new(&verifier, &error) < 0 ||
        jpki_verifier_load_cas(verifier, argv[1], &error) < 0 ||
        jpki_verifier_set_crl_path(verifier, argv[2], &error) < 0 ||
        jpki_verifier_remember(verifier, REMEMBERED, &error) < 0)
        fprintf(stderr, "certified-body: %s\n", error.text);
    else
        code = serve(threads);
    jpki_verifier_free(verifier);
    return code;
}
