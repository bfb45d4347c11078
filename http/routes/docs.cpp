#include "http/routes/docs.hpp"

#include "http/conditional.hpp"

#include <algorithm>

namespace filemint::http {

namespace {

constexpr std::string_view common_fields =
    "Cache-Control: public, no-cache\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n";

bool client_has(const docs_file& file, const request& head) {
  const conditions asked{.if_none_match = head.joined_field("if-none-match")};
  const representation ours{file.bytes.size(), std::string{file.etag}, {}};
  return select(asked, ours, {}).what == selected::not_modified;
}

}  // namespace

reply serve_docs(std::string_view name, const request& head) {
  const auto found = std::ranges::find(docs_files(), name, &docs_file::name);
  if (found == docs_files().end()) return error_reply(error(errc::endpoint_not_found));
  reply r;
  r.content_type = found->content_type;
  r.fields.append("ETag: ").append(found->etag).append("\r\n").append(common_fields);
  if (client_has(*found, head)) {
    r.status = 304;
    r.content_type = {};
  } else {
    r.body = static_body{found->bytes};
  }
  return r;
}

}  // namespace filemint::http
