/* SPDX-License-Identifier: Apache-2.0 */
/* A card file from outside, and what is inside the seal, which no stranger can reach. */
#include "card/image.h"
#include "card/store.h"
#include "fuzz.h"

static void outside(struct bytes file)
{
    struct bytes header, sealed;

    if (store_parse(file, &header, &sealed, NULL) < 0)
        return;
    FUZZ_CHECK(header.ptr == file.ptr && header.len + sealed.len == file.len);
    FUZZ_CHECK(sealed.len == 0 || sealed.ptr == header.ptr + header.len);
}

/* What is accepted is one spelling away from what would be written, and stays the same then. */
static void inside(struct bytes body)
{
    CLEANUP(image_done) struct image image = {.serial = ""};
    CLEANUP(image_done) struct image back = {.serial = ""};
    CLEANUP(secret_done) struct secret written = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;

    if (image_read(body, &image, NULL) < 0)
        return;
    FUZZ_CHECK(image_check_serial(image.serial, NULL) == 0);
    if (image_write(&image, &written, NULL) < 0)
        return; /* too full */
    if (fuzz_failed(image_read(secret_bytes(&written), &back, NULL)) ||
        fuzz_failed(image_write(&back, &again, NULL)))
        return;
    FUZZ_CHECK(bytes_equal(secret_bytes(&written), secret_bytes(&again)));
}

FUZZ_TARGET(data, size)
{
    fuzz_start_faults();
    outside(bytes_of(data, size));
    inside(bytes_of(data, size));
    fuzz_stop_faults();
    return 0;
}
