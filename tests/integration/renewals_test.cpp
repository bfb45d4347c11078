// Where credentials are asked for, by configuration and environment.
#include "src/renewals.hpp"

#include "tests/unit/http/temporary_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace filemint::renewals_test {
namespace {

using ::testing::HasSubstr;

class Renewals : public ::testing::Test {
protected:
  Renewals() {
    source_.bucket.name = "stored-files";
    source_.bucket.account = "filemintaccount";
    source_.bucket.region = "eu-west-3";
  }
  result<renewals_of_source> open() const {
    return open_renewals(source_, [this](const char* name) {
      const auto found = set_.find(name);
      return found == set_.end() ? std::string{} : found->second;
    });
  }
  // The first request.
  backends::remote_request first() const {
    const auto opened = open();
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      return {};
    }
    EXPECT_NE(opened->first, nullptr);
    EXPECT_FALSE(opened->first->urls().public_url.empty());
    auto begun = opened->make()->begin(wall_time{});
    EXPECT_TRUE(begun) << begun.error().message;
    return begun ? std::move(*begun) : backends::remote_request{};
  }
  std::string where() const {
    const auto request = first();
    return (request.to.secure ? "https://" : "http://") + request.to.host + ":" +
           std::to_string(request.to.port) + request.target;
  }
  std::string problem() const {
    const auto opened = open();
    EXPECT_FALSE(opened);
    if (opened) return {};
    EXPECT_EQ(opened.error().code, errc::wrong_key);
    return opened.error().message;
  }

  source_config source_{.name = "objects", .type = source_type::s3};
  std::map<std::string, std::string> set_;
};

TEST_F(Renewals, AnInstanceIsAskedAtItsLinkLocalAddressOrWhereItIsSaid) {
  source_.bucket.credentials = credential_kind::instance;
  EXPECT_EQ(where(), "http://169.254.169.254:80/latest/api/token");
  source_.bucket.credentials_endpoint = "http://[fd00:ec2::254]:8080";
  EXPECT_EQ(where(), "http://fd00:ec2::254:8080/latest/api/token");
}

TEST_F(Renewals, AContainerIsAskedWhereItsVariablesLead) {
  source_.bucket.credentials = credential_kind::container;
  EXPECT_THAT(problem(), HasSubstr("this is no container of ECS or EKS"));
  set_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials?a=b";
  EXPECT_EQ(where(), "http://169.254.170.23:80/v1/credentials?a=b");
  EXPECT_TRUE(first().fields.empty());
  for (const auto* near : {"http://127.1.2.3:1/x", "http://[::1]/x", "https://vault.example/x",
                           "http://localhost/x", "http://[fd00:ec2::23]/x"}) {
    set_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = near;
    EXPECT_TRUE(open()) << near;
  }
  for (const auto* bad :
       {"http://169.254.169.254/x", "http://example.com/x", "http://127.0.0.1.example/x",
        "ftp://127.0.0.1/x", "http://127.0.0.1/a b", "http://127.0.0.1:0/x"}) {
    set_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = bad;
    EXPECT_FALSE(open()) << bad;
  }
  set_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/7e6c";
  EXPECT_EQ(where(), "http://169.254.170.2:80/v2/credentials/7e6c") << "it comes first";
}

TEST_F(Renewals, AContainersTokenIsOfItsFile) {
  const http::temporary_tree tree;
  std::ofstream(tree.root() / "token") << "eyJ.pod\n";
  source_.bucket.credentials = credential_kind::container;
  set_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  set_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "of the environment";
  set_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = (tree.root() / "token").string();
  const auto request = first();
  ASSERT_EQ(request.fields.size(), 1u);
  EXPECT_EQ(request.fields[0].name, "Authorization");
  EXPECT_EQ(request.fields[0].value, "eyJ.pod");
}

TEST_F(Renewals, AWebIdentityNeedsARoleAndAToken) {
  const http::temporary_tree tree;
  std::ofstream(tree.root() / "token") << "eyJ.web\n";
  source_.bucket.credentials = credential_kind::web_identity;
  EXPECT_THAT(problem(), HasSubstr("neither role_arn nor AWS_ROLE_ARN is set"));
  set_["AWS_ROLE_ARN"] = "arn:of:environment";
  EXPECT_THAT(problem(), HasSubstr("neither web_identity_token nor AWS_WEB_IDENTITY_TOKEN_FILE"));
  set_["AWS_WEB_IDENTITY_TOKEN_FILE"] = (tree.root() / "token").string();
  EXPECT_EQ(where(), "https://sts.eu-west-3.amazonaws.com:443/");
  EXPECT_THAT(first().body, HasSubstr("RoleArn=arn%3Aof%3Aenvironment"));
  EXPECT_THAT(first().body, HasSubstr("WebIdentityToken=eyJ.web"));
  source_.bucket.role_arn = "arn:of:file";
  EXPECT_THAT(first().body, HasSubstr("RoleArn=arn%3Aof%3Afile"));
  source_.bucket.region = "cn-north-1";
  EXPECT_EQ(where(), "https://sts.cn-north-1.amazonaws.com.cn:443/");
  source_.bucket.credentials_endpoint = "https://sts.example";
  EXPECT_EQ(where(), "https://sts.example:443/");
}

TEST_F(Renewals, AManagedIdentityIsOfAMachineOrOfAppService) {
  source_.type = source_type::azure;
  source_.bucket.credentials = credential_kind::managed_identity;
  const std::string query = "resource=https%3A%2F%2Fstorage.azure.com%2F";
  const auto machine =
      "http://169.254.169.254:80/metadata/identity/oauth2/token?api-version=2018-02-01&" + query;
  EXPECT_EQ(where(), machine);
  set_["IDENTITY_ENDPOINT"] = "http://127.0.0.1:41056/MSI/token/";
  EXPECT_EQ(where(), machine) << "without its header it is no App Service";
  set_["IDENTITY_HEADER"] = "853b9a84";
  EXPECT_EQ(where(), "http://127.0.0.1:41056/MSI/token/?api-version=2019-08-01&" + query);
  EXPECT_EQ(first().fields.at(0).value, "853b9a84");
  source_.bucket.credentials_endpoint = "http://127.0.0.1:1";
  EXPECT_THAT(where(), HasSubstr("http://127.0.0.1:1/metadata/identity/oauth2/token?"));
  EXPECT_EQ(first().fields.at(0).name, "Metadata") << "no header goes where it is not from";
}

TEST_F(Renewals, GooglesMetadataServerHasAName) {
  source_.type = source_type::gcs;
  source_.bucket.signer = gcs_signer::sign_blob;
  const std::string account = "/computeMetadata/v1/instance/service-accounts/default/";
  EXPECT_EQ(where(), "http://metadata.google.internal:80" + account + "email");
  set_["GCE_METADATA_HOST"] = "127.0.0.1:8080";
  EXPECT_EQ(where(), "http://127.0.0.1:8080" + account + "email");
  source_.bucket.sign_as = "a@b";
  EXPECT_THAT(where(), HasSubstr("/token"));
}

}  // namespace
}  // namespace filemint::renewals_test
