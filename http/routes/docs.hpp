// /openapi.yaml and /docs: the API's description, and the reference page that is made from it.
// Public. All of it is part of the binary.
#pragma once

#include "http/reply.hpp"
#include "http/request.hpp"

#include <span>
#include <string_view>

namespace filemint::http {

struct docs_file {
  std::string_view name;  // behind "/docs/"; the page itself is ""
  std::string_view content_type;
  std::string_view etag;  // strong, with its quotes
  std::string_view bytes;
};

// What the build put in (cmake/embed_docs.cmake); without the renderer from npm the page is a plain
// one. Thread safe.
[[nodiscard]] std::span<const docs_file> docs_files() noexcept;

// The file of that name, 304 when the client has it already, else endpoint_not_found. A browser
// keeps it and asks each time whether it has changed. The policy (Content Security Policy Level 3)
// lets the page run, load and send to what is its own origin, and nothing that stands inline.
[[nodiscard]] reply serve_docs(std::string_view name, const request& head);

}  // namespace filemint::http
