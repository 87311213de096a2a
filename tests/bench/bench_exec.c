/*
 * bench_exec RUNS -- LABEL COMMAND [ARGUMENT]... [-- LABEL COMMAND [ARGUMENT]...]...
 *
 * The wall time of each command from its start to its end, output to /dev/null, in turn so that whatever else
 * the machine does falls on all of them. The last column is the median in multiples of the first command's.
 */
#include <stdio.h>

#include "bench.h"

#define MAX_COMMANDS 8U

struct command {
        const char *label;
        char **argv; /* NULL-terminated, in main()'s argv */
        uint64_t *samples;
};

/* Cuts argv at each "--". Returns the number of commands. */
static size_t parse_commands(int argc, char *argv[], struct command *commands)
{
        size_t n_commands = 0;

        for (int i = 2; i < argc; i++) {
                if (!string_equal(argv[i], "--"))
                        continue;
                if (i + 2 >= argc || n_commands == MAX_COMMANDS)
                        bench_die("a label and a command must follow each of at most %u \"--\"",
                                  MAX_COMMANDS);
                commands[n_commands++] = (struct command){.label = argv[i + 1], .argv = &argv[i + 2]};
                argv[i] = NULL;
        }
        return n_commands;
}

int main(int argc, char *argv[])
{
        struct command commands[MAX_COMMANDS];
        uint64_t reference = 0;
        size_t n_commands, n_runs;

        if (argc < 5)
                bench_die("usage: bench_exec RUNS -- LABEL COMMAND [ARGUMENT]... [-- ...]");
        n_runs = bench_number(argv[1], 10000);
        n_commands = parse_commands(argc, argv, commands);
        for (size_t i = 0; i < n_commands; i++)
                commands[i].samples = bench_alloc(n_runs, sizeof(*commands[i].samples));

        for (size_t run = 0; run < n_runs; run++) {
                for (size_t i = 0; i < n_commands; i++) {
                        uint64_t begin = bench_now();

                        bench_wait(bench_spawn(commands[i].argv, BENCH_ANY_CPU, BENCH_STDERR_NULL),
                                   commands[i].label);
                        commands[i].samples[run] = bench_now() - begin;
                }
        }
        for (size_t i = 0; i < n_commands; i++) {
                struct bench_figures figures = bench_figures(commands[i].samples, n_runs);

                if (i == 0)
                        reference = figures.median;
                bench_print_msec(commands[i].label, &figures);
                printf(" %8.1f\n", (double)figures.median / (double)reference);
                free(commands[i].samples);
        }
        return EXIT_SUCCESS;
}
