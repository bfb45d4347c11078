// Columns for people: a head, rows, each column as wide as its widest cell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace filemint::cli {

// Cells are UTF-8; a character counts as one column. Control bytes are shown as '?'.
class table {
public:
  explicit table(std::vector<std::string> head);

  // As many cells as the head has.
  void add(std::vector<std::string> cells);
  [[nodiscard]] std::string text() const;

private:
  std::vector<std::vector<std::string>> rows_;  // the head first
  std::vector<std::size_t> widths_;
};

}  // namespace filemint::cli
