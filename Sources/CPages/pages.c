// The files of the pages, which the compiler embeds as they are: the executable serves them without a file beside it.
//
// A new file of a page is named twice here: where it is embedded, and in the page's table.
#include "CPages.h"

static const unsigned char docs_html[] = {
#embed "docs.html"
};
static const unsigned char docs_badges_js[] = {
#embed "docs/badges.js"
};
static const unsigned char docs_base_css[] = {
#embed "docs/base.css"
};
static const unsigned char docs_description_js[] = {
#embed "docs/description.js"
};
static const unsigned char docs_dom_js[] = {
#embed "docs/dom.js"
};
static const unsigned char docs_fields_js[] = {
#embed "docs/fields.js"
};
static const unsigned char docs_form_js[] = {
#embed "docs/form.js"
};
static const unsigned char docs_frame_css[] = {
#embed "docs/frame.css"
};
static const unsigned char docs_highlight_js[] = {
#embed "docs/highlight.js"
};
static const unsigned char docs_icon_svg[] = {
#embed "docs/icon.svg"
};
static const unsigned char docs_key_js[] = {
#embed "docs/key.js"
};
static const unsigned char docs_markdown_js[] = {
#embed "docs/markdown.js"
};
static const unsigned char docs_navigation_js[] = {
#embed "docs/navigation.js"
};
static const unsigned char docs_operation_js[] = {
#embed "docs/operation.js"
};
static const unsigned char docs_page_js[] = {
#embed "docs/page.js"
};
static const unsigned char docs_panels_js[] = {
#embed "docs/panels.js"
};
static const unsigned char docs_reference_css[] = {
#embed "docs/reference.css"
};
static const unsigned char docs_reference_js[] = {
#embed "docs/reference.js"
};
static const unsigned char docs_result_js[] = {
#embed "docs/result.js"
};
static const unsigned char docs_samples_js[] = {
#embed "docs/samples.js"
};
static const unsigned char docs_search_js[] = {
#embed "docs/search.js"
};
static const unsigned char docs_stream_js[] = {
#embed "docs/stream.js"
};
static const unsigned char docs_theme_js[] = {
#embed "docs/theme.js"
};
static const unsigned char docs_trial_css[] = {
#embed "docs/trial.css"
};
static const unsigned char docs_trial_js[] = {
#embed "docs/trial.js"
};

#define FILE(name, array) {name, array, sizeof array}

static const struct cpages_file docs_files[] = {
    FILE("badges.js", docs_badges_js),
    FILE("base.css", docs_base_css),
    FILE("description.js", docs_description_js),
    FILE("dom.js", docs_dom_js),
    FILE("fields.js", docs_fields_js),
    FILE("form.js", docs_form_js),
    FILE("frame.css", docs_frame_css),
    FILE("highlight.js", docs_highlight_js),
    FILE("icon.svg", docs_icon_svg),
    FILE("key.js", docs_key_js),
    FILE("markdown.js", docs_markdown_js),
    FILE("navigation.js", docs_navigation_js),
    FILE("operation.js", docs_operation_js),
    FILE("page.js", docs_page_js),
    FILE("panels.js", docs_panels_js),
    FILE("reference.css", docs_reference_css),
    FILE("reference.js", docs_reference_js),
    FILE("result.js", docs_result_js),
    FILE("samples.js", docs_samples_js),
    FILE("search.js", docs_search_js),
    FILE("stream.js", docs_stream_js),
    FILE("theme.js", docs_theme_js),
    FILE("trial.css", docs_trial_css),
    FILE("trial.js", docs_trial_js),
};

const struct cpages_page cpages_docs = {
    .document = FILE("docs.html", docs_html),
    .files = docs_files,
    .file_count = sizeof docs_files / sizeof *docs_files,
};
