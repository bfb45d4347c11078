// A backend that is exchanged for another of the same source while it signs: once its credentials
// are others.
#pragma once

#include "backends/backend.hpp"
#include "backends/credentials/renewal.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace filemint::backends {

// Thread safe.
class renewable final : public backend {
public:
  // `ends`: when the credentials end, and what they have signed with them.
  explicit renewable(std::shared_ptr<const backend> first, wall_time ends = wall_time::max());

  // What begins from now on is signed by `next`, which is of the same source and the same place.
  // Requests that have begun end with the former one.
  void renew(std::shared_ptr<const backend> next, wall_time ends = wall_time::max()) {
    renew({.by = std::move(next), .ends = ends, .tokens_end = ends});
  }
  void renew(renewed next);

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] url_form urls() const noexcept override { return urls_.form(); }
  [[nodiscard]] url_form probes() const noexcept override { return probes_.form(); }
  [[nodiscard]] api::path_rule holds() const noexcept override { return holds_; }
  [[nodiscard]] bool signs_attachments() const noexcept override { return signs_attachments_; }
  // Error: service_unavailable too where the credentials have ended.
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                     const mint_terms& terms) const override;

private:
  // The first one's, whose own text may go.
  struct kept_form {
    explicit kept_form(const url_form& of)
        : public_url(of.public_url), before_token(of.before_token), path(of.path) {}
    [[nodiscard]] url_form form() const noexcept {
      return {.public_url = public_url, .before_token = before_token, .path = path};
    }
    std::string public_url, before_token;
    api::kept_bytes path;
  };
  class kept_batch;

  std::string source_;
  kept_form urls_, probes_;
  api::path_rule holds_;
  bool signs_attachments_;
  std::atomic<std::shared_ptr<const renewed>> current_;
};

}  // namespace filemint::backends
