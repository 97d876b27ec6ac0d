/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has a card sign something with its auth key, as a login does.
 *
 *   cc sign-with-card.c $(pkg-config --cflags --libs jpki) -o sign-with-card
 *   openssl dgst -sha256 -binary FILE | ./sign-with-card CERTIFICATE SIGNATURE 3<PIN-FILE
 *   openssl x509 -inform DER -in CERTIFICATE -pubkey -noout >KEY
 *   openssl dgst -sha256 -verify KEY -signature SIGNATURE FILE
 *
 * The PIN comes on file descriptor 3: an argument or a variable of the environment would be seen
 * by others. Exits with 0, or with 1 and a sentence.
 */
#include <jpki/jpki.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int save(const char *path, const jpki_data *data)
{
    struct jpki_bytes bytes = jpki_data_bytes(data);
    FILE *file = fopen(path, "wb");
    int is_written = file != NULL && fwrite(bytes.data, 1, bytes.size, file) == bytes.size;

    if (file != NULL && fclose(file) != 0)
        is_written = 0;
    if (!is_written)
        perror(path);
    return is_written ? 0 : -1;
}

/* One line, without its end. */
static size_t read_pin(uint8_t *pin, size_t size)
{
    ssize_t got = read(3, pin, size);
    uint8_t *end = got > 0 ? memchr(pin, '\n', (size_t)got) : NULL;

    return end != NULL ? (size_t)(end - pin) : got > 0 ? (size_t)got : 0;
}

static int run(jpki_card *card, char *argv[], struct jpki_error *error)
{
    uint8_t digest[32], text[JPKI_PIN_MAX + 1];
    struct jpki_digest hash = {JPKI_SHA256, {digest, fread(digest, 1, sizeof digest, stdin)}};
    struct jpki_pin pin = {{text, read_pin(text, sizeof text)}, 0};
    jpki_data *certificate = NULL, *signature = NULL;
    int rc = jpki_card_sign(card, JPKI_USE_AUTH, &hash, &pin, &signature, error);

    if (rc == 0)
        rc = jpki_card_certificate(card, JPKI_CERTIFICATE_AUTH, &pin, &certificate, error);
    if (rc < 0)
        fprintf(stderr, "%s\n", error->text);
    else
        rc = save(argv[1], certificate) < 0 || save(argv[2], signature) < 0 ? -1 : 0;
    jpki_data_free(certificate);
    jpki_data_free(signature);
    return rc;
}

int main(int argc, char *argv[])
{
    struct jpki_error error;
    jpki_card *card = NULL;
    int rc = 1;

    if (argc < 3 || argc > 4)
        fprintf(stderr, "usage: sign-with-card CERTIFICATE SIGNATURE [READER] <DIGEST 3<PIN\n");
    else if (jpki_card_open(argc > 3 ? argv[3] : NULL, &card, &error) < 0)
        fprintf(stderr, "%s\n", error.text);
    else
        rc = run(card, argv, &error) < 0;
    jpki_card_free(card);
    return rc;
}
