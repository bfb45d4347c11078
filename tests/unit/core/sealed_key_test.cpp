#include "core/sealed_key.hpp"

#include "core/crypto/base64url.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

namespace filemint::sealed_key_test {
namespace {

constexpr auto hs256 = token_algorithm::hs256;
constexpr auto eddsa = token_algorithm::eddsa;
constexpr auto es256 = token_algorithm::es256;

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!printable<master_key>);
static_assert(!std::is_copy_constructible_v<master_key>);

TEST(SealedKey, OpensUnderItsMasterKey) {
  const auto master = master_key::generate();
  for (const auto algorithm : {hs256, eddsa, es256}) {
    const auto key = signing_key::generate(algorithm, "magikarp", "2026a").value();
    const auto opened = unseal(master, algorithm, "magikarp", "2026a", seal(master, *key));
    ASSERT_TRUE(opened);
    EXPECT_EQ((*opened)->raw().reveal(), key->raw().reveal());
    EXPECT_EQ((*opened)->kid(), "2026a");
    EXPECT_EQ((*opened)->source(), "magikarp");
    EXPECT_EQ((*opened)->algorithm(), algorithm);
  }
}

TEST(SealedKey, ShowsNoneOfItsBytes) {
  const auto master = master_key::generate();
  const auto key = signing_key::generate(hs256, "magikarp", "2026a").value();
  const auto sealed = seal(master, *key);
  const auto raw = key->raw();
  for (std::size_t i = 0; i + 4 <= raw.size(); ++i) {
    EXPECT_FALSE(sealed.contains(raw.reveal().substr(i, 4)));
  }
}

void expect_wrong_key(const result<signing_key_ptr>& opened) {
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::wrong_key);
  EXPECT_TRUE(opened.error().message.contains("another master key"));
}

TEST(SealedKey, DoesNotOpenUnderAnotherMasterKey) {
  const auto key = signing_key::generate(hs256, "magikarp", "2026a").value();
  const auto sealed = seal(master_key::generate(), *key);
  expect_wrong_key(unseal(master_key::generate(), hs256, "magikarp", "2026a", sealed));
}

TEST(SealedKey, DoesNotOpenAsAnotherKey) {
  const auto master = master_key::generate();
  const auto key = signing_key::generate(hs256, "magikarp", "2026a").value();
  const auto sealed = seal(master, *key);
  expect_wrong_key(unseal(master, hs256, "magikarp", "2026b", sealed));
  expect_wrong_key(unseal(master, eddsa, "magikarp", "2026a", sealed));
  expect_wrong_key(unseal(master, es256, "magikarp", "2026a", sealed));
  expect_wrong_key(unseal(master, hs256, "betaimages", "2026a", sealed));
}

// Joined without their lengths, these names would give the same bytes.
TEST(SealedKey, DoesNotOpenWhenTheNamesAreDividedOtherwise) {
  const auto master = master_key::generate();
  const auto key = signing_key::generate(hs256, "bc", "a").value();
  expect_wrong_key(unseal(master, hs256, "c", "ab", seal(master, *key)));
  const auto tricky = signing_key::generate(hs256, "b", "aHS256").value();
  expect_wrong_key(unseal(master, hs256, "HS256b", "a", seal(master, *tricky)));
}

TEST(SealedKey, DoesNotOpenWithAFlippedBitOrACutEnd) {
  const auto master = master_key::generate();
  const auto key = signing_key::generate(eddsa, "magikarp", "2026a").value();
  const auto sealed = seal(master, *key);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(unseal(master, eddsa, "magikarp", "2026a", flipped)) << bit;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{12}, sealed.size() - 1}) {
    EXPECT_FALSE(unseal(master, eddsa, "magikarp", "2026a", sealed.substr(0, size))) << size;
  }
}

constexpr std::string_view text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";  // 0 to 31

TEST(MasterKey, ReadsItsText) {
  for (const auto& spelling : {std::string(text), std::string(text.substr(0, 43)),
                               std::string(text) + "\n", " \t" + std::string(text) + "\r\n"}) {
    const auto key = master_key::from_text(spelling);
    ASSERT_TRUE(key) << spelling;
    EXPECT_EQ(key->text().reveal(), text);
    for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(key->reveal()[i], static_cast<char>(i));
  }
}

TEST(MasterKey, ComesBackFromItsText) {
  const auto key = master_key::generate();
  EXPECT_EQ(master_key::from_text(key.text().reveal())->reveal(), key.reveal());
  EXPECT_NE(master_key::generate().reveal(), key.reveal());
}

TEST(MasterKey, RefusesWhatIsNot32BytesInBase64) {
  const std::vector<std::string> bad{
      "",
      "hunter2",
      std::string(text.substr(0, 42)),
      "AAECAwQFBgcICQoLDA0ODw==",             // 16 bytes
      std::string(text.substr(0, 43)) + "A",  // 33
      std::string(text) + std::string(text),  // padding in between
      std::string(text.substr(0, 20)) + "\n" + std::string(text.substr(20)),
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",  // hex: 48 bytes
  };
  for (const auto& each : bad) {
    const auto key = master_key::from_text(each);
    ASSERT_FALSE(key) << each;
    EXPECT_EQ(key.error().code, errc::invalid_argument);
    if (!each.empty()) {
      EXPECT_FALSE(key.error().message.contains(each)) << each;
    }
  }
}

class LoadMasterKey : public ::testing::Test {
protected:
  std::filesystem::path path_ = std::filesystem::path(::testing::TempDir()) /
                                ("filemint_master_key_" + std::to_string(::getpid()));
  void TearDown() override {
    std::filesystem::remove(path_);
    ::unsetenv("FILEMINT_TEST_MASTER_KEY");
  }
  void write(std::string_view content) const { std::ofstream(path_) << content; }
  [[nodiscard]] std::string reference() const { return "file:" + path_.string(); }

  static void expect_help(const result<master_key>& key, errc code, std::string_view named) {
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, code);
    const auto& message = key.error().message;
    EXPECT_TRUE(message.contains(named)) << message;
    EXPECT_TRUE(message.contains("filemint master-key generate")) << message;
  }
};

TEST_F(LoadMasterKey, ReadsAFile) {
  write(std::string(text) + "\n");
  const auto key = load_master_key(reference());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->text().reveal(), text);
}

TEST_F(LoadMasterKey, ReadsTheEnvironment) {
  ::setenv("FILEMINT_TEST_MASTER_KEY", text.data(), 1);
  const auto key = load_master_key("env:FILEMINT_TEST_MASTER_KEY");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->text().reveal(), text);
}

TEST_F(LoadMasterKey, SaysWhatIsMissing) {
  expect_help(load_master_key(reference()), errc::not_found, path_.string());
  expect_help(load_master_key("env:FILEMINT_TEST_MASTER_KEY"), errc::not_found,
              "FILEMINT_TEST_MASTER_KEY");
  expect_help(load_master_key("file:/"), errc::io_failed, "/");
}

TEST_F(LoadMasterKey, SaysWhereABadKeyStandsAndShowsNoneOfIt) {
  write("hunter2-hunter2");
  const auto from_file = load_master_key(reference());
  expect_help(from_file, errc::invalid_argument, path_.string());
  EXPECT_FALSE(from_file.error().message.contains("hunter2"));

  ::setenv("FILEMINT_TEST_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODw==", 1);
  const auto from_environment = load_master_key("env:FILEMINT_TEST_MASTER_KEY");
  expect_help(from_environment, errc::invalid_argument, "FILEMINT_TEST_MASTER_KEY");
  EXPECT_TRUE(from_environment.error().message.contains("16 bytes"));
  EXPECT_FALSE(from_environment.error().message.contains("AAEC"));
}

TEST_F(LoadMasterKey, DoesNotRepeatAKeyThatStandsInAReferencesPlace) {
  for (const auto& bad : {std::string(text), std::string("file:"), std::string("env:"),
                          std::string(), "FILE:" + std::string(text)}) {
    const auto key = load_master_key(bad);
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().code, errc::invalid_argument);
    EXPECT_FALSE(key.error().message.contains(text));
  }
}

}  // namespace
}  // namespace filemint::sealed_key_test
