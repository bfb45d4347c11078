#include "api/write_error.hpp"

#include "api/error_catalogue.hpp"
#include "api/json_text.hpp"
#include "core/file_path.hpp"

#include <variant>

namespace filemint::api {
namespace {

struct value_writer {
  std::string& out;

  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(const std::string& text) const { append_json_string(out, text); }
  void operator()(const std::vector<std::string>& texts) const {
    out += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, cut_at_character(texts[i], file_path::max_bytes));
    }
    out += ']';
  }
};

}  // namespace

std::string write_error(const error& e) {
  const auto& entry = catalogue(e.code);
  const bool ours = &entry == &catalogue(errc::internal_server_error);
  std::string out;
  out.reserve(256);
  out += R"({"success":false,"data":null,"error":{"code":")";
  out += entry.code;
  out += R"(","message":)";
  append_json_string(out, ours || e.message.empty() ? entry.message : std::string_view(e.message));
  out += R"(,"details":{)";
  if (!ours) {
    for (std::size_t i = 0; i < e.details.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, e.details[i].name);
      out += ':';
      std::visit(value_writer{out}, e.details[i].value);
    }
  }
  out += "}}}";
  return out;
}

}  // namespace filemint::api
