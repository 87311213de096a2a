/*
 * Every name of every kind, in every form it can be asked for, in both scopes: what type.get answers against expect().
 */
#pragma once

#include "client.h"
#include "reader.h"
#include "report.h"

/* `instances`, one for each reader, are those of the sources. */
void compare_names(struct client *client, const struct kernel *kernel, const uint64_t *instances,
                   struct report *report);
