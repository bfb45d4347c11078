#include "http/log.hpp"

#include "api/json_text.hpp"
#include "core/clock.hpp"
#include "core/redact.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <cerrno>
#include <cstdio>
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

struct closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using file_ptr = std::unique_ptr<std::FILE, closer>;

// Null for standard output.
result<file_ptr> open_to_append(const std::filesystem::path& path) {
  if (path.empty()) return file_ptr{};
  file_ptr file(std::fopen(path.c_str(), "ae"));
  if (file) return file;
  const std::error_code why(errno, std::generic_category());
  return fail(errc::io_failed, "cannot open the log file " + path.string() + ": " + why.message());
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

// A file, or standard output where its path is empty.
class log::output final : public spdlog::sinks::base_sink<std::mutex> {
public:
  output(std::filesystem::path path, file_ptr file)
      : path_(std::move(path)), file_(std::move(file)) {}

  result<void> open(const std::filesystem::path& path) {
    auto fresh = open_to_append(path);
    if (!fresh) return std::unexpected(fresh.error());
    const std::lock_guard lock(mutex_);
    path_ = path;
    file_ = std::move(*fresh);
    return {};
  }
  [[nodiscard]] std::filesystem::path path() {
    const std::lock_guard lock(mutex_);
    return path_;
  }

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    std::fwrite(line.data(), 1, line.size(), to());  // a full disk loses lines, not requests
  }
  void flush_() override { std::fflush(to()); }

private:
  [[nodiscard]] std::FILE* to() const noexcept { return file_ ? file_.get() : stdout; }

  std::filesystem::path path_;
  file_ptr file_;
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
  opened->logger_->flush_on(spdlog::level::trace);
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

result<void> log::reopen() {
  return output_->open(output_->path());
}

}  // namespace filemint::http
