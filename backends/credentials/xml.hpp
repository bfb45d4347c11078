// The XML that clouds answer with, read in place: no copy of a secret stays behind.
#pragma once

#include <pugixml.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace filemint::backends {

// Entities of documents are not followed. Not thread safe.
class xml_document {
public:
  // Written over, and to outlive the document.
  explicit xml_document(std::string& bytes) {
    const auto read = read_.load_buffer_inplace(bytes.data(), bytes.size());
    if (!read) read_.reset();
  }

  // Of the element that is reached by these names, one in the other, from the root on; or nothing.
  [[nodiscard]] std::string_view text(std::initializer_list<std::string_view> names) const {
    pugi::xml_node at = read_;
    for (const auto name : names) {
      at = at.find_child([&](const pugi::xml_node& each) { return name == each.name(); });
    }
    return at.child_value();
  }

private:
  pugi::xml_document read_;
};

}  // namespace filemint::backends
