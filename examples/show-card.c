/* SPDX-License-Identifier: Apache-2.0 */
/* cc show-card.c $(pkg-config --cflags --libs jpki) -o show-card: which card is in the reader? */
#include <jpki/jpki.h>

#include <stdio.h>

int main(int argc, char *argv[])
{
    struct jpki_error error;
    jpki_card *card = NULL;
    unsigned left;

    if (jpki_card_open(argc > 1 ? argv[1] : NULL, &card, &error) < 0 ||
        jpki_card_tries(card, JPKI_PIN_AUTH, &left, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        jpki_card_free(card);
        return 1;
    }
    printf("%s, %s: %u tries left\n", jpki_card_reader(card),
           jpki_card_token(card, JPKI_TOKEN_LABEL), left);
    jpki_card_free(card);
    return 0;
}
