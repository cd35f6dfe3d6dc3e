#pragma once
/// @file No peer has more of something at once than its share, and all together no more than there is.
/// Pure; guarded by who holds it.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::server {

class Shares;

/// One of what is shared; given back at its end.
class Share {
public:
    Share(Share&& other) noexcept
        : shares_(std::exchange(other.shares_, nullptr)), peer_(std::move(other.peer_)) {}
    Share& operator=(Share&& other) noexcept {
        std::swap(shares_, other.shares_);
        std::swap(peer_, other.peer_);
        return *this;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();

private:
    friend class Shares;
    Share(Shares& shares, std::string_view peer) : shares_(&shares), peer_(peer) {}

    Shares* shares_;
    std::string peer_;
};

/// Outlives what it gave out.
class Shares {
public:
    /// @param whole  how many there are
    /// @param each   how many of them one peer may have
    Shares(std::size_t whole, std::size_t each) : whole_(whole), each_(each) {}

    /// @return none when the peer has its share, or all are taken
    std::optional<Share> take(std::string_view peer);

    /// How many are taken.
    [[nodiscard]] std::size_t taken() const { return taken_; }

private:
    friend class Share;
    void give_back(const std::string& peer);

    std::size_t whole_;
    std::size_t each_;
    std::size_t taken_ = 0;
    std::map<std::string, std::size_t, std::less<>> of_peer_;  ///< never 0
};

}  // namespace thimble::server
