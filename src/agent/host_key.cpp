#include "thimble/agent/host_key.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace thimble::agent {
namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeRequest {
    void operator()(X509_REQ* request) const { X509_REQ_free(request); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;
using BioPtr = std::unique_ptr<BIO, FreeBio>;
using RequestPtr = std::unique_ptr<X509_REQ, FreeRequest>;
using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;

std::string text_of(BIO* memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

BioPtr reader_of(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Without it OpenSSL would ask the terminal for a password.
int refuse_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
    return -1;
}

Result<long long> seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return failure(
            ErrorKind::Corrupt, "agent.bad_certificate", "a certificate's time cannot be read");
    }
    return static_cast<long long>(::timegm(&parts));
}

}  // namespace

Result<std::string> make_host_key() {
    const KeyPtr key(EVP_EC_gen("P-256"));
    const BioPtr memory(BIO_new(BIO_s_mem()));
    if (!key || !memory
        || PEM_write_bio_PKCS8PrivateKey(
               memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr)
            != 1) {
        return failure(ErrorKind::Internal, "agent.no_key", "no key could be made");
    }
    return text_of(memory.get());
}

Result<std::string> signing_request_of(std::string_view key_pem) {
    const BioPtr source = reader_of(key_pem);
    const KeyPtr key(PEM_read_bio_PrivateKey(source.get(), nullptr, refuse_password, nullptr));
    const RequestPtr request(X509_REQ_new());
    const BioPtr memory(BIO_new(BIO_s_mem()));
    if (!key || !request || !memory || X509_REQ_set_pubkey(request.get(), key.get()) != 1
        || X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0
        || PEM_write_bio_X509_REQ(memory.get(), request.get()) != 1) {
        return failure(ErrorKind::Corrupt, "agent.bad_key", "the host's key cannot be used");
    }
    return text_of(memory.get());
}

Result<Validity> validity_of(std::string_view certificate_pem) {
    const BioPtr source = reader_of(certificate_pem);
    const CertificatePtr certificate(
        PEM_read_bio_X509(source.get(), nullptr, refuse_password, nullptr));
    if (!certificate) {
        return failure(
            ErrorKind::Corrupt, "agent.bad_certificate", "the host's certificate cannot be read");
    }
    Validity validity;
    THIMBLE_TRY(validity.from, seconds_of(X509_get0_notBefore(certificate.get())));
    THIMBLE_TRY(validity.until, seconds_of(X509_get0_notAfter(certificate.get())));
    return validity;
}

}  // namespace thimble::agent
