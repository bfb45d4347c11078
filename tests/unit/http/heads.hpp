// Request heads for tests.
#pragma once

#include "http/framing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::http {

// Keeps the bytes that its request views.
class parsed_head {
public:
  explicit parsed_head(std::string bytes) : bytes_(std::move(bytes)) {
    EXPECT_EQ(framing_.read(bytes_), framing_verdict::complete) << framing_.fault() << "\n"
                                                                << bytes_;
  }
  parsed_head(const parsed_head&) = delete;
  parsed_head& operator=(const parsed_head&) = delete;

  const request& operator*() const { return framing_.head(); }
  const request* operator->() const { return &framing_.head(); }

private:
  std::string bytes_;
  framing framing_;
};

// `fields`: ready lines, each ended by CRLF.
inline std::string head_text(std::string_view method, std::string_view target,
                             std::string_view fields = {}) {
  std::string text{method};
  ((text += " ") += target) += " HTTP/1.1\r\nHost: files.example\r\n";
  return (text += fields) += "\r\n";
}

}  // namespace filemint::http
