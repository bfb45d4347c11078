#include "core/config/load.hpp"

#include "core/config/contradictions.hpp"
#include "core/config/documents.hpp"
#include "core/config/nearest.hpp"
#include "core/config/paths.hpp"
#include "core/config/schema.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

namespace filemint {
namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;

position position_of(const YAML::Mark& mark) {
  return mark.is_null() ? position{} : position{mark.line + 1, mark.column + 1};
}

position position_of(const YAML::Node& node) {
  return position_of(node.Mark());
}

const char* kind_of(const YAML::Node& node) {
  if (node.IsMap()) return "a map of keys";
  if (node.IsSequence()) return "a list";
  return "nothing";
}

std::string in_section(const std::string& section, std::string_view name) {
  const auto* dot = section.empty() || name.empty() ? "" : ".";
  return section + dot + std::string{name};
}

// Walks a document by the schema and notes what it sets, where, and what is wrong.
class reader {
public:
  explicit reader(config_notes& notes) : notes_(notes) {}

  config read(const YAML::Node& document) {
    config values;
    if (document.IsNull()) return values;
    if (!document.IsMap()) {
      complain(document, "",
               std::string{"expected keys and values, found "} +
                   (document.IsScalar() ? "a single value" : kind_of(document)));
      return values;
    }
    read_section(document, "", "", config_settings(), values);
    return values;
  }

private:
  template <class Owner>
  using table = std::vector<setting<Owner>>;

  // `root` is what the owner's keys stand below: nothing, or sources[1]. `section` is one of its
  // table's.
  template <class Owner>
  void read_section(const YAML::Node& map, const std::string& root, const std::string& section,
                    const table<Owner>& known, Owner& owner) {
    each_key(map, in_section(root, section),
             [&](const std::string& name, const YAML::Node& key, const YAML::Node& value) {
               const auto path = in_section(section, name);
               const auto where = in_section(root, path);
               if (const auto* found = find(known, path)) {
                 read_value(*found, where, key, value, owner);
               } else if (is_section(known, path)) {
                 if (value.IsMap()) {
                   read_section(value, root, path, known, owner);
                 } else if (!value.IsNull()) {
                   complain(value, where, "expected keys of this section");
                 }
               } else if (!read_list_of_maps(where, value, owner)) {
                 complain(key, where,
                          "unknown key" + hint(nearest_key(names(known, owner), section, name)));
               }
             });
  }

  bool read_list_of_maps(const std::string& name, const YAML::Node& value, config& values) {
    if (name == "sources") {
      read_entries(value, name, "a source", source_settings(), values.sources);
    } else if (name == "cluster.peers") {
      read_entries(value, name, "a peer", cluster_peer_settings(), values.cluster.peers);
    } else if (name == "listeners") {
      read_entries(value, name, "a listener", listener_settings(), values.listeners);
    } else {
      return false;
    }
    return true;
  }
  template <class Owner>
  static bool read_list_of_maps(const std::string&, const YAML::Node&, Owner&) {
    return false;
  }

  template <class Entry>
  void read_entries(const YAML::Node& list, const std::string& name, const std::string& what,
                    const table<Entry>& known, std::vector<Entry>& entries) {
    if (list.IsNull()) return;
    entries.clear();
    notes_.positions[name] = position_of(list);
    if (!list.IsSequence()) {
      complain(list, name,
               "expected a list, each entry beginning with `- " + known.front().key + ": ...`");
      return;
    }
    for (const auto& entry : list) {
      const auto path = name + "[" + std::to_string(entries.size()) + "]";
      auto& made = entries.emplace_back();
      notes_.positions[path] = position_of(entry);
      if (entry.IsMap()) {
        read_section(entry, path, "", known, made);
      } else {
        complain(entry, path, "expected the keys of " + what);
      }
    }
  }

  // Each key once, with its value; one that is no word or stands there again is refused.
  template <class Visit>
  void each_key(const YAML::Node& map, const std::string& section, Visit visit) {
    std::set<std::string> seen;
    for (const auto& pair : map) {
      if (!pair.first.IsScalar()) {
        complain(pair.first, section, "a key must be a word");
        continue;
      }
      const auto& name = pair.first.Scalar();
      if (seen.insert(name).second) {
        visit(name, pair.first, pair.second);
      } else {
        complain(pair.first, in_section(section, name), "this key stands here twice");
      }
    }
  }

  template <class Owner>
  void read_value(const setting<Owner>& known, const std::string& path, const YAML::Node& key,
                  const YAML::Node& value, Owner& owner) {
    const auto where = value.IsNull() ? position_of(key) : position_of(value);
    notes_.positions[path] = where;
    if (known.set_list) {
      if (!read_list(known, value, owner)) complain(where, path, "expected " + known.takes);
      return;
    }
    if (!value.IsScalar()) {
      complain(where, path, "expected " + known.takes + ", found " + kind_of(value));
      return;
    }
    const bool quoted = value.Tag() == "!";
    if ((!quoted || known.text) && known.set(owner, value.Scalar())) return;
    auto message = "expected " + known.takes;
    if (!known.secret && !known.withheld) {
      const auto* quote = quoted ? "\"" : "`";
      message += ", found " + (quote + shown(value.Scalar()) + quote);
    }
    complain(where, path, std::move(message));
  }

  template <class Owner>
  static bool read_list(const setting<Owner>& known, const YAML::Node& list, Owner& owner) {
    if (!list.IsSequence()) return false;
    std::vector<std::string> entries;
    for (const auto& entry : list) {
      if (!entry.IsScalar()) return false;
      entries.push_back(entry.Scalar());
    }
    return known.set_list(owner, entries);
  }

  // One line of bounded length.
  static std::string shown(std::string text) {
    constexpr std::size_t most = 60;
    if (text.size() > most) text = text.substr(0, most) + "...";
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
    return text;
  }

  template <class Owner>
  static const setting<Owner>* find(const table<Owner>& all, const std::string& key) {
    const auto found = std::ranges::find(all, key, &setting<Owner>::key);
    return found == all.end() ? nullptr : &*found;
  }

  template <class Owner>
  static bool is_section(const table<Owner>& known, const std::string& path) {
    return std::ranges::any_of(known,
                               [&](const auto& one) { return one.key.starts_with(path + "."); });
  }

  // What may stand in a table's place, for nearest_key.
  template <class Owner>
  static std::vector<std::string> names(const table<Owner>& known, const Owner&) {
    std::vector<std::string> all;
    if constexpr (std::is_same_v<Owner, config>) {
      for (const auto& one : listener_settings()) all.push_back("listeners." + one.key);
      for (const auto& one : cluster_peer_settings()) all.push_back("cluster.peers." + one.key);
      for (const auto& one : source_settings()) all.push_back("sources." + one.key);
    }
    for (const auto& one : known) all.push_back(one.key);
    return all;
  }

  static std::string hint(const std::string& name) {
    return name.empty() ? "" : ", did you mean " + name + "?";
  }

  void complain(const YAML::Node& node, std::string key, std::string message) {
    complain(position_of(node), std::move(key), std::move(message));
  }

  void complain(position where, std::string key, std::string message) {
    notes_.complain(where, std::move(key), std::move(message));
  }

  config_notes& notes_;
};

std::unexpected<std::vector<config_problem>> unreadable(std::string file, std::string message) {
  return std::unexpected{
      std::vector{config_problem{.file = std::move(file), .message = std::move(message)}}};
}

}  // namespace

std::string config_problem::text() const {
  auto out = file;
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!key.empty()) out += ": " + key;
  return out + ": " + message;
}

config_or_problems parse_config(std::string_view text, std::string_view name,
                                const std::filesystem::path& base_dir) {
  config_notes notes{.file = std::string{name}};
  config values;
  try {
    const std::string whole{text};
    if (const auto second = second_document(whole)) {
      notes.complain(*second, "", "a second document: only one is read");
    }
    values = reader{notes}.read(YAML::Load(whole));
    check_contradictions(values, notes);
  } catch (const YAML::Exception& problem) {
    notes.complain(position_of(problem.mark), "", "not readable as YAML: " + problem.msg);
  }
  if (!notes.problems.empty()) {
    std::ranges::sort(notes.problems, {},
                      [](const config_problem& p) { return std::tie(p.line, p.column, p.key); });
    return std::unexpected{std::move(notes.problems)};
  }
  if (values.default_source.empty()) values.default_source = values.sources.front().name;
  resolve_paths(values, base_dir);
  return values;
}

config_or_problems load_config(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) {
    return unreadable(path.string(), "is a folder, not a file");
  }
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text(max_file_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) {
    return unreadable(path.string(), "cannot be read: " + std::generic_category().message(errno));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_file_bytes) return unreadable(path.string(), "is larger than 1 MiB");
  return parse_config(text, path.string(), std::filesystem::absolute(path).parent_path());
}

}  // namespace filemint
