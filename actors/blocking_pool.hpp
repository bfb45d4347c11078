// Threads for work that would hold up a core: parsing a large body. http/file_reader
// implements it, src/node hands it in.
#pragma once

#include <functional>

namespace filemint::actors {

class blocking_pool {
public:
  virtual ~blocking_pool() = default;
  // Never blocks. `work` is called once: with true on one of the pool's threads, or with false (no
  // room, or the pool is stopped) on any.
  virtual void run(std::move_only_function<void(bool)> work) = 0;
};

}  // namespace filemint::actors
