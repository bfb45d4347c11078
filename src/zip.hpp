// A ZIP archive with its members stored as they are (PKWARE APPNOTE 6.3.3): what a PPTX is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace filemint {

class zip_writer {
public:
  // Names are ASCII, with '/' between folders. At most 65,535 members, 4 GiB in all.
  void add(std::string_view name, std::string_view bytes);
  [[nodiscard]] std::string finish() &&;

private:
  std::string members_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

}  // namespace filemint
