/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A login that is answered with the card: by jpki login for whoever sits at a terminal, by jpki
 * agent for a page. In order: at, tell, card, agree by whatever means, sign, send.
 */
#pragma once

#include "holder/challenge.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

struct answer {
    struct remote *remote;
    struct challenge challenge;
    struct icc *icc;
    struct challenge_proof proof;
    struct buf text; /* for the person, made harmless; lines, the last one not ended */
    unsigned auth_left, sign_left; /* tries */
};

void answer_done(struct answer *answer);

/*
 * A login that is open, by its address: "https://HOST/v1/logins/SESSION". *ret_path is the path of
 * an address that is another one, and nothing has been asked; else NULL.
 */
MUST_CHECK int answer_at(struct answer *answer, const char *url, const char **ret_path,
                         struct err *err);
/* Who asks for what, and by which way it was reached, once the challenge is there. */
MUST_CHECK int answer_tell(struct answer *answer, struct err *err);
/* The challenge's time, the card, and its PINs' counters: all that can be refused before a PIN. */
MUST_CHECK int answer_card(struct answer *answer, const struct card_options *card,
                           const struct pin_options *pin, struct err *err);
/* The PIN, or both: typed, and wiped by secret_done each. */
struct answer_pins {
    struct secret auth, sign;
};

void answer_pins_done(struct answer_pins *pins);

/* Ask for the PIN, or both, the auth PIN first. ERR_DENIED if the person gave up. */
MUST_CHECK int answer_ask(const struct answer *answer, const struct pin_options *pin,
                          struct answer_pins *ret, struct err *err);
/* Have the card sign. */
MUST_CHECK int answer_sign(struct answer *answer, const struct pin_options *pin,
                           const struct answer_pins *pins, struct err *err);
/* Send it; code as for challenge_answer. */
MUST_CHECK int answer_send(struct answer *answer, const char *code, struct err *err);
/* Whether whoever asks opened the login as well, and gets its result. */
bool answer_is_ours(const struct answer *answer);
