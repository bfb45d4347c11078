#include "http/log.hpp"

#include "api/json_text.hpp"
#include "core/clock.hpp"
#include "core/redact.hpp"
#include "core/unique_fd.hpp"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace filemint::http {

namespace {

constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};

std::optional<log_level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<log_level>(i);
  }
  return std::nullopt;
}

std::string_view name_of(log_level level) {
  return level_names[static_cast<std::size_t>(level)];
}

// Holds nothing for standard output.
result<unique_fd> open_to_append(const std::filesystem::path& path) {
  if (path.empty()) return unique_fd{};
  unique_fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (file) return file;
  const std::error_code why(errno, std::generic_category());
  return fail(errc::io_failed, "cannot open the log file " + path.string() + ": " + why.message());
}

// What was written of it.
std::size_t write_all(int file, std::string_view text) noexcept {
  std::size_t written = 0;
  while (written < text.size()) {
    const auto n = ::write(file, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  return written;
}

std::string to_json(log_level level, std::string_view message, log::fields more) {
  std::string line = "{\"time\":\"";
  append_log_time(line, std::chrono::system_clock::now());
  ((line += "\",\"level\":\"") += name_of(level)) += "\",\"message\":";
  api::append_json_string(line, message);
  for (const auto& field : more) {
    ((line += ",\"") += field.name) += "\":";
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      api::append_json_string(line, *text);
    } else {
      line += std::to_string(std::get<std::int64_t>(field.value));
    }
  }
  return line += '}';
}

// Values are quoted as JSON, so that one event stays one line whatever it tells.
std::string to_text(log_level level, std::string_view message, log::fields more) {
  std::string line;
  append_log_time(line, std::chrono::system_clock::now());
  ((line += ' ') += name_of(level)) += ' ';
  for (const char c : message) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  for (const auto& field : more) {
    ((line += ' ') += field.name) += '=';
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      api::append_json_string(line, *text);
    } else {
      line += std::to_string(std::get<std::int64_t>(field.value));
    }
  }
  return line;
}

}  // namespace

// A file, or standard output where its path is empty. A full disk loses lines, not requests: what
// could not be written is counted, and a line that was cut off ends before the next one begins.
class log::output final : public spdlog::sinks::base_sink<std::mutex> {
public:
  output(std::filesystem::path path, unique_fd file)
      : path_(std::move(path)), file_(std::move(file)) {}

  result<void> open(const std::filesystem::path& path) {
    auto fresh = open_to_append(path);
    if (!fresh) return std::unexpected(fresh.error());
    struct stat about{};
    const bool is_new = *fresh && ::fstat(fresh->get(), &about) == 0 && about.st_size == 0;
    const std::lock_guard lock(mutex_);
    path_ = path;
    file_ = std::move(*fresh);
    cut_off_ = cut_off_ && !is_new;
    return {};
  }
  [[nodiscard]] std::filesystem::path path() {
    const std::lock_guard lock(mutex_);
    return path_;
  }
  [[nodiscard]] std::uint64_t lost() const noexcept {
    return lost_.load(std::memory_order_relaxed);
  }

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    const std::string_view lines(formatted.data(), formatted.size());
    if (cut_off_ && write_all(to(), "\n") == 1) cut_off_ = false;
    const auto written = cut_off_ ? 0 : write_all(to(), lines);
    const auto rest = lines.substr(written);
    if (rest.empty()) return;
    // The line whose end alone is missing is there all the same.
    const bool whole = written != 0 && rest.front() == '\n';
    const auto lines_lost = std::ranges::count(rest, '\n') - (whole ? 1 : 0);
    lost_.fetch_add(static_cast<std::uint64_t>(lines_lost), std::memory_order_relaxed);
    cut_off_ = cut_off_ || (written != 0 && lines[written - 1] != '\n');
  }
  void flush_() override {}  // nothing is held back

private:
  [[nodiscard]] int to() const noexcept { return file_ ? file_.get() : STDOUT_FILENO; }

  std::filesystem::path path_;
  unique_fd file_;
  bool cut_off_ = false;  // the last line lacks its end
  std::atomic<std::uint64_t> lost_{0};
};

void append_log_time(std::string& out, std::chrono::system_clock::time_point t) {
  const auto second = std::chrono::floor<std::chrono::seconds>(t);
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(t - second).count();
  auto text = rfc3339(second);
  text.pop_back();
  out += text;
  const auto digit = [](std::int64_t value) { return static_cast<char>('0' + value % 10); };
  out.append({'.', digit(millis / 100), digit(millis / 10), digit(millis), 'Z'});
}

result<std::unique_ptr<log>> log::open(const log_config& settings) {
  const auto level = parse_level(settings.level);
  if (!level) return fail(errc::invalid_argument, "unknown log level " + settings.level);
  auto file = open_to_append(settings.file);
  if (!file) return std::unexpected(file.error());
  std::unique_ptr<log> opened(new log);
  opened->format_ = settings.format;
  opened->output_ = std::make_shared<output>(settings.file, std::move(*file));
  opened->logger_ = std::make_unique<spdlog::logger>("filemint", opened->output_);
  opened->logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  opened->logger_->set_level(static_cast<spdlog::level::level_enum>(*level));
  return opened;
}

result<void> log::change(const log_config& settings) {
  const auto level = parse_level(settings.level);
  if (!level) return fail(errc::invalid_argument, "unknown log level " + settings.level);
  if (settings.file != output_->path()) {
    if (auto opened = output_->open(settings.file); !opened) return opened;
  }
  format_ = settings.format;
  logger_->set_level(static_cast<spdlog::level::level_enum>(*level));
  return {};
}

log::~log() = default;

void log::write(log_level level, std::string_view message, fields more) {
  const auto spdlog_level = static_cast<spdlog::level::level_enum>(level);
  if (!logger_->should_log(spdlog_level)) return;
  logger_->log(spdlog_level,
               redacted(format() == log_format::json ? to_json(level, message, more)
                                                     : to_text(level, message, more)));
}

void log::write_lines(std::string_view lines) {
  logger_->log(spdlog::level::critical, spdlog::string_view_t(lines.data(), lines.size()));
}

std::uint64_t log::lost() const noexcept {
  return output_->lost();
}

result<void> log::reopen() {
  return output_->open(output_->path());
}

}  // namespace filemint::http
