// What tests of renewals share: answers as clouds give them, and what they come to.
#pragma once

#include "backends/credentials/renewal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace filemint::backends::testing {

inline constexpr wall_time now{std::chrono::seconds{1'780'000'000}};  // 2026-05-28T20:26:40Z

inline remote_answer answered(unsigned status, std::string body, std::string date = {}) {
  remote_answer made{.status = status, .body = std::move(body)};
  if (!date.empty()) made.fields.push_back({"date", std::move(date)});
  return made;
}

inline std::string field_of(const remote_request& request, std::string_view name) {
  for (const auto& each : request.fields) {
    if (each.name == name) return each.value;
  }
  return "(none)";
}

// Signs nothing.
class idle_backend final : public backend {
public:
  [[nodiscard]] std::string_view source() const noexcept override { return "objects"; }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot&,
                                                     const mint_terms&) const override {
    return fail(errc::service_unavailable);
  }
};

// The further request, or the end, or an error's text.
inline std::variant<remote_request, renewed, std::string> step(renewal& of, remote_answer answer,
                                                               wall_time at = now) {
  auto next = of.take(answer, at);
  if (!next) {
    EXPECT_EQ(next.error().code, errc::service_unavailable);
    EXPECT_TRUE(next.error().details.empty());
    return next.error().message;
  }
  return std::visit(
      [](auto& each) -> std::variant<remote_request, renewed, std::string> {
        return std::move(each);
      },
      *next);
}

inline std::string error_of(renewal& of, remote_answer answer) {
  auto next = step(of, std::move(answer));
  const auto* const why = std::get_if<std::string>(&next);
  return why == nullptr ? "(none)" : *why;
}

inline remote_request request_of(renewal& of, remote_answer answer) {
  auto next = step(of, std::move(answer));
  if (const auto* const why = std::get_if<std::string>(&next)) ADD_FAILURE() << *why;
  auto* const made = std::get_if<remote_request>(&next);
  EXPECT_NE(made, nullptr);
  return made == nullptr ? remote_request{} : std::move(*made);
}

inline wall_time end_of(renewal& of, remote_answer answer, wall_time at = now) {
  auto next = step(of, std::move(answer), at);
  if (const auto* const why = std::get_if<std::string>(&next)) ADD_FAILURE() << *why;
  const auto* const came = std::get_if<renewed>(&next);
  EXPECT_NE(came, nullptr);
  if (came == nullptr) return {};
  EXPECT_NE(came->by, nullptr);
  return came->ends;
}

}  // namespace filemint::backends::testing
