// Signatures that clouds make, a call a path (signBlob): so many at once for a source, from one
// call of a client's after the other in turn, and none while its circuit is open.
#pragma once

#include "actors/fetcher.hpp"
#include "actors/remote_signer.hpp"
#include "core/circuit.hpp"
#include "core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace filemint::http {

struct signature_terms {
  std::size_t at_once = 64;  // of one source
  circuit_terms circuit = {};
  std::function<void(std::string_view source, std::string_view what)> warn = [](auto, auto) {};
  std::function<instant()> now = filemint::now;
};

// Thread safe: what it keeps of a source is touched on the fetcher's one thread alone. The fetcher
// has ended when this goes.
class remote_signatures final : public actors::remote_signer {
public:
  remote_signatures(actors::fetcher& by, std::span<const std::string> sources,
                    signature_terms terms = {});
  ~remote_signatures() override;

  void sign(const actors::signing_question& asked,
            std::move_only_function<void(result<void>)> done) override;

private:
  class source_queue;

  actors::fetcher& by_;
  signature_terms terms_;
  std::map<std::string, std::shared_ptr<source_queue>, std::less<>> sources_;  // fixed
};

}  // namespace filemint::http
