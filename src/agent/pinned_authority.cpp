#include "thimble/agent/pinned_authority.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/protocol/signing.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

namespace thimble::agent {
namespace {

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

std::string digest_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size <= 0) {
        return {};
    }
    const std::string bytes(
        static_cast<const char*>(static_cast<const void*>(der)), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return sha256_of(bytes);
}

/// In place of OpenSSL's own verification: of what the server sent, the one pinned certificate is
/// trusted, and then all is checked as usual.
int verify_pinned(X509_STORE_CTX* store, void* pinned) {
    const std::string& authority = *static_cast<const std::string*>(pinned);
    STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
    const std::unique_ptr<STACK_OF(X509), FreeStack> trusted(sk_X509_new_null());
    for (int at = 0; sent != nullptr && trusted && at < sk_X509_num(sent); ++at) {
        X509* certificate = sk_X509_value(sent, at);
        if (digest_of(certificate) == authority) {
            sk_X509_push(trusted.get(), certificate);
        }
    }
    if (!trusted || sk_X509_num(trusted.get()) == 0) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
        return 0;
    }
    X509_STORE_CTX_set0_trusted_stack(store, trusted.get());
    return X509_verify_cert(store);
}

}  // namespace

void pin_authority(ssl_ctx_st* context, const std::string& authority) {
    // The callback only reads it; OpenSSL's signature is older than const.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    SSL_CTX_set_cert_verify_callback(context, verify_pinned, const_cast<std::string*>(&authority));
}

}  // namespace thimble::agent
