/*
 * Bounds: at each there is an answer, one step beyond it an error that names the bound; and names of any
 * bytes still give valid JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/errors.h"
#include "protocol/limits.h"
#include "support/rpc_fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"
#include "util/util.h"

/* So many members that type.get's answer takes more than 4 MiB. */
#define N_MEMBERS 60000U

static int begin(void **state)
{
        static struct rpc_fixture fixture;
        struct btf_builder *b = btf_builder_new();
        uint32_t id;

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_struct(b, "enormous", 4 * N_MEMBERS, false);
        for (uint32_t i = 0; i < N_MEMBERS; i++)
                btf_builder_member(b, "x", 1, i * 32, 0);
        btf_builder_struct(b, "half", 4 * N_MEMBERS, false);
        for (uint32_t i = 0; i < N_MEMBERS / 2; i++)
                btf_builder_member(b, "x", 1, i * 32, 0);
        id = btf_builder_struct(b, "s\xc3(\x80", 16, false);
        btf_builder_member(b, "\xff\xfe\"\\\n\x01", 1, 0, 0);
        btf_builder_member(b, "\xed\xa0\x80", 1, 32, 0);
        btf_builder_typedef(b, "odd", id);
        rpc_fixture_init(&fixture, b);
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        rpc_fixture_deinit(*state);
        return 0;
}

/* A line under construction, as long as a test likes. */
static struct strbuf line_begin(void)
{
        size_t size = (size_t)1 << 20;
        char *data = malloc(size);
        struct strbuf line;

        assert_non_null(data);
        strbuf_init(&line, data, size);
        return line;
}

static void check_limit(json_t *reply, const char *reason, int code, const char *limit, json_int_t max)
{
        json_t *data = rpc_check_error(reply, code, reason);

        assert_string_equal(rpc_text(data, "limit"), limit);
        assert_int_equal(json_integer_value(json_object_get(data, "max")), max);
        json_decref(reply);
}

/* `depth` nested arrays inside a request's params, which itself is 2 deep. */
static json_t *ask_nested(struct rpc_fixture *fixture, int depth)
{
        struct strbuf line = line_begin();
        json_t *reply;

        strbuf_append(&line, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"type.get\",\"params\":{\"type\":");
        for (int i = 0; i < depth; i++)
                strbuf_append(&line, "[");
        for (int i = 0; i < depth; i++)
                strbuf_append(&line, "]");
        strbuf_append(&line, "}}");
        assert_false(line.overflow);
        reply = rpc_ask(fixture, line.data);
        free(line.data);
        return reply;
}

static void requests_nest_at_most_16_deep(void **state)
{
        json_t *reply = ask_nested(*state, 14);

        rpc_check_error(reply, -32602, "invalid-params");
        json_decref(reply);
        reply = ask_nested(*state, 15);
        assert_true(json_is_null(json_object_get(reply, "id"))); /* it was never parsed */
        check_limit(reply, "request-too-large", PROTOCOL_REQUEST_TOO_LARGE, "request_depth", 16);
        check_limit(ask_nested(*state, 50000), "request-too-large", PROTOCOL_REQUEST_TOO_LARGE,
                    "request_depth", 16);
}

/* A request of exactly so many tokens, most of them in an array in its params. */
static json_t *ask_tokens(struct rpc_fixture *fixture, size_t n_tokens)
{
        struct strbuf line = line_begin();
        size_t n_elements = (n_tokens - 21) / 2; /* n elements, n - 1 commas, and 22 around them */
        json_t *reply;

        strbuf_append(&line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"type.get\",\"params\":{\"type\":[");
        for (size_t i = 1; i < n_elements; i++)
                strbuf_append(&line, "1,");
        strbuf_append(&line, n_tokens % 2 != 0 ? "1" : "[]");
        strbuf_append(&line, "]}}");
        assert_false(line.overflow);
        reply = rpc_ask(fixture, line.data);
        free(line.data);
        return reply;
}

static void requests_have_at_most_24576_tokens(void **state)
{
        json_t *reply = ask_tokens(*state, PROTOCOL_MAX_TOKENS);

        rpc_check_error(reply, -32602, "invalid-params");
        json_decref(reply);
        check_limit(ask_tokens(*state, PROTOCOL_MAX_TOKENS + 1), "request-too-large",
                    PROTOCOL_REQUEST_TOO_LARGE, "request_tokens", PROTOCOL_MAX_TOKENS);
        check_limit(ask_tokens(*state, 60000), "request-too-large", PROTOCOL_REQUEST_TOO_LARGE,
                    "request_tokens", PROTOCOL_MAX_TOKENS);
}

/* A batch of `n` copies of one request. */
static json_t *ask_batch(struct rpc_fixture *fixture, size_t n, const char *request)
{
        struct strbuf line = line_begin();
        json_t *reply;

        strbuf_append(&line, "[");
        for (size_t i = 0; i < n; i++)
                strbuf_printf(&line, "%s%s", i > 0 ? "," : "", request);
        strbuf_append(&line, "]");
        assert_false(line.overflow);
        reply = rpc_ask(fixture, line.data);
        free(line.data);
        return reply;
}

static void batches_have_at_most_512_elements(void **state)
{
        static const char request[] =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"type.get\",\"params\":{\"type\":"
                "\"int\"}}";
        json_t *reply = ask_batch(*state, 512, request);

        assert_int_equal(json_array_size(reply), 512);
        json_decref(reply);
        reply = ask_batch(*state, 513, request);
        assert_true(json_is_object(reply));
        check_limit(reply, "request-too-large", PROTOCOL_REQUEST_TOO_LARGE, "batch_elements", 512);
        /* The count is of elements, not of those that are answered. */
        reply = ask_batch(*state, 513, "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}");
        check_limit(reply, "request-too-large", PROTOCOL_REQUEST_TOO_LARGE, "batch_elements", 512);
        assert_null(ask_batch(*state, 512, "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}"));
}

static void replies_beyond_4_mib_are_errors(void **state)
{
        json_t *reply = rpc_call(*state, "type.get", "{\"type\":\"enormous\"}");

        check_limit(reply, "reply-too-large", PROTOCOL_REPLY_TOO_LARGE, "reply_bytes", 4 << 20);
        reply = rpc_call(*state, "type.get", "{\"type\":\"half\"}");
        assert_int_equal(json_array_size(json_object_get(rpc_check_result(reply), "members")), N_MEMBERS / 2);
        json_decref(reply);
}

/* One that is too large spoils neither its neighbours nor the batch. */
static void a_reply_too_large_spoils_no_other(void **state)
{
        json_t *reply = rpc_ask(*state, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"btfd.info\"},"
                                        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"type.get\",\"params\":"
                                        "{\"type\":\"enormous\"}},"
                                        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"btfd.info\"}]");
        json_t *second = json_array_get(reply, 1);

        assert_int_equal(json_array_size(reply), 3);
        rpc_check_result(json_array_get(reply, 0));
        assert_int_equal(json_integer_value(json_object_get(second, "id")), 2);
        rpc_check_error(second, PROTOCOL_REPLY_TOO_LARGE, "reply-too-large");
        rpc_check_result(json_array_get(reply, 2));
        json_decref(reply);
}

/* A batch's elements share 16 MiB: what no longer fits is an error, and every id is answered all the same. */
static void replies_of_a_batch_share_16_mib(void **state)
{
        json_t *reply =
                ask_batch(*state, 20,
                          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"type.get\",\"params\":{\"type\":"
                          "\"half\"}}");
        size_t n_results = 0;
        bool seen_error = false;

        assert_int_equal(json_array_size(reply), 20);
        for (size_t i = 0; i < json_array_size(reply); i++) {
                json_t *element = json_array_get(reply, i);

                if (json_object_get(element, "result")) {
                        assert_false(seen_error);
                        n_results++;
                        continue;
                }
                seen_error = true;
                rpc_check_error(element, PROTOCOL_REPLY_TOO_LARGE, "reply-too-large");
        }
        assert_true(seen_error);
        assert_true(n_results >= 4 && n_results < 20);
        json_decref(reply);
}

/* Even if what cannot be answered is asked under an id as long as a line may be. */
static void long_ids_come_back_whole(void **state)
{
        size_t length = 120000;
        struct strbuf line = line_begin();
        char *id = malloc(length + 1);
        json_t *reply;

        assert_non_null(id);
        memset(id, '~', length);
        id[length] = '\0';
        strbuf_printf(&line,
                      "{\"jsonrpc\":\"2.0\",\"id\":\"%s\",\"method\":\"type.get\",\"params\":{\"type\":"
                      "\"enormous\"}}",
                      id);
        assert_false(line.overflow);
        reply = rpc_ask(*state, line.data);
        rpc_check_error(reply, PROTOCOL_REPLY_TOO_LARGE, "reply-too-large");
        assert_string_equal(rpc_text(reply, "id"), id);
        json_decref(reply);
        free(id);
        free(line.data);
}

/* An error does not send all of a long name back. */
static void errors_repeat_at_most_256_bytes(void **state)
{
        size_t length = 100000;
        struct strbuf line = line_begin();
        char *name = malloc(length + 1);
        json_t *reply, *data;

        assert_non_null(name);
        memset(name, 'n', length);
        name[length] = '\0';
        strbuf_printf(
                &line,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"field.offset\",\"params\":{\"type\":\"int\","
                "\"path\":\"%s\"}}",
                name);
        assert_false(line.overflow);
        reply = rpc_ask(*state, line.data);
        data = rpc_check_error(reply, PROTOCOL_WRONG_KIND, "wrong-kind");
        assert_int_equal(strlen(rpc_text(data, "component")), 256);
        json_decref(reply);
        free(name);
        free(line.data);
}

/* rpc_fixture parses every reply, so that it is enough to ask. */
static void names_of_any_bytes_give_valid_json(void **state)
{
        json_t *reply = rpc_call(*state, "type.get", "{\"source\":\"vmlinux\",\"instance\":1,\"id\":4}");
        json_t *result = rpc_check_result(reply);
        json_t *members = json_object_get(result, "members");

        assert_string_equal(rpc_text(result, "name"), "s\xef\xbf\xbd(\xef\xbf\xbd");
        assert_string_equal(rpc_text(json_array_get(members, 0), "name"),
                            "\xef\xbf\xbd\xef\xbf\xbd\"\\\n\x01");
        assert_string_equal(rpc_text(json_array_get(members, 1), "name"),
                            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
        json_decref(reply);

        reply = rpc_call(*state, "field.offset", "{\"type\":\"odd\",\"path\":\"nonsuch\"}");
        rpc_check_error(reply, PROTOCOL_MEMBER_NOT_FOUND, "member-not-found");
        json_decref(reply);
}

static json_t *parse(const struct json_writer *out)
{
        json_t *reply = json_loadb(out->data, out->length, 0, NULL);

        assert_non_null(reply);
        assert_int_equal(out->data[out->length - 1], '\n');
        return reply;
}

/* What is answered without a request: lines that could not be read, connections that have no room. */
static void refusals_name_their_reason(void **state)
{
        const struct rpc_fixture *fixture = *state;
        struct json_writer out;

        json_writer_init(&out, 1 << 20);
        assert_int_equal(rpc_refuse_line(RPC_LINE_TOO_LONG, &out), 0);
        check_limit(parse(&out), "request-too-large", PROTOCOL_REQUEST_TOO_LARGE, "request_bytes", 131072);
        json_writer_deinit(&out);
        assert_int_equal(rpc_refuse_line(RPC_LINE_NUL_BYTE, &out), RPC_BAD_LINE);
        {
                json_t *reply = parse(&out);

                rpc_check_error(reply, -32700, "parse-error");
                json_decref(reply);
        }
        json_writer_deinit(&out);
        assert_int_equal(rpc_refuse_connection(&fixture->rpc, &out), 0);
        check_limit(parse(&out), "quota-exceeded", PROTOCOL_QUOTA_EXCEEDED, "connections", 99);
        json_writer_deinit(&out);
}

/* Replies are appended: what waits in the buffer already is not touched and counts for nobody's limit. */
static void replies_are_appended(void **state)
{
        struct rpc_fixture *fixture = *state;
        static const char line[] =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"type.get\",\"params\":{\"type\":"
                "\"half\"}}";
        struct json_writer out;
        size_t first = 0;

        json_writer_init(&out, 0);
        for (int i = 0; i < 5; i++) {
                size_t before = out.length;

                assert_int_equal(rpc_handle_line(&fixture->rpc, line, sizeof(line) - 1, &out), 0);
                first = first ? first : out.length;
                assert_int_equal(out.length - before, first);
                assert_memory_equal(out.data + before, out.data, first);
        }
        assert_true(out.length > PROTOCOL_MAX_REPLY);
        json_writer_deinit(&out);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_nest_at_most_16_deep),
                cmocka_unit_test(requests_have_at_most_24576_tokens),
                cmocka_unit_test(batches_have_at_most_512_elements),
                cmocka_unit_test(replies_beyond_4_mib_are_errors),
                cmocka_unit_test(a_reply_too_large_spoils_no_other),
                cmocka_unit_test(replies_of_a_batch_share_16_mib),
                cmocka_unit_test(long_ids_come_back_whole),
                cmocka_unit_test(errors_repeat_at_most_256_bytes),
                cmocka_unit_test(names_of_any_bytes_give_valid_json),
                cmocka_unit_test(refusals_name_their_reason),
                cmocka_unit_test(replies_are_appended),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
