/*
 * differential SOCKET DIRECTORY [STEP]: compares all that the btfd at SOCKET serves of DIRECTORY with what libbpf reads there.
 *
 * An independent reader, as its size, names and rules come from libbpf and DESIGN alone: nothing of the daemon is linked but
 * the wire's framing. Exit status 0 if nothing differs, 1 if something does, 2 if it could not be found out, 77 if libbpf is
 * too old to read it.
 */
#include <stdlib.h>

#include "names.h"
#include "sources.h"

int main(int argc, char **argv)
{
        struct report report = {0};
        struct client client;
        struct kernel kernel;
        uint64_t *instances;
        size_t step = 1;

        if (argc < 3 || argc > 4)
                die("usage: differential SOCKET DIRECTORY [STEP]");
        if (argc == 4)
                step = strtoul(argv[3], NULL, 10);
        if (step == 0)
                die("STEP must be a number from 1");
        kernel_open(&kernel, argv[2]);
        client_connect(&client, argv[1]);
        instances = allocate(kernel.n_readers, sizeof(*instances));
        compare_sources(&client, &kernel, step, instances, &report);
        compare_names(&client, &kernel, instances, &report);
        if (step > 1)
                printf("of modules' types only those of every %zuth have been compared by id\n", step);
        report_print(&report, argv[2]);
        free(instances);
        client_close(&client);
        kernel_close(&kernel);
        return report.n_differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
