#include "api/mint_answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <barrier>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace filemint::api::mint_answer_test {
namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

// The texts must outlive the paths, as literals do.
std::vector<file_path> as_paths(const std::vector<std::string_view>& texts) {
  std::vector<file_path> paths;
  for (const auto text : texts) paths.push_back(file_path::make(text).value());
  return paths;
}

constexpr wall_time five_past_new_year{1'767'225'900s};

answer_terms terms(bool urls = false) {
  return {.source = "magikarp",
          .expires_at = five_past_new_year,
          .expires_in = 300s,
          .urls = urls,
          .public_url = "https://files.example.com/magikarp/"};
}

// A stand-in for a token, of a size that differs from path to path.
std::string token_of(file_path path) {
  return "tok." + std::to_string(path.bytes().size()) + std::string(path.bytes().size() % 7, 'x');
}
std::size_t token_size(file_path path) {
  return token_of(path).size();
}
void sign(std::span<const file_path> paths, std::span<char*> places) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto token = token_of(paths[i]);
    places[i] = std::ranges::copy(token, places[i]).out;
  }
}

std::string text_of(answer_bytes body) {
  return {body.data.get(), body.size};
}

std::string answer(const std::vector<std::string>& texts, const answer_terms& on,
                   std::size_t chunk_paths) {
  const auto paths = as_paths({texts.begin(), texts.end()});
  mint_answer it(on, paths, chunk_paths, token_size);
  for (std::size_t k = 0; k < it.chunks(); ++k) it.write_chunk(k, token_size, sign);
  return text_of(it.take());
}

TEST(MintAnswer, WritesTheContractsBytes) {
  EXPECT_EQ(answer({"uploads/co_xyz/file_abc123/context.pdf", "b"}, terms(), 256),
            R"({"success":true,"data":{"access_tokens":{)"
            R"("uploads/co_xyz/file_abc123/context.pdf":"tok.38xxx","b":"tok.1x"},)"
            R"("message":"Tokens minted.","expires_at":"2026-01-01T00:05:00Z","expires_in":300,)"
            R"("source":"magikarp"}})");
}

TEST(MintAnswer, WritesUrlsWhenAsked) {
  EXPECT_EQ(
      answer({"a b/c?d.pdf", "e"}, terms(true), 256),
      R"({"success":true,"data":{"access_tokens":{"a b/c?d.pdf":"tok.11xxxx","e":"tok.1x"},)"
      R"("message":"Tokens minted.","expires_at":"2026-01-01T00:05:00Z","expires_in":300,)"
      R"("source":"magikarp","urls":{)"
      R"("a b/c?d.pdf":"https://files.example.com/magikarp/a%20b/c%3Fd.pdf?token=tok.11xxxx",)"
      R"("e":"https://files.example.com/magikarp/e?token=tok.1x"}}})");
}

TEST(MintAnswer, ListsWhatAPartialCallCouldNotMint) {
  const std::vector<failed_paths> failed{{errc::forbidden, {"say \"no\""}}};
  auto on = terms(true);
  on.failed = &failed;
  EXPECT_EQ(answer({"e"}, on, 256),
            R"({"success":true,"data":{"access_tokens":{"e":"tok.1x"},)"
            R"("message":"Tokens minted.","expires_at":"2026-01-01T00:05:00Z","expires_in":300,)"
            R"("source":"magikarp",)"
            R"("failed":[{"code":"FORBIDDEN","filePaths":["say \"no\""]}],)"
            R"("urls":{"e":"https://files.example.com/magikarp/e?token=tok.1x"}}})");
  const std::vector<failed_paths> none;
  on.failed = &none;
  EXPECT_EQ(json::parse(answer({"e"}, on, 256))["data"]["failed"], json::array());
}

TEST(MintAnswer, PutsOneSlashBetweenPublicUrlAndPath) {
  auto on = terms(true);
  on.public_url = "https://cdn.example.com/x";
  on.before_token = "?";
  EXPECT_EQ(json::parse(answer({"a"}, on, 1))["data"]["urls"]["a"],
            "https://cdn.example.com/x/a?tok.1x");
}

TEST(MintAnswer, EscapesPathsSourceAndPublicUrl) {
  auto on = terms(true);
  on.source = "a\"b";
  on.public_url = "https://h/\"\\/";
  const auto body = json::parse(answer({R"(say "hi".txt)", "plain"}, on, 1));
  EXPECT_EQ(body["data"]["source"], "a\"b");
  EXPECT_EQ(body["data"]["access_tokens"][R"(say "hi".txt)"], "tok.12xxxxx");
  EXPECT_EQ(body["data"]["urls"][R"(say "hi".txt)"],
            "https://h/\"\\/say%20%22hi%22.txt?token=tok.12xxxxx");
}

TEST(MintAnswer, HasAsManyChunksAsThePathsNeed) {
  const auto paths = as_paths({"a", "b", "c", "d", "e"});
  mint_answer it(terms(), paths, 2, token_size);
  ASSERT_EQ(it.chunks(), 3);
  EXPECT_EQ(it.chunk_paths(0).size(), 2);
  EXPECT_EQ(it.chunk_paths(2).size(), 1);
  EXPECT_EQ(it.chunk_paths(2)[0].bytes(), "e");
  EXPECT_EQ(mint_answer(terms(), paths, 5, token_size).chunks(), 1);
}

TEST(MintAnswer, WritesTheSameInAnyOrderOfChunks) {
  const std::vector<std::string> texts{"a", "bb", "c\"c", "ddd", "eeee", "f", "gg"};
  const auto paths = as_paths({texts.begin(), texts.end()});
  for (const bool urls : {false, true}) {
    const auto whole = answer(texts, terms(urls), 100);
    for (std::size_t chunk_paths = 1; chunk_paths <= texts.size(); ++chunk_paths) {
      mint_answer it(terms(urls), paths, chunk_paths, token_size);
      EXPECT_EQ(it.size(), whole.size());
      for (auto k = it.chunks(); k-- > 0;) it.write_chunk(k, token_size, sign);
      EXPECT_EQ(text_of(it.take()), whole);
    }
  }
}

// Tokens are asked for in groups; the last of a chunk is as long as what is left.
TEST(MintAnswer, AsksForTokensByTheGroupAndWritesThemInTheirOrder) {
  for (const std::size_t count : {1U, 15U, 16U, 17U, 32U, 40U}) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i)
      texts.push_back(std::to_string(i) + "/a" + std::string(i, 'x'));
    const auto paths = as_paths({texts.begin(), texts.end()});
    for (const bool urls : {false, true}) {
      mint_answer it(terms(urls), paths, 100, token_size);
      std::vector<file_path> asked;
      it.write_chunk(0, token_size, [&](auto group, auto places) {
        EXPECT_EQ(group.size(), std::min(token_signer::at_once, count - asked.size()));
        EXPECT_EQ(places.size(), group.size());
        asked.insert(asked.end(), group.begin(), group.end());
        sign(group, places);
      });
      EXPECT_EQ(asked, paths);
      const auto data = json::parse(text_of(it.take()))["data"];
      for (const auto path : paths) {
        const std::string name(path.bytes());
        EXPECT_EQ(data["access_tokens"][name], token_of(path));
        if (!urls) continue;
        EXPECT_EQ(data["urls"][name],
                  "https://files.example.com/magikarp/" + name + "?token=" + token_of(path));
      }
    }
  }
}

// Some take all of it, some a part.
std::size_t token_room(file_path path) {
  return token_size(path) + path.bytes().size() % 3 * 40;
}

TEST(MintAnswer, LeavesNoGapWhereTokensAreShorterThanTheirRoom) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 70; ++i)
    texts.push_back(std::to_string(i) + "/\"" + std::string(i % 5, 'x'));
  const auto paths = as_paths({texts.begin(), texts.end()});
  for (const bool urls : {false, true}) {
    const auto whole = answer(texts, terms(urls), 100);
    for (const std::size_t chunk_paths : {1U, 3U, 33U, 100U}) {
      mint_answer it(terms(urls), paths, chunk_paths, token_room);
      EXPECT_GT(it.size(), whole.size());
      for (auto k = it.chunks(); k-- > 0;) it.write_chunk(k, token_room, sign);
      EXPECT_EQ(text_of(it.take()), whole);
    }
  }
}

TEST(MintAnswer, CanBeMovedBeforeItsChunksAreWritten) {
  const auto paths = as_paths({"a", "b"});
  mint_answer first(terms(true), paths, 1, token_size);
  mint_answer second = std::move(first);
  second.write_chunk(1, token_size, sign);
  mint_answer third = std::move(second);
  third.write_chunk(0, token_size, sign);
  EXPECT_EQ(text_of(third.take()), answer({"a", "b"}, terms(true), 1));
}

TEST(MintAnswer, WritesAChunkAgainAfterASignerThrew) {
  const auto paths = as_paths({"a", "b"});
  mint_answer it(terms(), paths, 2, token_size);
  const auto refuse = [](auto, auto) { throw std::runtime_error("no"); };
  EXPECT_THROW(it.write_chunk(0, token_size, refuse), std::runtime_error);
  it.write_chunk(0, token_size, sign);
  EXPECT_EQ(text_of(it.take()), answer({"a", "b"}, terms(), 2));
}

TEST(MintAnswer, IsEmptyOnceTaken) {
  const auto paths = as_paths({"a"});
  mint_answer it(terms(), paths, 1, token_size);
  it.write_chunk(0, token_size, sign);
  EXPECT_GT(it.take().size, 0);
  EXPECT_EQ(it.take().size, 0);
}

// Under TSan this shows that chunks share no byte and no state.
TEST(MintAnswer, LetsThreadsWriteDifferentChunksAtOnce) {
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) texts.push_back("uploads/co_xyz/" + std::to_string(i) + "/\".pdf");
  const auto paths = as_paths({texts.begin(), texts.end()});
  for (int round = 0; round < 20; ++round) {
    mint_answer it(terms(true), paths, 7, token_size);
    constexpr std::size_t threads = 3;
    std::barrier start(threads);
    {
      std::vector<std::jthread> writers;
      for (std::size_t t = 0; t < threads; ++t) {
        writers.emplace_back([&, t] {
          start.arrive_and_wait();
          for (auto k = t; k < it.chunks(); k += threads) it.write_chunk(k, token_size, sign);
        });
      }
    }
    ASSERT_EQ(text_of(it.take()), answer(texts, terms(true), 1'000));
  }
}

// Even where another is shorter.
TEST(MintAnswerDeath, EndsTheProcessWhenATokenIsLongerThanItsRoom) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto paths = as_paths({"aaa", "b"});
  ASSERT_EQ(token_room(paths[0]), token_size(paths[0]));
  ASSERT_GT(token_room(paths[1]), token_size(paths[1]) + 1);
  EXPECT_DEATH(
      {
        mint_answer it(terms(), paths, 2, token_room);
        it.write_chunk(0, token_room, [&](auto group, auto places) {
          sign(group, places);
          places[0] += 1;
        });
      },
      "");
}

RC_GTEST_PROP(MintAnswerProperty, ParsesBackToTheSameMaps, ()) {
  const auto pieces =
      rc::gen::element<std::string>("a", "b/c", "\"", " ", "é", "😀", "'", "?", "%");
  const auto names = *rc::gen::container<std::set<std::string>>(
      rc::gen::map(rc::gen::container<std::vector<std::string>>(pieces),
                   [](const std::vector<std::string>& all) {
                     std::string path = "x";
                     for (const auto& each : all) path += each;
                     return path;
                   }));
  const std::vector<std::string> texts(names.begin(), names.end());
  const auto chunk_paths = *rc::gen::inRange<std::size_t>(1, 5);
  const auto data = json::parse(answer(texts, terms(true), chunk_paths))["data"];
  RC_ASSERT(data["access_tokens"].size() == texts.size());
  RC_ASSERT(data["urls"].size() == texts.size());
  std::size_t i = 0;
  for (const auto& [path, token] : data["access_tokens"].items()) {
    RC_ASSERT(path == texts[i++]);
    RC_ASSERT(token == token_of(*file_path::make(path)));
    RC_ASSERT(data["urls"][path] == "https://files.example.com/magikarp/" + percent_encode(path) +
                                        "?token=" + token.get<std::string>());
  }
}

}  // namespace
}  // namespace filemint::api::mint_answer_test
