// constant_time NAME, under valgrind's memcheck: runs one comparison with its secrets marked
// undefined. Memcheck then tells each branch and each address that depends on them, which is what
// time and caches could give away. The answer alone is declared defined, at the end.
#include "core/api_key.hpp"
#include "core/authenticate.hpp"
#include "core/crypto/hmac_lanes.hpp"
#include "core/secret.hpp"
#include "core/signing_key.hpp"

#include <valgrind/memcheck.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace filemint {
namespace {

void must(bool promise, const char* what) {
  if (promise) return;
  std::fprintf(stderr, "constant_time: broken: %s\n", what);
  std::exit(1);
}

void conceal(std::string_view bytes) {
  (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}

void conceal(std::span<const std::uint8_t> bytes) {
  (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}

// The one place where something that depends on a secret may be looked at.
bool told(bool answer) {
  (void)VALGRIND_MAKE_MEM_DEFINED(&answer, sizeof answer);
  return answer;
}

// One byte after the other, as std::memcmp may; ends at the first difference.
[[gnu::noinline]] bool leaky_equal(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b);
}

// Where it differs, if at all.
enum class difference { none, first, last };

std::string changed(std::string text, difference where) {
  if (where == difference::first) text.front() ^= 1;
  if (where == difference::last) text.back() ^= 1;
  return text;
}

template <class Compare>
void compare_texts(Compare equal) {
  const std::string secret = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (const auto where : {difference::none, difference::first, difference::last}) {
    const auto kept = secret;
    const auto given = changed(secret, where);
    conceal(kept);
    conceal(given);
    must(told(equal(kept, given)) == (where == difference::none), "the answer is right");
  }
}

void compare_bytes() {
  compare_texts([](std::string_view a, std::string_view b) {
    const auto bytes = [](std::string_view text) {
      return std::span{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    };
    return equal_secrets(bytes(a), bytes(b));
  });
}

// What the store keeps is concealed, and so is what the caller gave.
void compare_api_key() {
  const auto key = api_key::generate();
  const std::string right{api_key::parse(key.text().reveal())->secret};
  for (const auto where : {difference::none, difference::first, difference::last}) {
    api_key_record record{};
    record.secret_hash = key.secret_hash();
    const auto given = changed(right, where);
    conceal(record.secret_hash);
    conceal(given);
    must(told(is_secret_of(record, given)) == (where == difference::none), "the answer is right");
  }
}

// The key is concealed, and so is the right signature; the caller's is his own.
void compare_token() {
  constexpr std::string_view message = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJmaWxlbWludCJ9";
  std::string raw(32, 'k');
  conceal(raw);
  const auto key =
      signing_key::from_raw(token_algorithm::hs256, "magikarp", "kid", secret(std::string{raw}));
  must(key.has_value(), "a key is made");
  const auto mac = hmac_sha256(std::string(32, 'k')).mac(message);
  const std::string right{mac.begin(), mac.end()};
  for (const auto where : {difference::none, difference::first, difference::last}) {
    must(told((*key)->verify(message, changed(right, where))) == (where == difference::none),
         "the answer is right");
  }
}

// The state under the key is concealed. Memcheck knows no AVX-512, so it watches the code of the
// lanes as it is compiled for any processor.
void compute_macs_in_lanes() {
  hmac_start start{.inner = {1, 2, 3}, .outer = {4, 5, 6}, .bytes = 64};
  (void)VALGRIND_MAKE_MEM_UNDEFINED(&start.inner, sizeof start.inner);
  (void)VALGRIND_MAKE_MEM_UNDEFINED(&start.outer, sizeof start.outer);
  const std::string longer(200, 'a');
  const std::array<std::string_view, 3> messages{"eyJhbGciOiJIUzI1NiJ9", longer, ""};
  std::array<sha256_digest, 3> macs{};
  hmac_lanes_by_any(start, messages, macs);
  (void)VALGRIND_MAKE_MEM_DEFINED(&macs, sizeof macs);
  must(macs[0] != macs[1] && macs[1] != macs[2], "the answer is right");
}

// Not by branches alone: a place in a table is told by the caches.
[[gnu::noinline]] void leaky_look_up() {
  static const volatile unsigned char table[256] = {};
  const std::string secret = "s";
  conceal(secret);
  (void)table[static_cast<unsigned char>(secret[0])];
}

struct check {
  std::string_view name;
  void (*run)();
};

constexpr std::array checks{
    check{"texts", [] { compare_texts([](auto a, auto b) { return equal_secrets(a, b); }); }},
    check{"bytes", compare_bytes},
    check{"api_key", compare_api_key},
    check{"token", compare_token},
    check{"lanes", compute_macs_in_lanes},
    check{"leaky_comparison", [] { compare_texts(leaky_equal); }},
    check{"leaky_look_up", leaky_look_up},
};

}  // namespace
}  // namespace filemint

int main(int argc, char** argv) {
  const auto name = std::string_view{argc == 2 ? argv[1] : ""};
  const auto* chosen = std::ranges::find(filemint::checks, name, &filemint::check::name);
  if (chosen == filemint::checks.end() || RUNNING_ON_VALGRIND == 0) {
    std::fputs("usage: valgrind --error-exitcode=42 constant_time NAME\n", stderr);
    return 2;
  }
  chosen->run();
  return 0;
}
