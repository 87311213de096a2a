/*
 * From a line to its reply: the method, and batches of requests; and lines put off because they hold heavy requests.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/limits.h"
#include "rpc/method.h"
#include "rpc/parse.h"
#include "util/stop.h"

/* How the requests of one line are answered. Everything is borrowed. */
struct manner {
        const struct rpc_config *config;
        const struct snapshot *snapshot; /* one for the whole line */
        const struct stop *stop;         /* NULL: never */
        bool is_busy;                    /* each is told to come again later */
};

/* A line put off. Its text waits: JSON in memory may be 79 times as much, and no thread need touch another's. */
struct rpc_job {
        const struct rpc_config *config;
        struct snapshot *snapshot; /* owned reference */
        size_t length;
        char line[];
};

void rpc_init(struct rpc *rpc, const struct rpc_config *config)
{
        *rpc = (struct rpc){.config = *config};
}

void rpc_deinit(struct rpc *rpc)
{
        rpc->snapshot = snapshot_unref(rpc->snapshot);
}

void rpc_set_snapshot(struct rpc *rpc, struct snapshot *snapshot)
{
        struct snapshot *old = rpc->snapshot;

        rpc->snapshot = snapshot_ref(snapshot);
        snapshot_unref(old);
}

/* The set of that name, or the one that is asked where none is named. */
static const struct source_set *find_set(const struct snapshot *snapshot, const char *name)
{
        return name ? snapshot_set(snapshot, name) : snapshot->sets[0];
}

const struct source_set *rpc_request_choose_set(const struct rpc_request *request, const char *name,
                                                bool needs_vmlinux)
{
        const struct source_set *set = find_set(request->snapshot, name);
        enum protocol_error error = set ? PROTOCOL_BTF_UNAVAILABLE : PROTOCOL_SOURCE_NOT_FOUND;
        char message[192];

        if (set && (set->n_sources > 0 || !needs_vmlinux))
                return set;
        if (set)
                snprintf(message, sizeof(message),
                         "the vmlinux of set '%.64s' could not be loaded; source.list says why", set->name);
        else
                snprintf(message, sizeof(message), "no set '%.64s'; btfd.info lists them", name);
        reply_error_begin(request->reply, error, message);
        reply_echo(request->reply, "name", set ? set->name : name, strlen(set ? set->name : name));
        reply_error_end(request->reply);
        return NULL;
}

/*
 * Builds what the method needs of the set and nobody has needed yet. Returns whether it is there; else an error is. As the
 * index is for all who come, one client's deadline does not end it: on a slow machine it would never be finished.
 */
static bool build_indexes(const struct rpc_request *request, const struct rpc_method *method)
{
        struct stop patient;
        int r;

        if (source_set_has(request->set, method->indexes))
                return true;
        if (request->stop)
                patient = (struct stop){.cancelled = request->stop->cancelled, .deadline_nsec = INT64_MAX};
        r = source_set_build(request->set, method->indexes, request->stop ? &patient : NULL);
        if (r < 0)
                request->reply->out->error = r;
        else if (r > 0)
                reply_deadline(request->reply);
        return r == 0;
}

static void call_method(const struct manner *manner, const json_t *call, struct reply *reply)
{
        const char *name = json_string_value(json_object_get(call, "method"));
        const json_t *params = json_object_get(call, "params");
        const struct rpc_method *method = rpc_method_find(name);
        struct rpc_request request = {
                .config = manner->config,
                .snapshot = manner->snapshot,
                .stop = manner->stop,
                .reply = reply,
        };
        char message[128];

        if (!method) {
                snprintf(message, sizeof(message), "no method '%.64s'; rpc.discover lists them all", name);
                reply_error_begin(reply, PROTOCOL_METHOD_NOT_FOUND, message);
                reply_echo(reply, "name", name, strlen(name));
                reply_error_end(reply);
                return;
        }
        if (params && !json_is_object(params)) {
                reply_error(reply, PROTOCOL_INVALID_PARAMS, "params go by name: 'params' must be an object");
                return;
        }
        if (!rpc_params_decode(params, /* where= */ NULL, method->accepted, method->required, reply,
                               &request.params))
                return;
        request.set = rpc_request_choose_set(&request, request.params.set, method->needs_vmlinux);
        if (request.set && build_indexes(&request, method))
                method->handler(&request);
}

static void refuse_busy(struct reply *reply)
{
        reply_limit_error(reply, PROTOCOL_BUSY, "too much heavy work is waiting: try again later",
                          "heavy_bytes", PROTOCOL_MAX_HEAVY);
}

/* Answers one request, alone or in a batch. Nothing is written for a notification. */
static void handle_request(const struct manner *manner, const json_t *request, struct json_writer *out)
{
        const char *fault = request_fault(request);
        struct reply reply = reply_at(out, request_id(request));

        if (fault) {
                reply_error(&reply, PROTOCOL_INVALID_REQUEST, fault);
                return;
        }
        /* No method changes anything, so there is nothing to do for one whose answer nobody wants. */
        if (!reply.id)
                return;
        if (manner->is_busy)
                refuse_busy(&reply);
        else if (stop_requested(manner->stop))
                reply_deadline(&reply);
        else
                call_method(manner, request, &reply);
        if (out->error != -EFBIG)
                return;
        if (out->limit < reply.start.length + PROTOCOL_MAX_REPLY)
                reply_limit_error(&reply, PROTOCOL_REPLY_TOO_LARGE,
                                  "the batch's replies are beyond a limit: ask for less at a time",
                                  "batch_reply_bytes", PROTOCOL_MAX_BATCH_REPLY);
        else
                reply_limit_error(&reply, PROTOCOL_REPLY_TOO_LARGE,
                                  "the reply is beyond a limit: ask for a part of it", "reply_bytes",
                                  PROTOCOL_MAX_REPLY);
}

/* The room for a reply that starts here. */
static void set_limit(struct json_writer *out, size_t batch_end)
{
        out->limit = out->length + PROTOCOL_MAX_REPLY;
        if (batch_end > 0 && out->limit > batch_end)
                out->limit = out->length > batch_end ? out->length : batch_end;
}

static void handle_batch(const struct manner *manner, const json_t *batch, struct json_writer *out)
{
        struct json_mark start = json_writer_mark(out);
        struct reply refusal = reply_at(out, NULL);
        size_t n_elements = json_array_size(batch);
        size_t batch_end = out->length + PROTOCOL_MAX_BATCH_REPLY;
        size_t empty_length;

        if (n_elements == 0) {
                reply_error(&refusal, PROTOCOL_INVALID_REQUEST, "a batch must not be empty");
                return;
        }
        if (n_elements > PROTOCOL_MAX_BATCH) {
                reply_limit_error(&refusal, PROTOCOL_REQUEST_TOO_LARGE, "too many requests in one batch",
                                  "batch_elements", PROTOCOL_MAX_BATCH);
                return;
        }
        json_write_array_begin(out);
        empty_length = out->length;
        for (size_t i = 0; i < n_elements; i++) {
                set_limit(out, batch_end);
                handle_request(manner, json_array_get(batch, i), out);
        }
        out->limit = out->length + REPLY_ERROR_ROOM;
        json_write_array_end(out);
        /* A batch of notifications has no reply, not an empty one. */
        if (out->error == 0 && out->length == empty_length + 1)
                json_writer_rewind(out, start);
}

static void handle_message(const struct manner *manner, const json_t *message, struct json_writer *out)
{
        if (json_is_array(message))
                handle_batch(manner, message, out);
        else
                handle_request(manner, message, out);
}

/* Ends the line that was written since `start`, if any; on failure takes it back. */
static int finish(struct json_writer *out, struct json_mark start, int result)
{
        if (out->length > start.length) {
                out->limit = out->length + 1;
                json_write_newline(out);
        }
        if (result >= 0 && out->error != 0)
                result = out->error;
        if (result < 0)
                json_writer_rewind(out, start);
        return result;
}

/* Whether a request is for the helper thread: because its method is, or needs an index that is still to be built there. A
 * notification is not, as there is nothing to do for it. */
static bool is_heavy(const struct snapshot *snapshot, const json_t *request)
{
        const char *name = json_string_value(json_object_get(request, "method"));
        const struct rpc_method *method = name ? rpc_method_find(name) : NULL;
        const struct source_set *set;

        if (!method || (!method->heavy && !method->indexes) || !json_object_get(request, "id"))
                return false;
        if (method->heavy)
                return true;
        set = find_set(snapshot,
                       json_string_value(json_object_get(json_object_get(request, "params"), "set")));
        return set && !source_set_has(set, method->indexes);
}

static bool is_heavy_line(const struct snapshot *snapshot, const json_t *message)
{
        if (!json_is_array(message))
                return is_heavy(snapshot, message);
        if (json_array_size(message) > PROTOCOL_MAX_BATCH)
                return false;
        for (size_t i = 0; i < json_array_size(message); i++) {
                if (is_heavy(snapshot, json_array_get(message, i)))
                        return true;
        }
        return false;
}

static int answer(const struct manner *manner, const char *line, size_t length, struct json_writer *out)
{
        CLEANUP(json_cleanup) json_t *message = NULL;
        struct json_mark start = json_writer_mark(out);
        int r;

        set_limit(out, /* batch_end= */ 0);
        r = parse_line(line, length, out, &message);
        if (message)
                handle_message(manner, message, out);
        return finish(out, start, r);
}

int rpc_handle_line(const struct rpc *rpc, const char *line, size_t length, struct json_writer *out)
{
        const struct manner manner = {.config = &rpc->config, .snapshot = rpc->snapshot};

        return answer(&manner, line, length, out);
}

static int job_new(struct rpc_job **ret, const struct rpc *rpc, const char *line, size_t length)
{
        struct rpc_job *job;

        job = malloc(sizeof(*job) + length);
        if (!job)
                return -ENOMEM;
        job->config = &rpc->config;
        job->snapshot = snapshot_ref(rpc->snapshot);
        job->length = length;
        memcpy(job->line, line, length);
        *ret = job;
        return RPC_DEFERRED;
}

int rpc_begin_line(const struct rpc *rpc, const char *line, size_t length, size_t room,
                   struct json_writer *out, struct rpc_job **ret_job)
{
        CLEANUP(json_cleanup) json_t *message = NULL;
        struct manner manner = {.config = &rpc->config, .snapshot = rpc->snapshot};
        struct json_mark start = json_writer_mark(out);
        int r;

        set_limit(out, /* batch_end= */ 0);
        r = parse_line(line, length, out, &message);
        if (message && is_heavy_line(rpc->snapshot, message)) {
                if (length <= room)
                        return job_new(ret_job, rpc, line, length);
                manner.is_busy = true;
        }
        if (message)
                handle_message(&manner, message, out);
        return finish(out, start, r);
}

int rpc_job_run(const struct rpc_job *job, const struct stop *stop, struct json_writer *out)
{
        const struct manner manner = {.config = job->config, .snapshot = job->snapshot, .stop = stop};
        struct json_mark start = json_writer_mark(out);
        int r;

        r = answer(&manner, job->line, job->length, out);
        if (r != RPC_BAD_LINE)
                return r;
        /* It was JSON when it was put off, so what failed is memory: see refuse_unparsed(). */
        json_writer_rewind(out, start);
        return -ENOMEM;
}

struct rpc_job *rpc_job_free(struct rpc_job *job)
{
        if (!job)
                return NULL;
        snapshot_unref(job->snapshot);
        free(job);
        return NULL;
}

int rpc_refuse_line(enum rpc_line_fault fault, struct json_writer *out)
{
        struct json_mark start = json_writer_mark(out);
        struct reply reply = reply_at(out, NULL);

        switch (fault) {
        case RPC_LINE_TOO_LONG:
                reply_limit_error(&reply, PROTOCOL_REQUEST_TOO_LARGE, "the line is too long", "request_bytes",
                                  PROTOCOL_MAX_LINE);
                return finish(out, start, 0);
        case RPC_LINE_NUL_BYTE:
                reply_error(&reply, PROTOCOL_PARSE_ERROR, "not JSON: the line holds a NUL byte");
                return finish(out, start, RPC_BAD_LINE);
        }
        return 0;
}

int rpc_refuse_connection(const struct rpc *rpc, struct json_writer *out)
{
        struct json_mark start = json_writer_mark(out);
        struct reply reply = reply_at(out, NULL);

        reply_limit_error(&reply, PROTOCOL_QUOTA_EXCEEDED, "too many connections: try again later",
                          "connections", rpc->config.max_connections);
        return finish(out, start, 0);
}
