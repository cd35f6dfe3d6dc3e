#include "thimble/apply/pieced_lines.hpp"

#include <cstddef>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxLine = std::size_t{64} << 10;

}  // namespace

void PiecedLines::take(
    std::string_view piece, const std::function<void(std::string_view line)>& hear) {
    while (!piece.empty()) {
        const std::size_t feed = piece.find('\n');
        const std::string_view part = piece.substr(0, feed);
        too_long_ = too_long_ || rest_.size() + part.size() > kMaxLine;
        if (!too_long_) {
            rest_ += part;
        }
        if (feed == std::string_view::npos) {
            return;
        }
        piece.remove_prefix(feed + 1);
        if (!too_long_) {
            hear(rest_);
        }
        rest_.clear();
        too_long_ = false;
    }
}

}  // namespace thimble::apply
