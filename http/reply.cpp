#include "http/reply.hpp"

#include "api/error_catalogue.hpp"
#include "api/write_error.hpp"
#include "http/append_field.hpp"

#include <algorithm>
#include <charconv>

namespace filemint::http {

namespace {

std::string_view status_line(unsigned status) noexcept {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 206:
      return "HTTP/1.1 206 Partial Content\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
      return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 416:
      return "HTTP/1.1 416 Range Not Satisfiable\r\n";
    case 422:
      return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    case 504:
      return "HTTP/1.1 504 Gateway Timeout\r\n";
    default:
      return "HTTP/1.1 500 Internal Server Error\r\n";
  }
}

// RFC 6750 §3: an error is told only to whoever gave a credential.
std::string_view challenge(errc code) noexcept {
  switch (code) {
    case errc::unauthorized:
      return "WWW-Authenticate: Bearer\r\n";
    case errc::expired_api_key:
      return "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The API key "
             "has expired.\"\r\n";
    case errc::expired_access_token:
      return "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The access "
             "token has "
             "expired.\"\r\n";
    default:
      return "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
  }
}

// The fields of a minting call's answer, so that they are allocated once.
constexpr std::size_t usual_fields = 320;

std::int64_t seconds_to_wait(const error& e) noexcept {
  for (const auto& detail : e.details) {
    const auto* seconds = std::get_if<std::int64_t>(&detail.value);
    if (detail.name == "retry_after_seconds" && seconds) return std::max<std::int64_t>(1, *seconds);
  }
  return 1;
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

}  // namespace

reply error_reply(const error& e) {
  const auto& entry = api::catalogue(e.code);
  reply r;
  r.status = entry.status;
  r.code = entry.code;
  r.body = api::write_error(e);
  r.close = e.code == errc::bad_request;
  if (entry.status == 429) r.fields.reserve(usual_fields);
  if (entry.status == 401) r.fields += challenge(e.code);
  if (entry.status == 429 || entry.status == 503) {
    append_field(r.fields, "Retry-After", std::to_string(seconds_to_wait(e)));
  }
  return r;
}

reply success_reply(std::string_view data) {
  std::string body = R"({"success":true,"data":)";
  body += data;
  body += '}';
  reply r;
  r.body = std::move(body);
  return r;
}

std::uint64_t body_size(const reply& r) noexcept {
  if (const auto* text = std::get_if<std::string>(&r.body)) return text->size();
  if (const auto* bytes = std::get_if<byte_buffer>(&r.body)) return bytes->size;
  if (const auto* fixed = std::get_if<static_body>(&r.body)) return fixed->bytes.size();
  return std::get<file_body>(r.body).length;
}

void append_head(std::string& out, const reply& r, const answer_terms& terms) {
  out.reserve(out.size() + r.fields.size() + 512);
  out += status_line(r.status);
  append_field(out, "Date", terms.date);
  if (!r.content_type.empty()) append_field(out, "Content-Type", r.content_type);
  if (r.status != 204 && r.status != 304) {
    out += "Content-Length: ";
    append_number(out, body_size(r));
    out += "\r\n";
  }
  append_field(out, "X-Request-Id", terms.request_id);
  out += r.fields;
  if (r.close || !terms.keep_alive) {
    out += "Connection: close\r\n\r\n";
  } else if (terms.minor_version == 0) {
    out += "Connection: keep-alive\r\n\r\n";
  } else {
    out += "\r\n";
  }
}

}  // namespace filemint::http
