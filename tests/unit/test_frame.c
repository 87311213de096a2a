/*
 * Lines out of a stream: however it is cut into reads, the same events come out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "support/unit.h"
#include "util/strbuf.h"
#include "util/util.h"

#define MAX_LINE 8U

/* Takes all events out and writes them down: "abc" for a line, LONG, NUL. */
static void drain(struct frame *frame, struct strbuf *events)
{
        struct frame_line line;

        for (;;) {
                switch (frame_next(frame, &line)) {
                case FRAME_NEED_MORE:
                        return;
                case FRAME_LINE:
                        strbuf_printf(events, "'%.*s' ", (int)line.length, line.data);
                        break;
                case FRAME_TOO_LONG:
                        strbuf_append(events, "LONG ");
                        break;
                case FRAME_NUL_BYTE:
                        strbuf_append(events, "NUL ");
                        break;
                }
        }
}

/* Feeds a piece; a frame's room may be smaller than it. */
static void feed(struct frame *frame, const char *data, size_t length, struct strbuf *events)
{
        while (length > 0) {
                char *room;
                size_t size, n;

                assert_int_equal(frame_room(frame, &room, &size), 0);
                assert_true(size >= 1);
                n = size < length ? size : length;
                memcpy(room, data, n);
                frame_fill(frame, n);
                data += n;
                length -= n;
                drain(frame, events);
        }
}

static void finish(struct frame *frame, struct strbuf *events)
{
        struct frame_line line;

        switch (frame_finish(frame, &line)) {
        case FRAME_NEED_MORE:
                break;
        case FRAME_LINE:
                strbuf_printf(events, "end '%.*s'", (int)line.length, line.data);
                break;
        case FRAME_TOO_LONG:
                strbuf_append(events, "end LONG");
                break;
        case FRAME_NUL_BYTE:
                strbuf_append(events, "end NUL");
                break;
        }
        assert_int_equal(frame_finish(frame, &line), FRAME_NEED_MORE);
}

struct stream {
        const char *bytes;
        size_t length;
        const char *events;
};

#define STREAM(bytes, events)                                                                                \
        {                                                                                                    \
                bytes, sizeof(bytes) - 1, events                                                             \
        }

/* At most 8 bytes a line. */
static const struct stream streams[] = {
        STREAM("", ""),
        STREAM("\n", "'' "),
        STREAM("a\n", "'a' "),
        STREAM("abc", "end 'abc'"),
        STREAM("abc\n", "'abc' "),
        STREAM("abc\ndef\n\nghi\n", "'abc' 'def' '' 'ghi' "),
        STREAM("abc\r\ndef", "'abc\r' end 'def'"),
        STREAM("12345678\n", "'12345678' "),
        STREAM("12345678\n12345678\n", "'12345678' '12345678' "),
        STREAM("12345678", "end '12345678'"),
        STREAM("123456789\n", "LONG "),
        STREAM("123456789", "LONG "),
        STREAM("123456789\nabc\n", "LONG 'abc' "),
        STREAM("abc\n123456789\nabc\n", "'abc' LONG 'abc' "),
        STREAM("123456789012345678901234567890\nabc\n", "LONG 'abc' "),
        STREAM("123456789012345678901234567890", "LONG "),
        STREAM("123456789\n123456789\n", "LONG LONG "),
        STREAM("123456789\n\n", "LONG '' "),
        STREAM("a\0b\n", "NUL "),
        STREAM("\0\n", "NUL "),
        STREAM("ab\0\nabc\n", "NUL 'abc' "),
        STREAM("a\0b", "end NUL"),
        STREAM("1234\0"
               "5678\nabc\n",
               "LONG 'abc' "),
        STREAM("123456789\0abc\n\0\n", "LONG NUL "),
};

static void check_events(const struct stream *stream, const char *events, size_t cut_a, size_t cut_b)
{
        if (strcmp(events, stream->events) != 0)
                fail_msg("'%s' cut at %zu and %zu: %s, expected %s", stream->bytes, cut_a, cut_b, events,
                         stream->events);
}

static void events_do_not_depend_on_the_cuts(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(streams); i++) {
                const struct stream *stream = &streams[i];

                for (size_t a = 0; a <= stream->length; a++) {
                        for (size_t b = a; b <= stream->length; b++) {
                                struct frame frame;
                                char buffer[256];
                                struct strbuf events;

                                frame_init(&frame, MAX_LINE);
                                strbuf_init(&events, buffer, sizeof(buffer));
                                feed(&frame, stream->bytes, a, &events);
                                feed(&frame, stream->bytes + a, b - a, &events);
                                feed(&frame, stream->bytes + b, stream->length - b, &events);
                                finish(&frame, &events);
                                check_events(stream, buffer, a, b);
                                frame_deinit(&frame);
                        }
                }
        }
}

static void events_come_byte_by_byte_too(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(streams); i++) {
                struct frame frame;
                char buffer[256];
                struct strbuf events;

                frame_init(&frame, MAX_LINE);
                strbuf_init(&events, buffer, sizeof(buffer));
                for (size_t at = 0; at < streams[i].length; at++)
                        feed(&frame, streams[i].bytes + at, 1, &events);
                finish(&frame, &events);
                check_events(&streams[i], buffer, 1, 2);
                frame_deinit(&frame);
        }
}

/* A line longer than the first buffer, and what follows it in the same read. */
static void buffers_grow_for_long_lines(void **state)
{
        size_t length = 100000;
        char *data = malloc(length + 5);
        struct frame frame;
        struct frame_line line;
        size_t fed = 0;
        int n_lines = 0;

        (void)state;
        assert_non_null(data);
        for (size_t i = 0; i < length; i++)
                data[i] = (char)('a' + i % 26);
        memcpy(data + length, "\nxyz\n", 5);
        frame_init(&frame, length);
        while (fed < length + 5) {
                char *room;
                size_t size, n;

                assert_int_equal(frame_room(&frame, &room, &size), 0);
                n = size < length + 5 - fed ? size : length + 5 - fed;
                memcpy(room, data + fed, n);
                frame_fill(&frame, n);
                fed += n;
                while (frame_next(&frame, &line) == FRAME_LINE) {
                        assert_int_equal(line.length, n_lines == 0 ? length : 3);
                        assert_memory_equal(line.data, n_lines == 0 ? data : "xyz", line.length);
                        n_lines++;
                }
        }
        assert_int_equal(n_lines, 2);
        frame_deinit(&frame);
        free(data);
}

/* Whoever sends without end and without newline must not make the buffer grow without end. */
static void discarding_needs_no_memory(void **state)
{
        struct frame frame;
        size_t largest = 0;
        int n_too_long = 0;

        (void)state;
        frame_init(&frame, 1000);
        for (int i = 0; i < 1000; i++) {
                struct frame_line line;
                char *room;
                size_t size;

                assert_int_equal(frame_room(&frame, &room, &size), 0);
                memset(room, 'x', size);
                frame_fill(&frame, size);
                n_too_long += frame_next(&frame, &line) == FRAME_TOO_LONG;
                assert_int_equal(frame_next(&frame, &line), FRAME_NEED_MORE);
                largest = frame.size > largest ? frame.size : largest;
        }
        assert_int_equal(n_too_long, 1);
        assert_true(largest <= 65536);
        frame_deinit(&frame);
}

static void an_idle_frame_owns_no_memory(void **state)
{
        struct frame frame;
        char buffer[64];
        struct strbuf events;

        (void)state;
        frame_init(&frame, MAX_LINE);
        assert_null(frame.buffer);
        strbuf_init(&events, buffer, sizeof(buffer));
        feed(&frame, "abc\nde", 6, &events);
        assert_non_null(frame.buffer);
        feed(&frame, "f\n", 2, &events);
        assert_null(frame.buffer);
        feed(&frame, "123456789abcdef", 15, &events); /* discarding */
        assert_null(frame.buffer);
        feed(&frame, "x\ny\n", 4, &events);
        assert_string_equal(buffer, "'abc' 'def' LONG 'y' ");
        frame_deinit(&frame);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(events_do_not_depend_on_the_cuts),
                cmocka_unit_test(events_come_byte_by_byte_too),
                cmocka_unit_test(buffers_grow_for_long_lines),
                cmocka_unit_test(discarding_needs_no_memory),
                cmocka_unit_test(an_idle_frame_owns_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
