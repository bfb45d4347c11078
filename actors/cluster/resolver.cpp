#include "actors/cluster/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace filemint::actors {
namespace {

std::string text_of(const sockaddr& address) {
  std::string text(INET6_ADDRSTRLEN, '\0');
  const void* bytes = nullptr;
  if (address.sa_family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  } else if (address.sa_family == AF_INET6) {
    bytes = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  }
  if (bytes == nullptr || ::inet_ntop(address.sa_family, bytes, text.data(),
                                      static_cast<socklen_t>(text.size())) == nullptr) {
    return {};
  }
  text.resize(text.find('\0'));
  return text;
}

resolver::answer look_up(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); failed != 0) {
    return fail(errc::not_found, host + ": " + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{found, &::freeaddrinfo};
  std::vector<std::string> all;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    auto text = text_of(*each->ai_addr);
    if (!text.empty() && std::ranges::find(all, text) == all.end()) all.push_back(std::move(text));
  }
  return all;
}

}  // namespace

struct system_resolver::under_way {
  std::mutex mutex;  // guards hosts
  std::set<std::string> hosts;
};

system_resolver::system_resolver() : under_way_(std::make_shared<under_way>()) {}
system_resolver::~system_resolver() = default;

void system_resolver::resolve(const std::string& host, std::function<void(answer)> done) {
  bool fresh = false;
  {
    const std::scoped_lock lock{under_way_->mutex};
    fresh = under_way_->hosts.insert(host).second;
  }
  if (!fresh) return done(fail(errc::gateway_timeout, host + ": the look-up before still hangs"));
  // By value: the look-up may outlive everybody.
  auto work = [host, done, kept = under_way_] {
    auto found = look_up(host);
    {
      const std::scoped_lock lock{kept->mutex};
      kept->hosts.erase(host);
    }
    done(std::move(found));
  };
  try {
    std::thread{std::move(work)}.detach();
  } catch (const std::system_error& no_thread) {
    {
      const std::scoped_lock lock{under_way_->mutex};
      under_way_->hosts.erase(host);
    }
    done(fail(errc::io_failed, host + ": " + no_thread.what()));
  }
}

}  // namespace filemint::actors
