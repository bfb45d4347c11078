// body_parser beside an independent reader of the same rules, nlohmann's SAX parser, over generated
// bodies.
#include "api/parse_request.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace filemint::api::parse_oracle_test {
namespace {

using json = nlohmann::json;

struct verdict {
  enum kind { invalid, missing, good };
  kind outcome = invalid;
  std::vector<std::string> paths = {};
  std::optional<std::string> source = {};
  std::optional<std::int64_t> expires_in = {};
  bool urls = false;
  bool partial = false;
  bool saved = false;  // download
  std::map<std::string, std::string> names = {};

  friend bool operator==(const verdict&, const verdict&) = default;
};

// What a DOM can't tell: repeats, depth, and integers that were beyond 64 bits.
struct strict_sax : json::json_sax_t {
  std::size_t depth = 0;
  std::set<std::string> members, named;
  bool in_download = false;

  bool open() { return ++depth <= 64; }
  bool close() { return --depth, true; }
  bool key(string_t& name) override {
    static const std::set<std::string> once{"filePaths", "source",   "expiresIn",
                                            "urls",      "download", "partial"};
    if (depth == 1) in_download = name == "download";
    if (depth == 2 && in_download) return named.insert(name).second;
    return depth != 1 || !once.contains(name) || members.insert(name).second;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t& text) override {
    return text.find_first_of(".eE") != text.npos;
  }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }
};

verdict by_oracle(const std::string& text) {
  strict_sax strict;
  if (!json::sax_parse(text, &strict)) return {};
  const auto body = json::parse(text);
  if (!body.is_object()) return {};
  verdict out;
  for (const auto& [name, value] : body.items()) {
    if (name == "filePaths" && !value.is_null()) {
      if (!value.is_array() || value.empty()) return {};
      for (const auto& path : value) {
        if (!path.is_string()) return {};
        out.paths.push_back(path);
      }
    } else if (name == "source" && !value.is_null()) {
      if (!value.is_string()) return {};
      out.source = value;
    } else if (name == "expiresIn" && !value.is_null()) {
      if (!value.is_number_integer()) return {};
      const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
      out.expires_in = huge ? INT64_MAX : value.get<std::int64_t>();
    } else if (name == "urls") {
      if (!value.is_boolean()) return {};
      out.urls = value;
    } else if (name == "partial") {
      if (!value.is_boolean()) return {};
      out.partial = value;
    } else if (name == "download") {
      if (!value.is_boolean() && !value.is_object()) return {};
      out.saved = value.is_boolean() ? value.get<bool>() : !value.empty();
      const auto named = value.is_object() ? value : json::object();
      for (const auto& [path, file] : named.items()) {
        if (!file.is_string()) return {};
        out.names[path] = file;
      }
    }
  }
  if (out.paths.empty()) return {.outcome = verdict::missing};
  out.outcome = verdict::good;
  return out;
}

verdict by_us(std::string text) {
  static body_parser parser;  // one for all: whatever it read before must not matter
  text.reserve(text.size() + json_padding);
  const auto request = parser.parse(text, text.capacity(), 1'000);
  if (!request) {
    const bool missing = request.error().code == errc::missing_required_field;
    return {.outcome = missing ? verdict::missing : verdict::invalid};
  }
  std::map<std::string, std::string> names;
  for (const auto& [path, name] : request->download.named())
    names.emplace(std::string(path), std::string(name));
  return {verdict::good,
          {request->paths.begin(), request->paths.end()},
          request->source ? std::optional<std::string>(*request->source) : std::nullopt,
          request->expires_in,
          request->urls,
          request->partial,
          !request->download.none(),
          names};
}

using texts = std::vector<std::string>;

// Of a generated size from the first case on.
template <class T>
T below(T end) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(T{0}, end));
}

std::string any_of(const texts& choices) {
  return *rc::gen::elementOf(choices);
}

std::string some_string() {
  static const texts choices{
      R"("a")",      R"("uploads/a b.pdf")", R"("")",       R"("\u00e9")",
      R"("é😀")",    R"("\ud83d\ude00")",    R"("\ud83d")", R"("\"\\\/\b\f\n\r\t")",
      R"("\u0000")", R"("filePaths")",       "\"\x7f\"",    "\"\xff\""};
  return any_of(choices);
}

std::string some_scalar() {
  static const texts choices{"1",
                             "-1",
                             "60",
                             "60.0",
                             "6e1",
                             "-0",
                             "1.5e-7",
                             "true",
                             "false",
                             "null",
                             "1e309",
                             "01",
                             "18446744073709551615",
                             "18446744073709551616",
                             "9223372036854775808",
                             "-9223372036854775809"};
  return below(2) == 0 ? some_string() : any_of(choices);
}

std::string some_value(int depth) {
  const auto kind = depth > 3 ? 0 : below(4);
  if (kind < 2) return some_scalar();
  std::string out = kind == 2 ? "[" : "{";
  const auto count = below(3);
  for (int i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    if (kind == 3) out += some_string() + ":";
    out += some_value(depth + 1);
  }
  return out + (kind == 2 ? "]" : "}");
}

std::string good_value_of(const std::string& name) {
  static const texts expiries{"1", "300", "-7", "null", "18446744073709551615"};
  if (name.ends_with("aths\"")) {
    static const texts lists{R"(["a"])", R"(["a","b","a"])", R"(["\u0061","é"])", "null"};
    return any_of(lists);
  }
  if (name == R"("source")") return any_of({R"("magikarp")", "null", R"("")"});
  if (name == R"("expiresIn")") return any_of(expiries);
  if (name == R"("download")") {
    return any_of({"true", "false", "{}", R"({"a":"b"})", R"({"b":"1","a":"2"})",
                   R"({"a":"1","\u0061":"2"})", R"({"a":""})"});
  }
  return any_of({"true", "false"});
}

std::string some_body() {
  static const texts names{R"("filePaths")", R"("filePaths")", R"("file\u0050aths")",
                           R"("source")",    R"("expiresIn")", R"("urls")",
                           R"("download")",  R"("partial")",   R"("other")"};
  static const texts spaces{"", "", "", " ", "\n\t"};
  std::string out = below(4) == 0 ? "{" : R"({"filePaths":)" + good_value_of(names[0]);
  const auto count = below(4);
  for (int i = 0; i < count; ++i) {
    const auto name = any_of(names);
    if (out != "{") out += ',';
    out += any_of(spaces) + name + any_of(spaces) + ':';
    out += below(12) == 0 ? some_value(0) : good_value_of(name);
  }
  return out + "}" + any_of(spaces);
}

RC_GTEST_PROP(BodyParser, AgreesWithAnotherParserOnGeneratedBodies, ()) {
  for (int i = 0; i < 20; ++i) {
    const auto body = some_body();
    RC_ASSERT(by_us(body) == by_oracle(body));
  }
}

RC_GTEST_PROP(BodyParser, AgreesWithAnotherParserOnDamagedBodies, ()) {
  static const std::string bytes = "{}[]\",:\\u0a19.eE-+ \n\x01\x7f\x80\xc3";
  for (int i = 0; i < 20; ++i) {
    auto body = some_body();
    const auto at = below(body.size());
    switch (below(3)) {
      case 0:
        body[at] = *rc::gen::elementOf(bytes);
        break;
      case 1:
        body.erase(at, 1);
        break;
      default:
        body.insert(at, 1, *rc::gen::elementOf(bytes));
    }
    RC_ASSERT(by_us(body) == by_oracle(body));
  }
}

}  // namespace
}  // namespace filemint::api::parse_oracle_test
