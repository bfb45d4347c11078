// Where a PostgreSQL server is and how to log in, in libpq's own keys. It holds a password: none of
// its functions tells one, and errors that libpq words are cleared of it.
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::store::postgres {

// Thread safety: immutable. Wipes its values when it goes.
class conninfo {
public:
  conninfo(conninfo&&) noexcept = default;
  conninfo& operator=(conninfo&&) = delete;
  ~conninfo();

  // From "host=… dbname=…" or "postgresql://…". What it leaves out and the network needs is added:
  // a deadline for connecting, keep-alives, UTF-8. invalid_argument: it is neither.
  [[nodiscard]] static result<conninfo> parse(std::string_view text);

  // As PQconnectdbParams takes them, each ended by a null pointer.
  [[nodiscard]] std::vector<const char*> keywords() const;
  [[nodiscard]] std::vector<const char*> values() const;

  // libpq's words in one line, without a password in them.
  [[nodiscard]] std::string cleared(std::string_view words) const;

private:
  conninfo() = default;
  void set_default(std::string_view keyword, std::string_view value);

  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace filemint::store::postgres
