// What stands around a storage prober in its tests: a fetcher that sends nothing, a backend whose
// signatures can be read, and a prober for the rest.
#pragma once

#include "actors/fetcher.hpp"
#include "actors/prober.hpp"
#include "backends/backend.hpp"
#include "core/token.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace filemint::http::testing {

// Keeps what it is to send and to run until the test has it done.
class fake_fetcher final : public actors::fetcher {
public:
  struct sent {
    backends::remote_request request;
    actors::fetch_terms terms;
    std::move_only_function<void(actors::fetch_outcome)> done;
  };

  void fetch(backends::remote_request request, actors::fetch_terms terms,
             std::move_only_function<void(actors::fetch_outcome)> done) override {
    if (at_once) return done(std::unexpected(*at_once));
    out.push_back({std::move(request), terms, std::move(done)});
  }
  void run(std::move_only_function<void()> work) override { works.push_back(std::move(work)); }

  // One piece of work; false: there is none.
  bool turn() {
    if (works.empty()) return false;
    auto work = std::move(works.front());
    works.pop_front();
    work();
    return true;
  }

  std::deque<sent> out;
  std::deque<std::move_only_function<void()>> works;
  std::optional<actors::fetch_fault> at_once;  // what each request ends with, before it returns
};

// Its token of a path is the path, plain.
class named_backend final : public backends::backend {
public:
  [[nodiscard]] std::string_view source() const noexcept override { return "objects"; }
  [[nodiscard]] backends::url_form probes() const noexcept override {
    return {.public_url = "http://storage.test:9000/bucket/",
            .before_token = "?",
            .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot&, const backends::mint_terms& terms) const override {
    EXPECT_EQ(terms.use, backends::token_use::probe);
    if (!has_keys) return fail(errc::service_unavailable);
    signed_from = terms.issued_at;
    signed_until = terms.expires_at;
    return std::make_unique<batch>(*this);
  }

  bool has_keys = true;
  std::size_t chunk = 256;
  mutable wall_time signed_from, signed_until;

private:
  class batch final : public backends::batch {
  public:
    explicit batch(const named_backend& of) : of_(of) {}
    [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return of_.chunk; }
    [[nodiscard]] std::uint32_t token_size(file_path path) const noexcept override {
      return static_cast<std::uint32_t>(path.bytes().size() + 40);
    }
    void sign(std::span<const file_path> paths, std::span<char*> places) const override {
      EXPECT_LE(paths.size(), std::min(token_signer::at_once, of_.chunk));
      for (std::size_t i = 0; i < paths.size(); ++i) {
        places[i] = std::ranges::copy("sig=" + std::string{paths[i].bytes()}, places[i]).out;
      }
    }

  private:
    const named_backend& of_;
  };
};

// A file system that is asked what is not on an object store.
class other_prober final : public actors::prober {
public:
  void probe(const actors::probe_question& asked,
             std::move_only_function<void(actors::probe_outcome)> done) override {
    sources.emplace_back(asked.source);
    done(std::vector<std::size_t>{7});
  }
  std::vector<std::string> sources;
};

inline backends::remote_answer answer(unsigned status,
                                      std::vector<backends::remote_field> fields = {}) {
  return {.status = status, .fields = std::move(fields), .body = {}};
}

}  // namespace filemint::http::testing
