/*
 * A server in the test's own thread: the loop turns only while the test waits for something, so that everything but the
 * helper thread happens in a known order. Clients are plain sockets.
 */
#pragma once

#include <event2/event.h>
#include <stdbool.h>

#include "server/internal.h"
#include "support/rpc_fixture.h"

struct server_fixture {
        struct rpc_fixture rpc;
        struct event_base *base;
        struct server *server;
};

/* Serves what was built; frees the builder. */
void server_fixture_init(struct server_fixture *fixture, struct btf_builder *b);
/* Ends the server with whatever it is at. */
void server_fixture_deinit(struct server_fixture *fixture);

/* A new connection's other end, non-blocking; the caller closes it. The socket takes some kilobytes of replies only. */
int server_fixture_connect(struct server_fixture *fixture);

/* Turns the loop until nothing is ready; what the helper thread is at goes on. */
void server_fixture_turn(struct server_fixture *fixture);

/* Turns the loop until `*value` is `expected`. */
void server_fixture_wait_count(struct server_fixture *fixture, const atomic_uint *value,
                               unsigned int expected);
/* Turns the loop until there are so many connections. */
void server_fixture_wait_connections(struct server_fixture *fixture, uint64_t expected);

/* Sends all of a text, which must fit the socket's buffer. */
void server_fixture_send(int client, const char *text);
/* Turns the loop until a line has come, and returns it parsed; NULL at the end of the stream. */
json_t *server_fixture_receive(struct server_fixture *fixture, int client);
/* Turns the loop and checks that nothing has come. */
void server_fixture_receive_nothing(struct server_fixture *fixture, int client);
