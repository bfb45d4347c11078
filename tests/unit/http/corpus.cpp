#include "corpus.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace filemint::http {

namespace {

constexpr std::string_view json = R"({"filePaths":["uploads/co_xyz/a"],"source":"betaimages"})";

unsigned number(std::string_view digits, int base) {
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(digits.begin(), digits.end(), value, base);
  if (failed != std::errc{} || end != digits.end()) throw std::invalid_argument("a number");
  return value;
}

std::string without_escapes(std::string_view text) {
  std::string raw;
  while (!text.empty()) {
    const auto plain = text.substr(0, text.find('\\'));
    raw += plain;
    text.remove_prefix(plain.size());
    if (text.empty()) break;
    constexpr std::string_view names = "rnt\\";
    constexpr std::string_view bytes = "\r\n\t\\";
    if (const auto known = names.find(text.at(1)); known != names.npos) {
      raw += bytes[known];
      text.remove_prefix(2);
    } else {
      raw += static_cast<char>(number(text.substr(2, 2), 16));
      text.remove_prefix(4);
    }
  }
  return raw;
}

// <N*TEXT>; another '<' would be an escape.
std::string repeated(std::string_view text) {
  std::string raw;
  for (auto open = text.find('<'); open != text.npos; open = text.find('<')) {
    const auto star = text.find('*', open);
    const auto close = text.find('>', open);
    if (star >= close || close == text.npos ||
        text.substr(open + 1, star - open - 1).find_first_not_of("0123456789") != text.npos) {
      raw += text.substr(0, open + 1);
      text.remove_prefix(open + 1);
      continue;
    }
    raw += text.substr(0, open);
    for (auto n = number(text.substr(open + 1, star - open - 1), 10); n > 0; --n) {
      raw += text.substr(star + 1, close - star - 1);
    }
    text.remove_prefix(close + 1);
  }
  return raw += text;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string expanded(std::string_view text) {
  auto raw = repeated(without_escapes(text));
  raw = replaced(std::move(raw), "{json}", json);
  raw = replaced(std::move(raw), "{length}", std::to_string(json.size()));
  return replaced(std::move(raw), "{auth}", "Authorization: Bearer key");
}

corpus_message row(const std::string& file, std::string_view line, const std::string& text) {
  const auto first = line.find(" :: ");
  const auto second = line.find(" :: ", first + 4);
  const auto answers = line.substr(0, first);
  return {.name = file + ": " + std::string{line.substr(first + 4, second - first - 4)},
          .malformed = answers.ends_with("400 closed"),
          .answers = static_cast<std::size_t>(std::ranges::count(answers, ' ')) + 1 -
                     (answers.ends_with("closed") ? 1u : 0u),
          .raw = expanded(replaced(text, "$", line.substr(second + 4)))};
}

}  // namespace

std::vector<corpus_message> read_corpus() {
  std::vector<corpus_message> all;
  for (const auto& entry :
       std::filesystem::directory_iterator(FILEMINT_SOURCE_DIR "/tests/http_corpus")) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream in(entry.path());
    std::string text;
    bool in_rows = true;
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      if (line[0] == '|' || line[0] == '>') {
        if (std::exchange(in_rows, false)) text.clear();
        text.append(line, 1).append(line[0] == '|' ? "\\r\\n" : "");
      } else {
        in_rows = true;
        all.push_back(row(entry.path().stem(), line, text));
      }
    }
  }
  return all;
}

}  // namespace filemint::http
