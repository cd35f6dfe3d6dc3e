#pragma once
/// @file Ed25519 (RFC 8032): whose bundle of feeds this is.

#include "thimble/base/result.hpp"

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// Who may have signed. The text form is "ed25519:" and the key in base64.
struct PublicKey {
    std::array<unsigned char, 32> bytes{};
    bool operator==(const PublicKey&) const = default;
};

using Signature = std::array<unsigned char, 64>;

std::string format_public_key(const PublicKey& key);

/// Reads the text form, with or without the prefix, white space around it ignored.
/// @error Invalid "feeds.bad_key"
Result<PublicKey> parse_public_key(std::string_view text);

/// Every key of a folder's `*.pub` files; none where there is no such folder. Files that hold no key
/// are an error: a typing mistake must not silently turn into distrust.
/// @error Invalid "feeds.bad_key"
Result<std::vector<PublicKey>> keys_in_folder(const std::filesystem::path& folder);

bool verify_signature(std::string_view message, const Signature& signature, const PublicKey& key);

/// A private key, kept in a file that only its owner can read.
class SigningKey {
public:
    /// Reads the key, or makes a new one where there is no file yet.
    /// @error Denied "feeds.key_exposed"  others can read the file
    /// @error Corrupt "feeds.bad_key"; Unavailable "feeds.cannot_write"
    static Result<SigningKey> load_or_make(const std::filesystem::path& file);

    [[nodiscard]] PublicKey public_key() const { return public_; }
    [[nodiscard]] Signature sign(std::string_view message) const;

private:
    std::array<unsigned char, 32> seed_{};
    PublicKey public_;
};

}  // namespace thimble::feeds
