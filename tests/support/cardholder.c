/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cardholder.h"

#include "carddata/image_photo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

int test_cardholder_sign(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                         struct bytes tbs, struct buf *ret_signature, struct err *err)
{
    const struct test_cardholder *made = context;
    CLEANUP(buf_done) struct buf padded = BUF_INIT;

    TRY(carddata_digestinfo(kind, tbs, &padded, err));
    return privkey_sign_raw(made->issuers[applet], buf_bytes(&padded), ret_signature, err);
}

static void make_applet(struct test_cardholder *made, enum carddata_applet applet)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(privkey_generate(2048, &made->roots[applet], NULL), 0);
    assert_int_equal(privkey_generate(2048, &made->issuers[applet], NULL), 0);
    assert_int_equal(privkey_generate(2048, &made->keys[applet], NULL), 0);
    assert_int_equal(privkey_spki(made->keys[applet], &made->spkis[applet], NULL), 0);
    assert_int_equal(privkey_spki(made->issuers[applet], &issuer, NULL), 0);
    assert_int_equal(cvc_build_body(cvc_root_id(applet), cvc_subject_id(applet), buf_bytes(&issuer),
                                    &body, NULL),
                     0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&body), &digest, NULL), 0);
    assert_int_equal(privkey_sign(made->roots[applet], &digest, &signature, NULL), 0);
    assert_int_equal(
        cvc_assemble(buf_bytes(&body), buf_bytes(&signature), &made->cvcs[applet], NULL), 0);
}

void test_cardholder_make(struct test_cardholder *made)
{
    *made = (struct test_cardholder){.font = NULL};
    for (unsigned i = 0; i < CARDDATA_APPLETS_; i++)
        make_applet(made, (enum carddata_applet)i);
    assert_int_equal(font_open(NULL, &made->font, NULL), 0);
    assert_int_equal(image_photo_draw(made->font, bytes_text("hanako"), &made->photo, NULL), 0);
    made->holder = (struct cardholder){
        .name = bytes_text("番号　花子"),
        .address = bytes_text("東京都千代田区見本町一丁目２番３号"),
        .birth = {1990, 4, 15},
        .sex = CARDHOLDER_FEMALE,
        .mynumber = bytes_text("123456789018"),
        .expiry = {2035, 4, 15},
        .security_code = bytes_text("2285"),
        .municipality = bytes_text("13101"),
        .manufacture_number = bytes_text("900000000000018"),
        .photo = buf_bytes(&made->photo),
    };
    made->issue = (struct carddata_issue){
        .holder = &made->holder,
        .text_key = buf_bytes(&made->spkis[CARDDATA_TEXT]),
        .visual_key = buf_bytes(&made->spkis[CARDDATA_VISUAL]),
        .text_cvc = buf_bytes(&made->cvcs[CARDDATA_TEXT]),
        .visual_cvc = buf_bytes(&made->cvcs[CARDDATA_VISUAL]),
        .font = made->font,
        .sign = test_cardholder_sign,
        .context = made,
    };
}

void test_cardholder_done(struct test_cardholder *made)
{
    for (unsigned i = 0; i < CARDDATA_APPLETS_; i++) {
        privkey_freep(&made->roots[i]);
        privkey_freep(&made->issuers[i]);
        privkey_freep(&made->keys[i]);
        buf_done(&made->spkis[i]);
        buf_done(&made->cvcs[i]);
    }
    buf_done(&made->photo);
    font_freep(&made->font);
}
