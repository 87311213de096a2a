/*
 * A line that the helper thread answers, between its connection and the worker.
 *
 * Until it is begun it is the connection's; then the worker's, until it comes back. A connection that goes before
 * that leaves it behind: then it ends as soon as the thread lets go of it, and nobody gets the reply.
 */
#include <errno.h>
#include <stdlib.h>

#include "protocol/limits.h"
#include "server/internal.h"
#include "server/worker.h"

struct job {
        struct work work;
        struct server *server;
        struct connection *connection; /* NULL if it has gone */
        struct rpc_job *line;          /* owned */
        size_t length;                 /* of the line in bytes: its charge against server->n_heavy */
        struct json_writer reply;
        int result; /* of rpc_job_run() */
};

static void run(struct work *work, const struct stop *stop)
{
        struct job *job = (struct job *)work;

        job->result = rpc_job_run(job->line, stop, &job->reply);
}

static void job_free(struct job *job)
{
        job->server->n_heavy -= job->length;
        rpc_job_free(job->line);
        json_writer_deinit(&job->reply);
        free(job);
}

static void done(struct work *work)
{
        struct job *job = (struct job *)work;

        if (job->connection)
                connection_take_reply(job->connection, &job->reply, job->result);
        job_free(job);
}

int job_new(struct job **ret, struct server *server, struct connection *connection, struct rpc_job *line,
            size_t length)
{
        struct job *job;

        job = calloc(1, sizeof(*job));
        if (!job) {
                rpc_job_free(line);
                return -ENOMEM;
        }
        job->work = (struct work){.run = run, .done = done};
        job->server = server;
        job->connection = connection;
        job->line = line;
        job->length = length;
        json_writer_init(&job->reply, /* limit= */ SIZE_MAX);
        server->n_heavy += length;
        *ret = job;
        return 0;
}

void job_begin(struct job *job)
{
        job->work.deadline_nsec = stop_clock() + PROTOCOL_HEAVY_SEC * INT64_C(1000000000);
        worker_push(job->server->worker, &job->work);
}

void job_abandon(struct job *job)
{
        job->connection = NULL;
        if (worker_cancel(job->server->worker, &job->work))
                job_free(job);
}
