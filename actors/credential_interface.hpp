// The interface of credential_keeper, a sentence per message.
#pragma once

#include "actors/messages.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace filemint::actors {

// One a source whose credentials a cloud gives out.
using credential_keeper_actor = caf::typed_actor<
    // Look whether they are to be renewed.
    caf::reacts_to<credential_tick>,
    // A renewal has begun: ask.
    caf::reacts_to<renewal_begun>,
    // Who gives them out has answered.
    caf::reacts_to<renewal_answered>>;

}  // namespace filemint::actors
