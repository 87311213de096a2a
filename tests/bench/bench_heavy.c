/*
 * bench_heavy REQUESTS SOCKET BTFD: how long a light question takes while heavy ones of others are answered.
 *
 * One connection asks a light question after the other, first alone, then while others keep a heavy question each under
 * way, back to back. Nothing is pinned, as the daemon has two threads then.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bench.h"

#define N_OTHERS  4U
#define LINE_SIZE 4096U

#define LIGHT                                                                                                \
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"field.offset\","                                         \
        "\"params\":{\"type\":\"struct task_struct\",\"path\":\"mm->owner->comm\"}}\n"
/* Matches nearly every name of the kernel, and has a short answer. */
#define HEAVY                                                                                                \
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"type.find\","                                            \
        "\"params\":{\"name\":\"*[a-z_]*[!0]*\",\"limit\":1}}\n"

static void ask(int fd, const char *question, const char *expected)
{
        char answer[LINE_SIZE];
        size_t length;

        bench_send(fd, question, strlen(question));
        length = bench_read_line(fd, answer, sizeof(answer));
        if (!memmem(answer, length, expected, strlen(expected)))
                bench_die("unexpected answer: %.*s", (int)length, answer);
}

static void ask_light(int fd)
{
        ask(fd, LIGHT, "\"steps\"");
}

static void ask_heavy(int fd)
{
        ask(fd, HEAVY, "\"count\"");
}

/* Median and 99th percentile of so many light questions. */
static void print_light(const char *label, int fd, size_t n_requests)
{
        uint64_t *samples = bench_alloc(n_requests, sizeof(*samples));
        uint64_t median;

        for (size_t i = 0; i < n_requests; i++) {
                uint64_t begin = bench_now();

                ask_light(fd);
                samples[i] = bench_now() - begin;
        }
        median = bench_figures(samples, n_requests).median; /* sorts them */
        printf("  %-46s %10.1f %9.1f %9.1f\n", label, (double)median / 1e3,
               (double)samples[n_requests * 99 / 100] / 1e3, (double)samples[n_requests - 1] / 1e3);
        free(samples);
}

/* Asks heavy questions on all connections for ever, until it is killed. */
_Noreturn static void keep_asking(const char *socket_path, pid_t server)
{
        struct pollfd others[N_OTHERS];

        for (size_t i = 0; i < N_OTHERS; i++) {
                others[i] = (struct pollfd){.fd = bench_connect(socket_path, server), .events = POLLIN};
                bench_send(others[i].fd, HEAVY, strlen(HEAVY));
        }
        for (;;) {
                if (poll(others, N_OTHERS, (int)(BENCH_DEADLINE_NSEC / 1000000)) <= 0)
                        bench_die("the server does not answer");
                for (size_t i = 0; i < N_OTHERS; i++) {
                        char answer[LINE_SIZE];

                        if (!others[i].revents)
                                continue;
                        if (recv(others[i].fd, answer, sizeof(answer), 0) <= 0)
                                bench_die("the server hung up");
                        bench_send(others[i].fd, HEAVY, strlen(HEAVY));
                }
        }
}

static pid_t start_others(const char *socket_path, pid_t server)
{
        pid_t pid = fork();

        if (pid < 0)
                bench_die("fork failed");
        if (pid > 0)
                return pid;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        keep_asking(socket_path, server);
}

/* How long a heavy question takes alone. */
static void print_heavy(int fd, size_t n_requests)
{
        uint64_t *samples = bench_alloc(n_requests, sizeof(*samples));

        for (size_t i = 0; i < n_requests; i++) {
                uint64_t begin = bench_now();

                ask_heavy(fd);
                samples[i] = bench_now() - begin;
        }
        printf("  %-46s %10.1f\n", "the heavy question, alone",
               (double)bench_figures(samples, n_requests).median / 1e3);
        free(samples);
}

int main(int argc, char *argv[])
{
        char listen[4200], log_level[] = "--log-level=error", label[64];
        size_t n_requests;
        pid_t server, others;
        int fd;

        if (argc != 4)
                bench_die("usage: bench_heavy REQUESTS SOCKET BTFD");
        n_requests = bench_number(argv[1], 10000000);
        snprintf(listen, sizeof(listen), "--listen=%s", argv[2]);
        char *btfd[] = {argv[3], listen, log_level, NULL};

        server = bench_spawn(btfd, BENCH_ANY_CPU, BENCH_STDERR_KEEP);
        fd = bench_connect(argv[2], server);
        ask_heavy(fd); /* builds the indexes */
        ask_light(fd);
        print_heavy(fd, n_requests / 100 + 1);
        print_light("a light question, alone", fd, n_requests);
        others = start_others(argv[2], server);
        snprintf(label, sizeof(label), "the same, while %u others ask heavy ones", N_OTHERS);
        print_light(label, fd, n_requests);
        kill(others, SIGKILL);
        waitpid(others, NULL, 0);
        close(fd);
        bench_stop(server);
        return EXIT_SUCCESS;
}
