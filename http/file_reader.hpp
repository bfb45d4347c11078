// Stored files of local sources: opened beneath their source's root, read and probed for on the
// source's own threads, so that a slow disk holds up neither a core nor another source. A path is
// followed with openat2(2): no symlink leaves the root, and what is no regular file (a directory,
// FIFO, socket, device) is not found.
#pragma once

#include "actors/blocking_pool.hpp"
#include "actors/prober.hpp"
#include "core/result.hpp"
#include "core/unique_fd.hpp"
#include "http/file_threads.hpp"
#include "http/reply.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace filemint::http {

struct opened_file {
  unique_fd file;
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_seconds = 0;  // since the Unix epoch
  std::int64_t modified_nanoseconds = 0;
  file_threads* readers = nullptr;  // its source's
};

// Thread safe; no lock is taken on the caller's thread. Callbacks run once each: on one of the
// source's threads; on the caller's for a source that there is not and when too much waits; on the
// stopper's at the end.
class file_reader final : public actors::prober, public actors::blocking_pool {
public:
  struct root {
    std::string source;
    std::filesystem::path path;
  };

  // Opens each root once. `threads`: of each source. Errors: io_failed, with the source and what
  // the system said.
  [[nodiscard]] static result<std::unique_ptr<file_reader>> start(std::span<const root> roots,
                                                                  std::size_t threads);
  ~file_reader() override;

  // The folders that a reload wants, opened but not looked into yet: made by open_roots, taken up
  // by put_roots.
  using root_map = std::map<std::string, std::shared_ptr<const unique_fd>, std::less<>>;
  // Errors as start's.
  [[nodiscard]] static result<root_map> open_roots(std::span<const root> roots);
  // In place of those of the same sources, no others; what is under way goes on in the former ones.
  void put_roots(root_map fresh);

  // Errors: resource_not_found (no such source too), service_unavailable.
  void open(std::string_view source, std::string path,
            std::move_only_function<void(result<opened_file>)> done);

  // The bytes at body.offset: body.length of them, at most max_block_bytes, fewer only where the
  // file ends. Errors: service_unavailable.
  static constexpr std::size_t max_block_bytes = 128 * 1024;
  void read(const file_body& body, std::move_only_function<void(result<std::string>)> done);

  // Looks for all of them, however long it takes.
  void probe(const actors::probe_question& asked,
             std::move_only_function<void(actors::probe_outcome)> done) override;

  // Whether the source's root still stands and can be entered.
  void look_at_root(std::string_view source, std::move_only_function<void(bool)> done);

  // Awaits what runs; what waits is answered service_unavailable. The destructor does it too.
  void stop();

  // Other work that takes long, a large body's parsing: on a thread of its own.
  void run(std::move_only_function<void(bool)> work) override;

private:
  class source_files;

  file_reader(root_map roots, std::size_t threads);
  // Null for a source that there is not.
  [[nodiscard]] source_files* files_of(std::string_view source) const;

  std::map<std::string, std::unique_ptr<source_files>, std::less<>> sources_;  // fixed
  file_threads parser_{1};
};

}  // namespace filemint::http
