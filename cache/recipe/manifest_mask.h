#pragma once

#include <string_view>

#include "cache/recipe/manifest.h"
#include "cache/recipe/toml_value.h"

namespace depcache {

// Takes out of a manifest what no dependency is compiled differently for:
// `version` becomes `version` in [package]; description, authors, license,
// readme, URLs, keywords, include, exclude, publish, metadata, default-run, the
// badges and lints go, from [workspace.package] too; dependencies by path lose
// their version requirement, since the packages they name have lost their
// versions ([patch] and [replace] keep theirs). Everything else stays, unknown
// keys included. Lists whose order means nothing are sorted: features, and the
// tables of targets. Masking twice changes nothing.
void MaskManifest(TomlTable& manifest, std::string_view version = kMaskedVersion);

}  // namespace depcache
