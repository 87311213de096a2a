#include "query/page.h"

#include <string.h>

#define CHECKSUM_BYTES 8U
#define ID_BYTES       4U

/* The alphabet of base64url, RFC 4648: nothing in it needs quoting anywhere. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* FNV-1a. */
uint64_t page_hash(uint64_t hash, const void *bytes, size_t n_bytes)
{
        const uint8_t *byte = bytes;

        for (size_t i = 0; i < n_bytes; i++)
                hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
        return hash;
}

/* Writes bytes as text, six bits a byte, and zeros behind the last one. */
static void write_text(const uint8_t *bytes, size_t n_bytes, char *text)
{
        uint32_t bits = 0, n_bits = 0;

        for (size_t i = 0; i < n_bytes; i++) {
                bits = (bits << 8 | bytes[i]) & 0xffff;
                for (n_bits += 8; n_bits >= 6; n_bits -= 6)
                        *text++ = alphabet[bits >> (n_bits - 6) & 63];
        }
        if (n_bits > 0)
                *text++ = alphabet[bits << (6 - n_bits) & 63];
        *text = '\0';
}

/* Returns the number of bytes; 0 if the text is not what write_text() has written. */
static size_t read_text(const char *text, uint8_t bytes[static PAGE_MAX_CURSOR_BYTES])
{
        uint32_t bits = 0, n_bits = 0;
        size_t n_bytes = 0;

        for (; *text != '\0'; text++) {
                const char *found = strchr(alphabet, *text);

                if (!found)
                        return 0;
                bits = (bits << 6 | (uint32_t)(found - alphabet)) & 0xffff;
                n_bits += 6;
                if (n_bits < 8)
                        continue;
                if (n_bytes == PAGE_MAX_CURSOR_BYTES)
                        return 0;
                n_bits -= 8;
                bytes[n_bytes++] = (uint8_t)(bits >> n_bits);
        }
        /* A cursor has one spelling. */
        return n_bits < 6 && (bits & ((1U << n_bits) - 1)) == 0 ? n_bytes : 0;
}

static void store(uint8_t *bytes, size_t n_bytes, uint64_t value)
{
        for (size_t i = 0; i < n_bytes; i++)
                bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t load(const uint8_t *bytes, size_t n_bytes)
{
        uint64_t value = 0;

        for (size_t i = 0; i < n_bytes; i++)
                value |= (uint64_t)bytes[i] << 8 * i;
        return value;
}

/* Takes a cursor apart; returns whether it is one, and of this question. */
static bool read_cursor(struct page *page, const char *text)
{
        const size_t head = CHECKSUM_BYTES + ID_BYTES;
        size_t n_bytes = read_text(text, page->cursor);
        const uint8_t *end;

        if (n_bytes <= head || page->cursor[n_bytes - 1] != '\0' ||
            load(page->cursor, CHECKSUM_BYTES) !=
                    page_hash(page->question, page->cursor + CHECKSUM_BYTES, n_bytes - CHECKSUM_BYTES))
                return false;
        page->id = (uint32_t)load(page->cursor + CHECKSUM_BYTES, ID_BYTES);
        page->source = (const char *)page->cursor + head;
        /* Source and name end with a NUL each, and there is no other. */
        end = memchr(page->cursor + head, '\0', n_bytes - head);
        page->name = (const char *)end + 1;
        return end + 1 < page->cursor + n_bytes && end + 1 + strlen(page->name) + 1 == page->cursor + n_bytes;
}

int page_begin(struct page *ret, uint64_t question, uint64_t limit, const char *cursor,
               struct query_error *ret_error)
{
        ret->question = question;
        ret->limit = limit;
        ret->resumes = cursor != NULL;
        if (cursor && !read_cursor(ret, cursor))
                return query_error_set(ret_error, QUERY_STALE_CURSOR,
                                       "the cursor is not one that this question was answered with: ask "
                                       "again without it");
        return 0;
}

uint32_t page_first(const struct page *page, const struct name_order *order, uint32_t begin)
{
        uint32_t after = page->resumes ? name_order_after(order, page->name, page->source, page->id) : 0;

        return after > begin ? after : begin;
}

bool page_add(const struct page *page, struct page_list *list, uint32_t entry)
{
        list->has_more = list->n_entries == page->limit;
        if (!list->has_more)
                list->entries[list->n_entries++] = entry;
        return !list->has_more;
}

void page_write_cursor(const struct page *page, const struct name_order *order, const struct page_list *list,
                       char ret[static PAGE_CURSOR_SIZE])
{
        uint32_t last = list->entries[list->n_entries - 1];
        const char *source = name_order_source(order, last)->name, *name = name_order_name(order, last);
        uint8_t bytes[PAGE_MAX_CURSOR_BYTES];
        size_t n_bytes = CHECKSUM_BYTES + ID_BYTES;

        store(bytes + CHECKSUM_BYTES, ID_BYTES, name_order_id(order, last));
        memcpy(bytes + n_bytes, source, strlen(source) + 1);
        n_bytes += strlen(source) + 1;
        memcpy(bytes + n_bytes, name, strlen(name) + 1);
        n_bytes += strlen(name) + 1;
        store(bytes, CHECKSUM_BYTES,
              page_hash(page->question, bytes + CHECKSUM_BYTES, n_bytes - CHECKSUM_BYTES));
        write_text(bytes, n_bytes, ret);
}
