/*
 * Methods for tests, which no daemon has. `test.wait` is heavy: it waits until it is allowed to answer or told to stop, so
 * that a test decides what happens meanwhile. `test.order` is not, but needs an index. The linker puts them beside the
 * real ones (--wrap=rpc_method_find).
 */
#pragma once

#include <stdatomic.h>

struct heavy_method {
        atomic_uint n_begun; /* calls */
        atomic_uint
                n_allowed; /* so many calls may answer, with `{"generation":...,"call":N}`, N counting from 0 */
        atomic_uint n_stopped; /* calls that gave up */
        /* Set by the call of this number, so that a test can cancel a line at that place. */
        atomic_uint cancelling_call;
        atomic_bool cancelled;
};

extern struct heavy_method heavy_method;

/* Back to: nothing begun, nothing allowed. */
void heavy_method_reset(void);

#define HEAVY_LINE(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"test.wait\"}"
#define LIGHT_LINE(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"btfd.info\"}"
