#include "src/cli/show.hpp"

#include "core/config/scalar.hpp"
#include "src/cli/console.hpp"

#include <cstdio>

namespace filemint::cli {

std::string show_time(std::optional<wall_time> time, std::string_view otherwise) {
  return time ? rfc3339(*time) : std::string{otherwise};
}

json time_json(std::optional<wall_time> time) {
  return time ? json(rfc3339(*time)) : json();
}

void print_json(const json& value) {
  print_line(value.dump(2, ' ', false, json::error_handler_t::replace));
}

std::optional<wall_time> read_time(std::string_view text) {
  constexpr std::uint64_t end_of_year_9999 = 253'402'300'799;
  if (const auto seconds = read_count(text); seconds && *seconds <= end_of_year_9999) {
    return wall_time{std::chrono::seconds{*seconds}};
  }
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const std::string copy{text};
  std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ", &year, &month, &day, &hour, &minute,
              &second);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return {};
  const auto time = std::chrono::sys_days{date} + std::chrono::hours{hour} +
                    std::chrono::minutes{minute} + std::chrono::seconds{second};
  if (rfc3339(time) != text) return {};
  return time;
}

}  // namespace filemint::cli
