#include "thimble/server/authority.hpp"

#include "thimble/base/hex.hpp"
#include "thimble/server/certificate_profile.hpp"
#include "thimble/server/openssl_pointers.hpp"
#include "thimble/server/private_file.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace thimble::server {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, FreeBy<X509_REQ_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeBy<X509_EXTENSION_free>>;

constexpr Days kRenewServerBefore{30};
constexpr std::size_t kMaxCsrBytes = 8192;

Error bad_key(const std::string& what) {
    return failure(ErrorKind::Corrupt, "server.bad_key", what);
}

std::string text_of(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);  // NOLINT: the macro's own cast
    return {bytes, static_cast<std::size_t>(size)};
}

/// What a writer of OpenSSL puts into memory.
template <class Write>
std::string written(Write write) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    THIMBLE_CHECK(bio && write(bio.get()) == 1);
    return text_of(bio.get());
}

std::string pem_of(X509* certificate) {
    return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pem_of_private(EVP_PKEY* key) {
    return written([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

KeyPtr make_p256() {
    KeyPtr key(EVP_EC_gen("P-256"));
    THIMBLE_CHECK(key != nullptr);
    return key;
}

CertificatePtr read_certificate(const std::string& pem) {
    return CertificatePtr(PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
}

KeyPtr read_key(const std::string& pem) {
    return KeyPtr(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, nullptr, nullptr));
}

/// An instant as ASN.1 has it, and back.
void set_time(ASN1_TIME* time, Instant instant) {
    THIMBLE_CHECK(ASN1_TIME_set(time, instant.time_since_epoch().count()) != nullptr);
}
Instant instant_of(const ASN1_TIME* time) {
    std::tm parts{};
    THIMBLE_CHECK(ASN1_TIME_to_tm(time, &parts) == 1);
    return Instant(std::chrono::seconds(::timegm(&parts)));
}

std::string serial_of(const X509* certificate) {
    const NumberPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
    char* hex = BN_bn2hex(number.get());
    std::string text(hex);
    OPENSSL_free(hex);
    std::ranges::transform(
        text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// 127 random bits: never negative, never twice.
void set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    THIMBLE_CHECK(RAND_bytes(bytes.data(), bytes.size()) == 1);
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7FU) | 0x40U);
    const NumberPtr number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    THIMBLE_CHECK(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    if (value.empty()) {
        return;
    }
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    THIMBLE_CHECK(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Makes and signs; without an issuer the certificate signs itself.
CertificatePtr make_certificate(
    const CertificateProfile& profile, EVP_PKEY* subject_key, X509* issuer, EVP_PKEY* issuer_key) {
    CertificatePtr certificate(X509_new());
    THIMBLE_CHECK(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    set_serial(certificate.get());
    set_time(X509_getm_notBefore(certificate.get()), profile.not_before);
    set_time(X509_getm_notAfter(certificate.get()), profile.not_after);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    const auto* common_name =
        static_cast<const unsigned char*>(static_cast<const void*>(profile.common_name.c_str()));
    THIMBLE_CHECK(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1);
    X509* signer = issuer == nullptr ? certificate.get() : issuer;
    THIMBLE_CHECK(X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1);
    THIMBLE_CHECK(X509_set_pubkey(certificate.get(), subject_key) == 1);
    add_extension(certificate.get(), signer, NID_basic_constraints, profile.basic_constraints);
    add_extension(certificate.get(), signer, NID_key_usage, profile.key_usage);
    add_extension(certificate.get(), signer, NID_ext_key_usage, profile.extended_key_usage);
    add_extension(certificate.get(), signer, NID_subject_alt_name, profile.alternative_names);
    add_extension(certificate.get(), signer, NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), signer, NID_authority_key_identifier, "keyid:always");
    THIMBLE_CHECK(X509_sign(certificate.get(), issuer_key, EVP_sha256()) > 0);
    return certificate;
}

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    THIMBLE_CHECK(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1);
    return hex_of(std::span(digest).first(size));
}

bool is_for(X509* certificate, const std::vector<std::string>& names) {
    return std::ranges::all_of(names, [certificate](const std::string& name) {
        return X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1
            || X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
    });
}

bool is_supported(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_is_a(key, "ED25519") == 1) {
        return true;
    }
    return EVP_PKEY_is_a(key, "EC") == 1
        && EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1
        && std::string_view(group.data()) == "prime256v1";
}

/// A private key of a file, or a new one by `make`.
template <class Make>
Result<KeyPtr> load_or_make_key(const std::filesystem::path& file, Make make) {
    auto pem = read_private_file(file);
    if (!pem && pem.error().kind != ErrorKind::NotFound) {
        return std::move(pem).error();
    }
    KeyPtr key = pem ? read_key(*pem) : make();
    if (!key) {
        return bad_key(file.string() + " holds no private key");
    }
    if (!pem) {
        THIMBLE_TRY(write_private_file(file, pem_of_private(key.get())));
    }
    return key;
}

/// The key of jobs and leases; made where there is none.
Result<KeyPtr> deployment_key_in(const std::filesystem::path& folder) {
    const auto file = folder / "deployment.key";
    THIMBLE_TRY(KeyPtr key, load_or_make_key(file, [] {
                    return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
                }));
    if (EVP_PKEY_is_a(key.get(), "ED25519") != 1) {
        return bad_key(file.string() + " is no Ed25519 key");
    }
    return key;
}

}  // namespace

struct Authority::Keys {
    KeyPtr key;
    CertificatePtr certificate;
    KeyPtr deployment;  ///< of jobs and leases: there may be thousands a second
};

Authority::Authority(std::filesystem::path folder, std::unique_ptr<Keys> keys)
    : folder_(std::move(folder)),
      keys_(std::move(keys)),
      pem_(pem_of(keys_->certificate.get())),
      fingerprint_(fingerprint_of(keys_->certificate.get())) {}
Authority::Authority(Authority&& other) noexcept = default;
Authority& Authority::operator=(Authority&& other) noexcept = default;
Authority::~Authority() = default;

Result<Authority> Authority::load_or_make(const std::filesystem::path& folder, Instant now) {
    THIMBLE_TRY(make_private_folder(folder));
    auto keys = std::make_unique<Keys>();
    const auto file = folder / "authority.crt";
    auto pem = read_private_file(file);
    if (!pem && pem.error().kind != ErrorKind::NotFound) {
        return std::move(pem).error();
    }
    if (const auto key = read_private_file(folder / "authority.key");
        pem.has_value() != (key || key.error().kind != ErrorKind::NotFound)) {
        // A new one would be no authority that any host believes.
        return bad_key(
            "of authority.crt and authority.key in " + folder.string() + " one is missing");
    }
    THIMBLE_TRY(keys->key, load_or_make_key(folder / "authority.key", make_p256));
    THIMBLE_TRY(keys->deployment, deployment_key_in(folder));
    if (!pem) {
        keys->certificate =
            make_certificate(authority_profile(now), keys->key.get(), nullptr, keys->key.get());
        THIMBLE_TRY(write_private_file(file, pem_of(keys->certificate.get())));
        return Authority(folder, std::move(keys));
    }
    keys->certificate = read_certificate(*pem);
    if (!keys->certificate
        || X509_check_private_key(keys->certificate.get(), keys->key.get()) != 1) {
        return bad_key(file.string() + " is not the certificate of authority.key");
    }
    return Authority(folder, std::move(keys));
}

Result<ServerIdentity> Authority::server_identity(
    const std::vector<std::string>& names, Instant now) const {
    if (names.empty() || !std::ranges::all_of(names, is_certificate_name)) {
        return failure(
            ErrorKind::Invalid,
            "server.bad_name",
            "a name of the server is no host name or address");
    }
    THIMBLE_TRY(const KeyPtr key, load_or_make_key(folder_ / "server.key", make_p256));
    const auto file = folder_ / "server.crt";
    const auto pem = read_private_file(file);
    CertificatePtr certificate = pem ? read_certificate(*pem) : nullptr;
    const bool is_good = certificate && X509_check_private_key(certificate.get(), key.get()) == 1
        && X509_verify(certificate.get(), keys_->key.get()) == 1 && is_for(certificate.get(), names)
        && instant_of(X509_get0_notAfter(certificate.get())) - now > kRenewServerBefore;
    if (!is_good) {
        certificate = make_certificate(
            server_profile(names, now), key.get(), keys_->certificate.get(), keys_->key.get());
        THIMBLE_TRY(write_private_file(file, pem_of(certificate.get())));
    }
    return ServerIdentity{pem_of(certificate.get()), pem_of_private(key.get())};
}

Result<IssuedCertificate> Authority::issue_host_certificate(
    const std::string& csr_pem, const std::string& host_id, Instant now) const {
    const auto bad = [](const char* what) {
        return failure(ErrorKind::Invalid, "server.bad_csr", what);
    };
    if (csr_pem.size() > kMaxCsrBytes) {
        return bad("the certificate request is too long");
    }
    const RequestPtr request(
        PEM_read_bio_X509_REQ(reader_of(csr_pem).get(), nullptr, nullptr, nullptr));
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    if (key == nullptr || !is_supported(key)) {
        return bad("the certificate request has no key of P-256 or Ed25519");
    }
    if (X509_REQ_verify(request.get(), key) != 1) {
        return bad("the certificate request is not signed by its own key");
    }
    const CertificateProfile profile = host_profile(host_id, now);
    const CertificatePtr certificate =
        make_certificate(profile, key, keys_->certificate.get(), keys_->key.get());
    return IssuedCertificate{
        pem_of(certificate.get()), serial_of(certificate.get()), profile.not_after};
}

std::string Authority::deployment_public_key() const {
    return written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, keys_->deployment.get()); });
}

protocol::Envelope Authority::seal(const std::string& content) const {
    protocol::SigningSeed seed{};
    std::size_t length = seed.size();
    THIMBLE_CHECK(
        EVP_PKEY_get_raw_private_key(keys_->deployment.get(), seed.data(), &length) == 1
        && length == seed.size());
    protocol::Envelope sealed = protocol::seal(content, seed);
    OPENSSL_cleanse(seed.data(), seed.size());
    return sealed;
}

}  // namespace thimble::server
