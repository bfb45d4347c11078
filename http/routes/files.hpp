// GET and HEAD /files/{source}/{path}?token=…: a stored file for whoever holds its token.
#pragma once

#include "http/core_view.hpp"
#include "http/file_reader.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

namespace filemint::http {

// A refusal is answered at once, on the caller's thread; what needs the file, on a file thread.
// `head` and `view` are not looked at any more once this returns.
void serve_file(const request& head, const core_view& view, file_reader& files, respond answer);

}  // namespace filemint::http
