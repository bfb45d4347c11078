// What a token of an object store costs, of many paths together: a presigned request of S3, a
// signed URL of Google Cloud Storage by HMAC and by RSA. Beside sign_together, which is our own
// token's.

#include "backends/gcs.hpp"
#include "backends/s3.hpp"

#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>
#include <vector>

namespace {

using namespace filemint;

void sign_by(benchmark::State& state, const backends::backend& backend) {
  const wall_time at{std::chrono::seconds{1'795'476'656}};
  const snapshot known;
  const auto batch = backend.begin(known, {.company = "co_xyz",
                                           .key_id = "AbCdEfGhIjKl",
                                           .issued_at = at,
                                           .expires_at = at + std::chrono::seconds{300}});
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto path = file_path::make("uploads/co_xyz/file_abc123000001/context1.pdf").value();
  const std::vector<file_path> paths(count, path);
  const std::size_t size = (*batch)->token_size(path);
  std::string tokens(count * size, '\0');
  std::vector<char*> places(count);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) places[i] = tokens.data() + i * size;
    (*batch)->sign(paths, places);
    benchmark::DoNotOptimize(tokens.data());
    benchmark::ClobberMemory();
  }
  state.counters["token"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}

bucket_config bucket() {
  bucket_config made;
  made.name = "stored-files";
  return made;
}

backends::aws_credentials credentials() {
  return {.access_key_id = "AKIAIOSFODNN7EXAMPLE",
          .secret_access_key = secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
          .session_token = {}};
}

void presign_together(benchmark::State& state) {
  sign_by(state, backends::s3{"objects", backends::place_of(bucket()), credentials()});
}
BENCHMARK(presign_together)->Arg(1)->Arg(2)->Arg(8)->Arg(32);

void gcs_hmac_together(benchmark::State& state) {
  sign_by(state, backends::gcs{"objects", backends::gcs_place_of(bucket()), credentials()});
}
BENCHMARK(gcs_hmac_together)->Arg(1)->Arg(2)->Arg(8)->Arg(32);

backends::service_account new_service_account() {
  const evp::pkey key{EVP_RSA_gen(2'048)};
  BIO* out = BIO_new(BIO_s_mem());
  evp::must(PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr));
  char* pem = nullptr;
  const auto size = BIO_get_mem_data(out, &pem);
  auto read = rsa_key::from_pem({pem, static_cast<std::size_t>(size)}).value();
  BIO_free(out);
  return {.client_email = "signer@project.iam.gserviceaccount.com",
          .key = std::make_shared<const rsa_key>(std::move(read))};
}

void gcs_rsa_together(benchmark::State& state) {
  static const auto account = new_service_account();
  sign_by(state, backends::gcs{"objects", backends::gcs_place_of(bucket()), account});
}
BENCHMARK(gcs_rsa_together)->Arg(1)->Arg(8);

}  // namespace
