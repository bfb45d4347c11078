#include "core/http_date.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>

namespace filemint {

namespace {

namespace chr = std::chrono;

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_day_names{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Reads a date from left to right; the first thing that is not there spoils the whole.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  void literal(std::string_view text) {
    if (!rest_.starts_with(text)) return spoil();
    rest_.remove_prefix(text.size());
  }

  template <std::size_t N>
  unsigned one_of(const std::array<std::string_view, N>& names) {
    for (unsigned i = 0; i < N; ++i) {
      if (!rest_.starts_with(names[i])) continue;
      rest_.remove_prefix(names[i].size());
      return i;
    }
    spoil();
    return 0;
  }

  unsigned number(std::size_t digits) {
    unsigned value = 0;
    const auto text = rest_.substr(0, digits);
    if (text.size() < digits || text.find_first_not_of("0123456789") != text.npos)
      return spoil(), 0;
    std::from_chars(text.begin(), text.end(), value);
    rest_.remove_prefix(digits);
    return value;
  }

  bool next_is(char c) const { return rest_.starts_with(c); }
  bool done() const { return sound_ && rest_.empty(); }

private:
  void spoil() {
    sound_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool sound_ = true;
};

struct parts {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

void read_time(reader& in, parts& p) {
  p.hour = in.number(2);
  in.literal(":");
  p.minute = in.number(2);
  in.literal(":");
  p.second = in.number(2);
}

std::optional<wall_time> to_time(const reader& in, const parts& p) {
  const chr::year_month_day date{chr::year{static_cast<int>(p.year)}, chr::month{p.month + 1},
                                 chr::day{p.day}};
  if (!in.done() || !date.ok() || p.hour > 23 || p.minute > 59 || p.second > 60)
    return std::nullopt;
  return chr::sys_days{date} + chr::hours{p.hour} + chr::minutes{p.minute} + chr::seconds{p.second};
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<wall_time> parse_fixed(std::string_view text) {
  reader in(text);
  parts p;
  in.one_of(day_names);
  in.literal(", ");
  p.day = in.number(2);
  in.literal(" ");
  p.month = in.one_of(month_names);
  in.literal(" ");
  p.year = in.number(4);
  in.literal(" ");
  read_time(in, p);
  in.literal(" GMT");
  return to_time(in, p);
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<wall_time> parse_rfc850(std::string_view text, wall_time now) {
  reader in(text);
  parts p;
  in.one_of(long_day_names);
  in.literal(", ");
  p.day = in.number(2);
  in.literal("-");
  p.month = in.one_of(month_names);
  in.literal("-");
  const auto two_digits = in.number(2);
  in.literal(" ");
  read_time(in, p);
  in.literal(" GMT");
  const chr::year_month_day today{chr::floor<chr::days>(now)};
  const auto this_year = static_cast<unsigned>(static_cast<int>(today.year()));
  p.year = this_year - this_year % 100 + two_digits;
  if (p.year > this_year + 50) p.year -= 100;
  return to_time(in, p);
}

// Sun Nov  6 08:49:37 1994
std::optional<wall_time> parse_asctime(std::string_view text) {
  reader in(text);
  parts p;
  in.one_of(day_names);
  in.literal(" ");
  p.month = in.one_of(month_names);
  in.literal(" ");
  if (in.next_is(' ')) {
    in.literal(" ");
    p.day = in.number(1);
  } else {
    p.day = in.number(2);
  }
  in.literal(" ");
  read_time(in, p);
  in.literal(" ");
  p.year = in.number(4);
  return to_time(in, p);
}

}  // namespace

std::string format_http_date(wall_time t) {
  const auto midnight = chr::floor<chr::days>(t);
  const chr::year_month_day date{midnight};
  const chr::hh_mm_ss time{t - midnight};
  const auto day = day_names[chr::weekday{midnight}.c_encoding()];
  const auto month = month_names[static_cast<unsigned>(date.month()) - 1];
  char text[64];
  const int size = std::snprintf(
      text, sizeof text, "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT", day.data(),
      static_cast<unsigned>(date.day()), month.data(), static_cast<int>(date.year()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return {text, static_cast<std::size_t>(size)};
}

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) {
  if (auto fixed = parse_fixed(text)) return fixed;
  if (auto old = parse_rfc850(text, now)) return old;
  return parse_asctime(text);
}

}  // namespace filemint
