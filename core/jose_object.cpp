#include "core/jose_object.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace filemint {

// Keeps the top level's members and drops what lies deeper. A handler that returns false ends the
// parsing.
class jose_object::reader final : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit reader(jose_object& object) noexcept : object_(object) {}

  bool null() override { return is_inside(); }
  bool boolean(bool) override { return is_inside(); }
  bool number_float(number_float_t, const string_t&) override { return is_inside(); }
  bool number_integer(number_integer_t number) override { return keep<std::int64_t>(number); }
  bool number_unsigned(number_unsigned_t number) override {
    if (!std::in_range<std::int64_t>(number)) return is_inside();
    return keep(static_cast<std::int64_t>(number));
  }
  bool string(string_t& text) override { return keep(std::move(text)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return begin(true); }
  bool start_array(std::size_t) override { return begin(false); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    if (object_.has(name) || object_.members_.size() == max_members) return false;
    object_.members_.push_back({std::move(name), other{}});
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

private:
  // Not so: the text is a bare value, not an object.
  [[nodiscard]] bool is_inside() const noexcept { return depth_ > 0; }

  template <class T>
  bool keep(T content) {
    if (depth_ == 1) object_.members_.back().content.emplace<T>(std::move(content));
    return is_inside();
  }
  bool begin(bool is_object) {
    if (!is_inside() && !is_object) return false;
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }

  jose_object& object_;
  std::size_t depth_ = 0;
};

std::optional<jose_object> jose_object::parse(std::string_view text) {
  // The parser skips a byte-order mark and takes a NUL for the text's end.
  if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != text.npos) return std::nullopt;
  jose_object object;
  object.members_.reserve(12);
  reader into(object);
  if (!nlohmann::json::sax_parse(text, &into)) return std::nullopt;
  return object;
}

const jose_object::value* jose_object::find(std::string_view name) const noexcept {
  for (const auto& each : members_) {
    if (each.name == name) return &each.content;
  }
  return nullptr;
}

const std::string* jose_object::text(std::string_view name) const noexcept {
  return std::get_if<std::string>(find(name));
}

std::optional<std::int64_t> jose_object::integer(std::string_view name) const noexcept {
  const auto* number = std::get_if<std::int64_t>(find(name));
  if (number == nullptr) return std::nullopt;
  return *number;
}

}  // namespace filemint
