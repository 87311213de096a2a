/*
 * Connections on an event loop: bytes between sockets and rpc/, and nothing of types.
 *
 * One loop owns everything here; no function may be called from another thread. The server owns its listeners
 * and connections, and a helper thread for lines that may take long; the loop and the rpc are borrowed and must outlive it.
 */
#pragma once

#include <stddef.h>

#include "rpc/rpc.h"
#include "util/util.h"

struct event_base;
struct server;

/* What the owner may want to log. Called from the loop; `context` is the owner's. */
struct server_observer {
        void *context;
        /* accept() failed with `error` (an errno), typically for want of descriptors; it is
         * retried by itself */
        void (*accept_failed)(void *context, int error);
};

/* Starts the helper thread. Returns 0 or -errno. At most rpc->config.max_connections clients are served at a time. */
int server_new(struct server **ret, struct event_base *base, struct rpc *rpc,
               const struct server_observer *observer);
/* Closes all listeners and connections at once, and waits until the helper thread has stopped what it is at. */
struct server *server_free(struct server *server);

/* Accepts clients on a listening socket, which it takes over whatever happens. Returns 0 or -errno. */
int server_listen(struct server *server, int fd);

DEFINE_CLEANUP(struct server *, server_cleanup, server_free)
