#include "api/error_catalogue.hpp"

#include <gtest/gtest.h>

namespace filemint::api::error_catalogue_test {
namespace {

struct expected_entry {
  errc code;
  const char* name;
  unsigned status;
  const char* message;  // null: the publisher gives none
};

class Catalogue : public ::testing::TestWithParam<expected_entry> {};

TEST_P(Catalogue, SaysWhatTheContractSays) {
  const auto& expected = GetParam();
  const auto& entry = catalogue(expected.code);
  EXPECT_EQ(entry.code, expected.name);
  EXPECT_EQ(entry.status, expected.status);
  if (expected.message != nullptr) {
    EXPECT_EQ(entry.message, expected.message);
  }
  EXPECT_FALSE(entry.message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Contract, Catalogue,
    ::testing::Values(
        expected_entry{errc::missing_required_field, "MISSING_REQUIRED_FIELD", 400, nullptr},
        expected_entry{errc::invalid_payload, "INVALID_PAYLOAD", 400, nullptr},
        expected_entry{errc::bad_request, "BAD_REQUEST", 400, "Bad request."},
        expected_entry{errc::unauthorized, "UNAUTHORIZED", 401, nullptr},
        expected_entry{errc::invalid_api_key, "INVALID_API_KEY", 401,
                       "API key not found or not authorized."},
        expected_entry{errc::expired_api_key, "EXPIRED_API_KEY", 401, nullptr},
        expected_entry{errc::invalid_access_token, "INVALID_ACCESS_TOKEN", 401, nullptr},
        expected_entry{errc::expired_access_token, "EXPIRED_ACCESS_TOKEN", 401, nullptr},
        expected_entry{errc::forbidden, "FORBIDDEN", 403, "Access to the resource is forbidden."},
        expected_entry{errc::resource_not_found, "RESOURCE_NOT_FOUND", 404,
                       "The requested resource was not found."},
        expected_entry{errc::endpoint_not_found, "ENDPOINT_NOT_FOUND", 404, nullptr},
        expected_entry{errc::method_not_allowed, "METHOD_NOT_ALLOWED", 405,
                       "HTTP method not allowed."},
        expected_entry{errc::range_not_satisfiable, "RANGE_NOT_SATISFIABLE", 416, nullptr},
        expected_entry{errc::unprocessable_entity, "UNPROCESSABLE_ENTITY", 422, nullptr},
        expected_entry{errc::rate_limit_exceeded, "RATE_LIMIT_EXCEEDED", 429,
                       "Rate limit exceeded for this category. Try again later."},
        expected_entry{errc::throttled, "THROTTLED", 429, nullptr},
        expected_entry{errc::internal_server_error, "INTERNAL_SERVER_ERROR", 500,
                       "An unexpected server error occurred."},
        expected_entry{errc::service_unavailable, "SERVICE_UNAVAILABLE", 503,
                       "Service is temporarily unavailable."},
        expected_entry{errc::gateway_timeout, "GATEWAY_TIMEOUT", 504, "Gateway timeout."}));

TEST(ErrorCatalogue, HidesWhatOnlyAnOperatorIsTold) {
  for (const auto code :
       {errc::invalid_argument, errc::not_found, errc::conflict, errc::wrong_key,
        errc::store_failed, errc::store_full, errc::store_too_new, errc::io_failed}) {
    EXPECT_EQ(&catalogue(code), &catalogue(errc::internal_server_error));
  }
}

}  // namespace
}  // namespace filemint::api::error_catalogue_test
