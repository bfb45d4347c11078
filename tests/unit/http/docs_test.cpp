#include "http/routes/docs.hpp"

#include "heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace filemint::http::docs_test {
namespace {

using ::testing::HasSubstr;

reply docs_reply(std::string_view name, std::string_view fields = {}) {
  const parsed_head head(head_text("GET", "/docs", fields));
  return serve_docs(name, *head);
}

std::string_view bytes_of(const reply& r) {
  return std::get<static_body>(r.body).bytes;
}

TEST(Docs, HaveThePageAndTheDocument) {
  EXPECT_THAT(bytes_of(docs_reply("")), ::testing::StartsWith("<!DOCTYPE html>"));
  EXPECT_EQ(docs_reply("").content_type, "text/html; charset=utf-8");
  EXPECT_THAT(bytes_of(docs_reply("openapi.yaml")), ::testing::StartsWith("openapi: 3.1.0"));
  EXPECT_EQ(docs_reply("openapi.yaml").content_type, "application/yaml");
}

TEST(Docs, AreUnderAPolicyThatAllowsNothingInline) {
  for (const auto& file : docs_files()) {
    const auto fields = docs_reply(file.name).fields;
    EXPECT_THAT(fields, HasSubstr("Content-Security-Policy: default-src 'none'")) << file.name;
    EXPECT_THAT(fields, Not(HasSubstr("unsafe-inline"))) << file.name;
    EXPECT_THAT(fields, HasSubstr("X-Content-Type-Options: nosniff")) << file.name;
  }
}

TEST(Docs, AreNotSentToAClientThatHasThem) {
  std::set<std::string_view> etags;
  for (const auto& file : docs_files()) {
    EXPECT_TRUE(etags.insert(file.etag).second) << file.name;
    const auto r = docs_reply(file.name, "If-None-Match: " + std::string{file.etag} + "\r\n");
    EXPECT_EQ(r.status, 304u) << file.name;
    EXPECT_EQ(body_size(r), 0u) << file.name;
    EXPECT_THAT(r.fields, HasSubstr("ETag: " + std::string{file.etag})) << file.name;
    EXPECT_EQ(docs_reply(file.name, "If-None-Match: \"x\"\r\n").status, 200u) << file.name;
  }
}

TEST(Docs, HaveNothingElse) {
  EXPECT_EQ(docs_reply("nothing.js").code, "ENDPOINT_NOT_FOUND");
  EXPECT_EQ(docs_reply("../openapi.yaml").code, "ENDPOINT_NOT_FOUND");
}

}  // namespace
}  // namespace filemint::http::docs_test
