/*
 * One client.
 *
 * A turn reads what is there, answers the complete lines in it, and writes all replies with one system call.
 * The connection then waits for exactly one thing: more input; the client to take the output it has not taken
 * yet, during which its input stays unread; its next turn, if it used this one up with requests left over; or the
 * helper thread, which answers the one line that is its job, and no other line is looked at before.
 *
 * Replies are rendered into the server's one buffer. Only what the client does not take at once moves to the
 * connection, and only the beginning of a line stays in its frame, so that an idle connection owns next to
 * nothing.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/frame.h"
#include "protocol/limits.h"
#include "server/internal.h"
#include "util/stop.h"

enum connection_state {
        WAITING_FOR_INPUT,
        WAITING_FOR_OUTPUT,
        WAITING_FOR_TURN,
        WAITING_FOR_WORK,
};

struct connection {
        struct server *server;
        struct connection *previous, *next;
        int fd;
        enum connection_state state;
        struct event *readable;
        struct event *writable;
        struct event *turn;   /* a timer that fires at the loop's next round */
        struct event *hangup; /* whatever happens to the socket while it is not read */
        struct job *job;      /* owned; begun once it is what the connection waits for */
        struct frame frame;
        char *unsent; /* what the client has not taken yet */
        size_t unsent_begin, unsent_end;
        unsigned int n_bad_lines;
        bool at_end;  /* the client has sent all it will; answer what is there, then close */
        bool closing; /* no further line is answered; close once the output is taken */
};

/* The output that the client has not taken, which counts against the server's total. */
static void drop_unsent(struct connection *connection)
{
        connection->server->n_unsent -= connection->unsent_end;
        free(connection->unsent);
        connection->unsent = NULL;
        connection->unsent_begin = connection->unsent_end = 0;
}

void connection_free(struct connection *connection)
{
        struct server *server = connection->server;

        if (connection->previous)
                connection->previous->next = connection->next;
        else
                server->connections = connection->next;
        if (connection->next)
                connection->next->previous = connection->previous;
        server->n_connections--;
        if (connection->readable)
                event_free(connection->readable);
        if (connection->writable)
                event_free(connection->writable);
        if (connection->turn)
                event_free(connection->turn);
        if (connection->hangup)
                event_free(connection->hangup);
        if (connection->job)
                job_abandon(connection->job);
        frame_deinit(&connection->frame);
        drop_unsent(connection);
        close(connection->fd);
        free(connection);
}

static int wait_for(struct connection *connection, enum connection_state state)
{
        static const struct timeval now = {0}, stall = {.tv_sec = PROTOCOL_STALL_SEC};
        enum connection_state old = connection->state;

        connection->state = state;
        /* The usual case costs no system call: the read event stays as it is. */
        if (state == old && state == WAITING_FOR_INPUT)
                return 0;
        if (old == WAITING_FOR_INPUT && event_del(connection->readable) < 0)
                return -ENOMEM;
        if (old == WAITING_FOR_WORK && event_del(connection->hangup) < 0)
                return -ENOMEM;
        switch (state) {
        case WAITING_FOR_INPUT:
                return event_add(connection->readable, NULL) < 0 ? -ENOMEM : 0;
        case WAITING_FOR_OUTPUT:
                return event_add(connection->writable, &stall) < 0 ? -ENOMEM : 0;
        case WAITING_FOR_TURN:
                return evtimer_add(connection->turn, &now) < 0 ? -ENOMEM : 0;
        case WAITING_FOR_WORK:
                if (event_add(connection->hangup, NULL) < 0)
                        return -ENOMEM;
                job_begin(connection->job);
                return 0;
        }
        return 0;
}

static int answer_line(struct connection *connection, const struct frame_line *line)
{
        struct server *server = connection->server;
        struct rpc_job *deferred;
        int r;

        r = rpc_begin_line(server->rpc, line->data, line->length, PROTOCOL_MAX_HEAVY - server->n_heavy,
                           &server->out, &deferred);
        if (r == RPC_DEFERRED)
                r = job_new(&connection->job, server, connection, deferred, line->length);
        return r;
}

static int answer(struct connection *connection, enum frame_event event, const struct frame_line *line)
{
        struct server *server = connection->server;
        int r = 0;

        switch (event) {
        case FRAME_NEED_MORE:
                return 0;
        case FRAME_LINE:
                r = answer_line(connection, line);
                break;
        case FRAME_TOO_LONG:
                r = rpc_refuse_line(RPC_LINE_TOO_LONG, &server->out);
                break;
        case FRAME_NUL_BYTE:
                r = rpc_refuse_line(RPC_LINE_NUL_BYTE, &server->out);
                break;
        }
        if (r < 0)
                return r;
        if (r == RPC_BAD_LINE && ++connection->n_bad_lines == PROTOCOL_MAX_BAD_LINES)
                connection->closing = true;
        return 0;
}

/* Whether others have their turn before the next of this connection's lines. */
static bool turn_is_over(const struct connection *connection, unsigned int n_answered, int64_t deadline)
{
        if (!frame_has_input(&connection->frame))
                return false;
        return n_answered == SERVER_TURN_REQUESTS || connection->server->out.length >= PROTOCOL_MAX_UNSENT ||
               stop_clock() >= deadline;
}

/* Answers lines into the server's buffer, up to one that becomes a job. Sets *ret_more if the turn was over before the
 * lines were. */
static int answer_lines(struct connection *connection, bool *ret_more)
{
        int64_t deadline = stop_clock() + SERVER_TURN_NSEC;
        unsigned int n_answered = 0;

        *ret_more = false;
        while (!connection->closing && !connection->job && !*ret_more) {
                struct frame_line line;
                enum frame_event event = frame_next(&connection->frame, &line);
                int r;

                if (event == FRAME_NEED_MORE && connection->at_end) {
                        event = frame_finish(&connection->frame, &line);
                        connection->closing = true;
                }
                if (event == FRAME_NEED_MORE)
                        return 0;
                r = answer(connection, event, &line);
                if (r < 0)
                        return r;
                *ret_more = turn_is_over(connection, ++n_answered, deadline);
        }
        return 0;
}

/* Returns the number of bytes that the client took, or -errno. */
static ssize_t send_some(int fd, const char *data, size_t length)
{
        ssize_t n_sent;

        do
                n_sent = send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (n_sent < 0 && errno == EINTR);
        if (n_sent < 0)
                return errno == EAGAIN ? 0 : -errno;
        return n_sent;
}

/* Sends the server's buffer and empties it. What the client does not take becomes the connection's. */
static int send_replies(struct connection *connection)
{
        struct json_writer *out = &connection->server->out;
        ssize_t n_sent = 0;

        if (out->length > 0)
                n_sent = send_some(connection->fd, out->data, out->length);
        if (n_sent >= 0 && (size_t)n_sent < out->length &&
            out->length <= PROTOCOL_MAX_TOTAL_UNSENT - connection->server->n_unsent) {
                /* Not more than it needs: a buffer grows by doubling. */
                connection->unsent = realloc(out->data, out->length);
                if (!connection->unsent)
                        connection->unsent = out->data;
                connection->unsent_begin = (size_t)n_sent;
                connection->unsent_end = out->length;
                connection->server->n_unsent += out->length;
                out->data = NULL;
                json_writer_init(out, /* limit= */ SIZE_MAX);
                return 0;
        }
        if (n_sent >= 0 && (size_t)n_sent < out->length)
                n_sent = -ENOBUFS;
        if (out->size > SERVER_KEEP_BYTES)
                json_writer_deinit(out);
        out->length = 0;
        out->need_comma = false;
        return n_sent < 0 ? (int)n_sent : 0;
}

/* What there is to wait for once all replies have been sent. */
static enum connection_state next_state(const struct connection *connection, bool more)
{
        if (connection->unsent)
                return WAITING_FOR_OUTPUT;
        if (connection->job)
                return WAITING_FOR_WORK;
        return more ? WAITING_FOR_TURN : WAITING_FOR_INPUT;
}

/* Sends the server's buffer, unless `result` says that it failed, and settles what to wait for next; `more` says that
 * lines are left over. May free the connection. */
static void end_turn(struct connection *connection, int result, bool more)
{
        if (result == 0)
                result = send_replies(connection);
        else
                connection->server->out.length = 0;
        if (result == 0 && connection->closing && !connection->unsent && !connection->job)
                result = -ESHUTDOWN;
        if (result == 0)
                result = wait_for(connection, next_state(connection, more));
        if (result < 0)
                connection_free(connection);
}

/* One turn: answers, sends, and settles what to wait for next. May free the connection. */
static void take_turn(struct connection *connection)
{
        bool more;
        int r;

        r = answer_lines(connection, &more);
        end_turn(connection, r, more);
}

void connection_take_reply(struct connection *connection, struct json_writer *reply, int result)
{
        struct json_writer old = connection->server->out;

        connection->job = NULL;
        if (result == 0) {
                connection->server->out = *reply;
                *reply = old;
        }
        /* Whatever lines came with it or behind it have their own turn. */
        end_turn(connection, result, frame_has_input(&connection->frame) || connection->at_end);
}

static void on_readable(evutil_socket_t fd, short events, void *context)
{
        struct connection *connection = context;
        ssize_t n_read;
        size_t size;
        char *room;

        (void)events;
        if (frame_room(&connection->frame, &room, &size) < 0) {
                connection_free(connection);
                return;
        }
        n_read = read(fd, room, size);
        if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n_read < 0) {
                connection_free(connection);
                return;
        }
        frame_fill(&connection->frame, (size_t)n_read);
        connection->at_end = n_read == 0;
        take_turn(connection);
}

static void on_writable(evutil_socket_t fd, short events, void *context)
{
        struct connection *connection = context;
        ssize_t n_sent = -ETIMEDOUT;

        if (!(events & EV_TIMEOUT))
                n_sent = send_some(fd, connection->unsent + connection->unsent_begin,
                                   connection->unsent_end - connection->unsent_begin);
        if (n_sent < 0) {
                connection_free(connection);
                return;
        }
        connection->unsent_begin += (size_t)n_sent;
        if (connection->unsent_begin < connection->unsent_end) {
                if (wait_for(connection, WAITING_FOR_OUTPUT) < 0)
                        connection_free(connection);
                return;
        }
        drop_unsent(connection);
        take_turn(connection);
}

static void on_turn(evutil_socket_t fd, short events, void *context)
{
        (void)fd;
        (void)events;
        take_turn(context);
}

/*
 * Something happened to a socket that is not read, because the client waits for its job. A client that has shut down its
 * sending side wants its answer all the same; only one that is gone altogether cancels it, and only poll() tells the two
 * apart. EV_CLOSED would not do: libevent reports as an error of reading what closing leaves when replies are unread.
 */
static void on_hangup(evutil_socket_t fd, short events, void *context)
{
        struct pollfd socket = {.fd = fd};

        (void)events;
        if (poll(&socket, 1, /* timeout= */ 0) > 0 && socket.revents & (POLLHUP | POLLERR))
                connection_free(context);
}

static void refuse(struct server *server, int fd)
{
        if (rpc_refuse_connection(server->rpc, &server->out) == 0)
                (void)send_some(fd, server->out.data, server->out.length);
        server->out.length = 0;
        close(fd);
}

void connection_accept(struct server *server, int fd)
{
        struct connection *connection;

        if (server->n_connections >= server->rpc->config.max_connections) {
                refuse(server, fd);
                return;
        }
        connection = calloc(1, sizeof(*connection));
        if (!connection) {
                close(fd);
                return;
        }
        connection->server = server;
        connection->fd = fd;
        frame_init(&connection->frame, PROTOCOL_MAX_LINE);
        connection->next = server->connections;
        if (connection->next)
                connection->next->previous = connection;
        server->connections = connection;
        server->n_connections++;

        connection->readable = event_new(server->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
        connection->writable = event_new(server->base, fd, EV_WRITE, on_writable, connection);
        connection->turn = evtimer_new(server->base, on_turn, connection);
        /* Edge-triggered, as what is there to read stays there. */
        connection->hangup = event_new(server->base, fd, EV_READ | EV_ET | EV_PERSIST, on_hangup, connection);
        if (!connection->readable || !connection->writable || !connection->turn || !connection->hangup ||
            event_add(connection->readable, NULL) < 0)
                connection_free(connection);
}
