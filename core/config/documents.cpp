#include "core/config/documents.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace filemint {
namespace {

// Hears where the latest document begins.
class document_starts final : public YAML::EventHandler {
public:
  position latest;

  void OnDocumentStart(const YAML::Mark& mark) override {
    latest = {mark.line + 1, mark.column + 1};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

std::optional<position> second_document(const std::string& text) {
  std::istringstream in{text};
  YAML::Parser parser{in};
  document_starts heard;
  for (int i = 0; i < 2; ++i) {
    if (!parser.HandleNextDocument(heard)) return std::nullopt;
  }
  return heard.latest;
}

}  // namespace filemint
