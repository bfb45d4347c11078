// http/framing with chunks and body_intake: a connection's bytes give the same requests, and the
// same fault, wherever they are cut; and an accepted head passes a naive second reading: lines by
// CRLF, no other control byte, one Host, one way to tell where the body ends.
#include "../unit/http/connection_reader.hpp"
#include "targets.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace filemint::fuzz {

namespace {

constexpr http::framing_limits limits{.max_head_bytes = 2'048, .max_fields = 20};

std::string lower(std::string_view text) {
  std::string copy{text};
  for (char& c : copy) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return copy;
}

std::vector<std::string> lines_of(std::string_view head) {
  std::vector<std::string> lines;
  while (true) {
    const auto end = head.find("\r\n");
    must(end != head.npos, "each line ends with CRLF");
    if (end == 0) break;
    lines.emplace_back(head.substr(0, end));
    head.remove_prefix(end + 2);
  }
  must(head == "\r\n", "an empty line ends the head, and nothing stands behind it");
  return lines;
}

void check_line(const std::string& line) {
  must(std::ranges::none_of(line,
                            [](char c) {
                              const auto byte = static_cast<unsigned char>(c);
                              return (byte < 0x20 && byte != '\t') || byte == 0x7f;
                            }),
       "no control byte");
}

void check_head(const http::read_request& request) {
  must(request.head.size() <= limits.max_head_bytes, "heads have a limit");
  const auto lines = lines_of(request.head);
  must(!lines.empty() && lines.size() - 1 <= limits.max_fields, "fields have a limit");
  std::ranges::for_each(lines, check_line);
  const auto& first = lines.front();
  must(std::ranges::count(first, ' ') == 2, "a request line has three parts");
  const bool modern = first.ends_with(" HTTP/1.1");
  must(modern || first.ends_with(" HTTP/1.0"), "the version");
  must(std::ranges::none_of(first, [](char c) { return static_cast<unsigned char>(c) >= 0x7f; }),
       "a target is ASCII");

  int hosts = 0, lengths = 0, codings = 0, credentials = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    must(colon != std::string::npos && colon > 0, "a field has a name");
    const auto name = lower(std::string_view{lines[i]}.substr(0, colon));
    must(name.find_first_of(" \t\"(),/;<=>?@[]\\{}") == name.npos, "a name is a token");
    hosts += name == "host";
    lengths += name == "content-length";
    codings += name == "transfer-encoding";
    credentials += name == "authorization";
    if (name == "transfer-encoding") {
      auto value = lower(std::string_view{lines[i]}.substr(colon + 1));
      std::erase_if(value, [](char c) { return c == ' ' || c == '\t'; });
      must(value == "chunked", "no coding but chunked");
    }
    if (name == "content-length") {
      auto value = lines[i].substr(colon + 1);
      value.erase(0, value.find_first_not_of(" \t"));
      value.erase(value.find_last_not_of(" \t") + 1);
      must(!value.empty() && value.find_first_not_of("0123456789") == value.npos, "digits alone");
      must(request.body.size() == std::stoull(value), "a body has its length");
    }
  }
  must(hosts == 1 || (!modern && hosts == 0), "one Host; none on 1.0");
  must(lengths + codings <= 1 && (modern || codings == 0), "one way to tell the body's end");
  must(credentials <= 1, "credentials stand once");
  must(request.chunked == (codings == 1), "chunked when it says so");
  must(codings + lengths == 1 || request.body.empty(), "no body without a length");
}

// The cuts are drawn from the input, so that an input always does the same.
class cuts {
public:
  explicit cuts(std::string_view input) {
    for (const char c : input) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  std::size_t next(std::size_t most) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    const auto drawn = static_cast<std::size_t>(state_ >> 33);
    return 1 + drawn % ((drawn & 0x10000u) != 0 ? most : std::min<std::size_t>(most, 8));
  }

private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

void must_be_same(const http::connection_reader& one, const http::connection_reader& other) {
  must(one.malformed() == other.malformed(), "the same verdict wherever it is cut");
  must(one.requests() == other.requests(), "the same requests wherever it is cut");
  must(one.between_requests() == other.between_requests(), "the same end wherever it is cut");
}

}  // namespace

void try_framing(std::string_view input) {
  http::connection_reader whole{limits};
  whole.take(input);
  std::ranges::for_each(whole.requests(), check_head);

  cuts places{input};
  http::connection_reader pieces{limits};
  for (auto rest = input; !rest.empty();) {
    const exact_copy piece{rest.substr(0, places.next(rest.size()))};
    rest.remove_prefix(piece.view().size());
    if (!pieces.take(piece.view())) break;
  }
  must_be_same(whole, pieces);

  if (input.size() > 512) return;
  http::connection_reader bytes{limits};
  for (const char byte : input) {
    if (!bytes.take({&byte, 1})) break;
  }
  must_be_same(whole, bytes);
}

}  // namespace filemint::fuzz
