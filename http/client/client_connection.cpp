#include "http/client/client_connection.hpp"

#include "http/syntax.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <iterator>
#include <string_view>
#include <utility>

namespace filemint::http {

namespace asio = boost::asio;
using actors::fetch_fault;

namespace {

constexpr std::size_t usual_answer_bytes = 8 * 1024;

backends::remote_answer answer_of(const auto& message) {
  backends::remote_answer answer{.status = message.result_int(),
                                 .fields = {},
                                 .body = {message.body().data(), message.body().size()}};
  for (const auto& each : message) {
    answer.fields.push_back({std::string{each.name_string()}, std::string{each.value()}});
  }
  return answer;
}

// Beast takes any other coding for none (RFC 9112 §6.1).
bool is_framed_as_we_read_it(const auto& message) {
  const auto codings = message.equal_range(boost::beast::http::field::transfer_encoding);
  if (codings.first == codings.second) return true;
  return std::next(codings.first) == codings.second &&
         syntax::equals(std::string_view{codings.first->value()}, "chunked");
}

}  // namespace

client_connection::client_connection(asio::io_context& io, deadline_wheel& wheel,
                                     connection_owner& owner, client_tls* tls,
                                     std::shared_ptr<tls_session> session)
    : wheel_(wheel), owner_(owner), session_(std::move(session)), socket_(io.get_executor()) {
  if (tls != nullptr) tls_.emplace(socket_, tls->context());
  buffer_.reserve(usual_answer_bytes);
}

void client_connection::with_stream(auto&& act) {
  if (tls_) return act(*tls_);
  act(socket_);
}

// ---- opening

void client_connection::open(const backends::remote_origin& to,
                             std::vector<asio::ip::address> addresses, terms within) {
  to_ = to;
  addresses_ = std::move(addresses);
  within_ = within;
  try_next_address();
}

// At least one is left at the first call, so that the fault is told from the io_context.
void client_connection::try_next_address() {
  if (next_ == addresses_.size()) return fault(fetch_fault::unreachable);
  const asio::ip::tcp::endpoint at{addresses_[next_++], to_.port};
  error_code ignored;
  socket_.close(ignored);
  wheel_.set_in(*this, within_.connect_within);
  socket_.async_connect(at, [self = shared_from_this(), attempt = next_](error_code failed) {
    if (self->phase_ != phase::connecting || attempt != self->next_) return;
    if (failed) return self->try_next_address();
    self->connected();
  });
}

void client_connection::connected() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  if (!tls_) return opened();
  if (!client_tls::prepare(tls_->native_handle(), to_.host, *session_)) {
    return fault(fetch_fault::untrusted);
  }
  phase_ = phase::handshake;
  wheel_.set_in(*this, within_.handshake_within);
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [self = shared_from_this()](error_code failed) {
                          if (self->phase_ != phase::handshake) return;
                          if (!failed) return self->opened();
                          if (client_tls::was_untrusted(self->tls_->native_handle())) {
                            return self->fault(fetch_fault::untrusted);
                          }
                          const bool odd = failed.category() == asio::error::get_ssl_category();
                          self->fault(odd ? fetch_fault::broken : fetch_fault::unreachable);
                        });
}

void client_connection::opened() {
  phase_ = phase::ready;
  deadline_wheel::clear(*this);
  owner_.on_open(*this);
}

bool client_connection::resumed() const {
  auto* const ssl = const_cast<client_connection&>(*this).tls_->native_handle();
  return SSL_session_reused(ssl) == 1;
}

// ---- asking

void client_connection::ask(job_ptr what) {
  phase_ = phase::asked;
  deadline_wheel::clear(*this);
  job = std::move(what);
  sending_ = job;
  interim_answers_ = 0;
  begin_answer();
  const std::array<asio::const_buffer, 2> all{asio::buffer(job->head),
                                              asio::buffer(job->request.body)};
  with_stream([&](auto& stream) {
    asio::async_write(stream, all, [self = shared_from_this()](error_code failed, std::size_t) {
      self->sending_.reset();
      if (self->phase_ != phase::asked) return;
      if (failed) return self->fault(fetch_fault::broken);
      self->read_answer();
    });
  });
}

bool client_connection::answer_begun() const {
  return interim_answers_ > 0 || buffer_.size() > 0 || (parser_ && parser_->got_some());
}

void client_connection::begin_answer() {
  parser_.emplace();
  parser_->header_limit(max_head_bytes);
  parser_->body_limit(job->terms.max_body_bytes);
  parser_->skip(job->request.method == "HEAD");
}

void client_connection::read_answer() {
  with_stream([&](auto& stream) {
    boost::beast::http::async_read(
        stream, buffer_, *parser_,
        [self = shared_from_this()](error_code failed, std::size_t) { self->on_read(failed); });
  });
}

void client_connection::on_read(error_code failed) {
  if (phase_ != phase::asked) return;
  if (failed) return fault(fetch_fault::broken);
  const auto status = parser_->get().result_int();
  if (status / 100 == 1) {
    if (status == 101 || ++interim_answers_ > max_interim_answers) {
      return fault(fetch_fault::broken);
    }
    begin_answer();
    return read_answer();
  }
  if (status < 200 || status > 599 || !is_framed_as_we_read_it(parser_->get())) {
    return fault(fetch_fault::broken);
  }
  // More bytes than the answer has would be taken for the next one's.
  const bool reusable = parser_->keep_alive() && buffer_.size() == 0;
  auto answer = answer_of(parser_->get());
  parser_.reset();
  phase_ = phase::ready;
  owner_.on_answer(*this, std::move(answer), reusable);
}

// ---- resting and ending

void client_connection::rest(std::chrono::milliseconds most) {
  wheel_.set_in(*this, most);
}

bool client_connection::is_stale() {
  char byte = 0;
  const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void client_connection::on_deadline() {
  if (phase_ == phase::connecting) return try_next_address();
  if (phase_ == phase::handshake) return fault(fetch_fault::unreachable);
  owner_.on_rested(*this);
}

void client_connection::close() {
  if (phase_ == phase::ready && tls_) client_tls::end_well(tls_->native_handle());
  phase_ = phase::closed;
  deadline_wheel::clear(*this);
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace filemint::http
