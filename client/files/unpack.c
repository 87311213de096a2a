#include "files/unpack.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "util/util.h"

/* What the output buffer begins with; most modules fit, and it doubles from there. */
#define OUTPUT_MIN_SIZE ((size_t)1 << 20)

/* For inflateInit2(): the largest window, and a gzip header and trailer around the data. */
#define GZIP_WINDOW_BITS (15 + 16)

/* What a stream may make xz allocate. `xz -9` needs 65 MiB; kernel modules are made with far less. */
#define XZ_MAX_MEMORY ((uint64_t)256 << 20)

/* Frames that begin with 0x184D2A50 to 0x184D2A5F hold no data; pzstd writes one first. */
#define ZSTD_SKIPPABLE_MASK 0xfffffff0U

struct stream {
        const uint8_t *data; /* compressed */
        size_t size;
        size_t position; /* bytes of `data` that are decoded */
        uint8_t *out;
        size_t out_size;
        size_t out_room; /* bytes allocated */
        size_t out_max;
};

static int stream_error(const struct stream *stream, enum files_error_reason reason, const char *problem,
                        const char *detail, struct files_error *error)
{
        return files_error_set(error, reason, FILES_PLACE_FILE, stream->position, "%s%s%s", problem,
                               detail ? ": " : "", detail ? detail : "");
}

static int check_output(const struct stream *stream, struct files_error *error)
{
        if (stream->out_size <= stream->out_max)
                return 0;
        return files_error_set(error, FILES_ERROR_TOO_LARGE, FILES_PLACE_FILE, stream->position,
                               "decompresses to more than %zu bytes", stream->out_max);
}

/*
 * Makes room for at least one more byte of output. One byte beyond the bound is let in, as only then it is known that
 * there are too many.
 */
static int reserve(struct stream *stream, struct files_error *error)
{
        size_t room = stream->out_room ? stream->out_room * 2 : OUTPUT_MIN_SIZE;
        uint8_t *out;
        int r;

        r = check_output(stream, error);
        if (r != 0 || stream->out_size < stream->out_room)
                return r;
        if (room > stream->out_max + 1)
                room = stream->out_max + 1;
        out = realloc(stream->out, room);
        if (!out)
                return -ENOMEM;
        stream->out = out;
        stream->out_room = room;
        return 0;
}

static int gzip_error(const struct stream *stream, int result, const char *detail, struct files_error *error)
{
        if (result == Z_MEM_ERROR)
                return -ENOMEM;
        if (result == Z_BUF_ERROR)
                return stream_error(stream, FILES_ERROR_TRUNCATED, "the gzip data ends too early", NULL,
                                    error);
        return stream_error(stream, FILES_ERROR_BAD_STREAM, "broken gzip data", detail, error);
}

/* zlib counts in `unsigned int`. */
static unsigned int zlib_count(size_t n)
{
        return n < UINT_MAX ? (unsigned int)n : UINT_MAX;
}

static int decode_gzip(struct stream *stream, struct files_error *error)
{
        z_stream z = {0};
        int result, r = 0;

        if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
                return -ENOMEM;
        do {
                r = reserve(stream, error);
                if (r != 0)
                        break;
                z.next_in = stream->data + stream->position;
                z.avail_in = zlib_count(stream->size - stream->position);
                z.next_out = stream->out + stream->out_size;
                z.avail_out = zlib_count(stream->out_room - stream->out_size);
                result = inflate(&z, Z_NO_FLUSH);
                stream->position = (size_t)(z.next_in - stream->data);
                stream->out_size = (size_t)(z.next_out - stream->out);
                if (result != Z_OK && result != Z_STREAM_END)
                        r = gzip_error(stream, result, z.msg, error);
        } while (r == 0 && result == Z_OK);
        inflateEnd(&z);
        return r;
}

static int xz_error(const struct stream *stream, lzma_ret result, struct files_error *error)
{
        if (result == LZMA_MEM_ERROR)
                return -ENOMEM;
        if (result == LZMA_BUF_ERROR)
                return stream_error(stream, FILES_ERROR_TRUNCATED, "the xz data ends too early", NULL, error);
        if (result == LZMA_MEMLIMIT_ERROR)
                return files_error_set(error, FILES_ERROR_TOO_LARGE, FILES_PLACE_FILE, stream->position,
                                       "the xz data needs a dictionary of more than %" PRIu64 " bytes",
                                       XZ_MAX_MEMORY);
        return stream_error(stream, FILES_ERROR_BAD_STREAM, "broken xz data",
                            result == LZMA_OPTIONS_ERROR ? "it uses an unknown feature" : NULL, error);
}

static int decode_xz(struct stream *stream, struct files_error *error)
{
        lzma_stream xz = LZMA_STREAM_INIT;
        lzma_ret result;
        int r = 0;

        if (lzma_stream_decoder(&xz, XZ_MAX_MEMORY, /* flags= */ 0) != LZMA_OK)
                return -ENOMEM;
        do {
                r = reserve(stream, error);
                if (r != 0)
                        break;
                xz.next_in = stream->data + stream->position;
                xz.avail_in = stream->size - stream->position;
                xz.next_out = stream->out + stream->out_size;
                xz.avail_out = stream->out_room - stream->out_size;
                result = lzma_code(&xz, LZMA_FINISH);
                stream->position = (size_t)(xz.next_in - stream->data);
                stream->out_size = (size_t)(xz.next_out - stream->out);
                if (result != LZMA_OK && result != LZMA_STREAM_END)
                        r = xz_error(stream, result, error);
        } while (r == 0 && result == LZMA_OK);
        lzma_end(&xz);
        return r;
}

static int decode_zstd(struct stream *stream, struct files_error *error)
{
        ZSTD_DCtx *context = ZSTD_createDCtx();
        size_t result = 1;
        int r = 0;

        if (!context)
                return -ENOMEM;
        while (r == 0 && result != 0) {
                ZSTD_inBuffer in = {.src = stream->data, .size = stream->size, .pos = stream->position};
                ZSTD_outBuffer out;

                r = reserve(stream, error);
                if (r != 0)
                        break;
                out = (ZSTD_outBuffer){.dst = stream->out, .size = stream->out_room, .pos = stream->out_size};
                result = ZSTD_decompressStream(context, &out, &in);
                stream->position = in.pos;
                stream->out_size = out.pos;
                if (ZSTD_isError(result))
                        r = stream_error(stream, FILES_ERROR_BAD_STREAM, "broken zstd data",
                                         ZSTD_getErrorName(result), error);
                else if (result > 0 && in.pos == in.size && out.pos < out.size)
                        r = stream_error(stream, FILES_ERROR_TRUNCATED, "the zstd data ends too early", NULL,
                                         error);
        }
        ZSTD_freeDCtx(context);
        return r;
}

static bool begins_with(const uint8_t *data, size_t size, const char *magic, size_t length)
{
        return size >= length && memcmp(data, magic, length) == 0;
}

static bool is_zstd(const uint8_t *data, size_t size)
{
        uint32_t magic;

        if (size < sizeof(magic))
                return false;
        magic = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
        return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

enum files_packing files_packing_of(const uint8_t *data, size_t size)
{
        static const char gzip[] = {'\x1f', '\x8b'};
        static const char xz[] = {'\xfd', '7', 'z', 'X', 'Z', '\0'};

        if (begins_with(data, size, gzip, sizeof(gzip)))
                return FILES_PACKING_GZIP;
        if (begins_with(data, size, xz, sizeof(xz)))
                return FILES_PACKING_XZ;
        return is_zstd(data, size) ? FILES_PACKING_ZSTD : FILES_PACKING_NONE;
}

static int decode_member(struct stream *stream, enum files_packing packing, struct files_error *error)
{
        switch (packing) {
        case FILES_PACKING_NONE:
                return -EINVAL;
        case FILES_PACKING_GZIP:
                return decode_gzip(stream, error);
        case FILES_PACKING_XZ:
                return decode_xz(stream, error);
        case FILES_PACKING_ZSTD:
                return decode_zstd(stream, error);
        }
        return -EINVAL;
}

static void skip_padding(struct stream *stream, enum files_packing packing)
{
        size_t unit = packing == FILES_PACKING_XZ ? 4 : packing == FILES_PACKING_GZIP ? 1 : 0;

        while (unit > 0 &&
               begins_with(stream->data + stream->position, stream->size - stream->position, "\0\0\0", unit))
                stream->position += unit;
}

static int decode(struct stream *stream, enum files_packing packing, struct files_error *error)
{
        int r = 0;

        while (r == 0 && stream->position < stream->size) {
                const uint8_t *next = stream->data + stream->position;

                if (files_packing_of(next, stream->size - stream->position) != packing)
                        return files_error_set(
                                error, FILES_ERROR_TRAILING_BYTES, FILES_PLACE_FILE, stream->position,
                                "%zu bytes follow the compressed data, the first of them 0x%02x",
                                stream->size - stream->position, next[0]);
                r = decode_member(stream, packing, error);
                if (r == 0)
                        r = check_output(stream, error);
                if (r == 0)
                        skip_padding(stream, packing);
        }
        return r;
}

int files_unpack(uint8_t **ret_data, size_t *ret_size, const uint8_t *data, size_t size,
                 enum files_packing packing, size_t max_size, struct files_error *ret_error)
{
        struct stream stream = {.data = data, .size = size, .out_max = max_size};
        uint8_t *cut;
        int r;

        r = decode(&stream, packing, ret_error);
        if (r != 0) {
                free(stream.out);
                return r;
        }
        cut = realloc(stream.out, stream.out_size > 0 ? stream.out_size : 1);
        *ret_data = cut ? cut : stream.out;
        *ret_size = stream.out_size;
        return 0;
}
