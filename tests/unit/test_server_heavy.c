/*
 * Connections whose lines the helper thread answers: order, who waits for whom, and what is left when clients, time,
 * memory or the server go away meanwhile. This is to be clean under ThreadSanitizer.
 *
 * The linker puts __wrap_...() in the place of malloc(), realloc() and clock_gettime() in our own code.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "protocol/errors.h"
#include "protocol/limits.h"
#include "support/heavy_method.h"
#include "support/server_fixture.h"
#include "support/unit.h"
#include "util/util.h"

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);

static atomic_bool malloc_fails, realloc_fails; /* the next one does */
static atomic_uint n_seconds_on;                /* how much later it is */

void *__wrap_malloc(size_t size)
{
        return atomic_exchange(&malloc_fails, false) ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
        return atomic_exchange(&realloc_fails, false) ? NULL : __real_realloc(pointer, size);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
        int r = __real_clock_gettime(clock, ret);

        ret->tv_sec += (time_t)atomic_load(&n_seconds_on);
        return r;
}

static int begin(void **state)
{
        static struct server_fixture fixture;
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        heavy_method_reset();
        atomic_store(&n_seconds_on, 0);
        server_fixture_init(&fixture, b);
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        server_fixture_deinit(*state);
        return 0;
}

/* Receives the reply to the request of this id and checks that it is a result. */
static void receive_result(struct server_fixture *fixture, int client, json_int_t id)
{
        json_t *reply = server_fixture_receive(fixture, client);

        rpc_check_result(reply);
        assert_int_equal(json_integer_value(json_object_get(reply, "id")), id);
        json_decref(reply);
}

static void receive_error(struct server_fixture *fixture, int client, int code, const char *reason)
{
        json_t *reply = server_fixture_receive(fixture, client);

        rpc_check_error(reply, code, reason);
        json_decref(reply);
}

static void receive_end(struct server_fixture *fixture, int client)
{
        assert_null(server_fixture_receive(fixture, client));
}

/* A new client whose heavy line has begun, the n-th of the test. */
static int connect_and_begin(struct server_fixture *fixture, unsigned int n)
{
        int client = server_fixture_connect(fixture);

        server_fixture_send(client, HEAVY_LINE(1) "\n");
        server_fixture_wait_count(fixture, &heavy_method.n_begun, n);
        return client;
}

static void allow(unsigned int n)
{
        atomic_store(&heavy_method.n_allowed, n);
}

static void lines_wait_for_the_heavy_one_before_them(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture), other = server_fixture_connect(fixture);

        server_fixture_send(client,
                            HEAVY_LINE(1) "\n" LIGHT_LINE(2) "\n" HEAVY_LINE(3) "\n" LIGHT_LINE(4) "\n");
        server_fixture_wait_count(fixture, &heavy_method.n_begun, 1);
        /* Others are answered meanwhile. */
        for (int i = 0; i < 3; i++) {
                server_fixture_send(other, LIGHT_LINE(7) "\n");
                receive_result(fixture, other, 7);
        }
        server_fixture_receive_nothing(fixture, client);
        allow(1);
        receive_result(fixture, client, 1);
        receive_result(fixture, client, 2);
        server_fixture_receive_nothing(fixture, client);
        allow(2);
        receive_result(fixture, client, 3);
        receive_result(fixture, client, 4);
        close(client);
        close(other);
}

static void replies_before_the_heavy_line_do_not_wait_for_it(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture);

        server_fixture_send(client, LIGHT_LINE(1) "\n" HEAVY_LINE(2) "\n");
        receive_result(fixture, client, 1);
        server_fixture_receive_nothing(fixture, client);
        allow(1);
        receive_result(fixture, client, 2);
        /* And the connection is as it was. */
        server_fixture_send(client, LIGHT_LINE(3) "\n");
        receive_result(fixture, client, 3);
        close(client);
}

static void lines_sent_meanwhile_wait_too(void **state)
{
        struct server_fixture *fixture = *state;
        int client = connect_and_begin(fixture, 1);

        server_fixture_send(client, LIGHT_LINE(2) "\n" LIGHT_LINE(3));
        server_fixture_receive_nothing(fixture, client);
        allow(1);
        receive_result(fixture, client, 1);
        receive_result(fixture, client, 2);
        server_fixture_send(client, "\n");
        receive_result(fixture, client, 3);
        close(client);
}

static void clients_take_turns_in_the_order_they_came(void **state)
{
        struct server_fixture *fixture = *state;
        int clients[4];

        clients[0] = connect_and_begin(fixture, 1);
        for (size_t i = 1; i < ARRAY_LENGTH(clients); i++) {
                clients[i] = server_fixture_connect(fixture);
                server_fixture_send(clients[i], HEAVY_LINE(1) "\n");
                server_fixture_turn(fixture);
        }
        for (unsigned int i = 0; i < ARRAY_LENGTH(clients); i++) {
                allow(i + 1);
                receive_result(fixture, clients[i], 1);
                for (size_t j = i + 1; j < ARRAY_LENGTH(clients); j++)
                        server_fixture_receive_nothing(fixture, clients[j]);
        }
        for (size_t i = 0; i < ARRAY_LENGTH(clients); i++)
                close(clients[i]);
}

/* `socat` and `nc -N` shut down their sending side after the last line, which may lack its newline. */
static void half_closing_cancels_nothing(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture);

        server_fixture_send(client, HEAVY_LINE(1) "\n" LIGHT_LINE(2) "\n" HEAVY_LINE(3));
        server_fixture_wait_count(fixture, &heavy_method.n_begun, 1);
        shutdown(client, SHUT_WR);
        server_fixture_receive_nothing(fixture, client);
        allow(1);
        receive_result(fixture, client, 1);
        receive_result(fixture, client, 2);
        server_fixture_receive_nothing(fixture, client);
        allow(2);
        receive_result(fixture, client, 3);
        receive_end(fixture, client);
        assert_int_equal(heavy_method.n_stopped, 0);
        close(client);
}

static void half_closing_before_the_work_begins_cancels_nothing(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture);

        server_fixture_send(client, HEAVY_LINE(1) "\n");
        shutdown(client, SHUT_WR);
        server_fixture_wait_count(fixture, &heavy_method.n_begun, 1);
        server_fixture_receive_nothing(fixture, client);
        allow(1);
        receive_result(fixture, client, 1);
        receive_end(fixture, client);
        close(client);
}

/* The next one's work begins at once, though nothing allowed the first to end. */
static void check_cancelled(struct server_fixture *fixture, int leaver)
{
        int other = server_fixture_connect(fixture);

        server_fixture_send(other, HEAVY_LINE(2) "\n");
        server_fixture_receive_nothing(fixture, other);
        assert_int_equal(heavy_method.n_begun, 1);
        close(leaver);
        server_fixture_wait_count(fixture, &heavy_method.n_begun, 2);
        assert_int_equal(heavy_method.n_stopped, 1);
        allow(2);
        receive_result(fixture, other, 2);
        assert_int_equal(fixture->server->n_connections, 1);
        close(other);
        server_fixture_wait_connections(fixture, 0);
        assert_int_equal(fixture->server->n_heavy, 0);
}

static void hanging_up_cancels_the_work(void **state)
{
        check_cancelled(*state, connect_and_begin(*state, 1));
}

static void hanging_up_after_half_closing_cancels_the_work(void **state)
{
        int client = connect_and_begin(*state, 1);

        shutdown(client, SHUT_WR);
        server_fixture_turn(*state);
        check_cancelled(*state, client);
}

/* With input unread on our side. */
static void hanging_up_with_lines_pending_cancels_the_work(void **state)
{
        int client = connect_and_begin(*state, 1);

        server_fixture_send(client, LIGHT_LINE(2) "\n");
        server_fixture_turn(*state);
        check_cancelled(*state, client);
}

/* With replies unread on the client's side, which closing turns into ECONNRESET on ours. */
static void hanging_up_with_replies_unread_cancels_the_work(void **state)
{
        int client = server_fixture_connect(*state);

        server_fixture_send(client, LIGHT_LINE(1) "\n" HEAVY_LINE(2) "\n");
        server_fixture_wait_count(*state, &heavy_method.n_begun, 1);
        check_cancelled(*state, client);
}

static void hanging_up_while_queued_leaves_the_queue(void **state)
{
        struct server_fixture *fixture = *state;
        int first = connect_and_begin(fixture, 1);
        int second = server_fixture_connect(fixture), third = server_fixture_connect(fixture);

        server_fixture_send(second, HEAVY_LINE(2) "\n");
        server_fixture_turn(fixture);
        server_fixture_send(third, HEAVY_LINE(3) "\n");
        server_fixture_turn(fixture);
        close(second);
        server_fixture_wait_connections(fixture, 2);
        assert_int_equal(fixture->server->n_heavy, 2 * strlen(HEAVY_LINE(1)));
        allow(2);
        receive_result(fixture, first, 1);
        receive_result(fixture, third, 3);
        assert_int_equal(heavy_method.n_begun, 2);
        close(first);
        close(third);
}

static void a_line_beyond_its_deadline_gets_an_error(void **state)
{
        struct server_fixture *fixture = *state;
        int first = connect_and_begin(fixture, 1), second = server_fixture_connect(fixture);

        server_fixture_send(second, HEAVY_LINE(2) "\n");
        server_fixture_turn(fixture);
        atomic_store(&n_seconds_on, PROTOCOL_HEAVY_SEC - 1);
        server_fixture_receive_nothing(fixture, first);
        atomic_store(&n_seconds_on, PROTOCOL_HEAVY_SEC + 1);
        receive_error(fixture, first, PROTOCOL_DEADLINE, "deadline");
        /* Waiting in the queue counts, so that every client has an answer in time. */
        receive_error(fixture, second, PROTOCOL_DEADLINE, "deadline");
        assert_int_equal(heavy_method.n_begun, 1);
        allow(2);
        server_fixture_send(first, HEAVY_LINE(3) "\n");
        receive_result(fixture, first, 3);
        close(first);
        close(second);
}

/* A heavy line of exactly `length` bytes, padded with blanks, and its newline. */
static char *long_line(size_t length)
{
        static const char request[] = HEAVY_LINE(1);
        char *line = malloc(length + 2);

        assert_non_null(line);
        memset(line, ' ', length);
        memcpy(line, request, sizeof(request) - 1);
        strcpy(line + length, "\n");
        return line;
}

static void send_all(struct server_fixture *fixture, int client, const char *text)
{
        size_t length = strlen(text);

        while (length > 0) {
                ssize_t n = send(client, text, length, MSG_NOSIGNAL);

                if (n > 0) {
                        text += n;
                        length -= (size_t)n;
                }
                server_fixture_turn(fixture);
        }
}

static void too_many_bytes_of_heavy_lines_are_answered_busy(void **state)
{
        struct server_fixture *fixture = *state;
        int clients[PROTOCOL_MAX_HEAVY / PROTOCOL_MAX_LINE], other = server_fixture_connect(fixture);
        char *line = long_line(PROTOCOL_MAX_LINE);
        json_t *reply;

        for (size_t i = 0; i < ARRAY_LENGTH(clients); i++) {
                clients[i] = server_fixture_connect(fixture);
                send_all(fixture, clients[i], line);
        }
        free(line);
        assert_int_equal(fixture->server->n_heavy, PROTOCOL_MAX_HEAVY);
        server_fixture_send(other,
                            HEAVY_LINE(1) "\n[" HEAVY_LINE(2) "," LIGHT_LINE(3) "]\n" LIGHT_LINE(4) "\n");
        receive_error(fixture, other, PROTOCOL_BUSY, "busy");
        reply = server_fixture_receive(fixture, other);
        assert_int_equal(json_array_size(reply), 2);
        rpc_check_error(json_array_get(reply, 0), PROTOCOL_BUSY, "busy");
        rpc_check_error(json_array_get(reply, 1), PROTOCOL_BUSY, "busy");
        json_decref(reply);
        receive_result(fixture, other, 4);
        /* One that goes makes room. */
        close(clients[1]);
        server_fixture_wait_connections(fixture, ARRAY_LENGTH(clients));
        server_fixture_send(other, HEAVY_LINE(5) "\n");
        server_fixture_receive_nothing(fixture, other);
        allow(UINT32_MAX);
        receive_result(fixture, other, 5);
        assert_int_equal(fixture->server->n_heavy, 0);
        close(other);
        for (size_t i = 0; i < ARRAY_LENGTH(clients); i++) {
                if (i != 1)
                        close(clients[i]);
        }
}

#define DISCOVER "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n"

/* Nothing is computed for a client that does not take what it has been sent. */
static void work_waits_until_earlier_replies_are_taken(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture);

        server_fixture_send(client, DISCOVER HEAVY_LINE(2) "\n" LIGHT_LINE(3) "\n");
        server_fixture_turn(fixture);
        assert_true(fixture->server->n_unsent > 0);
        assert_int_equal(fixture->server->n_heavy, strlen(HEAVY_LINE(2)));
        assert_int_equal(heavy_method.n_begun, 0);
        allow(1);
        receive_result(fixture, client, 1);
        receive_result(fixture, client, 2);
        receive_result(fixture, client, 3);
        assert_int_equal(fixture->server->n_unsent, 0);
        close(client);
}

static void hanging_up_before_work_began_cancels_it(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture);

        server_fixture_send(client, DISCOVER HEAVY_LINE(2) "\n");
        server_fixture_turn(fixture);
        assert_int_equal(fixture->server->n_heavy, strlen(HEAVY_LINE(2)));
        close(client);
        server_fixture_wait_connections(fixture, 0);
        assert_int_equal(fixture->server->n_heavy, 0);
        assert_int_equal(heavy_method.n_begun, 0);
}

static void a_job_for_which_there_is_no_memory_costs_its_connection(void **state)
{
        struct server_fixture *fixture = *state;
        int client = server_fixture_connect(fixture), other = server_fixture_connect(fixture);

        server_fixture_send(client, HEAVY_LINE(1) "\n");
        atomic_store(&malloc_fails, true); /* the copy of the line */
        server_fixture_wait_connections(fixture, 1);
        receive_end(fixture, client);
        assert_false(atomic_load(&malloc_fails));
        assert_int_equal(fixture->server->n_heavy, 0);
        server_fixture_send(other, LIGHT_LINE(1) "\n");
        receive_result(fixture, other, 1);
        close(client);
        close(other);
}

static void a_reply_for_which_there_is_no_memory_costs_its_connection(void **state)
{
        struct server_fixture *fixture = *state;
        int client = connect_and_begin(fixture, 1), other = server_fixture_connect(fixture);

        atomic_store(&realloc_fails, true); /* the reply's buffer */
        allow(2);
        receive_end(fixture, client);
        assert_false(atomic_load(&realloc_fails));
        server_fixture_send(other, HEAVY_LINE(1) "\n");
        receive_result(fixture, other, 1);
        assert_int_equal(fixture->server->n_heavy, 0);
        close(client);
        close(other);
}

/* What is under way, queued, held back, and what its client has left all ends with the server; ASan sees what does not. */
static void the_server_goes_with_work_in_every_state(void **state)
{
        struct server_fixture *fixture = *state;
        int running = connect_and_begin(fixture, 1), queued = server_fixture_connect(fixture);
        int left = server_fixture_connect(fixture), held_back = server_fixture_connect(fixture);

        server_fixture_send(queued, HEAVY_LINE(1) "\n");
        server_fixture_send(left, HEAVY_LINE(1) "\n");
        server_fixture_send(held_back, DISCOVER HEAVY_LINE(2) "\n");
        server_fixture_turn(fixture);
        assert_int_equal(fixture->server->n_heavy, 4 * strlen(HEAVY_LINE(1)));
        close(left); /* without another turn, so that the server has not seen it */
        server_fixture_deinit(fixture);
        assert_int_equal(heavy_method.n_stopped, 1);
        assert_int_equal(heavy_method.n_begun, 1);
        close(running);
        close(queued);
        close(held_back);
        begin(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(lines_wait_for_the_heavy_one_before_them),
                TEST(replies_before_the_heavy_line_do_not_wait_for_it),
                TEST(lines_sent_meanwhile_wait_too),
                TEST(clients_take_turns_in_the_order_they_came),
                TEST(half_closing_cancels_nothing),
                TEST(half_closing_before_the_work_begins_cancels_nothing),
                TEST(hanging_up_cancels_the_work),
                TEST(hanging_up_after_half_closing_cancels_the_work),
                TEST(hanging_up_with_lines_pending_cancels_the_work),
                TEST(hanging_up_with_replies_unread_cancels_the_work),
                TEST(hanging_up_while_queued_leaves_the_queue),
                TEST(a_line_beyond_its_deadline_gets_an_error),
                TEST(too_many_bytes_of_heavy_lines_are_answered_busy),
                TEST(work_waits_until_earlier_replies_are_taken),
                TEST(hanging_up_before_work_began_cancels_it),
                TEST(a_job_for_which_there_is_no_memory_costs_its_connection),
                TEST(a_reply_for_which_there_is_no_memory_costs_its_connection),
                TEST(the_server_goes_with_work_in_every_state),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
