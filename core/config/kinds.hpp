// The kinds of keys that core/config/schema.cpp is made of: how each is read, held to its bounds,
// and shown.
#pragma once

#include "core/config/scalar.hpp"
#include "core/config/schema.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace filemint {

// Gathers the settings of an Owner. Each member function makes a key of one kind; its `at` leads to
// the member that the key sets, and bounds are inclusive.
template <class Owner>
struct keys {
  std::vector<setting<Owner>> all;

  template <class At>
  void number(const std::string& key, std::uint64_t low, std::uint64_t high, At at,
              const std::string& comment) {
    auto takes = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    integer(key, takes, low, high, at, comment, read_count,
            [](std::uint64_t v) { return std::to_string(v); });
  }

  template <class At>
  void size(const std::string& key, std::uint64_t low, std::uint64_t high, At at,
            const std::string& comment) {
    auto takes = "a size from " + write_size(low) + " to " + write_size(high);
    integer(key, takes, low, high, at, comment, read_size, write_size);
  }

  template <class At>
  void duration(const std::string& key, std::chrono::milliseconds low,
                std::chrono::milliseconds high, At at, const std::string& comment) {
    using value_type = std::remove_cvref_t<decltype(at(std::declval<Owner&>()))>;
    const bool whole = value_type::period::den == 1;
    auto takes = std::string{whole ? "whole seconds" : "a duration"} + " from " +
                 write_duration(low) + " to " + write_duration(high);
    add(
        key, takes, comment,
        [=](Owner& owner, const std::string& text) {
          const auto v = read_duration(text);
          if (!v || *v < low || *v > high || *v % value_type{1} != value_type{}) return false;
          at(owner) = std::chrono::duration_cast<value_type>(*v);
          return true;
        },
        [=](const Owner& owner) { return write_duration(at(owner)); });
  }

  template <class At>
  void flag(const std::string& key, At at, const std::string& comment) {
    add(
        key, "true or false", comment,
        [=](Owner& owner, const std::string& text) {
          const auto v = read_bool(text);
          if (v) at(owner) = *v;
          return v.has_value();
        },
        [=](const Owner& owner) { return std::string{at(owner) ? "true" : "false"}; });
  }

  template <class At>
  void endpoint(const std::string& key, At at, const std::string& comment) {
    add(
        key, "ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH", comment,
        [=](Owner& owner, const std::string& text) {
          auto v = read_endpoint(text);
          if (v) at(owner) = std::move(*v);
          return v.has_value();
        },
        [=](const Owner& owner) { return write_text(write_endpoint(at(owner))); });
    all.back().text = true;
    all.back().withheld = true;
  }

  // A string or a path that `accepts` accepts.
  template <class At, class Accepts>
  void text(const std::string& key, const std::string& takes, At at, const std::string& comment,
            Accepts accepts) {
    add(
        key, takes, comment,
        [=](Owner& owner, const std::string& value) {
          if (!accepts(value)) return false;
          at(owner) = value;
          return true;
        },
        [=](const Owner& owner) { return write_text(static_cast<const std::string&>(at(owner))); });
    all.back().text = true;
  }

  // One of a few words, each with its value.
  template <class Value, class At>
  void word(const std::string& key, const std::vector<std::pair<std::string, Value>>& words, At at,
            const std::string& comment) {
    std::string takes;
    for (const auto& [name, value] : words) takes += (takes.empty() ? "" : ", ") + name;
    takes = (words.size() > 1 ? "one of " : "") + takes;
    add(
        key, takes, comment,
        [=](Owner& owner, const std::string& text) {
          for (const auto& [name, value] : words) {
            if (name != text) continue;
            at(owner) = value;
            return true;
          }
          return false;
        },
        [=](const Owner& owner) {
          for (const auto& [name, value] : words) {
            if (value == at(owner)) return name;
          }
          return std::string{};
        });
    all.back().text = true;
  }

  void add(const std::string& key, const std::string& takes, const std::string& comment,
           std::function<bool(Owner&, const std::string&)> set,
           std::function<std::string(const Owner&)> show) {
    all.push_back({.key = key,
                   .comment = comment,
                   .takes = takes,
                   .set = std::move(set),
                   .show = std::move(show)});
  }

private:
  template <class At, class Read, class Write>
  void integer(const std::string& key, const std::string& takes, std::uint64_t low,
               std::uint64_t high, At at, const std::string& comment, Read read, Write write) {
    add(
        key, takes, comment,
        [=](Owner& owner, const std::string& text) {
          const auto v = read(text);
          if (!v || *v < low || *v > high) return false;
          at(owner) = static_cast<std::remove_cvref_t<decltype(at(owner))>>(*v);
          return true;
        },
        [=](const Owner& owner) { return write(at(owner)); });
  }
};

// The member that lies at the end of a path of members, in a constant or a mutable owner.
template <class... Members>
auto at(Members... path) {
  return [=](auto& owner) -> auto& { return (owner.*....*path); };
}

}  // namespace filemint
