// signing-key export
#include "core/crypto/base64.hpp"
#include "core/crypto/base64url.hpp"
#include "core/sealed_key.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/write_file.hpp"
#include "src/master_key.hpp"
#include "store/rules.hpp"

#include <CLI/Validators.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::cli {
namespace {

struct export_options {
  std::filesystem::path config;
  std::string kid;
  std::string source;
  std::string format = "jwk";
  std::filesystem::path out;
  bool to_stdout = false;
  bool json_output = false;
};

void declare_export(CLI::App& command, export_options& options) {
  auto* kid = command.add_option("kid,--kid", options.kid, "The key's id");
  command.add_option("--source", options.source, "All of this source that verify now")
      ->excludes(kid);
  command
      .add_option("--format", options.format,
                  "jwk: a JWK Set; base64url: one key's bytes; map: lines of id and "
                  "percent-encoded key, for HAProxy; pem: the public half of a key that has one")
      ->check(CLI::IsMember({"jwk", "base64url", "map", "pem"}));
  auto* out =
      command.add_option("--out", options.out, "A new file for it, for its owner's eyes only")
          ->type_name("FILE");
  command.add_flag("--stdout", options.to_stdout, "Print it")->excludes(out);
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

std::string percent_encoded(std::string_view bytes) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string text;
  text.reserve(3 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.append({'%', hex[byte >> 4], hex[byte & 15]});
  }
  return text;
}

// RFC 7468 §13: a SubjectPublicKeyInfo, which is the key behind so many bytes (RFC 8410 §4, RFC
// 5480 §2.2; 4: x and y follow).
std::string public_pem(const signing_key& key) {
  using namespace std::string_view_literals;
  const auto before = key.algorithm() == token_algorithm::eddsa
                          ? "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv
                          : "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86"
                            "\x48\xce\x3d\x03\x01\x07"
                            "\x03\x42\x00\x04"sv;
  const auto encoded = base64_encode(secret(std::string{before} + key.public_key()));
  std::string text = "-----BEGIN PUBLIC KEY-----\n";
  for (auto rest = encoded.reveal(); !rest.empty(); rest.remove_prefix(std::min(rest.size(), 64uz)))
    text.append(rest.substr(0, 64)).append("\n");
  return text + "-----END PUBLIC KEY-----";
}

// Without the last line end. Strings that held a key are wiped.
secret text_of(const std::vector<signing_key_ptr>& keys, const std::string& format) {
  if (format == "pem") return secret(public_pem(*keys.front()));
  std::string text;
  text.reserve(64 + 320 * keys.size());  // so that it never moves
  for (const auto& key : keys) {
    const auto raw = key->raw();
    auto encoded = format == "map" ? percent_encoded(raw.reveal()) : base64url_encode(raw.reveal());
    if (format == "jwk") {
      text += text.empty() ? R"({"keys":[{)" : ",{";
      text.append(R"("kty":"oct","use":"sig","alg":"HS256","kid":")").append(key->kid());
      text.append(R"(","k":")").append(encoded).append(R"("})");
    } else if (format == "map") {
      text.append(text.empty() ? "" : "\n").append(key->kid()).append(" ").append(encoded);
    } else {
      text += encoded;
    }
    wipe(encoded);
  }
  if (format == "jwk") text += "]}";
  return secret(std::move(text));
}

// Those that may verify tokens now. Keys with a public half are published, so their secret one is
// nobody's but the node's.
outcome<std::vector<store::signing_key_row>> chosen_rows(store::store& rows,
                                                         const export_options& options) {
  auto all = rows.list_signing_keys();
  if (!all) return stop(all.error());
  const auto now = wall_now();
  const auto wanted = options.kid.empty() ? "of " + options.source : options.kid;
  std::erase_if(*all, [&](const store::signing_key_row& row) {
    return (options.kid.empty() ? row.source != options.source : row.kid != options.kid) ||
           (row.retire_at && *row.retire_at <= now);
  });
  if (all->empty()) return stop(exit_code::not_found, "no signing key " + wanted);
  for (const auto& row : *all) {  // a file without it would refuse its tokens
    if (!row.algorithm) return stop(exit_code::conflict, store::unknown_algorithm_of(row));
  }
  const bool for_public = options.format == "pem";
  const auto [others, end] = std::ranges::remove_if(*all, [&](const store::signing_key_row& row) {
    return (row.algorithm == token_algorithm::hs256) == for_public;
  });
  all->erase(others, end);
  if (all->empty()) {
    return stop(exit_code::conflict,
                "signing key " + wanted +
                    (for_public ? ": HS256 has no public half"
                                : ": its secret is the node's alone; verifiers need the public "
                                  "half, see --format pem and /.well-known/jwks.json"));
  }
  if ((for_public || options.format == "base64url") && all->size() > 1) {
    return stop(exit_code::conflict, options.source + " has " + std::to_string(all->size()) +
                                         " keys: name one by its id");
  }
  return std::move(*all);
}

outcome<void> export_keys(const export_options& options) {
  if (options.kid.empty() == options.source.empty()) {
    return stop(exit_code::usage, "a key's id or --source is needed");
  }
  if (options.out.empty() != options.to_stdout) {
    return stop(exit_code::usage,
                "--out FILE or --stdout is needed: whoever has the key makes tokens with it");
  }
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  if (!options.source.empty()) {
    if (auto ours = require_source_of_ours(opened->settings, options.source); !ours) return ours;
  }
  const auto rows = chosen_rows(*opened->rows, options);
  if (!rows) return std::unexpected{rows.error()};
  const auto master = load_master_key(opened->settings.store.master_key);
  if (!master) return stop(exit_code::configuration, master.error().message);
  std::vector<signing_key_ptr> keys;
  for (const auto& row : *rows) {
    auto key = open_sealed(*master, row);
    if (!key) return stop(key.error());
    keys.push_back(std::move(*key));
  }
  const auto text = text_of(keys, options.format);
  if (options.to_stdout) {
    print_line(text.reveal());
    return {};
  }
  if (auto done = write_new_secret(options.out, text); !done) return stop(done.error());
  if (options.json_output) {
    auto kids = json::array();
    for (const auto& key : keys) kids.push_back(key->kid());
    print_json({{"file", options.out.string()}, {"kids", kids}});
  } else {
    print_line("wrote " + std::to_string(keys.size()) + " keys to " + options.out.string());
  }
  return {};
}

}  // namespace

void add_signing_key_export(CLI::App& family, chosen_command& chosen) {
  add_command<export_options>(family, chosen, "export",
                              "Write a source's keys for who verifies its tokens offline",
                              declare_export, export_keys);
}

}  // namespace filemint::cli
