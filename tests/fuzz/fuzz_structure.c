/*
 * Any bytes as a program that builds a kernel: vmlinux and modules of all kinds of types, valid ones mostly. Built in both
 * byte orders it says the same.
 */
#include "fuzz/ask.h"
#include "fuzz/fuzz.h"
#include "fuzz/program.h"

static char *ask_kernel(const uint8_t *data, size_t size, bool foreign)
{
        struct program_kernel kernel;
        struct source_set *set;
        char *answers;

        program_build(data, size, foreign, &kernel);
        set = load_set(kernel.files, kernel.n_files);
        program_kernel_deinit(&kernel);
        answers = ask_everything(set);
        source_set_unref(set);
        return answers;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        ask_compare(ask_kernel(data, size, /* foreign= */ false),
                    ask_kernel(data, size, /* foreign= */ true));
        return 0;
}
