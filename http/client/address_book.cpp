#include "http/client/address_book.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace filemint::http {

namespace {

constexpr std::size_t most_entries = 1024;

}  // namespace

const address_book::addresses* address_book::find(const std::string& host, mono_time now) {
  auto at = entries_.find(host);
  if (at == entries_.end()) {
    if (entries_.size() >= most_entries) {
      std::erase_if(entries_, [&](const auto& each) {
        return !each.second.under_way && each.second.until <= now;
      });
    }
    at = entries_.emplace(host, entry{}).first;
    boost::system::error_code is_name;
    const auto literal = boost::asio::ip::make_address(host, is_name);
    if (!is_name) at->second = {{literal}, mono_time::max(), false};
  }
  auto& known = at->second;
  if (known.until > now) return &known.all;
  if (std::exchange(known.under_way, true)) return nullptr;
  names_.resolve(host, [io = io_, weak = weak_from_this(), host](const auto& found) {
    boost::asio::post(*io, [weak, host, found] {
      if (const auto book = weak.lock()) book->learn(host, found);
    });
  });
  return nullptr;
}

void address_book::learn(const std::string& host, const actors::resolver::answer& found) {
  auto& known = entries_[host];
  known = {};
  if (found) {
    for (const auto& text : *found) {
      boost::system::error_code odd;
      const auto each = boost::asio::ip::make_address(text, odd);
      if (!odd) known.all.push_back(each);
    }
  }
  known.until = mono_clock::now() + (known.all.empty() ? missing_for : fresh_for);
  told_(host);
}

void address_book::prefer(const std::string& host, const boost::asio::ip::address& which) {
  const auto at = entries_.find(host);
  if (at == entries_.end()) return;
  auto& all = at->second.all;
  const auto good = std::ranges::find(all, which);
  if (good != all.end()) std::rotate(all.begin(), good, std::next(good));
}

}  // namespace filemint::http
