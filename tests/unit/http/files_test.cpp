#include "http/routes/files.hpp"

#include "heads.hpp"
#include "temporary_tree.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <string>

namespace filemint::http::files_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view path = "uploads/co_xyz/a b.pdf";
constexpr std::string_view url_path = "/files/magikarp/uploads/co_xyz/a%20b.pdf";

class Files : public ::testing::Test {
protected:
  Files() {
    for (const auto* source : {"magikarp", "betaimages"}) {
      tree_.write(std::string(source) + "/" + std::string(path), "0123456789");
    }
    tree_.write("magikarp/uploads/co_other/x", "theirs");
    reader_ = *file_reader::start(
        std::array{file_reader::root{"magikarp", tree_.root() / "magikarp"},
                   file_reader::root{"betaimages", tree_.root() / "betaimages"}},
        2);
  }

  reply request_target(std::string_view target, std::string_view fields = {},
                       std::string_view method = "GET") {
    const parsed_head head(head_text(method, target, fields));
    std::promise<reply> answer;
    serve_file(*head, world_.view(), *reader_, [&](reply r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }

  // The file of all these tests, with a good token.
  reply get(std::string_view fields = {}, std::string_view method = "GET") {
    return request_target(target_with(world_.token("magikarp", path)), fields, method);
  }

  static std::string target_with(std::string_view token) {
    return std::string(url_path) + "?token=" + std::string(token);
  }

  std::string read(const reply& r) {
    std::promise<result<std::string>> block;
    reader_->read(std::get<file_body>(r.body), [&](auto b) { block.set_value(std::move(b)); });
    return block.get_future().get().value();
  }

  temporary_tree tree_;
  world world_;
  std::unique_ptr<file_reader> reader_;
};

TEST_F(Files, ServesAFileToWhoeverHoldsItsToken) {
  const auto r = get();
  EXPECT_EQ(r.status, 200u);
  EXPECT_EQ(r.content_type, "application/pdf");
  EXPECT_EQ(read(r), "0123456789");
  for (const auto* field :
       {"ETag: \"", "Last-Modified: ", "Accept-Ranges: bytes\r\n",
        "Cache-Control: private, max-age=300\r\n", "X-Content-Type-Options: nosniff\r\n",
        "Content-Security-Policy: sandbox; default-src 'none'\r\n",
        "Referrer-Policy: no-referrer\r\n"}) {
    EXPECT_THAT(r.fields, HasSubstr(field));
  }
}

TEST_F(Files, ServesARange) {
  const auto r = get("Range: bytes=2-4\r\n");
  EXPECT_EQ(r.status, 206u);
  EXPECT_EQ(read(r), "234");
  EXPECT_THAT(r.fields, HasSubstr("Content-Range: bytes 2-4/10\r\n"));
}

TEST_F(Files, RefusesARangeBeyondTheFile) {
  const auto r = get("Range: bytes=10-\r\n");
  EXPECT_EQ(r.status, 416u);
  EXPECT_EQ(r.code, "RANGE_NOT_SATISFIABLE");
  EXPECT_THAT(r.fields, HasSubstr("Content-Range: bytes */10\r\n"));
}

TEST_F(Files, AnswersTheSameEntityTagUntilTheFileChanges) {
  const auto etag = [](const reply& r) {
    const auto from = r.fields.find("ETag: ") + 6;
    return r.fields.substr(from, r.fields.find("\r\n", from) - from);
  };
  const auto first = etag(get());
  EXPECT_EQ(etag(get()), first);
  EXPECT_EQ(get("If-None-Match: " + first + "\r\n").status, 304u);
  tree_.write("magikarp/" + std::string(path), "changed");
  EXPECT_NE(etag(get()), first);
  EXPECT_EQ(get("If-None-Match: " + first + "\r\n").status, 200u);
}

TEST_F(Files, SendsNoBodyWith304) {
  const auto r = get("If-None-Match: *\r\n");
  EXPECT_EQ(r.status, 304u);
  EXPECT_EQ(body_size(r), 0u);
  EXPECT_EQ(r.content_type, "");
  EXPECT_THAT(r.fields, HasSubstr("ETag: "));
}

TEST_F(Files, TellsNoDateAheadOfItsOwn) {
  std::filesystem::last_write_time(
      tree_.root() / "magikarp" / path,
      std::filesystem::file_time_type::clock::now() + std::chrono::years(100));
  EXPECT_THAT(get().fields, HasSubstr("Last-Modified: Thu, 28 May 2026 20:26:40 GMT\r\n"));
}

TEST_F(Files, AnswersHeadLikeGetWithoutRanges) {
  const auto r = get("Range: bytes=2-4\r\n", "HEAD");
  EXPECT_EQ(r.status, 200u);
  EXPECT_EQ(body_size(r), 10u);
}

TEST_F(Files, LimitsCachingToTheTokensRemainingLife) {
  const auto token = world_.token("magikarp", path, std::chrono::seconds{10});
  world_.at.wall += std::chrono::seconds{4};
  EXPECT_THAT(request_target(target_with(token)).fields, HasSubstr("max-age=6\r\n"));
  world_.at.wall += std::chrono::seconds{16};  // within the skew
  EXPECT_THAT(request_target(target_with(token)).fields, HasSubstr("max-age=0\r\n"));
}

TEST_F(Files, SaysUnderWhichNameAFileIsToBeSaved) {
  const auto fields_of = [&](std::string_view name, std::string_view fields = {}) {
    const auto token = world_.token("magikarp", path, std::chrono::seconds{300}, "co_xyz", name);
    return request_target(target_with(token), fields).fields;
  };
  EXPECT_THAT(get().fields, Not(HasSubstr("Content-Disposition")));
  EXPECT_THAT(fields_of("it's \"é\".pdf"),
              HasSubstr("Content-Disposition: attachment; filename=\"it's ___.pdf\"; "
                        "filename*=UTF-8''it%27s%20%22%C3%A9%22.pdf\r\n"));
  EXPECT_THAT(fields_of("b.pdf", "Range: bytes=2-4\r\n"),
              HasSubstr("Content-Disposition: attachment; filename=\"b.pdf\"\r\n"));
  EXPECT_THAT(fields_of("x\r\nSet-Cookie: y"), Not(HasSubstr("\r\nSet-Cookie")));
}

TEST_F(Files, RefusesWithoutAToken) {
  for (const auto* query : {"", "?", "?token=", "?Token=x", "?a=b"}) {
    const auto r = request_target(std::string(url_path) + query, "Authorization: Bearer x\r\n");
    EXPECT_EQ(r.code, "UNAUTHORIZED") << query;
    EXPECT_THAT(r.fields, HasSubstr("WWW-Authenticate: Bearer\r\n"));
    EXPECT_THAT(r.fields, HasSubstr("Cache-Control: no-store\r\n"));
  }
}

TEST_F(Files, RefusesATokenThatDoesNotVerify) {
  const auto good = world_.token("magikarp", path);
  for (const auto& query : {std::string("?token=x"), "?token=" + good + "x",
                            "?token=" + good + "&token=" + good, "?token=" + good + "&%74oken=x"}) {
    EXPECT_EQ(request_target(std::string(url_path) + query).code, "INVALID_ACCESS_TOKEN") << query;
  }
}

TEST_F(Files, RefusesATokenWhoseTimeHasPassed) {
  const auto token = world_.token("magikarp", path, std::chrono::seconds{10});
  world_.at.wall += std::chrono::seconds{41};
  EXPECT_EQ(request_target(target_with(token)).code, "EXPIRED_ACCESS_TOKEN");
}

TEST_F(Files, RefusesAGoodTokenForAnotherFileOrSource) {
  EXPECT_EQ(request_target(target_with(world_.token("magikarp", "uploads/co_xyz/b"))).code,
            "FORBIDDEN");
  EXPECT_EQ(request_target(target_with(world_.token("betaimages", path))).code, "FORBIDDEN");
  const auto token = "?token=" + world_.token("magikarp", path);
  for (const auto* target :
       {"/files/unknown/uploads/co_xyz/a%20b.pdf", "/files/magikarp", "/files/magikarp/", "/files/",
        "/files/magikarp//uploads/co_xyz/a%20b.pdf", "/files/magikarp/uploads/co_xyz/a%2520b.pdf",
        "/files/magikarp/uploads/co_xyz/x/../a%20b.pdf",
        "/files/%6dagikarp/uploads/co_xyz/a%20b.pdf"}) {
    if (target == std::string_view("/files/magikarp")) continue;  // the router's
    EXPECT_EQ(request_target(target + token).code, "FORBIDDEN") << target;
  }
}

TEST_F(Files, DecodesThePathExactlyOnce) {
  const auto token = "?token=" + world_.token("magikarp", path);
  EXPECT_EQ(request_target("/files/magikarp/%75ploads%2Fco_xyz/a%20b.pdf" + token).status, 200u);
}

TEST_F(Files, RefusesWhatIsNoLongerAllowed) {
  const auto target = target_with(world_.token("magikarp", path));
  world_.put_company(false, {"uploads/co_xy", "uploads/co_xyz/b"});
  EXPECT_EQ(request_target(target).code, "FORBIDDEN");
  world_.put_company(true, {"uploads/co_xyz"});
  EXPECT_EQ(request_target(target).code, "FORBIDDEN");
  world_.put_company(false, {"uploads"});
  EXPECT_EQ(request_target(target).status, 200u);
  world_.revoke_key();
  EXPECT_EQ(request_target(target).code, "INVALID_ACCESS_TOKEN");
}

TEST_F(Files, RefusesARevokedTokenBeforeItLooksAtTheCompany) {
  const auto target = target_with(world_.token("magikarp", path));
  const revocation of_another{revocation_kind::path, "betaimages", std::string(path),
                              world_.at.wall};
  const revocation one{revocation_kind::path, "magikarp", std::string(path), world_.at.wall};
  world_.known.revoked = world_.known.revoked.with({&of_another, 1});
  EXPECT_EQ(request_target(target).status, 200u);
  world_.known.revoked = world_.known.revoked.with({&one, 1});
  EXPECT_EQ(request_target(target).code, "INVALID_ACCESS_TOKEN");
  world_.put_company(true, {"uploads/co_xyz"});
  EXPECT_EQ(request_target(target).code, "INVALID_ACCESS_TOKEN");
}

TEST_F(Files, RefusesATokenWhoseKeyIsNotItsCompanys) {
  const auto token = world_.token("magikarp", path, std::chrono::seconds{300}, "co_abc");
  EXPECT_EQ(request_target(target_with(token)).code, "INVALID_ACCESS_TOKEN");
}

TEST_F(Files, TellsThatAFileIsGone) {
  std::filesystem::remove(tree_.root() / "magikarp" / path);
  EXPECT_EQ(get().code, "RESOURCE_NOT_FOUND");
}

TEST_F(Files, TellsThatNothingIsLoaded) {
  const auto target = target_with(world_.token("magikarp", path));
  world_.known.signing.clear();
  EXPECT_EQ(request_target(target).code, "SERVICE_UNAVAILABLE");
}

TEST_F(Files, TellsThatWhatIsKnownIsTooOld) {
  world_.stale = true;
  EXPECT_EQ(get().code, "SERVICE_UNAVAILABLE");
  world_.stale = false;
  EXPECT_EQ(get().code, "OK");
}

TEST_F(Files, NeverTellsTheTokenBack) {
  const auto token = world_.token("magikarp", "uploads/co_xyz/b");
  const auto r = request_target(target_with(token));
  EXPECT_THAT(r.fields + std::get<std::string>(r.body), Not(HasSubstr(token)));
}

}  // namespace
}  // namespace filemint::http::files_test
