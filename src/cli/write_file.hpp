// Files that filemint's subcommands make.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <filesystem>

namespace filemint::cli {

// A file of one line with mode 0600, on the disk when this returns. conflict: there is a file of
// that name already; io_failed: the system said no.
[[nodiscard]] result<void> write_new_secret(const std::filesystem::path& path, const secret& text);

}  // namespace filemint::cli
