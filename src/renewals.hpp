// Where a source's credentials are asked for that a cloud gives out: by the configuration and by
// the variables that the cloud sets in the environment.
#pragma once

#include "backends/backend.hpp"
#include "backends/credentials/renewal.hpp"
#include "core/config/config.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace filemint {

// A variable of the environment; empty: not set.
using environment = std::function<std::string(const char*)>;
[[nodiscard]] std::string environment_variable(const char* name);

struct renewals_of_source {
  std::unique_ptr<backends::backend> first = {};  // of the source's place; without credentials
  std::function<std::unique_ptr<backends::renewal>()> make;  // any thread
};

// Of a source with bucket.renews_credentials(). Error: wrong_key, where it is not said what is
// needed, or in a way that is wrong.
[[nodiscard]] result<renewals_of_source> open_renewals(
    const source_config& source, const environment& variable = environment_variable);

}  // namespace filemint
