/*
 * Splits a stream of bytes into lines, without doing I/O: the owner reads into the frame's own room and takes
 * lines out until more bytes are needed.
 *
 *   while ((r = frame_next(&frame, &line)) != FRAME_NEED_MORE) ...
 *   frame_room(&frame, &room, &size); n = read(fd, room, size); frame_fill(&frame, n);
 *
 * A line that is too long, or that holds a NUL byte (which JSON parsers may take for its end), is reported
 * once and discarded up to its newline. An empty frame owns no memory, so that an idle connection costs
 * nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct frame {
        char *buffer;
        size_t size;       /* of the buffer, in bytes */
        size_t begin, end; /* what has been read and not been taken */
        size_t scanned;    /* there is no newline before this position: it is not searched twice */
        size_t max_line;   /* bytes, without the newline */
        bool discarding;   /* up to the next newline */
};

enum frame_event {
        FRAME_NEED_MORE,
        FRAME_LINE,
        FRAME_TOO_LONG,
        FRAME_NUL_BYTE,
};

/* A line without its newline; borrowed from the frame until its next call. */
struct frame_line {
        const char *data;
        size_t length;
};

void frame_init(struct frame *frame, size_t max_line);
void frame_deinit(struct frame *frame);

/* Whether bytes have been read that no line has taken yet. */
static inline bool frame_has_input(const struct frame *frame)
{
        return frame->begin < frame->end;
}

/* Takes the next line out; *ret_line is set for FRAME_LINE only. */
enum frame_event frame_next(struct frame *frame, struct frame_line *ret_line);
/* At the end of the stream: takes out what stands behind the last newline as if it had one; FRAME_NEED_MORE
 * if nothing. */
enum frame_event frame_finish(struct frame *frame, struct frame_line *ret_line);

/* Room to read into, at least one byte, to be called after FRAME_NEED_MORE. Returns 0 or -ENOMEM. */
int frame_room(struct frame *frame, char **ret_room, size_t *ret_size);
/* Says that `n_bytes` have been read into that room. */
void frame_fill(struct frame *frame, size_t n_bytes);
