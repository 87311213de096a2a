/*
 * bench_start RUNS BTFD SOCKET COPY_DIR: the time from starting btfd to its first answer.
 *
 * Three ways in turn: with the running kernel's BTF (mapped where the kernel allows it), with a copy of it in
 * COPY_DIR (read), and `btfd --version`, which is the floor: exec, dynamic linking and exit.
 */
#include <stdio.h>

#include "bench.h"

#define QUESTION                                                                                             \
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"field.offset\","                                         \
        "\"params\":{\"type\":\"struct task_struct\",\"path\":\"mm->owner->comm\"}}\n"

enum way {
        WAY_RUNNING,
        WAY_COPY,
        WAY_VERSION,
        N_WAYS,
};

static const char *const labels[] = {
        [WAY_RUNNING] = "btfd, /sys/kernel/btf",
        [WAY_COPY] = "btfd, a copy in an ordinary file",
        [WAY_VERSION] = "btfd --version (no BTF, no socket)",
};

static void check_answer(const char *line, size_t length)
{
        if (!memmem(line, length, "\"steps\"", strlen("\"steps\"")))
                bench_die("unexpected answer: %.*s", (int)length, line);
}

static uint64_t first_answer(char *const argv[], const char *socket_path)
{
        char line[4096];
        uint64_t begin, end;
        size_t length;
        pid_t pid;
        int fd;

        begin = bench_now();
        pid = bench_spawn(argv, BENCH_ANY_CPU, BENCH_STDERR_KEEP);
        fd = bench_connect(socket_path, pid);
        bench_send(fd, QUESTION, strlen(QUESTION));
        length = bench_read_line(fd, line, sizeof(line));
        end = bench_now();
        check_answer(line, length);
        close(fd);
        bench_stop(pid);
        return end - begin;
}

static uint64_t until_exit(char *const argv[])
{
        uint64_t begin = bench_now();

        bench_wait(bench_spawn(argv, BENCH_ANY_CPU, BENCH_STDERR_KEEP), argv[0]);
        return bench_now() - begin;
}

int main(int argc, char *argv[])
{
        char listen[4200], btf_dir[4200];
        char log_level[] = "--log-level=error", version[] = "--version";
        uint64_t *samples[N_WAYS];
        size_t n_runs;

        if (argc != 5)
                bench_die("usage: bench_start RUNS BTFD SOCKET COPY_DIR");
        n_runs = bench_number(argv[1], 10000);
        snprintf(listen, sizeof(listen), "--listen=%s", argv[3]);
        snprintf(btf_dir, sizeof(btf_dir), "--btf-dir=%s", argv[4]);
        for (size_t way = 0; way < N_WAYS; way++)
                samples[way] = bench_alloc(n_runs, sizeof(*samples[way]));

        for (size_t i = 0; i < n_runs; i++) {
                char *running[] = {argv[2], listen, log_level, NULL};
                char *copy[] = {argv[2], listen, log_level, btf_dir, NULL};
                char *floor[] = {argv[2], version, NULL};

                samples[WAY_RUNNING][i] = first_answer(running, argv[3]);
                samples[WAY_COPY][i] = first_answer(copy, argv[3]);
                samples[WAY_VERSION][i] = until_exit(floor);
        }
        for (size_t way = 0; way < N_WAYS; way++) {
                struct bench_figures figures = bench_figures(samples[way], n_runs);

                bench_print_msec(labels[way], &figures);
                putchar('\n');
                free(samples[way]);
        }
        return EXIT_SUCCESS;
}
