#include "http/content_type.hpp"

#include "http/syntax.hpp"

#include <algorithm>
#include <array>

namespace filemint::http {

namespace {

struct known_type {
  std::string_view extension, type;
};

constexpr std::array known_types{
    known_type{"7z", "application/x-7z-compressed"},
    known_type{"aac", "audio/aac"},
    known_type{"avif", "image/avif"},
    known_type{"bmp", "image/bmp"},
    known_type{"css", "text/css; charset=utf-8"},
    known_type{"csv", "text/csv; charset=utf-8"},
    known_type{"doc", "application/msword"},
    known_type{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    known_type{"eml", "message/rfc822"},
    known_type{"epub", "application/epub+zip"},
    known_type{"flac", "audio/flac"},
    known_type{"gif", "image/gif"},
    known_type{"gz", "application/gzip"},
    known_type{"heic", "image/heic"},
    known_type{"htm", "text/html; charset=utf-8"},
    known_type{"html", "text/html; charset=utf-8"},
    known_type{"ico", "image/x-icon"},
    known_type{"ics", "text/calendar; charset=utf-8"},
    known_type{"jpeg", "image/jpeg"},
    known_type{"jpg", "image/jpeg"},
    known_type{"js", "text/javascript; charset=utf-8"},
    known_type{"json", "application/json"},
    known_type{"m4a", "audio/mp4"},
    known_type{"md", "text/markdown; charset=utf-8"},
    known_type{"mov", "video/quicktime"},
    known_type{"mp3", "audio/mpeg"},
    known_type{"mp4", "video/mp4"},
    known_type{"odp", "application/vnd.oasis.opendocument.presentation"},
    known_type{"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    known_type{"odt", "application/vnd.oasis.opendocument.text"},
    known_type{"ogg", "audio/ogg"},
    known_type{"pdf", "application/pdf"},
    known_type{"png", "image/png"},
    known_type{"ppt", "application/vnd.ms-powerpoint"},
    known_type{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    known_type{"rtf", "application/rtf"},
    known_type{"svg", "image/svg+xml"},
    known_type{"tar", "application/x-tar"},
    known_type{"tif", "image/tiff"},
    known_type{"tiff", "image/tiff"},
    known_type{"txt", "text/plain; charset=utf-8"},
    known_type{"wasm", "application/wasm"},
    known_type{"wav", "audio/wav"},
    known_type{"webm", "video/webm"},
    known_type{"webp", "image/webp"},
    known_type{"xls", "application/vnd.ms-excel"},
    known_type{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    known_type{"xml", "application/xml"},
    known_type{"zip", "application/zip"},
};

}  // namespace

std::string_view content_type_of(std::string_view path) noexcept {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot != name.npos) {
    const auto extension = name.substr(dot + 1);
    const auto found = std::ranges::find_if(known_types, [&](const known_type& known) {
      return syntax::equals(extension, known.extension);
    });
    if (found != known_types.end()) return found->type;
  }
  return "application/octet-stream";
}

}  // namespace filemint::http
