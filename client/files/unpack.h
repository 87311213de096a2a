/*
 * Decompression of a whole file in memory into a buffer that grows as the bytes come.
 *
 *   file    = member , { [ padding ] , member } , [ padding ] ;
 *   member  = a gzip member, an xz stream, or a zstd frame, all of one format ;
 *   padding = NUL bytes: any number in gzip files, fours in xz files, none in zstd files ;
 *
 * Anything else behind a member is an error, as is a member that ends too early.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "files/error.h"

enum files_packing {
        FILES_PACKING_NONE,
        FILES_PACKING_GZIP,
        FILES_PACKING_XZ,
        FILES_PACKING_ZSTD,
};

/* What a file that begins with these bytes is compressed with. */
enum files_packing files_packing_of(const uint8_t *data, size_t size);

/*
 * Decompresses `data`, for which files_packing_of() said `packing`, to at most `max_size` bytes. Returns 0 with *ret_data
 * owned by the caller; -ENOMEM; or 1 with *ret_error saying at which byte of `data` the decoder was.
 */
int files_unpack(uint8_t **ret_data, size_t *ret_size, const uint8_t *data, size_t size,
                 enum files_packing packing, size_t max_size, struct files_error *ret_error);
