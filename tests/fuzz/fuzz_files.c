/*
 * Any bytes as a file: raw BTF, an ELF object, or either compressed. What comes out of it is no larger than allowed, and
 * whatever it is, it can be checked.
 */
#include "btf/btf.h"
#include "files/files.h"
#include "fuzz/fuzz.h"

#define MAX_UNPACKED ((size_t)1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(btf_cleanup) struct btf *base = NULL;
        CLEANUP(btf_cleanup) struct btf *btf = NULL;
        struct files_btf file;
        struct files_error error;
        struct btf_error btf_error;
        size_t max = size > MAX_UNPACKED ? size : MAX_UNPACKED;

        if (files_read_bytes(&file, data, size, MAX_UNPACKED, &error) != 0)
                return 0;
        fuzz_check(file.size > 0 && file.size <= max && (!file.base || file.base_size <= max));
        if (!file.base || btf_new(&base, file.base, file.base_size, NULL, &btf_error) == 0)
                (void)btf_new(&btf, file.data, file.size, base, &btf_error);
        files_btf_deinit(&file);
        return 0;
}
