#include "protocol/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Holds the pipelined questions of one read; grows for longer lines. */
#define FRAME_MIN_SIZE 16384U

void frame_init(struct frame *frame, size_t max_line)
{
        *frame = (struct frame){.max_line = max_line};
}

void frame_deinit(struct frame *frame)
{
        free(frame->buffer);
        frame->buffer = NULL;
        frame->size = frame->begin = frame->end = frame->scanned = 0;
}

static void consume(struct frame *frame, size_t position)
{
        frame->begin = frame->scanned = position;
        if (frame->begin == frame->end)
                frame->begin = frame->end = frame->scanned = 0;
}

static enum frame_event judge(const struct frame *frame, const char *data, size_t length,
                              struct frame_line *ret_line)
{
        if (length > frame->max_line)
                return FRAME_TOO_LONG;
        if (memchr(data, '\0', length))
                return FRAME_NUL_BYTE;
        *ret_line = (struct frame_line){.data = data, .length = length};
        return FRAME_LINE;
}

enum frame_event frame_next(struct frame *frame, struct frame_line *ret_line)
{
        for (;;) {
                size_t begin = frame->begin;
                const char *newline = NULL;
                enum frame_event event;

                if (frame->scanned < frame->end)
                        newline = memchr(frame->buffer + frame->scanned, '\n', frame->end - frame->scanned);
                if (!newline) {
                        frame->scanned = frame->end;
                        if (frame->discarding)
                                consume(frame, frame->end);
                        if (frame->end - frame->begin > frame->max_line) {
                                frame->discarding = true;
                                consume(frame, frame->end);
                                return FRAME_TOO_LONG;
                        }
                        if (frame->begin == frame->end)
                                frame_deinit(frame);
                        return FRAME_NEED_MORE;
                }
                /* The line's bytes stay where they are until frame_room() moves or frees them. */
                consume(frame, (size_t)(newline - frame->buffer) + 1);
                if (frame->discarding) {
                        frame->discarding = false;
                        continue;
                }
                event = judge(frame, frame->buffer + begin, (size_t)(newline - frame->buffer) - begin,
                              ret_line);
                return event;
        }
}

enum frame_event frame_finish(struct frame *frame, struct frame_line *ret_line)
{
        size_t begin = frame->begin, length = frame->end - frame->begin;

        if (length == 0 || frame->discarding)
                return FRAME_NEED_MORE;
        consume(frame, frame->end);
        return judge(frame, frame->buffer + begin, length, ret_line);
}

int frame_room(struct frame *frame, char **ret_room, size_t *ret_size)
{
        if (frame->begin > 0) {
                memmove(frame->buffer, frame->buffer + frame->begin, frame->end - frame->begin);
                frame->end -= frame->begin;
                frame->scanned -= frame->begin;
                frame->begin = 0;
        }
        if (frame->end == frame->size) {
                size_t size = frame->size ? frame->size * 2 : FRAME_MIN_SIZE;
                char *buffer = realloc(frame->buffer, size);

                if (!buffer)
                        return -ENOMEM;
                frame->buffer = buffer;
                frame->size = size;
        }
        *ret_room = frame->buffer + frame->end;
        *ret_size = frame->size - frame->end;
        return 0;
}

void frame_fill(struct frame *frame, size_t n_bytes)
{
        frame->end += n_bytes;
}
