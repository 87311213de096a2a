/*
 * When to give up: work that may take long asks now and then whether it is still wanted and still has time.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct stop {
        const atomic_bool *cancelled; /* borrowed; nobody wants the result any more */
        int64_t deadline_nsec;        /* by stop_clock() */
};

/* The time in nanoseconds, by CLOCK_MONOTONIC. */
static inline int64_t stop_clock(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* NULL never stops. Takes some 30 ns: ask every thousand items or so. */
static inline bool stop_requested(const struct stop *stop)
{
        if (!stop)
                return false;
        return atomic_load_explicit(stop->cancelled, memory_order_relaxed) ||
               stop_clock() >= stop->deadline_nsec;
}
