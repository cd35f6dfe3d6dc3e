#pragma once
/// @file Lines of a channel that comes in pieces.

#include <functional>
#include <string>
#include <string_view>

namespace thimble::apply {

/// Puts the pieces together. Lines longer than 64 KiB are left out, and take no memory; so is a last one without an end.
class PiecedLines {
public:
    /// @param hear  each line that is complete now, without its end
    void take(std::string_view piece, const std::function<void(std::string_view line)>& hear);

private:
    std::string rest_;
    bool too_long_ = false;
};

}  // namespace thimble::apply
