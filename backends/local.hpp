// The local backend, and an edge's: our own JWTs (core/token.hpp), which `/files` and `/verify`
// check.
#pragma once

#include "backends/backend.hpp"

#include <string>

namespace filemint::backends {

class local final : public backend {
public:
  enum class server : bool { files, edge };

  // `issuer`: the tokens' `iss`. Of names to save files under, `/files` knows alone.
  local(std::string source, std::string issuer, server by = server::files)
      : source_(std::move(source)), issuer_(std::move(issuer)), server_(by) {}

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] bool signs_attachments() const noexcept override {
    return server_ == server::files;
  }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  std::string source_;
  std::string issuer_;
  server server_;
};

}  // namespace filemint::backends
