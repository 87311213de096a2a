/*
 * bench_parse DIR RUNS: brings DIR/vmlinux into memory, parses, validates and indexes it with libbtfd_core.
 *
 * Prints one line a run: the total and its four phases in nanoseconds (load, parse, validate, index), then
 * peak resident and present private memory in KiB, which mean something in the first run only.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "bench.h"
#include "btf/btf.h"
#include "btf/report.h"
#include "btf/validate.h"
#include "index/name_index.h"
#include "source/file.h"
#include "source/scan.h"

int __real_btf_validate(const struct btf *btf, struct btf_report *report);
int __wrap_btf_validate(const struct btf *btf, struct btf_report *report);

static uint64_t validate_nsec;

/* btf_new() calls this instead (ld --wrap), so that its two halves are told apart without doing one twice. */
int __wrap_btf_validate(const struct btf *btf, struct btf_report *report)
{
        uint64_t begin = bench_now();
        int r = __real_btf_validate(btf, report);

        validate_nsec = bench_now() - begin;
        return r;
}

static void run(int dir_fd)
{
        struct source_bytes bytes;
        struct name_index names;
        struct btf_error error;
        struct btf *btf;
        uint64_t begin, loaded, parsed, indexed;
        int r;

        begin = bench_now();
        r = file_read(dir_fd, SCAN_BASE_NAME, BTF_MAX_SIZE, &bytes, &error);
        if (r != 0)
                bench_die("cannot read: %s", r > 0 ? error.message : strerror(-r));
        loaded = bench_now();
        r = btf_new(&btf, bytes.data, bytes.size, /* base= */ NULL, &error);
        if (r != 0)
                bench_die("cannot parse: %s", r > 0 ? error.message : strerror(-r));
        parsed = bench_now();
        r = name_index_init(&names, btf, /* base= */ NULL, &error);
        if (r != 0)
                bench_die("cannot index: %s", r > 0 ? error.message : strerror(-r));
        indexed = bench_now();

        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %lu %lu\n", indexed - begin,
               loaded - begin, parsed - loaded - validate_nsec, validate_nsec, indexed - parsed,
               bench_proc_kib("status", "VmHWM"), bench_proc_kib("smaps_rollup", "Private_"));
        name_index_deinit(&names);
        btf_free(btf);
        source_bytes_free(&bytes);
}

int main(int argc, char *argv[])
{
        CLEANUP(close_cleanup) int dir_fd = -1;
        unsigned long n_runs;

        if (argc != 3)
                bench_die("usage: bench_parse DIR RUNS");
        n_runs = bench_number(argv[2], 100000);
        dir_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                bench_die("%s: cannot open the directory", argv[1]);
        for (unsigned long i = 0; i < n_runs; i++)
                run(dir_fd);
        return EXIT_SUCCESS;
}
