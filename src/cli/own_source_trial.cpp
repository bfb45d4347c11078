// What source_trial.hpp tries of local and edge sources, whose tokens are ours.
#include "core/signing_key.hpp"
#include "core/token.hpp"
#include "core/unique_fd.hpp"
#include "http/open_beneath.hpp"
#include "src/cli/source_trial.hpp"
#include "src/master_key.hpp"
#include "src/node.hpp"
#include "store/known_contents.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <system_error>
#include <utility>

namespace filemint::cli {
namespace {

class own_trial {
public:
  own_trial(const trial_terms& trial, store::store& rows) : trial_(trial), rows_(rows) {}

  std::vector<finding> run() {
    if (!find_keys()) return std::move(found_);
    if (trial_.path.empty()) {
      look_without_path();
      return std::move(found_);
    }
    const auto url = token_url();
    if (!url) return std::move(found_);
    if (trial_.source.is_local()) {
      look_at_file();
    } else {
      download(*url);
    }
    return std::move(found_);
  }

private:
  void add(std::string about, verdict how, std::string says) {
    found_.push_back({std::move(about), how, std::move(says)});
  }
  bool bad(std::string about, std::string says) {
    add(std::move(about), verdict::bad, std::move(says));
    return false;
  }

  bool find_keys() {
    const auto open_sealed = unsealer(trial_.settings.store.master_key);
    if (!open_sealed) return bad("master key", open_sealed.error().message);
    auto all = rows_.load({});
    if (!all) return bad("store", all.error().message);
    store::known_contents contents(0);
    contents.take(std::move(*all));
    if (auto done = contents.unseal_all(*open_sealed); !done) {
      return bad("signing key", done.error().message);
    }
    known_ = contents.make_snapshot();
    const auto ring = known_->signing.find(trial_.source.name);
    const auto* key = ring == known_->signing.end() ? nullptr : ring->second.active();
    if (key == nullptr) {
      const auto passed_over = contents.passed_over();
      return bad("signing key", passed_over ? passed_over->message
                                            : "no signing key is active: serve makes the first one "
                                              "when it starts, signing-key prepare and activate "
                                              "the others");
    }
    add("signing key", verdict::good,
        key->kid() + " signs with " + std::string{jose_name(key->algorithm())});
    return true;
  }

  // A company that may read the path, and a key of it: a token is theirs.
  bool find_caller(file_path path) {
    const auto granted = rows_.list_grants({});
    if (!granted) return bad("store", granted.error().message);
    for (const auto& grant : *granted) {
      const auto* company = known_->people.find_company(grant.company);
      const auto* on = company == nullptr ? nullptr : company->granted.on(trial_.source.name);
      if (on == nullptr || company->suspended || !on->covers(path)) continue;
      const auto keys = rows_.list_keys(grant.company);
      if (!keys) return bad("store", keys.error().message);
      for (const auto& key : *keys) {
        if (key.revoked_at) continue;
        company_ = grant.company;
        key_id_ = key.id;
        add("grant", verdict::good, "company " + company_ + " may read it");
        return true;
      }
    }
    return bad("grant", "no company with an API key is granted that path: grant add, key create");
  }

  std::optional<std::string> token_url() {
    const auto path = file_path::make(trial_.path);
    if (!path) {
      bad("path", "that is no path that a client could ask for");
      return std::nullopt;
    }
    if (!find_caller(*path)) return std::nullopt;
    const auto signer = node::make_backend(trial_.settings, trial_.source);
    const auto url = signed_url(**signer, trial_.source, trial_.path, *known_,
                                {.company = company_,
                                 .key_id = key_id_,
                                 .issued_at = trial_.now - trial_.source.backdate,
                                 .expires_at = trial_.now + std::chrono::seconds{60}});
    if (!url) {
      bad("token", url.error().message);
      return std::nullopt;
    }
    const auto token = std::string_view{*url}.substr(url->rfind("?token=") + 7);
    const auto verified =
        verify_token(token, trial_.settings.mint.issuer, trial_.source.name,
                     known_->signing.find(trial_.source.name)->second, trial_.now, {});
    if (!verified || verified->path() != trial_.path) {
      bad("token", "the token that was signed does not verify");
      return std::nullopt;
    }
    add("token", verdict::good, "a token was signed, and verifies");
    return *url;
  }

  void look_without_path() {
    if (trial_.source.is_local()) {
      if (open_root()) add("root", verdict::good, trial_.source.root.string() + " can be entered");
      return;
    }
    const auto request = first_byte_of(trial_.source.public_url);
    const storage_question asked{
        .source = trial_.source, .host = request.to.host, .about = "edge", .now = trial_.now};
    const auto answer = trial_.ask(request);
    if (!answer) {
      found_.push_back(explain(asked, answer.error()));
      return;
    }
    add("edge", verdict::good,
        request.to.host + " answers (" + std::to_string(answer->status) +
            "): name a file to download a byte");
  }

  unique_fd open_root() {
    unique_fd root{::open(trial_.source.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root || !http::root_stands(root.get())) {
      bad("root", trial_.source.root.string() + ": " + std::generic_category().message(errno));
    }
    return root;
  }

  void look_at_file() {
    const auto root = open_root();
    if (!root) return;
    const unique_fd file{
        http::open_beneath(root.get(), trial_.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    char byte = 0;
    const auto read = file ? ::read(file.get(), &byte, 1) : -1;
    if (read < 0) {
      bad("download", "the file can't be read: " + std::generic_category().message(errno));
      return;
    }
    add("download", verdict::good,
        read == 0 ? "the file is there, and empty" : "the file can be read");
  }

  void download(const std::string& url) {
    auto request = first_byte_of(url);
    const auto host = request.to.host;
    const storage_question asked{
        .source = trial_.source, .host = host, .about = "download", .now = trial_.now};
    const auto answer = trial_.ask(std::move(request));
    if (!answer) {
      found_.push_back(explain(asked, answer.error()));
      return;
    }
    const auto told = host + " answered " + std::to_string(answer->status);
    if (answer->status == 200 || answer->status == 206 || answer->status == 416) {
      add("download", verdict::good, told + ": the file is there");
    } else if (answer->status == 401 || answer->status == 403) {
      bad("download",
          told +
              " to a good token: does the edge ask this filemint's /verify, has it this "
              "source's keys as they are now, and is public_url its own?");
    } else if (answer->status == 404) {
      bad("download", told + " to a good token: it has no such file");
    } else {
      bad("download", told + ": does it reach filemint, and its files?");
    }
  }

  const trial_terms& trial_;
  store::store& rows_;
  snapshot_ptr known_;
  std::string company_, key_id_;
  std::vector<finding> found_;
};

}  // namespace

std::vector<finding> try_own(const trial_terms& trial, store::store& rows) {
  return own_trial(trial, rows).run();
}

}  // namespace filemint::cli
