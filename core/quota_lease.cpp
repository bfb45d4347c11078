#include "core/quota_lease.hpp"

#include <utility>

namespace filemint {

std::optional<quota_settlement> quota_lease::accept(mono_time now, const quota_grant& grant) {
  auto before = give_back();
  grant_ = grant;
  left_ = grant.amount;
  renew_below_ = grant.amount / 3;
  renew_at_ = now + (grant.expires - now) / 4;
  renewable_ = true;
  return before;
}

std::optional<quota_settlement> quota_lease::give_back() {
  if (!held()) return std::nullopt;
  quota_settlement back{grant_.id, std::exchange(log_, {})};
  grant_ = {};
  left_ = 0;
  renewable_ = false;
  return back;
}

}  // namespace filemint
