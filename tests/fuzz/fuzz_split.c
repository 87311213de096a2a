/*
 * Any bytes as a module, on a vmlinux that has every kind or on one that is any bytes too.
 *
 *   input  = choice:u8 , module
 *          | choice:u8 , base_length:u16 , base , module ;      (* with CHOICE_BASE; little-endian *)
 */
#include "fuzz/ask.h"
#include "fuzz/fuzz.h"
#include "fuzz/load.h"
#include "support/fixture.h"

enum choice {
        CHOICE_BASE = 1,    /* the base's bytes are in the input */
        CHOICE_FOREIGN = 2, /* the base that we have is of the other byte order */
        CHOICE_TWICE = 4,   /* two modules of the same bytes */
};

/* Built once in each byte order, as a fuzzer asks for it thousands of times a second. */
static struct load_file every_kind(bool foreign)
{
        static struct btf_image images[2];
        struct btf_image *image = &images[foreign];

        if (!image->data) {
                struct btf_builder *b = btf_builder_new();

                if (foreign)
                        btf_builder_foreign(b);
                btf_builder_layout_kind(b, 40, /* info_sz= */ 4, /* elem_sz= */ 8);
                fixture_every_kind(b);
                *image = btf_builder_steal(b);
        }
        return (struct load_file){.data = image->data, .size = image->size, .must_load = true};
}

/* Loaded anew, so that names hash differently each time. */
static char *ask_files(const struct load_file *files, size_t n_files)
{
        struct source_set *set = load_set(files, n_files);
        char *answers = ask_everything(set);

        source_set_unref(set);
        return answers;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t choice = size > 0 ? data[0] : 0;
        struct load_file files[3];
        size_t n_files = choice & CHOICE_TWICE ? 3 : 2;
        size_t begin = 1;

        if (size < 3)
                return 0;
        if (choice & CHOICE_BASE) {
                size_t length = data[1] | (size_t)data[2] << 8;

                begin = 3;
                length = length < size - begin ? length : size - begin;
                files[0] = (struct load_file){.data = data + begin, .size = length};
                begin += length;
        } else {
                files[0] = every_kind(choice & CHOICE_FOREIGN);
        }
        files[1] = files[2] = (struct load_file){.data = data + begin, .size = size - begin};
        ask_compare(ask_files(files, n_files), ask_files(files, n_files));
        return 0;
}
