#include "src/cli/storage_answer.hpp"

#include "core/http_date.hpp"
#include "src/cli/storage_codes.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace filemint::cli {
namespace {

constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";

// What a name's characters make up at the beginning, 100 at most; nothing else is ever told.
std::string_view name_at(std::string_view text) {
  return text.substr(0, std::min({text.find_first_not_of(name_characters), text.size(), 100UZ}));
}

// The text of an XML element that holds a name: AWS, "Error responses"; Azure, "Status and error
// codes"; Google Cloud, "HTTP status and error codes for XML".
std::string_view element(std::string_view body, std::string_view name) {
  const auto tag = "<" + std::string{name} + ">";
  const auto at = body.find(tag);
  return at == body.npos ? std::string_view{} : name_at(body.substr(at + tag.size()));
}

std::string_view code_of(const backends::remote_answer& answer) {
  const auto told = answer.field("x-ms-error-code");
  return told.empty() ? element(answer.body, "Code") : name_at(told);
}

// "… is not authorized to perform: s3:GetObject on resource …", "… does not have
// storage.objects.get access …".
std::string_view missing_permission(std::string_view body) {
  if (const auto at = body.find("perform: "); at != body.npos) return name_at(body.substr(at + 9));
  if (const auto at = body.find(" does not have storage."); at != body.npos) {
    return name_at(body.substr(at + 15));
  }
  return {};
}

std::optional<finding> clock_finding(const storage_question& asked,
                                     const backends::remote_answer& answer) {
  using namespace std::chrono;
  const auto theirs = parse_http_date(answer.field("Date"), asked.now);
  if (!theirs) return std::nullopt;
  const auto ahead = duration_cast<seconds>(asked.now - *theirs).count();
  const auto apart = ahead < 0 ? -ahead : ahead;
  if (apart < 10) return std::nullopt;
  // AWS and Google allow a quarter of an hour; a token that begins later elsewhere is of no use.
  return finding{"clock", apart < 900 ? verdict::doubtful : verdict::bad,
                 "this machine's clock is " + std::to_string(apart) + " s " +
                     (ahead < 0 ? "behind" : "ahead of") +
                     " the storage's: tokens begin and end by the storage's"};
}

std::string quoted_region(const storage_question& asked, std::string_view region) {
  return "the bucket is in region " + std::string{region} + ", and region says " +
         asked.source.bucket.region;
}

// Where the server took the path style for the virtual-host style, or the other way round.
std::optional<std::string> wrong_addressing(const storage_question& asked, std::string_view body) {
  const auto& bucket = asked.source.bucket;
  if (asked.source.type == source_type::azure || bucket.name.empty()) return std::nullopt;
  const auto looked_for = element(body, "BucketName");
  if (bucket.addressing != bucket_addressing::path && !looked_for.empty() &&
      looked_for != bucket.name) {
    return "the server has looked for a bucket " + std::string{looked_for} +
           ", the path's first part: it does not take the bucket from the host, set addressing: "
           "path";
  }
  const auto key = body.find("<Key>" + bucket.name + "/");
  if (bucket.addressing == bucket_addressing::path && key != body.npos) {
    return "the server has taken the bucket's name for a part of the path: the endpoint's host is "
           "the bucket's own, set addressing: bucket_bound";
  }
  return std::nullopt;
}

std::string downloaded(const storage_question& asked, unsigned status) {
  return std::string{asked.host} + " gave the first byte (" + std::to_string(status) + ")";
}

finding explain_refusal(const storage_question& asked, const backends::remote_answer& answer) {
  const auto code = code_of(answer);
  const auto told = std::string{asked.host} + " answered " + std::to_string(answer.status) +
                    (code.empty() ? "" : " " + std::string{code});
  const auto bad = [&](const std::string& why) {
    return finding{std::string{asked.about}, verdict::bad, told + ": " + why};
  };
  const auto type = asked.source.type;
  if (type == source_type::s3) {
    auto region = name_at(answer.field("x-amz-bucket-region"));
    if (region.empty()) region = element(answer.body, "Region");
    if (!region.empty() && region != asked.source.bucket.region) {
      return bad(quoted_region(asked, region));
    }
  }
  if (const auto why = wrong_addressing(asked, answer.body)) return bad(*why);
  if (says_no_such_file(type, answer.status, code)) {
    if (asked.is_there) return bad("there is no such file");
    return {std::string{asked.about}, verdict::good,
            told + " for a name that no file has, as it should: name a file to download a byte"};
  }
  if (const auto right = missing_permission(answer.body); !right.empty()) {
    return bad("the credentials lack the permission " + std::string{right});
  }
  if (!asked.is_there && says_no_permission(type, code)) {
    return {
        std::string{asked.about}, verdict::doubtful,
        told + " for a name that no file has: the credentials lack " +
            std::string{permission_to_list(type)} +
            ", without which a missing file looks so, or they may read nothing; name a file "
            "that exists" +
            (asked.source.check_exists && !asked.source.missing_as_403
                 ? ". With check_exists a missing file is 503 so: grant it, or set missing_as_403"
                 : "")};
  }
  return bad(std::string{meaning_of(type, answer.status, code)});
}

}  // namespace

std::string_view name_of(verdict how) noexcept {
  switch (how) {
    case verdict::good:
      return "good";
    case verdict::doubtful:
      return "doubtful";
    case verdict::bad:
      return "bad";
  }
  return {};
}

std::vector<finding> explain(const storage_question& asked, const backends::remote_answer& answer) {
  std::vector<finding> found;
  if (auto clock = clock_finding(asked, answer)) found.push_back(std::move(*clock));
  if (answer.status == 200 || answer.status == 206) {
    found.push_back({std::string{asked.about}, verdict::good, downloaded(asked, answer.status)});
  } else if (answer.status == 416) {
    found.push_back({std::string{asked.about}, verdict::good,
                     std::string{asked.host} + " has the file, which is empty (416)"});
  } else {
    found.push_back(explain_refusal(asked, answer));
  }
  return found;
}

finding explain(const storage_question& asked, actors::fetch_fault fault) {
  const auto host = std::string{asked.host};
  const auto& bucket = asked.source.bucket;
  const bool named = bucket.addressing == bucket_addressing::virtual_host;
  const auto bad = [&](const std::string& why) {
    return finding{std::string{asked.about}, verdict::bad, why};
  };
  switch (fault) {
    case actors::fetch_fault::unreachable:
      return bad(host + " can't be reached: no such host, or no connection" +
                 (named ? "; where it should be there without the name before the first dot, set "
                          "addressing: path"
                        : ""));
    case actors::fetch_fault::untrusted:
      if (named && bucket.name.contains('.') && asked.source.type != source_type::azure) {
        return bad("the certificate of " + host +
                   " does not hold for it: a wildcard stands for one label, and the bucket's name "
                   "has dots; set addressing: path");
      }
      return bad("the certificate of " + host +
                 " does not hold: it is of another name, has expired, or is of an authority that "
                 "this machine does not trust");
    case actors::fetch_fault::broken:
      return bad(host + " does not answer in HTTP" +
                 ", or breaks off: is it TLS where the endpoint says http://, or the other way?");
    case actors::fetch_fault::timed_out:
      return bad(host + " does not answer in time: a firewall between, or the wrong port?");
    case actors::fetch_fault::busy:
      break;
  }
  return bad(host + " was not asked");
}

}  // namespace filemint::cli
