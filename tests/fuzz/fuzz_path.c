/*
 * Any text as a path: what is accepted consists of pieces of the text, in order.
 */
#include "fuzz/fuzz.h"
#include "query/path.h"
#include "util/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(free_cleanup) char *text = strndup((const char *)data, size);
        size_t position = 0;
        struct path path;
        struct path_error error;

        if (!text)
                return 0;
        if (path_parse(text, &path, &error) != 0) {
                fuzz_check(error.position <= strlen(text));
                return 0;
        }
        fuzz_check(path.n_components >= 1 && path.n_components <= PATH_MAX_COMPONENTS);
        for (size_t i = 0; i < path.n_components; i++) {
                const struct path_component *component = &path.components[i];

                fuzz_check(component->position >= position && component->length > 0);
                fuzz_check(component->text == text + component->position);
                position = component->position + component->length;
        }
        fuzz_check(position <= strlen(text));
        return 0;
}
