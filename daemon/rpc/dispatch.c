/*
 * From a line to its reply: bounds, JSON, the request's form, the method, and batches of all that.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/prescan.h"
#include "rpc/method.h"
#include "util/util.h"

DEFINE_CLEANUP(json_t *, json_cleanup, json_decref)

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

static bool is_valid_id(const json_t *id)
{
        return json_is_string(id) || json_is_number(id) || json_is_null(id);
}

/* What is wrong with the form of a request, or NULL. */
static const char *find_fault(const json_t *request)
{
        const json_t *version = json_object_get(request, "jsonrpc");
        const json_t *id = json_object_get(request, "id");

        if (!json_is_object(request))
                return "a request is a JSON object";
        if (!json_is_string(version) || !string_equal(json_string_value(version), "2.0"))
                return "'jsonrpc' must be \"2.0\"";
        if (id && !is_valid_id(id))
                return "'id' must be a string, a number or null";
        if (!json_is_string(json_object_get(request, "method")))
                return "'method' must be a string";
        return NULL;
}

/* The set that a request is about; NULL after an error. */
static const struct source_set *choose_set(const struct rpc_request *request, const struct rpc_method *method)
{
        const char *name = request->params.set;
        const struct source_set *set =
                name ? snapshot_set(request->snapshot, name) : request->snapshot->sets[0];
        enum protocol_error error = set ? PROTOCOL_BTF_UNAVAILABLE : PROTOCOL_SOURCE_NOT_FOUND;
        char message[192];

        if (set && (set->n_sources > 0 || !method->needs_vmlinux))
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

/* Builds what the method needs of the set and nobody has needed yet. Returns whether it is there; else an error is. */
static bool build_indexes(const struct rpc_request *request, const struct rpc_method *method)
{
        int r;

        if (source_set_has(request->set, method->indexes))
                return true;
        r = source_set_build(request->set, method->indexes, request->stop);
        if (r < 0)
                request->reply->out->error = r;
        else if (r > 0)
                reply_error(request->reply, PROTOCOL_DEADLINE, NULL);
        return r == 0;
}

static void call_method(const struct rpc *rpc, const struct snapshot *snapshot, const json_t *call,
                        struct reply *reply)
{
        const char *name = json_string_value(json_object_get(call, "method"));
        const json_t *params = json_object_get(call, "params");
        const struct rpc_method *method = rpc_method_find(name);
        struct rpc_request request = {.rpc = rpc, .snapshot = snapshot, .reply = reply};
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
        request.set = choose_set(&request, method);
        if (request.set && build_indexes(&request, method))
                method->handler(&request);
}

/* Answers one request, alone or in a batch. Nothing is written for a notification. */
static void handle_request(const struct rpc *rpc, const struct snapshot *snapshot, const json_t *request,
                           struct json_writer *out)
{
        const json_t *id = json_object_get(request, "id");
        const char *fault = find_fault(request);
        struct reply reply = reply_at(out, id && is_valid_id(id) ? id : NULL);

        if (fault) {
                reply_error(&reply, PROTOCOL_INVALID_REQUEST, fault);
                return;
        }
        /* No method changes anything, so there is nothing to do for one whose answer nobody wants. */
        if (!id)
                return;
        call_method(rpc, snapshot, request, &reply);
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

static void handle_batch(const struct rpc *rpc, const struct snapshot *snapshot, const json_t *batch,
                         struct json_writer *out)
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
                handle_request(rpc, snapshot, json_array_get(batch, i), out);
        }
        out->limit = out->length + REPLY_ERROR_ROOM;
        json_write_array_end(out);
        /* A batch of notifications has no reply, not an empty one. */
        if (out->error == 0 && out->length == empty_length + 1)
                json_writer_rewind(out, start);
}

/*
 * jansson refuses a key that stands twice. Which one it was, and in what, is found in the text; the request's
 * id, which the answer needs, in `message`: the line parsed with duplicates allowed.
 */
static void refuse_duplicate(const json_t *message, struct prescan_location location, struct json_writer *out)
{
        const json_t *id = json_object_get(message, "id");
        struct reply reply = reply_at(out, id && is_valid_id(id) ? id : NULL);
        bool in_params = json_is_object(message) && location.depth > 1 && !find_fault(message);
        char text[128];

        /* A notification gets no reply, whatever is wrong with its parameters. */
        if (in_params && !id)
                return;
        snprintf(text, sizeof(text), "'%.*s' stands twice in %s",
                 location.string_length > 64 ? 64 : (int)location.string_length,
                 location.string ? location.string : "", in_params ? "the parameters" : "a request");
        reply_error_begin(&reply, in_params ? PROTOCOL_INVALID_PARAMS : PROTOCOL_INVALID_REQUEST, text);
        if (location.string)
                reply_echo(&reply, "param", location.string, location.string_length);
        reply_error_end(&reply);
}

static void refuse_json(const json_error_t *error, struct json_writer *out)
{
        struct reply reply = reply_at(out, NULL);
        char text[sizeof(error->text) + 32];

        snprintf(text, sizeof(text), "not JSON: %s", error->text);
        reply_error_begin(&reply, PROTOCOL_PARSE_ERROR, text);
        json_write_uint_member(out, "byte", (uint64_t)(error->position > 0 ? error->position : 0));
        reply_error_end(&reply);
}

/* Bounds that are checked before any memory is spent on the line. Returns whether it may be parsed. */
static bool check_bounds(const char *line, size_t length, struct json_writer *out)
{
        struct prescan found = prescan(line, length);
        struct reply reply = reply_at(out, NULL);

        if (found.depth > PROTOCOL_MAX_DEPTH) {
                reply_limit_error(&reply, PROTOCOL_REQUEST_TOO_LARGE, "the request is nested too deep",
                                  "request_depth", PROTOCOL_MAX_DEPTH);
                return false;
        }
        if (found.n_tokens > PROTOCOL_MAX_TOKENS) {
                reply_limit_error(&reply, PROTOCOL_REQUEST_TOO_LARGE, "the request has too many JSON tokens",
                                  "request_tokens", PROTOCOL_MAX_TOKENS);
                return false;
        }
        return true;
}

/* jansson says that memory ran out only where it is sure of it; otherwise that is a syntax error like any other. */
static int refuse_unparsed(const char *line, size_t length, const json_error_t *error,
                           struct json_writer *out)
{
        CLEANUP(json_cleanup) json_t *message = NULL;
        json_error_t second = *error;

        if (json_error_code(error) == json_error_duplicate_key) {
                message = json_loadb(line, length, 0, &second);
                if (message) {
                        refuse_duplicate(message, prescan_locate(line, length, (size_t)error->position), out);
                        return 0;
                }
        }
        if (json_error_code(&second) == json_error_out_of_memory)
                return -ENOMEM;
        refuse_json(&second, out);
        return RPC_BAD_LINE;
}

static int handle_text(const struct rpc *rpc, const char *line, size_t length, struct json_writer *out)
{
        CLEANUP(json_cleanup) json_t *message = NULL;
        CLEANUP(snapshot_cleanup) struct snapshot *snapshot = NULL;
        json_error_t error;

        if (!check_bounds(line, length, out))
                return 0;
        message = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
        if (!message)
                return refuse_unparsed(line, length, &error, out);
        snapshot = snapshot_ref(rpc->snapshot);
        if (json_is_array(message))
                handle_batch(rpc, snapshot, message, out);
        else
                handle_request(rpc, snapshot, message, out);
        return 0;
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

int rpc_handle_line(struct rpc *rpc, const char *line, size_t length, struct json_writer *out)
{
        struct json_mark start = json_writer_mark(out);

        set_limit(out, /* batch_end= */ 0);
        return finish(out, start, handle_text(rpc, line, length, out));
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
