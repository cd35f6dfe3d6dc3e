#include "agent_identity.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <memory>

namespace thimble::loadgen {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string text_of(BIO* bio) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

CertificateRequest make_certificate_request() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> request(
        X509_REQ_new(), X509_REQ_free);
    THIMBLE_CHECK(key != nullptr && request != nullptr);
    X509_REQ_set_pubkey(request.get(), key.get());
    X509_REQ_sign(request.get(), key.get(), EVP_sha256());
    const Bio key_text(BIO_new(BIO_s_mem()), BIO_free);
    const Bio csr_text(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_bio_X509_REQ(csr_text.get(), request.get());
    return {text_of(key_text.get()), text_of(csr_text.get())};
}

Result<void> write_identities(
    const std::filesystem::path& file, const std::vector<AgentIdentity>& identities) {
    std::ofstream out(file);
    for (const AgentIdentity& identity : identities) {
        std::string line;
        JsonWriter json(line);
        json.open_object();
        json.member("host_id", identity.host_id).member("key", identity.key);
        json.member("certificate", identity.certificate);
        json.member("inventory", identity.inventory).member("packages", identity.packages);
        json.close_object();
        out << line << '\n';
    }
    out.close();
    if (!out) {
        return failure(
            ErrorKind::Unavailable, "loadgen.write", file.string() + " cannot be written");
    }
    return {};
}

Result<std::vector<AgentIdentity>> read_identities(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
        return failure(
            ErrorKind::Unavailable, "loadgen.read", file.string() + " cannot be read: enrol first");
    }
    std::vector<AgentIdentity> identities;
    for (std::string line; std::getline(in, line);) {
        THIMBLE_TRY(const JsonValue value, parse_json(line));
        JsonMembers members(value);
        AgentIdentity& identity = identities.emplace_back();
        identity.host_id = members.text("host_id");
        identity.key = members.text("key");
        identity.certificate = members.text("certificate");
        identity.inventory = members.text("inventory");
        identity.packages = members.text("packages");
        THIMBLE_TRY(members.done());
    }
    return identities;
}

}  // namespace thimble::loadgen
