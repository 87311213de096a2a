#include "server/internal.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/worker.h"

int server_new(struct server **ret, struct event_base *base, struct rpc *rpc,
               const struct server_observer *observer)
{
        struct server *server;
        int r;

        server = calloc(1, sizeof(*server));
        if (!server)
                return -ENOMEM;
        r = worker_new(&server->worker, base);
        if (r < 0) {
                free(server);
                return r;
        }
        server->base = base;
        server->rpc = rpc;
        server->observer = *observer;
        json_writer_init(&server->out, /* limit= */ SIZE_MAX);
        *ret = server;
        return 0;
}

struct server *server_free(struct server *server)
{
        if (!server)
                return NULL;
        while (server->listeners)
                listener_free(server->listeners);
        while (server->connections)
                connection_free(server->connections);
        worker_free(server->worker);
        json_writer_deinit(&server->out);
        free(server);
        return NULL;
}

int server_listen(struct server *server, int fd)
{
        return listener_new(server, fd);
}
