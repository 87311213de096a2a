/*
 * JSON-RPC 2.0 as its specification has it, and what each method answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/errors.h"
#include "support/rpc_fixture.h"
#include "support/sample.h"
#include "support/unit.h"
#include "util/util.h"

static int begin(void **state)
{
        static struct rpc_fixture fixture;
        struct btf_builder *b = btf_builder_new();

        sample_build(b);
        rpc_fixture_init(&fixture, b);
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        rpc_fixture_deinit(*state);
        return 0;
}

/* A line, and what its reply's id and error code must be. */
struct exchange {
        const char *line;
        const char *id; /* as JSON */
        int code;       /* 0 for a result */
};

#define INFO "\"jsonrpc\":\"2.0\",\"method\":\"btfd.info\""

static const struct exchange exchanges[] = {
        {"{" INFO ",\"id\":1}", "1", 0},
        {"{" INFO ",\"id\":1,\"params\":{}}", "1", 0},
        {"  {" INFO " , \"id\" : 1 }\t\r", "1", 0},
        {"{" INFO ",\"id\":\"a\\u00e4\\n\"}", "\"a\\u00E4\\n\"", 0},
        {"{" INFO ",\"id\":\"\"}", "\"\"", 0},
        {"{" INFO ",\"id\":-7}", "-7", 0},
        {"{" INFO ",\"id\":9223372036854775807}", "9223372036854775807", 0},
        {"{" INFO ",\"id\":1.5}", "1.5", 0},
        {"{" INFO ",\"id\":0.1}", "0.10000000000000001", 0},
        {"{" INFO ",\"id\":null}", "null", 0},
        {"{" INFO ",\"id\":1,\"extra\":[1,2]}", "1", 0},

        /* Ids that are none. */
        {"{" INFO ",\"id\":true}", "null", -32600},
        {"{" INFO ",\"id\":[1]}", "null", -32600},
        {"{" INFO ",\"id\":{}}", "null", -32600},

        /* Requests that are none; whoever gave an id gets it back. */
        {"{}", "null", -32600},
        {"{\"foo\":\"boo\"}", "null", -32600},
        {"{\"method\":\"btfd.info\",\"id\":1}", "1", -32600},
        {"{\"jsonrpc\":\"1.0\",\"method\":\"btfd.info\",\"id\":1}", "1", -32600},
        {"{\"jsonrpc\":2.0,\"method\":\"btfd.info\",\"id\":1}", "1", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":\"x\"}", "\"x\"", -32600},
        {"{\"jsonrpc\":\"2.0\",\"method\":1,\"params\":\"bar\"}", "null", -32600},
        {"{\"jsonrpc\":\"2.0\",\"method\":null,\"id\":1}", "1", -32600},
        {"[]", "null", -32600},

        {"{\"jsonrpc\":\"2.0\",\"method\":\"foobar\",\"id\":\"1\"}", "\"1\"", -32601},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"\",\"id\":1}", "1", -32601},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"btfd.infos\",\"id\":1}", "1", -32601},

        {"{" INFO ",\"id\":1,\"params\":[]}", "1", -32602},
        {"{" INFO ",\"id\":1,\"params\":[1]}", "1", -32602},
        {"{" INFO ",\"id\":1,\"params\":null}", "1", -32602},
        {"{" INFO ",\"id\":1,\"params\":\"x\"}", "1", -32602},
        {"{" INFO ",\"id\":1,\"params\":7}", "1", -32602},
};

static void check_exchange(struct rpc_fixture *fixture, const struct exchange *c)
{
        json_t *reply = rpc_ask(fixture, c->line);
        json_int_t code;

        if (!reply)
                fail_msg("%s: no reply", c->line);
        code = json_integer_value(json_object_get(json_object_get(reply, "error"), "code"));
        if (code != c->code)
                fail_msg("%s: error %d, expected %d", c->line, (int)code, c->code);
        {
                char *id = json_dumps(json_object_get(reply, "id"), JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

                assert_string_equal(id, c->id);
                free(id);
        }
        json_decref(reply);
}

static void single_requests_are_answered(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(exchanges); i++)
                check_exchange(*state, &exchanges[i]);
}

static void notifications_are_not_answered(void **state)
{
        static const char *const lines[] = {
                "{" INFO "}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"no such method\"}",
                "{" INFO ",\"params\":[1]}",
                "{" INFO ",\"params\":{\"nonsense\":1}}",
                "[{" INFO "}]",
                "[{" INFO "},{\"jsonrpc\":\"2.0\",\"method\":\"type.get\",\"params\":{\"type\":\"outer\"}}]",
        };

        for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
                json_t *reply = rpc_ask(*state, lines[i]);

                if (reply)
                        fail_msg("%s: a reply", lines[i]);
        }
}

/* What is not JSON is answered and reported, so that the server can tell who does not speak it. */
static void bad_lines_are_parse_errors(void **state)
{
        static const char *const lines[] = {
                "",
                " ",
                "{",
                "}",
                "[",
                "{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]",
                "[{" INFO ",\"id\":1},{\"jsonrpc\":\"2.0\",\"method\"]",
                "{" INFO ",\"id\":1} {}",
                "{" INFO ",\"id\":1}]",
                "{" INFO ",\"id\":1,}",
                "{'jsonrpc':'2.0'}",
                "{" INFO ",\"id\":01}",
                "{" INFO ",\"id\":1e999}",
                "{" INFO ",\"id\":9223372036854775808}",
                "{" INFO ",\"id\":NaN}",
                "{" INFO ",\"id\":\"\\ud800\"}",
                "{" INFO ",\"id\":\"\\u0000\"}",
                "{" INFO ",\"id\":\"\x80\"}",
                "{" INFO ",\"id\":\"\t\"}",
                "GET / HTTP/1.1",
                "\x16\x03\x01",
                "[[[[",
                "\"",
        };

        for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
                json_t *reply = rpc_send(*state, lines[i], strlen(lines[i]), RPC_BAD_LINE);

                if (!reply)
                        fail_msg("%s: no reply", lines[i]);
                rpc_check_error(reply, -32700, "parse-error");
                assert_true(json_is_null(json_object_get(reply, "id")));
                json_decref(reply);
        }
}

/* The byte that is said to be wrong is one that a person can count to. */
static void parse_errors_say_where(void **state)
{
        static const char line[] = "{\"jsonrpc\":\"2.0\",x}";
        json_t *reply = rpc_send(*state, line, sizeof(line) - 1, RPC_BAD_LINE);
        json_t *data = rpc_check_error(reply, -32700, "parse-error");

        assert_in_range(json_integer_value(json_object_get(data, "byte")), 16, 19);
        json_decref(reply);
}

static json_int_t element_code(const json_t *batch, size_t i)
{
        return json_integer_value(
                json_object_get(json_object_get(json_array_get(batch, i), "error"), "code"));
}

static void batches_are_answered_in_order(void **state)
{
        json_t *reply = rpc_ask(*state, "[{" INFO ",\"id\":\"1\"},{" INFO "},1,{\"foo\":\"boo\"},"
                                        "{\"jsonrpc\":\"2.0\",\"method\":\"foo.get\",\"params\":{\"name\":"
                                        "\"myself\"},\"id\":\"5\"},[],{" INFO ",\"id\":\"9\"}]");
        static const char *const ids[] = {"\"1\"", "null", "null", "\"5\"", "null", "\"9\""};
        static const int codes[] = {0, -32600, -32600, -32601, -32600, 0};

        assert_int_equal(json_array_size(reply), ARRAY_LENGTH(ids));
        for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
                rpc_check_text(json_object_get(json_array_get(reply, i), "id"), ids[i]);
                assert_int_equal(element_code(reply, i), codes[i]);
        }
        json_decref(reply);
}

static void a_batch_of_nonsense_is_a_batch_of_errors(void **state)
{
        json_t *reply = rpc_ask(*state, "[1,2,3]");

        assert_int_equal(json_array_size(reply), 3);
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(element_code(reply, i), -32600);
        json_decref(reply);

        /* One element makes an array of one. */
        reply = rpc_ask(*state, "[1]");
        assert_int_equal(json_array_size(reply), 1);
        json_decref(reply);
        reply = rpc_ask(*state, "[{" INFO ",\"id\":1}]");
        assert_int_equal(json_array_size(reply), 1);
        json_decref(reply);

        /* The one request between notifications. */
        reply = rpc_ask(*state, "[{" INFO "},{" INFO ",\"id\":4},{" INFO "}]");
        assert_int_equal(json_array_size(reply), 1);
        json_decref(reply);
}

/* The two headline answers' form, key by key and in order: clients read it by eye. */
static void field_offset_answers_with_a_plan(void **state)
{
        static const struct {
                const char *params, *expected;
        } cases[] = {
                {"{\"type\":\"struct outer\",\"path\":\"next->ptr->b\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":88,\"deref\":true},"
                 "{\"offset\":8,\"deref\":true},{\"offset\":4,\"deref\":false}],\"type\":\"int\",\"kind\":"
                 "\"int\",\"size\":4,\"encoding\":\"signed\"}"},
                {"{\"type\":\"outer\",\"path\":\"comm\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":40,\"deref\":false}],"
                 "\"offset\":40,\"type\":\"char[16]\",\"kind\":\"array\",\"size\":16,\"nelems\":16,"
                 "\"elem_size\":1}"},
                {"{\"type\":\"outer\",\"path\":\"prio\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":160,\"deref\":false}],"
                 "\"offset\":160,\"type\":\"int\",\"kind\":\"int\",\"size\":4,\"encoding\":\"signed\","
                 "\"bitfield\":{\"bit_offset\":4,\"bit_size\":5,\"load\":{\"size\":4,\"lshift\":55,"
                 "\"rshift\":59,\"signed\":true}}}"},
                {"{\"type\":\"outer\",\"path\":\"flex\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":176,\"deref\":false}],"
                 "\"offset\":176,\"type\":\"int[0]\",\"kind\":\"array\",\"size\":0,\"nelems\":0,"
                 "\"elem_size\":4,\"flexible\":true}"},
                {"{\"type\":\"outer\",\"path\":\"ptr\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":8,\"deref\":false}],"
                 "\"offset\":8,\"type\":\"struct inner *\",\"kind\":\"ptr\",\"size\":8,"
                 "\"pointee\":\"struct inner\",\"pointee_size\":8}"},
                {"{\"type\":\"outer\",\"path\":\"opaque\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":96,\"deref\":false}],"
                 "\"offset\":96,\"type\":\"void *\",\"kind\":\"ptr\",\"size\":8,\"pointee\":\"void\"}"},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                json_t *reply = rpc_call(*state, "field.offset", cases[i].params);

                rpc_check_text(rpc_check_result(reply), cases[i].expected);
                json_decref(reply);
        }
}

/* A kernel with a function, a variable, and a module that defines what vmlinux declares. */
static void begin_roots(struct rpc_fixture *fixture)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t integer, later, pointer, host, host_ptr, proto, var;

        integer = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_int(b, "long unsigned int", 8, 64, 0);
        later = btf_builder_struct(b, "later", 4, false);
        btf_builder_member(b, "x", integer, 0, 0);
        pointer = btf_builder_ptr(b, later);
        host = btf_builder_struct(b, "host", 16, false);
        btf_builder_member(b, "later", pointer, 0, 0);
        btf_builder_member(b, "state", integer, 64, 0);
        host_ptr = btf_builder_ptr(b, host);
        proto = btf_builder_func_proto(b, host);
        btf_builder_param(b, "by", host);
        btf_builder_param(b, "h", host_ptr);
        btf_builder_func(b, "probe", proto, 1);
        var = btf_builder_var(b, "hosts", host, 1);
        btf_builder_var(b, "stray", host, 1);
        btf_builder_datasec(b, ".data..percpu", 64);
        btf_builder_secinfo(b, var, 32, 16);
        rpc_fixture_init(fixture, b);
}

/* What a path begins at stands before the steps. */
static void roots_are_told(void **state)
{
        static const struct {
                const char *params, *expected;
        } cases[] = {
                {"{\"func\":\"probe\",\"path\":\"h->later->x\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"argument\":{\"index\":1,\"name\":\"h\",\"slot\":"
                 "2},"
                 "\"steps\":[{\"offset\":0,\"deref\":true},{\"offset\":0,\"deref\":false}],\"type\":\"int\","
                 "\"kind\":\"int\",\"size\":4,\"encoding\":\"signed\"}"},
                {"{\"func\":\"probe\",\"path\":\"h->state\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"argument\":{\"index\":1,\"name\":\"h\",\"slot\":"
                 "2},"
                 "\"steps\":[{\"offset\":8,\"deref\":false}],\"type\":\"int\",\"kind\":\"int\",\"size\":4,"
                 "\"encoding\":\"signed\"}"},
                {"{\"func\":\"probe\",\"path\":\"(struct later *)h\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"argument\":{\"index\":1,\"name\":\"h\",\"slot\":"
                 "2},"
                 "\"steps\":[],\"type\":\"struct later *\",\"kind\":\"ptr\",\"size\":8,"
                 "\"pointee\":\"struct later\",\"pointee_size\":4}"},
                {"{\"func\":\"probe\",\"path\":\"return.state\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"argument\":{\"returns\":true,\"by_value\":true},"
                 "\"steps\":[{\"offset\":8,\"deref\":false}],\"type\":\"int\",\"kind\":\"int\",\"size\":4,"
                 "\"encoding\":\"signed\"}"},
                {"{\"type\":\"probe\",\"kind\":\"func\",\"path\":\"by\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"argument\":{\"index\":0,\"name\":\"by\","
                 "\"slot\":0,"
                 "\"by_value\":true},\"steps\":[{\"offset\":0,\"deref\":false}],\"type\":\"struct host\","
                 "\"kind\":\"struct\",\"size\":16}"},
                {"{\"var\":\"hosts\",\"path\":\"state\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"variable\":{\"section\":\".data..percpu\","
                 "\"offset\":32,\"size\":16},\"steps\":[{\"offset\":8,\"deref\":false}],\"offset\":8,"
                 "\"type\":\"int\",\"kind\":\"int\",\"size\":4,\"encoding\":\"signed\"}"},
                {"{\"var\":\"stray\",\"path\":\".\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":0,\"deref\":false}],"
                 "\"offset\":0,\"type\":\"struct host\",\"kind\":\"struct\",\"size\":16}"},
                {"{\"type\":\"int\",\"path\":\"container_of(&., struct host, state)->later\"}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"steps\":[{\"offset\":-8,\"deref\":false}],"
                 "\"offset\":-8,\"type\":\"struct later *\",\"kind\":\"ptr\",\"size\":8,"
                 "\"pointee\":\"struct later\",\"pointee_size\":4}"},
                {"{\"any\":[{\"type\":\"host\",\"path\":\"__state\"},{\"type\":\"host\",\"path\":\"state\"}]"
                 "}",
                 "{\"generation\":7,\"source\":\"vmlinux\",\"which\":1,\"steps\":[{\"offset\":8,"
                 "\"deref\":false}],\"offset\":8,\"type\":\"int\",\"kind\":\"int\",\"size\":4,"
                 "\"encoding\":\"signed\"}"},
        };
        struct rpc_fixture fixture;

        (void)state;
        begin_roots(&fixture);
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                json_t *reply = rpc_call(&fixture, "field.offset", cases[i].params);

                rpc_check_text(rpc_check_result(reply), cases[i].expected);
                json_decref(reply);
        }
        rpc_fixture_deinit(&fixture);
}

/* A name in a path is a piece of it, wherever it ends. */
static void errors_of_casts_and_alternatives_say_which(void **state)
{
        static const struct {
                const char *params, *reason, *expected;
                int code;
        } cases[] = {
                {"{\"type\":\"outer\",\"path\":\"((struct innr *)opaque)->a\"}", "name-not-found",
                 "{\"reason\":\"name-not-found\",\"name\":\"struct innr\",\"component\":\"struct innr\","
                 "\"position\":2,\"index\":1,\"near\":[\"struct inner\"]}",
                 PROTOCOL_NAME_NOT_FOUND},
                {"{\"type\":\"outer\",\"path\":\"((struct inner **)opaque)->a\"}", "wrong-kind",
                 "{\"reason\":\"wrong-kind\",\"component\":\"a\",\"position\":27,\"index\":2,"
                 "\"in\":\"struct inner *\"}",
                 PROTOCOL_WRONG_KIND},
                {"{\"any\":[{\"type\":\"inner\",\"path\":\"zz\"},{\"func\":\"zz\",\"path\":\"a\"}]}",
                 "member-not-found",
                 "{\"reason\":\"member-not-found\",\"component\":\"zz\",\"position\":0,\"index\":0,"
                 "\"in\":\"struct inner\",\"which\":0,\"alternatives\":[{\"reason\":\"member-not-found\","
                 "\"message\":\"no member 'zz' in struct inner\"},{\"reason\":\"name-not-found\",\"message\":"
                 "\"no func 'zz' in any source\"}]}",
                 PROTOCOL_MEMBER_NOT_FOUND},
                {"{\"any\":[{\"type\":\"inner\",\"path\":\"zz\"},{\"type\":\"inner\",\"path\":\"a[\"}]}",
                 "bad-path",
                 "{\"reason\":\"bad-path\",\"component\":\"\",\"position\":2,\"index\":1,\"which\":1,"
                 "\"alternatives\":[{\"reason\":\"member-not-found\",\"message\":\"no member 'zz' in struct "
                 "inner\"},{\"reason\":\"bad-path\",\"message\":\"byte 2 of the path: expected an index: a "
                 "decimal or 0x number, not negative\"}]}",
                 PROTOCOL_BAD_PATH},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                json_t *reply = rpc_call(*state, "field.offset", cases[i].params);

                rpc_check_text(rpc_check_error(reply, cases[i].code, cases[i].reason), cases[i].expected);
                json_decref(reply);
        }
}

static void alternatives_are_bounded(void **state)
{
        char params[2048] = "{\"any\":[";
        json_t *reply, *data;

        for (int i = 0; i < 17; i++)
                strcat(params, i == 0 ? "{\"type\":\"inner\",\"path\":\"z\"}"
                                      : ",{\"type\":\"inner\",\"path\":\"z\"}");
        strcat(params, "]}");
        reply = rpc_call(*state, "field.offset", params);
        data = rpc_check_error(reply, PROTOCOL_REQUEST_TOO_LARGE, "request-too-large");
        assert_string_equal(rpc_text(data, "limit"), "alternatives");
        assert_int_equal(json_integer_value(json_object_get(data, "max")), 16);
        json_decref(reply);
}

static void field_offset_explains_what_is_wrong(void **state)
{
        json_t *reply = rpc_call(*state, "field.offset", "{\"type\":\"outer\",\"path\":\"next->ptrr\"}");
        json_t *data = rpc_check_error(reply, PROTOCOL_MEMBER_NOT_FOUND, "member-not-found");

        rpc_check_text(data, "{\"reason\":\"member-not-found\",\"component\":\"ptrr\",\"position\":6,"
                             "\"index\":1,\"in\":\"struct outer\",\"near\":[\"ptr\",\"ptrs\",\"arr\"]}");
        json_decref(reply);

        reply = rpc_call(*state, "field.offset", "{\"type\":\"outer\",\"path\":\"a[\"}");
        data = rpc_check_error(reply, PROTOCOL_BAD_PATH, "bad-path");
        assert_int_equal(json_integer_value(json_object_get(data, "position")), 2);
        json_decref(reply);

        reply = rpc_call(*state, "field.offset", "{\"type\":\"struct innr\",\"path\":\"a\"}");
        data = rpc_check_error(reply, PROTOCOL_NAME_NOT_FOUND, "name-not-found");
        rpc_check_text(json_object_get(data, "near"), "[\"struct inner\"]");
        assert_string_equal(rpc_text(data, "name"), "struct innr");
        json_decref(reply);
}

static void type_get_answers_with_members(void **state)
{
        json_t *reply = rpc_call(*state, "type.get", "{\"type\":\"struct bits\"}");

        rpc_check_text(json_object_get(rpc_check_result(reply), "members"),
                       "[{\"name\":\"lo\",\"offset\":0,\"type\":\"unsigned int\",\"kind\":\"int\",\"size\":4,"
                       "\"encoding\":\"unsigned\",\"bitfield\":{\"bit_offset\":0,\"bit_size\":4,\"load\":"
                       "{\"size\":4,\"lshift\":60,\"rshift\":60,\"signed\":false}},\"type_id\":3},"
                       "{\"name\":\"hi\",\"offset\":0,\"type\":\"unsigned int\",\"kind\":\"int\",\"size\":4,"
                       "\"encoding\":\"unsigned\",\"bitfield\":{\"bit_offset\":4,\"bit_size\":28,\"load\":"
                       "{\"size\":4,\"lshift\":32,\"rshift\":36,\"signed\":false}},\"type_id\":3}]");
        json_decref(reply);

        reply = rpc_call(*state, "type.get", "{\"type\":\"struct later\"}");
        rpc_check_text(rpc_check_result(reply),
                       "{\"generation\":7,\"source\":\"vmlinux\",\"instance\":1,\"id\":11,\"kind\":\"fwd\","
                       "\"name\":\"later\",\"declares\":\"struct\"}");
        json_decref(reply);
}

/* Every type of the sample can be asked for by its id, and comes back with that id. */
static void every_id_can_be_asked_for(void **state)
{
        const struct rpc_fixture *fixture = *state;
        uint32_t n_types = fixture->rpc.snapshot->sets[0]->sources[0]->btf->n_types;

        for (uint32_t id = 0; id < n_types; id++) {
                char params[96];
                json_t *reply;

                snprintf(params, sizeof(params), "{\"source\":\"vmlinux\",\"instance\":1,\"id\":%u}", id);
                reply = rpc_call(*state, "type.get", params);
                assert_int_equal(json_integer_value(json_object_get(rpc_check_result(reply), "id")), id);
                json_decref(reply);
        }
}

static void info_reports_the_limits(void **state)
{
        json_t *reply = rpc_call(*state, "btfd.info", "{\"set\":\"running\"}");
        json_t *result = rpc_check_result(reply), *limits = json_object_get(result, "limits");

        assert_string_equal(rpc_text(result, "directory"), "/nowhere/btf");
        assert_string_equal(rpc_text(result, "kernel_release"), "6.18.0-test");
        assert_null(json_object_get(result, "arch")); /* not given: not guessed */
        assert_int_equal(json_integer_value(json_object_get(result, "pointer_size")), 8);
        assert_string_equal(rpc_text(result, "endianness"),
                            __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? "big" : "little");
        assert_int_equal(json_integer_value(json_object_get(limits, "request_bytes")), 131072);
        assert_int_equal(json_integer_value(json_object_get(limits, "batch_elements")), 512);
        assert_int_equal(json_integer_value(json_object_get(limits, "connections")), 99);
        assert_int_equal(json_integer_value(json_object_get(limits, "path_components")), 64);
        json_decref(reply);
}

static void discover_gives_the_document(void **state)
{
        json_t *reply = rpc_ask(*state, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}");
        json_t *methods = json_object_get(rpc_check_result(reply), "methods");

        assert_true(json_array_size(methods) >= 4);
        /* Every method that the document promises is there. */
        for (size_t i = 0; i < json_array_size(methods); i++) {
                char line[256];
                json_t *answer;

                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}",
                         rpc_text(json_array_get(methods, i), "name"));
                answer = rpc_ask(*state, line);
                assert_true(json_integer_value(json_object_get(json_object_get(answer, "error"), "code")) !=
                            -32601);
                json_decref(answer);
        }
        json_decref(reply);
}

/* What clang records of memory that needs another load must not get lost where a path passes through it. */
static void steps_carry_type_tags(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct rpc_fixture fixture;
        json_t *reply;
        uint32_t integer, inner;

        (void)state;
        integer = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        inner = btf_builder_struct(b, "inner", 8, false);
        btf_builder_member(b, "tid", integer, 32, 0);
        btf_builder_type_tag(b, "percpu", inner, false);
        btf_builder_const(b, inner + 1);
        btf_builder_type_tag(b, "rcu", inner + 2, false);
        btf_builder_ptr(b, inner + 3);
        btf_builder_ptr(b, inner);
        btf_builder_struct(b, "outer", 16, false);
        btf_builder_member(b, "tagged", inner + 4, 0, 0);
        btf_builder_member(b, "plain", inner + 5, 64, 0);
        rpc_fixture_init(&fixture, b);

        reply = rpc_call(&fixture, "field.offset", "{\"type\":\"outer\",\"path\":\"tagged->tid\"}");
        rpc_check_text(json_object_get(rpc_check_result(reply), "steps"),
                       "[{\"offset\":0,\"deref\":true,\"tags\":[\"rcu\",\"percpu\"]},"
                       "{\"offset\":4,\"deref\":false}]");
        json_decref(reply);
        reply = rpc_call(&fixture, "field.offset", "{\"type\":\"outer\",\"path\":\"plain->tid\"}");
        rpc_check_text(json_object_get(rpc_check_result(reply), "steps"),
                       "[{\"offset\":8,\"deref\":true},{\"offset\":4,\"deref\":false}]");
        json_decref(reply);
        rpc_fixture_deinit(&fixture);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(single_requests_are_answered),
                cmocka_unit_test(notifications_are_not_answered),
                cmocka_unit_test(bad_lines_are_parse_errors),
                cmocka_unit_test(parse_errors_say_where),
                cmocka_unit_test(batches_are_answered_in_order),
                cmocka_unit_test(a_batch_of_nonsense_is_a_batch_of_errors),
                cmocka_unit_test(field_offset_answers_with_a_plan),
                cmocka_unit_test(field_offset_explains_what_is_wrong),
                cmocka_unit_test(roots_are_told),
                cmocka_unit_test(errors_of_casts_and_alternatives_say_which),
                cmocka_unit_test(alternatives_are_bounded),
                cmocka_unit_test(type_get_answers_with_members),
                cmocka_unit_test(every_id_can_be_asked_for),
                cmocka_unit_test(info_reports_the_limits),
                cmocka_unit_test(discover_gives_the_document),
                cmocka_unit_test(steps_carry_type_tags),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
