/*
 * bench_load ROUNDS REQUESTS SOCKET BTFD ECHO: requests a second and latency over the socket.
 *
 * A closed loop: each connection keeps `depth` requests under way and sends a new one for each answer.
 * Sixteen requests that differ in their id go round, and each answer is compared byte by byte with the one
 * that a quiet server gave to that request, so that a wrong, lost or swapped answer ends the run. btfd and
 * the echo server (bench_echo) take turns on one CPU, the generator has another to itself.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "bench.h"

#define MAX_CONNECTIONS 50U
#define MAX_DEPTH       16U
#define N_QUESTIONS     16U /* at least MAX_DEPTH, so that no two under way are the same */
#define N_EVENTS        64
#define BUFFER_SIZE     (64U << 10)
#define LINE_SIZE       1024U

/* All of the same length, as the ids have two digits. */
#define QUESTION                                                                                             \
        "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"field.offset\","                                        \
        "\"params\":{\"type\":\"struct task_struct\",\"path\":\"mm->owner->comm\"}}\n"
#define FIRST_ID 10U

struct shape {
        unsigned int n_connections;
        unsigned int depth;
};

static const struct shape shapes[] = {{1, 1}, {1, 16}, {50, 1}, {50, 16}};

enum server {
        SERVER_BTFD,
        SERVER_ECHO,
        N_SERVERS,
};

static const char *const server_names[] = {[SERVER_BTFD] = "btfd", [SERVER_ECHO] = "echo"};

/* The questions stand twice in a row, so that any run of up to 16 is one piece of memory. */
struct script {
        char questions[2 * N_QUESTIONS * LINE_SIZE];
        size_t question_length;
        char answers[N_QUESTIONS][LINE_SIZE];
        size_t answer_length[N_QUESTIONS];
};

struct connection {
        int fd;
        uint64_t n_sent, n_answered;
        uint64_t sent_at[MAX_DEPTH]; /* of request n at n % MAX_DEPTH */
        char *input;                 /* BUFFER_SIZE bytes */
        size_t input_length;
};

struct load {
        const struct script *script;
        struct shape shape;
        int epoll_fd;
        struct connection connections[MAX_CONNECTIONS];
        uint64_t n_requests; /* to send in total */
        uint64_t n_sent, n_answered;
        uint64_t *latencies; /* nanoseconds, n_requests of them */
};

/* One round's result for a shape and server. */
struct result {
        uint64_t per_second;
        uint64_t p50, p99; /* nanoseconds */
        uint64_t cpu;      /* nanoseconds of the server's CPU time a request */
};

/* Learns the answers one by one, and that they are answers. */
static void learn(struct script *script, int fd, enum server server)
{
        for (unsigned int i = 0; i < N_QUESTIONS; i++) {
                char *question = script->questions + i * script->question_length;
                bool good;

                bench_send(fd, question, script->question_length);
                script->answer_length[i] = bench_read_line(fd, script->answers[i], LINE_SIZE);
                if (server == SERVER_ECHO)
                        good = script->answer_length[i] == script->question_length &&
                               memcmp(question, script->answers[i], script->question_length) == 0;
                else
                        good = memmem(script->answers[i], script->answer_length[i], "\"steps\"",
                                      strlen("\"steps\"")) != NULL;
                if (!good)
                        bench_die("unexpected answer: %.*s", (int)script->answer_length[i],
                                  script->answers[i]);
        }
}

static void write_questions(struct script *script)
{
        char *at = script->questions;

        for (unsigned int i = 0; i < 2 * N_QUESTIONS; i++)
                at += sprintf(at, QUESTION, FIRST_ID + i % N_QUESTIONS);
        script->question_length = (size_t)(at - script->questions) / (2 * (size_t)N_QUESTIONS);
}

/* Sends up to `n` requests with one write. */
static void send_more(struct load *load, struct connection *connection, uint64_t n)
{
        const struct script *script = load->script;
        uint64_t now;

        if (n > load->n_requests - load->n_sent)
                n = load->n_requests - load->n_sent;
        if (n == 0)
                return;
        now = bench_now();
        for (uint64_t i = 0; i < n; i++)
                connection->sent_at[(connection->n_sent + i) % MAX_DEPTH] = now;
        bench_send(connection->fd,
                   script->questions + connection->n_sent % N_QUESTIONS * script->question_length,
                   n * script->question_length);
        connection->n_sent += n;
        load->n_sent += n;
}

/* Compares and counts the complete answers. Returns how many there were. */
static uint64_t take_answers(struct load *load, struct connection *connection)
{
        const struct script *script = load->script;
        uint64_t now = bench_now(), n = 0;
        size_t position = 0;

        for (;;) {
                uint64_t i = connection->n_answered % N_QUESTIONS;
                size_t length = script->answer_length[i];

                if (connection->input_length - position < length)
                        break;
                if (connection->n_answered == connection->n_sent ||
                    memcmp(connection->input + position, script->answers[i], length) != 0)
                        bench_die("wrong answer to request %" PRIu64 " of a connection: %.*s",
                                  connection->n_answered, (int)length, connection->input + position);
                load->latencies[load->n_answered++] =
                        now - connection->sent_at[connection->n_answered % MAX_DEPTH];
                connection->n_answered++;
                position += length;
                n++;
        }
        connection->input_length -= position;
        memmove(connection->input, connection->input + position, connection->input_length);
        return n;
}

static void on_readable(struct load *load, struct connection *connection)
{
        ssize_t n_read = recv(connection->fd, connection->input + connection->input_length,
                              BUFFER_SIZE - connection->input_length, MSG_DONTWAIT);

        if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n_read <= 0)
                bench_die("the server hung up");
        connection->input_length += (size_t)n_read;
        send_more(load, connection, take_answers(load, connection));
}

/* Sends and gets all requests. Returns the time it took. */
static uint64_t run_load(struct load *load)
{
        uint64_t begin = bench_now();

        for (unsigned int i = 0; i < load->shape.n_connections; i++)
                send_more(load, &load->connections[i], load->shape.depth);
        while (load->n_answered < load->n_requests) {
                struct epoll_event events[N_EVENTS];
                int n_events = epoll_wait(load->epoll_fd, events, N_EVENTS,
                                          (int)(BENCH_DEADLINE_NSEC / (1000 * 1000)));

                if (n_events == 0)
                        bench_die("the server does not answer");
                for (int i = 0; i < n_events; i++)
                        on_readable(load, events[i].data.ptr);
        }
        return bench_now() - begin;
}

static void open_connections(struct load *load, const char *socket_path, pid_t pid)
{
        load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (load->epoll_fd < 0)
                bench_die("epoll: %s", strerror(errno));
        for (unsigned int i = 0; i < load->shape.n_connections; i++) {
                struct connection *connection = &load->connections[i];
                struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

                connection->fd = bench_connect(socket_path, pid);
                connection->input = bench_alloc(BUFFER_SIZE, 1);
                if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0)
                        bench_die("epoll: %s", strerror(errno));
        }
}

static void close_connections(struct load *load)
{
        for (unsigned int i = 0; i < load->shape.n_connections; i++) {
                close(load->connections[i].fd);
                free(load->connections[i].input);
        }
        close(load->epoll_fd);
}

static uint64_t cpu_time(pid_t pid)
{
        struct timespec used = {0};
        clockid_t clock;

        if (clock_getcpuclockid(pid, &clock) == 0)
                clock_gettime(clock, &used);
        return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static struct result measure(const struct script *script, struct shape shape, uint64_t n_requests,
                             const char *socket_path, pid_t pid)
{
        struct load load = {.script = script, .shape = shape, .n_requests = n_requests};
        struct result result;
        uint64_t cpu, wall;

        load.latencies = bench_alloc(n_requests, sizeof(*load.latencies));
        open_connections(&load, socket_path, pid);
        cpu = cpu_time(pid);
        wall = run_load(&load);
        cpu = cpu_time(pid) - cpu;
        close_connections(&load);
        result = (struct result){
                .per_second = n_requests * 1000000000 / wall,
                .p50 = bench_figures(load.latencies, n_requests).median, /* sorts them */
                .p99 = load.latencies[n_requests * 99 / 100],
                .cpu = cpu / n_requests,
        };
        free(load.latencies);
        return result;
}

/* A fresh server for all shapes of one round. */
static void run_round(enum server server, char *const server_argv[], int cpu, const char *socket_path,
                      uint64_t n_requests, struct result *results)
{
        struct script *script = bench_alloc(1, sizeof(*script));
        pid_t pid;
        int fd;

        unlink(socket_path); /* the echo server leaves its own behind */
        pid = bench_spawn(server_argv, cpu, BENCH_STDERR_KEEP);
        write_questions(script);
        fd = bench_connect(socket_path, pid);
        learn(script, fd, server);
        close(fd);
        for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
                (void)measure(script, shapes[i], n_requests / 20, socket_path, pid); /* warms up */
                results[i] = measure(script, shapes[i], n_requests, socket_path, pid);
        }
        bench_stop(pid);
        free(script);
}

/* The median of each figure over the rounds: `member` is its byte offset in struct result. */
static double median(const struct result *results, size_t n_results, size_t stride, size_t member)
{
        uint64_t samples[99];

        for (size_t i = 0; i < n_results; i++)
                memcpy(&samples[i], (const char *)&results[i * stride] + member, sizeof(samples[i]));
        return (double)bench_figures(samples, n_results).median;
}

static void print_results(const struct result *results, size_t n_rounds)
{
        size_t stride = N_SERVERS * ARRAY_LENGTH(shapes);

        for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
                double rate[N_SERVERS];

                for (size_t server = 0; server < N_SERVERS; server++) {
                        const struct result *first = &results[server * ARRAY_LENGTH(shapes) + i];

                        rate[server] = median(first, n_rounds, stride, offsetof(struct result, per_second));
                        printf("  %2u connection%s %2u deep, %-16s %10.0f %9.1f %9.1f %9.2f %8.2f\n",
                               shapes[i].n_connections, shapes[i].n_connections == 1 ? ", " : "s,",
                               shapes[i].depth, server_names[server], rate[server],
                               median(first, n_rounds, stride, offsetof(struct result, p50)) / 1e3,
                               median(first, n_rounds, stride, offsetof(struct result, p99)) / 1e3,
                               median(first, n_rounds, stride, offsetof(struct result, cpu)) / 1e3,
                               rate[server] / rate[SERVER_BTFD]);
                }
        }
}

int main(int argc, char *argv[])
{
        char listen[4200], log_level[] = "--log-level=error";
        struct result *results, *next;
        size_t n_rounds, n_requests;
        int server_cpu, own_cpu;

        if (argc != 6)
                bench_die("usage: bench_load ROUNDS REQUESTS SOCKET BTFD ECHO");
        n_rounds = bench_number(argv[1], 99);
        n_requests = bench_number(argv[2], 10000000);
        if (n_requests < 1000)
                bench_die("fewer than 1000 requests say nothing");
        snprintf(listen, sizeof(listen), "--listen=%s", argv[3]);
        bench_two_cpus(&server_cpu, &own_cpu);
        bench_pin(own_cpu);

        results = next = bench_alloc(n_rounds * N_SERVERS * ARRAY_LENGTH(shapes), sizeof(*results));
        for (size_t i = 0; i < n_rounds; i++) {
                char *btfd[] = {argv[4], listen, log_level, NULL};
                char *echo[] = {argv[5], argv[3], NULL};

                run_round(SERVER_BTFD, btfd, server_cpu, argv[3], n_requests, next);
                next += ARRAY_LENGTH(shapes);
                run_round(SERVER_ECHO, echo, server_cpu, argv[3], n_requests, next);
                next += ARRAY_LENGTH(shapes);
        }
        print_results(results, n_rounds);
        free(results);
        return EXIT_SUCCESS;
}
