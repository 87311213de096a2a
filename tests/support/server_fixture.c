#include "support/server_fixture.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>

#include "support/unit.h"
#include "util/stop.h"

#define PATIENCE_TURNS 10000000U /* no test waits longer for anything */

/* Of one line; replies of tests are smaller. */
#define LINE_SIZE (1U << 20)

static void on_accept_failed(void *context, int error)
{
        (void)context;
        fail_msg("accept failed: %d", error);
}

void server_fixture_init(struct server_fixture *fixture, struct btf_builder *b)
{
        const struct server_observer observer = {.accept_failed = on_accept_failed};

        rpc_fixture_init(&fixture->rpc, b);
        fixture->base = event_base_new();
        assert_non_null(fixture->base);
        assert_int_equal(server_new(&fixture->server, fixture->base, &fixture->rpc.rpc, &observer), 0);
}

void server_fixture_deinit(struct server_fixture *fixture)
{
        server_free(fixture->server);
        event_base_free(fixture->base);
        rpc_fixture_deinit(&fixture->rpc);
}

int server_fixture_connect(struct server_fixture *fixture)
{
        int fds[2], size = 4096;

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
        connection_accept(fixture->server, fds[0]);
        return fds[1];
}

void server_fixture_turn(struct server_fixture *fixture)
{
        /* Each round may make the next one's work: a turn, then the events that it asks for. */
        for (int i = 0; i < 20; i++)
                event_base_loop(fixture->base, EVLOOP_NONBLOCK);
}

static void turn_and_yield(struct server_fixture *fixture, unsigned int *n_turns)
{
        if (++*n_turns == PATIENCE_TURNS)
                fail_msg("waited in vain");
        event_base_loop(fixture->base, EVLOOP_NONBLOCK);
        sched_yield();
}

void server_fixture_wait_count(struct server_fixture *fixture, const atomic_uint *value,
                               unsigned int expected)
{
        unsigned int n_turns = 0;

        while (atomic_load(value) != expected)
                turn_and_yield(fixture, &n_turns);
}

void server_fixture_wait_connections(struct server_fixture *fixture, uint64_t expected)
{
        unsigned int n_turns = 0;

        while (fixture->server->n_connections != expected)
                turn_and_yield(fixture, &n_turns);
}

void server_fixture_send(int client, const char *text)
{
        size_t length = strlen(text);

        assert_int_equal(send(client, text, length, MSG_NOSIGNAL), length);
}

json_t *server_fixture_receive(struct server_fixture *fixture, int client)
{
        char *line = malloc(LINE_SIZE);
        unsigned int n_turns = 0;
        size_t length = 0;
        json_t *reply = NULL;

        assert_non_null(line);
        while (length < LINE_SIZE) {
                ssize_t n = recv(client, line + length, 1, 0);

                if (n < 0 && errno == EAGAIN) {
                        turn_and_yield(fixture, &n_turns);
                        continue;
                }
                if (n <= 0 || line[length] == '\n')
                        break;
                length++;
        }
        if (length > 0) {
                reply = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
                assert_non_null(reply);
        }
        free(line);
        return reply;
}

void server_fixture_receive_nothing(struct server_fixture *fixture, int client)
{
        char byte;

        server_fixture_turn(fixture);
        assert_int_equal(recv(client, &byte, 1, 0), -1);
        assert_int_equal(errno, EAGAIN);
}
