#include "tests/unit/store/fixture.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

namespace filemint::store::kill_test {
namespace {

// A company, its key, a grant, the key's revocation; and again.
result<void> change(store& in, std::uint64_t number) {
  const auto company = "co_" + std::to_string(number / 4);
  switch (number % 4) {
    case 0:
      return in.add_company(company_named(company));
    case 1:
      return in.add_key(key_numbered(number / 4, company));
    case 2:
      return in.add_grant({company, "magikarp", "uploads/" + company, at(1'000)});
    default:
      return in.revoke_key(key_id(number / 4), at(2'000));
  }
}

// Makes changes for ever and acknowledges each by a byte.
[[noreturn]] void write_changes(backing& in, std::uint64_t first, int ack) try {
  const auto opened = in.open(role::cli);
  for (auto number = first;; ++number) {
    if (!change(*opened, number)) ::_exit(3);
    if (::write(ack, "a", 1) != 1) ::_exit(4);
  }
} catch (const std::exception&) {
  ::_exit(2);
}

class KilledWriter : public store_test {
protected:
  // Kills a writer after `acknowledgements`, gives how many there were in the end.
  std::uint64_t kill_after(std::uint64_t first, std::uint64_t acknowledgements) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    const auto writer = ::fork();
    if (writer == 0) {
      ::close(ends[0]);
      write_changes(*in_, first, ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t heard = 0;
    char byte;
    while (::read(ends[0], &byte, 1) == 1) {
      if (++heard == acknowledgements) ::kill(writer, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(writer, &status, 0), writer);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
    return heard;
  }

  // That the store holds the first `count` changes, or one more: the one that the kill cut off from
  // its acknowledgement. Gives how many.
  std::uint64_t check(std::uint64_t count) {
    if (GetParam() == backing_kind::sqlite) {
      EXPECT_EQ(in_->number("SELECT count(*) FROM pragma_integrity_check"
                            " WHERE integrity_check = 'ok'"),
                1);
    }
    const auto store = open();
    const auto held = good(store->change_number());
    EXPECT_GE(held, count);
    EXPECT_LE(held, count + 1);
    std::set<std::string> companies, keys, revoked, granted;
    for (const auto& row : good(store->list_companies())) companies.insert(row.id);
    for (const auto& row : good(store->list_grants({}))) granted.insert(row.company);
    for (const auto& row : good(store->list_keys({}))) {
      keys.insert(row.id);
      if (row.revoked_at) revoked.insert(row.id);
    }
    EXPECT_EQ(companies.size(), (held + 3) / 4);
    EXPECT_EQ(keys.size(), (held + 2) / 4);
    EXPECT_EQ(granted.size(), (held + 1) / 4);
    EXPECT_EQ(revoked.size(), held / 4);
    for (std::uint64_t number = 0; number < count; ++number) {
      const auto company = "co_" + std::to_string(number / 4);
      const auto key = key_id(number / 4);
      switch (number % 4) {
        case 0:
          EXPECT_TRUE(companies.contains(company)) << company;
          break;
        case 1:
          EXPECT_TRUE(keys.contains(key)) << key;
          break;
        case 2:
          EXPECT_TRUE(granted.contains(company)) << company;
          break;
        default:
          EXPECT_TRUE(revoked.contains(key)) << key;
          break;
      }
    }
    return held;
  }
};

FOR_EACH_STORE(KilledWriter);

TEST_P(KilledWriter, LosesNothingThatWasAcknowledged) {
  open().reset();
  std::mt19937 random(20'260'101);
  std::uint64_t held = 0;
  for (int round = 0; round < 50 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    held = check(held + kill_after(held, 1 + random() % 12));
  }
}

}  // namespace
}  // namespace filemint::store::kill_test
