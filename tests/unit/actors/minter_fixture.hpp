// A core's stages up to its minters, before the local backend or one that does what a test wants.
#pragma once

#include "actors/dispatcher.hpp"
#include "actors/minter.hpp"
#include "core/token.hpp"
#include "tests/unit/actors/fixture.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::actors::testing {

// Its token of a path is the path; "…/bad" and "…/odd" throw.
class scripted_backend final : public backends::backend {
public:
  [[nodiscard]] std::string_view source() const noexcept override { return "magikarp"; }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot&, const backends::mint_terms&) const override {
    if (throw_in_begin) throw std::runtime_error{"begin"};
    return std::make_unique<batch>(*this);
  }

  bool throw_in_begin = false;
  std::size_t paths_a_chunk = 256;
  mutable int signed_paths = 0;

private:
  class batch final : public backends::batch {
  public:
    explicit batch(const scripted_backend& from) : from_(from) {}
    [[nodiscard]] std::size_t paths_per_chunk() const noexcept override {
      return from_.paths_a_chunk;
    }
    [[nodiscard]] std::uint32_t token_size(file_path path) const override {
      return static_cast<std::uint32_t>(path.bytes().size());
    }
    void sign(std::span<const file_path> paths, std::span<char*> places) const override {
      for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto bytes = paths[i].bytes();
        if (bytes.ends_with("/bad")) throw std::runtime_error{"sign"};
        if (bytes.ends_with("/odd")) throw 7;
        ++from_.signed_paths;
        places[i] = std::ranges::copy(bytes, places[i]).out;
      }
    }

  private:
    const scripted_backend& from_;
  };
};

class minter_test : public actor_test {
protected:
  // With two real minters, one a core: local ones where a signing key was put, else scripted.
  void start() {
    choose_backends();
    for (std::size_t i = 0; i < cores; ++i) minters_[i] = spawn<minter>(core(i), std::size_t{0});
    connect_line();
  }
  // On one core alone.
  void start_alone() {
    choose_backends();
    minters_[0] = spawn<minter>(core(), std::size_t{0});
    connect_line();
  }
  // The other core's minter only keeps what it is asked for.
  void start_with_recording_peer() {
    choose_backends();
    minters_ = {spawn<minter>(core(), std::size_t{0}), spawn<recording_minter>(peer)};
    connect_line();
  }

  // The answer of the call holds a good token for each of them, in their order.
  void expect_good_tokens(const sent_call& of, const std::vector<std::string>& paths,
                          std::chrono::seconds life) {
    expect_good_tokens(of, paths, life, known());
  }
  void expect_good_tokens(const sent_call& of, const std::vector<std::string>& paths,
                          std::chrono::seconds life, const snapshot& signed_by) {
    ASSERT_TRUE(of->ok());
    const auto body = of->body();
    std::string_view rest = body;
    for (const auto& path : paths) {
      const auto name = '"' + path + "\":\"";
      const auto at = rest.find(name);
      ASSERT_NE(at, std::string_view::npos) << path;
      rest.remove_prefix(at + name.size());
      const auto good = verify_token(rest.substr(0, rest.find('"')), settings.mint.issuer,
                                     "magikarp", signed_by.signing.at("magikarp"), clock.wall, 0s);
      ASSERT_TRUE(good) << path;
      EXPECT_EQ(good->path(), path);
      EXPECT_EQ(good->company(), "co_xyz");
      EXPECT_EQ(good->expires_at(), clock.wall + life);
    }
  }

  scripted_backend signer;
  minter_traffic peer;
  std::array<minter_actor, cores> minters_;
  bool without_keys = false;  // local ones all the same

private:
  void choose_backends() {
    if (known().signing.empty() && !without_keys) backends = {&signer};
  }
  void connect_line() {
    for (std::size_t i = 0; i < cores; ++i) {
      for (const auto& each : minters_) {
        if (each && minters_[i]) tell(each, i, minter_peer{minters_[i]});
      }
    }
    const auto fourth = spawn<dispatcher>(core());
    tell(fourth, std::size_t{0}, minters_[0]);
    connect(fourth);
  }
};

}  // namespace filemint::actors::testing
