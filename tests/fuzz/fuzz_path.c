/*
 * Any text as a path: what is accepted consists of pieces of the text, in order but for what applies to what stands behind it.
 */
#include "fuzz/fuzz.h"
#include "query/path.h"
#include "util/util.h"

/* The components behind it that name its member are there, and stay in its type. */
static void check_container(const struct path *path, size_t i_container)
{
        uint32_t n = path->components[i_container].count;

        fuzz_check(n >= 1 && i_container + n < path->n_components);
        for (size_t i = i_container + 1; i <= i_container + n; i++)
                fuzz_check(path->components[i].kind == PATH_MEMBER || path->components[i].kind == PATH_INDEX);
}

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
        fuzz_check(path.n_components <= PATH_MAX_COMPONENTS);
        for (size_t i = 0; i < path.n_components; i++) {
                const struct path_component *component = &path.components[i];

                fuzz_check(component->length > 0 && component->text == text + component->position);
                fuzz_check(component->position + component->length <= strlen(text));
                if (component->kind == PATH_CAST || component->kind == PATH_ADDRESS)
                        continue;
                fuzz_check(component->position >= position);
                position = component->position + component->length;
                if (component->kind == PATH_CONTAINER)
                        check_container(&path, i);
        }
        return 0;
}
