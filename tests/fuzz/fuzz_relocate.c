/*
 * Any three files as a distilled base, split BTF on it, and a base to move that onto: if it can be moved, what loads
 * there has the names that it had. The input is the first two, each behind its length in two bytes, and then the base.
 */
#include "files/relocate.h"
#include "fuzz/fuzz.h"

struct piece {
        const uint8_t *data;
        size_t size;
};

static struct piece take(struct piece *rest)
{
        struct piece piece = {.data = rest->data};

        if (rest->size < 2)
                return piece;
        piece.size = rest->data[0] | (size_t)rest->data[1] << 8;
        if (piece.size > rest->size - 2)
                piece.size = rest->size - 2;
        piece.data = rest->data + 2;
        *rest = (struct piece){piece.data + piece.size, rest->size - 2 - piece.size};
        return piece;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct piece rest = {data, size}, distilled_piece = take(&rest), split_piece = take(&rest);
        CLEANUP(btf_cleanup) struct btf *base = NULL;
        CLEANUP(btf_cleanup) struct btf *distilled = NULL;
        CLEANUP(btf_cleanup) struct btf *split = NULL;
        CLEANUP(btf_cleanup) struct btf *moved = NULL;
        CLEANUP(free_cleanup) uint8_t *bytes = NULL;
        struct files_error error;
        struct btf_error btf_error;

        if (btf_new(&distilled, distilled_piece.data, distilled_piece.size, NULL, &btf_error) != 0 ||
            btf_new(&split, split_piece.data, split_piece.size, distilled, &btf_error) != 0 ||
            btf_new(&base, rest.data, rest.size, NULL, &btf_error) != 0 ||
            files_relocate(&bytes, split, base, &error) != 0 ||
            btf_new(&moved, bytes, split->size, base, &btf_error) != 0)
                return 0;
        fuzz_check(moved->n_types - moved->start_id == split->n_types - split->start_id);
        for (uint32_t i = 0; i < split->n_types - split->start_id; i++)
                fuzz_check(string_equal(btf_name_of(split, split->start_id + i),
                                        btf_name_of(moved, moved->start_id + i)));
        return 0;
}
