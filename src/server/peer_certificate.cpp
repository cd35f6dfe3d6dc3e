#include "thimble/server/peer_certificate.hpp"

#include "thimble/server/openssl_pointers.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

namespace thimble::server {
namespace {

constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view kSessionContext = "thimble";

}  // namespace

Result<void> configure_tls(
    SSL_CTX* context, const ServerIdentity& identity, const std::string& authority_pem) {
    const CertificatePtr own(
        PEM_read_bio_X509(reader_of(identity.certificate).get(), nullptr, nullptr, nullptr));
    const KeyPtr key(
        PEM_read_bio_PrivateKey(reader_of(identity.key).get(), nullptr, nullptr, nullptr));
    const CertificatePtr authority(
        PEM_read_bio_X509(reader_of(authority_pem).get(), nullptr, nullptr, nullptr));
    const bool is_set = own && key && authority
        && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
        && SSL_CTX_set_cipher_list(context, kCiphers) == 1
        && SSL_CTX_use_certificate(context, own.get()) == 1
        && SSL_CTX_use_PrivateKey(context, key.get()) == 1
        && SSL_CTX_add1_chain_cert(context, authority.get()) == 1
        && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1
        && SSL_CTX_add_client_CA(context, authority.get()) == 1
        && SSL_CTX_set_session_id_context(
               context,
               static_cast<const unsigned char*>(static_cast<const void*>(kSessionContext.data())),
               kSessionContext.size())
            == 1;
    if (!is_set) {
        return failure(
            ErrorKind::Corrupt,
            "server.bad_key",
            "TLS cannot be set up with the server's certificate");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    return {};
}

std::optional<PeerCertificate> peer_certificate_of(const SSL* connection) {
    const X509* certificate = SSL_get0_peer_certificate(connection);
    if (certificate == nullptr || SSL_get_verify_result(connection) != X509_V_OK) {
        return std::nullopt;
    }
    std::array<char, 128> name{};
    const int size = X509_NAME_get_text_by_NID(
        X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
    if (size <= 0) {
        return std::nullopt;
    }
    const NumberPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
    char* hex = BN_bn2hex(number.get());
    std::string serial(hex);
    OPENSSL_free(hex);
    std::ranges::transform(
        serial, serial.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return PeerCertificate{
        std::string(name.data(), static_cast<std::size_t>(size)), std::move(serial)};
}

}  // namespace thimble::server
