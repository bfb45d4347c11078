#include "src/cli/storage_codes.hpp"

namespace filemint::cli {
namespace {

struct known_code {
  source_type type;
  std::string_view code;
  std::string_view means;
};

constexpr auto s3 = source_type::s3;
constexpr auto azure = source_type::azure;
constexpr auto gcs = source_type::gcs;

constexpr std::string_view clock_is_off =
    "this machine's clock differs from the storage's by more than it allows: run NTP";
constexpr std::string_view token_is_over =
    "the session that session_token stands for has ended: temporary credentials have to be renewed";
constexpr std::string_view no_bucket =
    "there is no such bucket at that endpoint: look at bucket, endpoint and addressing";
constexpr std::string_view busy = "the storage asks for fewer requests: try again later";

constexpr known_code known[] = {
    {s3, "AccessDenied",
     "the credentials may not read this file: they need s3:GetObject on it (and kms:Decrypt where "
     "its key is KMS's); without s3:ListBucket a missing file looks the same"},
    {s3, "AllAccessDisabled", "the bucket's owner has disabled all access to it"},
    {s3, "AccountProblem", "the account that the credentials are of has a problem, a bill perhaps"},
    {s3, "AuthorizationHeaderMalformed",
     "the signature is for another region or service: look at region"},
    {s3, "AuthorizationQueryParametersError",
     "the signature is for another region or service: look at region"},
    {s3, "ExpiredToken", token_is_over},
    {s3, "InvalidAccessKeyId", "the storage knows no such access_key_id, or it is inactive"},
    {s3, "InvalidBucketName", "bucket is no name that a bucket can have"},
    {s3, "InvalidObjectState", "the file is archived, and has to be restored before it is read"},
    {s3, "InvalidToken", "session_token does not belong to access_key_id, or is damaged"},
    {s3, "MethodNotAllowed", "the file was deleted (its latest version is a delete marker)"},
    {s3, "NoSuchBucket", no_bucket},
    {s3, "PermanentRedirect", "the bucket is at another endpoint: look at region and endpoint"},
    {s3, "RequestTimeTooSkewed", clock_is_off},
    {s3, "SignatureDoesNotMatch",
     "secret_access_key is not that of access_key_id, or something between changes the host or the "
     "path: public_endpoint must be the name that the storage itself sees"},
    {s3, "SlowDown", busy},
    {s3, "TemporaryRedirect", "the bucket is at another endpoint: look at region and endpoint"},
    {azure, "AccountIsDisabled", "the storage account is disabled"},
    {azure, "AuthenticationFailed",
     "account_key is not the account's, or this machine's clock is behind: a signature that has "
     "ended is refused in the same way"},
    {azure, "AuthorizationFailure",
     "the account's firewall does not let this machine in, or, where it is Azurite, account_key is "
     "wrong"},
    {azure, "AuthorizationPermissionMismatch",
     "the credentials may not read blobs: a user delegation needs the role Storage Blob Data "
     "Reader"},
    {azure, "AuthorizationProtocolMismatch",
     "the signature is for https, and the endpoint says http://"},
    {azure, "AuthorizationSourceIPMismatch", "the account's policy does not let this address in"},
    {azure, "BlobArchived", "the blob is archived, and has to be rehydrated before it is read"},
    {azure, "ContainerNotFound", "there is no such container: look at container"},
    {azure, "InvalidQueryParameterValue",
     "the server does not know the version that the signature is of"},
    {azure, "KeyBasedAuthenticationNotPermitted",
     "the account does not allow signatures by its key (Allow storage account key access)"},
    {azure, "PublicAccessNotPermitted",
     "the signature did not arrive: something between drops the query"},
    {azure, "ServerBusy", busy},
    {gcs, "AccessDenied",
     "whoever signs may not read this file: it needs storage.objects.get (the role Storage Object "
     "Viewer); without storage.objects.list a missing file looks the same"},
    {gcs, "AccountProblem",
     "the account that the credentials are of has a problem, a bill perhaps"},
    {gcs, "AuthenticationRequired",
     "the signature did not arrive: something between drops the query"},
    {gcs, "ExpiredToken",
     "the signature has ended by the storage's clock: this machine's is behind"},
    {gcs, "InvalidAccessKeyId", "the storage knows no such access_key_id, or it is inactive"},
    {gcs, "InvalidBucketName", "bucket is no name that a bucket can have"},
    {gcs, "InvalidSecurity", "the credentials are not valid"},
    {gcs, "NoSuchBucket", no_bucket},
    {gcs, "RequestTimeTooSkewed", clock_is_off},
    {gcs, "SignatureDoesNotMatch",
     "the key that signs is not (or no longer) that account's, or something between changes the "
     "host or the path"},
    {gcs, "SlowDown", busy},
    {gcs, "UserProjectMissing",
     "the bucket lets requesters pay, which signed URLs of tokens cannot"},
};

std::string_view meaning_of_swifts(unsigned status) noexcept {
  if (status == 401) {
    return "temp_url_key is not one of the account's or container's (X-Account-Meta-Temp-URL-Key, "
           "X-Container-Meta-Temp-URL-Key), account is another one, the cluster does not allow "
           "that "
           "digest, or this machine's clock is behind";
  }
  if (status == 403) return "the cluster does not allow temporary URLs here";
  return {};
}

std::string_view meaning_of_status(unsigned status) noexcept {
  if (status == 429 || status == 498 || status == 503) return busy;
  if (status >= 500) return "the storage has a fault of its own";
  if (status >= 300 && status < 400) {
    return "it sends elsewhere, which a signature does not follow: look at endpoint and addressing";
  }
  if (status == 401 || status == 403) {
    return "it refuses, and not as such a storage does: a proxy between, or another kind of "
           "server?";
  }
  return "that is no answer that such a storage gives to a good request";
}

}  // namespace

bool says_no_such_file(source_type type, unsigned status, std::string_view code) noexcept {
  if (status != 404) return false;
  if (type == source_type::swift) return true;
  return code == "NoSuchKey" || code == "BlobNotFound" || code == "NoSuchVersion";
}

bool says_no_permission(source_type type, std::string_view code) noexcept {
  return (type == source_type::s3 || type == source_type::gcs) && code == "AccessDenied";
}

std::string_view permission_to_list(source_type type) noexcept {
  return type == source_type::gcs ? "storage.objects.list" : "s3:ListBucket";
}

std::string_view meaning_of(source_type type, unsigned status, std::string_view code) noexcept {
  for (const auto& each : known) {
    if (each.type == type && each.code == code) return each.means;
  }
  if (type == source_type::swift) {
    if (const auto said = meaning_of_swifts(status); !said.empty()) return said;
  }
  return meaning_of_status(status);
}

}  // namespace filemint::cli
