#include "thimble/feeds/signing.hpp"

#include "thimble/feeds/record_text.hpp"
#include "thimble/feeds/state_files.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <vector>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "ed25519:";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyTextBytes = 44;  // of base64
constexpr std::uint64_t kMaxKeyFileBytes = 4096;

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
    return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

std::string base64_of(std::span<const unsigned char> bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(
        static_cast<unsigned char*>(static_cast<void*>(text.data())),
        bytes.data(),
        static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

Error bad_key(std::string message) {
    return failure(ErrorKind::Invalid, "feeds.bad_key", std::move(message));
}

/// 32 bytes from 44 characters of base64.
Result<std::array<unsigned char, kKeyBytes>> key_bytes(std::string_view text) {
    std::array<unsigned char, kKeyBytes + 1> decoded{};  // the padding decodes to one more
    std::array<unsigned char, kKeyBytes> bytes{};
    if (text.size() != kKeyTextBytes || !text.ends_with('=')
        || EVP_DecodeBlock(decoded.data(), bytes_of(text), static_cast<int>(text.size()))
            != static_cast<int>(decoded.size())) {
        return bad_key("a key is \"ed25519:\" and 44 characters of base64");
    }
    std::copy_n(decoded.begin(), bytes.size(), bytes.begin());
    return bytes;
}

}  // namespace

std::string format_public_key(const PublicKey& key) {
    return std::string(kPrefix) + base64_of(key.bytes);
}

Result<PublicKey> parse_public_key(std::string_view text) {
    std::string_view rest = trimmed(text);
    if (rest.starts_with(kPrefix)) {
        rest.remove_prefix(kPrefix.size());
    }
    THIMBLE_TRY(const auto bytes, key_bytes(rest));
    return PublicKey{bytes};
}

Result<std::vector<PublicKey>> keys_in_folder(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code status;
    for (fs::directory_iterator entry(folder, status); !status && entry != fs::directory_iterator{};
         entry.increment(status)) {
        if (entry->path().extension() == ".pub") {
            files.push_back(entry->path());
        }
    }
    std::ranges::sort(files);
    std::vector<PublicKey> keys;
    for (const fs::path& file : files) {
        THIMBLE_TRY(const std::string text, read_small_file(file, kMaxKeyFileBytes));
        auto key = parse_public_key(text);
        if (!key) {
            return because(file.string(), std::move(key).error());
        }
        keys.push_back(*key);
    }
    return keys;
}

bool verify_signature(std::string_view message, const Signature& signature, const PublicKey& key) {
    const KeyPtr native(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
    const ContextPtr context(EVP_MD_CTX_new());
    return native && context
        && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, native.get()) == 1
        && EVP_DigestVerify(
               context.get(), signature.data(), signature.size(), bytes_of(message), message.size())
        == 1;
}

Result<SigningKey> SigningKey::load_or_make(const fs::path& file) {
    SigningKey key;
    std::error_code status;
    const fs::perms permissions = fs::status(file, status).permissions();
    if (!status) {
        if ((permissions & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none) {
            return failure(
                ErrorKind::Denied,
                "feeds.key_exposed",
                file.string() + " can be read by others; make it mode 0600");
        }
        THIMBLE_TRY(const std::string text, read_small_file(file, kMaxKeyFileBytes));
        THIMBLE_TRY(key.seed_, key_bytes(trimmed(text)));
    } else {
        THIMBLE_CHECK(RAND_bytes(key.seed_.data(), static_cast<int>(key.seed_.size())) == 1);
        THIMBLE_TRY(make_folder(file.parent_path()));
        THIMBLE_TRY(write_atomically(file, base64_of(key.seed_) + "\n", 0600));
    }
    const KeyPtr native(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, key.seed_.data(), key.seed_.size()));
    std::size_t length = key.public_.bytes.size();
    THIMBLE_CHECK(
        native
        && EVP_PKEY_get_raw_public_key(native.get(), key.public_.bytes.data(), &length) == 1);
    return key;
}

Signature SigningKey::sign(std::string_view message) const {
    const KeyPtr native(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
    const ContextPtr context(EVP_MD_CTX_new());
    Signature signature{};
    std::size_t length = signature.size();
    THIMBLE_CHECK(
        native && context
        && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, native.get()) == 1
        && EVP_DigestSign(
               context.get(), signature.data(), &length, bytes_of(message), message.size())
            == 1);
    return signature;
}

}  // namespace thimble::feeds
