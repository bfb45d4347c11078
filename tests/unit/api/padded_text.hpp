#pragma once

#include "api/parse_request.hpp"

#include <sys/mman.h>

#include <cstring>
#include <string_view>

namespace filemint::api {

// A text and its padding, which must not matter, right before a page that nobody may read.
class padded_text {
public:
  explicit padded_text(std::string_view text, std::size_t padding = json_padding, char fill = '9')
      : capacity(text.size() + padding), mapped_((capacity / page + 2) * page) {
    void* const pages =
        ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages_ = static_cast<char*>(pages);
    char* const end = pages_ + mapped_ - page;
    ::mprotect(end, page, PROT_NONE);
    std::memset(end - padding, fill, padding);
    text_ = {end - capacity, text.size()};
    std::memcpy(end - capacity, text.data(), text.size());
  }
  padded_text(const padded_text&) = delete;
  padded_text& operator=(const padded_text&) = delete;
  ~padded_text() { ::munmap(pages_, mapped_); }
  operator std::string_view() const { return text_; }

  const std::size_t capacity;

private:
  static constexpr std::size_t page = 4096;
  std::size_t mapped_;
  char* pages_;
  std::string_view text_;
};

}  // namespace filemint::api
