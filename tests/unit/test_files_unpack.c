/*
 * Compressed files: several members are one text, and what is cut, damaged, followed by something else, or too large is
 * refused at the byte where that shows.
 */
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "files/files.h"
#include "support/fixture.h"
#include "support/unit.h"

#define MAX_UNPACKED ((size_t)4 << 20)

static const enum files_packing packings[] = {FILES_PACKING_GZIP, FILES_PACKING_XZ, FILES_PACKING_ZSTD};

static void append(struct btf_image *image, const void *data, size_t size)
{
        image->data = realloc(image->data, image->size + size + 1);
        assert_non_null(image->data);
        memcpy(image->data + image->size, data, size);
        image->size += size;
}

static size_t pack_gzip(uint8_t *out, size_t room, const uint8_t *data, size_t size)
{
        z_stream z = {0};

        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (uint8_t *)(uintptr_t)data;
        z.avail_in = (unsigned int)size;
        z.next_out = out;
        z.avail_out = (unsigned int)room;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        deflateEnd(&z);
        return z.total_out;
}

static size_t pack_xz(uint8_t *out, size_t room, const uint8_t *data, size_t size)
{
        size_t length = 0;

        assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, data, size, out, &length, room),
                         LZMA_OK);
        return length;
}

static size_t pack_zstd(uint8_t *out, size_t room, const uint8_t *data, size_t size)
{
        ZSTD_CCtx *context = ZSTD_createCCtx();
        size_t length;

        assert_non_null(context);
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
        length = ZSTD_compress2(context, out, room, data, size);
        assert_false(ZSTD_isError(length));
        ZSTD_freeCCtx(context);
        return length;
}

/* Appends one member. */
static void pack(struct btf_image *image, enum files_packing packing, const uint8_t *data, size_t size)
{
        size_t room = size + size / 2 + 1024, length = 0;
        uint8_t *out = malloc(room);

        assert_non_null(out);
        switch (packing) {
        case FILES_PACKING_NONE:
                break;
        case FILES_PACKING_GZIP:
                length = pack_gzip(out, room, data, size);
                break;
        case FILES_PACKING_XZ:
                length = pack_xz(out, room, data, size);
                break;
        case FILES_PACKING_ZSTD:
                length = pack_zstd(out, room, data, size);
                break;
        }
        append(image, out, length);
        free(out);
}

static struct btf_image build_btf(void)
{
        struct btf_builder *b = btf_builder_new();

        fixture_every_kind(b);
        return btf_builder_steal(b);
}

/* From a copy of the exact length, so that AddressSanitizer sees a read beyond it. */
static int read_bytes(const uint8_t *data, size_t size, size_t max, struct files_btf *file,
                      struct files_error *error)
{
        uint8_t *copy = malloc(size > 0 ? size : 1);
        int r;

        assert_non_null(copy);
        memcpy(copy, data, size);
        r = files_read_bytes(file, copy, size, max, error);
        free(copy);
        return r;
}

static void accept(const struct btf_image *packed, const struct btf_image *expected,
                   enum files_packing packing)
{
        struct files_error error = {0};
        struct files_btf file;

        if (read_bytes(packed->data, packed->size, MAX_UNPACKED, &file, &error) != 0)
                fail_msg("%s", error.message);
        assert_int_equal(file.size, expected->size);
        assert_memory_equal(file.data, expected->data, expected->size);
        assert_int_equal(file.packing, packing);
        assert_int_equal(files_btf_place(&file), FILES_PLACE_UNPACKED);
        files_btf_deinit(&file);
}

static void refuse(const struct btf_image *packed, size_t max, enum files_error_reason reason,
                   enum files_place place, uint64_t offset)
{
        struct files_error error = {0};
        struct files_btf file;
        int r = read_bytes(packed->data, packed->size, max, &file, &error);

        if (r != 1 || error.reason != reason || error.place != place || error.offset != offset)
                fail_msg("result %d, %s at %llu (%s), expected %s at %llu", r,
                         files_error_reason_name(error.reason), (unsigned long long)error.offset,
                         error.message, files_error_reason_name(reason), (unsigned long long)offset);
}

static void members_follow_one_another(void **state)
{
        struct btf_image btf = build_btf();

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                for (size_t half = 0; half < btf.size; half += 100) {
                        struct btf_image packed = {0};

                        pack(&packed, packings[i], btf.data, half);
                        pack(&packed, packings[i], btf.data + half, btf.size - half);
                        accept(&packed, &btf, packings[i]);
                        btf_image_free(&packed);
                }
        }
        btf_image_free(&btf);
}

/* As pzstd writes it: a frame that holds no data may stand anywhere, first as well. */
static void zstd_may_have_frames_without_data(void **state)
{
        static const uint8_t frame[] = {0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'p', 'z', 's'};
        struct btf_image btf = build_btf(), packed = {0};

        (void)state;
        append(&packed, frame, sizeof(frame));
        pack(&packed, FILES_PACKING_ZSTD, btf.data, btf.size);
        append(&packed, frame, sizeof(frame));
        accept(&packed, &btf, FILES_PACKING_ZSTD);
        btf_image_free(&packed);
        btf_image_free(&btf);
}

/* xz files may be filled up with NULs in fours, gzip files with any number, zstd files not at all. */
static void padding_is_the_formats(void **state)
{
        static const uint8_t zeros[8];
        struct btf_image btf = build_btf();

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                for (size_t n = 1; n <= sizeof(zeros); n++) {
                        struct btf_image packed = {0};
                        size_t end;

                        pack(&packed, packings[i], btf.data, btf.size);
                        end = packed.size;
                        append(&packed, zeros, n);
                        if (packings[i] == FILES_PACKING_GZIP ||
                            (packings[i] == FILES_PACKING_XZ && n % 4 == 0))
                                accept(&packed, &btf, packings[i]);
                        else
                                refuse(&packed, MAX_UNPACKED, FILES_ERROR_TRAILING_BYTES, FILES_PLACE_FILE,
                                       packings[i] == FILES_PACKING_XZ ? end + n / 4 * 4 : end);
                        btf_image_free(&packed);
                }
        }
        btf_image_free(&btf);
}

static void what_follows_is_refused_where_it_begins(void **state)
{
        struct btf_image btf = build_btf();

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                struct btf_image packed = {0};
                size_t end;

                pack(&packed, packings[i], btf.data, btf.size);
                end = packed.size;
                append(&packed, "x", 1);
                refuse(&packed, MAX_UNPACKED, FILES_ERROR_TRAILING_BYTES, FILES_PLACE_FILE, end);
                /* Another format's member is no continuation either. */
                packed.size--;
                pack(&packed, packings[(i + 1) % ARRAY_LENGTH(packings)], btf.data, btf.size);
                refuse(&packed, MAX_UNPACKED, FILES_ERROR_TRAILING_BYTES, FILES_PLACE_FILE, end);
                btf_image_free(&packed);
        }
        btf_image_free(&btf);
}

static void no_file_that_was_cut_is_taken(void **state)
{
        struct btf_image btf = build_btf();

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                struct btf_image packed = {0};
                size_t first_end;

                pack(&packed, packings[i], btf.data, btf.size / 2);
                first_end = packed.size;
                pack(&packed, packings[i], btf.data + btf.size / 2, btf.size - btf.size / 2);
                for (size_t size = 6 /* a whole magic number */; size < packed.size; size++) {
                        struct files_error error = {0};
                        struct files_btf file;
                        int r = read_bytes(packed.data, size, MAX_UNPACKED, &file, &error);

                        /* Half of it is whole as far as the format can tell. */
                        if (size == first_end) {
                                assert_int_equal(r, 0);
                                files_btf_deinit(&file);
                                continue;
                        }
                        assert_int_equal(r, 1);
                        assert_true(error.offset <= size);
                        if (size > first_end && size < first_end + 6)
                                continue; /* a magic number that was cut is anything */
                        if (error.reason != FILES_ERROR_TRUNCATED)
                                fail_msg("%s for the first %zu of %zu bytes",
                                         files_error_reason_name(error.reason), size, packed.size);
                }
                btf_image_free(&packed);
        }
        btf_image_free(&btf);
}

/* Each format has a checksum: what is taken is what was packed. */
static void no_damage_goes_unseen(void **state)
{
        static const uint8_t masks[] = {0x01, 0x20, 0xff};
        struct btf_image btf = build_btf();

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                struct btf_image packed = {0};
                size_t n_refused = 0;

                pack(&packed, packings[i], btf.data, btf.size);
                for (size_t at = 0; at < packed.size; at++) {
                        for (size_t j = 0; j < ARRAY_LENGTH(masks); j++) {
                                struct files_error error = {0};
                                struct files_btf file;

                                packed.data[at] ^= masks[j];
                                if (read_bytes(packed.data, packed.size, MAX_UNPACKED, &file, &error) == 0) {
                                        assert_int_equal(file.size, btf.size);
                                        assert_memory_equal(file.data, btf.data, btf.size);
                                        files_btf_deinit(&file);
                                } else {
                                        assert_true(error.offset <= packed.size);
                                        n_refused++;
                                }
                                packed.data[at] ^= masks[j];
                        }
                }
                assert_true(n_refused > packed.size);
                btf_image_free(&packed);
        }
        btf_image_free(&btf);
}

/* Nothing is kept of what decompresses to more than was allowed, by a byte or by much, in one member or in many. */
static void what_becomes_too_large_is_refused(void **state)
{
        struct btf_image btf = build_btf();
        size_t large = (size_t)16 << 20;
        uint8_t *zeros = calloc(1, large);

        (void)state;
        assert_non_null(zeros);
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                struct btf_image packed = {0};
                struct files_error error = {0};
                struct files_btf file;

                pack(&packed, packings[i], btf.data, btf.size);
                assert_int_equal(read_bytes(packed.data, packed.size, btf.size, &file, &error), 0);
                files_btf_deinit(&file);
                assert_int_equal(read_bytes(packed.data, packed.size, btf.size - 1, &file, &error), 1);
                assert_int_equal(error.reason, FILES_ERROR_TOO_LARGE);
                pack(&packed, packings[i], zeros, large);
                assert_int_equal(read_bytes(packed.data, packed.size, MAX_UNPACKED, &file, &error), 1);
                assert_int_equal(error.reason, FILES_ERROR_TOO_LARGE);
                assert_true(error.offset > 0 && error.offset <= packed.size);
                btf_image_free(&packed);
        }
        free(zeros);
        btf_image_free(&btf);
}

static void what_was_in_it_is_looked_at_too(void **state)
{
        struct btf_image btf = build_btf();

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(packings); i++) {
                struct btf_image once = {0}, twice = {0}, nothing = {0};

                pack(&nothing, packings[i], btf.data, 0);
                refuse(&nothing, MAX_UNPACKED, FILES_ERROR_EMPTY, FILES_PLACE_UNPACKED, 0);
                pack(&once, packings[i], btf.data, btf.size);
                pack(&twice, packings[i], once.data, once.size);
                refuse(&twice, MAX_UNPACKED, FILES_ERROR_UNKNOWN_FORM, FILES_PLACE_UNPACKED, 0);
                btf_image_free(&once);
                btf_image_free(&twice);
                btf_image_free(&nothing);
        }
        btf_image_free(&btf);
}

/* A dictionary of 1 GiB costs whoever decompresses as much, whatever there is to decompress. */
static void a_huge_dictionary_is_refused(void **state)
{
        struct btf_image btf = build_btf();
        lzma_options_lzma options;
        lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA2, .options = &options}, {.id = LZMA_VLI_UNKNOWN}};
        uint8_t out[4096];
        struct btf_image packed = {.data = out};

        (void)state;
        assert_false(lzma_lzma_preset(&options, 0));
        options.dict_size = 1U << 29;
        options.mode = LZMA_MODE_FAST;
        options.mf = LZMA_MF_HC3;
        assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, btf.data, btf.size, out,
                                                   &packed.size, sizeof(out)),
                         LZMA_OK);
        /* Behind the headers of the stream and of its first block, which says how long it is. */
        refuse(&packed, MAX_UNPACKED, FILES_ERROR_TOO_LARGE, FILES_PLACE_FILE,
               LZMA_STREAM_HEADER_SIZE + lzma_block_header_size_decode(out[LZMA_STREAM_HEADER_SIZE]));
        btf_image_free(&btf);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(members_follow_one_another),
                cmocka_unit_test(zstd_may_have_frames_without_data),
                cmocka_unit_test(padding_is_the_formats),
                cmocka_unit_test(what_follows_is_refused_where_it_begins),
                cmocka_unit_test(no_file_that_was_cut_is_taken),
                cmocka_unit_test(no_damage_goes_unseen),
                cmocka_unit_test(what_becomes_too_large_is_refused),
                cmocka_unit_test(what_was_in_it_is_looked_at_too),
                cmocka_unit_test(a_huge_dictionary_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
