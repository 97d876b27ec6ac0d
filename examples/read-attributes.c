/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is it? Name and address out of a card, if they are genuine.
 *
 *   cc read-attributes.c $(pkg-config --cflags --libs jpki) -o read-attributes
 *   ./read-attributes READER [CARD-ANCHORS] <PIN-FILE
 *
 * CARD-ANCHORS is for cards that are not from J-LIS: a software card's. Exits with 0 if the card
 * is genuine, else with 1 and the reasons.
 */
#include <jpki/jpki.h>

#include <stdio.h>
#include <string.h>

static int show(const jpki_record *record)
{
    enum jpki_fault fault;

    for (size_t i = 0; (fault = jpki_record_fault(record, i)) != JPKI_FAULT_NONE; i++)
        fprintf(stderr, "%s: %s\n", jpki_fault_name(fault), jpki_fault_text(fault, "en"));
    if (jpki_record_verdict(record) != JPKI_VALID)
        return 1;
    return printf("%s\n%s\n", jpki_record_text(record, JPKI_FIELD_NAME),
                  jpki_record_text(record, JPKI_FIELD_ADDRESS)) < 0;
}

int main(int argc, char *argv[])
{
    char pin[JPKI_PIN_MAX + 2] = "";
    struct jpki_opening opening = {JPKI_PIN_TEXT, {{NULL, 0}, 0}};
    struct jpki_error error = {JPKI_ERROR_USAGE, "usage: read-attributes READER [CARD-ANCHORS]"};
    jpki_anchors *anchors = NULL;
    jpki_card *card = NULL;
    jpki_record *record = NULL;
    int rc = 1;

    if (argc > 1 && fgets(pin, sizeof pin, stdin) != NULL) {
        opening.pin.text = (struct jpki_bytes){(const uint8_t *)pin, strcspn(pin, "\n")};
        rc = jpki_anchors_new(&anchors, &error);
        if (rc == 0 && argc > 2)
            rc = jpki_anchors_load(anchors, argv[2], &error);
        if (rc == 0)
            rc = jpki_card_open(argv[1], &card, &error);
        if (rc == 0)
            rc = jpki_card_read(card, JPKI_PART_ATTRIBUTES, &opening, anchors, &record, &error);
    }
    if (rc != 0)
        fprintf(stderr, "%s\n", error.text);
    rc = rc != 0 || show(record) != 0;
    jpki_record_free(record);
    jpki_card_free(card);
    jpki_anchors_free(anchors);
    return rc;
}
