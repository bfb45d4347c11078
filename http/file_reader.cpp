#include "http/file_reader.hpp"

#include "http/open_beneath.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace filemint::http {

namespace {

constexpr std::size_t paths_a_job = 64;

// Nothing is opened for reading: O_PATH asks for the file's place alone. False: the path leads to
// no regular file, or the root is gone.
result<bool> exists_now(int root, const char* path) {
  const unique_fd file(open_beneath(root, path, O_PATH));
  struct stat about{};
  if (file && ::fstat(file.get(), &about) == 0) return S_ISREG(about.st_mode) != 0;
  if (const auto code = open_error(errno); code != errc::resource_not_found) return fail(code);
  return false;
}

result<opened_file> open_now(int root, const std::string& path) {
  // O_NONBLOCK: a FIFO without a writer must not hang.
  unique_fd file(open_beneath(root, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  struct stat about{};
  if (!file) {
    // What is no regular file may refuse in many ways: a socket with ENXIO.
    const auto why = open_error(errno);
    const auto there = why == errc::resource_not_found ? false : exists_now(root, path.c_str());
    return fail(there == false && root_stands(root) ? errc::resource_not_found
                                                    : errc::service_unavailable);
  }
  if (::fstat(file.get(), &about) != 0) return fail(errc::service_unavailable);
  if (!S_ISREG(about.st_mode)) return fail(errc::resource_not_found);
  return opened_file{std::move(file),       static_cast<std::uint64_t>(about.st_size),
                     about.st_ino,          about.st_mtim.tv_sec,
                     about.st_mtim.tv_nsec, nullptr};
}

result<std::string> read_now(int file, std::uint64_t offset, std::size_t size) {
  std::string block;
  bool sound = true;
  block.resize_and_overwrite(size, [&](char* into, std::size_t room) {
    std::size_t filled = 0;
    while (filled < room) {
      const auto n =
          ::pread(file, into + filled, room - filled, static_cast<off_t>(offset + filled));
      if (n < 0 && errno == EINTR) continue;
      sound = n >= 0;
      if (n <= 0) break;
      filled += static_cast<std::size_t>(n);
    }
    return filled;
  });
  if (!sound) return fail(errc::service_unavailable);
  return block;
}

// One question about many paths, asked in slices; the last slice to end answers.
class probing {
public:
  probing(std::shared_ptr<const unique_fd> root, std::span<const file_path> paths,
          std::move_only_function<void(actors::probe_outcome)> done)
      : root_(std::move(root)),
        paths_(paths),
        done_(std::move(done)),
        missing_(slice_count()),
        left_(slice_count()) {}

  [[nodiscard]] std::size_t slice_count() const noexcept {
    return std::max<std::size_t>(1, (paths_.size() + paths_a_job - 1) / paths_a_job);
  }

  void look(std::size_t slice, bool run) {
    const auto begin = slice * paths_a_job;
    const auto end = std::min(begin + paths_a_job, paths_.size());
    for (auto i = begin; run && i < end; ++i) {
      const auto there = exists_now(root_->get(), std::string(paths_[i].bytes()).c_str());
      if (!there) run = false;
      if (there && !*there) missing_[slice].push_back(i);
    }
    if (!run) failed_.store(true, std::memory_order_relaxed);
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) answer();
  }

private:
  void answer() {
    std::vector<std::size_t> all;
    for (const auto& slice : missing_) all.insert(all.end(), slice.begin(), slice.end());
    const bool failed = failed_.load(std::memory_order_relaxed);
    if (failed || (!all.empty() && !root_stands(root_->get()))) {
      return done_(fail(errc::service_unavailable));
    }
    done_(std::move(all));
  }

  const std::shared_ptr<const unique_fd> root_;
  const std::span<const file_path> paths_;
  std::move_only_function<void(actors::probe_outcome)> done_;
  std::vector<std::vector<std::size_t>> missing_;  // a slice writes its own alone
  std::atomic<std::size_t> left_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

// One source's threads and root. The root is looked up by those threads, not by who asks.
class file_reader::source_files {
public:
  source_files(std::shared_ptr<const unique_fd> folder, std::size_t count)
      : root_(std::move(folder)), threads(count) {}

  [[nodiscard]] std::shared_ptr<const unique_fd> root() const {
    const std::lock_guard lock(mutex_);
    return root_;
  }
  void put_root(std::shared_ptr<const unique_fd> fresh) {
    const std::lock_guard lock(mutex_);
    root_.swap(fresh);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const unique_fd> root_;

public:
  file_threads threads;  // end before what they look at
};

result<std::unique_ptr<file_reader>> file_reader::start(std::span<const root> roots,
                                                        std::size_t threads) {
  auto opened = open_roots(roots);
  if (!opened) return std::unexpected(opened.error());
  return std::unique_ptr<file_reader>(new file_reader(std::move(*opened), threads));
}

result<file_reader::root_map> file_reader::open_roots(std::span<const root> roots) {
  root_map opened;
  for (const auto& [source, path] : roots) {
    unique_fd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    // The second call shows at the start, not at the first download, where a kernel or a sandbox
    // lacks openat2.
    if (!fd || !unique_fd(open_beneath(fd.get(), ".", O_PATH))) {
      const std::error_code why(errno, std::generic_category());
      return fail(errc::io_failed, "source " + source + ": cannot open its root " + path.string() +
                                       ": " + why.message());
    }
    opened.insert_or_assign(source, std::make_shared<const unique_fd>(std::move(fd)));
  }
  return opened;
}

file_reader::file_reader(root_map roots, std::size_t threads) {
  for (auto& [source, folder] : roots) {
    sources_.emplace(source, std::make_unique<source_files>(std::move(folder), threads));
  }
}

file_reader::~file_reader() = default;

void file_reader::put_roots(root_map fresh) {
  for (auto& [source, folder] : fresh) {
    if (auto* const files = files_of(source)) files->put_root(std::move(folder));
  }
}

file_reader::source_files* file_reader::files_of(std::string_view source) const {
  const auto at = sources_.find(source);
  return at == sources_.end() ? nullptr : at->second.get();
}

void file_reader::stop() {
  for (const auto& [source, files] : sources_) files->threads.stop();
  parser_.stop();
}

void file_reader::open(std::string_view source, std::string path,
                       std::move_only_function<void(result<opened_file>)> done) {
  auto* const files = files_of(source);
  if (!files) return done(fail(errc::resource_not_found));
  files->threads.post(lane::quick,
                      [files, path = std::move(path), done = std::move(done)](bool run) mutable {
                        if (!run) return done(fail(errc::service_unavailable));
                        auto opened = open_now(files->root()->get(), path);
                        if (opened) opened->readers = &files->threads;
                        done(std::move(opened));
                      });
}

void file_reader::read(const file_body& body,
                       std::move_only_function<void(result<std::string>)> done) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body.length, max_block_bytes));
  body.readers->post(lane::bulk, [file = body.file, offset = body.offset, size,
                                  done = std::move(done)](bool run) mutable {
    done(run ? read_now(file->get(), offset, size) : fail(errc::service_unavailable));
  });
}

void file_reader::look_at_root(std::string_view source, std::move_only_function<void(bool)> done) {
  auto* const files = files_of(source);
  if (!files) return done(false);
  files->threads.post(lane::quick, [files, done = std::move(done)](bool run) mutable {
    done(run && root_stands(files->root()->get()));
  });
}

void file_reader::run(std::move_only_function<void(bool)> work) {
  parser_.post(lane::quick, std::move(work));
}

void file_reader::probe(const actors::probe_question& asked,
                        std::move_only_function<void(actors::probe_outcome)> done) {
  auto* const files = files_of(asked.source);
  if (!files) return done(fail(errc::service_unavailable));
  files->threads.post(
      lane::quick, [files, paths = asked.paths, done = std::move(done)](bool run) mutable {
        if (!run) return done(fail(errc::service_unavailable));
        const auto job = std::make_shared<probing>(files->root(), paths, std::move(done));
        for (std::size_t slice = 1; slice < job->slice_count(); ++slice) {
          files->threads.post(lane::quick, [job, slice](bool may) { job->look(slice, may); });
        }
        job->look(0, true);
      });
}

}  // namespace filemint::http
