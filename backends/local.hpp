// The local backend: our own JWTs (core/token.hpp), which `/files` and `/verify` check.
#pragma once

#include "backends/backend.hpp"

#include <string>

namespace filemint::backends {

class local final : public backend {
public:
  // `issuer`: the tokens' `iss`.
  local(std::string source, std::string issuer)
      : source_(std::move(source)), issuer_(std::move(issuer)) {}

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  std::string source_;
  std::string issuer_;
};

}  // namespace filemint::backends
