#include "tests/unit/store/postgres_server.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace filemint::store {
namespace {

postgres_place read_place(std::istream& from) {
  postgres_place found;
  if (!(from >> found.folder >> found.port)) throw std::runtime_error("no PostgreSQL server");
  return found;
}

// It ends when its input does, so when this process has ended in whatever way.
class own_server {
public:
  own_server() {
    std::array<int, 2> to{}, from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      ::execl("/usr/bin/python3", "python3", FILEMINT_SOURCE_DIR "/tests/tools/postgres_server.py",
              "run", nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    input_ = to[1];
    std::string line;
    for (char c = 0; ::read(from[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(from[0]);
    std::istringstream words(line);
    place_ = read_place(words);
  }
  own_server(const own_server&) = delete;
  own_server& operator=(const own_server&) = delete;
  ~own_server() {
    ::close(input_);
    ::waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] const postgres_place& place() const { return place_; }

private:
  pid_t child_;
  int input_;
  postgres_place place_;
};

}  // namespace

const postgres_place& postgres_server() {
  if (const char* file = ::getenv("FILEMINT_TEST_POSTGRES")) {
    static const postgres_place told = [&] {
      std::ifstream from(file);
      return read_place(from);
    }();
    return told;
  }
  static const own_server server;
  return server.place();
}

}  // namespace filemint::store
