/*
 * bench_libbpf DIR RUNS: parses DIR/vmlinux with libbpf and puts the name of every type into a hash table,
 * as a tracer does that wants to look up more than one name (btf__find_by_name() is a linear search).
 * bench_libbpf DIR modules: does so once with vmlinux and every module beside it, a table each.
 *
 * A program of its own, as both libraries have a `struct btf`. Prints one line a run: the total, load and
 * parse (libbpf does both in one call), hash, in nanoseconds; then memory as bench_parse does.
 */
#include <bpf/btf.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

#include "bench.h"

struct name_table {
        uint32_t *ids; /* 0 is empty */
        uint32_t mask; /* number of slots - 1 */
};

/* libbpf's own string hash (src/hashmap.h), with the multiplication that spreads it over the table. */
static uint32_t hash_name(const char *name)
{
        uint64_t hash = 0;

        for (; *name; name++)
                hash = hash * 31 + (unsigned char)*name;
        return (uint32_t)((hash * UINT64_C(11400714819323198485)) >> 32);
}

/* No two names are compared: those that are equal just follow one another. It is the least one can do. */
static struct name_table name_table(const struct btf *btf, uint32_t first_id)
{
        uint32_t n_types = btf__type_cnt(btf);
        struct name_table table = {0};
        uint32_t size = 16;

        while (size / 3 * 2 < n_types - first_id)
                size *= 2;
        table.mask = size - 1;
        table.ids = bench_alloc(size, sizeof(*table.ids));
        for (uint32_t id = first_id; id < n_types; id++) {
                const struct btf_type *type = btf__type_by_id(btf, id);
                uint32_t slot;

                if (type->name_off == 0)
                        continue;
                slot = hash_name(btf__name_by_offset(btf, type->name_off)) & table.mask;
                while (table.ids[slot] != 0)
                        slot = (slot + 1) & table.mask;
                table.ids[slot] = id;
        }
        return table;
}

static void run(const char *path)
{
        struct name_table table;
        struct btf *btf;
        uint64_t begin, parsed, indexed;

        begin = bench_now();
        btf = btf__parse(path, /* btf_ext= */ NULL);
        if (!btf)
                bench_die("libbpf cannot parse %s", path);
        parsed = bench_now();
        table = name_table(btf, /* first_id= */ 1);
        indexed = bench_now();

        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %lu %lu\n", indexed - begin, parsed - begin,
               indexed - parsed, bench_proc_kib("status", "VmHWM"),
               bench_proc_kib("smaps_rollup", "Private_"));
        free(table.ids);
        btf__free(btf);
}

/* Prints the total in nanoseconds, and private memory in KiB with vmlinux alone and with everything. */
static void run_modules(const char *directory_path, const char *vmlinux_path)
{
        DIR *directory = opendir(directory_path);
        uint64_t begin = bench_now();
        struct btf *vmlinux = btf__parse(vmlinux_path, /* btf_ext= */ NULL);
        unsigned long alone_kib;
        struct dirent *entry;

        if (!directory || !vmlinux)
                bench_die("libbpf cannot parse %s", vmlinux_path);
        (void)name_table(vmlinux, /* first_id= */ 1);
        alone_kib = bench_proc_kib("smaps_rollup", "Private_");
        while ((entry = readdir(directory))) {
                char path[8192];
                struct btf *module;

                if (entry->d_name[0] == '.' || string_equal(entry->d_name, "vmlinux"))
                        continue;
                snprintf(path, sizeof(path), "%s/%s", directory_path, entry->d_name);
                module = btf__parse_split(path, vmlinux);
                if (!module)
                        bench_die("libbpf cannot parse %s", path);
                (void)name_table(module, btf__type_cnt(vmlinux));
        }
        printf("%" PRIu64 " %lu %lu\n", bench_now() - begin, alone_kib,
               bench_proc_kib("smaps_rollup", "Private_"));
}

int main(int argc, char *argv[])
{
        char path[4096];
        unsigned long n_runs;

        if (argc != 3)
                bench_die("usage: bench_libbpf DIR RUNS|modules");
        if ((size_t)snprintf(path, sizeof(path), "%s/vmlinux", argv[1]) >= sizeof(path))
                bench_die("%s: too long", argv[1]);
        if (string_equal(argv[2], "modules")) {
                run_modules(argv[1], path);
                return EXIT_SUCCESS;
        }
        n_runs = bench_number(argv[2], 100000);
        for (unsigned long i = 0; i < n_runs; i++)
                run(path);
        return EXIT_SUCCESS;
}
