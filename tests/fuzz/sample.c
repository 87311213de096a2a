#include "fuzz/sample.h"

#include "fuzz/fuzz.h"
#include "source/scan.h"

struct snapshot *sample_snapshot(void)
{
        static struct snapshot *sample; /* loaded once, as a fuzzer asks for it thousands of times a second */
        uint64_t next_instance = 1;
        struct source_set *set;

        if (!sample) {
                fuzz_check(scan_directory(&set, "running", SAMPLE_DIRECTORY, &next_instance) == 0);
                fuzz_check(snapshot_new(&sample, /* generation= */ 1, &set, /* n_sets= */ 1) == 0);
                source_set_unref(set);
        }
        return snapshot_ref(sample);
}
