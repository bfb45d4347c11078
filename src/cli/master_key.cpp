// master-key generate, rotate
#include "src/master_key.hpp"

#include "core/sealed_key.hpp"
#include "src/cli/console.hpp"
#include "src/cli/families.hpp"
#include "src/cli/open_store.hpp"
#include "src/cli/options.hpp"
#include "src/cli/show.hpp"
#include "src/cli/write_file.hpp"

namespace filemint::cli {
namespace {

struct generate_options {
  std::filesystem::path out;
  bool json_output = false;
};

struct rotate_options {
  std::filesystem::path config;
  std::string fresh;
  bool json_output = false;
};

void declare_generate(CLI::App& command, generate_options& options) {
  command
      .add_option("--out,file", options.out,
                  "A new file for it, for its owner's eyes only; none: stdout")
      ->type_name("FILE");
  add_json_flag(command, options.json_output);
}

void declare_rotate(CLI::App& command, rotate_options& options) {
  command.add_option("--new", options.fresh, "Where the new key is: file:PATH or env:NAME")
      ->required()
      ->type_name("REFERENCE");
  add_config_option(command, options.config);
  add_json_flag(command, options.json_output);
}

outcome<void> generate(const generate_options& options) {
  const auto text = master_key::generate().text();
  if (options.out.empty()) {
    if (options.json_output) {
      print_json({{"master_key", text.reveal()}});
    } else {
      print_line(text.reveal());
    }
    return {};
  }
  if (auto done = write_new_secret(options.out, text); !done) return stop(done.error());
  if (options.json_output) {
    print_json({{"file", options.out.string()}});
  } else {
    print_line("wrote a new master key to " + options.out.string());
  }
  return {};
}

outcome<void> rotate(const rotate_options& options) {
  auto opened = open_store(options.config);
  if (!opened) return std::unexpected{opened.error()};
  const auto& reference = opened->settings.store.master_key;
  const auto old_key = load_master_key(reference);
  if (!old_key) return stop(exit_code::configuration, old_key.error().message);
  const auto new_key = load_master_key(options.fresh);
  if (!new_key) return stop(exit_code::usage, "--new: " + new_key.error().message);
  if (equal_secrets(old_key->reveal(), new_key->reveal())) {
    return stop(exit_code::conflict, "--new holds the same key as store.master_key");
  }
  const auto count = opened->rows->reseal_signing_keys(
      [&](const store::signing_key_row& row) -> result<std::string> {
        const auto key = open_sealed(*old_key, row);
        if (!key) return std::unexpected{key.error()};
        return seal(*new_key, **key);
      });
  if (!count) {
    if (count.error().code == errc::conflict) {
      return stop(exit_code::conflict, count.error().message + "; nothing was changed");
    }
    return count.error().code == errc::wrong_key
               ? stop(exit_code::configuration, "store.master_key (" + reference +
                                                    ") does not open the signing keys that are in "
                                                    "the store; nothing was changed")
               : stop(count.error());
  }
  if (options.json_output) {
    print_json({{"resealed", *count}});
  } else {
    print_line("sealed " + std::to_string(*count) + " signing keys anew");
    print_note("let store.master_key (" + reference +
               ") lead to the new key now, then send a running node SIGHUP");
  }
  return {};
}

}  // namespace

void add_master_key_commands(CLI::App& app, chosen_command& chosen) {
  auto& family = add_family(app, "master-key", "The key that seals the signing keys");
  add_command<generate_options>(family, chosen, "generate", "Make one", declare_generate, generate);
  add_command<rotate_options>(family, chosen, "rotate",
                              "Seal all signing keys anew, all of them or none", declare_rotate,
                              rotate);
}

}  // namespace filemint::cli
