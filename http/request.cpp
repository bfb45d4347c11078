#include "http/request.hpp"

#include "http/syntax.hpp"

namespace filemint::http {

namespace {

struct field_line {
  std::string_view name, value;
};

// `fields` holds whole lines that framing has checked.
std::optional<field_line> next_line(std::string_view& fields) noexcept {
  if (fields.empty()) return std::nullopt;
  const auto end = fields.find('\r');
  const auto line = fields.substr(0, end);
  fields.remove_prefix(end + 2);
  const auto colon = line.find(':');
  return field_line{line.substr(0, colon), syntax::trim(line.substr(colon + 1))};
}

// The next field of that name.
std::optional<std::string_view> next_of(std::string_view& fields, std::string_view name) noexcept {
  while (const auto line = next_line(fields)) {
    if (syntax::equals(line->name, name)) return line->value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> request::field(std::string_view lower_name) const noexcept {
  auto rest = fields;
  return next_of(rest, lower_name);
}

std::optional<std::string_view> request::sole_field(std::string_view lower_name) const noexcept {
  auto rest = fields;
  const auto first = next_of(rest, lower_name);
  return first && !next_of(rest, lower_name) ? first : std::nullopt;
}

std::optional<std::string> request::joined_field(std::string_view lower_name) const {
  auto rest = fields;
  const auto first = next_of(rest, lower_name);
  if (!first) return std::nullopt;
  std::string all{*first};
  while (const auto value = next_of(rest, lower_name)) (all += ", ") += *value;
  return all;
}

void request::rebase(const char* from, const char* to) noexcept {
  const auto move = [&](std::string_view& view) {
    if (view.data()) view = {to + (view.data() - from), view.size()};
  };
  for (auto* view : {&method_text, &target, &path, &query, &fields, &request_id}) move(*view);
  for (auto* view : {&host, &authorization, &content_type}) {
    if (*view) move(**view);
  }
}

}  // namespace filemint::http
