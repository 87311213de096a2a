/*
 * Lines put off: which are, what they answer later in comparison with at once, and what is left of them when time or
 * memory runs out.
 */
#include <errno.h>

#include "protocol/errors.h"
#include "protocol/limits.h"
#include "protocol/openrpc.h"
#include "rpc/method.h"
#include "support/fixture.h"
#include "support/heavy_method.h"
#include "support/rpc_fixture.h"
#include "support/unit.h"
#include "util/stop.h"
#include "util/strbuf.h"
#include "util/util.h"

static struct btf_builder *build(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        return b;
}

static int begin(void **state)
{
        static struct rpc_fixture fixture;

        heavy_method_reset();
        rpc_fixture_init(&fixture, build());
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        rpc_fixture_deinit(*state);
        return 0;
}

/* What rpc_begin_line() wrote or returned. */
struct begun {
        struct json_writer out;
        struct rpc_job *job;
        int result;
};

static struct begun begin_line(const struct rpc_fixture *fixture, const char *line, size_t room)
{
        struct begun begun = {.job = NULL};

        json_writer_init(&begun.out, SIZE_MAX);
        begun.result = rpc_begin_line(&fixture->rpc, line, strlen(line), room, &begun.out, &begun.job);
        assert_true((begun.result == RPC_DEFERRED) == (begun.job != NULL));
        if (begun.job)
                assert_int_equal(begun.out.length, 0);
        return begun;
}

static void begun_free(struct begun *begun)
{
        rpc_job_free(begun->job);
        json_writer_deinit(&begun->out);
}

/* The reply as JSON; NULL if there is none. */
static json_t *parse(const struct json_writer *out)
{
        json_t *reply;

        if (out->length == 0)
                return NULL;
        assert_int_equal(out->data[out->length - 1], '\n');
        reply = json_loadb(out->data, out->length, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(reply);
        return reply;
}

static json_t *begin_and_parse(const struct rpc_fixture *fixture, const char *line, size_t room)
{
        struct begun begun = begin_line(fixture, line, room);
        json_t *reply;

        assert_int_equal(begun.result, 0);
        reply = parse(&begun.out);
        begun_free(&begun);
        return reply;
}

/* Puts a line off and answers it with `stop`. */
static json_t *defer_and_run(const struct rpc_fixture *fixture, const char *line, const struct stop *stop)
{
        struct begun begun = begin_line(fixture, line, SIZE_MAX);
        json_t *reply;

        assert_int_equal(begun.result, RPC_DEFERRED);
        assert_int_equal(rpc_job_run(begun.job, stop, &begun.out), 0);
        reply = parse(&begun.out);
        begun_free(&begun);
        return reply;
}

#define NOTE       "{\"jsonrpc\":\"2.0\",\"method\":\"test.wait\"}"
#define MALFORMED  "{\"jsonrpc\":\"1.0\",\"id\":9,\"method\":\"test.wait\"}"
#define LIGHT_NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"btfd.info\"}"

static void light_lines_are_answered_as_ever(void **state)
{
        static const char *const lines[] = {
                LIGHT_LINE(1),
                "[" LIGHT_LINE(1) "," LIGHT_NOTE "," LIGHT_LINE(2) "]",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nonsuch\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"btfd.info\",\"params\":{\"method\":\"test.wait\"}"
                "}",
                "[]",
                "nonsense",
                "[[" HEAVY_LINE(1) "]]",
                NOTE,
                "[" NOTE "," LIGHT_LINE(1) "]",
        };
        const struct rpc_fixture *fixture = *state;

        for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
                struct begun begun = begin_line(fixture, lines[i], /* room= */ 0);
                struct json_writer expected;

                json_writer_init(&expected, SIZE_MAX);
                assert_int_equal(rpc_handle_line(&fixture->rpc, lines[i], strlen(lines[i]), &expected),
                                 begun.result);
                assert_int_equal(begun.out.length, expected.length);
                if (expected.length > 0)
                        assert_memory_equal(begun.out.data, expected.data, expected.length);
                json_writer_deinit(&expected);
                begun_free(&begun);
        }
        assert_int_equal(heavy_method.n_begun, 0);
}

static void a_heavy_line_is_answered_by_its_job(void **state)
{
        json_t *reply;

        atomic_store(&heavy_method.n_allowed, 1);
        reply = defer_and_run(*state, HEAVY_LINE(5), NULL);
        assert_int_equal(json_integer_value(json_object_get(reply, "id")), 5);
        assert_int_equal(json_integer_value(json_object_get(rpc_check_result(reply), "call")), 0);
        json_decref(reply);
}

/* One heavy element is enough, and the order stays. */
static void a_batch_with_a_heavy_element_is_answered_by_a_job(void **state)
{
        json_t *reply;

        atomic_store(&heavy_method.n_allowed, 2);
        reply = defer_and_run(
                *state, "[" LIGHT_LINE(1) "," MALFORMED "," HEAVY_LINE(2) "," NOTE "," LIGHT_LINE(3) "]",
                NULL);
        assert_int_equal(json_array_size(reply), 4);
        rpc_check_result(json_array_get(reply, 0));
        rpc_check_error(json_array_get(reply, 1), -32600, "invalid-request");
        rpc_check_result(json_array_get(reply, 2));
        assert_int_equal(json_integer_value(json_object_get(json_array_get(reply, 2), "id")), 2);
        rpc_check_result(json_array_get(reply, 3));
        json_decref(reply);
        assert_int_equal(heavy_method.n_begun, 1);
}

#define ORDER "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.order\",\"params\":{\"set\":\"running\"}}"

/* Only the first question waits for the index; of a set that is not there nothing can be built. */
static void a_line_that_needs_an_index_is_put_off_until_it_is_built(void **state)
{
        json_t *reply = begin_and_parse(*state,
                                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test.order\","
                                        "\"params\":{\"set\":\"nonsuch\"}}",
                                        SIZE_MAX);

        rpc_check_error(reply, PROTOCOL_SOURCE_NOT_FOUND, "source-not-found");
        json_decref(reply);
        reply = defer_and_run(*state, "[" LIGHT_LINE(1) "," ORDER "]", NULL);
        assert_int_equal(
                json_integer_value(json_object_get(rpc_check_result(json_array_get(reply, 1)), "is_built")),
                1);
        json_decref(reply);
        reply = begin_and_parse(*state, ORDER, SIZE_MAX);
        assert_int_equal(json_integer_value(json_object_get(rpc_check_result(reply), "is_built")), 1);
        json_decref(reply);
}

/* It is refused whatever is in it, so no thread is needed for that. */
static void a_batch_of_too_many_is_refused_at_once(void **state)
{
        char *data = malloc(1 << 17);
        struct strbuf line;
        json_t *reply;

        assert_non_null(data);
        strbuf_init(&line, data, 1 << 17);
        strbuf_append(&line, "[" HEAVY_LINE(1));
        for (unsigned int i = 0; i < PROTOCOL_MAX_BATCH; i++)
                strbuf_append(&line, "," HEAVY_LINE(1));
        strbuf_append(&line, "]");
        assert_false(line.overflow);
        reply = begin_and_parse(*state, data, SIZE_MAX);
        rpc_check_error(reply, PROTOCOL_REQUEST_TOO_LARGE, "request-too-large");
        json_decref(reply);
        free(data);
}

/* What is served changes while the line waits: it is answered of what was served when it came. */
static void a_job_keeps_its_snapshot(void **state)
{
        struct rpc_fixture *fixture = *state;
        struct begun begun = begin_line(fixture, "[" HEAVY_LINE(1) "," LIGHT_LINE(2) "]", SIZE_MAX);
        struct snapshot *newer = fixture_snapshot(build());
        json_t *reply, *now;

        newer->generation = RPC_FIXTURE_GENERATION + 1;
        rpc_set_snapshot(&fixture->rpc, newer);
        snapshot_unref(newer);
        atomic_store(&heavy_method.n_allowed, 1);
        assert_int_equal(rpc_job_run(begun.job, NULL, &begun.out), 0);
        reply = parse(&begun.out);
        for (size_t i = 0; i < 2; i++) {
                json_t *result = rpc_check_result(json_array_get(reply, i));

                assert_int_equal(json_integer_value(json_object_get(result, "generation")),
                                 RPC_FIXTURE_GENERATION);
        }
        json_decref(reply);
        begun_free(&begun);
        now = begin_and_parse(fixture, LIGHT_LINE(1), SIZE_MAX);
        assert_int_equal(json_integer_value(json_object_get(rpc_check_result(now), "generation")),
                         RPC_FIXTURE_GENERATION + 1);
        json_decref(now);
}

static void check_busy(json_t *reply, json_int_t id)
{
        json_t *data = rpc_check_error(reply, PROTOCOL_BUSY, "busy");

        assert_int_equal(json_integer_value(json_object_get(reply, "id")), id);
        assert_string_equal(rpc_text(data, "limit"), "heavy_bytes");
        assert_int_equal(json_integer_value(json_object_get(data, "max")), PROTOCOL_MAX_HEAVY);
}

static void a_heavy_line_without_room_is_answered_busy(void **state)
{
        static const char line[] = HEAVY_LINE(4);
        struct begun begun = begin_line(*state, line, sizeof(line) - 1);
        json_t *reply = begin_and_parse(*state, line, sizeof(line) - 2);

        check_busy(reply, 4);
        json_decref(reply);
        /* Exactly enough room is enough. */
        assert_int_equal(begun.result, RPC_DEFERRED);
        begun_free(&begun);
        assert_int_equal(heavy_method.n_begun, 0);
}

/* Each element that wants an answer gets one, under its own id. */
static void a_batch_without_room_is_answered_busy_by_element(void **state)
{
        json_t *reply = begin_and_parse(
                *state, "[" LIGHT_LINE(1) "," HEAVY_LINE(2) "," NOTE "," MALFORMED "," LIGHT_LINE(3) "]", 0);

        assert_int_equal(json_array_size(reply), 4);
        check_busy(json_array_get(reply, 0), 1);
        check_busy(json_array_get(reply, 1), 2);
        rpc_check_error(json_array_get(reply, 2), -32600, "invalid-request");
        check_busy(json_array_get(reply, 3), 3);
        json_decref(reply);
        assert_int_equal(heavy_method.n_begun, 0);
}

static void check_deadline(json_t *reply, json_int_t id)
{
        json_t *data = rpc_check_error(reply, PROTOCOL_DEADLINE, "deadline");

        assert_int_equal(json_integer_value(json_object_get(reply, "id")), id);
        assert_string_equal(rpc_text(data, "limit"), "heavy_seconds");
        assert_int_equal(json_integer_value(json_object_get(data, "max")), PROTOCOL_HEAVY_SEC);
}

static void a_job_whose_time_is_over_does_nothing(void **state)
{
        const struct stop stop = {.cancelled = &heavy_method.cancelled, .deadline_nsec = stop_clock()};
        json_t *reply = defer_and_run(*state, HEAVY_LINE(1), &stop);

        check_deadline(reply, 1);
        json_decref(reply);
        reply = defer_and_run(*state, "[" HEAVY_LINE(1) "," MALFORMED "," NOTE "," LIGHT_LINE(2) "]", &stop);
        assert_int_equal(json_array_size(reply), 3);
        check_deadline(json_array_get(reply, 0), 1);
        rpc_check_error(json_array_get(reply, 1), -32600, "invalid-request");
        check_deadline(json_array_get(reply, 2), 2);
        json_decref(reply);
        assert_int_equal(heavy_method.n_begun, 0);
}

/* What was answered before stays; the element under way and all behind it get the error. */
static void a_job_that_is_stopped_answers_what_it_can(void **state)
{
        const struct stop stop = {.cancelled = &heavy_method.cancelled, .deadline_nsec = INT64_MAX};
        json_t *reply;

        atomic_store(&heavy_method.n_allowed, 1);
        atomic_store(&heavy_method.cancelling_call, 1);
        reply = defer_and_run(
                *state,
                "[" HEAVY_LINE(1) "," LIGHT_LINE(2) "," HEAVY_LINE(3) "," LIGHT_LINE(4) "," HEAVY_LINE(5) "]",
                &stop);
        assert_int_equal(json_array_size(reply), 5);
        rpc_check_result(json_array_get(reply, 0));
        rpc_check_result(json_array_get(reply, 1));
        for (size_t i = 2; i < 5; i++)
                check_deadline(json_array_get(reply, i), (json_int_t)i + 1);
        json_decref(reply);
        assert_int_equal(heavy_method.n_begun, 2);
        assert_int_equal(heavy_method.n_stopped, 1);
}

static void a_job_may_be_freed_unanswered(void **state)
{
        struct begun begun = begin_line(*state, HEAVY_LINE(1), SIZE_MAX);

        assert_int_equal(begun.result, RPC_DEFERRED);
        begun_free(&begun);
        assert_null(rpc_job_free(NULL));
}

static int n_until_failure = -1; /* of jansson's allocations; negative: none fails */

static void *allocate_or_fail(size_t size)
{
        if (n_until_failure == 0)
                return NULL;
        if (n_until_failure > 0)
                n_until_failure--;
        return malloc(size);
}

/* The line was JSON when it came: if it cannot be parsed later, the client must not be told that it is none. */
static void a_job_without_memory_has_no_reply(void **state)
{
        struct begun begun = begin_line(*state, "[" HEAVY_LINE(1) "," HEAVY_LINE(2) "]", SIZE_MAX);
        int n = 0, r;

        atomic_store(&heavy_method.n_allowed, UINT32_MAX);
        json_set_alloc_funcs(allocate_or_fail, free);
        do {
                n_until_failure = n;
                r = rpc_job_run(begun.job, NULL, &begun.out);
                if (r < 0) {
                        assert_int_equal(r, -ENOMEM);
                        assert_int_equal(begun.out.length, 0);
                        assert_int_equal(heavy_method.n_begun, 0);
                }
                n++;
        } while (r < 0 && n < 1000);
        n_until_failure = -1;
        json_set_alloc_funcs(malloc, free);
        assert_int_equal(r, 0);
        assert_true(n > 5);
        assert_int_equal(heavy_method.n_begun, 2);
        begun_free(&begun);
}

static bool lists_error(const json_t *method, const char *ref)
{
        const json_t *errors = json_object_get(method, "errors");

        for (size_t i = 0; i < json_array_size(errors); i++) {
                if (string_equal(rpc_text(json_array_get(errors, i), "$ref"), ref))
                        return true;
        }
        return false;
}

/* Who reads openrpc.json learns from a method's errors that it is heavy. */
static void heavy_methods_are_documented_as_such(void **state)
{
        json_t *document = json_loadb(openrpc_document, openrpc_document_length, 0, NULL);
        const json_t *methods = json_object_get(document, "methods");

        (void)state;
        assert_true(json_array_size(methods) > 0);
        for (size_t i = 0; i < json_array_size(methods); i++) {
                const json_t *method = json_array_get(methods, i);
                const char *name = rpc_text(method, "name");
                bool is_heavy;

                if (!rpc_method_find(name))
                        fail_msg("openrpc.json has %s, the method table has not", name);
                is_heavy = rpc_method_find(name)->heavy || rpc_method_find(name)->indexes;
                if (is_heavy != lists_error(method, "#/components/errors/busy") ||
                    is_heavy != lists_error(method, "#/components/errors/deadline"))
                        fail_msg("%s lists the errors busy and deadline if and only if it may be put off",
                                 name);
        }
        json_decref(document);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(light_lines_are_answered_as_ever),
                TEST(a_heavy_line_is_answered_by_its_job),
                TEST(a_batch_with_a_heavy_element_is_answered_by_a_job),
                TEST(a_line_that_needs_an_index_is_put_off_until_it_is_built),
                TEST(a_batch_of_too_many_is_refused_at_once),
                TEST(a_job_keeps_its_snapshot),
                TEST(a_heavy_line_without_room_is_answered_busy),
                TEST(a_batch_without_room_is_answered_busy_by_element),
                TEST(a_job_whose_time_is_over_does_nothing),
                TEST(a_job_that_is_stopped_answers_what_it_can),
                TEST(a_job_may_be_freed_unanswered),
                TEST(a_job_without_memory_has_no_reply),
                TEST(heavy_methods_are_documented_as_such),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
