// What /metrics asks for. SIGHUP has it read anew, so that it can be rotated without a restart.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace filemint {

// Thread safe.
class admin_token {
public:
  using value = std::shared_ptr<const secret>;  // null: nobody is asked

  // `reference`: file:PATH or env:NAME, read here and now; empty: null. Errors: wrong_key, a
  // sentence that names the reference.
  [[nodiscard]] static result<value> read(const std::string& reference);

  [[nodiscard]] value get() const { return value_.load(); }
  // True: it is another one than before.
  bool put(value fresh);

private:
  std::atomic<value> value_;
};

}  // namespace filemint
