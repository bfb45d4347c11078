#include "store/postgres/connection.hpp"

#include <endian.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace filemint::store::postgres {
namespace {

using clock = std::chrono::steady_clock;

// libpq's binary form of numbers, of any width.
class result_row final : public row {
public:
  explicit result_row(const PGresult* of) noexcept : of_(of) {}

  [[nodiscard]] bool is_null(int column) const noexcept override {
    return PQgetisnull(of_, 0, column) != 0;
  }
  [[nodiscard]] std::int64_t integer(int column) const noexcept override {
    const auto bytes = text(column);
    std::uint64_t number = 0;
    for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
    return bytes.size() == 4 ? static_cast<std::int32_t>(number)
                             : static_cast<std::int64_t>(number);
  }
  [[nodiscard]] std::string_view text(int column) const noexcept override {
    return {PQgetvalue(of_, 0, column), static_cast<std::size_t>(PQgetlength(of_, 0, column))};
  }
  [[nodiscard]] blob bytes(int column) const noexcept override {
    const auto held = text(column);
    return {reinterpret_cast<const std::uint8_t*>(held.data()), held.size()};
  }

private:
  const PGresult* of_;
};

// Parameters as libpq takes them, all in their binary form.
class parameters {
public:
  explicit parameters(std::span<const value> values) : numbers_(values.size()) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::visit([&](const auto& held) { add(i, held); }, values[i].held());
    }
    formats_.assign(values.size(), 1);
  }
  [[nodiscard]] int send(PGconn* on, const char* sql) const {
    return PQsendQueryParams(on, sql, static_cast<int>(types_.size()), types_.data(),
                             values_.data(), lengths_.data(), formats_.data(), 1);
  }

private:
  // Of the server's catalogue, where their numbers are fixed.
  static constexpr Oid any_type = 0, bytea_type = 17, int8_type = 20, text_type = 25;

  void add(std::size_t, std::monostate) { add(any_type, nullptr, 0); }
  void add(std::size_t at, std::int64_t number) {
    numbers_[at] = htobe64(static_cast<std::uint64_t>(number));
    add(int8_type, reinterpret_cast<const char*>(&numbers_[at]), sizeof numbers_[at]);
  }
  void add(std::size_t, std::string_view text) { add(text_type, text.data(), text.size()); }
  void add(std::size_t, path_text text) { add(bytea_type, text.bytes.data(), text.bytes.size()); }
  void add(std::size_t, blob bytes) {
    add(bytea_type, reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void add(Oid type, const char* bytes, std::size_t size) {
    types_.push_back(type);
    values_.push_back(bytes == nullptr && type != any_type ? "" : bytes);
    lengths_.push_back(static_cast<int>(size));
  }

  std::vector<std::uint64_t> numbers_;
  std::vector<Oid> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
};

int remaining(clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left.count()));
}

}  // namespace

result<connection> connection::open(const conninfo& to) {
  connection made(PQconnectdbParams(to.keywords().data(), to.values().data(), 0), to);
  auto* handle = made.handle_.get();
  if (handle == nullptr) return fail(errc::store_failed, "the store failed: out of memory");
  if (PQstatus(handle) != CONNECTION_OK) {
    return fail(errc::service_unavailable,
                "the store can't be reached: " + to.cleared(PQerrorMessage(handle)));
  }
  PQsetnonblocking(handle, 1);
  PQsetNoticeProcessor(handle, [](void*, const char*) {}, nullptr);  // else they go to stderr
  return made;
}

// A server that has closed has said why before: the end comes only after that.
bool connection::is_open() noexcept {
  while (handle_) {
    pollfd waited{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
    if (::poll(&waited, 1, 0) <= 0) return true;
    if (PQconsumeInput(handle_.get()) == 0) handle_.reset();
  }
  return false;
}

std::unexpected<error> connection::lost_error() const {
  return fail(errc::service_unavailable, "the connection to the store is lost");
}

std::unexpected<error> connection::lose(std::string_view why) {
  auto words = "the store can't be reached: " + to_->cleared(why);
  handle_.reset();
  return fail(errc::service_unavailable, std::move(words));
}

result<void> connection::await_socket(short events) {
  const auto until = clock::now() + silence_;
  for (;;) {
    pollfd waited{.fd = PQsocket(handle_.get()), .events = events, .revents = 0};
    const int ready = ::poll(&waited, 1, remaining(until));
    if (ready > 0) return {};
    if (ready == 0) return lose("it does not answer");
    if (errno != EINTR) return lose(std::strerror(errno));
  }
}

result<void> connection::flush() {
  for (;;) {
    const int left = PQflush(handle_.get());
    if (left == 0) return {};
    if (left < 0) return lose(PQerrorMessage(handle_.get()));
    if (auto ready = await_socket(POLLIN | POLLOUT); !ready) return ready;
    if (PQconsumeInput(handle_.get()) == 0) return lose(PQerrorMessage(handle_.get()));
  }
}

result<connection::result_ptr> connection::next_result() {
  while (PQisBusy(handle_.get()) != 0) {
    if (auto ready = await_socket(POLLIN); !ready) return std::unexpected(ready.error());
    if (PQconsumeInput(handle_.get()) == 0) return lose(PQerrorMessage(handle_.get()));
  }
  return result_ptr(PQgetResult(handle_.get()));
}

std::unexpected<error> connection::failure(const PGresult* failed) {
  const auto field = [&](int which) -> std::string_view {
    const char* text = PQresultErrorField(failed, which);
    return text == nullptr ? std::string_view() : text;
  };
  const auto state = field(PG_DIAG_SQLSTATE);
  if (PQstatus(handle_.get()) != CONNECTION_OK) return lose(PQerrorMessage(handle_.get()));
  const auto words = to_->cleared(field(PG_DIAG_MESSAGE_PRIMARY));
  if (state.starts_with("57P")) return lose(words);  // it is shutting down
  if (state == "25006") return lose(words);          // it has become a standby
  if (state.starts_with("53")) {
    return fail(errc::store_full, "the store is full: no room is left on its disk (" + words + ")");
  }
  if (state == "22021" || state == "22P05") {
    return fail(errc::invalid_argument, "the store takes UTF-8 text alone");
  }
  if (state == "55P03") {
    return fail(errc::store_failed, "the store is busy: another process is writing to it");
  }
  return fail(errc::store_failed, "the store failed: " + words);
}

result<std::uint64_t> connection::execute(std::string_view sql, std::span<const value> values,
                                          const database::visitor& visit) {
  if (!handle_) return lost_error();
  if (parameters(values).send(handle_.get(), std::string(sql).c_str()) == 0 ||
      PQsetSingleRowMode(handle_.get()) == 0) {
    return lose(PQerrorMessage(handle_.get()));
  }
  if (auto sent = flush(); !sent) return std::unexpected(sent.error());
  try {
    return take_results(visit);
  } catch (...) {
    handle_.reset();  // with rows underway that nobody will look at
    throw;
  }
}

result<std::uint64_t> connection::take_results(const database::visitor& visit) {
  std::uint64_t changed = 0;
  std::optional<error> failed;
  for (;;) {
    auto next = next_result();
    if (!next) return std::unexpected(std::move(next.error()));
    if (!*next) break;
    switch (PQresultStatus(next->get())) {
      case PGRES_SINGLE_TUPLE:
        visit(result_row(next->get()));
        break;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        changed = std::strtoull(PQcmdTuples(next->get()), nullptr, 10);
        break;
      default:
        failed = failure(next->get()).error();
        if (!handle_) return std::unexpected(*std::move(failed));
    }
  }
  if (failed) return std::unexpected(*std::move(failed));
  return changed;
}

result<std::string> connection::run_script(const char* script) {
  if (!handle_) return lost_error();
  if (PQsendQuery(handle_.get(), script) == 0) return lose(PQerrorMessage(handle_.get()));
  if (auto sent = flush(); !sent) return std::unexpected(sent.error());
  std::string tag;
  std::optional<error> failed;
  for (;;) {
    auto next = next_result();
    if (!next) return std::unexpected(std::move(next.error()));
    if (!*next) break;
    const auto status = PQresultStatus(next->get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      tag = PQcmdStatus(next->get());
      continue;
    }
    failed = failure(next->get()).error();
    if (!handle_) break;
  }
  if (failed) return std::unexpected(*std::move(failed));
  return tag;
}

bool connection::take_notices() noexcept {
  bool any = false;
  for (PGnotify* each = nullptr; (each = PQnotifies(handle_.get())) != nullptr; PQfreemem(each)) {
    any = true;
  }
  return any;
}

bool connection::await_notice(std::chrono::milliseconds most, int wake_fd) noexcept {
  const auto until = clock::now() + most;
  while (is_open()) {
    if (take_notices()) return true;
    std::array<pollfd, 2> waited{
        pollfd{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0},
        pollfd{.fd = wake_fd, .events = POLLIN, .revents = 0}};
    const int ready = ::poll(waited.data(), waited.size(), remaining(until));
    if (ready == 0 || (ready > 0 && waited[1].revents != 0)) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

}  // namespace filemint::store::postgres
