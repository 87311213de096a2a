#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define NSEC_PER_SEC UINT64_C(1000000000)

/* How often the end of a child is looked for; only bench_stop() and failures come to that. */
#define POLL_NSEC 1000000

/* Between two tries to connect. Trying without a pause would take a CPU that the server could use; this adds
 * a tenth of a millisecond at most. */
#define CONNECT_PAUSE_NSEC 20000

void bench_die(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        fputs("bench: ", stderr);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
        exit(EXIT_FAILURE);
}

unsigned long bench_number(const char *text, unsigned long max)
{
        unsigned long number;
        char *end;

        errno = 0;
        number = strtoul(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || number == 0 || number > max)
                bench_die("'%s' is no number from 1 to %lu", text, max);
        return number;
}

void *bench_alloc(size_t n_elements, size_t element_size)
{
        void *memory = calloc(n_elements, element_size);

        if (!memory)
                bench_die("out of memory");
        return memory;
}

uint64_t bench_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static int compare_samples(const void *a, const void *b)
{
        uint64_t x, y;

        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        return (x > y) - (x < y);
}

struct bench_figures bench_figures(uint64_t *samples, size_t n_samples)
{
        qsort(samples, n_samples, sizeof(*samples), compare_samples);
        return (struct bench_figures){
                .median = samples[n_samples / 2],
                .min = samples[0],
                .max = samples[n_samples - 1],
        };
}

void bench_print_msec(const char *label, const struct bench_figures *figures)
{
        printf("  %-46s %9.2f %9.2f %9.2f", label, (double)figures->median / 1e6, (double)figures->min / 1e6,
               (double)figures->max / 1e6);
}

unsigned long bench_proc_kib(const char *file, const char *prefix)
{
        char path[64], line[256];
        unsigned long sum = 0;
        FILE *stream;

        snprintf(path, sizeof(path), "/proc/self/%s", file);
        stream = fopen(path, "re");
        if (!stream)
                return 0;
        while (fgets(line, sizeof(line), stream)) {
                const char *colon = strchr(line, ':');

                if (colon && strncmp(line, prefix, strlen(prefix)) == 0)
                        sum += strtoul(colon + 1, NULL, 10);
        }
        fclose(stream);
        return sum;
}

void bench_two_cpus(int *ret_first, int *ret_second)
{
        cpu_set_t allowed;

        *ret_first = *ret_second = BENCH_ANY_CPU;
        if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0 || CPU_COUNT(&allowed) < 2)
                return;
        for (int cpu = 0; cpu < CPU_SETSIZE && *ret_second == BENCH_ANY_CPU; cpu++) {
                if (!CPU_ISSET((size_t)cpu, &allowed))
                        continue;
                if (*ret_first == BENCH_ANY_CPU)
                        *ret_first = cpu;
                else
                        *ret_second = cpu;
        }
}

void bench_pin(int cpu)
{
        cpu_set_t set;

        if (cpu == BENCH_ANY_CPU)
                return;
        CPU_ZERO(&set);
        CPU_SET((size_t)cpu, &set);
        if (sched_setaffinity(0, sizeof(set), &set) < 0)
                bench_die("cannot stay on CPU %d: %s", cpu, strerror(errno));
}

/* In the child, between vfork() and exec: only system calls. */
static void become(char *const argv[], int null_fd, int cpu, enum bench_stderr stderr_to)
{
        cpu_set_t set;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (cpu != BENCH_ANY_CPU) {
                CPU_ZERO(&set);
                CPU_SET((size_t)cpu, &set);
                sched_setaffinity(0, sizeof(set), &set);
        }
        if (dup2(null_fd, STDIN_FILENO) >= 0 && dup2(null_fd, STDOUT_FILENO) >= 0 &&
            (stderr_to == BENCH_STDERR_KEEP || dup2(null_fd, STDERR_FILENO) >= 0))
                execvp(argv[0], argv);
        _exit(127);
}

pid_t bench_spawn(char *const argv[], int cpu, enum bench_stderr stderr_to)
{
        static int null_fd = -1;
        pid_t pid;

        if (null_fd < 0)
                null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null_fd < 0)
                bench_die("/dev/null: %s", strerror(errno));
        /* What posix_spawn() does, which cannot set a CPU or a death signal. */
        pid = vfork();
        if (pid == 0)
                become(argv, null_fd, cpu, stderr_to);
        if (pid < 0)
                bench_die("cannot start %s: %s", argv[0], strerror(errno));
        return pid;
}

void bench_wait(pid_t pid, const char *name)
{
        int status;
        pid_t r;

        do
                r = waitpid(pid, &status, 0);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                bench_die("cannot wait for %s: %s", name, strerror(errno));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                bench_die("%s failed with wait status 0x%x", name, (unsigned int)status);
}

void bench_stop(pid_t pid)
{
        static const struct timespec pause = {.tv_nsec = POLL_NSEC};
        uint64_t deadline = bench_now() + BENCH_DEADLINE_NSEC;

        kill(pid, SIGTERM);
        while (waitpid(pid, NULL, WNOHANG) == 0) {
                if (bench_now() > deadline)
                        kill(pid, SIGKILL);
                nanosleep(&pause, NULL);
        }
}

int bench_connect(const char *path, pid_t pid)
{
        static const struct timespec pause = {.tv_nsec = CONNECT_PAUSE_NSEC};
        uint64_t deadline = bench_now() + BENCH_DEADLINE_NSEC;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        const struct timeval patience = {.tv_sec = BENCH_DEADLINE_NSEC / NSEC_PER_SEC};
        int fd;

        if (strlen(path) >= sizeof(address.sun_path))
                bench_die("%s: a socket's path has at most 107 bytes", path);
        strcpy(address.sun_path, path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                bench_die("cannot create a socket: %s", strerror(errno));
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
                bench_die("cannot bound the wait for an answer: %s", strerror(errno));
        while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
                if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN && errno != EINTR)
                        bench_die("%s: %s", path, strerror(errno));
                if (waitpid(pid, NULL, WNOHANG) == pid)
                        bench_die("%s: the server ended before it listened", path);
                if (bench_now() > deadline)
                        bench_die("%s: nobody listens", path);
                nanosleep(&pause, NULL);
        }
        return fd;
}

void bench_send(int fd, const char *data, size_t length)
{
        while (length > 0) {
                ssize_t n_sent = send(fd, data, length, MSG_NOSIGNAL);

                if (n_sent < 0 && errno == EINTR)
                        continue;
                if (n_sent < 0)
                        bench_die("cannot send: %s", strerror(errno));
                data += n_sent;
                length -= (size_t)n_sent;
        }
}

size_t bench_read_line(int fd, char *data, size_t size)
{
        size_t length = 0;

        while (length == 0 || data[length - 1] != '\n') {
                ssize_t n_read = read(fd, data + length, size - length);

                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read <= 0)
                        bench_die("no answer: %s", n_read < 0 ? strerror(errno) : "too long, or end of file");
                length += (size_t)n_read;
        }
        return length;
}
