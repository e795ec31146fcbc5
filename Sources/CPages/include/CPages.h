#pragma once

#include <stddef.h>

/// A file as it is served.
struct cpages_file {
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

/// A page: its document, and the files that it consists of.
struct cpages_page {
    struct cpages_file document;
    const struct cpages_file *files;
    size_t file_count;
};

/// The reference page, `/docs`.
extern const struct cpages_page cpages_docs;
