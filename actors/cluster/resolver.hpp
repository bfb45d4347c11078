// Looks up the addresses of host names, which may take for ever: on threads that nobody waits for.
#pragma once

#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace filemint::actors {

class resolver {
public:
  // IPv4 and IPv6 addresses as text, each once, in the order in which they are to be tried.
  using answer = result<std::vector<std::string>>;

  virtual ~resolver() = default;
  // Never blocks. `done` is called once, on any thread, perhaps before this returns, perhaps never.
  virtual void resolve(const std::string& host, std::function<void(answer)> done) = 0;
};

// getaddrinfo(3) and its order (RFC 6724), a thread a look-up. Thread safe. A look-up for a host
// that is under way still makes the next one fail at once; so hangers are one a host. It may go
// before they end.
class system_resolver final : public resolver {
public:
  system_resolver();
  ~system_resolver() override;
  void resolve(const std::string& host, std::function<void(answer)> done) override;

private:
  struct under_way;
  std::shared_ptr<under_way> under_way_;
};

}  // namespace filemint::actors
