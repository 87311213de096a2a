#include "server/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "util/util.h"

/* Niceness of the thread, above the process's: where there are more threads than processors, the loop goes first. With 2
 * processors and heavy work without a pause, the 99th percentile of a light question's time is 25 us with it, and up to
 * 900 without, as the thread then takes the processor from the loop for a slice. */
#define WORKER_NICE 10

TAILQ_HEAD(work_list, work);

struct worker {
        pthread_t thread;
        struct event *fetch;
        int wakeup; /* an eventfd: work was finished since the loop last fetched */

        pthread_mutex_t lock; /* of what follows, and of the `entry` and `state` of work that was pushed */
        pthread_cond_t changed;
        struct work_list queued;
        struct work *running;
        struct work_list finished;
        unsigned int n_finished;
        bool is_ending;
};

static bool may_begin(const struct worker *worker)
{
        return !TAILQ_EMPTY(&worker->queued) && worker->n_finished < WORKER_MAX_FINISHED;
}

/* Waits for work and takes it off the queue; NULL at the end. The lock is held. */
static struct work *next_work(struct worker *worker)
{
        struct work *work;

        while (!worker->is_ending && !may_begin(worker))
                pthread_cond_wait(&worker->changed, &worker->lock);
        if (worker->is_ending)
                return NULL;
        work = TAILQ_FIRST(&worker->queued);
        TAILQ_REMOVE(&worker->queued, work, entry);
        work->state = WORK_BEGUN;
        return work;
}

static void *work_until_end(void *context)
{
        struct worker *worker = context;
        struct work *work;

        /* On Linux that is this thread's alone. If it fails, it is as it was. */
        (void)setpriority(PRIO_PROCESS, /* who= */ 0, getpriority(PRIO_PROCESS, 0) + WORKER_NICE);
        pthread_mutex_lock(&worker->lock);
        while ((work = next_work(worker)) != NULL) {
                const struct stop stop = {.cancelled = &work->is_cancelled,
                                          .deadline_nsec = work->deadline_nsec};

                worker->running = work;
                pthread_mutex_unlock(&worker->lock);
                work->run(work, &stop);
                pthread_mutex_lock(&worker->lock);
                worker->running = NULL;
                TAILQ_INSERT_TAIL(&worker->finished, work, entry);
                worker->n_finished++;
                /* It cannot fail: the counter would have to reach 2^64 - 1. */
                (void)eventfd_write(worker->wakeup, 1);
        }
        pthread_mutex_unlock(&worker->lock);
        return NULL;
}

/* Gives back what is finished. done() may push and cancel other work. */
static void fetch_finished(struct worker *worker)
{
        struct work_list finished = TAILQ_HEAD_INITIALIZER(finished);
        struct work *work;

        pthread_mutex_lock(&worker->lock);
        TAILQ_CONCAT(&finished, &worker->finished, entry);
        worker->n_finished = 0;
        pthread_cond_signal(&worker->changed);
        pthread_mutex_unlock(&worker->lock);
        while ((work = TAILQ_FIRST(&finished)) != NULL) {
                TAILQ_REMOVE(&finished, work, entry);
                work->done(work);
        }
}

static void on_finished(evutil_socket_t fd, short events, void *context)
{
        eventfd_t n_finished;

        (void)events;
        (void)eventfd_read(fd, &n_finished);
        fetch_finished(context);
}

/* The thread takes no signals, so that SIGTERM goes to the loop. */
static int start_thread(struct worker *worker)
{
        sigset_t all, old;
        int error;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
        error = pthread_create(&worker->thread, /* attributes= */ NULL, work_until_end, worker);
        pthread_sigmask(SIG_SETMASK, &old, /* ret_old= */ NULL);
        return -error;
}

/* Of a worker without a thread. */
static void release(struct worker *worker)
{
        if (worker->fetch)
                event_free(worker->fetch);
        if (worker->wakeup >= 0)
                close(worker->wakeup);
        pthread_cond_destroy(&worker->changed);
        pthread_mutex_destroy(&worker->lock);
        free(worker);
}

int worker_new(struct worker **ret, struct event_base *base)
{
        struct worker *worker;
        int r = -ENOMEM;

        worker = calloc(1, sizeof(*worker));
        if (!worker)
                return -ENOMEM;
        TAILQ_INIT(&worker->queued);
        TAILQ_INIT(&worker->finished);
        pthread_mutex_init(&worker->lock, /* attributes= */ NULL);
        pthread_cond_init(&worker->changed, /* attributes= */ NULL);
        worker->wakeup = eventfd(/* initial= */ 0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (worker->wakeup < 0)
                r = -errno;
        else
                worker->fetch = event_new(base, worker->wakeup, EV_READ | EV_PERSIST, on_finished, worker);
        if (worker->fetch && event_add(worker->fetch, /* timeout= */ NULL) == 0)
                r = start_thread(worker);
        if (r < 0) {
                release(worker);
                return r;
        }
        *ret = worker;
        return 0;
}

struct worker *worker_free(struct worker *worker)
{
        if (!worker)
                return NULL;
        pthread_mutex_lock(&worker->lock);
        worker->is_ending = true;
        if (worker->running)
                atomic_store(&worker->running->is_cancelled, true);
        pthread_cond_signal(&worker->changed);
        pthread_mutex_unlock(&worker->lock);
        pthread_join(worker->thread, /* ret_value= */ NULL);
        fetch_finished(worker);
        release(worker);
        return NULL;
}

void worker_push(struct worker *worker, struct work *work)
{
        pthread_mutex_lock(&worker->lock);
        work->state = WORK_QUEUED;
        TAILQ_INSERT_TAIL(&worker->queued, work, entry);
        pthread_cond_signal(&worker->changed);
        pthread_mutex_unlock(&worker->lock);
}

bool worker_cancel(struct worker *worker, struct work *work)
{
        bool had_not_begun;

        pthread_mutex_lock(&worker->lock);
        had_not_begun = work->state != WORK_BEGUN;
        if (work->state == WORK_QUEUED)
                TAILQ_REMOVE(&worker->queued, work, entry);
        atomic_store(&work->is_cancelled, true);
        pthread_mutex_unlock(&worker->lock);
        return had_not_begun;
}
