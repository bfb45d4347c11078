#include "core/config/load.hpp"

#include "core/config/contradictions.hpp"
#include "core/config/nearest.hpp"
#include "core/config/schema.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <system_error>
#include <tuple>
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
  return section.empty() ? std::string{name} : section + "." + std::string{name};
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
    read_section(document, "", values);
    return values;
  }

private:
  void read_section(const YAML::Node& map, const std::string& section, config& values) {
    each_key(map, section, section,
             [&](const std::string& name, const YAML::Node& key, const YAML::Node& value) {
               const auto path = in_section(section, name);
               if (const auto* known = find(config_settings(), path)) {
                 read_value(*known, path, key, value, values);
               } else if (path == "sources") {
                 read_sources(value, values);
               } else if (is_section(path)) {
                 if (value.IsMap()) {
                   read_section(value, path, values);
                 } else if (!value.IsNull()) {
                   complain(value, path, "expected keys of this section");
                 }
               } else {
                 complain(key, path, "unknown key" + hint(nearest_key(section, name)));
               }
             });
  }

  void read_sources(const YAML::Node& list, config& values) {
    if (list.IsNull()) return;
    if (!list.IsSequence()) {
      complain(list, "sources", "expected a list, each entry beginning with `- name: NAME`");
      return;
    }
    for (const auto& entry : list) {
      const auto path = "sources[" + std::to_string(values.sources.size()) + "]";
      auto& source = values.sources.emplace_back();
      notes_.positions[path] = position_of(entry);
      if (!entry.IsMap()) {
        complain(entry, path, "expected the keys of a source");
        continue;
      }
      each_key(entry, path, path,
               [&](const std::string& name, const YAML::Node& key, const YAML::Node& value) {
                 if (const auto* known = find(source_settings(), name)) {
                   read_value(*known, path + "." + name, key, value, source);
                 } else {
                   complain(key, path + "." + name, "unknown key" + hint(nearest_source_key(name)));
                 }
               });
    }
  }

  // Each key once, with its value; one that is no word or stands there again is refused.
  template <class Visit>
  void each_key(const YAML::Node& map, const std::string& section, const std::string& where,
                Visit visit) {
    std::set<std::string> seen;
    for (const auto& pair : map) {
      if (!pair.first.IsScalar()) {
        complain(pair.first, where, "a key must be a word");
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
    if (!known.secret) {
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
  static const setting<Owner>* find(const std::vector<setting<Owner>>& all,
                                    const std::string& key) {
    const auto found = std::ranges::find(all, key, &setting<Owner>::key);
    return found == all.end() ? nullptr : &*found;
  }

  static bool is_section(const std::string& path) {
    return std::ranges::any_of(
        config_settings(), [&](const auto& known) { return known.key.starts_with(path + "."); });
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

std::filesystem::path below(const std::filesystem::path& folder,
                            const std::filesystem::path& path) {
  return path.empty() || folder.empty() ? path : (folder / path).lexically_normal();
}

void resolve_paths(config& values, const std::filesystem::path& folder) {
  constexpr std::string_view file_scheme = "file:";
  values.store.path = below(folder, values.store.path);
  values.log.file = below(folder, values.log.file);
  for (auto& source : values.sources) source.root = below(folder, source.root);
  if (auto& key = values.store.master_key; key.starts_with(file_scheme)) {
    key = std::string{file_scheme} + below(folder, key.substr(file_scheme.size())).string();
  }
}

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
    const auto documents = YAML::LoadAll(std::string{text});
    if (documents.size() > 1) {
      notes.complain(position_of(documents[1]), "", "a second document: only one is read");
    }
    if (!documents.empty()) values = reader{notes}.read(documents.front());
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
