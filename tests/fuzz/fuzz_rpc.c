/*
 * Any bytes from a client, in pieces of any size: each line gets at most one reply, which is JSON on one
 * line, and a line that is put off gets the same as one that is not. The first byte of the input chooses the size of the pieces.
 */
#include <jansson.h>

#include "fuzz/fuzz.h"
#include "fuzz/sample.h"
#include "protocol/frame.h"
#include "protocol/limits.h"
#include "rpc/rpc.h"

static void check_reply(struct json_writer *out)
{
        json_t *reply;

        if (out->length == 0)
                return;
        fuzz_check(out->data[out->length - 1] == '\n');
        fuzz_check(!memchr(out->data, '\n', out->length - 1));
        reply = json_loadb(out->data, out->length, JSON_REJECT_DUPLICATES, NULL);
        fuzz_check(reply != NULL);
        json_decref(reply);
        out->length = 0;
        out->need_comma = false;
}

/* Answers one line, later if it is put off, which is as it would be answered at once. */
static void answer_line(const struct rpc *rpc, const struct frame_line *line, struct json_writer *out)
{
        struct json_writer at_once;
        struct rpc_job *job;

        if (rpc_begin_line(rpc, line->data, line->length, /* room= */ SIZE_MAX, out, &job) == RPC_DEFERRED) {
                fuzz_check(out->length == 0);
                fuzz_check(rpc_job_run(job, /* stop= */ NULL, out) == 0);
                rpc_job_free(job);
        }
        json_writer_init(&at_once, SIZE_MAX);
        fuzz_check(rpc_handle_line(rpc, line->data, line->length, &at_once) >= 0);
        fuzz_check(at_once.length == out->length);
        fuzz_check(out->length == 0 || memcmp(at_once.data, out->data, out->length) == 0);
        json_writer_deinit(&at_once);
}

static void answer_lines(const struct rpc *rpc, struct frame *frame, struct json_writer *out)
{
        enum frame_event event;
        struct frame_line line;

        while ((event = frame_next(frame, &line)) != FRAME_NEED_MORE) {
                if (event == FRAME_LINE)
                        answer_line(rpc, &line, out);
                else
                        fuzz_check(rpc_refuse_line(event == FRAME_TOO_LONG ? RPC_LINE_TOO_LONG
                                                                           : RPC_LINE_NUL_BYTE,
                                                   out) >= 0);
                check_reply(out);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct rpc_config config = {.max_connections = 1};
        size_t piece = size > 0 ? (size_t)data[0] + 1 : 1;
        struct snapshot *snapshot = sample_snapshot();
        struct json_writer out;
        struct frame frame;
        struct rpc rpc;

        rpc_init(&rpc, &config);
        rpc_set_snapshot(&rpc, snapshot);
        json_writer_init(&out, SIZE_MAX);
        frame_init(&frame, PROTOCOL_MAX_LINE);
        for (size_t at = 1; at < size;) {
                size_t n = size - at < piece ? size - at : piece;
                size_t room_size;
                char *room;

                fuzz_check(frame_room(&frame, &room, &room_size) == 0);
                n = n < room_size ? n : room_size;
                memcpy(room, data + at, n);
                frame_fill(&frame, n);
                at += n;
                answer_lines(&rpc, &frame, &out);
        }
        frame_deinit(&frame);
        json_writer_deinit(&out);
        rpc_deinit(&rpc);
        snapshot_unref(snapshot);
        return 0;
}
