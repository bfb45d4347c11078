// What signs for the sources on object stores: by credentials that stand in files or the
// environment, or by such that clouds give out.
#pragma once

#include "actors/core_context.hpp"
#include "actors/kept_credentials.hpp"
#include "core/config/config.hpp"
#include "core/result.hpp"
#include "http/client_pool.hpp"
#include "http/health_monitor.hpp"
#include "http/log.hpp"
#include "http/remote_signatures.hpp"
#include "metrics/credential_numbers.hpp"
#include "src/file_watch.hpp"
#include "src/source_credentials.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

// Thread safety: one thread, the node's, until keepers are at work; then what is const is any
// thread's. It outlives the actors.
class storage_signers {
public:
  using made_backend = result<std::unique_ptr<backends::backend>>;

  storage_signers(http::log& log, std::size_t sources) : log_(log), sources_(sources) {}

  // `make`: of a source whose credentials no cloud gives out. Errors: its own, open_renewals', and
  // client_pool's.
  [[nodiscard]] made_backend open(const source_config& source, source_credentials::maker make);
  // To be looked after, for those that stand in files.
  [[nodiscard]] std::vector<read_from_files> watched();

  // Before the core's actors start: keepers there renew what clouds give out.
  void keep_at(actors::core_context& core);
  // Each of these has been asked for once, and answered with whatever.
  [[nodiscard]] bool all_tried() const noexcept;
  // A check for each of them: credentials are there, and good.
  [[nodiscard]] std::vector<http::health_check> health_checks() const;
  [[nodiscard]] std::vector<metrics::credential_numbers> numbers() const;
  // Who asks for signatures that clouds make; null: no source needs it. Once, with all open.
  [[nodiscard]] actors::remote_signer* remote();
  // Before the actors end: nothing is asked any more.
  void stop();

private:
  [[nodiscard]] made_backend open_renewed(const source_config& source);

  struct renewed_source {
    renewed_source(std::string of, actors::credential_terms terms)
        : name(std::move(of)), what(std::move(terms)) {}
    std::string name;
    actors::kept_credentials what;
  };
  http::log& log_;
  std::size_t sources_;
  std::list<source_credentials> given_;
  std::list<renewed_source> renewed_;
  std::vector<std::string> signed_remotely_;   // sources
  std::unique_ptr<http::client_pool> clouds_;  // null: none is asked
  std::unique_ptr<http::remote_signatures> remote_;
};

}  // namespace filemint
