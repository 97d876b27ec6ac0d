/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/feed_draft.h"

#include "revocation/feed_body.h"

void feed_draft_done(struct feed_draft *draft)
{
    buf_done(&draft->head);
    buf_done(&draft->body);
}

/* The head around a body that is there; from is NULL for a snapshot. */
static int build_head(const struct feed_frame *frame, const struct feed_point *from,
                      const struct feed_point *to, struct feed_draft *draft, struct err *err)
{
    struct digest body;
    struct feed_head head = {
        .is_delta = from != NULL,
        .algorithm = frame->algorithm,
        .edition = frame->edition,
        .ca_key_id = frame->ca_key_id,
        .signer_key_id = frame->signer_key_id,
        .this_update = frame->this_update,
        .next_update = frame->next_update,
        .body_size = draft->body.len,
    };

    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&draft->body), &body, err));
    if (from != NULL)
        head.from = *from;
    head.to = *to;
    head.body_digest = digest_bytes(&body);
    return feed_head_build(&head, &draft->head, err);
}

int feed_draft_snapshot(const struct feed_frame *frame, const struct feed_state *state,
                        struct feed_draft *ret, struct err *err)
{
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};
    struct feed_point to = {.number = state->number};
    struct digest digest;

    TRY(feed_write_snapshot(state, &draft.body, err));
    TRY(feed_state_digest(state, frame->ca_key_id, &digest, err));
    to.digest = digest_bytes(&digest);
    TRY(build_head(frame, NULL, &to, &draft, err));
    *ret = draft;
    draft = (struct feed_draft){BUF_INIT, BUF_INIT};
    return 0;
}

int feed_draft_delta(const struct feed_frame *frame, const struct feed_step *step,
                     struct feed_draft *ret, struct err *err)
{
    CLEANUP(feed_draft_done) struct feed_draft draft = {BUF_INIT, BUF_INIT};

    TRY(feed_write_delta(step->change, &draft.body, err));
    TRY(build_head(frame, &step->from, &step->to, &draft, err));
    *ret = draft;
    draft = (struct feed_draft){BUF_INIT, BUF_INIT};
    return 0;
}
