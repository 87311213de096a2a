/*
 * What the files of server/ know of one another.
 */
#pragma once

#include <event2/event.h>

#include "protocol/json_writer.h"
#include "rpc/rpc.h"
#include "server/server.h"

/* A turn of one connection ends after so many requests or so much time, then others have theirs. A batch counts
 * as one request, so that others wait for one: 2 ms for 512 plans, 84 ms for 480 task_structs, 95 ms for 512
 * unknown names of 96 bytes were the longest seen. */
#define SERVER_TURN_REQUESTS 16U
#define SERVER_TURN_NSEC     (2 * 1000 * 1000)

/* Replies are written into one buffer for all connections. It is given back when a reply made it larger than
 * this. */
#define SERVER_KEEP_BYTES (512U << 10)

/* After accept() failed for want of descriptors or memory: trying at once would only spin. */
#define SERVER_ACCEPT_RETRY_MSEC 100

struct connection;
struct job;
struct listener;
struct worker;

struct server {
        struct event_base *base;
        struct rpc *rpc;
        struct worker *worker;
        struct server_observer observer;
        struct json_writer out;         /* the replies of the turn at hand; empty between turns */
        struct connection *connections; /* doubly linked */
        uint64_t n_connections;
        size_t n_unsent;            /* bytes that wait for all connections together */
        size_t n_heavy;             /* bytes of the lines in all jobs */
        struct listener *listeners; /* singly linked */
};

/* Serves a connected non-blocking socket, which it takes over whatever happens. */
void connection_accept(struct server *server, int fd);
/* The one way out of every connection. */
void connection_free(struct connection *connection);

/* The answer to the connection's job, which is about to be freed; `result` is rpc_job_run()'s. Takes the reply out. */
void connection_take_reply(struct connection *connection, struct json_writer *reply, int result);

/* Takes the line over whatever happens; `length` is its length in bytes. Returns 0 or -ENOMEM. */
int job_new(struct job **ret, struct server *server, struct connection *connection, struct rpc_job *line,
            size_t length);
/* Hands the job to the helper thread; connection_take_reply() follows, unless job_abandon() comes first. */
void job_begin(struct job *job);
/* The connection is going: cancels the job, begun or not, which frees itself. */
void job_abandon(struct job *job);

/* Returns 0 or -errno; takes the socket over whatever happens. */
int listener_new(struct server *server, int fd);
void listener_free(struct listener *listener);
