#include "util/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void strbuf_init(struct strbuf *buffer, char *data, size_t size)
{
        *buffer = (struct strbuf){.data = data, .size = size};
        data[0] = '\0';
}

void strbuf_append(struct strbuf *buffer, const char *string)
{
        size_t length = strlen(string);

        if (buffer->overflow || length >= buffer->size - buffer->length) {
                buffer->overflow = true;
                return;
        }
        memcpy(buffer->data + buffer->length, string, length + 1);
        buffer->length += length;
}

void strbuf_printf(struct strbuf *buffer, const char *format, ...)
{
        size_t room = buffer->size - buffer->length;
        va_list arguments;
        int written;

        if (buffer->overflow)
                return;
        va_start(arguments, format);
        written = vsnprintf(buffer->data + buffer->length, room, format, arguments);
        va_end(arguments);
        if (written < 0 || (size_t)written >= room) {
                buffer->data[buffer->length] = '\0';
                buffer->overflow = true;
                return;
        }
        buffer->length += (size_t)written;
}
