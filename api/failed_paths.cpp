#include "api/failed_paths.hpp"

#include "api/error_catalogue.hpp"
#include "api/json_text.hpp"

#include <utility>

namespace filemint::api {

error to_error(failed_paths failed) {
  std::string message;
  if (failed.code == errc::unprocessable_entity)
    message = "filePaths holds paths that are not legal.";
  return error{failed.code, std::move(message), {{"filePaths", std::move(failed.paths)}}};
}

std::string write_failed(std::span<const failed_paths> failed) {
  std::string out{"["};
  for (const auto& [code, paths] : failed) {
    if (out.size() > 1) out += ',';
    out.append(R"({"code":")").append(catalogue(code).code).append(R"(","filePaths":[)");
    for (const auto& path : paths) {
      if (out.back() != '[') out += ',';
      append_json_string(out, path);
    }
    out += "]}";
  }
  return out + ']';
}

}  // namespace filemint::api
