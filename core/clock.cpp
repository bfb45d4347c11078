#include "core/clock.hpp"

#include <algorithm>
#include <array>

namespace filemint {
namespace {

// Decimal digits from text[at] on, the last `width` of them.
void put(std::string& text, std::size_t at, std::size_t width, unsigned value) {
  for (auto i = at + width; i-- > at; value /= 10) text[i] = static_cast<char>('0' + value % 10);
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string rfc3339(wall_time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{t - day};
  std::string text = "0000-00-00T00:00:00Z";
  put(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(text, 5, 2, static_cast<unsigned>(date.month()));
  put(text, 8, 2, static_cast<unsigned>(date.day()));
  put(text, 11, 2, static_cast<unsigned>(time.hours().count()));
  put(text, 14, 2, static_cast<unsigned>(time.minutes().count()));
  put(text, 17, 2, static_cast<unsigned>(time.seconds().count()));
  return text;
}

std::optional<wall_time> parse_rfc3339(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() <= form.size() || text.back() != 'Z') return std::nullopt;
  auto fraction = text.substr(form.size(), text.size() - form.size() - 1);
  if (fraction.starts_with('.')) {
    fraction.remove_prefix(1);
    if (fraction.empty() || !std::ranges::all_of(fraction, is_digit)) return std::nullopt;
  } else if (!fraction.empty()) {
    return std::nullopt;
  }
  std::array<int, 6> parts{};  // year to second
  std::size_t part = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '0') {
      if (text[i] != form[i]) return std::nullopt;
      ++part;
    } else if (is_digit(text[i])) {
      parts[part] = parts[part] * 10 + (text[i] - '0');
    } else {
      return std::nullopt;
    }
  }
  const auto [year, month, day, hour, minute, second] = parts;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

}  // namespace filemint
