#include "fuzz/sample.h"

#include "fuzz/fuzz.h"
#include "source/scan.h"

struct snapshot *sample_snapshot(void)
{
        static struct snapshot *sample; /* loaded once, as a fuzzer asks for it thousands of times a second */
        struct btf_error error;

        if (!sample)
                fuzz_check(scan_directory(&sample, SAMPLE_DIRECTORY, /* generation= */ 1, &error) == 0);
        return snapshot_ref(sample);
}
