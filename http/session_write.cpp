// Answers out: head and body gathered in one write, a file block by block as the client takes it.
#include "http/session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace filemint::http {

namespace asio = boost::asio;

namespace {

// What goes behind its head in one buffer: one is sent for less than two gathered ones.
constexpr std::size_t largest_joined_body = 512;

// The more is unsent, the smaller the blocks of files that begin: connections run out before the
// answers' room does, and who reads slowly by the thousand leaves minting calls theirs.
std::size_t most_block_bytes(const actors::load_meter& load) noexcept {
  constexpr std::size_t kib = 1024;
  const auto unsent = load.total(actors::load_kind::answer_bytes);
  const auto limit = load.limit(actors::load_kind::answer_bytes);
  if (unsent < limit / 4) return file_reader::max_block_bytes;
  return unsent < limit / 2 ? 32 * kib : 4 * kib;
}

}  // namespace

void session::answer(reply r) {
  if (state_ == state::closed) return;
  reply_ = std::move(r);
  reply_.head_only = reply_.head_only || method_ == verb::head;
  if (!take_room_for_block()) reply_ = error_reply(error{errc::service_unavailable});
  reply_.fields += cors_;
  keep_alive_ = keep_alive_ && !reply_.close && !services_.draining && rest_can_be_dropped();
  state_ = state::writing;
  answered_ = mono_clock::now();

  out_.clear();
  append_head(out_, reply_,
              {.request_id = id_,
               .date = services_.date.at(services_.core.node.now().wall),
               .keep_alive = keep_alive_,
               .minor_version = minor_version_});
  out_sent_ = 0;
  written_ = 0;
  checkpoint_.reset();
  rest_ = {};
  if (reply_.head_only) {
    reply_.body = std::string{};
  } else if (const auto* text = std::get_if<std::string>(&reply_.body)) {
    rest_ = *text;
  } else if (const auto* bytes = std::get_if<byte_buffer>(&reply_.body)) {
    rest_ = {bytes->data.get(), bytes->size};
  } else if (const auto* fixed = std::get_if<static_body>(&reply_.body)) {
    rest_ = fixed->bytes;
  }
  if (rest_.size() <= largest_joined_body) {
    out_ += rest_;
    rest_ = {};
  }
  write_some();
}

// False: a file's current block would go beyond what the node holds of unsent answers.
bool session::take_room_for_block() {
  const auto* file = std::get_if<file_body>(&reply_.body);
  if (file == nullptr || reply_.head_only) return true;
  auto& load = services_.core.node.load;
  const auto bytes = std::min<std::uint64_t>(file->length, most_block_bytes(load));
  auto room = load.take(actors::load_kind::answer_bytes, services_.core.core,
                        static_cast<std::size_t>(bytes));
  if (!room) return false;
  trail_.answer_bytes = std::move(*room);
  return true;
}

void session::write_some() {
  while (out_sent_ < out_.size() || !rest_.empty()) {
    const auto head = std::string_view{out_}.substr(out_sent_);
    const auto [step, n] = transport_.write(head, rest_);
    if (step == io_step::would_block) {
      if (!checkpoint_) renew_write_deadline();
      transport_.wait_write([self = shared_from_this()] {
        if (self->state_ != state::closed) self->write_some();
      });
      return;
    }
    if (step == io_step::ended) return close();
    written_ += n;
    const auto of_head = std::min(n, head.size());
    out_sent_ += of_head;
    rest_.remove_prefix(n - of_head);
  }
  if (const auto* file = std::get_if<file_body>(&reply_.body);
      file != nullptr && file->length != 0) {
    return read_file_block();
  }
  finish_answer();
}

// How much of this answer its side has acknowledged; negative while there is still an earlier one
// on its way. What could be written says little: the system takes some hundred KiB at once, and
// then nothing until a third of that has gone.
std::int64_t session::taken_by_client() {
  return static_cast<std::int64_t>(written_) - transport_.unacknowledged();
}

void session::renew_write_deadline() {
  checkpoint_ = taken_by_client();
  set_deadline(write_check_interval);
}

void session::read_file_block() {
  set_deadline(services_.settings().http.request_deadline);  // the disk's
  auto next = std::get<file_body>(reply_.body);
  next.length = std::min<std::uint64_t>(next.length, trail_.answer_bytes.amount());
  services_.files.read(next, [self = shared_from_this()](result<std::string> block) {
    asio::post(self->services_.io, [self, block = std::move(block)]() mutable {
      self->send_file_block(std::move(block));
    });
  });
}

void session::send_file_block(result<std::string> block) {
  if (state_ == state::closed) return;
  // Unreadable, or it shrank: the promised length can't be kept.
  if (!block || block->empty()) return close();
  auto& file = std::get<file_body>(reply_.body);
  file.offset += block->size();
  file.length -= block->size();
  block_ = std::move(*block);
  rest_ = block_;
  renew_write_deadline();
  write_some();
}

void session::finish_answer() {
  state_ = state::idle;
  record();
  count_end();
  reply_ = {};
  trail_ = {};
  std::string{}.swap(block_);
  if (!keep_alive_) {
    if (!intake_.done() || in_.size() > used_) return linger();
    return close();
  }
  if (intake_.done()) return next_request();
  set_deadline(std::chrono::seconds{5});
  discard({});
}

}  // namespace filemint::http
