/*
 * The helper thread: work that would keep the loop for too long is handed to it and comes back to the loop.
 *
 *   loop                               thread
 *   worker_push(worker, work)  -------> work->run(work, stop)
 *   work->done(work)           <-------
 *
 * Work is done one after the other in the order it was pushed. Everything here but run() happens in the loop's
 * thread, so work is owned by the loop's side before and after, and by the thread in between. Whoever pushed a
 * piece of work gets it back exactly once: from worker_cancel() if it had not begun, else by done().
 *
 * What must go before clients' work (a rebuild of the snapshot) has its place in worker.c's next_work(), between two
 * pieces of work, and in stop_requested(), which every long piece of work calls again and again.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "util/stop.h"

/* With so many pieces of finished work that the loop has not fetched, the thread waits for it: each may hold a reply
 * of 16 MiB, and a loop that is behind could only send them later. */
#define WORKER_MAX_FINISHED 2U

struct event_base;
struct worker;

enum work_state {
        WORK_NOT_PUSHED, /* what zeroed memory says */
        WORK_QUEUED,
        WORK_BEGUN,
};

/* Embedded in what the work is about. Its owner zeroes it and fills in `run`, `done` and `deadline_nsec`; the rest is the
 * worker's. */
struct work {
        /* Does the work, in the thread; gives up soon after `stop` says so. */
        void (*run)(struct work *work, const struct stop *stop);
        /* Takes the work back, in the loop. */
        void (*done)(struct work *work);
        int64_t deadline_nsec; /* by stop_clock() */

        TAILQ_ENTRY(work) entry;
        enum work_state state;
        atomic_bool is_cancelled;
};

/* Starts the thread. Returns 0 or -errno. The loop is borrowed. */
int worker_new(struct worker **ret, struct event_base *base);
/* Cancels what is under way, waits for its end, and gives everything back by done(); nothing may be queued. */
struct worker *worker_free(struct worker *worker);

void worker_push(struct worker *worker, struct work *work);
/*
 * Says that nobody wants the work any more. Returns true if it had not begun: it is the caller's (again), and
 * done() will not be called. Otherwise it is told to stop, and comes back by done().
 */
bool worker_cancel(struct worker *worker, struct work *work);
