#include "store/postgres/conninfo.hpp"

#include "core/secret.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace filemint::store::postgres {
namespace {

// A server that is there answers in milliseconds; a silent network must not hold a thread for long.
constexpr std::pair<std::string_view, std::string_view> defaults[] = {
    {"connect_timeout", "3"},      {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},  {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"}, {"fallback_application_name", "filemint"},
};

bool is_secret(std::string_view keyword) {
  return keyword == "password" || keyword == "sslpassword";
}

}  // namespace

conninfo::~conninfo() {
  for (auto& [keyword, value] : entries_) wipe(value);
}

result<conninfo> conninfo::parse(std::string_view text) {
  struct free_options {
    void operator()(PQconninfoOption* all) const noexcept { PQconninfoFree(all); }
  };
  std::string copy(text);
  char* words = nullptr;
  const std::unique_ptr<PQconninfoOption, free_options> all(PQconninfoParse(copy.c_str(), &words));
  wipe(copy);
  PQfreemem(words);  // they may quote what was given: a part of a password
  if (!all) {
    return fail(errc::invalid_argument,
                "it is no connection string of PostgreSQL: neither postgresql://… nor key=value");
  }
  conninfo made;
  for (const auto* each = all.get(); each->keyword != nullptr; ++each) {
    if (each->val != nullptr && *each->val != '\0')
      made.entries_.emplace_back(each->keyword, each->val);
  }
  for (const auto& [keyword, value] : defaults) made.set_default(keyword, value);
  made.set_default("client_encoding", "UTF8");
  return made;
}

void conninfo::set_default(std::string_view keyword, std::string_view value) {
  if (std::ranges::find(entries_, keyword, &decltype(entries_)::value_type::first) ==
      entries_.end()) {
    entries_.emplace_back(keyword, value);
  }
}

std::vector<const char*> conninfo::keywords() const {
  std::vector<const char*> all;
  for (const auto& [keyword, value] : entries_) all.push_back(keyword.c_str());
  all.push_back(nullptr);
  return all;
}

std::vector<const char*> conninfo::values() const {
  std::vector<const char*> all;
  for (const auto& [keyword, value] : entries_) all.push_back(value.c_str());
  all.push_back(nullptr);
  return all;
}

std::string conninfo::cleared(std::string_view words) const {
  std::string line;
  for (const char c : words) {
    if (c != '\n') {
      line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    } else if (!line.empty() && !line.ends_with(' ')) {
      line += "; ";
    }
  }
  while (line.ends_with(' ') || line.ends_with(';')) line.pop_back();
  for (const auto& [keyword, value] : entries_) {
    if (!is_secret(keyword)) continue;
    for (auto at = line.find(value); at != std::string::npos; at = line.find(value, at)) {
      line.replace(at, value.size(), "…");
    }
  }
  return line;
}

}  // namespace filemint::store::postgres
