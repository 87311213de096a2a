/*
 * bench_echo SOCKET: sends back whatever it gets, with one read() and one send() each time.
 *
 * It is the floor of the load figures: the system calls and the event loop of btfd without btfd. It listens
 * until it is killed.
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bench.h"

/* As much as the generator ever has under way on one connection, and more. */
#define ECHO_BUFFER_SIZE (64U << 10)

struct client {
        struct event *readable;
};

static void on_readable(evutil_socket_t fd, short events, void *context)
{
        static char buffer[ECHO_BUFFER_SIZE];
        struct client *client = context;
        ssize_t n_read;

        (void)events;
        n_read = read(fd, buffer, sizeof(buffer));
        if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n_read > 0) {
                if (send(fd, buffer, (size_t)n_read, MSG_NOSIGNAL) != n_read)
                        bench_die("the client does not take its echo");
                return;
        }
        event_free(client->readable);
        close(fd);
        free(client);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *base)
{
        struct client *client = bench_alloc(1, sizeof(*client));

        (void)listener;
        (void)address;
        (void)length;
        client->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, client);
        if (!client->readable || event_add(client->readable, NULL) < 0)
                bench_die("out of memory");
}

int main(int argc, char *argv[])
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        struct evconnlistener *listener;
        struct event_base *base;

        if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
                bench_die("usage: bench_echo SOCKET");
        strcpy(address.sun_path, argv[1]);
        base = event_base_new();
        if (!base)
                bench_die("out of memory");
        listener =
                evconnlistener_new_bind(base, on_accept, base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                                        /* backlog= */ 1024, (struct sockaddr *)&address, sizeof(address));
        if (!listener)
                bench_die("%s: %s", argv[1], strerror(errno));
        event_base_dispatch(base);
        evconnlistener_free(listener);
        event_base_free(base);
        return EXIT_SUCCESS;
}
