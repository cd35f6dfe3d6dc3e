#include "thimble/server/shares.hpp"

namespace thimble::server {

Share::~Share() {
    if (shares_ != nullptr) {
        shares_->give_back(peer_);
    }
}

std::optional<Share> Shares::take(std::string_view peer) {
    const auto found = of_peer_.find(peer);
    if (taken_ >= whole_ || each_ == 0 || (found != of_peer_.end() && found->second >= each_)) {
        return std::nullopt;
    }
    if (found == of_peer_.end()) {
        of_peer_.emplace(peer, 1);
    } else {
        ++found->second;
    }
    ++taken_;
    return Share(*this, peer);
}

void Shares::give_back(const std::string& peer) {
    const auto found = of_peer_.find(peer);
    --taken_;
    // What nobody has is not remembered: addresses are chosen by strangers.
    if (--found->second == 0) {
        of_peer_.erase(found);
    }
}

}  // namespace thimble::server
