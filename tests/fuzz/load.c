#include "fuzz/load.h"

#include <stdio.h>

#include "btf/check.h"
#include "fuzz/fuzz.h"
#include "source/scan.h"

/* A set while it is being made. */
struct loading {
        struct source *sources[LOAD_MAX_FILES];
        size_t n_sources;
        struct source_failure failures[LOAD_MAX_FILES];
        size_t n_failures;
};

static void count_error(void *context, enum btf_severity severity, const struct btf_error *finding)
{
        fuzz_check(finding->message[0] != '\0');
        *(size_t *)context += severity == BTF_SEVERITY_ERROR;
}

/* Checking finds an error where loading does, and only there. Only a set has a bound on the definitions of a name. */
static void check(const struct load_file *file, const struct btf *base, bool loads,
                  enum btf_error_reason reason)
{
        CLEANUP(btf_cleanup) struct btf *btf = NULL;
        size_t n_errors = 0;
        int r = btf_check(&btf, file->data, file->size, base, count_error, &n_errors);

        fuzz_check(r >= 0 && (n_errors > 0) == (r != 0));
        fuzz_check((r == 0) == (loads || reason == BTF_ERROR_TOO_MANY));
}

static void load_file(struct loading *loading, const struct load_file *file, const char *name,
                      uint64_t instance)
{
        struct source *base = loading->n_sources > 0 ? loading->sources[0] : NULL;
        struct source_failure failure = {.size = file->size};
        uint8_t *copy = malloc(file->size > 0 ? file->size : 1);
        int r;

        fuzz_check(copy != NULL);
        memcpy(copy, file->data, file->size);
        r = source_new(&loading->sources[loading->n_sources], name, instance,
                       (struct source_bytes){.data = copy, .size = file->size}, base, &failure.error);
        fuzz_check(r >= 0);
        check(file, base ? base->btf : NULL, r == 0, failure.error.reason);
        if (r == 0) {
                loading->n_sources++;
                return;
        }
        if (file->must_load)
                fprintf(stderr, "%s: byte %llu: %s\n", name, (unsigned long long)failure.error.offset,
                        failure.error.message);
        fuzz_check(!file->must_load);
        fuzz_check(failure.error.offset <= file->size && failure.error.message[0] != '\0');
        snprintf(failure.name, sizeof(failure.name), "%s", name);
        loading->failures[loading->n_failures++] = failure;
}

struct source_set *load_set(const struct load_file *files, size_t n_files)
{
        struct loading loading = {0};
        struct source_set *set;

        fuzz_check(n_files >= 1 && n_files <= LOAD_MAX_FILES);
        load_file(&loading, &files[0], SCAN_BASE_NAME, /* instance= */ 1);
        for (size_t i = 1; i < n_files && loading.n_sources > 0; i++) {
                char name[24];

                snprintf(name, sizeof(name), "m%zu", i - 1);
                load_file(&loading, &files[i], name, /* instance= */ i + 1);
        }
        fuzz_check(source_set_new(&set, "running", "/nowhere/btf", loading.sources, loading.n_sources,
                                  loading.failures, loading.n_failures) == 0);
        for (size_t i = 0; i < loading.n_sources; i++)
                source_unref(loading.sources[i]);
        return set;
}
