#pragma once
/// @file SHA-256: what secrets, documents and the audit chain are known by.

#include <memory>
#include <string>
#include <string_view>

namespace thimble::store {

/// Lower-case hexadecimal, 64 characters.
std::string sha256_of(std::string_view bytes);

/// A digest of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    Sha256(Sha256&&) = delete;
    Sha256& operator=(Sha256&&) = delete;
    ~Sha256();
    void add(std::string_view bytes);
    /// Ends it; nothing may be added afterwards.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Whether a text is such a digest.
bool is_sha256(std::string_view text);

}  // namespace thimble::store
