/*
 * btfd: wiring only. Loads the kernel's types, opens the socket, runs the loop until a signal ends it.
 */
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "protocol/limits.h"
#include "server/server.h"
#include "server/socket.h"
#include "service/service.h"
#include "source/scan.h"
#include "util/version.h"

#define RUNTIME_DIRECTORY "/run/btfd"

/* Descriptors that are not connections: standard streams, the loop's, listeners, the lock,
 * files being read. */
#define RESERVED_DESCRIPTORS 32U

/* Files that could not be loaded and are named in the log; the rest is counted there, and source.list has them all. */
#define LOGGED_FAILURES 32U

/* glibc gives freed memory at the heap's end back to the kernel once it is more than 128 KiB, which under
 * load means several times a second, and each page costs over 10 us on a virtual machine when it is needed
 * again. */
#define TRIM_THRESHOLD_BYTES (4 << 20)

struct daemon {
        struct options options;
        struct log log;
        struct utsname system;
        char socket_path[PATH_MAX];
        uint64_t next_instance; /* of a source */
        struct event_base *base;
        struct event *on_term;
        struct event *on_int;
        struct rpc rpc;
        struct bound_socket *bound;
        struct server *server;
};

static void on_signal(evutil_socket_t number, short events, void *context)
{
        struct daemon *daemon = context;

        (void)events;
        log_message(&daemon->log, LOG_LEVEL_INFO, "ending on %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
        event_base_loopbreak(daemon->base);
}

static void on_accept_failed(void *context, int error)
{
        struct daemon *daemon = context;

        log_message(&daemon->log, LOG_LEVEL_WARNING, "cannot accept a client, trying again: %s",
                    strerror(error));
}

/* Each connection needs a descriptor: raise the soft limit, and promise no more than it allows. */
static uint64_t connections_allowed(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return PROTOCOL_MAX_CONNECTIONS;
        if (limit.rlim_cur < limit.rlim_max &&
            limit.rlim_cur < PROTOCOL_MAX_CONNECTIONS + RESERVED_DESCRIPTORS) {
                limit.rlim_cur = limit.rlim_max < PROTOCOL_MAX_CONNECTIONS + RESERVED_DESCRIPTORS
                                         ? limit.rlim_max
                                         : PROTOCOL_MAX_CONNECTIONS + RESERVED_DESCRIPTORS;
                setrlimit(RLIMIT_NOFILE, &limit);
                getrlimit(RLIMIT_NOFILE, &limit);
        }
        if (limit.rlim_cur >= PROTOCOL_MAX_CONNECTIONS + RESERVED_DESCRIPTORS)
                return PROTOCOL_MAX_CONNECTIONS;
        return limit.rlim_cur > RESERVED_DESCRIPTORS ? limit.rlim_cur - RESERVED_DESCRIPTORS : 1;
}

static void log_failures(const struct daemon *daemon, const struct source_set *set)
{
        for (size_t i = 0; i < set->n_failures && i < LOGGED_FAILURES; i++) {
                const struct source_failure *failure = &set->failures[i];

                log_message(&daemon->log, LOG_LEVEL_WARNING, "%s/%s: byte %" PRIu64 ": %s (%s)",
                            set->directory, failure->name, failure->error.offset, failure->error.message,
                            btf_error_reason_name(failure->error.reason));
        }
        if (set->n_failures > LOGGED_FAILURES)
                log_message(&daemon->log, LOG_LEVEL_WARNING,
                            "%s: %zu more files could not be loaded: see source.list", set->directory,
                            set->n_failures - LOGGED_FAILURES);
        if (set->n_left_out > 0)
                log_message(&daemon->log, LOG_LEVEL_WARNING,
                            "%s: %" PRIu64 " files beyond the first %u are left out", set->directory,
                            set->n_left_out, MODULE_INDEX_MAX_SOURCES);
}

/* Loads one of the sets. Only the default one must have a vmlinux; the others tell clients why they have none. */
static int load_set(struct daemon *daemon, const struct option_set *option, struct source_set **ret)
{
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        char directory[PATH_MAX];
        const struct source *vmlinux;
        int r;

        /* Without symbolic links, as clients do not know where we were started. */
        r = scan_directory(&set, option->name,
                           realpath(option->directory, directory) ? directory : option->directory,
                           &daemon->next_instance);
        if (r < 0) {
                log_message(&daemon->log, LOG_LEVEL_ERROR, "%s: %s", option->directory, strerror(-r));
                return r;
        }
        log_failures(daemon, set);
        if (set->n_sources == 0 && option == &daemon->options.sets[0]) {
                log_message(&daemon->log, LOG_LEVEL_ERROR,
                            "there is no vmlinux to serve: a kernel has BTF if it is built with "
                            "CONFIG_DEBUG_INFO_BTF; another's is served with --btf-dir=DIR");
                return -EINVAL;
        }
        if (set->n_sources > 0) {
                vmlinux = set->sources[0];
                log_message(&daemon->log, LOG_LEVEL_DEBUG,
                            "%s: vmlinux of %zu bytes %s, %u-byte pointers, %s-endian; %zu modules",
                            set->directory, vmlinux->bytes.size, vmlinux->bytes.mapped ? "mapped" : "read",
                            vmlinux->btf->pointer_size, vmlinux->btf->big_endian ? "big" : "little",
                            set->n_sources - 1);
        }
        *ret = STEAL(set);
        return 0;
}

static int load(struct daemon *daemon)
{
        struct source_set *sets[ARRAY_LENGTH(daemon->options.sets)];
        struct rpc_config config = {.max_connections = connections_allowed()};
        struct snapshot *snapshot = NULL;
        size_t n_sets = 0;
        int r = 0;

        daemon->next_instance = 1;
        while (n_sets < daemon->options.n_sets && r == 0) {
                r = load_set(daemon, &daemon->options.sets[n_sets], &sets[n_sets]);
                n_sets += r == 0;
        }
        if (r == 0)
                r = snapshot_new(&snapshot, /* generation= */ 1, sets, n_sets);
        if (r == 0) {
                if (string_equal(sets[0]->directory, SCAN_DEFAULT_DIRECTORY) && uname(&daemon->system) == 0) {
                        config.kernel_release = daemon->system.release;
                        config.arch = daemon->system.machine;
                }
                rpc_init(&daemon->rpc, &config);
                rpc_set_snapshot(&daemon->rpc, snapshot);
                snapshot_unref(snapshot);
        }
        while (n_sets > 0)
                source_set_unref(sets[--n_sets]);
        return r;
}

/* The directory that clients of root's daemon look in; whoever may enter it may connect, whatever our umask is. */
static int make_runtime_directory(const struct daemon *daemon)
{
        int error;

        if (mkdir(RUNTIME_DIRECTORY, 0755) == 0 && chmod(RUNTIME_DIRECTORY, 0755) == 0)
                return 0;
        if (errno == EEXIST)
                return 0;
        error = errno;
        log_message(&daemon->log, LOG_LEVEL_ERROR, "%s: cannot create the directory: %s", RUNTIME_DIRECTORY,
                    strerror(error));
        return -error;
}

/* Where to listen when nobody says, so that nobody needs root to try it. */
static int default_socket_path(struct daemon *daemon)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");

        if (geteuid() == 0) {
                int r = make_runtime_directory(daemon);

                if (r < 0)
                        return r;
                runtime = RUNTIME_DIRECTORY;
        } else if (!runtime || runtime[0] != '/') {
                log_message(&daemon->log, LOG_LEVEL_ERROR,
                            "XDG_RUNTIME_DIR is not set: say where with --listen=PATH");
                return -EINVAL;
        }
        snprintf(daemon->socket_path, sizeof(daemon->socket_path), "%s/btfd.sock", runtime);
        return 0;
}

static int listen_by_path(struct daemon *daemon)
{
        char message[BOUND_SOCKET_MESSAGE_SIZE];
        int r;

        if (daemon->options.listen)
                snprintf(daemon->socket_path, sizeof(daemon->socket_path), "%s", daemon->options.listen);
        else if ((r = default_socket_path(daemon)) < 0)
                return r;
        r = bound_socket_new(&daemon->bound, daemon->socket_path, message);
        if (r < 0) {
                log_message(&daemon->log, LOG_LEVEL_ERROR, "%s", message);
                return r;
        }
        return server_listen(daemon->server, bound_socket_take(daemon->bound));
}

static int open_sockets(struct daemon *daemon)
{
        int first, n_fds, r = 0;

        n_fds = service_listen_fds(&first);
        if (n_fds < 0) {
                log_message(&daemon->log, LOG_LEVEL_ERROR,
                            "a descriptor from the service manager is no listening Unix stream socket: %s",
                            strerror(-n_fds));
                return n_fds;
        }
        if (n_fds == 0)
                return listen_by_path(daemon);
        snprintf(daemon->socket_path, sizeof(daemon->socket_path), "%d socket%s of the service manager",
                 n_fds, n_fds == 1 ? "" : "s");
        for (int i = 0; i < n_fds && r == 0; i++)
                r = server_listen(daemon->server, first + i);
        return r;
}

static int set_up_loop(struct daemon *daemon)
{
        const struct server_observer observer = {.context = daemon, .accept_failed = on_accept_failed};

        daemon->base = event_base_new();
        if (!daemon->base)
                return -ENOMEM;
        daemon->on_term = evsignal_new(daemon->base, SIGTERM, on_signal, daemon);
        daemon->on_int = evsignal_new(daemon->base, SIGINT, on_signal, daemon);
        if (!daemon->on_term || !daemon->on_int || evsignal_add(daemon->on_term, NULL) < 0 ||
            evsignal_add(daemon->on_int, NULL) < 0)
                return -ENOMEM;
        return server_new(&daemon->server, daemon->base, &daemon->rpc, &observer);
}

static void tear_down(struct daemon *daemon)
{
        server_free(daemon->server);
        bound_socket_free(daemon->bound);
        rpc_deinit(&daemon->rpc);
        if (daemon->on_term)
                event_free(daemon->on_term);
        if (daemon->on_int)
                event_free(daemon->on_int);
        if (daemon->base)
                event_base_free(daemon->base);
        libevent_global_shutdown();
}

/* What is served, in one line. */
static void describe(const struct snapshot *snapshot, char *text, size_t size)
{
        const struct source_set *set = snapshot->sets[0];
        uint64_t n_types = 0;
        int length;

        for (size_t i = 0; i < set->n_sources; i++)
                n_types += source_n_types(set->sources[i]);
        length = snprintf(text, size, "serving %" PRIu64 " types of vmlinux and %zu modules in %.120s",
                          n_types, set->n_sources - 1, set->directory);
        if (set->n_failures > 0)
                length += snprintf(text + length, size - (size_t)length, ", %zu failed", set->n_failures);
        if (snapshot->n_sets > 1)
                snprintf(text + length, size - (size_t)length, ", and %zu further sets",
                         snapshot->n_sets - 1);
}

static int run(struct daemon *daemon)
{
        char status[256];
        int r;

        r = load(daemon);
        if (r < 0)
                return r;
        r = set_up_loop(daemon);
        if (r < 0) {
                log_message(&daemon->log, LOG_LEVEL_ERROR, "cannot set up the event loop: %s", strerror(-r));
                return r;
        }
        r = open_sockets(daemon);
        if (r < 0)
                return r;
        describe(daemon->rpc.snapshot, status, sizeof(status));
        log_message(&daemon->log, LOG_LEVEL_INFO, "btfd " BTFD_VERSION " %s on %s", status,
                    daemon->socket_path);
        service_ready(status);
        r = event_base_dispatch(daemon->base);
        service_stopping();
        if (r < 0)
                log_message(&daemon->log, LOG_LEVEL_ERROR, "the event loop failed");
        return r < 0 ? -EIO : 0;
}

int main(int argc, char *argv[])
{
        struct daemon daemon = {0};
        int r;

        mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES);
        json_object_seed(0);
        signal(SIGPIPE, SIG_IGN);
        r = options_parse(&daemon.options, argc, argv);
        if (r != 0)
                return r == OPTIONS_DONE ? EXIT_SUCCESS : OPTIONS_USAGE;
        log_init(&daemon.log, daemon.options.log_level);
        r = run(&daemon);
        tear_down(&daemon);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
