// The messages of tests/http_corpus; its README says how they are written.
#pragma once

#include <string>
#include <vector>

namespace filemint::http {

struct corpus_message {
  std::string name;  // with its file's
  bool malformed = false;
  std::size_t answers = 0;
  std::string raw;
};

std::vector<corpus_message> read_corpus();

}  // namespace filemint::http
