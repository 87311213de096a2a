/*
 * The helper thread: what is pushed runs in order, outside the loop, and comes back to it exactly once; cancelled work
 * does not keep others waiting; the end waits for nobody's patience. This is to be clean under ThreadSanitizer.
 */
#include <event2/event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "server/worker.h"
#include "support/unit.h"
#include "util/util.h"

#define FOR_EVER      INT64_MAX
#define PATIENCE_NSEC (INT64_C(60) * 1000000000) /* no test waits longer for anything */

struct fixture {
        struct event_base *base;
        struct worker *worker;
        pthread_t loop;        /* the thread of the test */
        atomic_uint n_begun;   /* in the thread */
        unsigned int n_done;   /* in the loop */
        atomic_uint n_allowed; /* so many pieces of work may end by themselves */
};

/* A piece of work that ends once it is allowed to, or is told to stop. */
struct task {
        struct work work;
        struct fixture *fixture;
        unsigned int i_begun; /* which of all that began it was */
        unsigned int i_done;
        bool is_begun;
        bool is_in_loop;
        bool is_stopped;
        bool is_done;
        bool takes_signals;
        int niceness;
        int plain; /* written in one thread and read in the other, for ThreadSanitizer */
};

static void run(struct work *work, const struct stop *stop)
{
        struct task *task = (struct task *)work;
        struct fixture *fixture = task->fixture;
        sigset_t blocked;

        /* cmocka's assertions jump, which only the test's own thread may do. */
        task->is_in_loop = pthread_equal(pthread_self(), fixture->loop);
        pthread_sigmask(SIG_SETMASK, NULL, &blocked);
        task->takes_signals = !sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGINT);
        task->niceness = getpriority(PRIO_PROCESS, 0);
        task->is_begun = true;
        task->plain++;
        task->i_begun = atomic_fetch_add(&fixture->n_begun, 1);
        while (atomic_load(&fixture->n_allowed) <= task->i_begun && !task->is_stopped) {
                task->is_stopped = stop_requested(stop);
                sched_yield();
        }
}

static void done(struct work *work)
{
        struct task *task = (struct task *)work;

        assert_true(pthread_equal(pthread_self(), task->fixture->loop));
        assert_false(task->is_done);
        task->is_done = true;
        task->plain++;
        task->i_done = task->fixture->n_done++;
}

static struct task new_task(struct fixture *fixture)
{
        return (struct task){
                .work = {.run = run, .done = done, .deadline_nsec = FOR_EVER},
                .fixture = fixture,
        };
}

static int begin(void **state)
{
        static struct fixture fixture;

        fixture = (struct fixture){.base = event_base_new(), .loop = pthread_self()};
        assert_non_null(fixture.base);
        assert_int_equal(worker_new(&fixture.worker, fixture.base), 0);
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        struct fixture *fixture = *state;

        worker_free(fixture->worker);
        event_base_free(fixture->base);
        return 0;
}

static void wait_for_begun(struct fixture *fixture, unsigned int n)
{
        int64_t deadline = stop_clock() + PATIENCE_NSEC;

        while (atomic_load(&fixture->n_begun) < n) {
                assert_true(stop_clock() < deadline);
                sched_yield();
        }
}

/* Runs the loop until so much came back. */
static void wait_for_done(struct fixture *fixture, unsigned int n)
{
        const struct timeval patience = {.tv_sec = PATIENCE_NSEC / 1000000000};

        event_base_loopexit(fixture->base, &patience);
        while (fixture->n_done < n) {
                event_base_loop(fixture->base, EVLOOP_ONCE);
                assert_false(event_base_got_exit(fixture->base));
        }
}

static void work_runs_in_order_and_comes_back_once(void **state)
{
        struct fixture *fixture = *state;
        struct task tasks[20];

        atomic_store(&fixture->n_allowed, ARRAY_LENGTH(tasks));
        for (size_t i = 0; i < ARRAY_LENGTH(tasks); i++) {
                tasks[i] = new_task(fixture);
                worker_push(fixture->worker, &tasks[i].work);
        }
        wait_for_done(fixture, ARRAY_LENGTH(tasks));
        for (size_t i = 0; i < ARRAY_LENGTH(tasks); i++) {
                assert_int_equal(tasks[i].i_begun, i);
                assert_int_equal(tasks[i].i_done, i);
                assert_int_equal(tasks[i].plain, 2);
                assert_false(tasks[i].is_in_loop);
                assert_false(tasks[i].is_stopped);
        }
}

static void the_thread_takes_no_signals(void **state)
{
        struct fixture *fixture = *state;
        struct task task = new_task(fixture);
        sigset_t blocked;

        atomic_store(&fixture->n_allowed, 1);
        worker_push(fixture->worker, &task.work);
        wait_for_done(fixture, 1);
        assert_false(task.takes_signals);
        /* The loop's own are as they were. */
        pthread_sigmask(SIG_SETMASK, NULL, &blocked);
        assert_false(sigismember(&blocked, SIGTERM));
}

/* Light questions go first where there are not enough processors. */
static void the_thread_gives_way_to_the_loop(void **state)
{
        struct fixture *fixture = *state;
        struct task task = new_task(fixture);
        int own = getpriority(PRIO_PROCESS, 0);

        atomic_store(&fixture->n_allowed, 1);
        worker_push(fixture->worker, &task.work);
        wait_for_done(fixture, 1);
        assert_true(task.niceness > own || own == 19);
        assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
}

static void queued_work_that_is_cancelled_never_begins(void **state)
{
        struct fixture *fixture = *state;
        struct task first = new_task(fixture), second = new_task(fixture), third = new_task(fixture);

        worker_push(fixture->worker, &first.work);
        worker_push(fixture->worker, &second.work);
        worker_push(fixture->worker, &third.work);
        wait_for_begun(fixture, 1);
        assert_true(worker_cancel(fixture->worker, &second.work));
        atomic_store(&fixture->n_allowed, 2);
        wait_for_done(fixture, 2);
        assert_true(first.is_done && third.is_done);
        assert_false(second.is_begun || second.is_done);
}

static void work_that_was_not_pushed_can_be_cancelled(void **state)
{
        struct fixture *fixture = *state;
        struct task task = new_task(fixture);

        assert_true(worker_cancel(fixture->worker, &task.work));
        assert_false(task.is_begun || task.is_done);
}

static void work_under_way_that_is_cancelled_makes_room_at_once(void **state)
{
        struct fixture *fixture = *state;
        struct task first = new_task(fixture), second = new_task(fixture);

        worker_push(fixture->worker, &first.work);
        worker_push(fixture->worker, &second.work);
        wait_for_begun(fixture, 1);
        assert_false(worker_cancel(fixture->worker, &first.work));
        wait_for_begun(fixture, 2);
        atomic_store(&fixture->n_allowed, 2);
        wait_for_done(fixture, 2);
        assert_true(first.is_stopped && first.is_done);
        assert_true(!second.is_stopped && second.is_done);
}

/* Finished but not fetched: it is too late to take it back, and it still comes back once. */
static void finished_work_that_is_cancelled_comes_back(void **state)
{
        struct fixture *fixture = *state;
        struct task first = new_task(fixture), second = new_task(fixture);

        atomic_store(&fixture->n_allowed, 1);
        worker_push(fixture->worker, &first.work);
        worker_push(fixture->worker, &second.work);
        wait_for_begun(fixture, 2); /* so the first is finished */
        assert_false(worker_cancel(fixture->worker, &first.work));
        assert_false(first.is_done);
        atomic_store(&fixture->n_allowed, 2);
        wait_for_done(fixture, 2);
        assert_true(first.is_done && !first.is_stopped);
}

static void work_beyond_its_deadline_is_told_to_stop(void **state)
{
        struct fixture *fixture = *state;
        struct task late = new_task(fixture), next = new_task(fixture);

        late.work.deadline_nsec = stop_clock();
        worker_push(fixture->worker, &late.work);
        worker_push(fixture->worker, &next.work);
        wait_for_begun(fixture, 2);
        atomic_store(&fixture->n_allowed, 2);
        wait_for_done(fixture, 2);
        assert_true(late.is_stopped);
        assert_false(next.is_stopped);
}

/* A loop that is behind finds a bounded amount of results. */
static void the_thread_waits_for_a_loop_that_is_behind(void **state)
{
        struct fixture *fixture = *state;
        struct task tasks[5];

        atomic_store(&fixture->n_allowed, ARRAY_LENGTH(tasks));
        for (size_t i = 0; i < ARRAY_LENGTH(tasks); i++) {
                tasks[i] = new_task(fixture);
                worker_push(fixture->worker, &tasks[i].work);
        }
        wait_for_begun(fixture, WORKER_MAX_FINISHED);
        /* Whatever has not begun by now must not. There is no event to wait for, so yield for a while. */
        for (int i = 0; i < 1000; i++)
                sched_yield();
        assert_int_equal(atomic_load(&fixture->n_begun), WORKER_MAX_FINISHED);
        assert_true(worker_cancel(fixture->worker, &tasks[4].work));
        wait_for_done(fixture, 4);
}

static void pushes_again(struct work *work)
{
        struct task *task = (struct task *)work;

        task->work.done = done;
        worker_push(task->fixture->worker, work);
}

static void done_may_push_work(void **state)
{
        struct fixture *fixture = *state;
        struct task task = new_task(fixture);

        atomic_store(&fixture->n_allowed, 2);
        task.work.done = pushes_again;
        worker_push(fixture->worker, &task.work);
        wait_for_done(fixture, 1);
        assert_int_equal(task.i_begun, 1);
}

static void freeing_stops_what_is_under_way_and_gives_it_back(void **state)
{
        struct fixture *fixture = *state;
        struct task finished = new_task(fixture), running = new_task(fixture);

        atomic_store(&fixture->n_allowed, 1);
        worker_push(fixture->worker, &finished.work);
        worker_push(fixture->worker, &running.work);
        wait_for_begun(fixture, 2);
        fixture->worker = worker_free(fixture->worker);
        assert_true(finished.is_done && !finished.is_stopped);
        assert_true(running.is_done && running.is_stopped);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(work_runs_in_order_and_comes_back_once),
                TEST(the_thread_takes_no_signals),
                TEST(the_thread_gives_way_to_the_loop),
                TEST(queued_work_that_is_cancelled_never_begins),
                TEST(work_that_was_not_pushed_can_be_cancelled),
                TEST(work_under_way_that_is_cancelled_makes_room_at_once),
                TEST(finished_work_that_is_cancelled_comes_back),
                TEST(work_beyond_its_deadline_is_told_to_stop),
                TEST(the_thread_waits_for_a_loop_that_is_behind),
                TEST(done_may_push_work),
                TEST(freeing_stops_what_is_under_way_and_gives_it_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
