/*
 * bench_set DIR: loads DIR/vmlinux and every module beside it with libbtfd_core, as the daemon does.
 *
 * Prints one line: the total, vmlinux, reading modules, parsing and indexing modules, comparing types of one name (a part
 * of the one before and the one behind), the index over all modules, in nanoseconds; numbers of modules and of their
 * types, their bytes; private memory in KiB with vmlinux alone, and with everything.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "index/same.h"
#include "index/source_set.h"
#include "source/file.h"
#include "source/scan.h"

int __real_same_addition(struct same *same, const struct btf *earlier_btf, uint32_t earlier_id,
                         const struct btf *btf, uint32_t id);
int __wrap_same_addition(struct same *same, const struct btf *earlier_btf, uint32_t earlier_id,
                         const struct btf *btf, uint32_t id);

static uint64_t compare_nsec, n_comparisons;

int __wrap_same_addition(struct same *same, const struct btf *earlier_btf, uint32_t earlier_id,
                         const struct btf *btf, uint32_t id)
{
        uint64_t begin = bench_now();
        int r = __real_same_addition(same, earlier_btf, earlier_id, btf, id);

        compare_nsec += bench_now() - begin;
        n_comparisons++;
        return r;
}

/* What two looks at the clock take, which is more than most comparisons. */
static uint64_t clock_nsec(void)
{
        uint64_t begin = bench_now(), end = begin;

        for (int i = 0; i < 100000; i++)
                end = bench_now();
        return (end - begin) / 100000;
}

struct phases {
        uint64_t read, index;
};

static struct source *load(DIR *directory, const char *name, uint64_t instance, struct source *base,
                           struct phases *phases)
{
        uint64_t begin = bench_now(), loaded;
        struct source *source = NULL;
        struct source_bytes bytes;
        struct btf_error error;
        int r;

        r = file_read(dirfd(directory), name, BTF_MAX_SIZE, &bytes, &error);
        if (r != 0)
                bench_die("cannot read %s: %s", name, r > 0 ? error.message : strerror(-r));
        loaded = bench_now();
        r = source_new(&source, name, instance, bytes, base, &error);
        if (r != 0)
                bench_die("cannot load %s: %s", name, r > 0 ? error.message : strerror(-r));
        phases->read += loaded - begin;
        phases->index += bench_now() - loaded;
        return source;
}

static size_t load_modules(DIR *directory, struct source **sources, struct phases *phases)
{
        struct dirent *entry;
        size_t n = 1;

        while ((entry = readdir(directory)) && n < MODULE_INDEX_MAX_SOURCES) {
                if (entry->d_name[0] == '.' || string_equal(entry->d_name, SCAN_BASE_NAME))
                        continue;
                sources[n] = load(directory, entry->d_name, n + 1, sources[0], phases);
                n++;
        }
        return n;
}

int main(int argc, char *argv[])
{
        struct source **sources = bench_alloc(MODULE_INDEX_MAX_SOURCES, sizeof(struct source *));
        struct phases vmlinux = {0}, modules = {0};
        struct module_index index;
        uint64_t begin, begin_index, end, n_types = 0, n_bytes = 0, clock = clock_nsec();
        unsigned long alone_kib;
        size_t n_sources;
        DIR *directory;

        if (argc != 2)
                bench_die("usage: bench_set DIR");
        directory = opendir(argv[1]);
        if (!directory)
                bench_die("%s: cannot open the directory", argv[1]);
        begin = bench_now();
        sources[0] = load(directory, SCAN_BASE_NAME, /* instance= */ 1, /* base= */ NULL, &vmlinux);
        alone_kib = bench_proc_kib("smaps_rollup", "Private_");
        compare_nsec = 0;
        n_comparisons = 0;
        n_sources = load_modules(directory, sources, &modules);
        begin_index = bench_now();
        if (module_index_init(&index, sources, n_sources) < 0)
                bench_die("out of memory");
        end = bench_now();
        for (size_t i = 1; i < n_sources; i++) {
                n_types += source_n_types(sources[i]);
                n_bytes += sources[i]->bytes.size;
        }
        compare_nsec -= compare_nsec < clock * n_comparisons ? compare_nsec : clock * n_comparisons;
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %zu %" PRIu64
               " %" PRIu64 " %lu %lu\n",
               end - begin, vmlinux.read + vmlinux.index, modules.read, modules.index, compare_nsec,
               end - begin_index, n_sources - 1, n_types, n_bytes, alone_kib,
               bench_proc_kib("smaps_rollup", "Private_"));
        return EXIT_SUCCESS;
}
