#include "src/cli/outcome.hpp"

namespace filemint::cli {

exit_code exit_code_of(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument:
      return exit_code::usage;
    case errc::not_found:
      return exit_code::not_found;
    case errc::conflict:
      return exit_code::conflict;
    case errc::wrong_key:
      return exit_code::configuration;
    case errc::service_unavailable:  // a store that is away
    case errc::store_failed:
    case errc::store_full:
    case errc::store_too_new:
      return exit_code::store;
    default:
      return exit_code::failed;
  }
}

}  // namespace filemint::cli
