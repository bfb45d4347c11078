#include "src/zip.hpp"

#include <utility>

namespace filemint {
namespace {

// CRC-32 (ITU-T V.42), bit by bit: these archives are small.
std::uint32_t crc32(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xffff'ffff;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb8'8320 : 0);
  }
  return ~crc;
}

// Little-endian, as all numbers of the format.
template <class Number>
void put(std::string& out, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += static_cast<char>(value >> 8 * i & 0xff);
  }
}

constexpr std::uint16_t version = 20;
constexpr std::uint16_t stored = 0;
constexpr std::uint32_t dos_epoch = 0x0021'0000;  // 1980-01-01 00:00

// What a member's own header and its entry in the directory have in common.
void put_member(std::string& out, std::string_view name, std::string_view bytes) {
  put(out, version);
  put(out, std::uint16_t{0});
  put(out, stored);
  put(out, dos_epoch);
  put(out, crc32(bytes));
  put(out, static_cast<std::uint32_t>(bytes.size()));
  put(out, static_cast<std::uint32_t>(bytes.size()));
  put(out, static_cast<std::uint16_t>(name.size()));
  put(out, std::uint16_t{0});  // no extra field
}

}  // namespace

void zip_writer::add(std::string_view name, std::string_view bytes) {
  const auto at = static_cast<std::uint32_t>(members_.size());
  put(members_, std::uint32_t{0x0403'4b50});
  put_member(members_, name, bytes);
  members_ += name;
  members_ += bytes;

  put(directory_, std::uint32_t{0x0201'4b50});
  put(directory_, version);
  put_member(directory_, name, bytes);
  put(directory_, std::uint16_t{0});  // no comment
  put(directory_, std::uint16_t{0});  // disk
  put(directory_, std::uint16_t{0});
  put(directory_, std::uint32_t{0});  // attributes
  put(directory_, at);
  directory_ += name;
  ++count_;
}

std::string zip_writer::finish() && {
  const auto directory_at = static_cast<std::uint32_t>(members_.size());
  std::string out = std::move(members_);
  out += directory_;
  put(out, std::uint32_t{0x0605'4b50});
  put(out, std::uint16_t{0});
  put(out, std::uint16_t{0});
  put(out, count_);
  put(out, count_);
  put(out, static_cast<std::uint32_t>(directory_.size()));
  put(out, directory_at);
  put(out, std::uint16_t{0});
  return out;
}

}  // namespace filemint
