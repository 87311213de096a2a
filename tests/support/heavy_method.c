#include "support/heavy_method.h"

#include <limits.h>
#include <sched.h>

#include "rpc/method.h"
#include "util/stop.h"
#include "util/util.h"

/* The linker's names for the function that it replaces and for what replaces it. */
const struct rpc_method *__real_rpc_method_find(const char *name);
const struct rpc_method *__wrap_rpc_method_find(const char *name);

struct heavy_method heavy_method;

void heavy_method_reset(void)
{
        atomic_store(&heavy_method.n_begun, 0);
        atomic_store(&heavy_method.n_allowed, 0);
        atomic_store(&heavy_method.n_stopped, 0);
        atomic_store(&heavy_method.cancelling_call, UINT_MAX);
        atomic_store(&heavy_method.cancelled, false);
}

static void answer(struct rpc_request *request)
{
        struct json_writer *out = request->reply->out;
        unsigned int i_call = atomic_fetch_add(&heavy_method.n_begun, 1);

        if (i_call == atomic_load(&heavy_method.cancelling_call))
                atomic_store(&heavy_method.cancelled, true);
        while (atomic_load(&heavy_method.n_allowed) <= i_call) {
                if (stop_requested(request->stop)) {
                        reply_deadline(request->reply);
                        atomic_fetch_add(&heavy_method.n_stopped, 1);
                        return;
                }
                sched_yield();
        }
        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        json_write_uint_member(out, "call", i_call);
        json_write_object_end(out);
        reply_result_end(request->reply);
}

const struct rpc_method *__wrap_rpc_method_find(const char *name)
{
        static const struct rpc_method method = {.name = "test.wait", .heavy = true, .handler = answer};

        return string_equal(name, method.name) ? &method : __real_rpc_method_find(name);
}
