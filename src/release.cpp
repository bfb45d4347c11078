// Alone in its file: a binary that defines it itself is linked without this.
#include "src/release.hpp"

namespace filemint {

constexpr std::string_view this_release = FILEMINT_VERSION;

}  // namespace filemint
