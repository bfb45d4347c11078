// Downloads that a client is to save as files (RFC 6266): which of a call's files, and under which
// names. Pure, thread safe.
#pragma once

#include "core/file_path.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace filemint::api {

// The name under which the file of that path is to be saved.
struct file_name {
  std::string_view path, name;
};

// A request's `download`. A view of the names.
class attachments {
public:
  attachments() = default;  // none
  // Sorted by path, each path once.
  explicit attachments(std::span<const file_name> named) noexcept : named_(named) {}
  // Each file, under its path's last segment.
  [[nodiscard]] static attachments of_all() noexcept;

  [[nodiscard]] bool none() const noexcept { return !all_ && named_.empty(); }
  [[nodiscard]] std::span<const file_name> named() const noexcept { return named_; }
  // Empty when the last segment is. Nothing: the file is no attachment.
  [[nodiscard]] std::optional<std::string_view> name_of(file_path path) const noexcept;

private:
  std::span<const file_name> named_;
  bool all_ = false;
};

// Whether a client can give a file that name: 1 to 1,024 bytes, no '/', '\' or control byte (00-1F,
// 7F), neither "." nor "..".
[[nodiscard]] bool is_file_name(std::string_view name) noexcept;

// attachment; filename="…"; filename*=UTF-8''…
// The second, the name in full (RFC 8187), only where the first cannot hold it: there, what is not
// of ASCII, '"', '\' and '%' are '_'. An empty name: `attachment`. Safe as a field's value,
// whatever the name holds.
[[nodiscard]] std::string content_disposition(std::string_view name);

}  // namespace filemint::api
