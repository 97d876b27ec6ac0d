/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the software card. Each is tested at the limit and one past it. */
#pragma once

enum {
    CARD_SERIAL_MAX = 16,     /* characters of the serial, as EF 0006 has room for (card.md 3.1) */
    CARD_PIN_MAX = 16,        /* bytes presented to VERIFY (card.md 5) */
    CARD_RAW_INPUT_MAX = 245, /* bytes padded as they are with an RSA-2048 key (card.md 4.2) */
    CARD_CHALLENGE_MAX = 256, /* GET CHALLENGE (card.md 4.1) */
    CARD_NAME_MAX = 32,       /* bytes of the name of a kind of card */
    CARD_OPTIONS_TEXT_MAX = 1024, /* of the options in a card file */
    CARD_BIRTH_TRIES_MAX = 10,    /* of the birth date; how many real cards give is unknown */
    CARD_PSS_SALT_MAX = 222,      /* RFC 8017, 9.1.1 with RSA-2048 and SHA-256 */
    CARD_FCI_MAX = 20,            /* bytes of an FCI template: an AID and two headers */
    CARD_AID_MIN = 5,             /* bytes of an AID: a registered provider (ISO 7816-5) */

    CARD_GP_TRIES = 16,          /* wrong authentications in a row until a key set is shut */
    CARD_FREE_CAPACITY = 16384,  /* bytes of all areas of the free area together */
    CARD_FREE_AREAS_MAX = 8,     /* so that one GET STATUS tells of all */
    CARD_FREE_LABEL_MAX = 48,    /* bytes of UTF-8: what an area is called */
    CARD_FREE_OPERATOR_MAX = 96, /* who has it */
    CARD_FREE_BASIS_MAX = 240,   /* and by which law */
    CARD_INSTALL_MAX = 1024,     /* bytes of a chain of INSTALL commands */

    CARD_CERT_SIZE = 4096,    /* physical EF of a holder's certificate, filled with 00 */
    CARD_CA_CERT_SIZE = 1900, /* of a CA's (card.md 3.1: 076C) */
    CARD_UNKNOWN_SIZE = 16,   /* EFs of 16 bytes FF, and key references */
    CARD_NUMBER_SIZE = 17,    /* text 0001 to 0007 (card.md 3.2); 0002 has no known size */
    CARD_ATTRS_SIZE = 1024,
    CARD_DIGESTS_SIZE = 336,
    CARD_CVC_SIZE = 568,
    CARD_TEXT_INFO_SIZE = 256,
    CARD_SM_KEY_SIZE = 269,
    CARD_TEXT_KEY_SIZE = 536,
    CARD_AGE_SIZE = 547,    /* visual 0001 to 0005 (card.md 3.3); only that of 0004 is known */
    CARD_FACE_SIZE = 24576, /* all of it can be reached with the 15 bits of an offset */
    CARD_VISUAL_INFO_SIZE = 320,
    CARD_VISUAL_NUMBER_SIZE = 2048,
    CARD_RECORDS_SIZE = 256, /* of a file of records, with their headers */
    CARD_OBJECT_SIZE = 2048, /* of GET DATA: some need an extended Le (card.md 1.2) */

    CARD_BODY_MAX = 262144, /* bytes of the card file without header and seal */
    OWNCA_FILE_MAX = 65536, /* bytes of the file of an own CA */

    FRAME_MAX = 65535,       /* bytes of a message: its length has 16 bits (realclients.md 1.3) */
    DIRECT_CLIENTS_MAX = 16, /* sessions on the direct socket; one more is closed at once */
    DIRECT_WAIT_MS = 30 * 1000,      /* a client waits so long for its turn, then it is closed */
    DIRECT_IDLE_MS = 10 * 60 * 1000, /* a client that says nothing so long loses the card */
    PCSC_CLIENTS_MAX = 64,     /* connections to the PC/SC socket; one more is closed at once */
    PCSC_TRACE_MAX = 1 << 20,  /* bytes of a trace that wait for its reader; more is left out */
    PCSC_LINGER_MS = 5 * 1000, /* powered without a handle, as under pcscd (realclients.md 1.1) */
    SLOT_LATENCY_MAX_MS = 60 * 1000, /* that may be asked for as a trouble */
    VPCD_RETRY_FIRST_MS = 100,       /* until the second attempt to connect; then doubled */
    VPCD_RETRY_LAST_MS = 3000,       /* up to this */
};
