#include "store/batches.hpp"

namespace filemint::store {

std::string placeholders(std::size_t rows, std::size_t columns) {
  std::string list;
  for (std::size_t parameter = 1; rows != 0; --rows) {
    list += list.empty() ? "(" : ", (";
    for (const auto end = parameter + columns; parameter != end; ++parameter) {
      list += "$" + std::to_string(parameter) + (parameter + 1 == end ? ")" : ", ");
    }
  }
  return list;
}

}  // namespace filemint::store
