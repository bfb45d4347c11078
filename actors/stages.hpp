// How far an exchange has come, as a type. Each stage is made from the one before, by one actor
// alone; so skipping an actor does not compile. Small and copyable, since CAF's messages are.
#pragma once

#include "actors/exchange.hpp"

#include <utility>

namespace filemint::actors {

class front_end;
class auth;
struct admission;
class dispatcher;

// What a session sends off.
class arrived {
public:
  explicit arrived(exchange_ptr x) noexcept : x_(std::move(x)) {}
  exchange* operator->() const noexcept { return x_.get(); }

private:
  template <class, class>
  friend class stage;
  exchange_ptr x_;
};

template <class Maker, class From>
class stage {
public:
  exchange* operator->() const noexcept { return x_.get(); }
  [[nodiscard]] const exchange_ptr& shared() const noexcept { return x_; }

private:
  friend Maker;
  template <class, class>
  friend class stage;
  explicit stage(From from) noexcept : x_(std::move(from.x_)) {}
  exchange_ptr x_;
};

using received = stage<front_end, arrived>;        // within what the node takes on
using authenticated = stage<auth, received>;       // the caller is known
using admitted = stage<admission, authenticated>;  // within the caller's limits
using validated = stage<dispatcher, admitted>;     // well-formed and granted

// Where the rest of a body comes from once its call is admitted: the session, which reads it and
// sends the same value on.
class body_source {
public:
  virtual ~body_source() = default;
  // Any thread.
  virtual void read_body(admitted call) = 0;
};

}  // namespace filemint::actors
