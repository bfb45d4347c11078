// One HTTP request's head, as routes see it.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>

#include <string_view>

namespace filemint::http {

// Views into the session's buffers: they hold until the reply has been handed over.
struct request {
  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  std::string_view method_text;
  std::string_view target;  // as sent
  std::string_view path;    // the target up to '?', still percent-encoded
  std::string_view query;   // behind '?', still percent-encoded
  const boost::beast::http::fields* fields = nullptr;
};

}  // namespace filemint::http
