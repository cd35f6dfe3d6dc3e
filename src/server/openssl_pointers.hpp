#pragma once
/// @file What OpenSSL gives out, freed at the end. For .cpp files: it shows OpenSSL's headers.

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace thimble::server {

template <auto Free>
struct FreeBy {
    template <class Thing>
    void operator()(Thing* thing) const {
        Free(thing);
    }
};
using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;

/// Reads from `text`, which must outlive it.
inline BioPtr reader_of(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace thimble::server
