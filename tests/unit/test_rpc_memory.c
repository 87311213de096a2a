/*
 * Memory that runs out while a reply is written: the reply is then whole or not there, never half of it. The
 * linker puts __wrap_realloc() in realloc()'s place, which only the reply's buffer uses here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "support/rpc_fixture.h"
#include "support/unit.h"

/* The linker's names for the function that it replaces and for what replaces it. */
void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

static int n_until_failure = -1; /* calls that succeed before one fails; negative: all */

void *__wrap_realloc(void *pointer, size_t size)
{
        if (n_until_failure == 0) {
                n_until_failure = -1;
                errno = ENOMEM;
                return NULL;
        }
        if (n_until_failure > 0)
                n_until_failure--;
        return __real_realloc(pointer, size);
}

static int begin(void **state)
{
        static struct rpc_fixture fixture;
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_struct(b, "large", 4000, false);
        for (uint32_t i = 0; i < 1000; i++)
                btf_builder_member(b, "x", 1, i * 32, 0);
        rpc_fixture_init(&fixture, b);
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        rpc_fixture_deinit(*state);
        return 0;
}

/* The `n`-th allocation fails. Returns whether the reply was written all the same. */
static bool ask_with_failure(struct rpc_fixture *fixture, const char *line, int n, size_t n_answers)
{
        struct json_writer out;
        bool is_written;
        int r;

        json_writer_init(&out, 0);
        n_until_failure = n;
        r = rpc_handle_line(&fixture->rpc, line, strlen(line), &out);
        n_until_failure = -1;
        is_written = out.length > 0;
        if (is_written) {
                json_error_t error;
                json_t *reply = json_loadb(out.data, out.length, 0, &error);

                assert_int_equal(r, 0);
                if (!reply)
                        fail_msg("allocation %d: %s at byte %d of a reply of %zu bytes", n, error.text,
                                 error.position, out.length);
                /* A batch answers all of its requests or none. */
                assert_int_equal(json_is_array(reply) ? json_array_size(reply) : 1, n_answers);
                json_decref(reply);
        } else {
                assert_int_equal(r, -ENOMEM);
        }
        json_writer_deinit(&out);
        return is_written;
}

/* Lets every allocation fail in turn, until there are no more of them. */
static void check_all_failures(struct rpc_fixture *fixture, const char *line, size_t n_answers)
{
        int n = 0;

        while (!ask_with_failure(fixture, line, n, n_answers)) {
                n++;
                assert_true(n < 100);
        }
        assert_true(n > 0);
}

#define LARGE "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"type.get\",\"params\":{\"type\":\"large\"}}"
#define WRONG "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"nonsuch\"}"

static void a_reply_is_whole_or_not_there(void **state)
{
        check_all_failures(*state, LARGE, 1);
        check_all_failures(*state, WRONG, 1);
}

static void a_batch_s_reply_is_whole_or_not_there(void **state)
{
        check_all_failures(*state, "[" LARGE "," LARGE "]", 2);
}

/* The error of one element must not make the failure of another be forgotten. */
static void an_error_in_a_batch_does_not_hide_the_failure(void **state)
{
        check_all_failures(*state, "[" LARGE "," WRONG "]", 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_reply_is_whole_or_not_there),
                cmocka_unit_test(a_batch_s_reply_is_whole_or_not_there),
                cmocka_unit_test(an_error_in_a_batch_does_not_hide_the_failure),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
