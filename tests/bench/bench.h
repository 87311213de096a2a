/*
 * What the benchmark programs share: clocks, order statistics, and child processes that never outlive them.
 *
 * A benchmark has no caller to report to: whatever fails ends the program with a sentence on standard error
 * and exit status 1. Children are killed with their parent (PR_SET_PDEATHSIG), and every wait has a deadline.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/util.h"

/* No child may take longer than this to come up, to answer or to end, however loaded the machine is. */
#define BENCH_DEADLINE_NSEC (UINT64_C(30) * 1000 * 1000 * 1000)

/* CPU argument of bench_spawn() and bench_pin(): wherever the scheduler likes. */
#define BENCH_ANY_CPU (-1)

_Noreturn void bench_die(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

/* A positive decimal number from the command line, at most `max`. */
unsigned long bench_number(const char *text, unsigned long max);
/* malloc() that does not return NULL. */
void *bench_alloc(size_t n_elements, size_t element_size);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t bench_now(void);

struct bench_figures {
        uint64_t median, min, max;
};

/* Sorts `samples` and sums them up; there must be at least one. */
struct bench_figures bench_figures(uint64_t *samples, size_t n_samples);

/* Prints `label` and the figures, which are in nanoseconds, in milliseconds. No newline. */
void bench_print_msec(const char *label, const struct bench_figures *figures);

/* KiB of the lines of /proc/self/FILE that begin with `prefix`, added up; 0 if the kernel does not tell. */
unsigned long bench_proc_kib(const char *file, const char *prefix);

/* The two CPUs for server and generator, of those that we may use; BENCH_ANY_CPU twice if
 * there is only one. */
void bench_two_cpus(int *ret_first, int *ret_second);
void bench_pin(int cpu);

/* Where a child's standard error goes. */
enum bench_stderr {
        BENCH_STDERR_KEEP,
        BENCH_STDERR_NULL,
};

/* Starts argv[0] (looked up in PATH) with standard input and output from and to /dev/null. */
pid_t bench_spawn(char *const argv[], int cpu, enum bench_stderr stderr_to);
/* Waits for a child that is ending by itself; it must exit with status 0. */
void bench_wait(pid_t pid, const char *name);
/* Ends a child with SIGTERM and waits for it. */
void bench_stop(pid_t pid);

/* Connects to a Unix socket that the child `pid` is about to open, trying again and again. */
int bench_connect(const char *path, pid_t pid);
void bench_send(int fd, const char *data, size_t length);
/* Reads one line, which must fit `size` bytes with its newline and be the last. Returns its length. */
size_t bench_read_line(int fd, char *data, size_t size);
