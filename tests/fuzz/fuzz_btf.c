/*
 * Any bytes as BTF: whatever loads can be asked everything about every type.
 */
#include "fuzz/ask.h"
#include "fuzz/fuzz.h"
#include "fuzz/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct source_set *set = load_set(&(struct load_file){.data = data, .size = size}, /* n_files= */ 1);

        free(ask_everything(set));
        source_set_unref(set);
        return 0;
}
