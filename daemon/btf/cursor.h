/*
 * A bounds-checked, endian-aware position in untrusted bytes. A read that does not fit returns false and moves
 * nothing. Header and records are found with it; only once a record is known to lie inside the file are its
 * words read by offset.
 */
#pragma once

#include <byteswap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct btf_cursor {
        const uint8_t *data;
        size_t position; /* bytes from `data` */
        size_t end;      /* bytes from `data`; position <= end always */
        bool swap;       /* the bytes are of the other byte order than this machine's */
};

/* A cursor over data[begin..end); the caller has checked that begin <= end <= the size of `data`. */
static inline struct btf_cursor btf_cursor(const uint8_t *data, size_t begin, size_t end, bool swap)
{
        return (struct btf_cursor){.data = data, .position = begin, .end = end, .swap = swap};
}

static inline size_t btf_cursor_left(const struct btf_cursor *cursor)
{
        return cursor->end - cursor->position;
}

static inline bool btf_cursor_skip(struct btf_cursor *cursor, uint64_t n_bytes)
{
        if (btf_cursor_left(cursor) < n_bytes)
                return false;
        cursor->position += (size_t)n_bytes;
        return true;
}

static inline bool btf_cursor_u8(struct btf_cursor *cursor, uint8_t *ret)
{
        if (btf_cursor_left(cursor) < sizeof(*ret))
                return false;
        *ret = cursor->data[cursor->position];
        cursor->position += sizeof(*ret);
        return true;
}

static inline bool btf_cursor_u16(struct btf_cursor *cursor, uint16_t *ret)
{
        uint16_t value;

        if (btf_cursor_left(cursor) < sizeof(value))
                return false;
        memcpy(&value, cursor->data + cursor->position, sizeof(value));
        cursor->position += sizeof(value);
        *ret = cursor->swap ? bswap_16(value) : value;
        return true;
}

static inline bool btf_cursor_u32(struct btf_cursor *cursor, uint32_t *ret)
{
        uint32_t value;

        if (btf_cursor_left(cursor) < sizeof(value))
                return false;
        memcpy(&value, cursor->data + cursor->position, sizeof(value));
        cursor->position += sizeof(value);
        *ret = cursor->swap ? bswap_32(value) : value;
        return true;
}
