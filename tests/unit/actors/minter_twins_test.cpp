// A missing path whose other form in Unicode exists.
#include "tests/unit/actors/minter_fixture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace filemint::actors::minter_twins_test {
namespace {

using testing::body_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string composed = "uploads/co_xyz/caf\u00e9.txt",
                  decomposed = "uploads/co_xyz/cafe\u0301.txt";
const std::string plain = "uploads/co_xyz/plain.txt";

class MinterTwins : public testing::minter_test {
protected:
  MinterTwins() { settings.sources[0].check_exists = true; }

  // The call, once its own paths were looked for.
  auto looked_for(const std::vector<std::string>& paths, std::vector<std::size_t> missing) {
    auto call = post(body_of(paths));
    files.answer(std::move(missing));
    run();
    return call;
  }
};

TEST_F(MinterTwins, AreNamedWhenTheyExist) {
  start();
  const auto call = looked_for({plain, composed}, {1});
  EXPECT_FALSE(call->came());
  ASSERT_THAT(files.questions, SizeIs(1));
  EXPECT_THAT(files.questions[0].paths, ElementsAre(decomposed));
  files.answer(std::vector<std::size_t>{});
  run();
  EXPECT_EQ(call->code(), errc::resource_not_found);
  EXPECT_THAT(call->listed("filePaths"), ElementsAre(composed));
  EXPECT_THAT(call->listed("twins"), ElementsAre(decomposed));
}

TEST_F(MinterTwins, AreNotNamedWhenTheyDoNot) {
  start();
  const std::string mixed = "uploads/co_xyz/\u00e9 e\u0301";
  const auto call = looked_for({mixed, composed}, {0, 1});
  EXPECT_THAT(files.questions[0].paths, ElementsAre(decomposed, "uploads/co_xyz/e\u0301 e\u0301",
                                                    "uploads/co_xyz/\u00e9 \u00e9"));
  files.answer(std::vector<std::size_t>{0, 2});
  run();
  EXPECT_THAT(call->listed("filePaths"), ElementsAre(mixed, composed));
  EXPECT_THAT(call->listed("twins"), ElementsAre("uploads/co_xyz/e\u0301 e\u0301"));
}

TEST_F(MinterTwins, AreLookedForOnce) {
  start();
  looked_for({"uploads/co_xyz/\u00e9 e\u0301", "uploads/co_xyz/\u00e9 \u00e9"}, {0, 1});
  EXPECT_THAT(files.questions[0].paths,
              ElementsAre("uploads/co_xyz/e\u0301 e\u0301", "uploads/co_xyz/\u00e9 \u00e9"));
}

TEST_F(MinterTwins, AreNotLookedForWithoutNeed) {
  start();
  EXPECT_EQ(looked_for({plain, composed}, {0})->code(), errc::resource_not_found);
  EXPECT_TRUE(looked_for({plain, composed}, {})->ok());
  EXPECT_THAT(files.questions, IsEmpty());
}

TEST_F(MinterTwins, ThatTheCallerMayNotReadAreNotLookedFor) {
  put_caller({.granted = "uploads/caf\u00e9"});
  start();
  const auto call = looked_for({"uploads/caf\u00e9/a"}, {0});
  EXPECT_THAT(files.questions, IsEmpty()) << "its folder's other form is another folder";
  EXPECT_EQ(call->code(), errc::resource_not_found);
}

TEST_F(MinterTwins, ThatCannotBeLookedForChangeNothing) {
  start();
  const auto call = looked_for({composed}, {0});
  files.answer(fail(errc::service_unavailable));
  run();
  EXPECT_EQ(call->code(), errc::resource_not_found);
  EXPECT_THAT(call->listed("filePaths"), ElementsAre(composed));
  EXPECT_EQ(call->detail<std::vector<std::string>>("twins"), nullptr);
}

}  // namespace
}  // namespace filemint::actors::minter_twins_test
