#include "http/routes/files.hpp"

#include "api/attachments.hpp"
#include "api/percent.hpp"
#include "core/http_date.hpp"
#include "http/append_field.hpp"
#include "http/conditional.hpp"
#include "http/content_type.hpp"
#include "http/routes/access.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace filemint::http {

namespace {

// What the answer needs of the request once the file is open.
struct download {
  std::string path;
  conditions asked;
  wall_time now;
  std::chrono::seconds token_life;
  std::optional<std::string> file_name;  // to be saved under
};

representation describe(const opened_file& file, wall_time now) {
  char etag[64];
  const int size = std::snprintf(etag, sizeof etag, "\"%llx-%llx-%llx.%llx\"",
                                 static_cast<unsigned long long>(file.inode),
                                 static_cast<unsigned long long>(file.size),
                                 static_cast<unsigned long long>(file.modified_seconds),
                                 static_cast<unsigned long long>(file.modified_nanoseconds));
  const wall_time modified{std::chrono::seconds{file.modified_seconds}};
  // A date ahead of ours must not be told (RFC 9110 §8.8.2.1).
  return {file.size, {etag, static_cast<std::size_t>(size)}, std::min(modified, now)};
}

// Stored files are strangers' content on our origin, and their URLs carry a token.
void append_protection(std::string& fields) {
  append_field(fields, "X-Content-Type-Options", "nosniff");
  append_field(fields, "Content-Security-Policy", "sandbox; default-src 'none'");
  append_field(fields, "Referrer-Policy", "no-referrer");
}

reply refusal(const error& e) {
  auto r = error_reply(e);
  append_field(r.fields, "Cache-Control", "no-store");
  append_field(r.fields, "Referrer-Policy", "no-referrer");
  return r;
}

std::string content_range(const selection& part, std::uint64_t size) {
  return "bytes " + std::to_string(part.offset) + '-' +
         std::to_string(part.offset + part.length - 1) + '/' + std::to_string(size);
}

reply answer_with(opened_file opened, const download& wanted) {
  const auto file = describe(opened, wanted.now);
  const auto chosen = select(wanted.asked, file, wanted.now);
  if (chosen.what == selected::unsatisfiable) {
    auto r = refusal(error(errc::range_not_satisfiable));
    append_field(r.fields, "Content-Range", "bytes */" + std::to_string(file.size));
    return r;
  }
  reply r;
  r.content_type = content_type_of(wanted.path);
  append_field(r.fields, "ETag", file.etag);
  append_field(r.fields, "Last-Modified", format_http_date(file.modified));
  append_field(r.fields, "Accept-Ranges", "bytes");
  append_field(r.fields, "Cache-Control",
               "private, max-age=" + std::to_string(wanted.token_life.count()));
  if (wanted.file_name) {
    append_field(r.fields, "Content-Disposition", api::content_disposition(*wanted.file_name));
  }
  append_protection(r.fields);
  switch (chosen.what) {
    case selected::not_modified:
      r.status = 304;
      r.content_type = {};
      return r;
    case selected::part:
      r.status = 206;
      append_field(r.fields, "Content-Range", content_range(chosen, file.size));
      break;
    default:
      break;
  }
  r.body = file_body{std::make_shared<const unique_fd>(std::move(opened.file)), chosen.offset,
                     chosen.length, opened.readers};
  return r;
}

}  // namespace

void serve_file(const request& head, const core_view& view, file_reader& files, respond answer) {
  constexpr std::string_view prefix = "/files/";
  const auto rest = head.path.substr(prefix.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto source = rest.substr(0, slash);

  const auto token = token_in_query(head.query);
  if (!token) return answer(refusal(token.error()));
  const auto good = check_token(token->value_or(""), source, view);
  if (!good) return answer(refusal(good.error()));
  auto path = api::percent_decode(rest.substr(std::min(slash + 1, rest.size())));
  if (!path || !opens(*good, head.method_text, source, *path, view.known)) {
    return answer(refusal(error(errc::forbidden)));
  }

  const auto life = std::max(std::chrono::seconds{0}, good->expires_at() - view.at.wall);
  download wanted{*path, conditions_of(head), view.at.wall, life, good->file_name()};
  files.open(
      source, std::move(*path),
      [wanted = std::move(wanted), answer = std::move(answer)](result<opened_file> opened) mutable {
        answer(opened ? answer_with(std::move(*opened), wanted) : refusal(opened.error()));
      });
}

}  // namespace filemint::http
