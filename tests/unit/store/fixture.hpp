// A store in a directory of its own, and rows to put into it.
#pragma once

#include "store/open.hpp"
#include "store/sqlite/open.hpp"
#include "tests/unit/store/backing.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace filemint::store {

inline wall_time at(std::int64_t seconds) {
  return wall_time(std::chrono::seconds(seconds));
}

inline std::string key_id(std::uint64_t number) {
  char text[17];  // as many as a number can have
  std::snprintf(text, sizeof text, "%012llx", static_cast<unsigned long long>(number));
  return {text, 12};
}

inline company_row company_named(std::string id) {
  return {.id = std::move(id), .created_at = at(1'000)};
}

inline key_row key_numbered(std::uint64_t number, std::string company) {
  key_row key{.id = key_id(number), .company = std::move(company), .created_at = at(1'000)};
  key.secret_hash[0] = static_cast<std::uint8_t>(number);
  key.secret_hash[31] = 0xff;
  return key;
}

inline signing_key_row signing_key_named(std::string kid, std::string source = "magikarp",
                                         key_state state = key_state::prepared) {
  return {.kid = std::move(kid),
          .source = std::move(source),
          .state = state,
          .sealed = std::string("sealed\0bytes", 12),
          .created_at = at(1'000)};
}

template <class T>
errc code_of(const result<T>& outcome) {
  EXPECT_FALSE(outcome) << "it should have failed";
  if (outcome) return errc::internal_server_error;
  EXPECT_FALSE(outcome.error().message.empty());
  return outcome.error().code;
}

struct store_error : std::runtime_error {
  explicit store_error(error what) : std::runtime_error(what.message), why(std::move(what)) {}
  error why;
};

// Asserts success; gives the value.
template <class T>
T good(result<T> outcome) {
  if (!outcome) throw store_error(std::move(outcome.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

class temporary_directory {
public:
  temporary_directory() {
    auto name = (std::filesystem::temp_directory_path() / "filemint_store_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

// A test that runs against every kind of store: TEST_P, and FOR_EACH_STORE(Fixture).
class store_test : public ::testing::TestWithParam<backing_kind> {
protected:
  [[nodiscard]] std::unique_ptr<store> open(role as = role::cli) const { return in_->open(as); }
  void tamper(const char* script) const { in_->tamper(script); }

  const std::unique_ptr<backing> in_ = make_backing(GetParam());
};

#define FOR_EACH_STORE(fixture)                                                             \
  INSTANTIATE_TEST_SUITE_P(Store, fixture,                                                  \
                           ::testing::Values(backing_kind::sqlite, backing_kind::postgres), \
                           ::testing::PrintToStringParamName())

// What is SQLite's own.
class sqlite_test : public ::testing::Test {
protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "filemint.db"; }
  [[nodiscard]] std::unique_ptr<store> open(role as = role::cli) const {
    return good(open_sqlite(file(), {.create = true, .as_node = as == role::node}));
  }
  void tamper(const char* script) const {
    auto db = good(sqlite::connection::open(file(), std::chrono::seconds(5)));
    good(db.execute(script));
  }

  temporary_directory directory_;
};

}  // namespace filemint::store
