/*
 * Methods about the daemon itself: rpc.discover, btfd.info.
 */
#include "protocol/limits.h"
#include "protocol/openrpc.h"
#include "query/copies.h"
#include "query/diff.h"
#include "query/error.h"
#include "query/layout.h"
#include "query/member.h"
#include "query/offset.h"
#include "query/path.h"
#include "query/type_name.h"
#include "rpc/method.h"
#include "util/version.h"

void method_rpc_discover(struct rpc_request *request)
{
        reply_result_begin(request->reply);
        json_write_raw(request->reply->out, openrpc_document, openrpc_document_length);
        reply_result_end(request->reply);
}

static void write_limits(struct json_writer *out, const struct rpc_config *config)
{
        json_write_key(out, "limits");
        json_write_object_begin(out);
        json_write_uint_member(out, "request_bytes", PROTOCOL_MAX_LINE);
        json_write_uint_member(out, "request_tokens", PROTOCOL_MAX_TOKENS);
        json_write_uint_member(out, "request_depth", PROTOCOL_MAX_DEPTH);
        json_write_uint_member(out, "batch_elements", PROTOCOL_MAX_BATCH);
        json_write_uint_member(out, "reply_bytes", PROTOCOL_MAX_REPLY);
        json_write_uint_member(out, "batch_reply_bytes", PROTOCOL_MAX_BATCH_REPLY);
        json_write_uint_member(out, "bad_lines", PROTOCOL_MAX_BAD_LINES);
        json_write_uint_member(out, "unsent_bytes", PROTOCOL_MAX_UNSENT);
        json_write_uint_member(out, "total_unsent_bytes", PROTOCOL_MAX_TOTAL_UNSENT);
        json_write_uint_member(out, "stall_seconds", PROTOCOL_STALL_SEC);
        json_write_uint_member(out, "heavy_seconds", PROTOCOL_HEAVY_SEC);
        json_write_uint_member(out, "heavy_bytes", PROTOCOL_MAX_HEAVY);
        json_write_uint_member(out, "connections", config->max_connections);
        json_write_uint_member(out, "path_components", PATH_MAX_COMPONENTS);
        json_write_uint_member(out, "alternatives", OFFSET_MAX_ALTERNATIVES);
        json_write_uint_member(out, "candidates", QUERY_MAX_CANDIDATES);
        json_write_uint_member(out, "copies", COPIES_MAX);
        json_write_uint_member(out, "sources", MODULE_INDEX_MAX_SOURCES);
        json_write_uint_member(out, "near", QUERY_MAX_NEAR);
        json_write_uint_member(out, "member_visits", MEMBER_MAX_VISITS);
        json_write_uint_member(out, "diff_entries", ENTRIES_MAX);
        json_write_uint_member(out, "diff_changes", DIFF_MAX_CHANGES);
        json_write_uint_member(out, "probe_questions", PROTOCOL_MAX_PROBES);
        json_write_uint_member(out, "type_name_bytes", TYPE_NAME_SIZE);
        json_write_uint_member(out, "page_entries", PAGE_MAX_LIMIT);
        json_write_uint_member(out, "pattern_bytes", GLOB_MAX_TOKENS);
        json_write_uint_member(out, "member_path_bytes", LAYOUT_PATH_SIZE);
        json_write_uint_member(out, "expand", LAYOUT_MAX_EXPAND);
        json_write_uint_member(out, "user_places", USERS_MAX_PLACES);
        json_write_object_end(out);
}

void method_btfd_info(struct rpc_request *request)
{
        const struct rpc_config *config = request->config;
        const struct snapshot *snapshot = request->snapshot;
        const struct btf *btf = request->set->sources[0]->btf;
        struct json_writer *out = request->reply->out;

        reply_result_begin(request->reply);
        json_write_object_begin(out);
        json_write_uint_member(out, "generation", snapshot->generation);
        json_write_string_member(out, "version", BTFD_VERSION);
        json_write_uint_member(out, "protocol", PROTOCOL_VERSION);
        if (config->kernel_release && request->set == snapshot->sets[0])
                json_write_string_member(out, "kernel_release", config->kernel_release);
        if (config->arch && request->set == snapshot->sets[0])
                json_write_string_member(out, "arch", config->arch);
        json_write_uint_member(out, "pointer_size", btf->pointer_size);
        json_write_string_member(out, "endianness", btf->big_endian ? "big" : "little");
        json_write_string_member(out, "directory", request->set->directory);
        json_write_uint_member(out, "sources", request->set->n_sources);
        json_write_uint_member(out, "failed", request->set->n_failures);
        json_write_key(out, "sets");
        json_write_array_begin(out);
        for (size_t i = 0; i < snapshot->n_sets; i++)
                json_write_string(out, snapshot->sets[i]->name);
        json_write_array_end(out);
        json_write_key(out, "features");
        json_write_array_begin(out);
        json_write_array_end(out);
        write_limits(out, config);
        json_write_object_end(out);
        reply_result_end(request->reply);
}
