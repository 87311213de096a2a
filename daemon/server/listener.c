/*
 * Accepting clients. libevent calls back at once and for ever when accept() fails for want of descriptors, so
 * the listener is switched off then and a timer switches it on again.
 */
#include <errno.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/internal.h"

struct listener {
        struct server *server;
        struct listener *next;
        struct evconnlistener *accepting;
        struct event *retry;
};

static void on_accept(struct evconnlistener *accepting, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *context)
{
        struct listener *listener = context;

        (void)accepting;
        (void)address;
        (void)length;
        connection_accept(listener->server, fd);
}

static void on_retry(evutil_socket_t fd, short events, void *context)
{
        struct listener *listener = context;

        (void)fd;
        (void)events;
        evconnlistener_enable(listener->accepting);
}

static void on_accept_error(struct evconnlistener *accepting, void *context)
{
        static const struct timeval delay = {.tv_usec = SERVER_ACCEPT_RETRY_MSEC * 1000};
        struct listener *listener = context;
        const struct server_observer *observer = &listener->server->observer;

        observer->accept_failed(observer->context, EVUTIL_SOCKET_ERROR());
        evconnlistener_disable(accepting);
        evtimer_add(listener->retry, &delay);
}

int listener_new(struct server *server, int fd)
{
        struct listener *listener;

        listener = calloc(1, sizeof(*listener));
        if (!listener) {
                close(fd);
                return -ENOMEM;
        }
        listener->server = server;
        /* A socket that the service manager passes may be blocking. */
        evutil_make_socket_nonblocking(fd);
        listener->retry = evtimer_new(server->base, on_retry, listener);
        listener->accepting = evconnlistener_new(server->base, on_accept, listener,
                                                 LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                                                 /* backlog= */ 0, fd); /* it listens already */
        if (!listener->accepting)
                close(fd);
        listener->next = server->listeners;
        server->listeners = listener;
        if (!listener->retry || !listener->accepting) {
                listener_free(listener);
                return -ENOMEM;
        }
        evconnlistener_set_error_cb(listener->accepting, on_accept_error);
        return 0;
}

void listener_free(struct listener *listener)
{
        struct listener **link = &listener->server->listeners;

        while (*link != listener)
                link = &(*link)->next;
        *link = listener->next;
        if (listener->accepting)
                evconnlistener_free(listener->accepting);
        if (listener->retry)
                event_free(listener->retry);
        free(listener);
}
