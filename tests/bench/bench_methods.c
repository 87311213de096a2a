/*
 * bench_methods DIR ROUNDS SOCKET BTFD: what one question of each method takes, with DIR/vmlinux and the modules beside it.
 *
 * First inside the process: a line goes through rpc/ as it does in the daemon, and beside it through nothing but the JSON
 * parser, so that what lies between them is the daemon's own. Then through the socket of a daemon, from send to answer.
 * All questions take turns, so that each finds the caches as the others have left them.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include <jansson.h>

#include "bench.h"
#include "protocol/limits.h"
#include "protocol/prescan.h"
#include "rpc/rpc.h"
#include "source/scan.h"

/* One line that is asked again and again, and what it took in nanoseconds each time. */
struct line {
        const char *label;
        char *text;    /* ends with a newline */
        size_t length; /* without it */
        uint64_t *parse, *inside, *socket;
        size_t reply_bytes;
};

static const struct {
        const char *label;
        const char *method;
        const char *params;
} questions[] = {
        {"field.offset list_head next", "field.offset", "{\"type\":\"list_head\",\"path\":\"next\"}"},
        {"field.offset task_struct mm->owner->comm", "field.offset",
         "{\"type\":\"struct task_struct\",\"path\":\"mm->owner->comm\"}"},
        {"field.offset vfs_read() file->f_path.dentry...", "field.offset",
         "{\"func\":\"vfs_read\",\"path\":\"file->f_path.dentry->d_name.name\"}"},
        {"field.offset dentry container_of(d_inode, ...)", "field.offset",
         "{\"type\":\"dentry\",\"path\":\"container_of(d_inode, struct socket_alloc, "
         "vfs_inode)->socket.sk\"}"},
        {"field.offset any of 2, the second", "field.offset",
         "{\"any\":[{\"type\":\"task_struct\",\"path\":\"state\"},{\"type\":\"task_struct\",\"path\":\"__"
         "state\"}]}"},
        {"field.offset, no such member of task_struct", "field.offset",
         "{\"type\":\"task_struct\",\"path\":\"no_such_member\"}"},
        {"type.get list_head", "type.get", "{\"type\":\"struct list_head\"}"},
        {"type.get task_struct", "type.get", "{\"type\":\"struct task_struct\"}"},
        {"type.layout list_head", "type.layout", "{\"type\":\"struct list_head\"}"},
        {"type.layout task_struct", "type.layout", "{\"type\":\"struct task_struct\"}"},
        {"type.layout task_struct, all expanded", "type.layout",
         "{\"type\":\"struct task_struct\",\"expand\":32}"},
        {"type.at task_struct 1755", "type.at", "{\"type\":\"task_struct\",\"offset\":1755}"},
        {"type.find task_struct", "type.find", "{\"name\":\"task_struct\"}"},
        {"type.find bpf_*", "type.find", "{\"name\":\"bpf_*\"}"},
        {"type.find *lock*", "type.find", "{\"name\":\"*lock*\"}"},
        {"type.find *a*b*c*d*e*f*, nearly nothing", "type.find", "{\"name\":\"*a*b*c*d*e*f*\",\"limit\":1}"},
        {"type.users fdtable", "type.users", "{\"type\":\"struct fdtable\"}"},
        {"type.users task_struct, 1 of them", "type.users", "{\"type\":\"task_struct\",\"limit\":1}"},
        {"type.users list_head, 1 of them", "type.users", "{\"type\":\"list_head\",\"limit\":1}"},
        {"type.users list_head, 100 of them", "type.users", "{\"type\":\"list_head\"}"},
        {"type.users list_head, transitive, 1 of them", "type.users",
         "{\"type\":\"list_head\",\"transitive\":true,\"limit\":1}"},
        {"enum.get bpf_attach_type", "enum.get", "{\"type\":\"enum bpf_attach_type\"}"},
        {"enum.get BPF_TRACE_RAW_TP", "enum.get", "{\"enumerator\":\"BPF_TRACE_RAW_TP\"}"},
        {"func.get vfs_read", "func.get", "{\"func\":\"vfs_read\"}"},
        {"func.find sk_buff * among the first 5, 1000", "func.find",
         "{\"param\":{\"type\":\"struct sk_buff *\",\"within\":5},\"limit\":1000}"},
        {"func.find tag bpf_kfunc", "func.find", "{\"tag\":\"bpf_kfunc\",\"limit\":1000}"},
        {"var.get runqueues", "var.get", "{\"var\":\"runqueues\"}"},
        {"type.diff task_struct, signal_struct", "type.diff",
         "{\"type\":\"task_struct\",\"with\":{\"type\":\"signal_struct\"}}"},
};

/* A batch of so many field.offset questions, of this mix; some are errors, as those of a tracer that probes are. */
#define BATCH_QUESTIONS 500U

static const char *const batch[] = {
        "{\"type\":\"task_struct\",\"path\":\"mm->owner->comm\"}",
        "{\"type\":\"task_struct\",\"path\":\"in_execve\"}",
        "{\"type\":\"sk_buff\",\"path\":\"dev->ifindex\"}",
        "{\"type\":\"struct sock\",\"path\":\"__sk_common.skc_daddr\"}",
        "{\"func\":\"vfs_read\",\"path\":\"file->f_path.dentry->d_name.name\"}",
        "{\"type\":\"struct files_struct\",\"path\":\"fdt->fd[3]->f_inode->i_ino\"}",
        "{\"type\":\"struct cred\",\"path\":\"uid.val\"}",
        "{\"var\":\"runqueues\",\"path\":\"curr->pid\"}",
        "{\"type\":\"struct task_struct\",\"path\":\"se.avg.util_avg\"}",
        "{\"type\":\"struct task_struct\",\"path\":\"no_such_member\"}",
};

/* All questions as lines: those above, the batch, and a probe. */
#define N_LINES (ARRAY_LENGTH(questions) + 2)

/* So many questions of each of four kinds in one call. */
#define PROBES 125U

static size_t print_batch(char *text)
{
        size_t length = 0;

        for (unsigned int i = 0; i < BATCH_QUESTIONS; i++)
                length += (size_t)sprintf(text + length,
                                          "%c{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"field.offset\","
                                          "\"params\":%s}",
                                          i == 0 ? '[' : ',', 10 + i, batch[i % ARRAY_LENGTH(batch)]);
        return length + (size_t)sprintf(text + length, "]");
}

static size_t print_probe(char *text)
{
        static const struct {
                const char *param, *question;
        } parts[] = {
                {"types", "\"struct task_struct\""},
                {"fields", "{\"type\":\"task_struct\",\"path\":\"mm->owner->comm\"}"},
                {"enumerators", "\"BPF_TRACE_RAW_TP\""},
                {"functions", "\"vfs_read\""},
        };
        size_t length =
                (size_t)sprintf(text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"btfd.probe\",\"params\":");

        for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
                length += (size_t)sprintf(text + length, "%c\"%s\":", i == 0 ? '{' : ',', parts[i].param);
                for (unsigned int j = 0; j < PROBES; j++)
                        length +=
                                (size_t)sprintf(text + length, "%c%s", j == 0 ? '[' : ',', parts[i].question);
                length += (size_t)sprintf(text + length, "]");
        }
        return length + (size_t)sprintf(text + length, "}}");
}

static void print_lines(struct line *lines, size_t n_rounds)
{
        for (size_t i = 0; i < N_LINES; i++) {
                struct line *line = &lines[i];

                line->text = bench_alloc(PROTOCOL_MAX_LINE + 2, 1);
                line->parse = bench_alloc(n_rounds, sizeof(uint64_t));
                line->inside = bench_alloc(n_rounds, sizeof(uint64_t));
                line->socket = bench_alloc(n_rounds, sizeof(uint64_t));
                if (i == ARRAY_LENGTH(questions)) {
                        line->label = "a batch of 500 mixed field.offset";
                        line->length = print_batch(line->text);
                } else if (i == ARRAY_LENGTH(questions) + 1) {
                        line->label = "btfd.probe of 500";
                        line->length = print_probe(line->text);
                } else {
                        line->label = questions[i].label;
                        line->length = (size_t)sprintf(
                                line->text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
                                questions[i].method, questions[i].params);
                }
                line->text[line->length] = '\n';
        }
}

static void check_reply(const struct line *line, const char *reply, size_t length)
{
        if (length == 0 ||
            (memmem(reply, length, "\"error\"", strlen("\"error\"")) && !strstr(line->text, "no_such")))
                bench_die("%s: unexpected answer: %.*s", line->label, length > 300 ? 300 : (int)length,
                          reply);
}

static uint64_t time_parse(const struct line *line)
{
        uint64_t begin = bench_now();
        struct prescan found = prescan(line->text, line->length);
        json_t *message = json_loadb(line->text, line->length, JSON_REJECT_DUPLICATES, NULL);

        if (!message || found.n_tokens == 0)
                bench_die("not JSON: %s", line->text);
        json_decref(message);
        return bench_now() - begin;
}

static uint64_t time_inside(const struct rpc *rpc, const struct line *line, struct json_writer *out)
{
        uint64_t begin = bench_now();

        out->length = 0;
        out->need_comma = false;
        if (rpc_handle_line(rpc, line->text, line->length, out) != 0)
                bench_die("the question was not answered: %s", line->text);
        return bench_now() - begin;
}

static void run_inside(const struct rpc *rpc, struct line *lines, size_t n_rounds)
{
        struct json_writer out;

        json_writer_init(&out, SIZE_MAX);
        /* The first round is not counted: it builds what is built on first use. */
        for (size_t round = 0; round <= n_rounds; round++) {
                for (size_t i = 0; i < N_LINES; i++) {
                        struct line *line = &lines[i];
                        size_t slot = round > 0 ? round - 1 : 0;

                        line->parse[slot] = time_parse(line);
                        line->inside[slot] = time_inside(rpc, line, &out);
                        line->reply_bytes = out.length;
                        if (round == 0)
                                check_reply(line, out.data, out.length);
                }
        }
        json_writer_deinit(&out);
}

static void run_socket(const char *btfd, const char *directory, const char *socket_path, struct line *lines,
                       size_t n_rounds)
{
        char listen[4200], from[4200], log_level[] = "--log-level=error";
        char *argv[] = {(char *)(uintptr_t)btfd, listen, from, log_level, NULL};
        char *reply = bench_alloc(PROTOCOL_MAX_BATCH_REPLY, 1);
        pid_t pid;
        int fd;

        snprintf(listen, sizeof(listen), "--listen=%s", socket_path);
        snprintf(from, sizeof(from), "--btf-dir=%s", directory);
        pid = bench_spawn(argv, BENCH_ANY_CPU, BENCH_STDERR_KEEP);
        fd = bench_connect(socket_path, pid);
        for (size_t round = 0; round <= n_rounds; round++) {
                for (size_t i = 0; i < N_LINES; i++) {
                        uint64_t begin = bench_now();

                        bench_send(fd, lines[i].text, lines[i].length + 1);
                        bench_read_line(fd, reply, PROTOCOL_MAX_BATCH_REPLY);
                        lines[i].socket[round > 0 ? round - 1 : 0] = bench_now() - begin;
                }
        }
        close(fd);
        bench_stop(pid);
        free(reply);
}

static double median_usec(uint64_t *samples, size_t n_samples)
{
        return (double)bench_figures(samples, n_samples).median / 1e3;
}

/* After median_usec(), which sorts them. */
static double p99_usec(const uint64_t *samples, size_t n_samples)
{
        return (double)samples[n_samples * 99 / 100] / 1e3;
}

static void print_rows(struct line *lines, size_t n_rounds)
{
        for (size_t i = 0; i < N_LINES; i++) {
                struct line *line = &lines[i];
                double parse = median_usec(line->parse, n_rounds);
                double inside = median_usec(line->inside, n_rounds);
                double socket = median_usec(line->socket, n_rounds);

                printf("    %-46s %8.1f %8.1f %8.1f %8.1f %8.1f %7zu\n", line->label,
                       inside > parse ? inside - parse : 0, inside, p99_usec(line->inside, n_rounds), socket,
                       p99_usec(line->socket, n_rounds), line->reply_bytes);
        }
}

int main(int argc, char *argv[])
{
        const struct rpc_config config = {.max_connections = 1};
        struct line lines[N_LINES];
        struct source_set *set;
        struct snapshot *snapshot;
        struct rpc rpc;
        uint64_t next_instance = 1;
        size_t n_rounds;

        mallopt(M_TRIM_THRESHOLD, 64 << 20); /* as in the daemon */
        if (argc != 5)
                bench_die("usage: bench_methods DIR ROUNDS SOCKET BTFD");
        n_rounds = bench_number(argv[2], 1000000);
        if (scan_directory(&set, "running", argv[1], &next_instance) < 0 || set->n_sources == 0 ||
            snapshot_new(&snapshot, /* generation= */ 1, &set, 1) < 0)
                bench_die("%s: cannot load", argv[1]);
        rpc_init(&rpc, &config);
        rpc_set_snapshot(&rpc, snapshot);
        print_lines(lines, n_rounds);
        run_inside(&rpc, lines, n_rounds);
        run_socket(argv[4], argv[1], argv[3], lines, n_rounds);
        print_rows(lines, n_rounds);
        return EXIT_SUCCESS;
}
