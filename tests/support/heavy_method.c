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

static void write_result(struct rpc_request *request, const char *key, uint64_t value)
{
        struct json_writer *out = request->reply->out;

        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        json_write_uint_member(out, key, value);
        json_write_object_end(out);
        reply_result_end(request->reply);
}

static void wait(struct rpc_request *request)
{
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
        write_result(request, "call", i_call);
}

static void order(struct rpc_request *request)
{
        write_result(request, "is_built", source_set_order(request->set) != NULL);
}

const struct rpc_method *__wrap_rpc_method_find(const char *name)
{
        static const struct rpc_method methods[] = {
                {.name = "test.wait", .heavy = true, .handler = wait},
                {
                        .name = "test.order",
                        .accepted = RPC_SET(SET),
                        .indexes = SET_INDEX_ORDER,
                        .handler = order,
                },
        };

        for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
                if (string_equal(name, methods[i].name))
                        return &methods[i];
        }
        return __real_rpc_method_find(name);
}
