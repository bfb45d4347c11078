// Memory that is wiped before it is given back: for bytes from storages and clouds, which may hold
// credentials.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <memory>

namespace filemint::http {

template <class T>
struct wiping_allocator {
  using value_type = T;

  wiping_allocator() = default;
  template <class Other>
  wiping_allocator(const wiping_allocator<Other>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* at, std::size_t count) noexcept {
    OPENSSL_cleanse(at, count * sizeof(T));
    std::allocator<T>{}.deallocate(at, count);
  }
  friend bool operator==(const wiping_allocator&, const wiping_allocator&) = default;
};

}  // namespace filemint::http
