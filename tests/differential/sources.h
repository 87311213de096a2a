/*
 * btfd.info and source.list, and then every type that source.list says there is.
 */
#pragma once

#include "client.h"
#include "reader.h"
#include "report.h"

/*
 * Compares all that the daemon serves by id; of modules only every `step`-th. `instances`, one for each reader, gets those of
 * the sources.
 */
void compare_sources(struct client *client, const struct kernel *kernel, size_t step, uint64_t *instances,
                     struct report *report);
