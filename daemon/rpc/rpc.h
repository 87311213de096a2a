/*
 * The protocol without a wire: one line of JSON-RPC 2.0 in, the text of its reply out. No file descriptor
 * anywhere. A job is answered in any thread, everything else belongs to the one of the rpc.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "index/snapshot.h"
#include "protocol/json_writer.h"

/* What does not change while the daemon runs. Borrowed strings. */
struct rpc_config {
        const char *kernel_release; /* NULL unless the first set holds the running kernel's types */
        const char *arch;           /* likewise */
        uint64_t max_connections;
};

struct rpc_job;
struct stop;

struct rpc {
        struct rpc_config config;
        struct snapshot *snapshot; /* owned reference; what the next question is asked of */
};

enum rpc_result {
        RPC_BAD_LINE =
                1, /* the line is not JSON; it has been answered, but does the client speak this protocol? */
        RPC_DEFERRED, /* the line has not been answered but became a job */
};

/* Why a line never became a request; see protocol/frame.h. */
enum rpc_line_fault {
        RPC_LINE_TOO_LONG,
        RPC_LINE_NUL_BYTE,
};

void rpc_init(struct rpc *rpc, const struct rpc_config *config);
void rpc_deinit(struct rpc *rpc);

/* Serves `snapshot` from now on; takes a reference of its own. Requests under way keep the one they began
 * with. */
void rpc_set_snapshot(struct rpc *rpc, struct snapshot *snapshot);

/*
 * Answers one line: a request, a notification (which gets no reply) or a batch. Appends the reply and its
 * newline to `out`. Returns 0; RPC_BAD_LINE; or -ENOMEM, after which `out` holds no part of a reply.
 *
 * It takes as long as it takes: a thread that others wait for calls rpc_begin_line().
 */
int rpc_handle_line(const struct rpc *rpc, const char *line, size_t length, struct json_writer *out);

/*
 * The same, but a line with a request that may take milliseconds, because its method is heavy or needs an index that is
 * still to be built, is not answered here: returns RPC_DEFERRED with *ret_job, the caller's, which holds the line and the
 * snapshot of now and answers all of the line in whatever thread. If the line has more bytes than `room`, its requests
 * are answered `busy` at once instead.
 */
int rpc_begin_line(const struct rpc *rpc, const char *line, size_t length, size_t room,
                   struct json_writer *out, struct rpc_job **ret_job);

/*
 * Answers the line that was put off. What is not done when `stop` says so gets the error `deadline`. Returns 0, or
 * -ENOMEM, after which `out` holds no part of a reply. Of the job's rpc only what never changes is read.
 */
int rpc_job_run(const struct rpc_job *job, const struct stop *stop, struct json_writer *out);
struct rpc_job *rpc_job_free(struct rpc_job *job);

/* Answers a line that could not be read. Returns as rpc_handle_line() does. */
int rpc_refuse_line(enum rpc_line_fault fault, struct json_writer *out);

/* Tells a client that there is no room for its connection. Returns 0 or -ENOMEM. */
int rpc_refuse_connection(const struct rpc *rpc, struct json_writer *out);
