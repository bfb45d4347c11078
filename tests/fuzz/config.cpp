// core/config: a file that is accepted does not contradict itself and reads the same again; one
// that is refused has problems, in the order of their lines, each within the file and on one line.
#include "core/config/load.hpp"
#include "targets.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace filemint::fuzz {

namespace {

void check_accepted(const config& settings) {
  std::set<std::string> names;
  for (const auto& source : settings.sources) {
    must(!source.name.empty() && source.name.size() <= 32 &&
             source.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
                 source.name.npos,
         "a source's name");
    must(names.insert(source.name).second, "no two sources of one name");
    must(source.default_life >= std::chrono::seconds{1} && source.default_life <= source.max_life,
         "a source's lives");
    must(source.root.is_absolute(), "a root is absolute");
  }
  must(!settings.listeners.empty(), "there is a listener");
  for (const auto& listener : settings.listeners) {
    must(listener.tls.enabled() != listener.tls.key.empty(), "a certificate and its key");
    must(listener.listen.is_unix() == listener.listen.host.empty(), "an address or a socket");
  }
  must(settings.default_source.empty() || settings.find_source(settings.default_source) != nullptr,
       "the default source is one of them");
  must(settings.http.max_header_fields > 0 && settings.http.max_body_bytes > 0, "limits");
  must(settings.store.master_key.starts_with("file:") ||
           settings.store.master_key.starts_with("env:"),
       "the master key is a reference");
}

void check_refused(const std::vector<config_problem>& problems, std::string_view text) {
  must(!problems.empty(), "a refusal has a reason");
  const auto lines = std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 1;
  int last = 0;
  for (const auto& problem : problems) {
    must(problem.line >= last && problem.line <= lines + 1, "problems are in order, in the file");
    last = problem.line;
    must(!problem.message.empty() && problem.text().find('\n') == std::string::npos,
         "a problem is told in a line");
  }
}

}  // namespace

void try_config(std::string_view input) {
  const exact_copy text{input};
  const auto read = parse_config(text.view(), "filemint.yaml", "/etc/filemint");
  if (read) {
    check_accepted(*read);
    must(parse_config(text.view(), "filemint.yaml", "/etc/filemint") == *read,
         "it reads the same again");
  } else {
    check_refused(read.error(), input);
  }
}

}  // namespace filemint::fuzz
