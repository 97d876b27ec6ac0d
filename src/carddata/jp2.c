/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenJPEG, into memory. The whole-number wavelet: the same picture gives the same bytes on
 * machines that count fractions differently.
 */
#include "carddata/jp2.h"

#include <openjpeg.h>
#include <string.h>

enum {
    BOXES_SIZE = 512, /* more than what the JP2 file adds to the code stream */
    CHUNK_SIZE = 16384,
    BITS = 8,
};

/* A file in memory: it is also written into, where lengths are known late. */
struct sink {
    struct buf out;
    size_t at;
    struct err failure;
};

static void sink_done(struct sink *sink)
{
    buf_done(&sink->out);
}

static OPJ_SIZE_T on_bytes(void *data, OPJ_SIZE_T len, void *context)
{
    struct sink *sink = context;
    size_t known = sink->out.len - sink->at;
    size_t over = len < known ? len : known;

    if (over > 0)
        memcpy(sink->out.ptr + sink->at, data, over);
    if (buf_append(&sink->out, bytes_of((uint8_t *)data + over, len - over), &sink->failure) < 0)
        return (OPJ_SIZE_T)-1;
    sink->at += len;
    return len;
}

static OPJ_BOOL on_seek(OPJ_OFF_T offset, void *context)
{
    struct sink *sink = context;

    if (offset < 0 || (size_t)offset > sink->out.len)
        return OPJ_FALSE;
    sink->at = (size_t)offset;
    return OPJ_TRUE;
}

/* The encoder skips what it will write last: such a gap is filled. */
static OPJ_OFF_T on_skip(OPJ_OFF_T count, void *context)
{
    struct sink *sink = context;

    if (count < 0)
        return -1;
    while (sink->out.len < sink->at + (size_t)count)
        if (buf_append_byte(&sink->out, 0, &sink->failure) < 0)
            return -1;
    sink->at += (size_t)count;
    return count;
}

struct encoder {
    opj_image_t *image;
    opj_codec_t *codec;
    opj_stream_t *stream;
};

static void encoder_done(struct encoder *encoder)
{
    opj_image_destroy(encoder->image);
    opj_destroy_codec(encoder->codec);
    opj_stream_destroy(encoder->stream);
}

static opj_image_t *image_of(const struct raster *raster)
{
    opj_image_cmptparm_t component = {
        .dx = 1, .dy = 1, .w = raster->width, .h = raster->height, .prec = BITS};
    opj_image_t *image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);

    if (image == NULL)
        return NULL;
    image->x1 = raster->width;
    image->y1 = raster->height;
    for (size_t i = 0; i < (size_t)raster->width * raster->height; i++)
        image->comps[0].data[i] = raster->pixels[i];
    return image;
}

static opj_stream_t *stream_of(struct sink *sink)
{
    opj_stream_t *stream = opj_stream_create(CHUNK_SIZE, OPJ_FALSE);

    if (stream == NULL)
        return NULL;
    opj_stream_set_write_function(stream, on_bytes);
    opj_stream_set_seek_function(stream, on_seek);
    opj_stream_set_skip_function(stream, on_skip);
    opj_stream_set_user_data(stream, sink, NULL);
    return stream;
}

static bool set_up(const struct encoder *encoder, const struct raster *raster, size_t max)
{
    char comment[] = "OpenJPKI TEST";
    opj_cparameters_t parameters;

    opj_set_default_encoder_parameters(&parameters);
    parameters.tcp_numlayers = 1;
    parameters.cp_disto_alloc = 1;
    parameters.tcp_rates[0] = (float)((size_t)raster->width * raster->height) /
                              (float)(max - BOXES_SIZE);
    parameters.cp_comment = comment;
    return opj_setup_encoder(encoder->codec, &parameters, encoder->image) == OPJ_TRUE;
}

static bool encode(const struct encoder *encoder)
{
    return opj_start_compress(encoder->codec, encoder->image, encoder->stream) == OPJ_TRUE &&
           opj_encode(encoder->codec, encoder->stream) == OPJ_TRUE &&
           opj_end_compress(encoder->codec, encoder->stream) == OPJ_TRUE;
}

int jp2_write(const struct raster *raster, size_t max, struct buf *ret, struct err *err)
{
    CLEANUP(sink_done) struct sink sink = {.out = BUF_INIT};
    CLEANUP(encoder_done) struct encoder encoder = {NULL, NULL, NULL};

    encoder.image = image_of(raster);
    encoder.codec = opj_create_compress(OPJ_CODEC_JP2);
    encoder.stream = stream_of(&sink);
    if (encoder.image == NULL || encoder.codec == NULL || encoder.stream == NULL)
        return FAIL_NOMEM(err);
    if (!set_up(&encoder, raster, max) || !encode(&encoder))
        return sink.failure.kind != ERR_NONE
                   ? err_copy(err, &sink.failure)
                   : FAIL(err, ERR_SYSTEM, "the photo could not be written as JPEG 2000");
    if (sink.out.len > max)
        return FAIL(err, ERR_SYSTEM, "the photo takes %zu bytes, more than %zu", sink.out.len, max);
    buf_move(ret, &sink.out);
    return 0;
}
