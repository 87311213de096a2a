#include "query/path.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct scanner {
        const char *text; /* NUL-terminated, so that looking at the next byte is always safe */
        size_t position;
};

static char peek(const struct scanner *scanner)
{
        return scanner->text[scanner->position];
}

static void skip_blanks(struct scanner *scanner)
{
        while (peek(scanner) == ' ' || peek(scanner) == '\t')
                scanner->position++;
}

static bool accept(struct scanner *scanner, const char *token)
{
        size_t i = 0;

        while (token[i] != '\0' && scanner->text[scanner->position + i] == token[i])
                i++;
        if (token[i] != '\0')
                return false;
        scanner->position += i;
        skip_blanks(scanner);
        return true;
}

static int fail(const struct scanner *scanner, const char *expected, struct path_error *error)
{
        *error = (struct path_error){.position = scanner->position, .expected = expected};
        return 1;
}

static bool is_name_start(char byte)
{
        return isalpha((unsigned char)byte) || byte == '_';
}

static int scan_name(struct scanner *scanner, struct path_component *component, struct path_error *error)
{
        size_t begin = scanner->position;

        if (!is_name_start(peek(scanner)))
                return fail(scanner, "a member's name", error);
        while (is_name_start(peek(scanner)) || isdigit((unsigned char)peek(scanner)))
                scanner->position++;
        component->text = scanner->text + begin;
        component->length = scanner->position - begin;
        component->position = begin;
        skip_blanks(scanner);
        return 0;
}

static unsigned int digit_value(char byte)
{
        if (isdigit((unsigned char)byte))
                return (unsigned int)(byte - '0');
        return (unsigned int)(tolower((unsigned char)byte) - 'a') + 10;
}

static int scan_number(struct scanner *scanner, struct path_component *component, struct path_error *error)
{
        size_t begin = scanner->position;
        unsigned int base = 10;
        size_t n_digits = 0;

        component->index = 0;
        if (peek(scanner) == '0' && (scanner->text[begin + 1] == 'x' || scanner->text[begin + 1] == 'X')) {
                base = 16;
                scanner->position += 2;
        }
        while (base == 16 ? isxdigit((unsigned char)peek(scanner)) : isdigit((unsigned char)peek(scanner))) {
                if (__builtin_mul_overflow(component->index, base, &component->index) ||
                    __builtin_add_overflow(component->index, digit_value(peek(scanner)), &component->index)) {
                        scanner->position = begin;
                        return fail(scanner, "an index below 2^64", error);
                }
                scanner->position++;
                n_digits++;
        }
        if (n_digits == 0)
                return fail(scanner, "an index: a decimal or 0x number, not negative", error);
        /* C would read it as octal, most people would not. */
        if (base == 10 && n_digits > 1 && scanner->text[begin] == '0') {
                scanner->position = begin;
                return fail(scanner, "an index without leading zeros", error);
        }
        component->text = scanner->text + begin;
        component->length = scanner->position - begin;
        component->position = begin;
        skip_blanks(scanner);
        return 0;
}

/* What has been begun and applies, or ends, only after what stands behind it. */
enum pending_kind {
        PENDING_PREFIX,    /* a cast or & */
        PENDING_PAREN,     /* "(" */
        PENDING_CONTAINER, /* "container_of(" */
};

struct pending {
        enum pending_kind kind;
        struct path_component component; /* of a prefix */
};

struct parser {
        struct scanner scanner;
        struct path *path;
        struct path_error *error;
        struct pending pending[PATH_MAX_COMPONENTS]; /* innermost last */
        size_t n_pending;
};

/* The place of the next component, which is only counted in once it is complete; NULL if there is no room. */
static struct path_component *next_component(struct parser *parser)
{
        if (parser->path->n_components < PATH_MAX_COMPONENTS)
                return &parser->path->components[parser->path->n_components];
        fail(&parser->scanner, "the end: a path has at most 64 components", parser->error);
        return NULL;
}

static int push(struct parser *parser, enum pending_kind kind, const struct path_component *component)
{
        struct pending *pending = &parser->pending[parser->n_pending];

        if (parser->n_pending == PATH_MAX_COMPONENTS)
                return fail(&parser->scanner, "at most 64 parentheses, casts and '&' open at once",
                            parser->error);
        pending->kind = kind;
        if (component)
                pending->component = *component;
        parser->n_pending++;
        return 0;
}

/* `.name` and `[n]`. */
static int parse_field(struct parser *parser, struct path_component *component)
{
        struct scanner *scanner = &parser->scanner;
        int r;

        if (accept(scanner, "[")) {
                component->kind = PATH_INDEX;
                r = scan_number(scanner, component, parser->error);
                if (r == 0 && !accept(scanner, "]"))
                        return fail(scanner, "']'", parser->error);
                return r;
        }
        component->kind = PATH_MEMBER;
        accept(scanner, ".");
        return scan_name(scanner, component, parser->error);
}

static int parse_step(struct parser *parser)
{
        struct path_component *component = next_component(parser);
        int r;

        if (!component)
                return 1;
        if (accept(&parser->scanner, "->")) {
                component->kind = PATH_ARROW;
                r = scan_name(&parser->scanner, component, parser->error);
        } else if (peek(&parser->scanner) == '-') {
                return fail(&parser->scanner, "'->' (in a shell, quote the path: '>' redirects)",
                            parser->error);
        } else {
                r = parse_field(parser, component);
        }
        if (r == 0)
                parser->path->n_components++;
        return r;
}

/* The words of a type's name; returns how many there are. */
static size_t scan_words(struct scanner *scanner, struct path_component *component)
{
        struct path_component word;
        struct path_error ignored;
        size_t n_words = 0;

        component->text = scanner->text + scanner->position;
        component->position = scanner->position;
        component->length = 0;
        while (is_name_start(peek(scanner))) {
                (void)scan_name(scanner, &word, &ignored);
                component->length = word.position + word.length - component->position;
                n_words++;
        }
        return n_words;
}

/*
 * `(struct file *)`, from the "(" on. What has no '*' is a cast only if it cannot be an operand in parentheses: because
 * it has several words, or because an operand follows. Nothing is consumed if it is none.
 */
static bool scan_cast(struct scanner *scanner, struct path_component *ret)
{
        struct scanner ahead = *scanner;
        size_t n_words;
        char next;

        accept(&ahead, "(");
        n_words = scan_words(&ahead, ret);
        ret->kind = PATH_CAST;
        ret->count = 0;
        while (n_words > 0 && accept(&ahead, "*"))
                ret->count++;
        if (n_words == 0 || !accept(&ahead, ")"))
                return false;
        next = peek(&ahead);
        if (n_words == 1 && ret->count == 0 && !is_name_start(next) && next != '(' && next != '&')
                return false;
        *scanner = ahead;
        return true;
}

/* "(" of parentheses or of a cast. */
static int parse_open(struct parser *parser)
{
        struct path_component cast;

        if (scan_cast(&parser->scanner, &cast))
                return push(parser, PENDING_PREFIX, &cast);
        accept(&parser->scanner, "(");
        return push(parser, PENDING_PAREN, NULL);
}

static int parse_address(struct parser *parser)
{
        struct scanner *scanner = &parser->scanner;
        struct path_component address = {
                .kind = PATH_ADDRESS,
                .text = scanner->text + scanner->position,
                .length = 1,
                .position = scanner->position,
        };

        accept(scanner, "&");
        return push(parser, PENDING_PREFIX, &address);
}

/* Whether the component that began at a position, with nothing before its name, is that word. */
static bool is_container_of(const struct path_component *component, size_t position)
{
        static const char word[] = "container_of";

        return component->position == position && component->length == sizeof(word) - 1 &&
               memcmp(component->text, word, component->length) == 0;
}

/* Whether a "." stands for the object itself: what follows is no name. A second "." is a slip rather. */
static bool accept_object(struct scanner *scanner)
{
        struct scanner ahead = *scanner;

        if (!accept(&ahead, ".") || (peek(&ahead) != '\0' && !strchr("-[),", peek(&ahead))))
                return false;
        *scanner = ahead;
        return true;
}

/* What stands before steps: prefixes and opening parentheses as many as there are, then a name, a step or ".". */
static int parse_operand(struct parser *parser)
{
        struct scanner *scanner = &parser->scanner;
        int r = 0;

        while (r == 0) {
                size_t position = scanner->position;

                if (peek(scanner) == '(') {
                        r = parse_open(parser);
                        continue;
                }
                if (peek(scanner) == '&') {
                        r = parse_address(parser);
                        continue;
                }
                if (peek(scanner) == '.' && accept_object(scanner))
                        return 0;
                r = parse_step(parser);
                /* Nothing is complete before the innermost operand's first component. */
                if (r != 0 || peek(scanner) != '(' ||
                    !is_container_of(&parser->path->components[0], position))
                        return r;
                parser->path->n_components = 0;
                accept(scanner, "(");
                r = push(parser, PENDING_CONTAINER, NULL);
        }
        return r;
}

/* `, struct b, c.d)` of a container_of(), whose operand is complete. */
static int parse_container(struct parser *parser)
{
        struct scanner *scanner = &parser->scanner;
        struct path_component *container = next_component(parser);

        if (!container)
                return 1;
        if (!accept(scanner, ","))
                return fail(scanner, "',' and the type that holds the member", parser->error);
        container->kind = PATH_CONTAINER;
        container->count = 0;
        if (scan_words(scanner, container) == 0)
                return fail(scanner, "the type that holds the member", parser->error);
        if (!accept(scanner, ","))
                return fail(scanner, "',' and the member's name", parser->error);
        parser->path->n_components++;
        while (container->count == 0 || !accept(scanner, ")")) {
                struct path_component *field = next_component(parser);
                int r;

                if (!field)
                        return 1;
                if (container->count == 0 && !is_name_start(peek(scanner)))
                        return fail(scanner, "a member's name", parser->error);
                if (container->count > 0 && peek(scanner) != '.' && peek(scanner) != '[')
                        return fail(scanner, "'.', '[' or ')'", parser->error);
                r = parse_field(parser, field);
                if (r != 0)
                        return r;
                parser->path->n_components++;
                container->count++;
        }
        return 0;
}

static bool is_step(char byte)
{
        return byte == '.' || byte == '-' || byte == '[';
}

static int apply_prefix(struct parser *parser)
{
        struct path_component *component = next_component(parser);

        if (!component)
                return 1;
        *component = parser->pending[--parser->n_pending].component;
        parser->path->n_components++;
        return 0;
}

/* Ends the innermost parentheses or container_of(). */
static int parse_close(struct parser *parser)
{
        if (parser->pending[--parser->n_pending].kind == PENDING_CONTAINER)
                return parse_container(parser);
        if (!accept(&parser->scanner, ")"))
                return fail(&parser->scanner, "'.', '->', '[' or ')'", parser->error);
        return 0;
}

/* Steps, then what was waiting for them, and so on outwards. */
static int parse_rest(struct parser *parser)
{
        int r = 0;

        while (r == 0) {
                if (is_step(peek(&parser->scanner)))
                        r = parse_step(parser);
                else if (parser->n_pending == 0)
                        break;
                else if (parser->pending[parser->n_pending - 1].kind == PENDING_PREFIX)
                        r = apply_prefix(parser);
                else
                        r = parse_close(parser);
        }
        if (r == 0 && peek(&parser->scanner) != '\0')
                return fail(&parser->scanner, "'.', '->', '[' or the end", parser->error);
        return r;
}

int path_parse(const char *text, struct path *ret, struct path_error *ret_error)
{
        struct parser parser; /* its stack is not worth filling */
        int r;

        parser.scanner = (struct scanner){.text = text};
        parser.path = ret;
        parser.error = ret_error;
        parser.n_pending = 0;
        ret->n_components = 0;
        skip_blanks(&parser.scanner);
        r = parse_operand(&parser);
        return r == 0 ? parse_rest(&parser) : r;
}
