// What a node has of each core: its context, its actors' entrance and supervisor, its services.
#pragma once

#include "actors/core_context.hpp"
#include "actors/core_entrance.hpp"
#include "actors/supervisor.hpp"
#include "http/core_services.hpp"

#include <utility>

namespace filemint {

// Made and destroyed by the node's thread; in between its worker's alone, but for what is said.
struct node_core {
  node_core(actors::node_context& shared, metrics::core_metrics& counts, actors::worker& home,
            snapshot_ptr known, const config& settings, http::file_reader& files,
            http::access_ring& ring, const http::admin_hooks& admin, http::health_monitor& health)
      : context{shared, counts, home.index(), &home, std::move(known), &settings},
        services(context, entrance, files, ring, admin, health) {}

  actors::core_context context;
  actors::core_entrance entrance;
  actors::supervisor_actor supervisor;
  http::core_services services;
};

}  // namespace filemint
