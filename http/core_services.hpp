// What the sessions of one core share. Touched on that core's thread alone, but where a member says
// otherwise.
#pragma once

#include "actors/core_context.hpp"
#include "actors/core_entrance.hpp"
#include "core/clock.hpp"
#include "core/http_date.hpp"
#include "http/access_log.hpp"
#include "http/core_view.hpp"
#include "http/deadline_wheel.hpp"
#include "http/file_reader.hpp"
#include "http/health_monitor.hpp"
#include "http/ready_sockets.hpp"
#include "http/routes/admin.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace filemint::http {

class session;

// A connection's place in its core's list of open ones.
using session_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<session>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

struct core_services {
  static constexpr std::size_t read_block = 64 * 1024;

  core_services(actors::core_context& context, actors::core_entrance& door, file_reader& reader,
                access_ring& ring, const admin_hooks& hooks, health_monitor& monitor)
      : core(context),
        entrance(door),
        files(reader),
        log(ring),
        admin(hooks),
        health(monitor),
        io(context.home->io()),
        wheel(io) {}

  actors::core_context& core;
  actors::core_entrance& entrance;
  file_reader& files;  // any thread
  access_ring& log;
  const admin_hooks& admin;  // any thread
  health_monitor& health;    // any thread
  boost::asio::io_context& io;
  deadline_wheel wheel;
  // What a socket holds is read here and looked at before another socket's turn: an idle connection
  // holds no buffer.
  std::unique_ptr<char[]> block = std::make_unique_for_overwrite<char[]>(read_block);
  boost::intrusive::list<session_hook, boost::intrusive::base_hook<session_hook>,
                         boost::intrusive::constant_time_size<false>>
      sessions;
  date_cache date;
  bool draining = false;      // connections end with their next answer
  ready_sockets sockets{io};  // goes first, and with it the sessions that still wait

  [[nodiscard]] const config& settings() const noexcept { return *core.settings; }
  [[nodiscard]] core_view view() const {
    const auto now = core.node.now();
    return {settings(), *core.known, now, core.store_is_stale(now.mono)};
  }
  // 16 hex digits that no other request of this process has.
  [[nodiscard]] std::array<char, 16> next_request_id() noexcept;

private:
  std::uint64_t last_id_ = 0;
};

}  // namespace filemint::http
