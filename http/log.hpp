// Where the node's log goes: standard output or a file, as JSON lines or readable text, by spdlog.
// Never a key, token, query or signature: whoever writes here sees to that, and core/redact
// beneath.
#pragma once

#include "core/config/config.hpp"
#include "core/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace spdlog {
class logger;
}

namespace filemint::http {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };

// 2026-01-01T00:05:00.123Z
void append_log_time(std::string& out, std::chrono::system_clock::time_point t);

// Thread safe. A call takes a lock and writes: for what happens seldom. Requests go through
// access_log.
class log {
public:
  struct field {
    std::string_view name;  // of [a-z_]
    std::variant<std::string_view, std::int64_t> value;
  };
  using fields = std::initializer_list<field>;

  // Errors: io_failed (the file cannot be opened), invalid_argument (an unknown level).
  [[nodiscard]] static result<std::unique_ptr<log>> open(const log_config& settings);
  ~log();
  log(const log&) = delete;
  log& operator=(const log&) = delete;

  void write(log_level level, std::string_view message, fields more = {});
  void debug(std::string_view message, fields more = {}) { write(log_level::debug, message, more); }
  void info(std::string_view message, fields more = {}) { write(log_level::info, message, more); }
  void warn(std::string_view message, fields more = {}) { write(log_level::warn, message, more); }
  void error(std::string_view message, fields more = {}) { write(log_level::error, message, more); }

  // Whole lines as they stand, whatever the level; without the last line's end.
  void write_lines(std::string_view lines);

  // Goes on by other settings. Errors as open's: then nothing has changed.
  result<void> change(const log_config& settings);
  // After the file was moved away: goes on in a new one of its name. Nothing for standard output.
  // When that fails, what was open stays in use and the error (io_failed) tells why.
  result<void> reopen();

  // Lines that could not be written: a full disk, a pipe that is gone.
  [[nodiscard]] std::uint64_t lost() const noexcept;

  [[nodiscard]] log_format format() const noexcept { return format_.load(); }

private:
  class output;
  log() = default;

  std::atomic<log_format> format_ = log_format::json;
  std::shared_ptr<output> output_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace filemint::http
