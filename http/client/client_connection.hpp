// One connection to a storage or a cloud: opened over the host's addresses one after the other, in
// plaintext or under TLS, then asked one thing after the other (HTTP/1.1, RFC 9112).
#pragma once

#include "actors/fetcher.hpp"
#include "http/client/client_tls.hpp"
#include "http/client/fetch_job.hpp"
#include "http/client/wiping_allocator.hpp"
#include "http/deadline_wheel.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace filemint::http {

// Never called from within a call to the connection, and never after close().
class connection_owner {
public:
  virtual void on_open(client_connection& which) = 0;
  // It is of no use any more. `job` is still there where it was asked something.
  virtual void on_fault(client_connection& which, actors::fetch_fault fault) = 0;
  virtual void on_answer(client_connection& which, backends::remote_answer answer,
                         bool reusable) = 0;
  virtual void on_rested(client_connection& which) = 0;  // for long enough

protected:
  ~connection_owner() = default;
};

// On its io_context's one thread.
class client_connection final : public std::enable_shared_from_this<client_connection>,
                                public timed {
public:
  static constexpr std::size_t max_head_bytes = 32 * 1024;
  static constexpr int max_interim_answers = 16;  // 1xx (RFC 9110 §15.2), passed over

  struct terms {
    std::chrono::milliseconds connect_within;  // each address
    std::chrono::milliseconds handshake_within;
  };

  // `tls` null: plaintext; else it and `session` outlive the connection.
  client_connection(boost::asio::io_context& io, deadline_wheel& wheel, connection_owner& owner,
                    client_tls* tls, std::shared_ptr<tls_session> session);

  void open(const backends::remote_origin& to, std::vector<boost::asio::ip::address> addresses,
            terms within);
  // Where it leads to, once it is open.
  [[nodiscard]] const boost::asio::ip::address& reached() const { return addresses_[next_ - 1]; }
  [[nodiscard]] bool resumed() const;  // TLS began with a session kept from before

  void ask(job_ptr what);
  // Some of the answer has come.
  [[nodiscard]] bool answer_begun() const;

  // Tells on_rested after that time without a question.
  void rest(std::chrono::milliseconds most);
  // What rested has been closed by the server, or has sent what nobody asked for.
  [[nodiscard]] bool is_stale();

  void close();

  job_ptr job;  // what it was asked last; the owner takes it away

private:
  using executor = boost::asio::io_context::executor_type;
  using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;
  using error_code = boost::system::error_code;
  using body =
      boost::beast::http::basic_string_body<char, std::char_traits<char>, wiping_allocator<char>>;
  enum class phase { connecting, handshake, ready, asked, closed };

  void try_next_address();
  void connected();
  void opened();
  void begin_answer();
  void read_answer();
  void on_read(error_code failed);
  void fault(actors::fetch_fault why) { owner_.on_fault(*this, why); }
  void on_deadline() override;
  void with_stream(auto&& act);

  deadline_wheel& wheel_;
  connection_owner& owner_;
  const std::shared_ptr<tls_session> session_;
  tcp_socket socket_;
  std::optional<boost::asio::ssl::stream<tcp_socket&>> tls_;
  phase phase_ = phase::connecting;

  backends::remote_origin to_;
  std::vector<boost::asio::ip::address> addresses_;
  std::size_t next_ = 0;  // of them
  terms within_{};

  job_ptr sending_;  // whose bytes may still be sent
  boost::beast::basic_flat_buffer<wiping_allocator<char>> buffer_{2 * max_head_bytes};
  std::optional<boost::beast::http::response_parser<body>> parser_;
  int interim_answers_ = 0;
};

}  // namespace filemint::http
