// A storage backend: a path and claims in, a token out. Pure: no I/O, no clock; whether files exist
// is asked elsewhere (actors/prober.hpp).
#pragma once

#include "api/attachments.hpp"
#include "api/percent.hpp"
#include "api/validate.hpp"
#include "backends/remote_signing.hpp"
#include "core/clock.hpp"
#include "core/file_path.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace filemint::backends {

enum class token_use : std::uint8_t {
  download,
  probe  // a HEAD from the node, at the source's endpoint: of an object store alone
};

// What all tokens of one request have in common.
struct mint_terms {
  std::string_view company;
  std::string_view key_id;  // the API key's
  wall_time issued_at;      // before the call came, where the source is dated back
  wall_time expires_at;
  api::attachments saved_as = {};  // outlives the batch
  token_use use = token_use::download;
  wall_time at = {};  // when the call came, where issued_at lies before
};

// Signs the paths of one request. Const members may run on several threads at once.
class batch {
public:
  virtual ~batch() = default;

  // When the credentials end that sign: tokens do so then, if the terms say no sooner.
  [[nodiscard]] virtual wall_time ends() const noexcept { return wall_time::max(); }
  // What has to be asked for each path before sign() and token_size(); null: nothing.
  [[nodiscard]] virtual remote_signing* remote() noexcept { return nullptr; }
  // How many paths are signed in one turn: at most about 100 µs.
  [[nodiscard]] virtual std::size_t paths_per_chunk() const noexcept = 0;
  // The most that it takes, in bytes.
  [[nodiscard]] virtual std::uint32_t token_size(file_path path) const = 0;
  // Writes the token of paths[i], at most token_size(paths[i]) bytes, at places[i], which then is
  // its end. At most token_signer::at_once. Tokens hold nothing that JSON must escape.
  virtual void sign(std::span<const file_path> paths, std::span<char*> places) const = 0;
};

// How a path and its token become a URL.
struct url_form {
  std::string_view public_url = {};  // what it begins with; empty: the source's
  std::string_view before_token = "?token=";
  api::kept_bytes path = api::kept_bytes::path;
};

// Immutable, thread safe, shared by all cores.
class backend {
public:
  virtual ~backend() = default;

  [[nodiscard]] virtual std::string_view source() const noexcept = 0;
  [[nodiscard]] virtual url_form urls() const noexcept { return {}; }
  // How a path and its token for token_use::probe become the URL that is asked by HEAD; without a
  // public_url: files are not looked for in that way.
  [[nodiscard]] virtual url_form probes() const noexcept { return {}; }
  // What the storage can hold of the paths that are legal; null: all. The rest is refused with 422.
  [[nodiscard]] virtual api::path_rule holds() const noexcept { return nullptr; }
  // Whether tokens can say under which name a file is to be saved.
  [[nodiscard]] virtual bool signs_attachments() const noexcept { return false; }
  // The snapshot must outlive the batch. Error: service_unavailable where no key signs.
  [[nodiscard]] virtual result<std::unique_ptr<batch>> begin(const snapshot& known,
                                                             const mint_terms& terms) const = 0;
};

}  // namespace filemint::backends
