#include "http/content_type.hpp"

#include <gtest/gtest.h>

namespace filemint::http::content_type_test {
namespace {

TEST(ContentType, IsToldByTheExtensionInAnyCase) {
  EXPECT_EQ(content_type_of("uploads/co_xyz/context.pdf"), "application/pdf");
  EXPECT_EQ(content_type_of("a/NOTES.PPTX"),
            "application/vnd.openxmlformats-officedocument.presentationml.presentation");
  EXPECT_EQ(content_type_of("a.tar.gz"), "application/gzip");
}

TEST(ContentType, IsOctetStreamForWhatIsNotKnown) {
  for (const auto* path : {"a", "a.", "a.xyzzy", "dir.pdf/a", "a.pdf/", "pdf", "a.pd", ""}) {
    EXPECT_EQ(content_type_of(path), "application/octet-stream") << path;
  }
}

}  // namespace
}  // namespace filemint::http::content_type_test
